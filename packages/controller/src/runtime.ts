/**
 * The runtime of one process: one informer a kind shared by all controllers, one controller loop each, one client whose
 * writes the caches know of.
 *
 *   start       informers list and watch; each change becomes keys; workers begin once every kind that is not optional
 *               has arrived, so that no reconcile takes a missing object for a deleted one
 *   stop        no further key is taken, those in work may end, then everything closes
 */
import type { KubeClient, KubeObject, Resource } from "@slipway/kube";
import type { Clock, Logger, RandomSource, Timer, Tracer } from "@slipway/std";
import { AppError, invariant, noTracer } from "@slipway/std";
import type { Controller } from "./controller.ts";
import { createController } from "./controller.ts";
import { createEventRecorder } from "./events.ts";
import { gateWrites } from "./gate-writes.ts";
import type { Informer } from "./informer.ts";
import { cacheView, createInformer } from "./informer.ts";
import type { RuntimeMetrics } from "./metrics.ts";
import { noMetrics } from "./metrics.ts";
import type { Shards } from "./shard-contract.ts";
import { trackWrites } from "./track-writes.ts";
import type { Cache, ControllerDefinition } from "./types.ts";

export interface RuntimeOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: RandomSource;
  /**
   * Times what guards the process and not the product: reconnects, silence of a watch, deadlines of reconciles and of
   * draining. Default: `clock`. Give the real clock beside a stepped one.
   */
  readonly processClock?: Clock;
  /** Told while a key is ready or in work and while a state is being read, so that a stepped clock can wait. */
  readonly activity?: { begin(): () => void };
  readonly metrics?: RuntimeMetrics;
  /** Records one span a reconcile. Default: none. */
  readonly tracer?: Tracer;
  /** Refuses all writes while it gives an error, e.g. when a lease was lost. Default: never. */
  readonly refusal?: () => AppError | undefined;
  /** Several runtimes side by side, each for its own namespaces. Started and stopped by the runtime. Default: all namespaces. */
  readonly shards?: Shards;
  /** `source.component` of events. Default `slipway`. */
  readonly component?: string;
  /** Longest reconcile, milliseconds. Default 180_000. */
  readonly reconcileTimeoutMs?: number;
  /** Longest delay after failures, milliseconds. Default 60_000. */
  readonly maxBackoffMs?: number;
  /** Reconciles of one key in a row for which nothing changed, before it is slowed down to one a second and less. Default 100. */
  readonly breakerBurst?: number;
  /** How long `stop` waits for reconciles in work before it aborts them, milliseconds. Default 20_000. */
  readonly drainTimeoutMs?: number;
  /** Longest silence of a watch before the state is read anew, milliseconds. Default 60_000. */
  readonly watchSilenceMs?: number;
}

export interface Runtime {
  /** The client that reconcilers get: gated, and with read-your-writes. */
  readonly client: KubeClient;
  /** Before `start`. */
  add(definition: ControllerDefinition): void;
  /** The cache of a kind that is watched. A kind asked for before `start` is watched from then on. */
  cache<T extends KubeObject = KubeObject>(resource: Resource): Cache<T>;
  /** Starts the caches only: for a stand-by that answers webhooks. `start` then reads the state anew. */
  startCaches(signal: AbortSignal): void;
  /** Starts caches and workers. When `signal` aborts everything ends at once, as in a crash: no drain, no further write. */
  start(signal: AbortSignal): void;
  /** Resolves when every kind's state has arrived (of optional kinds: is known to be absent) and workers run. */
  synced(): Promise<void>;
  /** Lets reconciles in work end, within the limit, sends pending events, and closes. Safe to call twice. */
  stop(): Promise<void>;
}

/** Between the abort of a reconcile's requests and giving it up. */
const abandonMs = 2000;

export function createRuntime(options: RuntimeOptions): Runtime {
  return new ControllerRuntime(options);
}

class ControllerRuntime implements Runtime {
  readonly client: KubeClient;
  readonly #options: RuntimeOptions;
  readonly #processClock: Clock;
  readonly #gated: KubeClient;
  readonly #informers = new Map<string, Informer>();
  readonly #optional = new Map<string, boolean>();
  readonly #definitions: ControllerDefinition[] = [];
  readonly #controllers: Controller[] = [];
  readonly #crash = new AbortController();
  readonly #events: ReturnType<typeof createEventRecorder>;
  #cachesStarted = false;
  #ready: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #closed = false;

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.#processClock = options.processClock ?? options.clock;
    this.#gated = gateWrites(options.client, () => this.#refusal());
    this.client = trackWrites(this.#gated, (resource) => this.#informers.get(informerKey(resource)), options.clock, this.#processClock);
    this.#events = createEventRecorder({
      client: this.#gated,
      clock: options.clock,
      logger: options.logger,
      component: options.component ?? "slipway",
      ...(options.activity === undefined ? {} : { activity: options.activity }),
    });
  }

  add(definition: ControllerDefinition): void {
    invariant(!this.#cachesStarted, `controller ${definition.name} added after start`);
    invariant(!this.#definitions.some((other) => other.name === definition.name), `controller ${definition.name} added twice`);
    this.#definitions.push(definition);
    for (const { resource, optional, indexes } of definition.watches) {
      const key = informerKey(resource);
      // Required by one controller is required.
      this.#optional.set(key, (this.#optional.get(key) ?? true) && optional === true);
      const informer = this.#informer(resource);
      for (const [name, compute] of Object.entries(indexes ?? {})) informer.addIndex(`${definition.name}/${name}`, compute);
    }
  }

  cache<T extends KubeObject = KubeObject>(resource: Resource): Cache<T> {
    const names = this.#definitions.map((definition) => definition.name);
    return this.#view<T>(resource, names);
  }

  startCaches(signal: AbortSignal): void {
    if (this.#cachesStarted) return;
    this.#cachesStarted = true;
    signal.addEventListener("abort", () => this.#crash.abort(signal.reason), { once: true });
    if (signal.aborted) this.#crash.abort(signal.reason);
    for (const definition of this.#definitions) {
      const controller = this.#controller(definition);
      this.#controllers.push(controller);
      for (const watch of definition.watches) {
        this.#informer(watch.resource).addHandler((change) => controller.changed(watch, change));
      }
    }
    for (const informer of this.#informers.values()) informer.start(this.#crash.signal);
  }

  start(signal: AbortSignal): void {
    invariant(this.#ready === undefined, "runtime started twice");
    const standby = this.#cachesStarted;
    this.startCaches(signal);
    this.#ready = this.#begin(standby);
    // `synced` reports it; nobody has to ask.
    this.#ready.catch(() => undefined);
  }

  synced(): Promise<void> {
    invariant(this.#ready !== undefined, "runtime is not started");
    return this.#ready;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#drain();
    return this.#stopped;
  }

  async #begin(standby: boolean): Promise<void> {
    const { signal } = this.#crash;
    const informers = [...this.#informers.values()];
    // A stand-by's caches may lag behind the last writes of the process that led before.
    await Promise.all(informers.map((informer) => (standby ? informer.refresh(signal) : informer.settled(signal))));
    signal.throwIfAborted();
    if (this.#stopped !== undefined) return;
    for (const controller of this.#controllers) controller.start();
    this.#options.shards?.start(signal, {
      prepare: async (until) => void (await Promise.all(informers.map((informer) => informer.refresh(until)))),
      activated: () => this.#lookAtAll(),
    });
    signal.addEventListener("abort", () => void this.stop(), { once: true });
  }

  #lookAtAll(): void {
    for (const [i, definition] of this.#definitions.entries()) {
      for (const watch of definition.watches) {
        for (const object of this.#informer(watch.resource).store.list()) {
          this.#controllers[i]?.changed(watch, { type: "added", object, old: undefined });
        }
      }
    }
  }

  async #drain(): Promise<void> {
    const hurry = new AbortController();
    const expire = (): void => hurry.abort(new AppError("STOPPED", "the controller is stopping"));
    const limit = this.#processClock.setTimer(this.#options.drainTimeoutMs ?? 20_000, expire);
    this.#crash.signal.addEventListener("abort", expire, { once: true });
    const abandoned = this.#abandonAfter(hurry.signal);
    if (this.#crash.signal.aborted) expire();
    const drained = Promise.all(this.#controllers.map((controller) => controller.stop(hurry.signal)));
    await Promise.race([drained, abandoned.promise]);
    await this.#events.stop(hurry.signal);
    await this.#options.shards?.stop();
    this.#crash.signal.removeEventListener("abort", expire);
    limit.cancel();
    abandoned.cancel();
    this.#closed = true;
    await Promise.all([...this.#informers.values()].map((informer) => informer.stop()));
  }

  /** Resolves a while after `hurry`: a reconcile that ignores its signal must not keep the process. It cannot write. */
  #abandonAfter(hurry: AbortSignal): { readonly promise: Promise<void>; cancel(): void } {
    let timer: Timer | undefined;
    const promise = new Promise<void>((resolve) => {
      const abandon = (): void => {
        this.#options.logger.error("reconciles in work ignore that the process stops; they are abandoned");
        resolve();
      };
      hurry.addEventListener("abort", () => (timer = this.#processClock.setTimer(abandonMs, abandon)), { once: true });
    });
    return { promise, cancel: () => timer?.cancel() };
  }

  #refusal(): AppError | undefined {
    if (this.#crash.signal.aborted || this.#closed)
      return new AppError("STOPPED", "the controller has stopped and may not write", { retry: "never" });
    return this.#options.refusal?.();
  }

  #controller(definition: ControllerDefinition): Controller {
    const { clock, logger, random, metrics, tracer, activity } = this.#options;
    return createController({
      definition,
      client: this.client,
      clock,
      processClock: this.#processClock,
      logger,
      random,
      events: this.#events,
      metrics: metrics ?? noMetrics,
      tracer: tracer ?? noTracer,
      cache: (resource) => this.#view(resource, [definition.name]),
      caughtUp: async (signal) => {
        for (const { resource } of definition.watches) {
          const informer = this.#informer(resource);
          if (informer.behind) await informer.caughtUp(signal);
        }
      },
      reconcileTimeoutMs: this.#options.reconcileTimeoutMs ?? 180_000,
      maxBackoffMs: this.#options.maxBackoffMs ?? 60_000,
      ...(this.#options.shards === undefined ? {} : { shards: this.#options.shards }),
      ...(this.#options.breakerBurst === undefined ? {} : { breakerBurst: this.#options.breakerBurst }),
      ...(activity === undefined ? {} : { activity }),
    });
  }

  #view<T extends KubeObject>(resource: Resource, controllers: readonly string[]): Cache<T> {
    const informer = this.#informer(resource);
    return cacheView<T>(informer, (index) => {
      const owner = controllers.find((name) => informer.store.hasIndex(`${name}/${index}`));
      invariant(owner !== undefined, `no index ${index} on ${resource.plural}`);
      return `${owner}/${index}`;
    });
  }

  #informer(resource: Resource): Informer {
    const key = informerKey(resource);
    const present = this.#informers.get(key);
    if (present !== undefined) return present;
    invariant(!this.#cachesStarted, `${key} is not watched by any controller`);
    const optional = this.#optional;
    const { logger, random, metrics, activity, watchSilenceMs } = this.#options;
    const informer = createInformer({
      client: this.#options.client,
      resource,
      logger,
      random,
      clock: this.#processClock,
      get optional(): boolean {
        return optional.get(key) === true;
      },
      onRelist: (reason) => (metrics ?? noMetrics).relisted(key, reason),
      ...(activity === undefined ? {} : { activity }),
      ...(watchSilenceMs === undefined ? {} : { silenceMs: watchSilenceMs }),
    });
    this.#informers.set(key, informer);
    return informer;
  }
}

function informerKey(resource: Resource): string {
  return resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
}
