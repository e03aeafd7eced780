/**
 * One controller's loop: changes become keys, workers take keys, and each outcome is one branch of one switch with one
 * metric. Level-triggered: a key says what to look at, never what happened.
 *
 * This is one of the three places where bugs (anything thrown that is no AppError) are caught: counted, logged, and
 * backed off like a failure, so that one broken object does not stop the others.
 * A key that reconciles without end while nothing changes is slowed down (`breaker.ts`).
 */
import type { KubeClient, ObjectKey, Resource } from "@slipway/kube";
import { formatKey, keyOf, parseKey } from "@slipway/kube";
import type { Clock, Logger, RandomSource, Span, SpanOptions, Tracer } from "@slipway/std";
import { AppError, assertNever, errorMessage, errorType, isAppError, randomString } from "@slipway/std";
import { boundedClient } from "./bounded-client.ts";
import { Breaker, isNews } from "./breaker.ts";
import { gateWrites } from "./gate-writes.ts";
import type { ObjectChange } from "./object-store.ts";
import type { ReconcileResult, RuntimeMetrics } from "./metrics.ts";
import type { WorkQueue } from "./queue.ts";
import { createWorkQueue } from "./queue.ts";
import type { ShardClaim, Shards } from "./shard-contract.ts";
import type { Cache, ControllerDefinition, EventRecorder, Outcome, ReconcileContext, Watch } from "./types.ts";

export interface ControllerOptions {
  readonly definition: ControllerDefinition;
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Times deadlines; see `RuntimeOptions.processClock`. */
  readonly processClock: Clock;
  readonly logger: Logger;
  readonly random: RandomSource;
  readonly events: EventRecorder;
  readonly metrics: RuntimeMetrics;
  readonly tracer: Tracer;
  readonly cache: (resource: Resource) => Cache;
  readonly activity?: { begin(): () => void };
  readonly reconcileTimeoutMs: number;
  readonly maxBackoffMs: number;
  /** See `RuntimeOptions.breakerBurst`. */
  readonly breakerBurst?: number;
  /** Waits while a cache may lack something that this process wrote. */
  readonly caughtUp?: (signal: AbortSignal) => Promise<void>;
  /** Default: every namespace is ours. */
  readonly shards?: Pick<Shards, "owns" | "begin">;
}

export interface Controller {
  readonly name: string;
  readonly queue: Pick<WorkQueue, "length" | "add">;
  /** A change of an object that `watch` names. */
  changed(watch: Watch, change: ObjectChange): void;
  start(): void;
  /** Takes no further key and waits for those in work; when `hurry` aborts, their requests are aborted. */
  stop(hurry: AbortSignal): Promise<void>;
}

type Verdict = Outcome | { readonly type: "bug"; readonly error: unknown };

export function createController(options: ControllerOptions): Controller {
  return new KeyedController(options);
}

class KeyedController implements Controller {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly #options: ControllerOptions;
  readonly #log: Logger;
  readonly #running = new Set<AbortController>();
  readonly #breaker: Breaker;
  /** Of the objects whose keys are reconciled. */
  readonly #kind: string;
  #workers: Promise<unknown> = Promise.resolve();
  #stopping = false;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.name = options.definition.name;
    this.#log = options.logger.child({ controller: this.name });
    this.#kind = options.definition.watches.find((watch) => watch.toKeys === undefined)?.resource.kind ?? "";
    const { clock, maxBackoffMs, activity, breakerBurst } = options;
    this.#breaker = new Breaker({ clock, maxDelayMs: maxBackoffMs, ...(breakerBurst === undefined ? {} : { burst: breakerBurst }) });
    this.queue = createWorkQueue({ clock, maxDelayMs: maxBackoffMs, ...(activity === undefined ? {} : { activity }) });
  }

  changed(watch: Watch, change: ObjectChange): void {
    const cache = this.#options.cache as ReconcileContext["cache"];
    const keys = watch.toKeys === undefined ? [keyOf(change.object)] : watch.toKeys(change.object, change.old, cache);
    const own = watch.toKeys === undefined ? formatKey(keyOf(change.object)) : undefined;
    const { shards } = this.#options;
    // Its owner has the same event; when the shard becomes ours, everything in it is looked at.
    const mine = keys.filter(({ namespace }) => shards?.owns(namespace) !== false);
    for (const key of mine.map(formatKey)) {
      if (key !== own || isNews(change)) this.#breaker.news(key);
      this.queue.add(key);
    }
    this.#options.metrics.queueLength(this.name, this.queue.length);
  }

  start(): void {
    const count = this.#options.definition.concurrency ?? 4;
    this.#workers = Promise.all(Array.from({ length: count }, () => this.#work()));
  }

  async stop(hurry: AbortSignal): Promise<void> {
    this.#stopping = true;
    this.queue.shutDown({ discard: true });
    const abortAll = (): void => {
      for (const running of this.#running) running.abort(hurry.reason);
    };
    if (hurry.aborted) abortAll();
    else hurry.addEventListener("abort", abortAll, { once: true });
    await this.#workers;
    hurry.removeEventListener("abort", abortAll);
  }

  async #work(): Promise<void> {
    for (let key = await this.queue.take(); key !== undefined; key = await this.queue.take()) {
      try {
        // This reconcile will say anew when to look again.
        this.queue.cancelDelay(key);
        if (this.#mayGo(key)) await this.#process(key);
      } finally {
        this.queue.finish(key);
        this.#options.metrics.queueLength(this.name, this.queue.length);
      }
    }
  }

  #mayGo(key: string): boolean {
    const { waitMs, opened } = this.#breaker.take(key);
    if (waitMs <= 0) return true;
    if (opened) {
      this.#log.warn("key reconciles without end while nothing changes; slowing it down", { key, waitMs });
      this.#options.metrics.slowedDown?.(this.name);
    }
    this.queue.addAfter(key, waitMs);
    return false;
  }

  async #process(key: string): Promise<void> {
    const { random, shards, tracer } = this.#options;
    const reconcileId = randomString(random, 8, "0123456789abcdef");
    const claim = shards?.begin(parseKey(key).namespace);
    if (shards !== undefined && claim === undefined) {
      // The shard left while the key waited.
      this.queue.forget(key);
      return;
    }
    const log = this.#log.child({ key, reconcileId });
    await tracer.root(this.#spanOf(key, reconcileId), (span) => this.#look(key, log, claim, span));
  }

  async #look(key: string, log: Logger, claim: ShardClaim | undefined, span: Span): Promise<void> {
    const { processClock, metrics } = this.#options;
    const startedMs = processClock.now();
    const verdict = await this.#reconcile(parseKey(key), log, claim).finally(() => claim?.end());
    if (this.#stopping && (verdict.type === "failed" || verdict.type === "bug")) {
      log.debug("reconcile cut short by the end of the process");
      return;
    }
    const durationMs = processClock.now() - startedMs;
    const result = this.#settle(key, verdict, log, durationMs);
    metrics.reconciled(this.name, result, durationMs);
    span.set({ "slipway.outcome": result });
    if ("error" in verdict) span.fail(errorType(verdict.error));
  }

  #spanOf(key: string, reconcileId: string): SpanOptions {
    const { namespace, name } = parseKey(key);
    return {
      name: `reconcile ${this.name}`,
      kind: "internal",
      attributes: {
        "slipway.controller": this.name,
        "slipway.kind": this.#kind,
        "slipway.namespace": namespace,
        "slipway.name": name,
        "slipway.attempts": this.queue.failures(key) + 1,
        // Finds the log lines, which have the texts of errors.
        "slipway.reconcile_id": reconcileId,
      },
    };
  }

  /** One exit, one metric and one log line for each outcome. */
  #settle(key: string, verdict: Verdict, log: Logger, durationMs: number): ReconcileResult {
    switch (verdict.type) {
      case "done":
        this.queue.forget(key);
        log.debug("reconciled", { durationMs });
        break;
      case "after":
        this.queue.forget(key);
        this.queue.addAfter(key, verdict.ms);
        log.debug("reconciled; looking again later", { durationMs, afterMs: verdict.ms });
        break;
      case "failed": {
        const advice = isAppError(verdict.error) ? verdict.error.retry : "backoff";
        if (advice === "never") return this.#settle(key, { type: "terminal", error: verdict.error }, log, durationMs);
        let retryMs: number;
        if (advice === "backoff") retryMs = this.queue.addRateLimited(key);
        else this.queue.addAfter(key, (retryMs = advice.afterMs));
        log.warn("reconcile failed; trying again", { durationMs, retryMs, ...errorFields(verdict.error) });
        break;
      }
      case "terminal":
        this.queue.forget(key);
        log.error("reconcile failed; not trying again until something changes", { durationMs, ...errorFields(verdict.error) });
        break;
      case "bug": {
        const retryMs = this.queue.addRateLimited(key);
        const stack = verdict.error instanceof Error ? verdict.error.stack : undefined;
        log.error("reconcile hit a bug; trying again", { durationMs, retryMs, error: errorMessage(verdict.error), stack });
        break;
      }
      default:
        return assertNever(verdict);
    }
    return verdict.type;
  }

  async #reconcile(key: ObjectKey, log: Logger, claim: ShardClaim | undefined): Promise<Verdict> {
    const { definition, client, clock, processClock, tracer, events, cache, reconcileTimeoutMs } = this.#options;
    const running = new AbortController();
    this.#running.add(running);
    const deadline = processClock.setTimer(reconcileTimeoutMs, () => {
      // The worker stays with the key until the reconcile ends: running it twice at once would be worse.
      log.error("reconcile passed its deadline; its requests are aborted", { deadlineMs: reconcileTimeoutMs });
      running.abort(new AppError("RECONCILE_DEADLINE", `reconcile of ${formatKey(key)} took longer than ${reconcileTimeoutMs} ms`));
    });
    const moved = (): void => running.abort(claim?.signal.reason);
    claim?.signal.addEventListener("abort", moved, { once: true });
    const fenced = claim === undefined ? client : gateWrites(client, () => claim.refusal());
    const context: ReconcileContext = {
      client: boundedClient(fenced, running.signal),
      clock,
      log,
      tracer,
      events,
      signal: running.signal,
      cache: cache as ReconcileContext["cache"],
    };
    try {
      await this.#options.caughtUp?.(running.signal);
      return await definition.reconcile(key, context);
    } catch (error) {
      // A request that ended with the signal throws in the transport's own words.
      if (running.signal.aborted && !isAppError(error)) return { type: "failed", error: running.signal.reason as Error };
      return isAppError(error) ? { type: "failed", error } : { type: "bug", error };
    } finally {
      claim?.signal.removeEventListener("abort", moved);
      deadline.cancel();
      this.#running.delete(running);
    }
  }
}

function errorFields(error: unknown): Record<string, unknown> {
  return { error: errorMessage(error), ...(isAppError(error) ? { code: error.code } : {}) };
}
