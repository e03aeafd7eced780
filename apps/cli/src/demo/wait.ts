/** Waiting for the world, with a deadline on real time and a name for what was waited for. */
import type { Clock } from "@slipway/std";
import { AppError } from "@slipway/std";

export interface WaitOptions {
  /** Said when the deadline passes: "Rollout default/web to be healthy". */
  readonly what: string;
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called after every look that did not satisfy, with what was seen. */
  readonly lastSeen?: () => string;
}

const lookEveryMs = 20;

/** Looks until `look` gives something; throws `DEMO_DEADLINE` naming what was waited for and what was seen last. */
export async function waitFor<T>(options: WaitOptions, look: () => Promise<T | undefined>): Promise<T> {
  const until = options.clock.now() + options.deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (options.clock.now() > until) {
      const seen = options.lastSeen === undefined ? "" : `; last seen: ${options.lastSeen()}`;
      throw new AppError("DEMO_DEADLINE", `waited ${options.deadlineMs / 1000} s in vain for ${options.what}${seen}`, { retry: "never" });
    }
    await options.clock.sleep(lookEveryMs, options.signal);
  }
}
