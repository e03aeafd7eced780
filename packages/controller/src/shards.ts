/**
 * Several replicas act side by side, each for its own namespaces: a namespace belongs to one of 32 shards by hash, a
 * shard to one replica at a time.
 *
 *   member lease   `<name>-<identity>`   one a replica, renewed by its LeaderElector: says that it lives
 *   shard lease    `<name>-shard-<n>`    written only when the shard moves: says whose it is
 *
 * Every `retryMs` a replica lists both. Its quota is its part of 32 among the living, in the order of their names. Above
 * it, it lets a shard go: no further key is begun, those in work may end (aborted after `drainMs`), then the lease is
 * freed. Below it, it takes free shards, and those of the dead; before it acts on them the caches are read anew.
 *
 * Never two owners: the dead are told by their member lease, not renewed for its duration on the observer's own clock
 * before it asked; such a replica stopped writing `renewDeadlineMs` after it began its last renewal, on its own clock.
 * The number of shards is no option: two replicas that disagreed on it would own one namespace twice.
 */
import type { KubeObject } from "@slipway/kube";
import { isAlreadyExists, isConflict, isNotFound, resources } from "@slipway/kube";
import type { Clock } from "@slipway/std";
import { AppError, errorMessage } from "@slipway/std";
import type { LeaderElector } from "./leader-election.ts";
import { createLeaderElector } from "./leader-election.ts";
import type { ShardClaim, ShardHandlers, ShardOptions, Shards } from "./shard-contract.ts";
import { holderOf, indexOf, quotaOf, roleLabel, setLabel, shardCount, shardOf } from "./shard-leases.ts";

export function createShards(options: ShardOptions): Shards {
  return new LeaseShards(options);
}

interface OwnShard {
  phase: "preparing" | "active" | "leaving" | "left";
  readonly claims: Set<AbortController>;
}

class LeaseShards implements Shards {
  readonly #options: ShardOptions;
  readonly #clock: Clock;
  readonly #member: LeaderElector;
  readonly #own = new Map<number, OwnShard>();
  readonly #stop = new AbortController();
  /** Renewals of other members, and when on our clock each was first seen. */
  readonly #observed = new Map<string, { readonly renewal: string; readonly atMs: number }>();
  #handlers: ShardHandlers | undefined;
  #preparing: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ShardOptions) {
    this.#options = options;
    this.#clock = options.clock;
    const labels = { [setLabel]: options.name, [roleLabel]: "member" };
    this.#member = createLeaderElector({ ...options, name: `${options.name}-${options.identity}`, labels });
  }

  get lost(): AbortSignal {
    return this.#member.lost;
  }

  get owned(): readonly number[] {
    if (!this.#member.holds()) return [];
    return [...this.#own].filter(([, shard]) => shard.phase === "active").map(([index]) => index);
  }

  start(signal: AbortSignal, handlers: ShardHandlers): void {
    this.#handlers = handlers;
    this.#member.start(signal);
    this.#running = this.#run(AbortSignal.any([signal, this.#stop.signal, this.#member.lost]));
  }

  owns(namespace: string): boolean {
    return this.#own.get(shardOf(namespace))?.phase === "active" && this.#member.holds();
  }

  begin(namespace: string): ShardClaim | undefined {
    const shard = this.#own.get(shardOf(namespace));
    if (shard?.phase !== "active" || !this.#member.holds()) return undefined;
    const ending = new AbortController();
    shard.claims.add(ending);
    return {
      refusal: () => {
        const refusal = this.#member.refusal();
        if (refusal !== undefined) return refusal;
        return shard.claims.has(ending) ? undefined : movedError(namespace);
      },
      signal: ending.signal,
      end: () => void shard.claims.delete(ending),
    };
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#preparing;
    if (this.#member.holds()) {
      const deadline = new AbortController();
      const timer = this.#clock.setTimer(this.#options.retryMs ?? 2000, () => deadline.abort());
      try {
        for (const shard of this.#own.values()) this.#dismiss(shard);
        for (const lease of await this.#leases(deadline.signal)) {
          if (holderOf(lease) === this.#options.identity && indexOf(lease) !== undefined) await this.#hold(lease, "", deadline.signal);
        }
      } catch (error) {
        this.#options.logger.warn("shards not freed; others take them when the lease expires", { error: errorMessage(error) });
      } finally {
        timer.cancel();
      }
    }
    this.#own.clear();
    await this.#member.stop();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    if (signal.aborted) return;
    await Promise.race([this.#member.acquired().catch(() => undefined), aborted]);
    while (!signal.aborted) {
      try {
        await this.#tick(signal);
      } catch (error) {
        if (!signal.aborted) this.#options.logger.warn("shards not looked at", { error: errorMessage(error) });
      }
      await this.#clock.sleep(this.#options.retryMs ?? 2000, signal).catch(() => undefined);
    }
    for (const shard of this.#own.values()) if (this.lost.aborted) this.#dismiss(shard);
  }

  async #tick(signal: AbortSignal): Promise<void> {
    const { identity } = this.#options;
    const askedMs = this.#elapsedMs();
    const leases = await this.#leases(signal);
    if (!this.#member.holds()) return;
    const living = this.#living(leases, askedMs);
    const quota = quotaOf([...living].sort(), identity);
    const byIndex = new Map(leases.flatMap((lease) => [[indexOf(lease), lease] as const]));
    let mine = 0;
    const free: number[] = [];
    for (let index = 0; index < shardCount; index++) {
      const lease = byIndex.get(index);
      const holder = lease === undefined ? "" : holderOf(lease);
      const own = this.#own.get(index);
      if (holder === identity && lease !== undefined) {
        if (own?.phase === "left") await this.#free(index, lease, signal);
        // Taken by a write whose answer was lost.
        else if (own === undefined) this.#own.set(index, { phase: "preparing", claims: new Set() });
        if (this.#own.get(index)?.phase === "active" || this.#own.get(index)?.phase === "preparing") mine++;
      } else {
        if (own !== undefined) this.#forget(index, own);
        if (!living.has(holder)) free.push(index);
      }
    }
    for (const [index, own] of [...this.#own].reverse()) {
      if (mine <= quota) break;
      if (own.phase === "active" || own.phase === "preparing") {
        this.#leave(index, own);
        mine--;
      }
    }
    // Neighbours start at different places, so that they seldom want the same one.
    const from = free.length === 0 ? 0 : shardOf(identity) % free.length;
    for (const index of [...free.slice(from), ...free.slice(0, from)]) {
      if (mine >= quota || !this.#member.holds()) break;
      if (await this.#take(index, byIndex.get(index), signal)) mine++;
    }
    await this.#forgetTheDead(leases, living, signal);
    this.#prepare(signal);
  }

  #elapsedMs(): number {
    const { elapsedMs } = this.#options;
    return elapsedMs === undefined ? this.#clock.now() : elapsedMs();
  }

  async #leases(signal: AbortSignal): Promise<KubeObject[]> {
    const { client, namespace, name } = this.#options;
    return (await client.list(resources.leases, { namespace, labelSelector: `${setLabel}=${name}`, signal })).items;
  }

  /** `""` (no holder) is never among them. */
  #living(leases: readonly KubeObject[], askedMs: number): Set<string> {
    const living = new Set([this.#options.identity]);
    for (const lease of leases) {
      const holder = holderOf(lease);
      if (indexOf(lease) !== undefined || holder === "" || holder === this.#options.identity) continue;
      const spec = lease["spec"] as { readonly renewTime?: string; readonly leaseDurationSeconds?: number };
      const renewal = spec.renewTime ?? "";
      let seen = this.#observed.get(holder);
      if (seen?.renewal !== renewal) this.#observed.set(holder, (seen = { renewal, atMs: this.#elapsedMs() }));
      const leaseMs = Math.max(this.#options.leaseDurationMs ?? 15_000, (spec.leaseDurationSeconds ?? 0) * 1000);
      if (askedMs < seen.atMs + leaseMs) living.add(holder);
    }
    return living;
  }

  async #take(index: number, lease: KubeObject | undefined, signal: AbortSignal): Promise<boolean> {
    const { client, identity, namespace, name } = this.#options;
    try {
      if (lease !== undefined) await this.#hold(lease, identity, signal);
      else {
        const metadata = { namespace, name: `${name}-shard-${index}`, labels: { [setLabel]: name, [roleLabel]: String(index) } };
        const fresh: KubeObject = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec: { holderIdentity: identity } };
        await client.create(resources.leases, fresh, { signal });
      }
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error) || isNotFound(error)) return false;
      throw error;
    }
    this.#own.set(index, { phase: "preparing", claims: new Set() });
    return true;
  }

  /** With the version that was listed: a lease that moved since stays where it is. */
  async #hold(lease: KubeObject, holderIdentity: string, signal: AbortSignal): Promise<void> {
    const spec = { ...(lease["spec"] as object), holderIdentity };
    await this.#options.client.replace(resources.leases, { ...lease, spec }, { signal });
  }

  /** All shards that wait for it, at once. */
  #prepare(signal: AbortSignal): void {
    const waiting = [...this.#own.values()].filter((shard) => shard.phase === "preparing");
    if (waiting.length === 0 || this.#preparing !== undefined) return;
    const run = async (): Promise<void> => {
      try {
        await this.#handlers?.prepare(signal);
        if (signal.aborted) return;
        for (const shard of waiting) if (shard.phase === "preparing") shard.phase = "active";
        this.#changed();
        this.#handlers?.activated();
      } catch (error) {
        if (!signal.aborted) this.#options.logger.warn("caches not read anew for new shards", { error: errorMessage(error) });
      } finally {
        this.#preparing = undefined;
      }
    };
    this.#preparing = run();
  }

  #leave(index: number, shard: OwnShard): void {
    shard.phase = "leaving";
    this.#changed();
    const untilMs = this.#clock.now() + (this.#options.drainMs ?? 15_000);
    const check = (): void => {
      if (shard.claims.size > 0 && this.#clock.now() < untilMs && !this.lost.aborted) {
        this.#clock.setTimer(drainPollMs, check);
        return;
      }
      if (shard.claims.size > 0) this.#options.logger.warn("reconciles of a leaving shard are cut short", { shard: index });
      // From here no claim of it may write; the next tick frees the lease.
      this.#dismiss(shard);
    };
    check();
  }

  async #free(index: number, lease: KubeObject, signal: AbortSignal): Promise<void> {
    await this.#hold(lease, "", signal);
    this.#own.delete(index);
  }

  #forget(index: number, shard: OwnShard): void {
    this.#dismiss(shard);
    this.#own.delete(index);
  }

  #dismiss(shard: OwnShard): void {
    const active = shard.phase === "active";
    shard.phase = "left";
    const claims = [...shard.claims];
    shard.claims.clear();
    for (const claim of claims) claim.abort(movedError("the shard"));
    if (active) this.#changed();
  }

  #changed(): void {
    this.#options.onOwned?.(this.owned.length);
  }

  /** Member leases of processes that ended, once no shard is theirs. */
  async #forgetTheDead(leases: readonly KubeObject[], living: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const holders = new Set(leases.filter((lease) => indexOf(lease) !== undefined).map(holderOf));
    for (const lease of leases) {
      const holder = holderOf(lease);
      if (indexOf(lease) !== undefined || living.has(holder) || holders.has(holder) || holder === "") continue;
      this.#observed.delete(holder);
      const { client, namespace } = this.#options;
      const preconditions = { resourceVersion: lease.metadata.resourceVersion ?? "" };
      await client
        .delete(resources.leases, { namespace, name: lease.metadata.name ?? "" }, { preconditions, signal })
        .catch((error: unknown) => {
          this.#options.logger.debug("lease of an ended process not deleted", { error: errorMessage(error) });
        });
    }
  }
}

const drainPollMs = 200;

function movedError(namespace: string): AppError {
  return new AppError("SHARD_MOVED", `${namespace === "" ? "cluster-scoped objects" : namespace} moved to another replica`);
}
