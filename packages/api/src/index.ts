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

/** The CustomResourceDefinition objects of every kind. */
export const crds: readonly KubeObject[] = kinds.map(crdOf);
