/** apps/v1 Deployment as one of two revisions' homes: what it runs, whether it stands still, and how to let it. */
import type { KubeObject, PatchBody } from "@slipway/kube";
import { keyOf, podTemplateHashLabel, podTemplatesEqual, resources, scaleIntOrPercent } from "@slipway/kube";
import type { PodCounts } from "../model/world.ts";
import type { Write } from "../model/write.ts";

export interface DeploymentSpec {
  replicas?: number;
  paused?: boolean;
  template?: PodTemplate;
  strategy?: { type?: string; rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string } };
}
export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: object;
}
interface DeploymentStatus {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  availableReplicas?: number;
}
interface ReplicaSetState {
  spec?: { replicas?: number; template?: PodTemplate };
  status?: { replicas?: number; readyReplicas?: number; availableReplicas?: number };
}

export function deploymentSpec(object: KubeObject): DeploymentSpec {
  return (object["spec"] ?? {}) as DeploymentSpec;
}

function deploymentStatus(object: KubeObject): DeploymentStatus {
  return (object["status"] ?? {}) as DeploymentStatus;
}

function replicaSetState(object: KubeObject): ReplicaSetState {
  return object as ReplicaSetState;
}

export function replicasOf(deployment: KubeObject): number {
  return deploymentSpec(deployment).replicas ?? 1;
}

/** Its controller has seen the last change of its spec. */
export function isSettled(deployment: KubeObject): boolean {
  return (deploymentStatus(deployment).observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0);
}

/** The user's own `maxUnavailable` as a count: percentages round down; 1 when nothing could move otherwise. */
export function maxUnavailableOf(deployment: KubeObject): number {
  const { strategy } = deploymentSpec(deployment);
  const replicas = replicasOf(deployment);
  if (strategy?.type === "Recreate") return replicas;
  const unavailable = scaleIntOrPercent(strategy?.rollingUpdate?.maxUnavailable ?? "25%", replicas, "down");
  const surge = scaleIntOrPercent(strategy?.rollingUpdate?.maxSurge ?? "25%", replicas, "up");
  return unavailable === 0 && surge === 0 ? 1 : Math.min(unavailable, replicas);
}

/** ReplicaSets with pods, oldest revision first. */
export function activeReplicaSets(replicaSets: readonly KubeObject[]): KubeObject[] {
  return replicaSets
    .filter((each) => each.metadata.deletionTimestamp === undefined && (replicaSetState(each).spec?.replicas ?? 0) !== 0)
    .sort(
      (a, b) => revisionNumber(a) - revisionNumber(b) || compare(a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""),
    );
}

function revisionNumber(replicaSet: KubeObject): number {
  return Number(replicaSet.metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function templateOf(object: KubeObject): PodTemplate {
  return replicaSetState(object).spec?.template ?? {};
}

export function runsTemplate(replicaSet: KubeObject, template: PodTemplate): boolean {
  return podTemplatesEqual(templateOf(replicaSet), template);
}

/** What the pods of a ReplicaSet carry. */
export function podsOf(replicaSet: KubeObject | undefined): string {
  return replicaSet?.metadata.labels?.[podTemplateHashLabel] ?? "";
}

export function replicaSetCounts(replicaSet: KubeObject | undefined): PodCounts {
  if (replicaSet === undefined) return { desired: 0, total: 0, ready: 0 };
  const { spec, status } = replicaSetState(replicaSet);
  return { desired: spec?.replicas ?? 0, total: status?.replicas ?? 0, ready: status?.readyReplicas ?? 0 };
}

export function deploymentCounts(deployment: KubeObject): PodCounts {
  const { replicas, availableReplicas } = deploymentStatus(deployment);
  return { desired: replicasOf(deployment), total: replicas ?? 0, ready: availableReplicas ?? 0 };
}

/** Everything runs the present template, and as much of it is available as the user asks for. */
export function isRolledOut(deployment: KubeObject): boolean {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = deploymentStatus(deployment);
  const wanted = replicasOf(deployment);
  if (!isSettled(deployment) || deploymentSpec(deployment).paused === true) return false;
  return replicas === wanted && updatedReplicas === wanted && availableReplicas + maxUnavailableOf(deployment) >= wanted;
}

export function patchDeployment(deployment: KubeObject, body: object): Write {
  const patch: PatchBody = { type: "merge", body };
  return { verb: "patch", resource: resources.deployments, key: keyOf(deployment), patch };
}

/** The same, refused with a conflict when the Deployment changed since it was seen. */
export function patchSeenDeployment(deployment: KubeObject, body: { metadata?: object; spec?: object }): Write {
  const { resourceVersion } = deployment.metadata;
  return patchDeployment(deployment, { ...body, metadata: { ...body.metadata, resourceVersion } });
}
