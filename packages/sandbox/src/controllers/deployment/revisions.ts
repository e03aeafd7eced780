/** Which ReplicaSet is the new one, and the annotations that carry revisions between Deployment and ReplicaSets. */
import { podTemplatesEqual } from "@slipway/kube";
import type { Deployment, ReplicaSet } from "../kinds.ts";
import {
  byCreation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  maxSurge,
  replicasOf,
  revisionAnnotation,
  revisionHistoryAnnotation,
  revisionOf,
} from "./rolling.ts";

const notCopied = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  "deprecated.deployment.rollback.to",
]);

/** The oldest ReplicaSet with the Deployment's template is the new one; all others are old. */
export function splitReplicaSets(
  deployment: Deployment,
  owned: readonly ReplicaSet[],
): { readonly newReplicaSet: ReplicaSet | undefined; readonly old: ReplicaSet[] } {
  const sorted = [...owned].sort(byCreation);
  const newReplicaSet = sorted.find((replicaSet) => podTemplatesEqual(replicaSet.spec?.template ?? {}, deployment.spec?.template ?? {}));
  return { newReplicaSet, old: sorted.filter((replicaSet) => replicaSet !== newReplicaSet) };
}

export function nextRevision(old: readonly ReplicaSet[]): number {
  return old.reduce((highest, replicaSet) => Math.max(highest, revisionOf(replicaSet)), 0) + 1;
}

export function sizeAnnotations(deployment: Deployment): Record<string, string> {
  const replicas = replicasOf(deployment);
  return { [desiredReplicasAnnotation]: String(replicas), [maxReplicasAnnotation]: String(replicas + maxSurge(deployment)) };
}

/**
 * The annotations of the new ReplicaSet that must change: the Deployment's own are copied, the revision only grows, and a revision
 * that is left behind is remembered in the history annotation.
 */
export function newReplicaSetAnnotations(
  deployment: Deployment,
  existing: ReplicaSet | undefined,
  revision: number,
): Record<string, string> {
  const before = existing?.metadata.annotations ?? {};
  const changed: Record<string, string> = {};
  for (const [name, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!notCopied.has(name) && before[name] !== value) changed[name] = value;
  }
  const previous = before[revisionAnnotation];
  const previousRevision = existing === undefined ? 0 : revisionOf(existing);
  if (previousRevision < revision) {
    changed[revisionAnnotation] = String(revision);
    if (previous !== undefined) {
      const history = before[revisionHistoryAnnotation];
      changed[revisionHistoryAnnotation] = history === undefined || history === "" ? previous : `${history},${previous}`;
    }
  }
  if (existing === undefined) Object.assign(changed, sizeAnnotations(deployment));
  return changed;
}
