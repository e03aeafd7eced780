/**
 * One leader at a time, over a coordination.k8s.io/v1 Lease. Rules follow client-go's `tools/leaderelection`.
 *
 * - A candidate takes the lease when it is free, its own, or was not renewed for `leaseDurationMs` on the candidate's own
 *   clock since the candidate first saw that renewal. The clocks of two processes are never compared, only their pace.
 * - The leader renews every `retryMs`, and stops being the leader `renewDeadlineMs` after it *began* its last successful
 *   renewal. That is before any other may take the lease (`renewDeadlineMs` < `leaseDurationMs`).
 * - `holds()` is the fence: asked before every write, it compares the clock, so a process that was frozen finds out
 *   before it acts. A timer ends the leadership too, so a clock that is set back cannot prolong it.
 * - Lost is lost: an elector does not lead again. The process ends and starts anew.
 */
import type { KubeClient, KubeObject } from "@slipway/kube";
import { apiStatusOf, isAlreadyExists, isConflict, isNotFound, resources } from "@slipway/kube";
import type { Clock, Logger, RandomSource, Timer } from "@slipway/std";
import { AppError, at, errorMessage } from "@slipway/std";

export interface LeaderElectionOptions {
  /** Not gated by this election. */
  readonly client: KubeClient;
  /**
   * Says when our own leadership ends. It must not be set back and not stand still, so that the fence holds; it may run
   * fast: `createMonotonicClock` of `@slipway/controller/node`.
   */
  readonly clock: Clock;
  /**
   * Milliseconds from any beginning: says when another's lease has expired. It must never run fast, so that nobody is
   * robbed; it may stand still: `performance.now()`. Default: the time of `clock`.
   */
  readonly elapsedMs?: () => number;
  readonly logger: Logger;
  /** Spreads the candidates' attempts. */
  readonly random: RandomSource;
  readonly namespace: string;
  /** Name of the Lease. */
  readonly name: string;
  /** Unique to the process, e.g. `<host>_<random>`. */
  readonly identity: string;
  /** Labels of the Lease when it is created here. Default: none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Default 15_000. */
  readonly leaseDurationMs?: number;
  /** Default 10_000. */
  readonly renewDeadlineMs?: number;
  /** Default 2_000. */
  readonly retryMs?: number;
}

export interface LeaderElector {
  /** Begins to try. When `signal` aborts, everything ends at once and the lease is left to expire. */
  start(signal: AbortSignal): void;
  /**
   * Resolves after the first attempt: true when it took the lease. Throws `LEASE_REFUSED` when trying again is of no use:
   * the namespace does not exist, or the lease may not be written.
   */
  firstAttempt(): Promise<boolean>;
  /** Resolves when this process leads; rejects when it was stopped before. */
  acquired(): Promise<void>;
  /** Whether this process may act right now. */
  holds(): boolean;
  /** For `gateWrites`: why this process may not act right now. */
  refusal(): AppError | undefined;
  /** Aborts when leadership ends; the reason is an AppError `LEADERSHIP_LOST`, or `STOPPED` after `stop`. */
  readonly lost: AbortSignal;
  /** Ends the leadership; with `release`, frees the lease so that another need not wait. Default release. */
  stop(options?: { readonly release?: boolean }): Promise<void>;
}

export function createLeaderElector(options: LeaderElectionOptions): LeaderElector {
  return new LeaseElector(options);
}

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

class LeaseElector implements LeaderElector {
  readonly #options: LeaderElectionOptions;
  readonly #leaseDurationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryMs: number;
  readonly #lost = new AbortController();
  readonly #stop = new AbortController();
  readonly #first = createDeferred<boolean>();
  readonly #acquired = createDeferred<void>();
  /** The lease as last read or written. */
  #lease: KubeObject | undefined;
  /** The renewal that was seen, and when on our clock. */
  #observed = { renewal: "", atMs: 0, leaseMs: 0 };
  #leading = false;
  #tried = false;
  /** Start of our last successful renewal. */
  #renewedMs = -Infinity;
  #expiry: Timer | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#leaseDurationMs = options.leaseDurationMs ?? 15_000;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryMs = options.retryMs ?? 2000;
    if (this.#renewDeadlineMs >= this.#leaseDurationMs || this.#retryMs >= this.#renewDeadlineMs)
      throw new AppError("LEASE_TIMES", "leader election needs retry < renew deadline < lease duration", { retry: "never" });
    // Not everybody waits for these.
    this.#first.promise.catch(() => undefined);
    this.#acquired.promise.catch(() => undefined);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  start(signal: AbortSignal): void {
    this.#running = this.#run(AbortSignal.any([signal, this.#stop.signal]));
  }

  firstAttempt(): Promise<boolean> {
    return this.#first.promise;
  }

  acquired(): Promise<void> {
    return this.#acquired.promise;
  }

  holds(): boolean {
    // A process that was frozen may ask before its timer had a chance to run.
    if (this.#leading && this.#options.clock.now() >= this.#renewedMs + this.#renewDeadlineMs) this.#expire();
    return this.#leading;
  }

  refusal(): AppError | undefined {
    if (this.holds()) return undefined;
    if (this.#lost.signal.aborted) return this.#lost.signal.reason as AppError;
    return new AppError("NOT_LEADER", `lease ${this.#options.name} is held by another process`);
  }

  async stop(options: { readonly release?: boolean } = {}): Promise<void> {
    const held = this.holds();
    this.#lose(new AppError("STOPPED", "leader election was stopped", { retry: "never" }));
    this.#stop.abort();
    await this.#running;
    if (held && options.release !== false) await this.#release();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    // An attempt that hangs must not outlive the leadership it would renew.
    const until = AbortSignal.any([signal, this.#lost.signal]);
    while (!until.aborted) {
      const startedMs = clock.now();
      try {
        if (await this.#attempt(until)) this.#renewed(startedMs);
      } catch (error) {
        const refusal = this.#refusedForGood(error);
        if (refusal !== undefined && !this.#tried) {
          this.#first.reject(refusal);
          this.#lose(refusal);
        } else if (!signal.aborted) logger.warn("lease not renewed", { lease: this.#options.name, error: errorMessage(error) });
      }
      this.#tried = true;
      this.#first.resolve(this.#leading);
      if (until.aborted) break;
      await clock.sleep(this.#pauseMs(startedMs), until).catch(() => undefined);
    }
    this.#first.resolve(false);
    if (signal.aborted) this.#lose(new AppError("STOPPED", "leader election was stopped", { retry: "never" }));
    this.#acquired.reject(this.#lost.signal.reason as Error);
  }

  /** How long after an attempt that began at `startedMs` the next one begins. */
  #pauseMs(startedMs: number): number {
    const { random } = this.#options;
    // A leader whose renewal failed has until the deadline only, so it asks again sooner than one that succeeded.
    if (this.#leading) return this.#renewedMs === startedMs ? this.#retryMs : this.#retryMs / 4;
    // Others look often, so that they know when it was renewed, and once more in the moment in which it may be taken.
    const pollMs = (this.#retryMs / 2) * (1.2 - random.next() / 5);
    const remainingMs = this.#observed.atMs + this.#observed.leaseMs - this.#elapsedMs();
    return remainingMs > 0 ? Math.min(pollMs, remainingMs) : pollMs;
  }

  /** True when the lease is ours, renewed by a write that began after this call. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    const { client, identity, namespace, name, labels } = this.#options;
    if (!this.#leading || this.#lease === undefined) {
      const found = await this.#read(signal);
      if (found === undefined) {
        const fresh: KubeObject = {
          apiVersion: "coordination.k8s.io/v1",
          kind: "Lease",
          metadata: { namespace, name, ...(labels === undefined ? {} : { labels: { ...labels } }) },
          spec: this.#claim({}),
        };
        try {
          this.#lease = await client.create(resources.leases, fresh, { signal });
          return true;
        } catch (error) {
          if (isAlreadyExists(error)) return false;
          throw error;
        }
      }
      this.#lease = found;
      if (!this.#mayTake(specOf(found))) return false;
    }
    try {
      await this.#replace(this.#lease, signal);
      return true;
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
      const present = await this.#read(signal);
      this.#lease = present;
      if (!this.#leading || present === undefined) return false;
      if (specOf(present).holderIdentity !== identity) {
        this.#lose(new AppError("LEADERSHIP_LOST", `lease ${namespace}/${name} was taken by another process`));
        return false;
      }
      // Our own renewal, whose answer was lost, or somebody's label: still ours, so renew from what is there now.
      await this.#replace(present, signal);
      return true;
    }
  }

  async #replace(present: KubeObject, signal: AbortSignal): Promise<void> {
    this.#lease = await this.#options.client.replace(resources.leases, { ...present, spec: this.#claim(specOf(present)) }, { signal });
  }

  async #read(signal: AbortSignal): Promise<KubeObject | undefined> {
    const { client, namespace, name } = this.#options;
    try {
      return await client.get(resources.leases, { namespace, name }, { signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #mayTake(spec: LeaseSpec): boolean {
    const { identity } = this.#options;
    const holder = spec.holderIdentity ?? "";
    const renewal = `${holder} ${spec.renewTime ?? ""} ${spec.leaseTransitions ?? 0}`;
    // The holder may run with a longer lease than ours.
    const leaseMs = Math.max(this.#leaseDurationMs, (spec.leaseDurationSeconds ?? 0) * 1000);
    if (renewal !== this.#observed.renewal) this.#observed = { renewal, atMs: this.#elapsedMs(), leaseMs };
    if (holder === "" || holder === identity) return true;
    return this.#elapsedMs() >= this.#observed.atMs + this.#observed.leaseMs;
  }

  #elapsedMs(): number {
    const { elapsedMs, clock } = this.#options;
    return elapsedMs === undefined ? clock.now() : elapsedMs();
  }

  #claim(before: LeaseSpec): LeaseSpec {
    const { clock, identity } = this.#options;
    const now = microTime(clock.now());
    const mine = before.holderIdentity === identity;
    return {
      ...before,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#leaseDurationMs / 1000),
      acquireTime: mine ? (before.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (before.leaseTransitions ?? 0) + (mine || before.holderIdentity === undefined ? 0 : 1),
    };
  }

  #refusedForGood(error: unknown): AppError | undefined {
    const code = apiStatusOf(error)?.code;
    if (code !== 403 && code !== 404) return undefined;
    const { namespace, name } = this.#options;
    const advice = code === 404 ? `create namespace ${namespace} or choose another` : "grant get, create and update on leases there";
    return new AppError("LEASE_REFUSED", `cannot take lease ${namespace}/${name}: ${errorMessage(error)}; ${advice}`, {
      retry: "never",
      cause: error,
    });
  }

  #renewed(startedMs: number): void {
    const { clock, logger, name, identity } = this.#options;
    if (this.#lost.signal.aborted) return;
    const remainingMs = startedMs + this.#renewDeadlineMs - clock.now();
    if (remainingMs <= 0) {
      // The answer came too late to rely on. Not leading yet: simply try again.
      if (this.#leading) this.#expire();
      return;
    }
    this.#renewedMs = startedMs;
    this.#expiry?.cancel();
    this.#expiry = clock.setTimer(remainingMs, () => this.#expire());
    if (this.#leading) return;
    this.#leading = true;
    logger.info("became the leader", { lease: name, identity });
    this.#acquired.resolve();
  }

  #expire(): void {
    this.#lose(new AppError("LEADERSHIP_LOST", `lease ${this.#options.name} was not renewed in time`));
  }

  #lose(reason: AppError): void {
    if (this.#lost.signal.aborted) return;
    if (this.#leading && reason.code === "LEADERSHIP_LOST") this.#options.logger.error("leadership lost", { reason: reason.message });
    this.#leading = false;
    this.#expiry?.cancel();
    this.#lost.abort(reason);
  }

  async #release(): Promise<void> {
    const lease = this.#lease;
    if (lease === undefined) return;
    const { clock, client, logger } = this.#options;
    const { holderIdentity: _left, ...rest } = specOf(lease);
    const deadline = new AbortController();
    const timer = clock.setTimer(this.#retryMs, () => deadline.abort());
    try {
      // With the resourceVersion that we last saw: somebody else's lease is never freed.
      const spec: LeaseSpec = { ...rest, holderIdentity: "", leaseDurationSeconds: 1, renewTime: microTime(clock.now()) };
      await client.replace(resources.leases, { ...lease, spec }, { signal: deadline.signal });
    } catch (error) {
      logger.warn("lease not released; it will expire", { error: errorMessage(error) });
    } finally {
      timer.cancel();
    }
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

function createDeferred<T>(): Deferred<T> {
  let resolve: Deferred<T>["resolve"] = () => {};
  let reject: Deferred<T>["reject"] = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

function specOf(lease: KubeObject): LeaseSpec {
  return (lease["spec"] ?? {}) as LeaseSpec;
}

/** Kubernetes `metav1.MicroTime`. */
function microTime(epochMs: number): string {
  return at(epochMs).toISOString().replace("Z", "000Z");
}
