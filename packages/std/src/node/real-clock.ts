import type { Clock, Timer } from "../clock.ts";

const longestTimerMs = 2 ** 31 - 1;

/** Wall-clock time. Timers keep the process alive. */
export const realClock: Clock = {
  now: () => Date.now(),
  setTimer(delayMs: number, fire: () => void): Timer {
    let handle: NodeJS.Timeout | undefined;
    const due = Date.now() + Math.max(0, delayMs);
    // Node fires a delay beyond 2^31-1 ms at once, so long ones are chained.
    const arm = (): void => {
      const remaining = Math.max(0, due - Date.now());
      handle = remaining > longestTimerMs ? setTimeout(arm, longestTimerMs) : setTimeout(fire, remaining);
    };
    arm();
    return { cancel: () => clearTimeout(handle) };
  },
  sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    return sleepOn(realClock, delayMs, signal);
  },
};

/** `sleep` for any clock, in terms of its `setTimer`. */
export function sleepOn(clock: Pick<Clock, "setTimer">, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal.reason as Error);
    };
    const timer = clock.setTimer(delayMs, () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
