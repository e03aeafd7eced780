import type { Feature } from "@slipway/controller";
import type { StepLanguage } from "@slipway/workflow";
import { createStepLanguage, shippedDefinitions } from "@slipway/workflow";
import { createDefaultHandlers } from "./actions/default-handlers.ts";
import { workflowController } from "./controller.ts";
import type { ActionHandler } from "./perform.ts";
import { workflowWebhooks } from "./webhooks.ts";

export interface WorkflowFeatureOptions {
  /** Evaluates templates and `if` expressions. Default: CUE. */
  readonly language?: StepLanguage;
  /** Templates by step type, looked at before the cluster's definitions. Default: those that come with the product. */
  readonly shipped?: Readonly<Record<string, string>>;
  /** Further actions, by `provider.function`. */
  readonly handlers?: Readonly<Record<string, ActionHandler>>;
  /** Parallel reconciles. Default 4. */
  readonly concurrency?: number;
}

/** WorkflowRuns: controller and admission webhooks. */
export function createWorkflowFeature(options: WorkflowFeatureOptions = {}): Feature {
  const { language = createStepLanguage(), shipped = shippedDefinitions, handlers = {}, concurrency } = options;
  return {
    name: "workflow",
    controllers: [
      workflowController({
        language,
        shipped,
        handlers: { ...createDefaultHandlers(), ...handlers },
        ...(concurrency === undefined ? {} : { concurrency }),
      }),
    ],
    webhooks: workflowWebhooks,
    conversions: {},
  };
}
