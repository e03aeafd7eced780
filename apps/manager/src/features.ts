import type { Feature } from "@slipway/controller";
import { createApplicationFeature, createRolloutFeature, createWorkflowFeature } from "@slipway/operator";

/** Everything that the product does. */
export function defaultFeatures(): readonly Feature[] {
  return [createRolloutFeature(), createWorkflowFeature(), createApplicationFeature()];
}
