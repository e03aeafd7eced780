import type { Feature } from "@slipway/controller";
import { createApplicationFeature, createRolloutFeature, createWorkflowFeature } from "@slipway/operator";

const create: Readonly<Record<string, () => Feature>> = {
  rollout: createRolloutFeature,
  workflow: createWorkflowFeature,
  application: createApplicationFeature,
};

export const featureNames: readonly string[] = Object.keys(create);

/** Everything that the product does, or those of its features that are named. */
export function defaultFeatures(names: readonly string[] = featureNames): readonly Feature[] {
  return names.flatMap((name) => create[name]?.() ?? []);
}
