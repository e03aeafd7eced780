/**
 * Time as a parameter. Product code never reads a wall clock or sets a timer; it is handed a Clock, so that a
 * forty-minute rollout runs in a second under test and a recorded history replays to the same decisions.
 */

/** A pending timer. `cancel` is idempotent and safe after it fired. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the Unix epoch on this clock. */
  now(): number;
  /**
   * Calls `fire` once, `delayMs` from now (negative counts as 0). Delays beyond 2^31-1 ms are honoured: a plain
   * JavaScript timer would fire at once, so implementations chain. A throwing `fire` is a bug and is not caught.
   */
  setTimer(delayMs: number, fire: () => void): Timer;
  /** Resolves after `delayMs`; rejects with the signal's reason as soon as it aborts. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
}
