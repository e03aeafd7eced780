/**
 * One manager process as a library: what `main.ts`, `slipway up` and tests start.
 *
 * Start: client → CRDs and webhook server, side by side → leadership → webhook registration → caches and workers.
 * Without leadership the manager stands by: it serves webhooks and probes, and its caches are warm. Leadership lost ends
 * the manager at once; whoever runs the process starts it anew.
 */
import { crds } from "@slipway/api";
import type { Feature, LeaderElector, Runtime, Shards } from "@slipway/controller";
import { createLeaderElector, createRuntime, createShards, gateWrites } from "@slipway/controller";
import { ensureCrds } from "@slipway/controller/node";
import type { KubeClient } from "@slipway/kube";
import { createHttpClient, loadKubeconfig } from "@slipway/kube/node";
import type { Clock, Logger, RandomSource, Tracer } from "@slipway/std";
import { AppError, randomString, silentLogger } from "@slipway/std";
import { realClock, systemRandom } from "@slipway/std/node";
import { defaultFeatures } from "./features.ts";
import { leaseOptions } from "./leases.ts";
import type { ManagerExit, ManagerOptions, RunningManager } from "./manager-options.ts";
import type { ManagerMetrics } from "./metrics.ts";
import { createMetrics, lateMetrics } from "./metrics.ts";
import type { Readiness } from "./status-pages.ts";
import { startHealthServer, startMetricsServer } from "./status-pages.ts";
import type { StatusServer } from "./status-server.ts";
import type { StartTracing, Tracing, TracingContext } from "./tracing.ts";
import type { ManagerWebhooks } from "./webhooks.ts";
import { startWebhooks } from "./webhooks.ts";

/**
 * Resolves once the manager acts, or stands by because another holds the lease. Throws what hinders the start
 * (`KUBE_CONFIG`, `KUBE_API`, `LISTEN`, ...); nothing is left running then.
 */
export async function startManager(options: ManagerOptions = {}): Promise<RunningManager> {
  const startTracing = options.tracing === undefined ? undefined : (await import("./tracing.ts")).startTracing;
  const manager = new Manager(options, startTracing);
  try {
    await manager.start();
  } catch (error) {
    await manager.stop({ abrupt: true });
    throw error;
  }
  return manager;
}

class Manager implements RunningManager {
  readonly identity: string;
  readonly finished: Promise<ManagerExit>;
  readonly #options: ManagerOptions;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #leaseClock: Clock;
  readonly #random: RandomSource;
  readonly #features: readonly Feature[];
  readonly #base: KubeClient;
  /** Refuses writes after a crash. */
  readonly #client: KubeClient;
  readonly #runtime: Runtime;
  readonly #elector: LeaderElector | undefined;
  readonly #shards: Shards | undefined;
  /** Aborted: from now on nothing is written. */
  readonly #crash = new AbortController();
  readonly #metrics: Promise<ManagerMetrics> | undefined;
  readonly #tracing: Tracing | undefined;
  #webhooks: ManagerWebhooks | undefined;
  #health: StatusServer | undefined;
  #metricsServer: StatusServer | undefined;
  #acting: Promise<void> | undefined;
  #ready = false;
  #stopped: Promise<void> | undefined;
  #finish: (exit: ManagerExit) => void = () => {};

  constructor(options: ManagerOptions, startTracing: StartTracing | undefined) {
    this.#options = options;
    this.#log = options.logger ?? silentLogger;
    this.#clock = options.clock ?? realClock;
    this.#leaseClock = options.leaseClock ?? this.#clock;
    this.#random = options.random ?? systemRandom;
    this.#features = options.features ?? defaultFeatures();
    this.identity = options.identity ?? `slipway-${randomString(this.#random, 12, "abcdefghijklmnopqrstuvwxyz0123456789")}`;
    this.finished = new Promise((resolve) => (this.#finish = resolve));
    if (options.tracing !== undefined) this.#tracing = startTracing?.(options.tracing, this.#tracingContext());
    this.#base = options.client ?? this.#connect();
    const crashed = (): AppError | undefined =>
      this.#crash.signal.aborted ? new AppError("STOPPED", "the manager has stopped and may not write", { retry: "never" }) : undefined;
    this.#client = gateWrites(this.#base, crashed);
    if (options.metricsPort !== false)
      this.#metrics = createMetrics(options.processMetrics === undefined ? {} : { process: options.processMetrics });
    if (options.leaderElection !== false) {
      const { lease } = options;
      const leases = leaseOptions(
        { client: this.#client, logger: this.#log, random: this.#random, identity: this.identity },
        this.#leaseClock,
        lease,
      );
      if (options.sharding === true)
        this.#shards = createShards({ ...leases, onOwned: (count) => void this.#metrics?.then((metrics) => metrics.shards(count)) });
      else this.#elector = createLeaderElector(leases);
      this.#endWhenLost((this.#shards ?? this.#elector)?.lost);
    }
    this.#runtime = this.#createRuntime();
  }

  get runtime(): Runtime {
    return this.#runtime;
  }

  get ports(): RunningManager["ports"] {
    return {
      ...(this.#health === undefined ? {} : { health: this.#health.port }),
      ...(this.#metricsServer === undefined ? {} : { metrics: this.#metricsServer.port }),
      ...(this.#webhooks === undefined ? {} : { webhook: this.#webhooks.port }),
    };
  }

  async start(): Promise<void> {
    const { signal: abortStart } = this.#options;
    const failed = new AbortController();
    const signal = AbortSignal.any([this.#crash.signal, failed.signal, ...(abortStart === undefined ? [] : [abortStart])]);
    signal.throwIfAborted();
    this.#elector?.start(this.#crash.signal);
    // All parts are waited for even when one fails, so that none begins to listen after the clean-up.
    const parts = [ensureCrds(this.#client, crds, { signal, clock: this.#leaseClock }), this.#startWebhooks(), this.#startStatusServers()];
    await Promise.all(parts.map((part) => part.catch((error: unknown) => failed.abort(error))));
    signal.throwIfAborted();
    const aborted = new Promise<never>((_resolve, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }),
    );
    // It is also the ordinary end of a manager, long after anybody waits for the start.
    aborted.catch(() => undefined);
    const leads = this.#elector === undefined || (await Promise.race([this.#elector.firstAttempt(), aborted]));
    if (!leads) {
      this.#log.info("standing by: another process holds the lease", { identity: this.identity });
      this.#runtime.startCaches(this.#crash.signal);
    }
    this.#acting = this.#act();
    // A stand-by's failure is reported by `finished`.
    this.#acting.catch((error: unknown) => this.#end({ reason: "failed", error: error as Error }));
    if (!leads) return;
    await Promise.race([this.#acting, aborted]);
  }

  acting(): Promise<void> {
    return this.#acting ?? Promise.reject(new AppError("NOT_STARTED", "the manager is not started"));
  }

  stop(options: { readonly abrupt?: boolean } = {}): Promise<void> {
    if (options.abrupt === true) this.#crash.abort(new AppError("STOPPED", "the manager was stopped abruptly", { retry: "never" }));
    this.#stopped ??= this.#shutDown().finally(() => this.#finish({ reason: "stopped" }));
    return this.#stopped;
  }

  /** Becomes the leader, registers the webhooks, and begins to reconcile. */
  async #act(): Promise<void> {
    await this.#elector?.acquired();
    if (this.#stopped !== undefined) return;
    const { signal } = this.#crash;
    if (this.#metrics !== undefined) (await this.#metrics).leading(true);
    // What comes in meanwhile is admitted as the failure policy says; to be ready sooner is worth more.
    const registered = this.#registerWebhooks();
    registered.catch(() => undefined);
    if (this.#stopped !== undefined) return;
    this.#runtime.start(signal);
    await Promise.all([registered, this.#runtime.synced()]);
    this.#ready = true;
    this.#log.info("reconciling", { identity: this.identity, controllers: this.#controllerNames() });
  }

  async #registerWebhooks(): Promise<void> {
    await this.#webhooks?.register(gateWrites(this.#client, () => this.#elector?.refusal()));
  }

  async #shutDown(): Promise<void> {
    this.#ready = false;
    if (this.#crash.signal.aborted) {
      await Promise.all([this.#webhooks?.stop({ abrupt: true }), this.#elector?.stop({ release: false }), this.#runtime.stop()]);
    } else {
      // Everything that begun work needs stays up until it has ended.
      await this.#runtime.stop();
      await this.#webhooks?.stop();
      await this.#elector?.stop({ release: !this.#crash.signal.aborted });
      this.#crash.abort(new AppError("STOPPED", "the manager has stopped", { retry: "never" }));
      await this.#tracing?.stop();
    }
    await Promise.all([this.#health?.stop(), this.#metricsServer?.stop()]);
    (await this.#metrics)?.close();
    if (this.#options.client === undefined) await this.#base.close();
  }

  #end(exit: ManagerExit): void {
    if (this.#stopped !== undefined) return;
    this.#log.error("the manager ends", { reason: exit.reason, error: exit.error?.message });
    this.#crash.abort(exit.error);
    this.#stopped = this.#shutDown().finally(() => this.#finish(exit));
  }

  #connect(): KubeClient {
    const { kubeconfigPath, context, env, activity } = this.#options;
    const config = loadKubeconfig({
      ...(kubeconfigPath === undefined ? {} : { path: kubeconfigPath }),
      ...(context === undefined ? {} : { context }),
      ...(env === undefined ? {} : { env }),
    });
    return createHttpClient(config, {
      clock: this.#leaseClock,
      userAgent: "slipway-manager",
      ...this.#tracer(),
      ...(activity === undefined ? {} : { activity }),
    });
  }

  #tracingContext(): TracingContext {
    const onDropped = (count: number): void => void this.#metrics?.then((metrics) => metrics.spansDropped(count));
    return { identity: this.identity, logger: this.#log, clock: realClock, onDropped };
  }

  #tracer(): { readonly tracer?: Tracer } {
    return this.#tracing === undefined ? {} : { tracer: this.#tracing.tracer };
  }

  #endWhenLost(lost: AbortSignal | undefined): void {
    lost?.addEventListener("abort", () => {
      const error = lost.reason as AppError;
      if (error.code === "LEADERSHIP_LOST") this.#end({ reason: "leadership-lost", error });
    });
  }

  #createRuntime(): Runtime {
    const { activity } = this.#options;
    const runtime = createRuntime({
      client: this.#client,
      clock: this.#clock,
      processClock: this.#leaseClock,
      logger: this.#log,
      random: this.#random,
      refusal: () => this.#elector?.refusal(),
      ...(this.#shards === undefined ? {} : { shards: this.#shards }),
      ...(activity === undefined ? {} : { activity }),
      ...(this.#metrics === undefined ? {} : { metrics: lateMetrics(this.#metrics) }),
      ...this.#tracer(),
    });
    for (const feature of this.#features) for (const controller of feature.controllers) runtime.add(controller);
    return runtime;
  }

  async #startWebhooks(): Promise<void> {
    const {
      webhookPort = 0,
      webhookService,
      activity,
      host = "127.0.0.1",
      certificateSecret = "slipway-webhook-certificates",
    } = this.#options;
    if (webhookPort === false) return;
    const runtime = this.#runtime;
    this.#webhooks = await startWebhooks({
      features: this.#features,
      client: this.#client,
      logger: this.#log,
      host,
      port: webhookPort,
      certificateSecret,
      processClock: this.#leaseClock,
      context: { client: this.#client, clock: this.#clock, log: this.#log, cache: (resource) => runtime.cache(resource) },
      // One that stands by has nothing to tell: whoever leads hears of the same change.
      onRenewed: async () => {
        if (this.#elector === undefined || this.#elector.holds()) await this.#registerWebhooks();
      },
      signal: this.#crash.signal,
      ...this.#tracer(),
      ...(webhookService === undefined ? {} : { service: webhookService }),
      ...(activity === undefined ? {} : { activity }),
    });
  }

  async #startStatusServers(): Promise<void> {
    const { healthPort = 0, metricsPort = 0, host = "127.0.0.1" } = this.#options;
    if (healthPort !== false) this.#health = await startHealthServer(() => this.#readiness(), { host, port: healthPort });
    if (metricsPort !== false && this.#metrics !== undefined)
      this.#metricsServer = await startMetricsServer(await this.#metrics, { host, port: metricsPort });
  }

  #readiness(): Readiness {
    if (this.#stopped !== undefined) return "stopping";
    if (this.#ready) return "acting";
    const standsBy = this.#elector !== undefined && !this.#elector.holds() && !this.#elector.lost.aborted;
    return standsBy ? "standing by" : "starting";
  }

  #controllerNames(): string[] {
    return this.#features.flatMap((feature) => feature.controllers.map((controller) => controller.name));
  }
}
