/**
 * Keeps events few. Rules and numbers follow client-go's `EventCorrelator` (`tools/record/events_cache.go`):
 *
 *   similar   same object, type and reason, more than 10 different messages within 10 minutes: the further ones become
 *             one event, `(combined from similar events): <latest message>`
 *   rate      25 events about an object at once, then one in 5 minutes; the others are counted, not sent
 *
 * Both memories are bounded; the least recently used are forgotten.
 */
import type { Clock } from "@slipway/std";

export interface EventCorrelatorOptions {
  readonly clock: Clock;
  /** Default 10. */
  readonly similarMessages?: number;
  /** Default 600_000. */
  readonly similarWindowMs?: number;
  /** Events about one object at once. Default 25. */
  readonly burst?: number;
  /** Until an object may have one more, milliseconds. Default 300_000. */
  readonly refillMs?: number;
  /** Objects, and groups of similar events, that are remembered. Default 4096. */
  readonly memory?: number;
}

export const combinedPrefix = "(combined from similar events): ";

export class EventCorrelator {
  readonly #options: EventCorrelatorOptions;
  readonly #groups = new Map<string, { lastMs: number; readonly messages: Set<string> }>();
  readonly #budgets = new Map<string, { tokens: number; filledMs: number }>();

  constructor(options: EventCorrelatorOptions) {
    this.#options = options;
  }

  /** True when the event is one of too many similar ones and must be combined with them. `group`: object, type, reason. */
  isCombined(group: string, message: string): boolean {
    const { clock, similarMessages = 10, similarWindowMs = 600_000 } = this.#options;
    const nowMs = clock.now();
    const present = this.#groups.get(group);
    const known =
      present === undefined || nowMs - present.lastMs > similarWindowMs ? { lastMs: nowMs, messages: new Set<string>() } : present;
    known.lastMs = nowMs;
    this.#remember(this.#groups, group, known);
    if (known.messages.has(message)) return false;
    if (known.messages.size >= similarMessages) return true;
    known.messages.add(message);
    return false;
  }

  /** Whether one more event about the object may be sent now. */
  allows(object: string): boolean {
    const { clock, burst = 25, refillMs = 300_000 } = this.#options;
    const nowMs = clock.now();
    const budget = this.#budgets.get(object) ?? { tokens: burst, filledMs: nowMs };
    budget.tokens = Math.min(burst, budget.tokens + Math.max(0, nowMs - budget.filledMs) / refillMs);
    budget.filledMs = nowMs;
    this.#remember(this.#budgets, object, budget);
    if (budget.tokens < 1) return false;
    budget.tokens--;
    return true;
  }

  #remember<Value>(memory: Map<string, Value>, key: string, value: Value): void {
    memory.delete(key);
    memory.set(key, value);
    const [oldest] = memory.keys();
    if (memory.size > (this.#options.memory ?? 4096) && oldest !== undefined) memory.delete(oldest);
  }
}
