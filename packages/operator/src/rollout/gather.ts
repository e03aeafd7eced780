/** Reads from caches what one look at a Rollout needs. No request is made. */
import type { Rollout } from "@slipway/api";
import type { ReconcileContext, Watch } from "@slipway/controller";
import { ownerKeys } from "@slipway/controller";
import { resourceOf, rolloutKind } from "@slipway/api";
import type { KubeObject, ObjectKey, Resource } from "@slipway/kube";
import { controllerOf, formatKey, resources } from "@slipway/kube";
import type { RolloutObjects } from "@slipway/rollout";
import { canaryDeploymentLabel, readsOf } from "@slipway/rollout";

export const rollouts: Resource = resourceOf(rolloutKind);

type Caches = ReconcileContext["cache"];

const byController = { controller: (object: KubeObject): readonly string[] => controllerUid(object) };

function controllerUid(object: KubeObject): readonly string[] {
  const uid = controllerOf(object)?.uid;
  return uid === undefined ? [] : [uid];
}

/** Index values of a Rollout: every object that it reads by name. */
function readKeys(object: KubeObject): readonly string[] {
  const reads = readsOf(object as Rollout);
  if (reads === undefined) return [];
  const namespace = object.metadata.namespace ?? "";
  const keys = [readKey("Deployment", { namespace, name: reads.deployment })];
  for (const name of [reads.service, reads.candidateService]) {
    if (name !== undefined) keys.push(readKey("Service", { namespace, name }));
  }
  for (const name of [reads.ingress, reads.canaryIngress]) {
    if (name !== undefined) keys.push(readKey("Ingress", { namespace, name }));
  }
  return keys;
}

function readKey(kind: string, key: ObjectKey): string {
  return `${kind}|${formatKey(key)}`;
}

function readersOf(kind: string, key: ObjectKey, caches: Caches): readonly ObjectKey[] {
  return caches(rollouts)
    .byIndex("reads", readKey(kind, key))
    .map((rollout) => ({ namespace: rollout.metadata.namespace ?? "", name: rollout.metadata.name ?? "" }));
}

function keyOf(object: KubeObject): ObjectKey {
  return { namespace: object.metadata.namespace ?? "", name: object.metadata.name ?? "" };
}

/** Rollouts that a Deployment concerns: those that release it, and the owner of a second one. */
function deploymentKeys(object: KubeObject, _old: KubeObject | undefined, caches: Caches): readonly ObjectKey[] {
  return [...readersOf("Deployment", keyOf(object), caches), ...ownerKeys("Rollout")(object)];
}

/** Up the chain of controllers: pod → ReplicaSet → Deployment. */
function keysThroughOwner(object: KubeObject, caches: Caches): readonly ObjectKey[] {
  const owner = controllerOf(object);
  const namespace = object.metadata.namespace ?? "";
  if (owner?.kind === "ReplicaSet") {
    const replicaSet = caches(resources.replicaSets).get({ namespace, name: owner.name });
    return replicaSet === undefined ? [] : keysThroughOwner(replicaSet, caches);
  }
  if (owner?.kind !== "Deployment") return [];
  const deployment = caches(resources.deployments).get({ namespace, name: owner.name });
  return deployment === undefined ? [] : deploymentKeys(deployment, undefined, caches);
}

/** Only pods of a second workload say anything that their ReplicaSet does not. */
function podKeys(object: KubeObject, _old: KubeObject | undefined, caches: Caches): readonly ObjectKey[] {
  const owner = controllerOf(object);
  if (owner?.kind !== "ReplicaSet") return [];
  const namespace = object.metadata.namespace ?? "";
  const replicaSet = caches(resources.replicaSets).get({ namespace, name: owner.name });
  const deployment = replicaSet && controllerOf(replicaSet);
  if (deployment?.kind !== "Deployment") return [];
  const second = caches(resources.deployments).get({ namespace, name: deployment.name });
  return second?.metadata.labels?.[canaryDeploymentLabel] === undefined ? [] : ownerKeys("Rollout")(second);
}

export const watches: readonly Watch[] = [
  { resource: rollouts, indexes: { reads: readKeys } },
  { resource: resources.deployments, toKeys: deploymentKeys, indexes: byController },
  { resource: resources.replicaSets, toKeys: (object, _old, caches) => keysThroughOwner(object, caches), indexes: byController },
  { resource: resources.pods, toKeys: podKeys, indexes: byController },
  { resource: resources.services, toKeys: (object, _old, caches) => readersOf("Service", keyOf(object), caches) },
  { resource: resources.ingresses, toKeys: (object, _old, caches) => readersOf("Ingress", keyOf(object), caches) },
];

/** The objects that a Rollout is seen with, as the caches have them now. */
export function gather(rollout: Rollout, caches: Caches): RolloutObjects {
  const namespace = rollout.metadata.namespace ?? "";
  const reads = readsOf(rollout);
  const named = (resource: Resource, name: string | undefined): KubeObject | undefined =>
    name === undefined ? undefined : caches(resource).get({ namespace, name });
  const controlled = (resource: Resource, owner: KubeObject | undefined): KubeObject[] =>
    owner?.metadata.uid === undefined ? [] : caches(resource).byIndex("controller", owner.metadata.uid);
  const deployment = named(resources.deployments, reads?.deployment);
  const candidates = controlled(resources.deployments, rollout);
  const candidateReplicaSets = candidates.flatMap((each) => controlled(resources.replicaSets, each));
  const service = named(resources.services, reads?.service);
  const candidateService = named(resources.services, reads?.candidateService);
  const ingress = named(resources.ingresses, reads?.ingress);
  const canaryIngress = named(resources.ingresses, reads?.canaryIngress);
  return {
    ...(deployment === undefined ? {} : { deployment }),
    replicaSets: controlled(resources.replicaSets, deployment),
    candidates,
    candidateReplicaSets,
    candidatePods: candidateReplicaSets.flatMap((each) => controlled(resources.pods, each)),
    routes: {
      ...(service === undefined ? {} : { service }),
      ...(candidateService === undefined ? {} : { candidateService }),
      ...(ingress === undefined ? {} : { ingress }),
      ...(canaryIngress === undefined ? {} : { canaryIngress }),
    },
  };
}
