/** Read-your-writes: the client side. The rules are `object-store.ts`. */
import type {
  DeleteOptions,
  KubeClient,
  KubeObject,
  ObjectKey,
  PatchBody,
  RawRequest,
  RawResponse,
  Resource,
  Selectors,
  WriteOptions,
} from "@slipway/kube";
import { apiStatusOf, formatKey, isNotFound, keyOf } from "@slipway/kube";
import type { Clock } from "@slipway/std";
import { AppError, formatTimestamp, isAppError, isJsonObject } from "@slipway/std";
import { ForwardingClient } from "./forwarding-client.ts";
import type { Informer } from "./informer.ts";
import type { PendingWrite } from "./object-store.ts";
import { stripped } from "./strip.ts";

/**
 * A client after whose writes the informers' caches at once serve what was written, unless they are already newer.
 *
 *   answered                         the answer is laid over the cache
 *   in another version of the kind,  the object is read in the version that is cached, and laid over the cache before
 *   raw, or its answer was lost      the caller goes on
 *   deleteCollection, raw without    the kind is read anew before the caller goes on
 *   a name
 *
 * When that reading fails, or the caller is already gone, the cache counts as `behind`: no reconcile that watches the
 * kind begins before its state was read anew. Not covered: a request that reaches the server after that reading, as from
 * a proxy that holds it back; an update with a resourceVersion is then refused by the server.
 *
 * `processClock` limits the readings. Default: `clock`.
 */
export function trackWrites(
  client: KubeClient,
  informers: (resource: Resource) => Informer | undefined,
  clock: Clock,
  processClock: Clock = clock,
): KubeClient {
  return new TrackingClient(client, informers, clock, processClock);
}

/** For each reading after a write, milliseconds. */
const readLimitMs = 10_000;

class TrackingClient extends ForwardingClient {
  readonly #informers: (resource: Resource) => Informer | undefined;
  readonly #clock: Clock;
  readonly #processClock: Clock;

  constructor(inner: KubeClient, informers: (resource: Resource) => Informer | undefined, clock: Clock, processClock: Clock) {
    super(inner);
    this.#informers = informers;
    this.#clock = clock;
    this.#processClock = processClock;
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
      else await this.#failed(resource, key, pending, error, options?.signal);
      throw error;
    }
    const held = options?.propagationPolicy === "Foreground" || options?.propagationPolicy === "Orphan";
    pending?.deleted(formatTimestamp(this.#clock.now()), held);
  }

  override async deleteCollection(resource: Resource, options: Selectors & { readonly namespace?: string } & DeleteOptions): Promise<void> {
    try {
      await super.deleteCollection(resource, options);
    } catch (error) {
      if (options.dryRun !== true && mayHaveHappened(error, options.signal)) this.#informers(resource)?.invalidate();
      throw error;
    }
    if (options.dryRun !== true) await this.#readAnew(resource, options.signal);
  }

  override async raw(request: RawRequest): Promise<RawResponse> {
    const target = request.method === "GET" || request.method === "HEAD" ? undefined : targetOf(request.path);
    const informer = target === undefined ? undefined : this.#informers(target.resource);
    if (target === undefined || informer === undefined) return super.raw(request);
    const pending = this.#begin(informer.resource, target.key);
    try {
      const response = await super.raw(request);
      if (response.status >= 400 && response.status < 500) pending?.failed();
      else if (target.key !== undefined) await this.#readBack(informer, target.key, pending);
      else {
        pending?.failed();
        await this.#readAnew(informer.resource, request.signal);
      }
      return response;
    } catch (error) {
      await this.#failed(informer.resource, target.key, pending, error, request.signal);
      throw error;
    }
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
      if (informer !== undefined && pending !== undefined && informer.resource.version !== resource.version) {
        await this.#readBack(informer, key ?? keyOf(answer), pending);
        return answer;
      }
      const written =
        answer.kind === resource.kind ? answer : scaled(key === undefined ? undefined : informer?.store.get(formatKey(key)), answer);
      if (written === undefined) pending?.failed();
      else pending?.wrote(stripped(written));
      return answer;
    } catch (error) {
      await this.#failed(resource, key, pending, error, options?.signal);
      throw error;
    }
  }

  #begin(resource: Resource, key: ObjectKey | undefined): PendingWrite | undefined {
    return this.#informers(resource)?.store.beginWrite(key === undefined || resource.namespaced ? key : { namespace: "", name: key.name });
  }

  /** No answer, or none that says what became of the write. */
  async #failed(
    resource: Resource,
    key: ObjectKey | undefined,
    pending: PendingWrite | undefined,
    error: unknown,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const informer = this.#informers(resource);
    if (pending === undefined || informer === undefined) return;
    if (!mayHaveHappened(error, signal)) pending.failed();
    else if (key === undefined || signal?.aborted === true) {
      pending.failed();
      informer.invalidate();
    } else await this.#readBack(informer, key, pending);
  }

  async #readBack(informer: Informer, key: ObjectKey, pending: PendingWrite | undefined): Promise<void> {
    const limit = this.#limit(informer.resource, undefined);
    try {
      pending?.wrote(stripped(await super.get(informer.resource, key, { signal: limit.signal })));
    } catch (error) {
      if (isNotFound(error)) pending?.deleted(formatTimestamp(this.#clock.now()), false);
      else {
        pending?.failed();
        informer.invalidate();
      }
    } finally {
      limit.cancel();
    }
  }

  async #readAnew(resource: Resource, signal: AbortSignal | undefined): Promise<void> {
    const informer = this.#informers(resource);
    if (informer === undefined) return;
    const limit = this.#limit(resource, signal);
    try {
      await informer.refresh(limit.signal);
    } finally {
      limit.cancel();
    }
  }

  #limit(resource: Resource, signal: AbortSignal | undefined): { readonly signal: AbortSignal; cancel(): void } {
    const limit = new AbortController();
    const timer = this.#processClock.setTimer(readLimitMs, () =>
      limit.abort(new AppError("CACHE_BEHIND", `${resource.plural} could not be read within ${readLimitMs} ms after a write`)),
    );
    return {
      signal: signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal]),
      cancel: () => timer.cancel(),
    };
  }
}

/** False for what was refused before it was sent, and for refusals of the server. */
function mayHaveHappened(error: unknown, signal: AbortSignal | undefined): boolean {
  const code = apiStatusOf(error)?.code;
  if (code !== undefined) return code >= 500 && code !== 501 && code !== 503;
  return signal?.aborted === true || !isAppError(error) || error.code === "KUBE_TRANSPORT";
}

/** The kind and the object that a raw request writes to; `undefined` for paths that are no resource's. */
function targetOf(path: string): { readonly resource: Resource; readonly key: ObjectKey | undefined } | undefined {
  const parts = (path.split("?")[0] ?? "")
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent);
  const core = parts[0] === "api";
  if (!core && parts[0] !== "apis") return undefined;
  const [version = "", ...rest] = parts.slice(core ? 1 : 2);
  const namespace = rest[0] === "namespaces" && rest.length > 2 ? rest[1] : undefined;
  const [plural, name] = namespace === undefined ? rest : rest.slice(2);
  if (plural === undefined) return undefined;
  const resource: Resource = { group: core ? "" : (parts[1] ?? ""), version, kind: "", plural, namespaced: namespace !== undefined };
  return { resource, key: name === undefined ? undefined : { namespace: namespace ?? "", name } };
}

/** The answer of the `scale` sub-resource, as the object that it changed. */
function scaled(object: KubeObject | undefined, answer: KubeObject): KubeObject | undefined {
  const version = answer.metadata?.resourceVersion;
  if (object === undefined || answer.kind !== "Scale" || version === undefined || !isJsonObject(answer["spec"])) return undefined;
  const spec = { ...(object["spec"] as object), replicas: answer["spec"]["replicas"] };
  return { ...object, metadata: { ...object.metadata, resourceVersion: version }, spec };
}
