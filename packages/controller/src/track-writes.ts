/** Read-your-writes: the client side. The rules are `object-store.ts`. */
import type { DeleteOptions, KubeClient, KubeObject, ObjectKey, PatchBody, Resource, WriteOptions } from "@slipway/kube";
import { formatKey, isNotFound } from "@slipway/kube";
import type { Clock } from "@slipway/std";
import { formatTimestamp, isJsonObject } from "@slipway/std";
import { ForwardingClient } from "./forwarding-client.ts";
import type { Informer } from "./informer.ts";
import type { PendingWrite } from "./object-store.ts";
import { stripped } from "./strip.ts";

/**
 * A client after whose writes the informers' caches at once serve what was written, unless they are already newer.
 * Holds for writes in the version of the kind that is cached; `deleteCollection` and `raw` are not tracked.
 */
export function trackWrites(client: KubeClient, informers: (resource: Resource) => Informer | undefined, clock: Clock): KubeClient {
  return new TrackingClient(client, informers, clock);
}

class TrackingClient extends ForwardingClient {
  readonly #informers: (resource: Resource) => Informer | undefined;
  readonly #clock: Clock;

  constructor(inner: KubeClient, informers: (resource: Resource) => Informer | undefined, clock: Clock) {
    super(inner);
    this.#informers = informers;
    this.#clock = clock;
  }

  override create<T extends KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T> {
    const { name, namespace } = object.metadata;
    const key = name === undefined ? undefined : { namespace: namespace ?? "", name };
    return this.#tracked(resource, key, options, super.create<T>(resource, object, options));
  }

  override replace<T extends KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T> {
    const key = { namespace: object.metadata.namespace ?? "", name: object.metadata.name ?? "" };
    return this.#tracked(resource, key, options, super.replace<T>(resource, object, options));
  }

  override patch<T extends KubeObject>(resource: Resource, key: ObjectKey, patch: PatchBody, options?: WriteOptions): Promise<T> {
    return this.#tracked(resource, key, options, super.patch<T>(resource, key, patch, options));
  }

  override async delete(resource: Resource, key: ObjectKey, options?: DeleteOptions): Promise<void> {
    const pending = options?.dryRun === true ? undefined : this.#begin(resource, key);
    try {
      await super.delete(resource, key, options);
    } catch (error) {
      // Gone already: for the cache that is the same as deleted by us.
      if (isNotFound(error)) pending?.deleted(formatTimestamp(this.#clock.now()), false);
      else pending?.failed();
      throw error;
    }
    const held = options?.propagationPolicy === "Foreground" || options?.propagationPolicy === "Orphan";
    pending?.deleted(formatTimestamp(this.#clock.now()), held);
  }

  async #tracked<T extends KubeObject>(
    resource: Resource,
    key: ObjectKey | undefined,
    options: WriteOptions | undefined,
    request: Promise<T>,
  ): Promise<T> {
    const informer = this.#informers(resource);
    const pending = options?.dryRun === true ? undefined : this.#begin(resource, key);
    try {
      const answer = await request;
      const written =
        answer.kind === resource.kind ? answer : scaled(key === undefined ? undefined : informer?.store.get(formatKey(key)), answer);
      if (written === undefined) pending?.failed();
      else pending?.wrote(stripped(written));
      return answer;
    } catch (error) {
      pending?.failed();
      throw error;
    }
  }

  #begin(resource: Resource, key: ObjectKey | undefined): PendingWrite | undefined {
    const informer = this.#informers(resource);
    if (informer === undefined || informer.resource.version !== resource.version) return undefined;
    return informer.store.beginWrite(key === undefined || resource.namespaced ? key : { namespace: "", name: key.name });
  }
}

/** The answer of the `scale` sub-resource, as the object that it changed. */
function scaled(object: KubeObject | undefined, answer: KubeObject): KubeObject | undefined {
  const version = answer.metadata?.resourceVersion;
  if (object === undefined || answer.kind !== "Scale" || version === undefined || !isJsonObject(answer["spec"])) return undefined;
  const spec = { ...(object["spec"] as object), replicas: answer["spec"]["replicas"] };
  return { ...object, metadata: { ...object.metadata, resourceVersion: version }, spec };
}
