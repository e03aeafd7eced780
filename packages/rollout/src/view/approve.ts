import type { Rollout } from "@slipway/api";

export type Approval =
  /** The merge patch of the status sub-resource; refused by the server when the Rollout changed since it was read. */
  | { readonly type: "patch"; readonly step: number; readonly body: object }
  /** Nothing to approve, and why: lower case. */
  | { readonly type: "refused"; readonly why: string };

/** Lets a paused step go on: the status edit of `kubectl-kruise rollout approve`. */
export function approval(rollout: Rollout): Approval {
  const { status } = rollout;
  const field = status?.canaryStatus === undefined && status?.blueGreenStatus !== undefined ? "blueGreenStatus" : "canaryStatus";
  const sub = status?.[field];
  if (sub === undefined || status?.phase !== "Progressing")
    return { type: "refused", why: "no need to approve: no release is in progress" };
  if (sub.currentStepState !== "StepPaused")
    return {
      type: "refused",
      why: `does not allow to approve, because current canary state is not 'StepPaused' but '${sub.currentStepState}'`,
    };
  const metadata = { resourceVersion: rollout.metadata.resourceVersion };
  return {
    type: "patch",
    step: sub.currentStepIndex ?? 0,
    body: { metadata, status: { [field]: { currentStepState: "StepReady" } } },
  };
}
