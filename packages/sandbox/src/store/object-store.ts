/**
 * The store's contract: one global revision, objects by bucket and key, history for watches and consistent paging.
 *
 * Invariants: every write takes the next revision; an entry never changes after it was written (its object is deeply
 * frozen and its JSON text cached); a write either happened, durably where the storage is durable, or threw. All
 * operations are synchronous, so a compare-and-swap needs no lock.
 */
import type { KubeObject, ObjectKey } from "@slipway/kube";

/** One version of one object. */
export interface StoredEntry {
  readonly key: ObjectKey;
  /** Deeply frozen; `metadata.resourceVersion` is `revision`. */
  readonly object: KubeObject;
  readonly revision: number;
  /** The object as compact JSON, rendered once. */
  json(): string;
}

export interface StoreEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** For DELETED: the last state, carrying the revision of the deletion. */
  readonly entry: StoredEntry;
  /** The state before; absent for ADDED. */
  readonly previous: StoredEntry | undefined;
  readonly revision: number;
}

export interface StoreSubscription {
  stop(): void;
}

export interface ObjectStore {
  /** The newest revision handed out. */
  readonly revision: number;
  get(bucket: string, key: ObjectKey): StoredEntry | undefined;
  /** All entries ordered by namespace and name. `namespace` absent: all namespaces. */
  list(bucket: string, namespace?: string): readonly StoredEntry[];
  /** The bucket as it stood at `revision`; `undefined` when the history no longer reaches back that far. */
  listAt(bucket: string, revision: number, namespace?: string): readonly StoredEntry[] | undefined;
  /**
   * Writes `object` under `key`. `expected` is the revision that must be current, 0 for "must not exist"; throws
   * `StoreConflict` otherwise.
   */
  put(bucket: string, key: ObjectKey, object: KubeObject, expected: number): StoredEntry;
  /** Removes the object at revision `expected`; returns its last state carrying the revision of the deletion. */
  remove(bucket: string, key: ObjectKey, expected: number): StoredEntry;
  /** The oldest revision a watch of `bucket` may start from. */
  oldestWatchable(bucket: string): number;
  /**
   * Calls `onEvent` for every event after `from`: the remembered ones synchronously before returning, later ones as
   * they happen. The caller checks `oldestWatchable` first.
   */
  subscribe(bucket: string, from: number, onEvent: (event: StoreEvent) => void): StoreSubscription;
  /** Forgets all history up to now: watches from older revisions and old paging tokens expire. */
  compact(): void;
  buckets(): readonly string[];
  stop(): void;
}

/** A compare-and-swap that lost: the object changed, vanished or appeared meanwhile. */
export class StoreConflict extends Error {
  readonly actual: StoredEntry | undefined;

  constructor(actual: StoredEntry | undefined) {
    super("the stored object is not at the expected revision");
    this.name = "StoreConflict";
    this.actual = actual;
  }
}

/** Where the store keeps its state beyond the process; calls come one at a time and are synchronous. */
export interface StoreJournal {
  /** Everything that was kept, in any order, and the newest revision. */
  load(): { readonly revision: number; readonly rows: Iterable<JournalRow> };
  /** Must be durable when it returns: the write is acknowledged right after. */
  put(row: JournalRow): void;
  remove(bucket: string, key: ObjectKey, revision: number): void;
  close(): void;
}

export interface JournalRow {
  readonly bucket: string;
  readonly key: ObjectKey;
  readonly revision: number;
  readonly json: string;
}
