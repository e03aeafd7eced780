/**
 * Drives a scenario on a stepped sandbox while the manager is killed after every single write, and starts the next one.
 * Without `kill` the same scenario runs undisturbed, which gives the end to compare with.
 */
import type { RunningManager } from "@slipway/manager";
import { startManager } from "@slipway/manager";
import type { KubeClient, KubeObject, Resource } from "@slipway/kube";
import { createHttpClient, parseKubeconfig, resolveKubeconfig } from "@slipway/kube/node";
import type { Sandbox } from "@slipway/sandbox";
import { startSandbox } from "@slipway/sandbox";
import { createSeededRandom, silentLogger } from "@slipway/std";
import type { VirtualClock } from "@slipway/std/node";
import { createVirtualClock, realClock } from "@slipway/std/node";
import type { MortalClient, Write } from "./mortal-client.ts";
import { createMortalClient } from "./mortal-client.ts";

export interface World {
  readonly client: KubeClient;
  readonly clock: VirtualClock;
}

export interface Scenario {
  /**
   * What the user does next in this world, if anything is due. It is tried again until it succeeds, as a person would
   * whose command met a restarting controller, so it must be safe to repeat.
   */
  nextUserAction(world: World): Promise<(() => Promise<void>) | undefined>;
  finished(world: World): Promise<boolean>;
  /** Kinds whose creations are counted. */
  readonly counted: readonly Resource[];
  /** The end to compare, without times and random names. */
  snapshot(world: World): Promise<unknown>;
}

export interface RunReport {
  readonly end: unknown;
  /** Writes after which the manager died. */
  readonly deaths: readonly Write[];
  /** `Kind/name` of every creation seen, random name parts cut off, sorted. */
  readonly created: readonly string[];
}

const longestRunMs = 90_000;

export async function run(scenario: Scenario, options: { readonly kill: boolean; readonly seed: number }): Promise<RunReport> {
  const clock = createVirtualClock({ startMs: Date.UTC(2026, 0, 1), settleMs: 4 });
  const sandbox = await startSandbox({ clock, random: createSeededRandom(options.seed), logger: silentLogger });
  const watching = new AbortController();
  const created: string[] = [];
  const processes = new Processes(sandbox, clock, options.kill, options.seed);
  const world: World = { client: sandbox.client, clock };
  const until = performance.now() + longestRunMs;
  try {
    // The kinds of the product are served once a manager has installed them.
    await processes.ensureAlive();
    for (const resource of scenario.counted) void collectCreations(sandbox.client, resource, created, watching.signal);
    for (;;) {
      await processes.ensureAlive();
      await settle(clock);
      // A person acts when things look quiet, not in the middle of a write.
      if (processes.dead()) continue;
      const action = await scenario.nextUserAction(world);
      if (action !== undefined) await action().catch(() => undefined);
      else if (await scenario.finished(world)) break;
      else await clock.advance(Math.min(30_000, Math.max(1, (clock.nextTimer() ?? clock.now() + 1000) - clock.now())));
      if (performance.now() > until)
        throw new Error(`the run did not end; its world: ${JSON.stringify(await scenario.snapshot(world), null, 1)}`);
    }
    // Whatever is still to be cleaned up gets its time, and must change nothing of the end.
    await clock.advance(5_000);
    return { end: await scenario.snapshot(world), deaths: processes.deaths, created: created.sort() };
  } finally {
    watching.abort();
    await processes.stop();
    await sandbox.stop();
    clock.stop();
  }
}

/** A dying process may leave tracked work that never ends; that is not what is tested here. */
async function settle(clock: VirtualClock): Promise<void> {
  await clock.settle().catch(() => undefined);
}

class Processes {
  readonly deaths: Write[] = [];
  readonly #sandbox: Sandbox;
  readonly #clock: VirtualClock;
  readonly #kill: boolean;
  readonly #seed: number;
  #mortal: MortalClient | undefined;
  #manager: RunningManager | undefined;
  #dying: Promise<void> | undefined;

  constructor(sandbox: Sandbox, clock: VirtualClock, kill: boolean, seed: number) {
    this.#sandbox = sandbox;
    this.#clock = clock;
    this.#kill = kill;
    this.#seed = seed;
  }

  dead(): boolean {
    return this.#mortal === undefined || this.#mortal.dead();
  }

  async ensureAlive(): Promise<void> {
    while (this.dead()) {
      await this.#dying;
      this.#dying = undefined;
      await this.#start();
    }
  }

  async #start(): Promise<void> {
    const base = createHttpClient(resolveKubeconfig(parseKubeconfig(this.#sandbox.kubeconfig)), {
      clock: realClock,
      activity: this.#clock.activity,
    });
    let manager: RunningManager | undefined;
    const mortal = createMortalClient(base, () => {
      this.#dying = Promise.resolve(manager?.stop({ abrupt: true })).then(() => base.close());
    });
    void mortal.death.then((write) => this.deaths.push(write));
    this.#mortal = mortal;
    try {
      manager = await startManager({
        client: this.#kill ? mortal.client : base,
        clock: this.#clock,
        leaseClock: realClock,
        random: createSeededRandom(this.#seed + 1000 * (this.deaths.length + 1)),
        activity: this.#clock.activity,
        leaderElection: false,
        metricsPort: false,
        healthPort: false,
      });
      this.#manager = manager;
      if (mortal.dead()) this.#dying = manager.stop({ abrupt: true });
    } catch (error) {
      // It may die of its first write while it is still starting; anything else is a failure of the start.
      if (!mortal.dead()) throw error;
    }
  }

  async stop(): Promise<void> {
    await this.#dying;
    await this.#manager?.stop({ abrupt: true });
  }
}

async function collectCreations(client: KubeClient, resource: Resource, into: string[], signal: AbortSignal): Promise<void> {
  const seen = new Set<string>();
  try {
    for await (const event of client.watch(resource, { signal, sendInitialEvents: true, resourceVersion: "" })) {
      if (event.type !== "ADDED" || seen.has(event.object.metadata.uid ?? "")) continue;
      seen.add(event.object.metadata.uid ?? "");
      into.push(`${resource.kind}/${stableName(event.object)}`);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The name without its random part: objects made with generateName, and step ids in debug ConfigMaps. */
function stableName(object: KubeObject): string {
  const { name = "", generateName } = object.metadata;
  if (generateName !== undefined) return `${generateName}*`;
  return name.replace(/-[a-z1-9]{10}-debug-[0-9a-f]{5}$/, "-*-debug");
}
