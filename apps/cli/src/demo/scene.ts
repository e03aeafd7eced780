import type { KubeClient } from "@slipway/kube";
import type { Clock } from "@slipway/std";
import type { Printer } from "../printer.ts";
import type { Stack } from "../stack.ts";
import type { Claims } from "./claims.ts";
import { waitFor } from "./wait.ts";

/** What a scenario is given. */
export interface Scene {
  readonly printer: Printer;
  readonly claims: Claims;
  readonly stack: Stack;
  /** Over HTTP, as a user's tool would. */
  readonly client: KubeClient;
  /** What admission has warned of so far; printed as it comes. */
  readonly warnings: readonly string[];
  /** Real time, for deadlines of the demo itself. */
  readonly realClock: Clock;
  readonly signal: AbortSignal;
}

/** Longest real time that one expectation of the demo may take. */
export const sceneDeadlineMs = 15_000;

/** Waits, redrawing the tree at every look. */
export async function watchUntil<T>(
  scene: Scene,
  what: string,
  tree: () => Promise<readonly string[]>,
  look: () => Promise<T | undefined>,
): Promise<T> {
  let last: readonly string[] = [];
  return waitFor(
    { what, deadlineMs: sceneDeadlineMs, clock: scene.realClock, signal: scene.signal, lastSeen: () => last.join(" | ") },
    async () => {
      last = await tree();
      scene.printer.live(last);
      return look();
    },
  );
}
