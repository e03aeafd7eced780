import type { KubeClient } from "@slipway/kube";
import { resources } from "@slipway/kube";
import { createSeededRandom, silentLogger } from "@slipway/std";
import type { VirtualClock } from "@slipway/std/node";
import { createVirtualClock } from "@slipway/std/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shardCount, shardOf } from "./shard-leases.ts";
import type { ShardClaim, Shards } from "./shard-contract.ts";
import { createShards } from "./shards.ts";
import { createFakeClient } from "./testing/index.ts";
import { createPausableProcess } from "./testing/pausable-process.ts";

const namespaces = Array.from({ length: 400 }, (_, i) => `team-${i}`);

interface Replica {
  readonly name: string;
  readonly shards: Shards;
  readonly crash: AbortController;
  readonly activations: () => number;
  /** Timers and answers wait until it goes on; time does not. */
  pause(): void;
  resume(): void;
}

function replica(client: KubeClient, clock: VirtualClock, name: string): Replica {
  const process = createPausableProcess(client, clock);
  const options = {
    client: process.client,
    clock: process.clock,
    logger: silentLogger,
    random: createSeededRandom(1),
    namespace: "slipway",
    name: "manager",
  };
  const shards = createShards({ ...options, identity: name, drainMs: 4000 });
  const crash = new AbortController();
  let activations = 0;
  shards.start(crash.signal, { prepare: () => Promise.resolve(), activated: () => activations++ });
  return {
    name,
    shards,
    crash,
    activations: () => activations,
    pause: () => process.pause(),
    resume: () => process.resume(),
  };
}

const newWorld = () => {
  const clock = createVirtualClock({ startMs: 1e12, settleMs: 0 });
  return { clock, client: createFakeClient([], { clock }) };
};
const counts = (replicas: readonly Replica[]): number[] => replicas.map(({ shards }) => shards.owned.length).sort((a, b) => b - a);

describe("shards", () => {
  it("spreads namespaces over all shards", () => {
    const sizes = Array.from({ length: shardCount }, () => 0);
    for (const namespace of namespaces) sizes[shardOf(namespace)] = (sizes[shardOf(namespace)] ?? 0) + 1;
    expect(Math.min(...sizes)).toBeGreaterThan(3);
    expect(Math.max(...sizes)).toBeLessThan(30);
  });

  it("gives all to one replica, shares them evenly when others come, and hands them on when one leaves", async () => {
    const { clock, client } = newWorld();
    const first = replica(client, clock, "a");
    await clock.advance(5000);
    expect(first.shards.owned).toHaveLength(shardCount);
    const others = [replica(client, clock, "b"), replica(client, clock, "c")];
    await clock.advance(20_000);
    expect(counts([first, ...others])).toEqual([11, 11, 10]);
    await others[0]?.shards.stop();
    await clock.advance(8000);
    expect(counts([first, ...others.slice(1)])).toEqual([16, 16]);
  });

  it("stops also when it never got its member lease", async () => {
    const { clock, client } = newWorld();
    // Which the API server refuses as the name of a Lease.
    const one = replica(client, clock, "not_a_name");
    await clock.advance(5000);
    expect(one.shards.owned).toEqual([]);
    await one.shards.stop();
    expect(client.objects(resources.leases)).toEqual([]);
  });

  it("takes a dead replica's shards after its lease, and writes nothing while nothing moves but renewals", async () => {
    const { clock, client } = newWorld();
    const [first, second] = [replica(client, clock, "a"), replica(client, clock, "b")];
    await clock.advance(20_000);
    expect(counts([first, second])).toEqual([16, 16]);
    const before = client.writes.length;
    await clock.advance(20_000);
    expect(new Set(client.writes.slice(before).map(({ key }) => key.name))).toEqual(new Set(["manager-a", "manager-b"]));
    second.crash.abort();
    await clock.advance(24_000);
    expect(first.shards.owned).toHaveLength(shardCount);
    await clock.advance(4000);
    expect(client.objects(resources.leases).map(({ metadata }) => metadata.name)).not.toContain("manager-b");
  });

  it("lets reconciles in work end before a shard leaves, then refuses their writes", async () => {
    const { clock, client } = newWorld();
    const first = replica(client, clock, "a");
    await clock.advance(5000);
    const claims = new Map(namespaces.map((namespace) => [namespace, first.shards.begin(namespace)]));
    const second = replica(client, clock, "b");
    await clock.advance(3000);
    const leaving = namespaces.filter((namespace) => !first.shards.owns(namespace));
    expect(leaving.length).toBeGreaterThan(100);
    expect(leaving.map((namespace) => claims.get(namespace)?.refusal())).toEqual(leaving.map(() => undefined));
    expect(second.shards.owned).toEqual([]);
    await clock.advance(10_000);
    expect(new Set(leaving.map((namespace) => claims.get(namespace)?.refusal()?.code))).toEqual(new Set(["SHARD_MOVED"]));
    expect(leaving.every((namespace) => claims.get(namespace)?.signal.aborted === true)).toBe(true);
    expect(second.shards.owned).toHaveLength(16);
  });

  it("never lets two replicas write for a namespace, whoever stands still, dies or comes; in the end all are owned", async () => {
    const step = fc.record({
      who: fc.nat(3),
      what: fc.constantFrom("pause", "resume", "crash", "stop", "start"),
      waitMs: fc.integer({ min: 0, max: 25_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
        const { clock, client } = newWorld();
        let born = 0;
        const living: Replica[] = [];
        const all: Replica[] = [];
        const claims: { readonly of: Replica; readonly namespace: string; readonly claim: ShardClaim }[] = [];
        const come = (): void => {
          const one = replica(client, clock, `r${born++}`);
          living.push(one);
          all.push(one);
        };
        const look = (): void => {
          for (const of of all) {
            for (const namespace of namespaces.slice(0, 40)) {
              const claim = of.shards.begin(namespace);
              if (claim !== undefined) claims.push({ of, namespace, claim });
            }
          }
          const writers = new Map<string, Replica>();
          for (const { of, namespace, claim } of claims) {
            if (claim.refusal() !== undefined) continue;
            const other = writers.get(namespace) ?? of;
            if (other !== of) throw new Error(`${namespace}: ${of.name} and ${other.name} may write`);
            writers.set(namespace, of);
          }
          // Most reconciles end; a few go on.
          for (const [i, { claim }] of claims.entries()) if (i % 7 !== 0) claim.end();
          claims.splice(0, claims.length, ...claims.filter(({ claim }) => claim.refusal() === undefined).slice(0, 50));
        };
        come();
        come();
        for (const { who, what, waitMs } of steps) {
          const one = living[who % Math.max(1, living.length)];
          if (what === "start" && living.length < 4) come();
          else if (what === "pause") one?.pause();
          else if (what === "resume") one?.resume();
          else if (what === "crash" && one !== undefined) {
            one.crash.abort();
            one.pause();
            living.splice(living.indexOf(one), 1);
          } else if (what === "stop" && one !== undefined) {
            one.resume();
            living.splice(living.indexOf(one), 1);
            void one.shards.stop();
          }
          for (let passed = 0; passed < waitMs; passed += 1500) {
            await clock.advance(1500);
            look();
          }
        }
        for (const one of all) one.resume();
        come();
        for (let i = 0; i < 40; i++) {
          await clock.advance(1500);
          look();
        }
        expect(all.reduce((sum, { shards }) => sum + shards.owned.length, 0)).toBe(shardCount);
        for (const one of all) one.crash.abort();
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});
