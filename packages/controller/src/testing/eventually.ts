/** Waiting in tests, on real time: for state that arrives through sockets or other tasks. */

export interface EventuallyOptions {
  /** Real milliseconds; default 5000. */
  readonly timeoutMs?: number;
  /** Real milliseconds between attempts; default 5. */
  readonly intervalMs?: number;
}

/** Repeats `attempt` until it does not throw, and gives its value; throws its last error when time is up. */
export async function eventually<T>(attempt: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> {
  const deadline = performance.now() + (options.timeoutMs ?? 5000);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
      await new Promise<void>((resolve) => setTimeout(resolve, options.intervalMs ?? 5));
    }
  }
}
