/** The guard's decision: does an update of a Deployment begin (or go on with) a release, and what holds it. */
import type { Rollout } from "@slipway/api";
import type { JsonPatchOperation, KubeObject } from "@slipway/kube";
import { parseApiVersion, podTemplatesEqual } from "@slipway/kube";
import { inProgressingAnnotation, rolloutIdKey } from "../../names.ts";
import { activeReplicaSets, deploymentSpec, replicasOf, runsTemplate } from "../../workloads/deployment.ts";
import { isDetached, refusal, trafficRoutingOf } from "./plan.ts";

export interface HoldAnswer {
  /** RFC 6902 operations on the new Deployment; empty lets it pass untouched. */
  readonly patch: readonly JsonPatchOperation[];
  readonly warnings: readonly string[];
}

const pass: HoldAnswer = { patch: [], warnings: [] };

/** The Rollout that releases this Deployment, if one does. */
export function rolloutFor(deployment: KubeObject, rollouts: readonly Rollout[]): Rollout | undefined {
  return rollouts.find((rollout) => {
    const ref = rollout.spec?.workloadRef;
    if (ref === undefined || ref.kind !== "Deployment" || ref.name !== deployment.metadata.name) return false;
    if (parseApiVersion(ref.apiVersion).group !== "apps" || rollout.metadata.namespace !== deployment.metadata.namespace) return false;
    if (rollout.metadata.deletionTimestamp !== undefined || isDetached(rollout)) return false;
    return rollout.status?.phase !== "Disabled" && refusal(rollout) === undefined;
  });
}

/** `replicaSets` are those that the Deployment controls. */
export function holdDeployment(
  deployment: KubeObject,
  old: KubeObject,
  rollout: Rollout | undefined,
  replicaSets: readonly KubeObject[],
): HoldAnswer {
  if (rollout === undefined) return pass;
  const spec = deploymentSpec(deployment);
  if (deployment.metadata.annotations?.[inProgressingAnnotation] !== undefined) {
    // In progress: nobody but the release lets it loose.
    return spec.paused === true ? pass : { patch: [pausePatch], warnings: [] };
  }
  if (replicasOf(deployment) === 0 || !isNewRevision(deployment, old)) return pass;
  const active = activeReplicaSets(replicaSets);
  if (active.length === 0) return pass;
  const name = rollout.metadata.name ?? "";
  if (trafficRoutingOf(rollout) !== undefined && active.length !== 1) {
    const warning = `Rollout ${name} does not control this change: Deployment ${deployment.metadata.name ?? ""} still has pods of ${active.length} revisions; it rolls natively`;
    return { patch: [], warnings: [warning] };
  }
  // Back to what still runs, before anything moved: there is nothing to release.
  if (active.length === 1 && active[0] !== undefined && runsTemplate(active[0], spec.template ?? {})) return pass;
  return { patch: [...markPatch(deployment, name), pausePatch], warnings: [] };
}

const pausePatch: JsonPatchOperation = { op: "add", path: "/spec/paused", value: true };

function markPatch(deployment: KubeObject, rolloutName: string): JsonPatchOperation[] {
  const value = JSON.stringify({ rolloutName });
  if (deployment.metadata.annotations === undefined)
    return [{ op: "add", path: "/metadata/annotations", value: { [inProgressingAnnotation]: value } }];
  return [{ op: "add", path: `/metadata/annotations/${inProgressingAnnotation.replaceAll("/", "~1")}`, value }];
}

/** By the user's release id, when there is one; else by the pod template. */
function isNewRevision(deployment: KubeObject, old: KubeObject): boolean {
  const id = releaseIdOf(deployment);
  if (id !== "" && id === releaseIdOf(old)) return false;
  if (id !== "") return true;
  return !podTemplatesEqual(deploymentSpec(deployment).template ?? {}, deploymentSpec(old).template ?? {});
}

function releaseIdOf(object: KubeObject): string {
  return object.metadata.annotations?.[rolloutIdKey] ?? "";
}
