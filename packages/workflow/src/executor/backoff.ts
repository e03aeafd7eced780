/** When to look again (contract §2.8). */

/** A step fails for good at the failure after this many. */
export const maxRetryTimes = 10;

/** Seconds after the visit with counter `n`: 1 up to five, then 0.05·2ⁿ up to the cap. */
export function backoffSeconds(n: number, capSeconds: number): number {
  return Math.max(1, Math.min(capSeconds, Math.floor(0.05 * 2 ** n)));
}

/** When a step that failed `failures` times is tried again, milliseconds after its last failure. */
export function retryDelayMs(failures: number): number {
  return backoffSeconds(failures - 1, 300) * 1000;
}

/**
 * When a wait that began `elapsedMs` ago is looked at again without being told, milliseconds from now. The times are
 * those of upstream's counter, but follow from the elapsed time: counting visits would cost a write for each.
 */
export function pollDelayMs(elapsedMs: number): number {
  let at = 0;
  for (let n = 0; ; n++) {
    at += backoffSeconds(n, 60) * 1000;
    if (at > elapsedMs) return at - elapsedMs;
    if (n > 20) return 60_000;
  }
}
