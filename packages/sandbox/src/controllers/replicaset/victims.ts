/** Which pods go first when a ReplicaSet shrinks: the native ranking, pod-deletion-cost and logarithmic ages included. */
import { parseTimestamp } from "@slipway/std";
import type { Pod } from "../kinds.ts";
import { isReady, readySinceMs } from "../pods.ts";

const costAnnotation = "controller.kubernetes.io/pod-deletion-cost";
const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * `count` of `pods`, worst first. `related` are all pods of the same owner's ReplicaSets: of two pods, the one whose node carries
 * more of them goes first.
 */
export function podsToDelete(pods: readonly Pod[], related: readonly Pod[], count: number, nowMs: number): Pod[] {
  if (count >= pods.length) return [...pods];
  const onNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec?.nodeName ?? "";
    if (pod.metadata.deletionTimestamp === undefined && node !== "") onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const crowd = (pod: Pod): number => onNode.get(pod.spec?.nodeName ?? "") ?? 0;
  return [...pods]
    .sort((a, b) => {
      const assigned = Number((a.spec?.nodeName ?? "") !== "") - Number((b.spec?.nodeName ?? "") !== "");
      if (assigned !== 0) return assigned;
      const phase = (phaseOrder[a.status?.phase ?? "Pending"] ?? 0) - (phaseOrder[b.status?.phase ?? "Pending"] ?? 0);
      if (phase !== 0) return phase;
      const ready = Number(isReady(a)) - Number(isReady(b));
      if (ready !== 0) return ready;
      const cost = deletionCost(a) - deletionCost(b);
      if (cost !== 0) return cost;
      const crowded = crowd(b) - crowd(a);
      if (crowded !== 0) return crowded;
      if (isReady(a) && readySinceMs(a) !== readySinceMs(b)) return byAge(a, b, readySinceMs(a), readySinceMs(b), nowMs);
      const restarts = maxRestarts(b) - maxRestarts(a);
      if (restarts !== 0) return restarts;
      const [createdA, createdB] = [parseTimestamp(a.metadata.creationTimestamp), parseTimestamp(b.metadata.creationTimestamp)];
      if (createdA !== createdB) return byAge(a, b, createdA, createdB, nowMs);
      return 0;
    })
    .slice(0, count);
}

/** Younger first on a logarithmic scale; pods of about the same age in the order of their UIDs. */
function byAge(a: Pod, b: Pod, sinceA: number | undefined, sinceB: number | undefined, nowMs: number): number {
  if (sinceA === undefined || sinceB === undefined) return sinceA === undefined ? -1 : 1;
  const difference = magnitude(nowMs - sinceA) - magnitude(nowMs - sinceB);
  if (difference !== 0) return difference;
  return (a.metadata.uid ?? "") < (b.metadata.uid ?? "") ? -1 : 1;
}

function magnitude(ageMs: number): number {
  // The native scale counts nanoseconds.
  return ageMs > 0 ? Math.trunc(Math.log2(ageMs * 1e6)) : -1;
}

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[costAnnotation];
  return text !== undefined && /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : 0;
}

function maxRestarts(pod: Pod): number {
  return (pod.status?.containerStatuses ?? []).reduce((most, status) => Math.max(most, status.restartCount), 0);
}
