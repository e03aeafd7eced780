/**
 * The garbage collector. An object whose owners are all gone is deleted (background); an owner that is being deleted in the foreground
 * waits for its dependents; one that is being deleted as an orphan-maker has its references taken out first.
 *
 * One controller a kind, all over one graph. Built-in kinds are part of the sandbox's own runtime; for each custom kind a small runtime
 * is started when its definition is established.
 */
import type { ControllerDefinition, ReconcileContext } from "@slipway/controller";
import { done } from "@slipway/controller";
import type { KubeClient, OwnerReference, Resource } from "@slipway/kube";
import { isConflict, isNotFound, parseApiVersion, resources } from "@slipway/kube";
import type { OwnedObject } from "./owner-graph.ts";
import { OwnerGraph } from "./owner-graph.ts";

const foreground = "foregroundDeletion";
const orphan = "orphan";

/** Kinds that neither own nor are owned in practice. */
const ignored = new Set(["events", "leases", "nodes"]);

export interface GarbageCollector {
  /** For the kinds that every sandbox serves. */
  readonly controllers: readonly ControllerDefinition[];
  /** For one more kind. */
  controllerFor(resource: Resource): ControllerDefinition;
}

export function createGarbageCollector(): GarbageCollector {
  const graph = new OwnerGraph();
  const controllerFor = (resource: Resource): ControllerDefinition => ({
    name: `garbage-collector-${resource.plural}${resource.group === "" ? "" : `.${resource.group}`}`,
    watches: [{ resource, optional: true }],
    async reconcile(key, context) {
      const object = context.cache(resource).get(key);
      const before = graph.at(resource, key);
      if (before !== undefined && before.uid !== object?.metadata.uid) await forget(graph, before, context);
      if (object !== undefined) await visit(graph, graph.put(resource, object), context);
      return done;
    },
  });
  const controllers = Object.values(resources)
    .filter((resource) => !ignored.has(resource.plural))
    .map(controllerFor);
  return { controllers, controllerFor };
}

/** `node` is gone: its dependents may have to follow, its owners may have waited for it. */
async function forget(graph: OwnerGraph, node: OwnedObject, context: ReconcileContext): Promise<void> {
  const dependents = graph.dependentsOf(node.uid);
  // Left in the graph until done, so that a failure is tried again; marked by being absent from the owners' eyes.
  await Promise.all(dependents.map((dependent) => collect(graph, dependent, context, node.uid)));
  graph.remove(node);
  for (const owner of node.owners) {
    const waiting = graph.get(owner.uid);
    if (waiting !== undefined && waiting.deleting && waiting.finalizers.includes(foreground))
      await deleteInForeground(graph, waiting, context);
  }
}

async function visit(graph: OwnerGraph, node: OwnedObject, context: ReconcileContext): Promise<void> {
  if (node.deleting && node.finalizers.includes(orphan)) await releaseDependents(graph, node, context);
  else if (node.deleting && node.finalizers.includes(foreground)) await deleteInForeground(graph, node, context);
  else if (!node.deleting && node.owners.length > 0) await collect(graph, node, context, undefined);
}

type Standing = "present" | "absent" | "waiting";

/** Deletes `node` when no owner is left to keep it; takes out references to owners that are gone when another one is. */
async function collect(graph: OwnerGraph, node: OwnedObject, context: ReconcileContext, goneUid: string | undefined): Promise<void> {
  if (node.deleting) return;
  const standings = await Promise.all(
    node.owners.map(async (owner): Promise<{ owner: OwnerReference; standing: Standing }> => {
      return { owner, standing: owner.uid === goneUid ? "absent" : await standingOf(graph, node, owner, context.client) };
    }),
  );
  const present = standings.filter(({ standing }) => standing === "present").map(({ owner }) => owner);
  if (present.length > 0) {
    if (present.length < node.owners.length) await writeOwners(node, present, context);
    return;
  }
  const inForeground = standings.some(({ standing }) => standing === "waiting") && graph.dependentsOf(node.uid).length > 0;
  const propagationPolicy = node.finalizers.includes(orphan)
    ? "Orphan"
    : inForeground || node.finalizers.includes(foreground)
      ? "Foreground"
      : "Background";
  await ignoringAbsence(
    context.client.delete(node.resource, node.key, { propagationPolicy, preconditions: { uid: node.uid }, signal: context.signal }),
  );
}

/** Whether an owner keeps its dependent: the graph knows, else the server is asked. */
async function standingOf(graph: OwnerGraph, node: OwnedObject, owner: OwnerReference, client: KubeClient): Promise<Standing> {
  const known = graph.get(owner.uid);
  if (known !== undefined) return known.deleting && known.finalizers.includes(foreground) ? "waiting" : "present";
  const { group, version } = parseApiVersion(owner.apiVersion);
  const resource = await client.resourceFor({ group, version, kind: owner.kind });
  // An owner of a kind that is not served cannot be looked up: never a reason to delete.
  if (resource === undefined) return "present";
  const namespace = resource.namespaced ? node.key.namespace : "";
  try {
    const live = await client.get(resource, { namespace, name: owner.name });
    return live.metadata.uid === owner.uid ? "present" : "absent";
  } catch (error) {
    if (isNotFound(error)) return "absent";
    throw error;
  }
}

async function deleteInForeground(graph: OwnerGraph, node: OwnedObject, context: ReconcileContext): Promise<void> {
  const dependents = graph.dependentsOf(node.uid);
  await Promise.all(dependents.map((dependent) => collect(graph, dependent, context, undefined)));
  const blocking = graph
    .dependentsOf(node.uid)
    .some((dependent) => dependent.owners.some((owner) => owner.uid === node.uid && owner.blockOwnerDeletion === true));
  if (!blocking) await removeFinalizer(node, foreground, context);
}

async function releaseDependents(graph: OwnerGraph, node: OwnedObject, context: ReconcileContext): Promise<void> {
  const without = (dependent: OwnedObject): OwnerReference[] => dependent.owners.filter((owner) => owner.uid !== node.uid);
  await Promise.all(graph.dependentsOf(node.uid).map((dependent) => writeOwners(dependent, without(dependent), context)));
  await removeFinalizer(node, orphan, context);
}

async function writeOwners(node: OwnedObject, ownerReferences: readonly OwnerReference[], context: ReconcileContext): Promise<void> {
  const body = { metadata: { uid: node.uid, ownerReferences } };
  await ignoringAbsence(context.client.patch(node.resource, node.key, { type: "merge", body }, { signal: context.signal }));
}

async function removeFinalizer(node: OwnedObject, finalizer: string, context: ReconcileContext): Promise<void> {
  const finalizers = node.finalizers.filter((other) => other !== finalizer);
  const body = { metadata: { uid: node.uid, resourceVersion: node.resourceVersion, finalizers } };
  await ignoringAbsence(context.client.patch(node.resource, node.key, { type: "merge", body }, { signal: context.signal }));
}

/** Gone already, or another object by now: both mean that there is nothing to do. Conflicts come back as a new event. */
async function ignoringAbsence(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
