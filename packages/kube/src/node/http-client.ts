/**
 * The KubeClient over HTTP.
 *
 * Reads (get, list, the opening of a watch, discovery) that the server refuses with 429 or 503 and a Retry-After are
 * repeated, `readRetries` times at most; every other failure is the caller's to retry. `activity` counts each attempt of
 * a request that is not a watch, but not the waits between attempts: those pass on the Clock. How many requests are at
 * the server at once follows its 429s (`adaptive-limit.ts`).
 */
import { invariant, isAppError } from "@slipway/std";
import type { Clock, Tracer } from "@slipway/std";
import type { Activity } from "@slipway/std/node";
import { realClock } from "@slipway/std/node";
import type {
  DeleteOptions,
  KubeClient,
  ListOptions,
  PatchBody,
  RawRequest,
  RawResponse,
  ReadOptions,
  Selectors,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "../client.ts";
import type { GroupVersionKind, KubeList, KubeObject, ObjectKey, Resource } from "../object.ts";
import { formatApiVersion, formatKey } from "../object.ts";
import { resourcePath } from "../resource-path.ts";
import type { KubeStatus } from "../status.ts";
import { apiError } from "../status.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { createAdaptiveLimit } from "./adaptive-limit.ts";
import { createDiscovery } from "./discovery.ts";
import type { Transport, TransportRequest, TransportResponse } from "./http-transport.ts";
import { createTransport, transportError } from "./http-transport.ts";
import { tracedRequest } from "./traced-request.ts";
import { parseWarnings } from "./warnings.ts";
import { parseWatchEvent, readLines } from "./watch-stream.ts";

export interface HttpClientOptions {
  /** For waits between retries. Default: real time. */
  readonly clock?: Clock;
  /** Told of every request in flight but watches, so that a stepped clock can wait for them. */
  readonly activity?: Activity;
  /** Records requests that are made within a span, watches apart, and sends them with `traceparent`. Default: none. */
  readonly tracer?: Tracer;
  /** Default `slipway`. */
  readonly userAgent?: string;
  /** Connections for everything but watches, and the most requests at once; 429s lower that for a while. Default 32. */
  readonly maxConnections?: number;
  /** How often a read refused with Retry-After is repeated. Default 4. */
  readonly readRetries?: number;
  /** Longest Retry-After that is waited for, milliseconds; a longer one is the caller's to wait. Default 30_000. */
  readonly maxRetryAfterMs?: number;
  /** Longest wait for the head of an answer, milliseconds. Default 60_000. */
  readonly headersTimeoutMs?: number;
  /**
   * Called for each warning of the server (deprecated version, unknown field, what an admission webhook has to say),
   * which kubectl prints as `Warning: ...`. Default: dropped.
   */
  readonly onWarning?: (text: string) => void;
  /** Longest watch event, bytes. Default 16 MiB (etcd holds 1.5 MiB an object by default). */
  readonly maxWatchLineBytes?: number;
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

const patchContentTypes: Readonly<Record<PatchBody["type"], string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

export function createHttpClient(config: ClusterConfig, options: HttpClientOptions = {}): KubeClient {
  const clock = options.clock ?? realClock;
  const transport: Transport = createTransport(config, {
    userAgent: options.userAgent ?? "slipway",
    maxConnections: options.maxConnections ?? 32,
    headersTimeoutMs: options.headersTimeoutMs ?? 60_000,
  });
  const { tracer } = options;
  const server = new URL(config.server);
  const dispatch =
    tracer === undefined ? transport.send : (request: TransportRequest) => tracedRequest(tracer, server, request, transport.send);
  const limit = createAdaptiveLimit({ clock, most: options.maxConnections ?? 32, maxHoldMs: options.maxRetryAfterMs ?? 30_000 });
  const discovery = createDiscovery(async (path, accept, signal) => {
    const response = await sendRead({ method: "GET", path, headers: { accept }, ...(signal === undefined ? {} : { signal }) });
    if (response.status === 404) return undefined;
    return parseAnswer("GET", path, response);
  });

  function send(request: TransportRequest): Promise<TransportResponse> {
    return limit.run(request.path, request.signal, () => sendNow(request));
  }

  async function sendNow(request: TransportRequest): Promise<TransportResponse> {
    const end = options.activity?.begin();
    try {
      const response = await dispatch(request);
      if (options.onWarning !== undefined) parseWarnings(response.headers["warning"]).forEach(options.onWarning);
      return response;
    } finally {
      end?.();
    }
  }

  async function sendRead(request: TransportRequest): Promise<TransportResponse> {
    for (let attempt = 0; ; attempt++) {
      const response = await send(request);
      const waitMs = retryAfterMs(response);
      if (!mayRetry(attempt, waitMs)) return response;
      await clock.sleep(waitMs, request.signal ?? new AbortController().signal);
    }
  }

  function mayRetry(attempt: number, waitMs: number | undefined): waitMs is number {
    return waitMs !== undefined && attempt < (options.readRetries ?? 4) && waitMs <= (options.maxRetryAfterMs ?? 30_000);
  }

  async function read(path: string, signal: AbortSignal | undefined): Promise<unknown> {
    return parseAnswer("GET", path, await sendRead({ method: "GET", path, ...(signal === undefined ? {} : { signal }) }));
  }

  async function write(
    method: string,
    path: string,
    body: object | undefined,
    contentType: string,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const response = await send({
      method,
      path,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": contentType } }),
      ...(signal === undefined ? {} : { signal }),
    });
    return parseAnswer(method, path, response);
  }

  async function* watch(resource: Resource, watchOptions: WatchOptions): AsyncGenerator<WatchEvent> {
    const { signal } = watchOptions;
    const path = withQuery(resourcePath(resource, { namespace: watchOptions.namespace ?? "" }), {
      watch: true,
      labelSelector: watchOptions.labelSelector,
      fieldSelector: watchOptions.fieldSelector,
      resourceVersion: watchOptions.resourceVersion,
      allowWatchBookmarks: watchOptions.allowBookmarks,
      sendInitialEvents: watchOptions.sendInitialEvents,
      // The server demands it with sendInitialEvents.
      resourceVersionMatch: watchOptions.sendInitialEvents === undefined ? undefined : "NotOlderThan",
      timeoutSeconds: watchOptions.timeoutSeconds,
    });
    try {
      for (let attempt = 0; ; attempt++) {
        const { status, headers, body } = await transport.stream({ method: "GET", path, signal });
        try {
          if (status === 200) {
            for await (const line of readLines(body, options.maxWatchLineBytes ?? 16 * 1024 * 1024)) {
              yield parseWatchEvent(line);
            }
            return;
          }
          const chunks: Uint8Array[] = [];
          for await (const chunk of body) chunks.push(chunk as Uint8Array);
          const response: TransportResponse = { status, headers, body: Buffer.concat(chunks).toString("utf8") };
          const waitMs = retryAfterMs(response);
          if (!mayRetry(attempt, waitMs)) throw apiError(statusOf("GET", path, response));
          await clock.sleep(waitMs, signal);
        } finally {
          body.destroy();
        }
      }
    } catch (error) {
      if (signal.aborted || closing) return;
      throw isAppError(error) ? error : transportError({ method: "WATCH", path }, undefined, error);
    }
  }

  let closing = false;
  return {
    async get<T extends KubeObject>(resource: Resource, key: ObjectKey, getOptions: ReadOptions & { readonly subresource?: string } = {}) {
      return (await read(objectPath(resource, key, getOptions.subresource), getOptions.signal)) as T;
    },

    async list<T extends KubeObject>(resource: Resource, listOptions: ListOptions = {}) {
      const path = withQuery(resourcePath(resource, { namespace: listOptions.namespace ?? "" }), {
        labelSelector: listOptions.labelSelector,
        fieldSelector: listOptions.fieldSelector,
        limit: listOptions.limit,
        continue: listOptions.continue,
        resourceVersion: listOptions.resourceVersion,
      });
      const list = (await read(path, listOptions.signal)) as Omit<KubeList<T>, "items"> & { items?: T[] | null };
      // Lists of built-in kinds leave type and kind of each item out, and an empty list may be null.
      const items = (list.items ?? []).map((item) =>
        (item.kind as string | undefined) === undefined ? { ...item, apiVersion: formatApiVersion(resource), kind: resource.kind } : item,
      );
      return { ...list, items };
    },

    async create<T extends KubeObject>(resource: Resource, object: T, writeOptions: WriteOptions = {}) {
      const namespace = object.metadata.namespace ?? "";
      invariant(!resource.namespaced || namespace !== "", `create ${resource.kind} ${object.metadata.name ?? ""}: a namespace is needed`);
      const { subresource } = writeOptions;
      const path = resourcePath(resource, {
        namespace,
        ...(subresource === undefined ? {} : { name: object.metadata.name ?? "", subresource }),
      });
      return (await write("POST", withQuery(path, writeQuery(writeOptions)), object, "application/json", writeOptions.signal)) as T;
    },

    async replace<T extends KubeObject>(resource: Resource, object: T, writeOptions: WriteOptions = {}) {
      const key = { namespace: object.metadata.namespace ?? "", name: object.metadata.name ?? "" };
      const path = withQuery(objectPath(resource, key, writeOptions.subresource), writeQuery(writeOptions));
      return (await write("PUT", path, object, "application/json", writeOptions.signal)) as T;
    },

    async patch<T extends KubeObject>(resource: Resource, key: ObjectKey, patch: PatchBody, writeOptions: WriteOptions = {}) {
      const query = { ...writeQuery(writeOptions), force: patch.type === "apply" && patch.force === true ? true : undefined };
      const path = withQuery(objectPath(resource, key, writeOptions.subresource), query);
      return (await write("PATCH", path, patch.body, patchContentTypes[patch.type], writeOptions.signal)) as T;
    },

    async delete(resource: Resource, key: ObjectKey, deleteOptions: DeleteOptions = {}) {
      await write("DELETE", objectPath(resource, key, undefined), deleteBody(deleteOptions), "application/json", deleteOptions.signal);
    },

    async deleteCollection(resource: Resource, deleteOptions: Selectors & { readonly namespace?: string } & DeleteOptions) {
      const path = withQuery(resourcePath(resource, { namespace: deleteOptions.namespace ?? "" }), {
        labelSelector: deleteOptions.labelSelector,
        fieldSelector: deleteOptions.fieldSelector,
      });
      await write("DELETE", path, deleteBody(deleteOptions), "application/json", deleteOptions.signal);
    },

    watch,

    async raw(request: RawRequest): Promise<RawResponse> {
      return send(request);
    },

    resourceFor(gvk: GroupVersionKind, readOptions: ReadOptions = {}) {
      return discovery.resourceFor(gvk, readOptions.signal);
    },

    async close() {
      closing = true;
      await transport.close();
    },
  };
}

function objectPath(resource: Resource, key: ObjectKey, subresource: string | undefined): string {
  invariant(key.name !== "", `${resource.kind}: a name is needed`);
  invariant(!resource.namespaced || key.namespace !== "", `${resource.kind} ${formatKey(key)}: a namespace is needed`);
  return resourcePath(resource, { namespace: key.namespace, name: key.name, ...(subresource === undefined ? {} : { subresource }) });
}

function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === "" ? path : `${path}?${text}`;
}

function writeQuery(options: WriteOptions): Query {
  return {
    fieldManager: options.fieldManager,
    dryRun: options.dryRun === true ? "All" : undefined,
    fieldValidation: options.fieldValidation,
  };
}

function deleteBody(options: DeleteOptions): object {
  return {
    apiVersion: "v1",
    kind: "DeleteOptions",
    ...(options.propagationPolicy === undefined ? {} : { propagationPolicy: options.propagationPolicy }),
    ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(options.preconditions === undefined ? {} : { preconditions: options.preconditions }),
    ...(options.dryRun === true ? { dryRun: ["All"] } : {}),
  };
}

function parseAnswer(method: string, path: string, response: TransportResponse): unknown {
  if (response.status < 200 || response.status > 299) throw apiError(statusOf(method, path, response));
  try {
    return JSON.parse(response.body) as unknown;
  } catch (cause) {
    throw transportError({ method, path }, undefined, new Error("the answer is not JSON", { cause }));
  }
}

/** The server's Status, or one made up for an answer that is none: a proxy's error page, an empty body. */
function statusOf(method: string, path: string, response: TransportResponse): KubeStatus {
  const retryAfterSeconds = Number(response.headers["retry-after"]);
  const details = Number.isFinite(retryAfterSeconds) && retryAfterSeconds > 0 ? { retryAfterSeconds } : undefined;
  let body: KubeStatus | undefined;
  try {
    body = JSON.parse(response.body) as KubeStatus;
  } catch {
    // Not a Status: described below.
  }
  if (body?.kind === "Status") {
    return { ...body, code: body.code ?? response.status, ...(details === undefined ? {} : { details: { ...details, ...body.details } }) };
  }
  const excerpt = response.body.trim().slice(0, 200);
  return {
    kind: "Status",
    apiVersion: "v1",
    status: "Failure",
    code: response.status,
    message: `${method} ${path.split("?")[0] ?? path}: the server answered ${response.status}${excerpt === "" ? "" : `: ${excerpt}`}`,
    ...(details === undefined ? {} : { details }),
  };
}

function retryAfterMs(response: TransportResponse): number | undefined {
  if (response.status !== 429 && response.status !== 503) return undefined;
  const seconds = response.headers["retry-after"];
  return seconds !== undefined && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}
