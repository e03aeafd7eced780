/** Namespace deletion: empties a terminating namespace of every namespaced kind, then lets the Namespace object go. */
import type { Cache, ControllerDefinition, ReconcileContext } from "@slipway/controller";
import { after, done } from "@slipway/controller";
import type { KubeObject, Resource } from "@slipway/kube";
import { apiStatusOf, isNotFound, resources } from "@slipway/kube";
import { kindsOfDefinition } from "./custom-kinds.ts";

/** Pods take their grace period; what is left is counted again after this. */
const recountMs = 500;

export const namespaceController: ControllerDefinition = {
  name: "namespace",
  watches: [{ resource: resources.namespaces }, { resource: resources.customResourceDefinitions, optional: true, toKeys: () => [] }],
  async reconcile(key, context) {
    const namespace = context.cache(resources.namespaces).get(key);
    if (namespace?.metadata.deletionTimestamp === undefined) return done;
    const finalizers = (namespace["spec"] as { finalizers?: string[] } | undefined)?.finalizers ?? [];
    if (!finalizers.includes("kubernetes")) return done;
    const left = await empty(key.name, namespacedKinds(context.cache(resources.customResourceDefinitions)), context);
    if (left > 0) return after(recountMs);
    const spec = { ...(namespace["spec"] as object), finalizers: finalizers.filter((finalizer) => finalizer !== "kubernetes") };
    try {
      await context.client.replace(resources.namespaces, { ...namespace, spec }, { subresource: "finalize" });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return done;
  },
};

/** A refusal to create because the namespace is going away: nothing to report, and nothing that trying again would help. */
export function isNamespaceTerminating(error: unknown): boolean {
  return apiStatusOf(error)?.details?.causes?.some((cause) => cause.reason === "NamespaceTerminating") === true;
}

function namespacedKinds(definitions: Cache): Resource[] {
  return [...Object.values(resources), ...definitions.list().flatMap(kindsOfDefinition)].filter((resource) => resource.namespaced);
}

/** Deletes what there is and answers how much was there. */
async function empty(namespace: string, kinds: readonly Resource[], context: ReconcileContext): Promise<number> {
  let left = 0;
  for (const resource of kinds) {
    let items: readonly KubeObject[];
    try {
      items = (await context.client.list(resource, { namespace, signal: context.signal })).items;
    } catch (error) {
      // Not a kind that this server has.
      if (isNotFound(error)) continue;
      throw error;
    }
    left += items.length;
    if (items.some((item) => item.metadata.deletionTimestamp === undefined))
      await context.client.deleteCollection(resource, { namespace, propagationPolicy: "Background", signal: context.signal });
  }
  return left;
}
