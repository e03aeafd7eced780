/**
 * An in-memory KubeClient for unit tests of reconcilers: one API server's rules, no HTTP.
 *
 * Implemented: resourceVersion and conflict (409), AlreadyExists, NotFound, generateName, generation on a change outside
 * metadata and status, status-subresource isolation in both directions, no-op writes keep the resourceVersion,
 * finalizers, deletion of dependents by ownerReferences, label and field selectors, JSON, merge and strategic
 * patches (apply counts as merge, and creates), paging, watch by resourceVersion with replay, bookmarks, compaction (410),
 * kinds that are not served (404), faults before or after a request took effect.
 * Not implemented: schemas, defaulting, admission, apply ownership, conversion (an object is answered in the version
 * it is asked for, unchanged). The sandbox has those.
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
import {
  apiError,
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  formatApiVersion,
  formatKey,
  matchesFields,
  matchesLabels,
  parseApiVersion,
  parseFieldSelector,
  parseLabelSelector,
  patchSchemaFor,
  resources,
} from "@slipway/kube";
import { cloneJson, deepEqual, errorMessage, formatTimestamp, isAppError } from "@slipway/std";

export interface FakeRequest {
  readonly verb: "get" | "list" | "watch" | "create" | "replace" | "patch" | "delete";
  readonly resource: Resource;
  readonly key: ObjectKey;
  readonly subresource?: string;
  /** The object of a create or replace, the body of a patch. */
  readonly body?: unknown;
}

export interface FakeClientOptions {
  /** For creationTimestamp and deletionTimestamp. Default: stands at 2026-01-01T00:00:00Z. */
  readonly clock?: { now(): number };
  /** Custom kinds for `resourceFor`; the built-in ones are known. A kind never named here can still be used. */
  readonly resources?: readonly Resource[];
  /** Delete dependents with their last owner, as the garbage collector would, but at once. Default true. */
  readonly cascade?: boolean;
  /** Answers `raw`; default 404. */
  readonly raw?: (request: RawRequest) => Promise<RawResponse>;
}

export interface FakeClient extends KubeClient {
  /** Every write that took effect, in order (dry runs and refused writes are not in it). */
  readonly writes: readonly FakeRequest[];
  /** Every list and watch, in order. */
  readonly reads: readonly FakeRequest[];
  /** Open watch streams. */
  readonly watchCount: number;
  /** The state of the world, for assertions: copies, sorted by namespace and name. */
  objects<T extends KubeObject = KubeObject>(resource: Resource, namespace?: string): T[];
  /** Runs before each request; throw (for example `apiError(...)`) to let it fail with no effect. */
  before(hook: ((request: FakeRequest) => void | Promise<void>) | undefined): void;
  /** Runs after a request took effect; throw to lose the answer. */
  after(hook: ((request: FakeRequest) => void | Promise<void>) | undefined): void;
  /** Stops or resumes serving a kind: requests for it answer 404. */
  serve(resource: Resource, served: boolean): void;
  /** Sends a bookmark to every open watch that asked for them. */
  bookmark(): void;
  /** Forgets history: an older resourceVersion answers 410 to a watch. */
  compact(): void;
  /** Ends every open watch: as the server would (no error), or by throwing `error`. */
  endWatches(error?: Error): void;
}

interface Change {
  readonly version: number;
  readonly group: string;
  readonly plural: string;
  readonly object: KubeObject;
  /** Before the change; absent for a creation. */
  readonly old: KubeObject | undefined;
  readonly deleted: boolean;
}

interface Stream {
  readonly wantsBookmarks: boolean;
  ended: boolean;
  error: Error | undefined;
  bookmarks: number;
  wake: () => void;
}

export function createFakeClient(initial: readonly KubeObject[] = [], options: FakeClientOptions = {}): FakeClient {
  return new InMemoryCluster(initial, options);
}

const epochMs = 1_767_225_600_000;

class InMemoryCluster implements FakeClient {
  readonly writes: FakeRequest[] = [];
  readonly reads: FakeRequest[] = [];
  readonly #options: FakeClientOptions;
  readonly #known: Resource[];
  /** `group/plural` → `namespace/name` → object. Stored objects are never changed in place. */
  readonly #stores = new Map<string, Map<string, KubeObject>>();
  readonly #unserved = new Set<string>();
  readonly #streams = new Set<Stream>();
  readonly #changes: Change[] = [];
  #version = 0;
  #compactedAt = 0;
  #uids = 0;
  #before: ((request: FakeRequest) => void | Promise<void>) | undefined;
  #after: ((request: FakeRequest) => void | Promise<void>) | undefined;

  constructor(initial: readonly KubeObject[], options: FakeClientOptions) {
    this.#options = options;
    this.#known = [...Object.values(resources), ...(options.resources ?? [])];
    for (const object of initial) {
      const resource = this.#resourceOfObject(object);
      const seeded = cloneJson(object);
      this.#stamp(resource, seeded);
      this.#put(resource, seeded, undefined);
    }
  }

  get watchCount(): number {
    return this.#streams.size;
  }

  objects<T extends KubeObject = KubeObject>(resource: Resource, namespace?: string): T[] {
    return [...this.#store(resource).values()]
      .filter((object) => namespace === undefined || object.metadata.namespace === namespace)
      .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
      .map((object) => answered<T>(resource, object));
  }

  before(hook: ((request: FakeRequest) => void | Promise<void>) | undefined): void {
    this.#before = hook;
  }

  after(hook: ((request: FakeRequest) => void | Promise<void>) | undefined): void {
    this.#after = hook;
  }

  serve(resource: Resource, served: boolean): void {
    if (served) this.#unserved.delete(storeKey(resource));
    else this.#unserved.add(storeKey(resource));
  }

  bookmark(): void {
    for (const stream of this.#streams) {
      stream.bookmarks++;
      stream.wake();
    }
  }

  compact(): void {
    // Open watches go on, as they do on a server: the changes stay, only starting from before them is refused.
    this.#compactedAt = this.#version;
  }

  endWatches(error?: Error): void {
    for (const stream of this.#streams) {
      stream.ended = true;
      stream.error = error;
      stream.wake();
    }
  }

  async get<T extends KubeObject = KubeObject>(
    resource: Resource,
    key: ObjectKey,
    options?: { readonly subresource?: string; readonly signal?: AbortSignal },
  ): Promise<T> {
    options?.signal?.throwIfAborted();
    await this.#begin({ verb: "get", resource, key });
    return answered<T>(resource, this.#existing(resource, key));
  }

  async list<T extends KubeObject = KubeObject>(resource: Resource, options: ListOptions = {}): Promise<KubeList<T>> {
    options.signal?.throwIfAborted();
    const request: FakeRequest = { verb: "list", resource, key: { namespace: options.namespace ?? "", name: "" } };
    this.reads.push(request);
    await this.#begin(request);
    const all = this.objects<T>(resource, options.namespace).filter((object) => selects(options, object));
    // Continue tokens carry the list's resourceVersion and the offset; a compaction in between expires them.
    const [tokenVersion, offset] = (options.continue ?? `${this.#version}:0`).split(":").map(Number) as [number, number];
    if (tokenVersion < this.#compactedAt) throw gone();
    const end = options.limit === undefined ? all.length : offset + options.limit;
    const metadata: KubeList<T>["metadata"] = { resourceVersion: String(tokenVersion) };
    if (end < all.length) Object.assign(metadata, { continue: `${tokenVersion}:${end}`, remainingItemCount: all.length - end });
    return { apiVersion: formatApiVersion(resource), kind: `${resource.kind}List`, metadata, items: all.slice(offset, end) };
  }

  async create<T extends KubeObject = KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T> {
    const body: KubeObject = cloneJson(object);
    body.metadata.name ??= `${body.metadata.generateName ?? ""}${(this.#uids + 1).toString(36).padStart(5, "0")}`;
    if (!resource.namespaced) delete body.metadata.namespace;
    const key = { namespace: body.metadata.namespace ?? "", name: body.metadata.name };
    const request: FakeRequest = { verb: "create", resource, key, body: object };
    await this.#begin(request, options);
    if (this.#store(resource).has(formatKey(key))) throw alreadyExists(resource, key);
    if (resource.group !== rbacGroup && !subdomain.test(key.name)) throw invalidName(key.name);
    if (resource.namespaced && key.namespace === "") throw badRequest("an empty namespace may not be set during creation");
    delete body["status"];
    for (const field of ["uid", "creationTimestamp", "generation", "deletionTimestamp"] as const) delete body.metadata[field];
    this.#stamp(resource, body);
    return this.#commit<T>(request, body, undefined, options);
  }

  async replace<T extends KubeObject = KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T> {
    const key = { namespace: object.metadata.namespace ?? "", name: object.metadata.name ?? "" };
    const request = writeRequest("replace", resource, key, object, options);
    await this.#begin(request, options);
    return this.#update<T>(request, this.#existing(resource, key), cloneJson(object), options);
  }

  async patch<T extends KubeObject = KubeObject>(resource: Resource, key: ObjectKey, patch: PatchBody, options?: WriteOptions): Promise<T> {
    const request = writeRequest("patch", resource, key, patch, options);
    await this.#begin(request, options);
    const old = this.#store(resource).get(formatKey(key));
    if (old === undefined && patch.type === "apply") {
      const body = cloneJson(patch.body) as KubeObject;
      delete body["status"];
      this.#stamp(resource, body);
      return this.#commit<T>(request, body, undefined, options);
    }
    const current = this.#existing(resource, key);
    return this.#update<T>(request, current, patched(resource, current, patch), options);
  }

  async delete(resource: Resource, key: ObjectKey, options: DeleteOptions = {}): Promise<void> {
    const request: FakeRequest = { verb: "delete", resource, key };
    await this.#begin(request, options);
    const current = this.#existing(resource, key);
    const { uid, resourceVersion } = options.preconditions ?? {};
    if (uid !== undefined && uid !== current.metadata.uid) throw conflict(resource, key, "the UID in the precondition does not match");
    if (resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion)
      throw conflict(resource, key, "the ResourceVersion in the precondition does not match");
    if (options.dryRun === true) return;
    this.writes.push(request);
    this.#delete(resource, current, options.propagationPolicy !== "Orphan");
    await this.#after?.(request);
  }

  async deleteCollection(resource: Resource, options: Selectors & { readonly namespace?: string } & DeleteOptions): Promise<void> {
    for (const object of this.objects(resource, options.namespace)) {
      const key = { namespace: object.metadata.namespace ?? "", name: object.metadata.name ?? "" };
      if (selects(options, object)) await this.delete(resource, key, options);
    }
  }

  async *watch(resource: Resource, options: WatchOptions): AsyncGenerator<WatchEvent> {
    const request: FakeRequest = { verb: "watch", resource, key: { namespace: options.namespace ?? "", name: "" } };
    this.reads.push(request);
    await this.#begin(request);
    const stream: Stream = {
      wantsBookmarks: options.allowBookmarks === true,
      ended: false,
      error: undefined,
      bookmarks: 0,
      wake: () => {},
    };
    const wakeUp = (): void => stream.wake();
    this.#streams.add(stream);
    options.signal.addEventListener("abort", wakeUp);
    try {
      let sent = options.resourceVersion === undefined || options.resourceVersion === "0" ? -1 : Number(options.resourceVersion);
      if (sent < 0 || options.sendInitialEvents === true) {
        sent = this.#version;
        for (const object of this.objects(resource, options.namespace)) if (selects(options, object)) yield { type: "ADDED", object };
        if (options.sendInitialEvents === true) yield bookmarkEvent(resource, sent, true);
      }
      if (sent < this.#compactedAt) throw gone();
      while (!options.signal.aborted) {
        for (const change of this.#changes.filter((candidate) => candidate.version > sent)) {
          const event = eventFor(change, resource, options);
          sent = change.version;
          if (event !== undefined) yield event;
          if (options.signal.aborted) return;
        }
        if (stream.ended) {
          if (stream.error !== undefined) throw stream.error;
          return;
        }
        if (stream.bookmarks > 0) {
          stream.bookmarks = 0;
          if (stream.wantsBookmarks) yield bookmarkEvent(resource, this.#version, false);
          continue;
        }
        if (this.#changes.some((change) => change.version > sent)) continue;
        await new Promise<void>((resolve) => {
          stream.wake = resolve;
          if (options.signal.aborted || stream.ended) resolve();
        });
      }
    } finally {
      options.signal.removeEventListener("abort", wakeUp);
      this.#streams.delete(stream);
    }
  }

  async raw(request: RawRequest): Promise<RawResponse> {
    if (this.#options.raw !== undefined) return this.#options.raw(request);
    return { status: 404, headers: {}, body: "404 page not found" };
  }

  resourceFor(gvk: GroupVersionKind): Promise<Resource | undefined> {
    const found = this.#known.find((known) => known.group === gvk.group && known.version === gvk.version && known.kind === gvk.kind);
    return Promise.resolve(found !== undefined && !this.#unserved.has(storeKey(found)) ? found : undefined);
  }

  close(): Promise<void> {
    this.endWatches();
    return Promise.resolve();
  }

  async #begin(request: FakeRequest, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    options.signal?.throwIfAborted();
    await this.#before?.(request);
    if (this.#unserved.has(storeKey(request.resource))) throw notServed();
  }

  #update<T extends KubeObject>(request: FakeRequest, old: KubeObject, next: KubeObject, options: WriteOptions | undefined): Promise<T> {
    const { resource, key } = request;
    const expected = next.metadata.resourceVersion;
    if (expected !== undefined && expected !== "" && expected !== old.metadata.resourceVersion)
      throw conflict(resource, key, "the object has been modified; please apply your changes to the latest version and try again");
    let result: KubeObject;
    if (options?.subresource === "status") {
      result = { ...old, metadata: { ...old.metadata } };
      if (next["status"] === undefined) delete result["status"];
      else result["status"] = next["status"];
    } else {
      result = { ...next, apiVersion: old.apiVersion, kind: old.kind, metadata: { ...next.metadata } };
      if (old["status"] === undefined) delete result["status"];
      else result["status"] = old["status"];
      for (const field of ["uid", "creationTimestamp", "deletionTimestamp", "generation", "name", "namespace"] as const)
        assignMeta(result, field, old.metadata[field]);
      if (old.metadata.generation !== undefined && !deepEqual(desired(old), desired(result)))
        result.metadata.generation = old.metadata.generation + 1;
    }
    assignMeta(result, "resourceVersion", old.metadata.resourceVersion);
    return this.#commit<T>(request, result, old, options);
  }

  async #commit<T extends KubeObject>(
    request: FakeRequest,
    next: KubeObject,
    old: KubeObject | undefined,
    options: WriteOptions | undefined,
  ): Promise<T> {
    const { resource } = request;
    if (options?.dryRun === true) return answered<T>(resource, next);
    this.writes.push(request);
    let stored = next;
    if (old === undefined || !deepEqual(old, next)) {
      if (next.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0)
        this.#remove(resource, next, true);
      else stored = this.#put(resource, next, old);
    }
    await this.#after?.(request);
    return answered<T>(resource, stored);
  }

  #delete(resource: Resource, current: KubeObject, cascade: boolean): void {
    if ((current.metadata.finalizers ?? []).length === 0) {
      this.#remove(resource, current, cascade);
      return;
    }
    if (current.metadata.deletionTimestamp !== undefined) return;
    const metadata = { ...current.metadata, deletionTimestamp: this.#timestamp(), deletionGracePeriodSeconds: 0 };
    if (metadata.generation !== undefined) metadata.generation++;
    this.#put(resource, { ...current, metadata }, current);
  }

  #remove(resource: Resource, current: KubeObject, cascade: boolean): void {
    this.#store(resource).delete(sortKey(current));
    const last = { ...current, metadata: { ...current.metadata, resourceVersion: String(++this.#version) } };
    this.#record({ version: this.#version, group: resource.group, plural: resource.plural, object: last, old: current, deleted: true });
    const uid = current.metadata.uid;
    if (!cascade || this.#options.cascade === false || uid === undefined) return;
    for (const [name, store] of [...this.#stores]) {
      for (const dependent of [...store.values()]) {
        const owners = dependent.metadata.ownerReferences ?? [];
        if (!owners.some((owner) => owner.uid === uid)) continue;
        if (owners.some((owner) => owner.uid !== uid && this.#exists(owner.uid))) continue;
        const [group = "", plural = ""] = name.split("|");
        this.#delete({ ...this.#resourceOfObject(dependent), group, plural }, dependent, true);
      }
    }
  }

  #exists(uid: string): boolean {
    return [...this.#stores.values()].some((store) => [...store.values()].some((object) => object.metadata.uid === uid));
  }

  #put(resource: Resource, object: KubeObject, old: KubeObject | undefined): KubeObject {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } };
    this.#store(resource).set(sortKey(stored), stored);
    this.#record({ version: this.#version, group: resource.group, plural: resource.plural, object: stored, old, deleted: false });
    return stored;
  }

  #record(change: Change): void {
    this.#changes.push(change);
    for (const stream of this.#streams) stream.wake();
  }

  /** Metadata that a server gives to a new object. */
  #stamp(resource: Resource, object: KubeObject): void {
    this.#uids++;
    object.apiVersion ??= formatApiVersion(resource);
    object.kind ??= resource.kind;
    object.metadata.uid ??= `00000000-0000-4000-8000-${this.#uids.toString(16).padStart(12, "0")}`;
    object.metadata.creationTimestamp ??= this.#timestamp();
    if (object["spec"] !== undefined) object.metadata.generation ??= 1;
  }

  #timestamp(): string {
    return formatTimestamp(this.#options.clock?.now() ?? epochMs);
  }

  #store(resource: Resource): Map<string, KubeObject> {
    const key = storeKey(resource);
    let store = this.#stores.get(key);
    if (store === undefined) this.#stores.set(key, (store = new Map()));
    return store;
  }

  #existing(resource: Resource, key: ObjectKey): KubeObject {
    const found = this.#store(resource).get(formatKey(resource.namespaced ? key : { namespace: "", name: key.name }));
    if (found === undefined) throw notFound(resource, key);
    return found;
  }

  #resourceOfObject(object: KubeObject): Resource {
    const { group, version } = parseApiVersion(object.apiVersion);
    const known = this.#known.find((candidate) => candidate.group === group && candidate.kind === object.kind);
    if (known !== undefined) return { ...known, version };
    const namespaced = object.metadata.namespace !== undefined;
    const guessed: Resource = { group, version, kind: object.kind, plural: `${object.kind.toLowerCase()}s`, namespaced };
    this.#known.push(guessed);
    return guessed;
  }
}

function writeRequest(
  verb: "replace" | "patch",
  resource: Resource,
  key: ObjectKey,
  body: unknown,
  options: WriteOptions | undefined,
): FakeRequest {
  return { verb, resource, key, body, ...(options?.subresource === undefined ? {} : { subresource: options.subresource }) };
}

/** As the server would, refusals included. Custom kinds do not take strategic patches. */
function patched(resource: Resource, current: KubeObject, patch: PatchBody): KubeObject {
  const schema = patch.type === "strategic" ? patchSchemaFor(resource) : undefined;
  if (patch.type === "strategic" && schema === undefined)
    throw apiError({
      status: "Failure",
      reason: "UnsupportedMediaType",
      code: 415,
      message:
        "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
    });
  try {
    if (patch.type === "json") return applyJsonPatch(current, patch.body) as KubeObject;
    if (patch.type === "strategic") return applyStrategicMergePatch(current, patch.body, schema);
    return applyMergePatch(current, patch.body) as KubeObject;
  } catch (error) {
    if (!isAppError(error)) throw error;
    const malformed = error.code === "KUBE_PATCH_MALFORMED";
    const status = { status: "Failure", reason: malformed ? "BadRequest" : "Invalid", code: malformed ? 400 : 422 } as const;
    throw apiError({ ...status, message: `the server rejected our request: ${errorMessage(error)}` });
  }
}

function selects(selectors: Selectors, object: KubeObject): boolean {
  const { labelSelector = "", fieldSelector = "" } = selectors;
  if (labelSelector !== "" && !matchesLabels(parseLabelSelector(labelSelector), object.metadata.labels)) return false;
  return fieldSelector === "" || matchesFields(parseFieldSelector(fieldSelector), object);
}

function storeKey(resource: Pick<Resource, "group" | "plural">): string {
  return `${resource.group}|${resource.plural}`;
}

function sortKey(object: KubeObject): string {
  return formatKey({ namespace: object.metadata.namespace ?? "", name: object.metadata.name ?? "" });
}

/** A copy in the asked-for version, as the wire would give. */
function answered<T extends KubeObject>(resource: Resource, object: KubeObject): T {
  return { ...cloneJson(object), apiVersion: formatApiVersion(resource) } as T;
}

function assignMeta<Field extends keyof KubeObject["metadata"]>(
  object: KubeObject,
  field: Field,
  value: KubeObject["metadata"][Field] | undefined,
): void {
  if (value === undefined) delete object.metadata[field];
  else object.metadata[field] = value;
}

/** What counts for `metadata.generation`. */
function desired(object: KubeObject): Record<string, unknown> {
  const { metadata: _metadata, status: _status, ...rest } = object;
  return rest;
}

function eventFor(change: Change, resource: Resource, options: WatchOptions): WatchEvent | undefined {
  if (change.group !== resource.group || change.plural !== resource.plural) return undefined;
  if (options.namespace !== undefined && change.object.metadata.namespace !== options.namespace) return undefined;
  const before = change.old !== undefined && selects(options, change.old);
  const now = !change.deleted && selects(options, change.object);
  const object = answered<KubeObject>(resource, change.object);
  if (now) return { type: before ? "MODIFIED" : "ADDED", object };
  return before ? { type: "DELETED", object } : undefined;
}

function bookmarkEvent(resource: Resource, version: number, initial: boolean): WatchEvent {
  const metadata: KubeObject["metadata"] = { resourceVersion: String(version) };
  if (initial) metadata.annotations = { "k8s.io/initial-events-end": "true" };
  return { type: "BOOKMARK", object: { apiVersion: formatApiVersion(resource), kind: resource.kind, metadata } };
}

function named(resource: Resource, key: ObjectKey): string {
  return `${resource.plural}${resource.group === "" ? "" : `.${resource.group}`} "${key.name}"`;
}

function notFound(resource: Resource, key: ObjectKey): Error {
  const details = { name: key.name, group: resource.group, kind: resource.plural };
  return apiError({ status: "Failure", reason: "NotFound", code: 404, message: `${named(resource, key)} not found`, details });
}

function notServed(): Error {
  return apiError({ status: "Failure", reason: "NotFound", code: 404, message: "the server could not find the requested resource" });
}

function alreadyExists(resource: Resource, key: ObjectKey): Error {
  return apiError({ status: "Failure", reason: "AlreadyExists", code: 409, message: `${named(resource, key)} already exists` });
}

function conflict(resource: Resource, key: ObjectKey, why: string): Error {
  const message = `Operation cannot be fulfilled on ${named(resource, key)}: ${why}`;
  return apiError({ status: "Failure", reason: "Conflict", code: 409, message });
}

/** As the API server has it for nearly every kind. */
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** Its names may hold colons. */
const rbacGroup = "rbac.authorization.k8s.io";

function invalidName(name: string): Error {
  const message = `metadata.name: Invalid value: "${name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'`;
  return apiError({ status: "Failure", reason: "Invalid", code: 422, message });
}

function badRequest(message: string): Error {
  return apiError({ status: "Failure", reason: "BadRequest", code: 400, message });
}

function gone(): Error {
  return apiError({ status: "Failure", reason: "Expired", code: 410, message: "too old resource version" });
}
