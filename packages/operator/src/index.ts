/**
 * operator: the reconcilers. Each gathers from caches what a pure engine needs, asks it, and applies the answer.
 *
 * Start reading at a feature: `rollout/feature.ts` brings a controller, webhooks and a conversion to the manager.
 */
export type { RolloutFeatureOptions } from "./rollout/feature.ts";
export { createRolloutFeature } from "./rollout/feature.ts";
export type { WorkflowFeatureOptions } from "./workflow/feature.ts";
export type { ActionHandler, PerformContext } from "./workflow/perform.ts";
export { createWorkflowFeature } from "./workflow/feature.ts";
export { createApplicationFeature } from "./application/feature.ts";
