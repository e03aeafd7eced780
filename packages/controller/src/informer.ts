/**
 * One kind's list and watch, kept alive: fills an ObjectStore and tells handlers what changed.
 *
 * Loop: the present state first (as a stream where the server serves `sendInitialEvents`, else a paged list), then a
 * watch from its resourceVersion, resumed from the last event or bookmark for as long as the server knows it. The state
 * is read anew when the version is too old (410) or when the watch was silent for too long: the server closes each watch
 * after `watchSeconds` with a bookmark shortly before, so on a healthy connection there is never that much silence.
 *
 * An event that was lost without a trace is found by verification: where a watch ended, the next one begins with the state
 * instead of a version, no more often than a page of objects each `verifyMs`. It costs no request more. Few objects are thus
 * verified every watch, 12,000 every quarter of an hour.
 *
 * A connection attempt follows the previous one after a second at the earliest; failures back off to 30 s, with jitter.
 * Not here: gzip and back-pressure (the transport's), resync timers (a level-triggered reconciler asks to be called again).
 */
import type { KubeClient, KubeObject, Resource } from "@slipway/kube";
import { apiError, apiStatusOf, formatApiVersion, formatKey, isGone, isNotFound } from "@slipway/kube";
import type { Clock, Logger, RandomSource } from "@slipway/std";
import { errorMessage } from "@slipway/std";
import { InitialStream } from "./initial-stream.ts";
import type { IndexFunction, ObjectChange } from "./object-store.ts";
import { ObjectStore } from "./object-store.ts";
import { stripped } from "./strip.ts";
import type { Cache } from "./types.ts";
import { Watchdog } from "./watchdog.ts";

export interface InformerOptions {
  readonly client: KubeClient;
  readonly resource: Resource;
  readonly logger: Logger;
  readonly random: RandomSource;
  /** Times reconnects and silence. Real time unless connections are simulated too. */
  readonly clock: Clock;
  /** Default: all namespaces. */
  readonly namespace?: string;
  /** A kind the cluster may not serve: its absence is looked at again every `absentRetryMs`. Default false. */
  readonly optional?: boolean;
  /** Objects a page; default 500. */
  readonly pageSize?: number;
  /** Longest silence before the state is read anew; default 60_000. */
  readonly silenceMs?: number;
  /** Asked of the server as the length of a watch; default 50. Must be below the silence. */
  readonly watchSeconds?: number;
  /** Default 30_000. */
  readonly absentRetryMs?: number;
  /** Least time between two verifications for each page of objects; default 40_000. */
  readonly verifyMs?: number;
  readonly activity?: { begin(): () => void };
  /** Told why the state is read anew. Default: nobody. */
  readonly onRelist?: (reason: RelistReason) => void;
}

export type RelistReason = "start" | "expired" | "silence" | "refresh" | "verification";
export type ChangeHandler = (change: ObjectChange) => void;

export interface Informer {
  readonly resource: Resource;
  readonly store: ObjectStore;
  /** The first state has arrived. */
  readonly synced: boolean;
  /** Before `start`. */
  addIndex(name: string, compute: IndexFunction): void;
  /** Before `start`. A throwing handler is a bug: it is logged and the others still run. */
  addHandler(handler: ChangeHandler): void;
  start(signal: AbortSignal): void;
  /** Resolves with the first state, or, for an optional kind, when the server is known not to serve it. */
  settled(signal: AbortSignal): Promise<void>;
  /** Reads the state anew and resolves when it is in the cache: what was written before the call is in it. */
  refresh(signal: AbortSignal): Promise<void>;
  /**
   * The cache may lack something that this process wrote: reads the state anew, a second after the last connection at
   * the earliest. `behind` until that arrived.
   */
  invalidate(): void;
  /** A state is owed that contains what was written before the last `refresh` or `invalidate`; nobody may act before. */
  readonly behind: boolean;
  /** Resolves when the cache is not behind. */
  caughtUp(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

const defaultPageSize = 500;
const reconnectMs = 1000;
const longestBackoffMs = 30_000;
/** A server that streams the state sends something this often until it is complete. */
const streamSilenceMs = 5000;

export function createInformer(options: InformerOptions): Informer {
  return new ListWatchInformer(options);
}

/** The read side of an informer, with one controller's indexes under their own names. */
export function cacheView<T extends KubeObject>(informer: Informer, indexName: (index: string) => string): Cache<T> {
  const { store, resource } = informer;
  return {
    resource,
    get synced(): boolean {
      return informer.synced;
    },
    get: (key) => store.get(formatKey(resource.namespaced ? key : { namespace: "", name: key.name })) as T | undefined,
    list(filter = {}): T[] {
      const found = store.list(filter.namespace) as T[];
      const labels = Object.entries(filter.labels ?? {});
      if (labels.length === 0) return found;
      return found.filter((object) => labels.every(([name, value]) => object.metadata.labels?.[name] === value));
    },
    byIndex: (index, value) => store.byIndex(indexName(index), value) as T[],
  };
}

class ListWatchInformer implements Informer {
  readonly resource: Resource;
  readonly store: ObjectStore = new ObjectStore();
  readonly #options: InformerOptions;
  readonly #log: Logger;
  readonly #handlers: ChangeHandler[] = [];
  #waiters: { readonly done: () => boolean; readonly resolve: () => void }[] = [];
  #synced = false;
  #absent = false;
  /** Where to resume; absent when the state must be read anew. */
  #version: string | undefined;
  #relistReason: RelistReason = "start";
  #streamInitial = true;
  #failures = 0;
  /** When the last state that arrived was asked for, and when `refresh` was last called: see `ObjectStore.beginList`. */
  #completedOrder = 0;
  #completedAtMs = -Infinity;
  #refreshOrder = -1;
  #connectedAtMs = -Infinity;
  #stop: AbortController | undefined;
  #attempt: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: InformerOptions) {
    this.resource = options.resource;
    this.#options = options;
    this.#log = options.logger.child({ resource: `${options.resource.plural}.${options.resource.group}` });
  }

  get synced(): boolean {
    return this.#synced;
  }

  addIndex(name: string, compute: IndexFunction): void {
    this.store.addIndex(name, compute);
  }

  addHandler(handler: ChangeHandler): void {
    this.#handlers.push(handler);
  }

  start(signal: AbortSignal): void {
    if (this.#stop !== undefined) return;
    this.#stop = new AbortController();
    this.#running = this.#run(AbortSignal.any([signal, this.#stop.signal]));
  }

  settled(signal: AbortSignal): Promise<void> {
    return this.#until(() => this.#synced || (this.#absent && this.#options.optional === true), signal);
  }

  refresh(signal: AbortSignal): Promise<void> {
    this.#connectedAtMs = -Infinity;
    this.invalidate();
    return this.caughtUp(signal);
  }

  invalidate(): void {
    this.#refreshOrder = this.store.beginList();
    this.#failures = 0;
    this.#attempt?.abort();
  }

  get behind(): boolean {
    return this.#completedOrder <= this.#refreshOrder && !(this.#absent && this.#options.optional === true);
  }

  caughtUp(signal: AbortSignal): Promise<void> {
    return this.#until(() => !this.behind, signal);
  }

  async stop(): Promise<void> {
    this.#stop?.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const attempt = new AbortController();
      this.#attempt = attempt;
      const both = AbortSignal.any([signal, attempt.signal]);
      try {
        await this.#pace(both);
        this.#connectedAtMs = this.#options.clock.now();
        await this.#connect(both);
        this.#failures = 0;
      } catch (error) {
        if (!both.aborted) this.#failed(error);
      }
    }
  }

  /** Waits as long as the next attempt must. */
  async #pace(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    let delayMs = reconnectMs;
    if (this.#absent) delayMs = this.#options.absentRetryMs ?? 30_000;
    else if (this.#failures > 0) delayMs = Math.min(reconnectMs * 2 ** (this.#failures - 1), longestBackoffMs) * (1 + random.next() / 2);
    const dueMs = this.#connectedAtMs + delayMs;
    if (dueMs > clock.now()) await clock.sleep(dueMs - clock.now(), signal);
  }

  async #connect(signal: AbortSignal): Promise<void> {
    if (this.#completedOrder <= this.#refreshOrder) this.#relist("refresh");
    else if (this.#version !== undefined && this.#verificationDue()) this.#relist("verification");
    if (this.#version === undefined && !this.#streamInitial) this.#version = await this.#list(signal);
    await this.#watch(signal);
  }

  #verificationDue(): boolean {
    const { clock, pageSize = defaultPageSize, verifyMs = 40_000 } = this.#options;
    return clock.now() - this.#completedAtMs >= verifyMs * Math.max(1, Math.ceil(this.store.size / pageSize));
  }

  #failed(error: unknown): void {
    const absent = isNotFound(error);
    if (isGone(error)) {
      // Not a failure of the connection: read anew, at once if the last attempt is a second ago.
      this.#relist("expired");
      return;
    }
    if (absent && !this.#absent && this.#options.optional === true) this.#log.info("kind is not served; looking again later");
    else if (!absent) this.#log.warn("watch failed; connecting again", { error: errorMessage(error), failures: this.#failures });
    else if (this.#options.optional !== true) this.#log.warn("kind is not served", { error: errorMessage(error) });
    this.#absent = absent && this.#options.optional === true;
    this.#failures++;
    if (absent) this.#relist("start");
    if (this.#absent) {
      this.#synced = false;
      for (const change of this.store.replaceAll([], this.store.beginList(), undefined)) this.#deliver(change);
    }
    this.#notifyWaiters();
  }

  #relist(reason: RelistReason): void {
    this.#version = undefined;
    this.#relistReason = reason;
  }

  async #list(signal: AbortSignal): Promise<string | undefined> {
    const { client, resource, namespace } = this.#options;
    const end = this.#options.activity?.begin();
    try {
      const order = this.store.beginList();
      this.#options.onRelist?.(this.#relistReason);
      const objects: KubeObject[] = [];
      let version: string | undefined;
      let token: string | undefined;
      do {
        const page = await client.list(resource, {
          limit: this.#options.pageSize ?? defaultPageSize,
          signal,
          ...(namespace === undefined ? {} : { namespace }),
          ...(token === undefined ? {} : { continue: token }),
        });
        for (const object of page.items) objects.push(this.#stripped(object));
        version ??= page.metadata.resourceVersion;
        token = page.metadata.continue === "" ? undefined : page.metadata.continue;
      } while (token !== undefined);
      this.#replaceAll(objects, order, version);
      return version;
    } finally {
      end?.();
    }
  }

  /** One watch. Returns when the server closed it; throws when it failed. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { client, resource, namespace, random } = this.#options;
    const silence = new AbortController();
    const streamed = this.#version === undefined ? new InitialStream(this.store.beginList()) : undefined;
    const initial = { stream: streamed, end: streamed === undefined ? undefined : this.#options.activity?.begin() };
    if (streamed !== undefined) this.#options.onRelist?.(this.#relistReason);
    // Spread out, so that kinds do not all reconnect in the same instant.
    const watchSeconds = Math.round((this.#options.watchSeconds ?? 50) * (0.9 + random.next() / 10));
    const silenceMs = this.#options.silenceMs ?? 60_000;
    const watchdog = new Watchdog(this.#options.clock, streamed === undefined ? silenceMs : Math.min(streamSilenceMs, silenceMs), () =>
      silence.abort(),
    );
    try {
      const events = client.watch(resource, {
        allowBookmarks: true,
        timeoutSeconds: watchSeconds,
        signal: AbortSignal.any([signal, silence.signal]),
        ...(namespace === undefined ? {} : { namespace }),
        ...(this.#version === undefined ? { sendInitialEvents: true } : { resourceVersion: this.#version }),
      });
      for await (const event of events) {
        watchdog.heard();
        if (signal.aborted) return;
        if (event.type === "ERROR") throw apiError(event.object);
        if (initial.stream !== undefined) {
          const objects = initial.stream.add(event.type, this.#stripped(event.object));
          if (objects === undefined) continue;
          this.#replaceAll(objects, initial.stream.order, event.object.metadata.resourceVersion);
          initial.stream = undefined;
          watchdog.allow(silenceMs);
          initial.end?.();
        } else if (event.type !== "BOOKMARK") this.#deliver(this.store.apply(event.type, this.#stripped(event.object)));
        this.#version = event.object.metadata.resourceVersion;
        this.#failures = 0;
      }
    } catch (error) {
      if (initial.stream !== undefined && refusesStreaming(error)) {
        this.#fallBackToList();
        return;
      }
      throw error;
    } finally {
      watchdog.stop();
      initial.end?.();
    }
    if (signal.aborted) return;
    if (silence.signal.aborted) this.#log.warn("watch was silent; reading the state anew");
    // A server that ignores the request streams the state but never says that it is complete.
    if (initial.stream !== undefined) this.#fallBackToList();
    else if (silence.signal.aborted) this.#relist("silence");
  }

  #fallBackToList(): void {
    this.#streamInitial = false;
    this.#connectedAtMs = -Infinity;
  }

  #replaceAll(objects: readonly KubeObject[], order: number, version: string | undefined): void {
    const changes = this.store.replaceAll(objects, order, version);
    this.#synced = true;
    this.#absent = false;
    this.#completedOrder = order;
    this.#completedAtMs = this.#options.clock.now();
    for (const change of changes) this.#deliver(change);
    this.#notifyWaiters();
  }

  #deliver(change: ObjectChange | undefined): void {
    if (change === undefined) return;
    for (const handler of this.#handlers) {
      try {
        handler(change);
      } catch (error) {
        const { namespace, name } = change.object.metadata;
        this.#log.error("change handler failed", { object: { namespace, name }, error: errorMessage(error) });
      }
    }
  }

  #stripped(object: KubeObject): KubeObject {
    // Items of a list come without apiVersion and kind.
    return { ...stripped(object), apiVersion: formatApiVersion(this.resource), kind: this.resource.kind };
  }

  #until(done: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(signal.reason as Error);
      };
      const waiter = {
        done,
        resolve: (): void => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.push(waiter);
      this.#notifyWaiters();
    });
  }

  #notifyWaiters(): void {
    const ready = this.#waiters.filter((waiter) => waiter.done());
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
    for (const waiter of ready) waiter.resolve();
  }
}

/** A server without the feature refuses the parameters; 404 (the kind) and 410 mean something else. */
function refusesStreaming(error: unknown): boolean {
  const code = apiStatusOf(error)?.code;
  return code !== undefined && code >= 400 && code < 500 && ![401, 403, 404, 408, 410, 429].includes(code);
}
