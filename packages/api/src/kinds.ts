import type { KindDefinition } from "./kind.ts";
import { rolloutKind } from "./rollout/kind.ts";
import { applicationKind } from "./workflow/application.ts";
import { componentDefinitionKind, workflowStepDefinitionKind } from "./workflow/definitions.ts";
import { workflowKind } from "./workflow/workflow.ts";
import { workflowRunKind } from "./workflow/workflow-run.ts";

/** Every kind of ours, in the order in which they are installed. */
export const kinds: readonly KindDefinition[] = [
  rolloutKind,
  workflowRunKind,
  workflowKind,
  workflowStepDefinitionKind,
  applicationKind,
  componentDefinitionKind,
];
