import type { KubeObject, ObjectKey } from "@slipway/kube";
import type { ObjectStore, StoredEntry, StoreEvent, StoreJournal, StoreSubscription } from "./object-store.ts";
import { StoreConflict } from "./object-store.ts";

export interface MemoryStoreOptions {
  /** Durable storage behind the memory; default none. */
  readonly journal?: StoreJournal;
  /** Events remembered per bucket for watches and paging. Default 5000. */
  readonly historyLimit?: number;
}

interface Bucket {
  readonly entries: Map<string, StoredEntry>;
  /** `entries` ordered by key; rebuilt lazily after keys came or went. */
  sorted: StoredEntry[] | undefined;
  readonly history: StoreEvent[];
  /** Revisions up to this one are no longer in `history`. */
  compactedAt: number;
  readonly listeners: Set<(event: StoreEvent) => void>;
}

/** The MVCC store; with a journal, state outlives the process and only the history starts afresh. */
export function createMemoryStore(options: MemoryStoreOptions = {}): ObjectStore {
  const historyLimit = options.historyLimit ?? 5000;
  const journal = options.journal;
  const buckets = new Map<string, Bucket>();
  let revision = 1;
  let floor = 0;

  const bucketOf = (name: string): Bucket => {
    let bucket = buckets.get(name);
    if (bucket === undefined) {
      bucket = { entries: new Map(), sorted: undefined, history: [], compactedAt: floor, listeners: new Set() };
      buckets.set(name, bucket);
    }
    return bucket;
  };
  const record = (bucket: Bucket, event: StoreEvent): void => {
    bucket.history.push(event);
    // Trimmed in blocks, so that the cost of shifting is spread over many writes.
    if (bucket.history.length > historyLimit * 1.25) {
      const dropped = bucket.history.splice(0, bucket.history.length - historyLimit);
      bucket.compactedAt = dropped[dropped.length - 1]?.revision ?? bucket.compactedAt;
    }
    for (const listener of [...bucket.listeners]) listener(event);
  };

  if (journal !== undefined) {
    const loaded = journal.load();
    revision = Math.max(1, loaded.revision);
    floor = revision;
    for (const row of loaded.rows) {
      const entry = createEntry(row.key, JSON.parse(row.json) as KubeObject, row.revision, row.json);
      bucketOf(row.bucket).entries.set(textKey(row.key), entry);
    }
  }

  return {
    get revision(): number {
      return revision;
    },
    get: (bucket, key) => buckets.get(bucket)?.entries.get(textKey(key)),
    list(name, namespace): readonly StoredEntry[] {
      const bucket = bucketOf(name);
      bucket.sorted ??= [...bucket.entries].sort(byKey).map(([, entry]) => entry);
      return namespace === undefined ? bucket.sorted : bucket.sorted.filter((entry) => entry.key.namespace === namespace);
    },
    listAt(name, at, namespace): readonly StoredEntry[] | undefined {
      const bucket = bucketOf(name);
      if (at > revision || at < bucket.compactedAt) return undefined;
      const past = new Map(bucket.entries);
      for (let i = bucket.history.length - 1; i >= 0; i--) {
        const event = bucket.history[i];
        if (event === undefined || event.revision <= at) break;
        const key = textKey(event.entry.key);
        if (event.previous === undefined) past.delete(key);
        else past.set(key, event.previous);
      }
      const all = [...past].sort(byKey).map(([, entry]) => entry);
      return namespace === undefined ? all : all.filter((entry) => entry.key.namespace === namespace);
    },
    put(name, key, object, expected): StoredEntry {
      const bucket = bucketOf(name);
      const id = textKey(key);
      const previous = bucket.entries.get(id);
      if ((previous?.revision ?? 0) !== expected) throw new StoreConflict(previous);
      const next = revision + 1;
      const entry = createEntry(key, withRevision(object, next), next);
      journal?.put({ bucket: name, key, revision: next, json: entry.json() });
      revision = next;
      bucket.entries.set(id, entry);
      if (previous === undefined || bucket.sorted === undefined) bucket.sorted = undefined;
      else bucket.sorted[bucket.sorted.indexOf(previous)] = entry;
      record(bucket, { type: previous === undefined ? "ADDED" : "MODIFIED", entry, previous, revision: next });
      return entry;
    },
    remove(name, key, expected): StoredEntry {
      const bucket = bucketOf(name);
      const id = textKey(key);
      const previous = bucket.entries.get(id);
      if (previous === undefined || previous.revision !== expected) throw new StoreConflict(previous);
      const next = revision + 1;
      const entry = createEntry(key, withRevision(previous.object, next), next);
      journal?.remove(name, key, next);
      revision = next;
      bucket.entries.delete(id);
      bucket.sorted = undefined;
      record(bucket, { type: "DELETED", entry, previous, revision: next });
      return entry;
    },
    oldestWatchable: (name) => bucketOf(name).compactedAt,
    subscribe(name, from, onEvent): StoreSubscription {
      const bucket = bucketOf(name);
      bucket.listeners.add(onEvent);
      let start = bucket.history.length;
      while (start > 0 && (bucket.history[start - 1]?.revision ?? 0) > from) start--;
      for (const event of bucket.history.slice(start)) onEvent(event);
      return { stop: () => bucket.listeners.delete(onEvent) };
    },
    compact(): void {
      floor = revision;
      for (const bucket of buckets.values()) {
        bucket.history.length = 0;
        bucket.compactedAt = revision;
      }
    },
    buckets: () => [...buckets.keys()],
    stop(): void {
      for (const bucket of buckets.values()) bucket.listeners.clear();
      journal?.close();
    },
  };
}

// A byte that no name can hold keeps keys unambiguous and sorts namespaces before names.
function textKey(key: ObjectKey): string {
  return `${key.namespace}\u0000${key.name}`;
}

function byKey(a: readonly [string, StoredEntry], b: readonly [string, StoredEntry]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

function withRevision(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}

function createEntry(key: ObjectKey, object: KubeObject, revision: number, text?: string): StoredEntry {
  deepFreeze(object);
  let cached = text;
  return { key, object, revision, json: () => (cached ??= JSON.stringify(object)) };
}

function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const item of Object.values(value)) deepFreeze(item);
}
