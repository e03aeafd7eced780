import { getCondition } from "@slipway/kube";
import { parseTimestamp } from "@slipway/std";
import type { Pod } from "./kinds.ts";

/** Neither finished nor being deleted: what a ReplicaSet counts. */
export function isActive(pod: Pod): boolean {
  return pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed" && pod.metadata.deletionTimestamp === undefined;
}

export function isReady(pod: Pod): boolean {
  return getCondition(pod.status?.conditions, "Ready")?.status === "True";
}

/** When the pod last turned ready; `undefined` while it is not. */
export function readySinceMs(pod: Pod): number | undefined {
  const ready = getCondition(pod.status?.conditions, "Ready");
  return ready?.status === "True" ? parseTimestamp(ready.lastTransitionTime) : undefined;
}

/**
 * Milliseconds until a ready pod counts as available; 0 when it does, `undefined` when it is not ready. The comparison
 * is strict, as in the native controllers: a pod is available one instant after `minReadySeconds`, not at it.
 */
export function untilAvailableMs(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  if (!isReady(pod)) return undefined;
  if (minReadySeconds === 0) return 0;
  const since = readySinceMs(pod);
  if (since === undefined) return undefined;
  return Math.max(0, since + minReadySeconds * 1000 + 1 - nowMs);
}
