/** The status of a Deployment as the native controller reports it: counters, conditions, reasons and messages. */
import type { Condition } from "@slipway/kube";
import { getCondition } from "@slipway/kube";
import { deepEqual, formatTimestamp, parseTimestamp } from "@slipway/std";
import type { Deployment, DeploymentStatus, ReplicaSet } from "../kinds.ts";
import { maxUnavailable, replicasOf, sumAvailable, sumReplicas } from "./rolling.ts";

/** What the API calls "no limit" for `progressDeadlineSeconds` and `revisionHistoryLimit`. */
export const unlimited = 2147483647;

export function hasProgressDeadline(deployment: Deployment): boolean {
  const seconds = deployment.spec?.progressDeadlineSeconds;
  return seconds !== undefined && seconds !== unlimited;
}

export function newCondition(type: string, status: Condition["status"], reason: string, message: string, nowMs: number): Condition {
  const now = formatTimestamp(nowMs);
  return { type, status, lastUpdateTime: now, lastTransitionTime: now, reason, message };
}

/** Puts `condition` in; one with the same status and reason stays as it is, one with the same status keeps its transition time. */
export function putCondition(conditions: readonly Condition[], condition: Condition): Condition[] {
  const current = getCondition(conditions, condition.type);
  if (current !== undefined && current.status === condition.status && current.reason === condition.reason) return [...conditions];
  const since = current?.status === condition.status ? current.lastTransitionTime : undefined;
  const next = since === undefined ? condition : { ...condition, lastTransitionTime: since };
  return [...conditions.filter((other) => other.type !== condition.type), next];
}

function removeCondition(conditions: readonly Condition[], type: string): Condition[] {
  return conditions.filter((condition) => condition.type !== type);
}

/** Counters and the Available condition. Zero counters are left out, as the API's encoding does. */
export function countedStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newReplicaSet: ReplicaSet | undefined,
  nowMs: number,
): DeploymentStatus {
  const available = sumAvailable(all);
  const counters = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: all.reduce((sum, replicaSet) => sum + (replicaSet.status?.replicas ?? 0), 0),
    updatedReplicas: newReplicaSet?.status?.replicas ?? 0,
    readyReplicas: all.reduce((sum, replicaSet) => sum + (replicaSet.status?.readyReplicas ?? 0), 0),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sumReplicas(all) - available),
  };
  const status: DeploymentStatus = Object.fromEntries(Object.entries(counters).filter(([, count]) => count !== 0));
  if (deployment.status?.collisionCount !== undefined) status.collisionCount = deployment.status.collisionCount;
  const enough = available >= replicasOf(deployment) - maxUnavailable(deployment);
  const condition = enough
    ? newCondition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", nowMs)
    : newCondition("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", nowMs);
  status.conditions = putCondition(deployment.status?.conditions ?? [], condition);
  return status;
}

export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const replicas = replicasOf(deployment);
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

function isProgressing(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function hasTimedOut(deployment: Deployment, status: DeploymentStatus, nowMs: number): boolean {
  const condition = getCondition(status.conditions, "Progressing");
  if (condition === undefined || condition.reason === "NewReplicaSetAvailable") return false;
  if (condition.reason === "ProgressDeadlineExceeded") return true;
  const since = parseTimestamp(condition.lastUpdateTime) ?? nowMs;
  return since + (deployment.spec?.progressDeadlineSeconds ?? 0) * 1000 < nowMs;
}

/** The status at the end of a rollout step, with Progressing and ReplicaFailure. */
export function rolloutStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newReplicaSet: ReplicaSet | undefined,
  nowMs: number,
): DeploymentStatus {
  const status = countedStatus(deployment, all, newReplicaSet, nowMs);
  let conditions = status.conditions ?? [];
  const before = getCondition(deployment.status?.conditions, "Progressing");
  const limited = hasProgressDeadline(deployment);
  if (!limited) conditions = removeCondition(conditions, "Progressing");
  const wasComplete =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && before !== undefined && before.reason === "NewReplicaSetAvailable";
  if (limited && !wasComplete) {
    const subject =
      newReplicaSet === undefined ? `Deployment "${deployment.metadata.name ?? ""}"` : `ReplicaSet "${newReplicaSet.metadata.name ?? ""}"`;
    if (isComplete(deployment, status)) {
      const message = `${subject} has successfully progressed.`;
      conditions = putCondition(conditions, newCondition("Progressing", "True", "NewReplicaSetAvailable", message, nowMs));
    } else if (isProgressing(deployment.status ?? {}, status)) {
      const condition = newCondition("Progressing", "True", "ReplicaSetUpdated", `${subject} is progressing.`, nowMs);
      const since = before?.status === "True" ? before.lastTransitionTime : undefined;
      // Each bit of progress renews lastUpdateTime, from which the deadline counts.
      const renewed = since === undefined ? condition : { ...condition, lastTransitionTime: since };
      conditions = putCondition(removeCondition(conditions, "Progressing"), renewed);
    } else if (hasTimedOut(deployment, { ...status, conditions }, nowMs)) {
      const message = `${subject} has timed out progressing.`;
      conditions = putCondition(conditions, newCondition("Progressing", "False", "ProgressDeadlineExceeded", message, nowMs));
    }
  }
  const failure = replicaFailure(all, newReplicaSet);
  conditions = failure === undefined ? removeCondition(conditions, "ReplicaFailure") : putCondition(conditions, failure);
  return { ...status, conditions };
}

/** A ReplicaSet's failure to create or delete pods; the new one's counts first. */
function replicaFailure(all: readonly ReplicaSet[], newReplicaSet: ReplicaSet | undefined): Condition | undefined {
  for (const replicaSet of newReplicaSet === undefined ? all : [newReplicaSet, ...all]) {
    const failure = getCondition(replicaSet.status?.conditions, "ReplicaFailure");
    if (failure === undefined) continue;
    return failure.lastTransitionTime === undefined ? failure : { ...failure, lastUpdateTime: failure.lastTransitionTime };
  }
  return undefined;
}

/** Progressing turns Unknown when a rollout with a deadline is paused or resumed, so that the pause does not count. */
export function pausedConditions(deployment: Deployment, nowMs: number): Condition[] | undefined {
  if (!hasProgressDeadline(deployment)) return undefined;
  const conditions = deployment.status?.conditions ?? [];
  const current = getCondition(conditions, "Progressing");
  if (current?.reason === "ProgressDeadlineExceeded") return undefined;
  const paused = deployment.spec?.paused === true;
  const shown = current?.reason === "DeploymentPaused";
  if (paused === shown) return undefined;
  const condition = paused
    ? newCondition("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused", nowMs)
    : newCondition("Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed", nowMs);
  return putCondition(conditions, condition);
}

/** Milliseconds until the progress deadline must be looked at again; `undefined` when it cannot expire. */
export function untilDeadlineMs(deployment: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const condition = getCondition(status.conditions, "Progressing");
  if (!hasProgressDeadline(deployment) || condition === undefined) return undefined;
  if (isComplete(deployment, status) || condition.reason === "ProgressDeadlineExceeded" || condition.reason === "NewReplicaSetAvailable")
    return undefined;
  const since = parseTimestamp(condition.lastUpdateTime) ?? nowMs;
  const left = since + (deployment.spec?.progressDeadlineSeconds ?? 0) * 1000 - nowMs;
  // A second more than due, so that second-precision times have passed the deadline by then.
  return Math.max(0, left) + 1000;
}

export function statusEquals(a: DeploymentStatus | undefined, b: DeploymentStatus): boolean {
  return deepEqual(a ?? {}, b);
}
