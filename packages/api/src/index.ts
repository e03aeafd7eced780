/**
 * api: our custom resources. One schema value a kind (`rollout/`, `workflow/`); types and CRDs are generated from it.
 */
import type { KubeObject } from "@slipway/kube";
import { crdOf } from "./kind.ts";
import { kinds } from "./kinds.ts";

export type { KindDefinition, KindVersion, PrinterColumn, Schema } from "./kind.ts";
export { crdOf, resourceOf } from "./kind.ts";
export { kinds } from "./kinds.ts";
export { rolloutKind } from "./rollout/kind.ts";
export type {
  CanaryStatus,
  CanaryStep,
  CanaryStrategy,
  HttpRouteMatch,
  PatchPodTemplateMetadata,
  RequestHeaderModifier,
  Rollout,
  RolloutCondition,
  RolloutPause,
  RolloutSpec,
  RolloutStatus,
  RolloutWaitingFor,
  TrafficRoutingRef,
  WorkloadRef,
} from "./generated/rollout.ts";
export type { CanaryStepV1alpha1, CanaryStrategyV1alpha1, RolloutSpecV1alpha1, RolloutV1alpha1 } from "./generated/rollout-v1alpha1.ts";

export { applicationKind } from "./workflow/application.ts";
export { componentDefinitionKind, workflowStepDefinitionKind } from "./workflow/definitions.ts";
export { workflowKind } from "./workflow/workflow.ts";
export { workflowRunKind } from "./workflow/workflow-run.ts";
export type {
  OamCondition,
  OamObjectReference,
  StepInput,
  StepOutput,
  StepStatus,
  WorkflowExecuteMode,
  WorkflowRun,
  WorkflowRunSpec,
  WorkflowRunStatus,
  WorkflowStep,
  WorkflowStepBase,
  WorkflowStepStatus,
  WorkflowWaitingFor,
} from "./generated/workflow-run.ts";
export type { Workflow } from "./generated/workflow.ts";
export type { WorkflowStepDefinition } from "./generated/workflow-step-definition.ts";
export type {
  Application,
  ApplicationComponent,
  ApplicationServiceStatus,
  ApplicationStatus,
  AppliedResource,
} from "./generated/application.ts";
export type { ComponentDefinition } from "./generated/component-definition.ts";

/** The CustomResourceDefinition objects of every kind. */
export const crds: readonly KubeObject[] = kinds.map(crdOf);
