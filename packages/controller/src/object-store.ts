/**
 * What an informer has seen of one kind, indexed, with the process's own writes laid over it.
 *
 * Read-your-writes: the API server's answer to a write is often here before the watch event of that write. Until that
 * event arrives, the answer is served and events of earlier states of the object are dropped, so nobody acts on
 * something older than the last write. Per object:
 *
 *   write begins   note the versions of the object seen since (they may include the answer's)
 *   write answered version W already seen → the cache is at W or newer, nothing to do; else serve the answer
 *   event at W     the cache has caught up; from here events count again
 *   a fresh list   begun after the answer → contains W or something later; counts whole
 *
 * resourceVersions are compared for equality. Where both are decimal numbers (every server to date) a larger one also
 * counts as later, so that a skipped event cannot hold an object back for ever.
 */
import type { KubeObject, ObjectKey } from "@slipway/kube";
import { formatKey, keyOf } from "@slipway/kube";
import { invariant } from "@slipway/std";

export type IndexFunction = (object: KubeObject) => readonly string[];

/** What handlers are told. For a deletion `object` is the last known state. */
export interface ObjectChange {
  readonly type: "added" | "updated" | "deleted";
  readonly object: KubeObject;
  readonly old: KubeObject | undefined;
}

/** An answered write whose event has not come yet. */
interface OwnWrite {
  /** Absent for a deletion. */
  readonly resourceVersion: string | undefined;
  /** The object is surely gone, so only its DELETED event ends this; else any event that shows a deletion does. */
  readonly gone: boolean;
  readonly uid: string | undefined;
  /** Of a deletion: the version that was deleted. Events of another object that are older tell of one before it. */
  readonly after?: string | undefined;
  /** What handlers were last told of, to compute the change when the event comes. */
  readonly delivered: KubeObject | undefined;
  /** Lists begun after this instant contain the write. */
  readonly order: number;
}

/** A write that is on its way. End it exactly once. */
export interface PendingWrite {
  /** `object` as the server answered. */
  wrote(object: KubeObject): void;
  /** The server accepted a deletion. An object that is `held` (or has finalizers or a grace period) stays, marked `pendingSince`. */
  deleted(pendingSince: string, held: boolean): void;
  failed(): void;
}

export class ObjectStore {
  readonly #objects = new Map<string, KubeObject>();
  readonly #byNamespace = new Map<string, Set<string>>();
  readonly #indexes = new Map<string, { readonly compute: IndexFunction; readonly keys: Map<string, Set<string>> }>();
  readonly #own = new Map<string, OwnWrite>();
  readonly #inFlight = new Map<string, Set<Set<string>>>();
  #order = 0;

  get size(): number {
    return this.#objects.size;
  }

  addIndex(name: string, compute: IndexFunction): void {
    invariant(this.#objects.size === 0, `index ${name} added to a filled cache`);
    this.#indexes.set(name, { compute, keys: new Map() });
  }

  hasIndex(name: string): boolean {
    return this.#indexes.has(name);
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }

  list(namespace?: string): KubeObject[] {
    if (namespace === undefined) return [...this.#objects.values()];
    return this.#resolve(this.#byNamespace.get(namespace));
  }

  byIndex(name: string, value: string): KubeObject[] {
    const index = this.#indexes.get(name);
    invariant(index !== undefined, `no index ${name}`);
    return this.#resolve(index.keys.get(value));
  }

  /** One watch event. `undefined` when it is older than an own write, or says nothing new. */
  apply(type: "ADDED" | "MODIFIED" | "DELETED", object: KubeObject): ObjectChange | undefined {
    const key = formatKey(keyOf(object));
    this.#noteSeen(key, object);
    const own = this.#own.get(key);
    if (own !== undefined && !catchesUp(own, type, object)) return undefined;
    this.#own.delete(key);
    const old = own === undefined ? this.#objects.get(key) : own.delivered;
    if (type === "DELETED") {
      this.#remove(key);
      return old === undefined && own === undefined ? undefined : { type: "deleted", object, old };
    }
    this.#put(key, object);
    if (old === undefined) return { type: "added", object, old };
    return old.metadata.resourceVersion === object.metadata.resourceVersion ? undefined : { type: "updated", object, old };
  }

  /** Call before a list is requested; give the result to `replaceAll`. */
  beginList(): number {
    return ++this.#order;
  }

  /**
   * The full present state at `version`, from a list begun at `order`. Returns what changed; what vanished comes as
   * `deleted`.
   */
  replaceAll(objects: readonly KubeObject[], order: number, version: string | undefined): ObjectChange[] {
    const isAhead = (own: OwnWrite): boolean =>
      own.resourceVersion !== undefined &&
      own.order >= order &&
      !(version === own.resourceVersion || isLater(version, own.resourceVersion));
    const changes: ObjectChange[] = [];
    const listed = new Set<string>();
    for (const object of objects) {
      const key = formatKey(keyOf(object));
      listed.add(key);
      const own = this.#own.get(key);
      if (own !== undefined && own.order < order) this.#forgetOwn(key, own);
      const change = this.apply("MODIFIED", object);
      if (change !== undefined) changes.push(change);
    }
    for (const [key, object] of [...this.#objects]) {
      if (listed.has(key)) continue;
      const own = this.#own.get(key);
      // Created by us after the list was taken: its event is still to come.
      if (own !== undefined && isAhead(own)) continue;
      this.#own.delete(key);
      this.#remove(key);
      const old = own === undefined ? object : own.delivered;
      changes.push({ type: "deleted", object: old ?? object, old });
    }
    for (const [key, own] of [...this.#own]) {
      // Deleted by us and gone from the list too.
      if (listed.has(key) || own.resourceVersion !== undefined) continue;
      this.#own.delete(key);
      if (own.delivered !== undefined) changes.push({ type: "deleted", object: own.delivered, old: own.delivered });
    }
    return changes;
  }

  /** `objectKey` is absent when the server will choose the name. */
  beginWrite(objectKey: ObjectKey | undefined): PendingWrite {
    const key = objectKey === undefined ? anyKey : formatKey(objectKey);
    const seen = new Set<string>();
    const before = this.#objects.get(key)?.metadata;
    if (before?.resourceVersion !== undefined) seen.add(before.resourceVersion);
    const writes = this.#inFlight.get(key) ?? new Set();
    this.#inFlight.set(key, writes.add(seen));
    const end = (): void => {
      writes.delete(seen);
      if (writes.size === 0 && this.#inFlight.get(key) === writes) this.#inFlight.delete(key);
    };
    return {
      wrote: (object) => {
        end();
        this.#wrote(formatKey(keyOf(object)), object, seen);
      },
      deleted: (pendingSince, held) => {
        end();
        if (before !== undefined) this.#deleted(key, pendingSince, held, before.uid);
      },
      failed: end,
    };
  }

  #wrote(key: string, object: KubeObject, seen: ReadonlySet<string>): void {
    const { resourceVersion: version, uid, deletionTimestamp, finalizers = [] } = object.metadata;
    const present = this.#objects.get(key);
    const earlier = this.#own.get(key);
    const delivered = earlier === undefined ? present : earlier.delivered;
    // The last finalizer went: the server answers the object (with which version is up to it), but it is gone.
    if (deletionTimestamp !== undefined && finalizers.length === 0 && !isGraceful(object)) {
      if (present === undefined || present.metadata.uid !== uid) return;
      this.#own.set(key, { resourceVersion: undefined, gone: true, uid, after: version, delivered, order: ++this.#order });
      this.#remove(key);
      return;
    }
    if (version === undefined || seen.has(version)) return;
    // The watch, or another of our writes, was faster than this answer.
    if (present !== undefined && isLater(present.metadata.resourceVersion, version)) return;
    this.#own.set(key, { resourceVersion: version, gone: false, uid, delivered, order: ++this.#order });
    this.#put(key, object);
  }

  #deleted(key: string, pendingSince: string, held: boolean, uid: string | undefined): void {
    const present = this.#objects.get(key);
    if (present === undefined || present.metadata.uid !== uid || present.metadata.deletionTimestamp !== undefined) return;
    const earlier = this.#own.get(key);
    const delivered = earlier === undefined ? present : earlier.delivered;
    const after = present.metadata.resourceVersion;
    this.#own.set(key, { resourceVersion: undefined, gone: false, uid, after, delivered, order: ++this.#order });
    if (!held && (present.metadata.finalizers ?? []).length === 0 && !isGraceful(present)) this.#remove(key);
    else this.#put(key, { ...present, metadata: { ...present.metadata, deletionTimestamp: pendingSince } });
  }

  /** A list that contains the write takes its place; the change is computed from what handlers last saw. */
  #forgetOwn(key: string, own: OwnWrite): void {
    this.#own.delete(key);
    if (own.delivered === undefined) this.#remove(key);
    else this.#put(key, own.delivered);
  }

  #noteSeen(key: string, object: KubeObject): void {
    const version = object.metadata.resourceVersion;
    if (version === undefined) return;
    for (const waiting of [key, anyKey]) for (const seen of this.#inFlight.get(waiting) ?? []) seen.add(version);
  }

  #resolve(keys: ReadonlySet<string> | undefined): KubeObject[] {
    const found: KubeObject[] = [];
    for (const key of keys ?? []) {
      const object = this.#objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  #put(key: string, object: KubeObject): void {
    this.#unindex(key);
    this.#objects.set(key, object);
    addTo(this.#byNamespace, object.metadata.namespace ?? "", key);
    for (const { compute, keys } of this.#indexes.values()) for (const value of compute(object)) addTo(keys, value, key);
  }

  #remove(key: string): void {
    this.#unindex(key);
    this.#objects.delete(key);
  }

  #unindex(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    removeFrom(this.#byNamespace, object.metadata.namespace ?? "", key);
    for (const { compute, keys } of this.#indexes.values()) for (const value of compute(object)) removeFrom(keys, value, key);
  }
}

/** Whether the event shows the own write, or something later. */
function catchesUp(own: OwnWrite, type: string, object: KubeObject): boolean {
  const sameObject = object.metadata.uid === own.uid;
  if (own.resourceVersion === undefined) {
    if (!sameObject) return !isLater(own.after, object.metadata.resourceVersion ?? "");
    return type === "DELETED" || (!own.gone && object.metadata.deletionTimestamp !== undefined);
  }
  // A uid never comes back, so its deletion is later than any write to it.
  if (sameObject && type === "DELETED") return true;
  const version = object.metadata.resourceVersion;
  return version === own.resourceVersion || isLater(version, own.resourceVersion);
}

/** Stands for the name that a server will generate. No object has it. */
const anyKey = "";
const decimal = /^\d+$/;

/** True when `a` is surely later than `b`; false also when that cannot be told. */
function isLater(a: string | undefined, b: string): boolean {
  if (a === undefined || !decimal.test(a) || !decimal.test(b)) return false;
  return a.length === b.length ? a > b : a.length > b.length;
}

/** Kinds that stay for a grace period after a deletion was accepted. */
function isGraceful(object: KubeObject): boolean {
  return object.kind === "Pod" || object.kind === "Namespace";
}

function addTo(index: Map<string, Set<string>>, value: string, key: string): void {
  const keys = index.get(value);
  if (keys === undefined) index.set(value, new Set([key]));
  else keys.add(key);
}

function removeFrom(index: Map<string, Set<string>>, value: string, key: string): void {
  const keys = index.get(value);
  keys?.delete(key);
  if (keys?.size === 0) index.delete(value);
}
