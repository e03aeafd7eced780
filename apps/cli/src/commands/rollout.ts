/** `slipway rollout get|approve|status`. */
import type { KubeClient, KubeObject, ObjectKey } from "@slipway/kube";
import { isNotFound } from "@slipway/kube";
import { CommandError } from "../exit.ts";
import { rollouts } from "../kinds.ts";
import { count, text } from "../world.ts";

/** Lets a paused step go on, by the same status edit as `kubectl-kruise rollout approve`. Answers what to print. */
export async function approveRollout(client: KubeClient, key: ObjectKey): Promise<string> {
  const rollout = await readRollout(client, key);
  const field = rollout.status !== undefined && "blueGreenStatus" in (rollout.status as object) ? "blueGreenStatus" : "canaryStatus";
  const state = text(rollout, "status", field, "currentStepState");
  if (text(rollout, "status", "phase") !== "Progressing" || state !== "StepPaused") {
    throw new CommandError(
      `rollout ${key.namespace}/${key.name} is not paused at a step (phase ${text(rollout, "status", "phase") || "unknown"}, state ${state || "none"}); nothing was approved`,
    );
  }
  const step = count(rollout, "status", field, "currentStepIndex");
  await client.patch(
    rollouts,
    key,
    {
      type: "merge",
      // The version that was looked at: a step that went on meanwhile must not be approved unseen.
      body: { metadata: { resourceVersion: rollout.metadata.resourceVersion }, status: { [field]: { currentStepState: "StepReady" } } },
    },
    { subresource: "status", fieldManager: "slipway" },
  );
  return `rollout.rollouts.kruise.io/${key.name} step ${step} approved`;
}

export async function readRollout(client: KubeClient, key: ObjectKey): Promise<KubeObject> {
  try {
    return await client.get(rollouts, key);
  } catch (error) {
    if (isNotFound(error))
      throw new CommandError(`no rollout ${key.name} in namespace ${key.namespace}; list them with: slipway rollout get -A`);
    throw error;
  }
}
