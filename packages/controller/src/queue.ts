/**
 * The keyed work queue under every controller. Semantics follow client-go's workqueue (`util/workqueue`).
 *
 * Guarantees: fair (namespaces take turns; first come, first served within one), stingy (a key added many times before it is taken is handed out once),
 * exclusive (a key is never handed out while it is being processed), lossless (a key added while it is processed is
 * handed out again afterwards), and drained on shutdown (what is queued is still handed out, unless discarded).
 */
import type { Clock, Timer } from "@slipway/std";
import { invariant } from "@slipway/std";
import { FairList } from "./fair-list.ts";

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Delay after the first failure, milliseconds; doubles with each further one. Default 5. */
  readonly baseDelayMs?: number;
  /** Longest delay after failures, milliseconds. Default 60_000 (client-go: 1_000_000). */
  readonly maxDelayMs?: number;
  /** Told of each key that becomes ready or is being processed, so that a stepped clock can wait for it. */
  readonly activity?: { begin(): () => void };
}

export interface WorkQueue {
  /** Keys that are ready to be taken. */
  readonly length: number;
  add(key: string): void;
  /** Adds the key after `delayMs` on the clock. Of several pending delays for one key the earliest wins. */
  addAfter(key: string, delayMs: number): void;
  /** Adds the key after its backoff, and lengthens the backoff for the next time. Returns the delay in milliseconds. */
  addRateLimited(key: string): number;
  /** Drops a pending delayed add; a reconcile that begins now will say anew when to look again. */
  cancelDelay(key: string): void;
  /** Ends the key's backoff. Does not take it out of the queue. */
  forget(key: string): void;
  /** Failures since the last `forget`. */
  failures(key: string): number;
  /** The next ready key; waits for one. `undefined` after shutdown, when nothing is left. Call `finish` for each key. */
  take(): Promise<string | undefined>;
  finish(key: string): void;
  /** Refuses further adds and drops delayed ones. With `discard`, ready keys are dropped too. */
  shutDown(options?: { readonly discard?: boolean }): void;
  /** Resolves when, after shutdown, nothing is ready or being processed. */
  drained(): Promise<void>;
}

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  return new KeyedQueue(options);
}

class KeyedQueue implements WorkQueue {
  readonly #options: WorkQueueOptions;
  /** Order of processing. Every key in it is in `#dirty` and not in `#processing`. */
  readonly #queue: FairList = new FairList();
  /** Keys that need processing, queued or waiting for their present processing to end. */
  readonly #dirty = new Set<string>();
  /** Keys handed out and not finished. */
  readonly #processing = new Set<string>();
  readonly #delayed = new Map<string, { readonly dueMs: number; readonly timer: Timer }>();
  readonly #failures = new Map<string, number>();
  /** Ends of the activities of keys that are dirty or processing. */
  readonly #activities = new Map<string, () => void>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  readonly #drainWaiters: (() => void)[] = [];
  #shutDown = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#queue.length;
  }

  add(key: string): void {
    if (this.#shutDown || this.#dirty.has(key)) return;
    this.#dirty.add(key);
    if (this.#processing.has(key)) return;
    if (this.#options.activity !== undefined) this.#activities.set(key, this.#options.activity.begin());
    this.#enqueue(key);
  }

  addAfter(key: string, delayMs: number): void {
    if (this.#shutDown) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const dueMs = this.#options.clock.now() + delayMs;
    const pending = this.#delayed.get(key);
    if (pending !== undefined && pending.dueMs <= dueMs) return;
    pending?.timer.cancel();
    const timer = this.#options.clock.setTimer(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { dueMs, timer });
  }

  addRateLimited(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const delayMs = Math.min((this.#options.baseDelayMs ?? 5) * 2 ** failures, this.#options.maxDelayMs ?? 60_000);
    this.addAfter(key, delayMs);
    return delayMs;
  }

  cancelDelay(key: string): void {
    this.#delayed.get(key)?.timer.cancel();
    this.#delayed.delete(key);
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  take(): Promise<string | undefined> {
    const key = this.#queue.shift();
    if (key !== undefined) {
      this.#handOut(key);
      return Promise.resolve(key);
    }
    if (this.#shutDown) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  finish(key: string): void {
    invariant(this.#processing.delete(key), `finished key ${key} was not being processed`);
    if (this.#dirty.has(key)) this.#enqueue(key);
    else this.#endActivity(key);
    this.#checkDrained();
  }

  shutDown(options: { readonly discard?: boolean } = {}): void {
    this.#shutDown = true;
    for (const key of [...this.#delayed.keys()]) this.cancelDelay(key);
    if (options.discard === true) {
      for (const key of this.#queue.clear()) this.#endActivity(key);
      this.#dirty.clear();
    }
    for (const resolve of this.#takers.splice(0)) resolve(undefined);
    this.#checkDrained();
  }

  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#drainWaiters.push(resolve);
      this.#checkDrained();
    });
  }

  #enqueue(key: string): void {
    const taker = this.#takers.shift();
    if (taker === undefined) {
      this.#queue.push(key);
      return;
    }
    this.#handOut(key);
    taker(key);
  }

  #handOut(key: string): void {
    this.#dirty.delete(key);
    this.#processing.add(key);
  }

  #endActivity(key: string): void {
    this.#activities.get(key)?.();
    this.#activities.delete(key);
  }

  #checkDrained(): void {
    if (!this.#shutDown || this.#queue.length > 0 || this.#processing.size > 0 || this.#dirty.size > 0) return;
    for (const resolve of this.#drainWaiters.splice(0)) resolve();
  }
}
