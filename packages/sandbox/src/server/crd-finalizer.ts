/** Deletes the objects of a CustomResourceDefinition that is being deleted, then lets the definition go. */
import type { Logger } from "@slipway/std";
import { errorMessage } from "@slipway/std";
import type { Activity } from "@slipway/std/node";
import type { ObjectStore, StoreSubscription } from "../store/object-store.ts";
import { crdFinalizer } from "./kind-hooks.ts";
import type { ObjectWriter, WriteContext } from "./object-writer.ts";
import { crdBucket } from "./resource-registry.ts";
import type { ResourceRegistry } from "./served-resource.ts";

export interface CrdFinalizerDeps {
  readonly store: ObjectStore;
  readonly registry: ResourceRegistry;
  readonly writer: ObjectWriter;
  readonly log: Logger;
  readonly activity: Activity | undefined;
}

export function createCrdFinalizer({ store, registry, writer, log, activity }: CrdFinalizerDeps): { stop(): Promise<void> } {
  const running = new Set<Promise<void>>();
  /** While objects with finalizers of their own remain, their deletions are watched. */
  const watched = new Map<string, StoreSubscription>();
  let stopped = false;

  const finalize = async (name: string): Promise<void> => {
    const entry = store.get(crdBucket, { namespace: "", name });
    if (stopped || entry === undefined || entry.object.metadata.deletionTimestamp === undefined) return;
    if (!(entry.object.metadata.finalizers ?? []).includes(crdFinalizer)) return;
    const definition = registry
      .all()
      .find((candidate) => candidate.group === "apiextensions.k8s.io" && candidate.kind === "CustomResourceDefinition");
    const served = registry.all().find((candidate) => `${candidate.plural}.${candidate.group}` === name && candidate.schema !== undefined);
    const context = (): WriteContext => ({
      dryRun: false,
      fieldManager: "crd-finalizer",
      fieldValidation: "Ignore",
      duplicates: [],
      warnings: [],
    });
    if (served !== undefined) {
      for (const custom of store.list(served.bucket)) {
        if (custom.object.metadata.deletionTimestamp === undefined) await writer.remove(served, custom.key, {}, context());
      }
      if (store.list(served.bucket).length > 0) {
        if (!watched.has(name)) {
          watched.set(
            name,
            store.subscribe(served.bucket, store.revision, (event) => event.type === "DELETED" && schedule(name)),
          );
        }
        return;
      }
    }
    watched.get(name)?.stop();
    watched.delete(name);
    if (definition === undefined) return;
    await writer.update(
      definition,
      { namespace: "", name },
      undefined,
      (current) => ({
        ...current,
        metadata: { ...current.metadata, finalizers: (current.metadata.finalizers ?? []).filter((item) => item !== crdFinalizer) },
      }),
      context(),
    );
  };
  const schedule = (name: string): void => {
    const done = activity?.begin();
    // Outside the store's own call, so that events keep their order.
    const run: Promise<void> = Promise.resolve()
      .then(() => finalize(name))
      .catch((error: unknown) =>
        log.warn("custom resources of a deleted definition could not be removed", { name, error: errorMessage(error) }),
      )
      .finally(() => {
        running.delete(run);
        done?.();
      });
    running.add(run);
  };

  for (const entry of store.list(crdBucket)) if (entry.object.metadata.deletionTimestamp !== undefined) schedule(entry.key.name);
  const subscription = store.subscribe(crdBucket, store.revision, (event) => {
    if (event.type === "MODIFIED" && event.entry.object.metadata.deletionTimestamp !== undefined) schedule(event.entry.key.name);
  });
  return {
    async stop(): Promise<void> {
      stopped = true;
      subscription.stop();
      for (const watch of watched.values()) watch.stop();
      await Promise.all(running);
    },
  };
}
