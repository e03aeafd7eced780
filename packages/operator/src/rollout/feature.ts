import type { AdmissionPolicy, Feature } from "@slipway/controller";
import { rolloutKind } from "@slipway/api";
import type { Guard } from "@slipway/rollout";
import { convertRollout, holdDeploymentPolicy } from "@slipway/rollout";
import { rolloutController } from "./controller.ts";
import { rolloutWebhooks } from "./webhooks.ts";

export interface RolloutFeatureOptions {
  /** What catches a template change: `admission` (default) when the webhooks are registered, else `late`. */
  readonly guard?: Guard;
  /** Parallel reconciles. Default 4. */
  readonly concurrency?: number;
}

/** Of every Rollout in the Deployment's namespace; where there is none, nothing is looked at. */
const holdDeployments: AdmissionPolicy = {
  name: "slipway-hold-deployments",
  spec: holdDeploymentPolicy,
  binding: { paramRef: { selector: {}, parameterNotFoundAction: "Allow" } },
};

/** Rollouts: controller, admission webhooks and conversion. */
export function createRolloutFeature(options: RolloutFeatureOptions = {}): Feature {
  const { guard = "admission", concurrency } = options;
  return {
    name: "rollout",
    controllers: [rolloutController({ guard, ...(concurrency === undefined ? {} : { concurrency }) })],
    webhooks: rolloutWebhooks,
    policies: [holdDeployments],
    conversions: { [`${rolloutKind.plural}.${rolloutKind.group}`]: convertRollout },
  };
}
