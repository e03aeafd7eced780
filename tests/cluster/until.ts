/** Waits in tests against things that tell nothing by themselves. */
import { setTimeout as delay } from "node:timers/promises";

/** Asks every 100 ms until the answer is neither false nor undefined, and returns it. Throws after `timeoutMs`, naming what was waited for. */
export async function until<T>(what: string, timeoutMs: number, ask: () => Promise<T | false | undefined>): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s for ${what}`);
    await delay(100);
  }
}
