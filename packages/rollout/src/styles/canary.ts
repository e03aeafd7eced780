/**
 * Style `canary`: the stable pods stay in the user's Deployment, which stands still (paused); the candidate lives in a
 * second Deployment with the new template, owned by the Rollout. Promotion lets the user's Deployment roll natively, and
 * the second one goes only after that.
 *
 * Of the user's Deployment only `spec.paused`, one label and one annotation are ever written.
 */
import type { KubeObject, OwnerReference } from "@slipway/kube";
import { hashPodTemplate, keyOf, resources } from "@slipway/kube";
import { cloneJson } from "@slipway/std";
import { canaryDeploymentLabel, controlInfoAnnotation, inProgressingAnnotation, rolloutIdKey, workloadTypeLabel } from "../names.ts";
import type { Action } from "../model/decision.ts";
import type { CandidateView, WorkloadView, World } from "../model/world.ts";
import type { Write } from "../model/write.ts";
import type { PodTemplate } from "../workloads/deployment.ts";
import {
  activeReplicaSets,
  deploymentCounts,
  deploymentSpec,
  isRolledOut,
  isSettled,
  maxUnavailableOf,
  patchDeployment,
  patchSeenDeployment,
  podsOf,
  replicaSetCounts,
  replicasOf,
  runsTemplate,
  templateOf,
} from "../workloads/deployment.ts";

export interface CanaryObjects {
  /** The user's; absent when it does not exist. */
  readonly deployment?: KubeObject;
  /** ReplicaSets whose controller is the user's Deployment. */
  readonly replicaSets: readonly KubeObject[];
  /** Second Deployments that the Rollout owns. */
  readonly candidates: readonly KubeObject[];
  /** ReplicaSets whose controller is one of `candidates`. */
  readonly candidateReplicaSets: readonly KubeObject[];
  /** Pods of `candidateReplicaSets`, for what keeps them from being ready. */
  readonly candidatePods: readonly KubeObject[];
}

export interface CanaryOptions {
  readonly rolloutName: string;
  readonly owner: OwnerReference;
  /** Merged into the candidate's pod template. */
  readonly patchTemplate?: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
}

export function observeCanary(objects: CanaryObjects, options: CanaryOptions): Pick<World, "workload" | "ownPods"> {
  const { deployment, candidates } = objects;
  const alive = candidates.filter((each) => each.metadata.deletionTimestamp === undefined);
  const ownPods = alive.length > 0 ? "present" : candidates.length > 0 ? "terminating" : "none";
  if (deployment === undefined) return { ownPods };
  return { ownPods, workload: workloadView(deployment, alive, objects, options) };
}

function workloadView(deployment: KubeObject, alive: readonly KubeObject[], objects: CanaryObjects, options: CanaryOptions): WorkloadView {
  const spec = deploymentSpec(deployment);
  const template = spec.template ?? {};
  const active = activeReplicaSets(objects.replicaSets);
  const stable = active[0];
  const outdated = active.filter((each) => !runsTemplate(each, template));
  const stableCounts = replicaSetCounts(stable);
  const maxUnavailable = maxUnavailableOf(deployment);
  const replicas = replicasOf(deployment);
  const held = spec.paused === true;
  const wanted = candidateTemplate(template, options);
  const candidate = [...alive]
    .sort((a, b) => ((a.metadata.creationTimestamp ?? "") < (b.metadata.creationTimestamp ?? "") ? 1 : -1))
    .find((each) => runsTemplate(each, wanted));
  const releaseId = deployment.metadata.labels?.[rolloutIdKey];
  return {
    ref: refOf(deployment),
    generation: deployment.metadata.generation ?? 0,
    settled: isSettled(deployment),
    replicas,
    maxUnavailable,
    adopted: deployment.metadata.labels?.[workloadTypeLabel] !== undefined,
    marked: deployment.metadata.annotations?.[inProgressingAnnotation] !== undefined,
    held,
    revision: hashPodTemplate(template),
    stableRevision: podsOf(stable),
    atStable: stable !== undefined && runsTemplate(stable, template),
    unguarded: !held && outdated.length === 1 && outdated[0] === stable && stableCounts.ready >= replicas - maxUnavailable,
    rolledOut: isRolledOut(deployment),
    stable: stableCounts,
    ...(candidate === undefined ? {} : { candidate: candidateView(candidate, objects.candidateReplicaSets) }),
    ...(releaseId === undefined || releaseId === "" ? {} : { releaseId }),
    problems: objects.candidatePods.flatMap(podProblems),
  };
}

function candidateView(candidate: KubeObject, replicaSets: readonly KubeObject[]): CandidateView {
  const own = replicaSets.filter(
    (each) =>
      runsTemplate(each, templateOf(candidate)) &&
      each.metadata.ownerReferences?.some((owner) => owner.uid === candidate.metadata.uid) === true,
  );
  return { ...deploymentCounts(candidate), ref: refOf(candidate), revision: podsOf(own[0]), settled: isSettled(candidate) };
}

function refOf(object: KubeObject): string {
  return `Deployment ${object.metadata.namespace ?? ""}/${object.metadata.name ?? ""}`;
}

/** `pod web-x: ImagePullBackOff: no such image`. */
function podProblems(pod: KubeObject): string[] {
  const status = (pod["status"] ?? {}) as {
    containerStatuses?: { name: string; state?: { waiting?: { reason?: string; message?: string } } }[];
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
  const name = pod.metadata.name ?? "";
  const scheduling = status.conditions?.find((each) => each.type === "PodScheduled" && each.status === "False");
  if (scheduling !== undefined) return [`pod ${name}: ${scheduling.reason ?? "not scheduled"}: ${scheduling.message ?? ""}`];
  return (status.containerStatuses ?? []).flatMap(({ state }) => {
    const { reason, message } = state?.waiting ?? {};
    if (reason === undefined || reason === "ContainerCreating" || reason === "PodInitializing") return [];
    return [`pod ${name}: ${reason}${message === undefined ? "" : `: ${message}`}`];
  });
}

function candidateTemplate(template: PodTemplate, { patchTemplate }: CanaryOptions): PodTemplate {
  if (patchTemplate === undefined) return template;
  const copy = cloneJson(template);
  const metadata = (copy.metadata ??= {});
  if (patchTemplate.labels !== undefined) metadata.labels = { ...metadata.labels, ...patchTemplate.labels };
  if (patchTemplate.annotations !== undefined) metadata.annotations = { ...metadata.annotations, ...patchTemplate.annotations };
  return copy;
}

/** The writes of an action on pods; `undefined` when the action is not this style's business. */
export function canaryWrites(action: Action, objects: CanaryObjects, options: CanaryOptions, candidateRef?: string): Write[] | undefined {
  const { deployment } = objects;
  if (action.type === "release") {
    return objects.candidates
      .filter((each) => each.metadata.deletionTimestamp === undefined)
      .map((each) => ({ verb: "delete", resource: resources.deployments, key: keyOf(each), uid: each.metadata.uid ?? "" }));
  }
  if (deployment === undefined) return undefined;
  switch (action.type) {
    case "adopt":
      return [patchDeployment(deployment, { metadata: { labels: { [workloadTypeLabel]: "deployment" } } })];
    case "disown":
      return [patchDeployment(deployment, { metadata: { labels: { [workloadTypeLabel]: null } } })];
    case "hold": {
      const mark = { [inProgressingAnnotation]: JSON.stringify({ rolloutName: options.rolloutName }) };
      return [patchDeployment(deployment, { metadata: { annotations: mark }, spec: { paused: true } })];
    }
    // A template that changed meanwhile was held by the guard, and must stay so.
    case "unmark":
      return [patchSeenDeployment(deployment, { metadata: { annotations: { [inProgressingAnnotation]: null } } })];
    case "resume":
      return [patchSeenDeployment(deployment, { spec: { paused: null } })];
    case "create-candidate":
      return [{ verb: "create", resource: resources.deployments, object: candidateObject(deployment, options) }];
    case "scale-candidate": {
      const candidate = objects.candidates.find((each) => refOf(each) === candidateRef);
      return candidate === undefined ? [] : [patchSeenDeployment(candidate, { spec: { replicas: action.to } })];
    }
    default:
      return undefined;
  }
}

function candidateObject(deployment: KubeObject, options: CanaryOptions): KubeObject {
  const { paused: _paused, strategy, ...spec } = cloneJson(deploymentSpec(deployment));
  const name = deployment.metadata.name ?? "";
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      generateName: `${name}-`,
      ...(deployment.metadata.namespace === undefined ? {} : { namespace: deployment.metadata.namespace }),
      labels: { [canaryDeploymentLabel]: name },
      annotations: { [controlInfoAnnotation]: JSON.stringify(options.owner) },
      ownerReferences: [options.owner],
    },
    spec: {
      ...spec,
      // Whatever the user chose for the stable pods: nothing of ours ever asks for Recreate.
      ...(strategy === undefined || strategy.type === "Recreate" ? {} : { strategy }),
      replicas: 0,
      template: candidateTemplate(spec.template ?? {}, options),
    },
  };
}
