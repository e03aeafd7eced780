/** Everything behind the front doors: what the HTTP handler and the in-process client share. */
import type { KubeObject, ObjectKey } from "@slipway/kube";
import { isNotFound } from "@slipway/kube";
import type { Clock, Logger, RandomSource } from "@slipway/std";
import type { Activity } from "@slipway/std/node";
import type { ObjectStore } from "../store/object-store.ts";
import { createAdmission } from "./admission.ts";
import { createConverter } from "./conversion-webhook.ts";
import { createCrdFinalizer } from "./crd-finalizer.ts";
import type { ClusterIpAllocator } from "./kind-hooks.ts";
import { createKindHooks } from "./kind-hooks.ts";
import type { ListRequest, ObjectReader } from "./object-reader.ts";
import { createObjectReader } from "./object-reader.ts";
import type { DeleteRequest, ObjectWriter, WriteContext } from "./object-writer.ts";
import { createObjectWriter } from "./object-writer.ts";
import type { PatchType } from "./patch-object.ts";
import { checkPatchType, patchObject } from "./patch-object.ts";
import { createResourceRegistry } from "./resource-registry.ts";
import { toScale } from "./scale.ts";
import type { ResourceRegistry, ServedResource } from "./served-resource.ts";
import { createWebhookClient } from "./webhook-client.ts";

/** What a pod's logs are asked for with; `container` is resolved by the server. */
export interface PodLogRequest {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  /** Absent: all lines. */
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  readonly limitBytes?: number;
  readonly signal: AbortSignal;
}

/** Gives a container's log as pieces of text; ends when the log does, or with the signal when following. */
export type PodLogs = (request: PodLogRequest) => AsyncIterable<string>;

export interface ApiCoreOptions {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly activity: Activity | undefined;
  readonly podLogs: PodLogs | undefined;
  readonly allocateClusterIp: ClusterIpAllocator | undefined;
}

export interface ApiCore {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly activity: Activity | undefined;
  readonly podLogs: PodLogs | undefined;
  readonly registry: ResourceRegistry;
  readonly reader: ObjectReader;
  readonly writer: ObjectWriter;
  patch(
    served: ServedResource,
    key: ObjectKey,
    subresource: string | undefined,
    patch: { readonly type: PatchType; readonly body: unknown },
    context: WriteContext,
  ): Promise<KubeObject>;
  /** Deletes what the selection finds, one by one; returns the objects it asked to go. */
  deleteCollection(
    served: ServedResource,
    selection: ListRequest,
    options: DeleteRequest,
    context: WriteContext,
  ): Promise<readonly KubeObject[]>;
  scaleOf(served: ServedResource, object: KubeObject): KubeObject;
  stop(): Promise<void>;
}

export function createApiCore(options: ApiCoreOptions): ApiCore {
  const { store, clock, random, logger } = options;
  const webhooks = createWebhookClient();
  const registry = createResourceRegistry(store, createConverter(webhooks, random));
  const hooks = createKindHooks(store, clock, options.allocateClusterIp);
  const admission = createAdmission(store, webhooks, random, logger);
  const reader = createObjectReader(store);
  const writer = createObjectWriter({ store, clock, random, admission, hooks });
  const crdFinalizer = createCrdFinalizer({ store, registry, writer, log: logger, activity: options.activity });

  return {
    store,
    clock,
    log: logger,
    activity: options.activity,
    podLogs: options.podLogs,
    registry,
    reader,
    writer,
    async patch(served, key, subresource, { type, body }, context): Promise<KubeObject> {
      checkPatchType(served, type);
      return writer.update(served, key, subresource, (current) => patchObject(served, current, type, body), context);
    },
    async deleteCollection(served, selection, request, context): Promise<readonly KubeObject[]> {
      const { items } = await reader.list(served, { ...selection, limit: undefined, continue: undefined });
      const removed: KubeObject[] = [];
      for (const { object } of items) {
        const key: ObjectKey = { namespace: object.metadata.namespace ?? "", name: object.metadata.name ?? "" };
        try {
          removed.push((await writer.remove(served, key, request, context)).object);
        } catch (error) {
          // Gone meanwhile is what was wanted.
          if (!isNotFound(error)) throw error;
        }
      }
      return removed;
    },
    scaleOf: toScale,
    async stop(): Promise<void> {
      await crdFinalizer.stop();
      registry.stop();
      await webhooks.stop();
    },
  };
}
