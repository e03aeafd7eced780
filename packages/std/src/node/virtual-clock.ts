/**
 * A clock that runs at any speed and can be stepped.
 *
 * Invariants: time never goes back; timers fire in order of their due time, ties in order of creation; while `advance`
 * runs, time stands at each due timer until the process is quiescent (no tracked work in flight), so that work started
 * by one timer sees the world of that instant and not of the end of the step.
 *
 * Quiescence across sockets cannot be proven from inside the process (a watch event may be in a kernel buffer), so
 * "idle" means: no tracked work for `settleMs` of real time.
 */
import type { Clock, Timer } from "../clock.ts";
import { sleepOn } from "./real-clock.ts";

/** Counts work in flight: HTTP requests, reconciles, non-empty queues. */
export interface Activity {
  /** Marks the start of a piece of work; call the result once, when it ends. */
  begin(): () => void;
  /** Resolves once nothing was in flight for `settleMs` of real time; rejects after `limitMs` naming the count. */
  idle(settleMs: number, limitMs: number): Promise<void>;
}

export function createActivity(): Activity {
  let count = 0;
  let epoch = 0;
  return {
    begin(): () => void {
      count++;
      epoch++;
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        count--;
        epoch++;
      };
    },
    async idle(settleMs: number, limitMs: number): Promise<void> {
      const started = performance.now();
      let seen = epoch;
      let quietSince = performance.now();
      for (;;) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        const now = performance.now();
        if (count > 0 || epoch !== seen) {
          seen = epoch;
          quietSince = now;
        } else if (now - quietSince >= settleMs) return;
        if (now - started > limitMs) throw new Error(`not idle after ${limitMs} ms: ${count} pieces of work in flight`);
      }
    },
  };
}

export interface VirtualClockOptions {
  /** First instant, milliseconds since the epoch. Default: the real time now. */
  readonly startMs?: number;
  /** Virtual milliseconds per real millisecond; 0 stands still until `advance`. Default 0. */
  readonly speed?: number;
  /** Work to wait for while stepping. Default: none tracked. */
  readonly activity?: Activity;
  /** Real milliseconds without tracked work that count as idle. Default 2. */
  readonly settleMs?: number;
  /** Real milliseconds after which `settle` gives up. Default 10_000. */
  readonly settleLimitMs?: number;
}

export interface VirtualClock extends Clock {
  readonly activity: Activity;
  /** Moves time forward by `ms`, firing each due timer at its own instant and settling in between. */
  advance(ms: number): Promise<void>;
  /** Waits until nothing is in flight, without moving time. */
  settle(): Promise<void>;
  /** The due time of the earliest pending timer, if any. */
  nextTimer(): number | undefined;
  setSpeed(speed: number): void;
  /** Cancels all timers; the clock fires nothing any more. */
  stop(): void;
}

interface PendingTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly fire: () => void;
}

export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const activity = options.activity ?? createActivity();
  const settleMs = options.settleMs ?? 2;
  const settleLimitMs = options.settleLimitMs ?? 10_000;
  let speed = options.speed ?? 0;
  let baseVirtual = options.startMs ?? Date.now();
  let baseReal = performance.now();
  let order = 0;
  let stopped = false;
  let stepping = false;
  let alarm: NodeJS.Timeout | undefined;
  // A sorted array: insertions are binary searches, and the timers of a simulated cluster are few enough.
  const timers: PendingTimer[] = [];

  const now = (): number => (stepping || speed === 0 ? baseVirtual : baseVirtual + (performance.now() - baseReal) * speed);
  const rebase = (virtual: number): void => {
    baseVirtual = virtual;
    baseReal = performance.now();
  };

  const schedule = (): void => {
    clearTimeout(alarm);
    alarm = undefined;
    const first = timers[0];
    if (stopped || stepping || speed === 0 || first === undefined) return;
    const realDelay = Math.max(0, (first.dueMs - now()) / speed);
    alarm = setTimeout(fireDue, Math.min(realDelay, 2 ** 31 - 1));
  };
  const fireDue = (): void => {
    for (let first = timers[0]; first !== undefined && first.dueMs <= now() && !stepping; first = timers[0]) {
      timers.shift();
      first.fire();
    }
    schedule();
  };

  const clock: VirtualClock = {
    activity,
    now,
    setTimer(delayMs: number, fire: () => void): Timer {
      const timer: PendingTimer = { dueMs: now() + Math.max(0, delayMs), order: order++, fire };
      let low = 0;
      let high = timers.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        const other = timers[middle];
        if (other !== undefined && other.dueMs <= timer.dueMs) low = middle + 1;
        else high = middle;
      }
      timers.splice(low, 0, timer);
      if (low === 0) schedule();
      return {
        cancel: () => {
          const index = timers.indexOf(timer);
          if (index >= 0) timers.splice(index, 1);
          if (index === 0) schedule();
        },
      };
    },
    sleep: (delayMs, signal) => sleepOn(clock, delayMs, signal),
    async advance(ms: number): Promise<void> {
      if (stepping) throw new Error("the clock is already being advanced");
      const target = now() + Math.max(0, ms);
      rebase(now());
      stepping = true;
      schedule();
      try {
        await activity.idle(settleMs, settleLimitMs);
        for (let first = timers[0]; first !== undefined && first.dueMs <= target && !stopped; first = timers[0]) {
          baseVirtual = Math.max(baseVirtual, first.dueMs);
          // All timers of one instant fire together, as one turn of the world.
          const due = first.dueMs;
          for (let next = timers[0]; next !== undefined && next.dueMs === due; next = timers[0]) {
            timers.shift();
            next.fire();
          }
          await activity.idle(settleMs, settleLimitMs);
        }
        rebase(Math.max(baseVirtual, target));
      } finally {
        stepping = false;
        baseReal = performance.now();
        schedule();
      }
    },
    settle: () => activity.idle(settleMs, settleLimitMs),
    nextTimer: () => timers[0]?.dueMs,
    setSpeed(next: number): void {
      rebase(now());
      speed = next;
      schedule();
    },
    stop(): void {
      stopped = true;
      timers.length = 0;
      clearTimeout(alarm);
    },
  };
  return clock;
}
