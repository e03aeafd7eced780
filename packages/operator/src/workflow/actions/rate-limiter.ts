/** Token buckets by name: `limit` at once, and one more every `periodMs`. The least recently used are forgotten. */
import type { Clock } from "@slipway/std";

interface Bucket {
  readonly limit: number;
  readonly periodMs: number;
  tokens: number;
  atMs: number;
}

export class RateLimiter {
  readonly #size: number;
  /** In order of use. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(size: number) {
    this.#size = size;
  }

  /** Takes a token of the bucket, which begins anew when its limit or period changed. False when there is none. */
  take(name: string, limit: number, periodMs: number, clock: Clock): boolean {
    const nowMs = clock.now();
    const known = this.#buckets.get(name);
    const same = known?.limit === limit && known.periodMs === periodMs;
    const bucket = same ? known : { limit, periodMs, tokens: limit, atMs: nowMs };
    bucket.tokens = Math.min(limit, bucket.tokens + (nowMs - bucket.atMs) / periodMs);
    bucket.atMs = nowMs;
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > this.#size && oldest !== undefined) this.#buckets.delete(oldest);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }
}
