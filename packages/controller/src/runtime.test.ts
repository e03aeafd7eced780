import type { KubeObject, Resource } from "@slipway/kube";
import { apiError, resources } from "@slipway/kube";
import type { LogFields, Logger } from "@slipway/std";
import { AppError, createSeededRandom, silentLogger } from "@slipway/std";
import type { VirtualClock } from "@slipway/std/node";
import { createActivity, createVirtualClock, realClock } from "@slipway/std/node";
import { describe, expect, it } from "vitest";
import type { Runtime, RuntimeOptions } from "./runtime.ts";
import { createRuntime } from "./runtime.ts";
import type { FakeClient } from "./testing/index.ts";
import { createFakeClient, eventually } from "./testing/index.ts";
import type { ControllerDefinition, ReconcileContext } from "./types.ts";
import { after, done, ownerKeys } from "./types.ts";

const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace: "default", name },
  data,
});
const widgets: Resource = { group: "example.com", version: "v1", kind: "Widget", plural: "widgets", namespaced: true };

interface World {
  readonly clock: VirtualClock;
  readonly client: FakeClient;
  readonly runtime: Runtime;
  readonly crash: AbortController;
  readonly results: string[];
}

async function start(
  definitions: readonly ControllerDefinition[],
  objects: readonly KubeObject[],
  extra: Partial<RuntimeOptions> & { readonly prepare?: (client: FakeClient) => void } = {},
): Promise<World> {
  const clock = createVirtualClock({ startMs: 1e12, settleMs: 1, activity: createActivity() });
  const client = createFakeClient(objects, { clock, resources: [widgets] });
  extra.prepare?.(client);
  const results: string[] = [];
  const runtime = createRuntime({
    client,
    clock,
    logger: silentLogger,
    random: createSeededRandom(1),
    activity: clock.activity,
    metrics: { reconciled: (name, result) => results.push(`${name} ${result}`), queueLength: () => {}, relisted: () => {} },
    ...extra,
  });
  for (const definition of definitions) runtime.add(definition);
  const crash = new AbortController();
  runtime.start(crash.signal);
  await runtime.synced();
  await clock.settle();
  return { clock, client, runtime, crash, results };
}

const onConfigMaps = (reconcile: ControllerDefinition["reconcile"], extra: Partial<ControllerDefinition> = {}): ControllerDefinition => ({
  name: "config",
  watches: [{ resource: resources.configMaps }],
  reconcile,
  ...extra,
});

describe("runtime", () => {
  it("slows a key down that asks to be called again for ever, until its object changes", async () => {
    let calls = 0;
    const reconcile = async () => {
      calls++;
      return Promise.resolve(after(1));
    };
    const { clock, client, runtime } = await start([onConfigMaps(reconcile)], [configMap("a")], { breakerBurst: 10 });
    await clock.advance(60_000);
    expect(calls).toBeGreaterThan(10);
    expect(calls).toBeLessThan(20);
    const before = calls;
    await client.patch(resources.configMaps, { namespace: "default", name: "a" }, { type: "merge", body: { data: { x: "y" } } });
    await clock.settle();
    expect(calls).toBeGreaterThan(before);
    await runtime.stop();
  });

  it("turns each outcome into one metric and the right next look", async () => {
    const runs = new Map<string, number[]>();
    const world = await start(
      [
        onConfigMaps(async ({ name }, { clock }) => {
          const times = runs.get(name) ?? [];
          runs.set(name, [...times, clock.now() - 1e12]);
          if (name === "later" && times.length === 0) return after(30_000);
          if (name === "failing" && times.length < 3) throw new AppError("X", "not now");
          if (name === "advised" && times.length === 0) throw new AppError("X", "not now", { retry: { afterMs: 7000 } });
          if (name === "hopeless") throw new AppError("X", "never", { retry: "never" });
          if (name === "final") return { type: "terminal", error: new Error("no") };
          if (name === "buggy" && times.length === 0) throw new TypeError("undefined is not a function");
          return done;
        }),
      ],
      ["plain", "later", "failing", "advised", "hopeless", "final", "buggy"].map((name) => configMap(name)),
    );
    await world.clock.advance(60_000);
    expect(Object.fromEntries(runs)).toEqual({
      plain: [0],
      later: [0, 30_000],
      failing: [0, 5, 15, 35],
      advised: [0, 7000],
      hopeless: [0],
      final: [0],
      buggy: [0, 5],
    });
    const count = (result: string): number => world.results.filter((entry) => entry === `config ${result}`).length;
    expect([count("done"), count("after"), count("failed"), count("terminal"), count("bug")]).toEqual([5, 1, 4, 2, 1]);
    await world.runtime.stop();
  });

  it("lets each reconcile say anew when to look again: an earlier wish is dropped", async () => {
    const times: number[] = [];
    const world = await start(
      [
        onConfigMaps(async (_key, { clock }) => {
          times.push(clock.now() - 1e12);
          return times.length < 4 ? after(30_000) : done;
        }),
      ],
      [configMap("a")],
    );
    await world.clock.advance(10_000);
    await world.client.patch(resources.configMaps, { namespace: "default", name: "a" }, { type: "merge", body: { data: { x: "y" } } });
    await world.clock.advance(100_000);
    expect(times).toEqual([0, 10_000, 40_000, 70_000]);
    await world.runtime.stop();
  });

  it("reconciles the owner when an owned object changes, through indexes and both controllers' own views", async () => {
    const seen: string[] = [];
    const owned = (name: string, owner: string): KubeObject => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { namespace: "default", name, ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: owner, uid: owner }] },
    });
    const world = await start(
      [
        {
          name: "owners",
          watches: [
            { resource: resources.configMaps },
            {
              resource: resources.pods,
              toKeys: ownerKeys("ConfigMap"),
              indexes: { owner: (pod) => (pod.metadata.ownerReferences ?? []).map((owner) => owner.name) },
            },
          ],
          reconcile: async (key, { cache }) => {
            const pods = cache(resources.pods).byIndex("owner", key.name);
            seen.push(`${key.name}: ${pods.map((pod) => pod.metadata.name).join(" ")}`);
            return done;
          },
        },
      ],
      [configMap("a"), configMap("b"), owned("a-1", "a")],
    );
    expect(seen.sort()).toEqual(["a: a-1", "b: "]);
    seen.length = 0;
    await world.client.create(resources.pods, owned("b-1", "b"));
    await world.clock.settle();
    expect(seen).toEqual(["b: b-1"]);
    expect(world.runtime.cache(resources.pods).byIndex("owner", "b")).toHaveLength(1);
    await world.runtime.stop();
  });

  it("never shows a reconcile something older than its own last write", async () => {
    const problems: string[] = [];
    const reconcile = async (key: { namespace: string; name: string }, context: ReconcileContext) => {
      const seen = context.cache(resources.configMaps).get(key);
      if (seen === undefined) return done;
      const count = Number((seen["data"] as { count?: string }).count ?? 0);
      if (count >= 20) return done;
      const wrote = await context.client.patch(resources.configMaps, key, { type: "merge", body: { data: { count: String(count + 1) } } });
      const cached = context.cache(resources.configMaps).get(key);
      if (Number(cached?.metadata.resourceVersion) < Number(wrote.metadata.resourceVersion)) problems.push(`stale at ${count}`);
      return after(1);
    };
    // Events come late, as over a slow connection: without the tracking, every read after a write would be stale.
    const late = (client: FakeClient): void => {
      const watch = client.watch.bind(client);
      client.watch = async function* (resource, options) {
        for await (const event of watch(resource, options)) {
          await new Promise<void>((resolve) => setTimeout(resolve, 3));
          yield event;
        }
      };
    };
    const world = await start([onConfigMaps(reconcile)], [configMap("counter")], { prepare: late });
    await world.clock.advance(1000);
    expect(problems).toEqual([]);
    expect(world.client.objects(resources.configMaps)[0]?.["data"]).toEqual({ count: "20" });
    // A stale read would have written the same number twice, which the server takes as a no-op.
    expect(world.client.writes).toHaveLength(20);
    await world.runtime.stop();
  });

  it("does not wait for an optional kind that is not served, and picks it up when it comes", async () => {
    const seen: string[] = [];
    const definition: ControllerDefinition = {
      name: "both",
      watches: [{ resource: resources.configMaps }, { resource: widgets, optional: true }],
      reconcile: async (key) => {
        seen.push(key.name);
        return done;
      },
    };
    const world = await start([definition], [configMap("a")], { prepare: (client) => client.serve(widgets, false) });
    expect(seen).toEqual(["a"]);
    expect(world.runtime.cache(widgets).synced).toBe(false);
    world.client.serve(widgets, true);
    await world.client.create(widgets, { apiVersion: "example.com/v1", kind: "Widget", metadata: { namespace: "default", name: "w" } });
    await world.clock.advance(30_000);
    expect(seen).toEqual(["a", "w"]);
    await world.runtime.stop();
  });

  it("lets a reconcile in work end before it stops, and takes no other key", async () => {
    let release = (): void => {};
    const events: string[] = [];
    const world = await start(
      [
        onConfigMaps(
          async ({ name }, { client }) => {
            events.push(`begin ${name}`);
            await new Promise<void>((resolve) => (release = resolve));
            await client.create(resources.configMaps, configMap(`${name}-child`));
            events.push(`end ${name}`);
            return done;
          },
          { concurrency: 1 },
        ),
      ],
      [configMap("a"), configMap("b")],
      { activity: createActivity() },
    );
    const stopping = world.runtime.stop();
    release();
    await stopping;
    // Whoever started it ends its own part after that; nothing of the runtime is left to react.
    world.crash.abort();
    expect(world.clock.nextTimer()).toBeUndefined();
    expect(events).toEqual(["begin a", "end a"]);
    expect(world.client.objects(resources.configMaps).map((object) => object.metadata.name)).toEqual(["a", "a-child", "b"]);
    expect(world.client.watchCount).toBe(0);
    await expect(world.runtime.client.delete(resources.configMaps, { namespace: "default", name: "a" })).rejects.toMatchObject({
      code: "STOPPED",
    });
  });

  it("writes nothing more once it crashed, even from a reconcile that goes on", async () => {
    let release = (): void => {};
    const world = await start(
      [
        onConfigMaps(async (_key, { client, events }) => {
          await new Promise<void>((resolve) => (release = resolve));
          events.event(configMap("a"), "Normal", "Late", "too late");
          await client.create(resources.configMaps, configMap("late"));
          return done;
        }),
      ],
      [configMap("a")],
      { activity: createActivity() },
    );
    world.crash.abort(new AppError("CRASH", "gone"));
    release();
    await world.runtime.stop();
    expect(world.client.writes).toEqual([]);
  });

  it("gives up a reconcile that ignores the end of the process, and it cannot write any more", async () => {
    let release = (): void => {};
    let refused: unknown;
    const stuck = onConfigMaps(async (_key, { client }) => {
      await new Promise<void>((resolve) => (release = resolve));
      await client.create(resources.configMaps, configMap("late")).catch((error: unknown) => (refused = error));
      return done;
    });
    const world = await start([stuck], [configMap("a")], { activity: createActivity(), drainTimeoutMs: 1000 });
    const stopping = world.runtime.stop();
    await world.clock.advance(3000);
    await stopping;
    release();
    await eventually(() => expect(refused).toMatchObject({ code: "STOPPED" }));
    expect(world.client.writes).toEqual([]);
  });

  it("aborts the requests of a reconcile that passes its deadline and tries again", async () => {
    const outcomes: unknown[] = [];
    const world = await start(
      [
        onConfigMaps(async (_key, { signal, clock }) => {
          if (outcomes.length > 0) return done;
          await clock.sleep(1e9, signal).catch((error: unknown) => {
            outcomes.push((error as AppError).code);
            throw error;
          });
          return done;
        }),
      ],
      [configMap("a")],
      { activity: createActivity(), reconcileTimeoutMs: 5000 },
    );
    await world.clock.advance(6000);
    expect(outcomes).toEqual(["RECONCILE_DEADLINE"]);
    expect(world.results).toEqual(["config failed", "config done"]);
    await world.runtime.stop();
  });

  it("reads the state anew before a stand-by begins to act", async () => {
    const clock = createVirtualClock({ startMs: 1e12 });
    const client = createFakeClient([configMap("a")], { clock });
    const runtime = createRuntime({ client, clock, processClock: realClock, logger: silentLogger, random: createSeededRandom(1) });
    const seen: unknown[] = [];
    runtime.add(
      onConfigMaps(async (key, { cache }) => {
        seen.push(cache(resources.configMaps).get(key)?.["data"]);
        return done;
      }),
    );
    const crash = new AbortController();
    runtime.startCaches(crash.signal);
    await eventually(() => expect(runtime.cache(resources.configMaps).synced).toBe(true));
    // The events of what the previous leader wrote last have not come: the watch is cut, and the state must be read.
    client.before((request) => {
      if (request.verb === "watch" && client.reads.filter((read) => read.verb === "watch").length < 3) throw apiError({ code: 500 });
    });
    client.endWatches();
    await client.patch(resources.configMaps, { namespace: "default", name: "a" }, { type: "merge", body: { data: { last: "write" } } });
    runtime.start(crash.signal);
    await runtime.synced();
    await eventually(() => expect(seen).toEqual([{ last: "write" }]));
    await runtime.stop();
  });

  it("logs one line a reconcile with its id, key and controller", async () => {
    const lines: LogFields[] = [];
    const recorder = (base: LogFields): Logger => {
      const write = (message: string, fields: LogFields = {}): void => void lines.push({ message, ...base, ...fields });
      return { error: write, warn: write, info: write, debug: write, child: (fields) => recorder({ ...base, ...fields }) };
    };
    const world = await start([onConfigMaps(async () => done)], [configMap("a")], { logger: recorder({}) });
    const own = lines.filter((line) => line["controller"] === "config");
    expect(own).toEqual([
      {
        message: "reconciled",
        controller: "config",
        key: "default/a",
        reconcileId: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
        durationMs: 0,
      },
    ]);
    await world.runtime.stop();
  });
});
