/**
 * The client contract without HTTP: the same checks, defaults, admission and conversions as a request over a socket.
 *
 * What `get`, `create`, `replace` and `patch` return is the caller's own copy. Lists and watch events share the store's
 * frozen objects: changing one throws.
 */
import type {
  DeleteOptions,
  GroupVersionKind,
  KubeClient,
  KubeList,
  KubeObject,
  ListOptions,
  ObjectKey,
  PatchBody,
  RawRequest,
  RawResponse,
  Resource,
  Selectors,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "@slipway/kube";
import { apiStatusOf, formatApiVersion } from "@slipway/kube";
import { cloneJson } from "@slipway/std";
import { realClock } from "@slipway/std/node";
import type { ApiCore } from "../server/api-core.ts";
import { noSuchResource, notServedYet } from "../server/api-errors.ts";
import type { DeleteRequest, WriteContext } from "../server/object-writer.ts";
import { applyRefusal } from "../server/patch-object.ts";
import type { RequestHandler } from "../server/request-handler.ts";
import type { ServedResource } from "../server/served-resource.ts";
import { bookmarkObject } from "../server/watch-response.ts";
import type { WatchStream } from "../server/watch-stream.ts";

export interface LocalClientTarget {
  readonly core: ApiCore;
  readonly handler: RequestHandler;
}

export function createLocalClient({ core, handler }: LocalClientTarget): KubeClient {
  const closing = new AbortController();
  const servedOf = (resource: Resource): ServedResource => {
    const served = core.registry.find(resource.group, resource.version, resource.plural);
    if (served === undefined) throw noSuchResource();
    return served;
  };
  const busy = async <T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> => {
    signal?.throwIfAborted();
    const done = core.activity?.begin();
    try {
      return await work();
    } finally {
      done?.();
    }
  };
  const scoped = (served: ServedResource, key: ObjectKey): ObjectKey => (served.namespaced ? key : { namespace: "", name: key.name });

  const client: KubeClient = {
    get<T extends KubeObject>(resource: Resource, key: ObjectKey, options?: { subresource?: string; signal?: AbortSignal }): Promise<T> {
      return busy(options?.signal, async () => {
        const served = servedOf(resource);
        const { object } = await core.reader.get(served, scoped(served, key));
        return (options?.subresource === "scale" ? core.scaleOf(served, object) : cloneJson(object)) as T;
      });
    },
    list<T extends KubeObject>(resource: Resource, options: ListOptions = {}): Promise<KubeList<T>> {
      return busy(options.signal, async () => {
        const served = servedOf(resource);
        const { signal: _, ...request } = options;
        const result = await core.reader.list(served, { ...request, namespace: served.namespaced ? options.namespace : undefined });
        return {
          apiVersion: formatApiVersion(served),
          kind: served.listKind,
          metadata: {
            resourceVersion: String(result.revision),
            ...(result.continue === undefined ? {} : { continue: result.continue }),
            ...(result.remaining === undefined ? {} : { remainingItemCount: result.remaining }),
          },
          items: result.items.map((item) => item.object as T),
        };
      });
    },
    create<T extends KubeObject>(resource: Resource, object: T, options: WriteOptions = {}): Promise<T> {
      return busy(options.signal, async () => {
        const served = servedOf(resource);
        const namespace = object.metadata.namespace ?? "";
        return cloneJson(await core.writer.create(served, namespace, object, contextOf(options))) as T;
      });
    },
    replace<T extends KubeObject>(resource: Resource, object: T, options: WriteOptions = {}): Promise<T> {
      return busy(options.signal, async () => {
        const served = servedOf(resource);
        const key = scoped(served, { namespace: object.metadata.namespace ?? "", name: object.metadata.name ?? "" });
        return cloneJson(await core.writer.update(served, key, options.subresource, () => object, contextOf(options))) as T;
      });
    },
    patch<T extends KubeObject>(resource: Resource, key: ObjectKey, patch: PatchBody, options: WriteOptions = {}): Promise<T> {
      return busy(options.signal, async () => {
        const served = servedOf(resource);
        const { type, body } = patch;
        if (type === "apply") throw notServedYet(applyRefusal);
        return cloneJson(await core.patch(served, scoped(served, key), options.subresource, { type, body }, contextOf(options))) as T;
      });
    },
    delete(resource: Resource, key: ObjectKey, options: DeleteOptions = {}): Promise<void> {
      return busy(options.signal, async () => {
        const served = servedOf(resource);
        await core.writer.remove(served, scoped(served, key), deleteRequestOf(options), contextOf(options));
      });
    },
    deleteCollection(resource: Resource, options: Selectors & { readonly namespace?: string } & DeleteOptions): Promise<void> {
      return busy(options.signal, async () => {
        const served = servedOf(resource);
        const { labelSelector, fieldSelector, namespace } = options;
        await core.deleteCollection(served, { namespace, labelSelector, fieldSelector }, deleteRequestOf(options), contextOf(options));
      });
    },
    watch: (resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent> => ({
      [Symbol.asyncIterator]: () => watchEvents(core, servedOf(resource), options, closing.signal),
    }),
    async raw(request: RawRequest): Promise<RawResponse> {
      const at = request.path.indexOf("?");
      const response = await handler({
        method: request.method,
        path: at < 0 ? request.path : request.path.slice(0, at),
        query: new URLSearchParams(at < 0 ? "" : request.path.slice(at + 1)),
        headers: Object.fromEntries(Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
        body: Buffer.from(request.body ?? ""),
        signal: AbortSignal.any([closing.signal, ...(request.signal === undefined ? [] : [request.signal])]),
      });
      let body = "";
      if (typeof response.body === "string") body = response.body;
      else if (response.body instanceof Uint8Array) body = Buffer.from(response.body).toString("utf8");
      else for await (const chunk of response.body) body += chunk;
      return { status: response.status, headers: response.headers, body };
    },
    resourceFor(gvk: GroupVersionKind): Promise<Resource | undefined> {
      const served = core.registry.findKind(gvk.group, gvk.version, gvk.kind);
      if (served === undefined) return Promise.resolve(undefined);
      const { group, version, kind, plural, namespaced } = served;
      return Promise.resolve({ group, version, kind, plural, namespaced });
    },
    close(): Promise<void> {
      closing.abort(new DOMException("the client is closed", "AbortError"));
      return Promise.resolve();
    },
  };
  return client;
}

function contextOf(options: WriteOptions): WriteContext {
  return {
    dryRun: options.dryRun === true,
    fieldManager: options.fieldManager ?? "",
    fieldValidation: options.fieldValidation ?? "Warn",
    duplicates: [],
    warnings: [],
  };
}

function deleteRequestOf(options: DeleteOptions): DeleteRequest {
  return {
    propagationPolicy: options.propagationPolicy,
    gracePeriodSeconds: options.gracePeriodSeconds,
    uid: options.preconditions?.uid,
    resourceVersion: options.preconditions?.resourceVersion,
  };
}

async function* watchEvents(
  core: ApiCore,
  served: ServedResource,
  options: WatchOptions,
  closing: AbortSignal,
): AsyncGenerator<WatchEvent, void> {
  const { signal, timeoutSeconds, allowBookmarks, ...request } = options;
  if (signal.aborted || closing.aborted) return;
  let stream: WatchStream;
  try {
    stream = core.reader.watch(
      served,
      { ...request, namespace: served.namespaced ? options.namespace : undefined, allowBookmarks },
      core.activity === undefined ? undefined : () => core.activity?.begin() ?? ((): void => {}),
    );
  } catch (error) {
    const status = apiStatusOf(error);
    if (status?.code !== 410) throw error;
    yield { type: "ERROR", object: status };
    return;
  }
  const end = (): void => stream.end();
  signal.addEventListener("abort", end, { once: true });
  closing.addEventListener("abort", end, { once: true });
  const timeout = timeoutSeconds === undefined || timeoutSeconds === 0 ? undefined : realClock.setTimer(timeoutSeconds * 1000, end);
  try {
    for (;;) {
      const item = await stream.next();
      // Whoever aborted does not want what is still queued.
      if (item === undefined || signal.aborted || closing.aborted) return;
      if (item.type === "BOOKMARK") yield { type: "BOOKMARK", object: bookmarkObject(served, item) };
      else yield { type: item.type, object: (await core.reader.present(served, [item.entry]))[0]?.object ?? item.entry.object };
    }
  } finally {
    timeout?.cancel();
    signal.removeEventListener("abort", end);
    closing.removeEventListener("abort", end);
    stream.end();
  }
}
