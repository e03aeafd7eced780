/**
 * The arithmetic of the native Deployment controller (pkg/controller/deployment, Kubernetes 1.28 to 1.36), as pure functions of
 * ReplicaSets' sizes. Every function answers wished sizes; `controller.ts` writes them.
 *
 * Invariants of a rolling update, as long as nobody else writes: the sum of sizes never exceeds replicas + maxSurge, and
 * available pods are never scaled below replicas - maxUnavailable.
 */
import { scaleIntOrPercent } from "@slipway/kube";
import { parseTimestamp } from "@slipway/std";
import type { Deployment, ReplicaSet } from "../kinds.ts";

export const revisionAnnotation = "deployment.kubernetes.io/revision";
export const revisionHistoryAnnotation = "deployment.kubernetes.io/revision-history";
export const desiredReplicasAnnotation = "deployment.kubernetes.io/desired-replicas";
export const maxReplicasAnnotation = "deployment.kubernetes.io/max-replicas";

/** A wished size of one ReplicaSet. */
export interface Scaling {
  readonly replicaSet: ReplicaSet;
  readonly replicas: number;
}

export function replicasOf(object: { spec?: { replicas?: number } }): number {
  return object.spec?.replicas ?? 1;
}

export function availableOf(replicaSet: ReplicaSet): number {
  return replicaSet.status?.availableReplicas ?? 0;
}

export function sumReplicas(replicaSets: readonly ReplicaSet[]): number {
  return replicaSets.reduce((sum, replicaSet) => sum + replicasOf(replicaSet), 0);
}

export function sumAvailable(replicaSets: readonly ReplicaSet[]): number {
  return replicaSets.reduce((sum, replicaSet) => sum + availableOf(replicaSet), 0);
}

export function active(replicaSets: readonly ReplicaSet[]): ReplicaSet[] {
  return replicaSets.filter((replicaSet) => replicasOf(replicaSet) > 0);
}

/** maxSurge rounds up, maxUnavailable rounds down; both 0 would block for ever, so maxUnavailable becomes 1. */
export function fenceposts(deployment: Deployment): { readonly surge: number; readonly unavailable: number } {
  const rolling = deployment.spec?.strategy?.rollingUpdate;
  const replicas = replicasOf(deployment);
  const surge = scaleIntOrPercent(rolling?.maxSurge ?? "25%", replicas, "up");
  const unavailable = scaleIntOrPercent(rolling?.maxUnavailable ?? "25%", replicas, "down");
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

export function isRollingUpdate(deployment: Deployment): boolean {
  return (deployment.spec?.strategy?.type ?? "RollingUpdate") === "RollingUpdate";
}

export function maxSurge(deployment: Deployment): number {
  return isRollingUpdate(deployment) ? fenceposts(deployment).surge : 0;
}

export function maxUnavailable(deployment: Deployment): number {
  const replicas = replicasOf(deployment);
  if (!isRollingUpdate(deployment) || replicas === 0) return 0;
  return Math.min(fenceposts(deployment).unavailable, replicas);
}

/** The size that the new ReplicaSet may have now, never below what it has. */
export function newReplicaSetSize(deployment: Deployment, all: readonly ReplicaSet[], newSize: number): number {
  const replicas = replicasOf(deployment);
  if (!isRollingUpdate(deployment)) return replicas;
  const room = replicas + maxSurge(deployment) - sumReplicas(all);
  return room <= 0 ? newSize : newSize + Math.min(room, replicas - newSize);
}

/** Scale-downs of old ReplicaSets: first what is unhealthy anyway, then what availability allows; oldest first. */
export function scaleDownOld(deployment: Deployment, newReplicaSet: ReplicaSet, old: readonly ReplicaSet[]): Scaling[] {
  const minAvailable = replicasOf(deployment) - maxUnavailable(deployment);
  const newUnavailable = replicasOf(newReplicaSet) - availableOf(newReplicaSet);
  const budget = sumReplicas(old) + replicasOf(newReplicaSet) - minAvailable - newUnavailable;
  if (budget <= 0) return [];
  const sizes = old
    .filter((replicaSet) => replicasOf(replicaSet) > 0)
    .sort(byCreation)
    .map((replicaSet) => ({ replicaSet, size: replicasOf(replicaSet) }));

  let cleaned = 0;
  for (const entry of sizes) {
    if (cleaned >= budget) break;
    const count = Math.min(budget - cleaned, Math.max(0, entry.size - availableOf(entry.replicaSet)));
    entry.size -= count;
    cleaned += count;
  }

  let surplus = sumAvailable([...old, newReplicaSet]) - minAvailable;
  for (const entry of sizes) {
    if (surplus <= 0) break;
    const count = Math.min(entry.size, surplus);
    entry.size -= count;
    surplus -= count;
  }
  return sizes
    .filter((entry) => entry.size !== replicasOf(entry.replicaSet))
    .map((entry) => ({ replicaSet: entry.replicaSet, replicas: entry.size }));
}

/**
 * Sizes after `spec.replicas` changed. One active ReplicaSet takes it all; a saturated new one lets the old go; otherwise the
 * change is spread in proportion to size, rounding leftovers to the largest. Entries with an unchanged size are included when their
 * annotations must be rewritten.
 */
export function scaleProportionally(deployment: Deployment, newReplicaSet: ReplicaSet | undefined, old: readonly ReplicaSet[]): Scaling[] {
  const replicas = replicasOf(deployment);
  const all = newReplicaSet === undefined ? [...old] : [...old, newReplicaSet];
  const running = active(all);
  const single = running.length === 1 ? running[0] : running.length === 0 ? (newReplicaSet ?? [...old].sort(byCreation).at(-1)) : undefined;
  if (single !== undefined) return replicasOf(single) === replicas ? [] : [{ replicaSet: single, replicas }];
  if (isSaturated(deployment, newReplicaSet)) return active(old).map((replicaSet) => ({ replicaSet, replicas: 0 }));
  if (!isRollingUpdate(deployment)) return [];

  const allowed = replicas > 0 ? replicas + maxSurge(deployment) : 0;
  const toAdd = allowed - sumReplicas(running);
  // Larger first; of equals the newer one grows first and the older one shrinks first.
  running.sort((a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? byCreation(b, a) : byCreation(a, b)));
  let added = 0;
  const result: { replicaSet: ReplicaSet; replicas: number }[] = running.map((replicaSet) => {
    const share = toAdd === 0 ? 0 : proportion(deployment, replicaSet, toAdd, added);
    added += share;
    return { replicaSet, replicas: replicasOf(replicaSet) + share };
  });
  const largest = result[0];
  if (largest !== undefined && toAdd !== 0) largest.replicas = Math.max(0, largest.replicas + toAdd - added);
  return result;
}

function proportion(deployment: Deployment, replicaSet: ReplicaSet, toAdd: number, added: number): number {
  const left = toAdd - added;
  if (replicasOf(replicaSet) === 0 || left === 0) return 0;
  const fraction = wishedFraction(deployment, replicaSet);
  return toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
}

function wishedFraction(deployment: Deployment, replicaSet: ReplicaSet): number {
  const size = replicasOf(replicaSet);
  if (replicasOf(deployment) === 0) return -size;
  // The size that the Deployment had when this ReplicaSet was last scaled.
  const before = integerAnnotation(replicaSet, maxReplicasAnnotation) ?? deployment.status?.replicas ?? 0;
  if (before === 0) return 0;
  const wished = (size * (replicasOf(deployment) + maxSurge(deployment))) / before;
  return Math.floor(wished + 0.5) - size;
}

export function isSaturated(deployment: Deployment, replicaSet: ReplicaSet | undefined): boolean {
  if (replicaSet === undefined) return false;
  const replicas = replicasOf(deployment);
  const desired = integerAnnotation(replicaSet, desiredReplicasAnnotation);
  return replicasOf(replicaSet) === replicas && desired === replicas && availableOf(replicaSet) === replicas;
}

/** True when an active ReplicaSet was last sized for another `spec.replicas`. */
export function isScalingEvent(deployment: Deployment, all: readonly ReplicaSet[]): boolean {
  return active(all).some((replicaSet) => {
    const desired = integerAnnotation(replicaSet, desiredReplicasAnnotation);
    return desired !== undefined && desired !== replicasOf(deployment);
  });
}

export function integerAnnotation(object: ReplicaSet, name: string): number | undefined {
  const text = object.metadata.annotations?.[name];
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

export function revisionOf(replicaSet: ReplicaSet): number {
  return integerAnnotation(replicaSet, revisionAnnotation) ?? 0;
}

/** Oldest first; equal times by name. */
export function byCreation(a: ReplicaSet, b: ReplicaSet): number {
  const difference = (parseTimestamp(a.metadata.creationTimestamp) ?? 0) - (parseTimestamp(b.metadata.creationTimestamp) ?? 0);
  if (difference !== 0) return difference;
  return (a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1;
}
