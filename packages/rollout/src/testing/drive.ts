/** Runs a simulated cluster until it is at rest, approving pauses or not. */
import type { SimulatedCluster } from "./simulated-cluster.ts";

export interface DriveOptions {
  /** Approves each step that waits for a person. Default false. */
  readonly approve?: boolean;
  /** Writes before the process dies, for each look in turn; without more, never again. */
  readonly crashes?: readonly number[];
  /** Stops when it gives true. */
  readonly until?: () => boolean;
  /** Jumps over pauses longer than this, milliseconds. Default: any. */
  readonly patienceMs?: number;
}

/** Looks, moves the native controllers and the clock; throws when it does not come to rest. */
export function drive(cluster: SimulatedCluster, options: DriveOptions = {}): void {
  const crashes = [...(options.crashes ?? [])];
  for (let turn = 0; turn < 2000; turn++) {
    if (options.until?.() === true) return;
    cluster.native(1 + (turn % 2));
    const before = JSON.stringify(cluster.list("Deployment").concat(cluster.list("ReplicaSet")));
    const limit = crashes.shift();
    const { wrote, wakeAt } = cluster.reconcile(limit);
    // A process that died before its first write is not at rest.
    if (wrote > 0 || limit !== undefined) continue;
    if (wakeAt !== undefined && wakeAt > cluster.now && wakeAt - cluster.now <= (options.patienceMs ?? Number.POSITIVE_INFINITY)) {
      cluster.now = wakeAt;
      continue;
    }
    cluster.native();
    if (JSON.stringify(cluster.list("Deployment").concat(cluster.list("ReplicaSet"))) !== before) continue;
    const waits = cluster.get("Rollout", "web") === undefined ? undefined : cluster.rollout().status?.canaryStatus?.currentStepState;
    if (options.approve === true && waits === "StepPaused" && cluster.rollout().status?.phase === "Progressing") {
      cluster.patchRolloutStatus((status) => {
        if (status.canaryStatus !== undefined) status.canaryStatus.currentStepState = "StepReady";
      });
      continue;
    }
    return;
  }
  throw new Error(`no rest: ${JSON.stringify(cluster.rollout().status)}`);
}
