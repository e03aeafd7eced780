/** Reads from the cluster what a Rollout is seen with, as the controller reads it from its caches. */
import type { Rollout } from "@slipway/api";
import { resourceOf, rolloutKind } from "@slipway/api";
import type { KubeClient, KubeObject, ObjectKey, Resource } from "@slipway/kube";
import { controllerOf, isNotFound, resources } from "@slipway/kube";
import type { RolloutObjects } from "@slipway/rollout";
import { readsOf } from "@slipway/rollout";
import { CommandError } from "./exit.ts";

export const rollouts: Resource = resourceOf(rolloutKind);

export async function readRollout(client: KubeClient, key: ObjectKey): Promise<Rollout> {
  try {
    return await client.get<Rollout>(rollouts, key);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new CommandError(`no rollout ${key.name} in namespace ${key.namespace}; see what there is with: slipway rollout get -A`);
  }
}

export async function gatherRollout(client: KubeClient, rollout: Rollout): Promise<RolloutObjects> {
  const namespace = rollout.metadata.namespace ?? "";
  const reads = readsOf(rollout);
  const named = async (resource: Resource, name: string | undefined): Promise<KubeObject | undefined> => {
    if (name === undefined) return undefined;
    try {
      return await client.get(resource, { namespace, name });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const all = async (resource: Resource): Promise<KubeObject[]> => (await client.list(resource, { namespace })).items;
  const [deployments, replicaSets, pods, service, candidateService, ingress, canaryIngress] = await Promise.all([
    all(resources.deployments),
    all(resources.replicaSets),
    all(resources.pods),
    named(resources.services, reads?.service),
    named(resources.services, reads?.candidateService),
    named(resources.ingresses, reads?.ingress),
    named(resources.ingresses, reads?.canaryIngress),
  ]);
  const deployment = deployments.find((each) => each.metadata.name === reads?.deployment);
  const candidates = controlledBy(deployments, [rollout]);
  const candidateReplicaSets = controlledBy(replicaSets, candidates);
  return {
    ...(deployment === undefined ? {} : { deployment }),
    replicaSets: deployment === undefined ? [] : controlledBy(replicaSets, [deployment]),
    candidates,
    candidateReplicaSets,
    candidatePods: controlledBy(pods, candidateReplicaSets),
    routes: {
      ...(service === undefined ? {} : { service }),
      ...(candidateService === undefined ? {} : { candidateService }),
      ...(ingress === undefined ? {} : { ingress }),
      ...(canaryIngress === undefined ? {} : { canaryIngress }),
    },
  };
}

function controlledBy(objects: readonly KubeObject[], owners: readonly KubeObject[]): KubeObject[] {
  const uids = new Set(owners.map((owner) => owner.metadata.uid));
  return objects.filter((object) => uids.has(controllerOf(object)?.uid ?? ""));
}
