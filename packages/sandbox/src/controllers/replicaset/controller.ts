/** The ReplicaSet controller: claims pods, creates and deletes up to the wished number, reports availability. */
import { setImmediate } from "node:timers/promises";
import type { ControllerDefinition, Outcome, ReconcileContext } from "@slipway/controller";
import { after, done, ownerKeys } from "@slipway/controller";
import { controllerOf, getCondition, isNotFound, keyOf, labelSelectorFromObject, matchesLabels, resources } from "@slipway/kube";
import { deepEqual, errorMessage, formatTimestamp } from "@slipway/std";
import type { Pod, ReplicaSet } from "../kinds.ts";
import { isNamespaceTerminating } from "../namespace.ts";
import { claim, controllerReference } from "../ownership.ts";
import { isActive, isReady, untilAvailableMs } from "../pods.ts";
import { writeStatus } from "../write-status.ts";
import { podsToDelete } from "./victims.ts";

/** At most so many pods are created or deleted in one pass. */
const burst = 500;
const largestBatch = 32;
const manyPods = 100;
export const podsByOwner = "owner";

export const replicaSetController: ControllerDefinition = {
  name: "replicaset",
  concurrency: 8,
  watches: [
    { resource: resources.replicaSets },
    {
      resource: resources.pods,
      indexes: { [podsByOwner]: (pod) => [controllerOf(pod)?.uid ?? `orphan/${pod.metadata.namespace ?? ""}`] },
      toKeys: (object, _old, caches) => {
        if (controllerOf(object) !== undefined) return ownerKeys("ReplicaSet")(object);
        return caches<ReplicaSet>(resources.replicaSets)
          .list({ namespace: object.metadata.namespace ?? "" })
          .filter((replicaSet) => matchesLabels(labelSelectorFromObject(replicaSet.spec?.selector), object.metadata.labels))
          .map(keyOf);
      },
    },
  ],
  async reconcile(key, context) {
    const replicaSet = context.cache<ReplicaSet>(resources.replicaSets).get(key);
    if (replicaSet === undefined) return done;
    return await reconcileReplicaSet(replicaSet, context);
  },
};

async function reconcileReplicaSet(replicaSet: ReplicaSet, context: ReconcileContext): Promise<Outcome> {
  const pods = context.cache<Pod>(resources.pods);
  const namespace = replicaSet.metadata.namespace ?? "";
  const owned = await claim(context, {
    owner: replicaSet,
    ownerResource: resources.replicaSets,
    selector: labelSelectorFromObject(replicaSet.spec?.selector),
    resource: resources.pods,
    candidates: [...pods.byIndex(podsByOwner, replicaSet.metadata.uid ?? ""), ...pods.byIndex(podsByOwner, `orphan/${namespace}`)].filter(
      isActive,
    ),
  });
  let failure: unknown;
  const difference = owned.length - (replicaSet.spec?.replicas ?? 1);
  if (replicaSet.metadata.deletionTimestamp === undefined) {
    try {
      if (difference < 0) await createPods(replicaSet, Math.min(-difference, burst), context);
      else if (difference > 0) await deletePods(replicaSet, owned, Math.min(difference, burst), context);
    } catch (error) {
      failure = error;
    }
  }
  const wait = await reportStatus(replicaSet, owned, difference, failure, context);
  if (failure !== undefined) throw failure as Error;
  // When very many pods change in one burst, a turn of the event loop between passes lets their events gather, and others breathe.
  if (owned.length > manyPods) await setImmediate();
  return wait;
}

/** Creates in batches of 1, 2, 4, ... so that a namespace that refuses pods is not hammered. */
async function createPods(replicaSet: ReplicaSet, count: number, context: ReconcileContext): Promise<void> {
  const template = replicaSet.spec?.template ?? {};
  const create = async (): Promise<void> => {
    const pod: Pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        generateName: `${replicaSet.metadata.name ?? ""}-`,
        namespace: replicaSet.metadata.namespace ?? "",
        labels: { ...template.metadata?.labels },
        ...(template.metadata?.annotations === undefined ? {} : { annotations: { ...template.metadata.annotations } }),
        ...(template.metadata?.finalizers === undefined ? {} : { finalizers: [...template.metadata.finalizers] }),
        ownerReferences: [controllerReference(replicaSet)],
      },
      ...(template.spec === undefined ? {} : { spec: template.spec }),
    };
    try {
      const created = await context.client.create(resources.pods, pod);
      context.events.event(replicaSet, "Normal", "SuccessfulCreate", `Created pod: ${created.metadata.name ?? ""}`);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      context.events.event(replicaSet, "Warning", "FailedCreate", `Error creating: ${errorMessage(error)}`);
      throw error;
    }
  };
  let batch = 1;
  for (let left = count; left > 0; left -= batch, batch = Math.min(2 * batch, largestBatch, left)) {
    await allOrFirstFailure(Array.from({ length: batch }, create));
    // In process, a request is no turn of the event loop by itself.
    await setImmediate();
  }
}

async function deletePods(replicaSet: ReplicaSet, owned: readonly Pod[], count: number, context: ReconcileContext): Promise<void> {
  const doomed = podsToDelete(owned, relatedPods(replicaSet, context), count, context.clock.now());
  await allOrFirstFailure(
    doomed.map(async (pod) => {
      try {
        const uid = pod.metadata.uid ?? "";
        await context.client.delete(resources.pods, keyOf(pod), { preconditions: { uid } });
      } catch (error) {
        if (isNotFound(error)) return;
        context.events.event(replicaSet, "Warning", "FailedDelete", `Error deleting: ${errorMessage(error)}`);
        throw error;
      }
      context.events.event(replicaSet, "Normal", "SuccessfulDelete", `Deleted pod: ${pod.metadata.name ?? ""}`);
    }),
  );
}

/** All pods of the ReplicaSets that share this one's controller. */
function relatedPods(replicaSet: ReplicaSet, context: ReconcileContext): Pod[] {
  const controller = controllerOf(replicaSet);
  const siblings =
    controller === undefined
      ? [replicaSet]
      : context
          .cache<ReplicaSet>(resources.replicaSets)
          .list({ namespace: replicaSet.metadata.namespace ?? "" })
          .filter((other) => controllerOf(other)?.uid === controller.uid);
  return siblings
    .flatMap((sibling) => context.cache<Pod>(resources.pods).byIndex(podsByOwner, sibling.metadata.uid ?? ""))
    .filter(isActive);
}

async function reportStatus(
  replicaSet: ReplicaSet,
  owned: readonly Pod[],
  difference: number,
  failure: unknown,
  context: ReconcileContext,
): Promise<Outcome> {
  const now = context.clock.now();
  const minReadySeconds = replicaSet.spec?.minReadySeconds ?? 0;
  const wanted = Object.entries(replicaSet.spec?.template?.metadata?.labels ?? {});
  const waits = owned.map((pod) => untilAvailableMs(pod, minReadySeconds, now));
  const counters = {
    fullyLabeledReplicas: owned.filter((pod) => wanted.every(([name, value]) => pod.metadata.labels?.[name] === value)).length,
    readyReplicas: owned.filter(isReady).length,
    availableReplicas: waits.filter((wait) => wait === 0).length,
    observedGeneration: replicaSet.metadata.generation ?? 0,
  };
  let conditions = replicaSet.status?.conditions ?? [];
  const failed = getCondition(conditions, "ReplicaFailure");
  if (failure !== undefined && failed === undefined) {
    const reason = difference < 0 ? "FailedCreate" : "FailedDelete";
    const lastTransitionTime = formatTimestamp(now);
    conditions = [...conditions, { type: "ReplicaFailure", status: "True", reason, message: errorMessage(failure), lastTransitionTime }];
  } else if (failure === undefined && failed !== undefined) {
    conditions = conditions.filter((condition) => condition !== failed);
  }
  const status: ReplicaSet["status"] = {
    replicas: owned.length,
    ...Object.fromEntries(Object.entries(counters).filter(([, count]) => count !== 0)),
    ...(conditions.length > 0 ? { conditions } : {}),
  };
  try {
    if (!deepEqual(replicaSet.status, status)) await writeStatus(context.client, resources.replicaSets, replicaSet, status);
  } catch (error) {
    // Deleted meanwhile: there is nobody left to report on.
    if (!isNotFound(error)) throw error;
  }
  const pending = waits.filter((wait): wait is number => wait !== undefined && wait > 0);
  return pending.length === 0 ? done : after(Math.min(...pending));
}

async function allOrFirstFailure(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const rejected = results.find((result) => result.status === "rejected");
  if (rejected !== undefined) throw rejected.reason as Error;
}
