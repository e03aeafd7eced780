/**
 * Slows keys down that reconcile without end while nothing changes: a reconciler that answers `after(0)` for ever, or
 * one whose own status write is the event that wakes it.
 *
 * Each key has a bucket of `burst` reconciles that fills by one a second, and by one for each change that is news (see
 * `isNews`). An empty bucket opens the breaker: the key waits a second, twice as long each further time, up to the
 * longest backoff. News closes it at once. So a key that looks again every second, or has a reason each time, never
 * meets it. Not covered: a loop through the objects that a key owns; each of those is a change.
 */
import type { Clock } from "@slipway/std";
import type { ObjectChange } from "./object-store.ts";

export interface BreakerOptions {
  readonly clock: Clock;
  /** Reconciles of one key in a row that need no reason. Default 100. */
  readonly burst?: number;
  /** Longest wait, milliseconds. */
  readonly maxDelayMs: number;
}

interface Bucket {
  tokens: number;
  filledMs: number;
  /** The breaker is open until then. */
  heldUntilMs: number;
  openings: number;
}

const refillMs = 1000;
/** Keys with a full bucket are forgotten from time to time. */
const sweepEvery = 1024;

export class Breaker {
  readonly #options: BreakerOptions;
  readonly #burst: number;
  readonly #buckets = new Map<string, Bucket>();
  #taken = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#burst = options.burst ?? 100;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Something outside the key's own doing changed. */
  news(key: string): void {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return;
    bucket.tokens = Math.min(this.#burst, bucket.tokens + 1);
    bucket.heldUntilMs = -Infinity;
    bucket.openings = 0;
  }

  /** Call before a reconcile. 0: go ahead; else the milliseconds to wait. `opened` when the breaker opened just now. */
  take(key: string): { readonly waitMs: number; readonly opened: boolean } {
    const nowMs = this.#options.clock.now();
    if (++this.#taken % sweepEvery === 0) this.#sweep(nowMs);
    const bucket = this.#bucket(key, nowMs);
    if (bucket.heldUntilMs > nowMs) return { waitMs: bucket.heldUntilMs - nowMs, opened: false };
    // The reconcile for which it waited.
    if (bucket.heldUntilMs > -Infinity) bucket.tokens = Math.max(bucket.tokens, 1);
    bucket.heldUntilMs = -Infinity;
    if (bucket.tokens >= 1) {
      bucket.tokens--;
      return { waitMs: 0, opened: false };
    }
    const waitMs = Math.min(refillMs * 2 ** bucket.openings++, this.#options.maxDelayMs);
    bucket.heldUntilMs = nowMs + waitMs;
    return { waitMs, opened: bucket.openings === 1 };
  }

  #bucket(key: string, nowMs: number): Bucket {
    const present = this.#buckets.get(key);
    const bucket = present ?? { tokens: this.#burst, filledMs: nowMs, heldUntilMs: -Infinity, openings: 0 };
    if (present === undefined) this.#buckets.set(key, bucket);
    // While the breaker slows the key down, waiting earns nothing: else it would open and close for ever.
    const filled = bucket.openings > 0 ? 0 : Math.max(0, nowMs - bucket.filledMs) / refillMs;
    bucket.tokens = Math.min(this.#burst, bucket.tokens + filled);
    bucket.filledMs = nowMs;
    return bucket;
  }

  #sweep(nowMs: number): void {
    for (const [key, { tokens, filledMs, openings }] of this.#buckets) {
      const idleMs = nowMs - filledMs;
      if (openings === 0 ? tokens + idleMs / refillMs >= this.#burst : idleMs > 10 * this.#options.maxDelayMs) this.#buckets.delete(key);
    }
  }
}

/**
 * Whether a change of the very object that the key names is news to its reconciler: anything but its status. Objects
 * whose kind has no `metadata.generation` always are.
 */
export function isNews({ object, old }: ObjectChange): boolean {
  if (old === undefined || object.metadata.generation === undefined) return true;
  const [before, after] = [old.metadata, object.metadata].map(({ generation, deletionTimestamp, uid, labels, annotations, finalizers }) =>
    JSON.stringify([generation, deletionTimestamp, uid, labels, annotations, finalizers]),
  );
  return before !== after;
}
