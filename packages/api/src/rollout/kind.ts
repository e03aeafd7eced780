import type { KindDefinition } from "../kind.ts";
import { rolloutV1alpha1 } from "./rollout-v1alpha1.ts";
import { rolloutV1beta1 } from "./rollout-v1beta1.ts";

export const rolloutKind: KindDefinition = {
  group: "rollouts.kruise.io",
  kind: "Rollout",
  plural: "rollouts",
  singular: "rollout",
  shortNames: ["ro"],
  categories: [],
  versions: [rolloutV1alpha1, rolloutV1beta1],
};
