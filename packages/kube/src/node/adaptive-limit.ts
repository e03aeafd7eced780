/**
 * How many requests may be at the server at once, found by trying (AIMD) instead of a fixed rate: a 429, or a 503 with
 * Retry-After, halves the limit and holds every request back for as long as the server says; each answer without raises
 * it by one per round, up to the most. So a quiet server is used fully, and a loaded one is left its air.
 *
 * Refusals of requests that began before the last halving count as the same one. Waiting requests go first come, first
 * served. Leases are exempt both ways: the API server serves them at a priority of their own, and a late renewal costs
 * the leadership. So are evictions: their 429 speaks of a disruption budget.
 */
import type { Clock } from "@slipway/std";

export interface AdaptiveLimitOptions {
  readonly clock: Clock;
  /** Most requests at once. */
  readonly most: number;
  /** Longest hold that a Retry-After can cause, milliseconds. */
  readonly maxHoldMs: number;
}

export interface AdaptiveLimit {
  /** Requests that may be at the server at once, at present; at least 1. */
  readonly limit: number;
  /** Runs `request` when there is room. Rejects with the signal's reason when it aborts first. */
  run<T extends RefusableResponse>(target: string, signal: AbortSignal | undefined, request: () => Promise<T>): Promise<T>;
}

export interface RefusableResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

export function createAdaptiveLimit(options: AdaptiveLimitOptions): AdaptiveLimit {
  const { clock, most, maxHoldMs } = options;
  let limit = most;
  let running = 0;
  let heldUntilMs = -Infinity;
  /** Requests begun before it do not lower the limit again. */
  let round = 0;
  let waking = false;
  const waiting = new Set<() => void>();

  function wake(): void {
    const holdMs = heldUntilMs - clock.now();
    if (holdMs > 0) {
      if (waking || waiting.size === 0) return;
      waking = true;
      clock.setTimer(holdMs, () => {
        waking = false;
        wake();
      });
      return;
    }
    for (const enter of waiting) {
      if (running >= Math.floor(limit)) return;
      waiting.delete(enter);
      running++;
      enter();
    }
  }

  function room(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const leave = (): void => {
        waiting.delete(enter);
        reject(signal?.reason as Error);
      };
      const enter = (): void => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      signal?.addEventListener("abort", leave, { once: true });
      waiting.add(enter);
      wake();
    });
  }

  function heard(response: RefusableResponse, began: number): void {
    const retryAfter = response.headers["retry-after"];
    if (response.status !== 429 && (response.status !== 503 || retryAfter === undefined)) {
      limit = Math.min(most, limit + 1 / limit);
      return;
    }
    const seconds = retryAfter !== undefined && /^\d+$/.test(retryAfter) ? Number(retryAfter) : 1;
    heldUntilMs = Math.max(heldUntilMs, clock.now() + Math.min(seconds * 1000, maxHoldMs));
    if (began < round) return;
    limit = Math.max(1, limit / 2);
    round++;
  }

  return {
    get limit(): number {
      return Math.floor(limit);
    },
    async run(target, signal, request) {
      if (isExempt(target)) return request();
      await room(signal);
      const began = round;
      try {
        const response = await request();
        heard(response, began);
        return response;
      } finally {
        running--;
        wake();
      }
    },
  };
}

function isExempt(target: string): boolean {
  const path = target.split("?")[0] ?? "";
  return path.startsWith("/apis/coordination.k8s.io/") || path.endsWith("/eviction");
}
