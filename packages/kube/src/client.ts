import type { GroupVersionKind, KubeList, KubeObject, ObjectKey, Resource } from "./object.ts";
import type { KubeStatus } from "./status.ts";

/** `*` verbs' common options. */
export interface WriteOptions {
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
  /** `status`, `scale`, ...; default the object itself. */
  readonly subresource?: string;
  /** Default `Warn` on the server. */
  readonly fieldValidation?: "Ignore" | "Warn" | "Strict";
  readonly signal?: AbortSignal;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
}

export interface Selectors {
  /** Kubernetes label selector text, e.g. `app=web,tier in (a,b)`. */
  readonly labelSelector?: string;
  /** e.g. `metadata.name=x`. */
  readonly fieldSelector?: string;
}

export interface ListOptions extends Selectors, ReadOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
}

export interface WatchOptions extends Selectors {
  readonly namespace?: string;
  readonly resourceVersion?: string;
  readonly allowBookmarks?: boolean;
  /** Streams the present state as ADDED events first, closed by a bookmark annotated `k8s.io/initial-events-end`. */
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
  readonly signal: AbortSignal;
}

export type WatchEvent =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: KubeObject }
  | { readonly type: "BOOKMARK"; readonly object: KubeObject }
  | { readonly type: "ERROR"; readonly object: KubeStatus };

export type PatchBody =
  | { readonly type: "json"; readonly body: readonly object[] }
  | { readonly type: "merge" | "strategic"; readonly body: object }
  /** Server-side apply; needs `fieldManager`. */
  | { readonly type: "apply"; readonly body: object; readonly force?: boolean };

export interface DeleteOptions {
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * The one client of the product: the same for a real cluster, for the sandbox over HTTP and in process.
 *
 * Every method throws an `AppError`: `KUBE_API` with the server's Status (see `apiStatusOf`), or `KUBE_TRANSPORT` when
 * no answer came. Nothing is retried inside except what is safe: 429 and 503 with Retry-After on reads.
 */
export interface KubeClient {
  get<T extends KubeObject = KubeObject>(
    resource: Resource,
    key: ObjectKey,
    options?: ReadOptions & { readonly subresource?: string },
  ): Promise<T>;
  list<T extends KubeObject = KubeObject>(resource: Resource, options?: ListOptions): Promise<KubeList<T>>;
  create<T extends KubeObject = KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T>;
  /** PUT; the object's `metadata.resourceVersion`, when present, must be current (409 otherwise). */
  replace<T extends KubeObject = KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject = KubeObject>(resource: Resource, key: ObjectKey, patch: PatchBody, options?: WriteOptions): Promise<T>;
  /** Resolves with what the server answered: the object (when deletion is pending) or a Status. */
  delete(resource: Resource, key: ObjectKey, options?: DeleteOptions): Promise<void>;
  deleteCollection(resource: Resource, options: Selectors & { readonly namespace?: string } & DeleteOptions): Promise<void>;
  /**
   * Events until the server closes the stream (the iterator ends), the signal aborts (it ends too) or the connection
   * fails (it throws). An expired resourceVersion comes as a thrown 410 or as an ERROR event.
   */
  watch(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent>;
  /** A raw request, for what has no verb here: `/version`, logs, reviews. `path` starts with `/`. */
  raw(request: RawRequest): Promise<RawResponse>;
  /** Looks a kind up in discovery (cached, refreshed once on a miss); `undefined` when the server does not serve it. */
  resourceFor(gvk: GroupVersionKind, options?: ReadOptions): Promise<Resource | undefined>;
  /** Closes pooled connections; watches in progress end. */
  close(): Promise<void>;
}

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
