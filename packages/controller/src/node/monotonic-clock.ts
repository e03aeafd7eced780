import type { Clock } from "@slipway/std";
import { realClock } from "@slipway/std/node";

/**
 * Real time that never goes back and never stands: for leases. It begins at the wall clock's time and from then on
 * moves by whichever of the wall clock and the monotonic clock moved further since it was last asked. The monotonic one
 * covers a wall clock that is set back; the wall clock covers a machine that was suspended, during which Linux's
 * monotonic clock stands. A wall clock that is set forward ends a lease early, which is safe.
 */
export function createMonotonicClock(
  sources: { readonly wall: () => number; readonly monotonic: () => number } = {
    wall: () => realClock.now(),
    monotonic: () => performance.now(),
  },
): Clock {
  let wallMs = sources.wall();
  let monotonicMs = sources.monotonic();
  let nowMs = wallMs;
  return {
    now(): number {
      const [wall, monotonic] = [sources.wall(), sources.monotonic()];
      nowMs += Math.max(0, wall - wallMs, monotonic - monotonicMs);
      [wallMs, monotonicMs] = [wall, monotonic];
      return nowMs;
    },
    setTimer: (delayMs, fire) => realClock.setTimer(delayMs, fire),
    sleep: (delayMs, signal) => realClock.sleep(delayMs, signal),
  };
}
