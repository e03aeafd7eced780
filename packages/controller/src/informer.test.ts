import type { KubeClient, KubeObject } from "@slipway/kube";
import { apiError, resources } from "@slipway/kube";
import { createSeededRandom, silentLogger } from "@slipway/std";
import type { VirtualClock } from "@slipway/std/node";
import { createVirtualClock } from "@slipway/std/node";
import { describe, expect, it } from "vitest";
import type { Informer, InformerOptions } from "./informer.ts";
import { cacheView, createInformer } from "./informer.ts";
import type { FakeClient } from "./testing/index.ts";
import { createFakeClient } from "./testing/index.ts";

const { configMaps } = resources;
const configMap = (name: string, value = "1"): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace: "default", name, managedFields: [{ manager: "kubectl" }] },
  data: { value },
});
const key = (name: string): { namespace: string; name: string } => ({ namespace: "default", name });
const setValue = (client: FakeClient, name: string, value: string): Promise<KubeObject> =>
  client.patch(configMaps, key(name), { type: "merge", body: { data: { value } } });

interface World {
  readonly client: FakeClient;
  readonly clock: VirtualClock;
  readonly informer: Informer;
  readonly changes: string[];
  readonly relists: string[];
  /** The cache, as `name=value`. */
  cached(): string[];
  /** Lets streams and promises run. */
  settle(): Promise<void>;
}

async function watching(
  objects: readonly KubeObject[],
  extra: Partial<InformerOptions> = {},
  prepare?: (client: FakeClient) => void,
): Promise<World> {
  const clock = createVirtualClock({ startMs: 1e12, settleMs: 1 });
  const client = createFakeClient(objects);
  prepare?.(client);
  const changes: string[] = [];
  const relists: string[] = [];
  const informer = createInformer({
    client,
    resource: configMaps,
    logger: silentLogger,
    random: createSeededRandom(1),
    clock,
    onRelist: (reason) => relists.push(reason),
    ...extra,
  });
  const valueOf = (object: KubeObject | undefined): string => (object?.["data"] as { value?: string } | undefined)?.value ?? "none";
  informer.addHandler(({ type, object, old }) =>
    changes.push(`${type} ${object.metadata.name} ${old === undefined ? "" : `${valueOf(old)}->`}${valueOf(object)}`),
  );
  informer.start(new AbortController().signal);
  await clock.settle();
  const cached = (): string[] =>
    informer.store
      .list()
      .map((object) => `${object.metadata.name}=${valueOf(object)}`)
      .sort();
  return { client, clock, informer, changes, relists, cached, settle: () => clock.settle() };
}

describe("informer", () => {
  it("caches the state without managedFields, then follows adds, changes and deletions", async () => {
    const { client, informer, changes, settle } = await watching([configMap("a"), configMap("b")]);
    expect(informer.synced).toBe(true);
    expect(informer.store.get("default/a")?.metadata.managedFields).toBeUndefined();
    await setValue(client, "a", "2");
    await client.create(configMaps, configMap("c"));
    await client.delete(configMaps, key("b"));
    await settle();
    expect(changes).toEqual(["added a 1", "added b 1", "updated a 1->2", "added c 1", "deleted b 1->1"]);
    await informer.stop();
    expect(client.watchCount).toBe(0);
  });

  it("reads the state as a stream where it is served, with no list at all", async () => {
    const { client, informer } = await watching([configMap("a")]);
    expect(client.reads.map((read) => read.verb)).toEqual(["watch"]);
    await informer.stop();
  });

  it("falls back to paged lists where streaming is refused, and to lists where it is ignored", async () => {
    const names = Array.from({ length: 25 }, (_, index) => `n${index}`);
    let refusals = 0;
    const refusing = await watching(
      names.map((name) => configMap(name)),
      { pageSize: 10 },
      (client) =>
        client.before(({ verb }) => {
          if (verb === "watch" && refusals++ === 0)
            throw apiError({ code: 422, reason: "Invalid", message: "sendInitialEvents is forbidden" });
        }),
    );
    expect(refusing.cached()).toHaveLength(25);
    expect(refusing.client.reads.map((read) => read.verb)).toEqual(["watch", "list", "list", "list", "watch"]);
    await refusing.informer.stop();

    const client = createFakeClient([configMap("a")]);
    const ignoring: Pick<KubeClient, "list" | "watch"> = {
      list: (resource, options) => client.list(resource, options),
      watch: (resource, { sendInitialEvents: _ignored, ...options }) => client.watch(resource, options),
    };
    const clock = createVirtualClock({ startMs: 1e12, settleMs: 1 });
    const random = createSeededRandom(1);
    const informer = createInformer({ client: ignoring as KubeClient, resource: configMaps, logger: silentLogger, random, clock });
    informer.start(new AbortController().signal);
    await clock.settle();
    expect(informer.synced).toBe(false);
    await clock.advance(6000);
    expect(informer.synced).toBe(true);
    await informer.stop();
  });

  it("resumes from the last event or bookmark after the server closed the watch, at most once a second", async () => {
    const { client, clock, informer, changes, relists } = await watching([configMap("a")]);
    client.bookmark();
    await clock.settle();
    client.endWatches();
    await clock.settle();
    await setValue(client, "a", "2");
    expect(client.watchCount).toBe(0);
    await clock.advance(1000);
    expect(changes).toEqual(["added a 1", "updated a 1->2"]);
    expect(relists).toEqual(["start"]);
    const before = client.reads.length;
    for (let i = 0; i < 50; i++) {
      client.endWatches();
      await clock.advance(100);
    }
    expect(client.reads.length - before).toBeLessThanOrEqual(5);
    await informer.stop();
  });

  it("reads the state anew when its version is too old, and reports what vanished meanwhile with its last state", async () => {
    const { client, clock, informer, changes, relists, cached } = await watching([configMap("a"), configMap("b", "9")]);
    client.endWatches(new Error("connection reset"));
    await clock.settle();
    await client.delete(configMaps, key("b"));
    await setValue(client, "a", "2");
    client.compact();
    await clock.advance(10_000);
    expect(relists).toEqual(["start", "expired"]);
    expect(changes).toEqual(["added a 1", "added b 9", "updated a 1->2", "deleted b 9->9"]);
    expect(cached()).toEqual(["a=2"]);
    await informer.stop();
  });

  it("heals a lost event: a watch that is silent for a minute is replaced by the state", async () => {
    const { client, clock, informer, relists, cached } = await watching([configMap("a")]);
    // The connection is dead: nothing arrives, nothing ends.
    const lost = client.watch.bind(client);
    let dead = false;
    client.watch = (resource, options) => filtered(lost(resource, options), () => !dead);
    client.endWatches();
    await clock.advance(1000);
    dead = true;
    await setValue(client, "a", "2");
    await clock.advance(59_000);
    expect(cached()).toEqual(["a=1"]);
    dead = false;
    await clock.advance(2000);
    expect(relists).toEqual(["start", "silence"]);
    expect(cached()).toEqual(["a=2"]);
    await informer.stop();
  });

  it("finds an event that was lost on a healthy connection where the watch ends, and says only what differs", async () => {
    const { client, clock, informer, relists, changes, cached } = await watching([configMap("a"), configMap("b")], { verifyMs: 40_000 });
    const lossless = client.watch.bind(client);
    let losing = false;
    client.watch = (resource, options) => filtered(lossless(resource, options), () => !losing);
    client.endWatches();
    await clock.advance(1000);
    losing = true;
    await setValue(client, "a", "2");
    losing = false;
    await setValue(client, "b", "3");
    await clock.advance(1000);
    expect(cached()).toEqual(["a=1", "b=3"]);
    client.endWatches();
    await clock.advance(1000);
    // Not due yet: the watch goes on from its version.
    expect([relists, cached()]).toEqual([["start"], ["a=1", "b=3"]]);
    await clock.advance(38_000);
    client.endWatches();
    await clock.advance(1000);
    expect(relists).toEqual(["start", "verification"]);
    expect(cached()).toEqual(["a=2", "b=3"]);
    expect(changes.slice(2)).toEqual(["updated b 1->3", "updated a 1->2"]);
    await informer.stop();
  });

  it("verifies many objects less often: a page each time", async () => {
    const many = Array.from({ length: 25 }, (_, index) => configMap(`many-${index}`));
    const { client, clock, informer, relists } = await watching(many, { verifyMs: 40_000, pageSize: 10 });
    for (let cycle = 0; cycle < 5; cycle++) {
      await clock.advance(30_000);
      client.endWatches();
    }
    await clock.advance(1000);
    expect(relists).toEqual(["start", "verification"]);
    await informer.stop();
  });

  it("is not silent while bookmarks come", async () => {
    const { client, clock, informer, relists } = await watching([configMap("a")]);
    for (let i = 0; i < 10; i++) {
      await clock.advance(30_000);
      client.bookmark();
      await clock.settle();
    }
    expect(relists).toEqual(["start"]);
    await informer.stop();
  });

  it("backs off while the server fails, survives it, and recovers", async () => {
    const { client, clock, informer, cached } = await watching([configMap("a")]);
    client.before(() => {
      throw apiError({ code: 500, message: "down" });
    });
    client.endWatches(new Error("connection reset"));
    const before = client.reads.length;
    await clock.advance(300_000);
    expect(client.reads.length - before).toBeLessThan(20);
    client.before(undefined);
    await setValue(client, "a", "2");
    await clock.advance(60_000);
    expect(cached()).toEqual(["a=2"]);
    await informer.stop();
  });

  it("takes an ERROR event of the stream like a failed request", async () => {
    const { client, clock, informer, relists, cached } = await watching([configMap("a")]);
    const original = client.watch.bind(client);
    let failures = 0;
    client.watch = (resource, options) => {
      if (failures++ > 0) return original(resource, options);
      return (async function* () {
        yield { type: "ERROR" as const, object: { code: 410, reason: "Expired", message: "too old" } };
      })();
    };
    client.endWatches();
    await setValue(client, "a", "2");
    await clock.advance(3000);
    expect([relists, cached()]).toEqual([["start", "expired"], ["a=2"]]);
    await informer.stop();
  });

  it("drops its objects when an optional kind is no longer served, and finds it again", async () => {
    const { client, clock, informer, changes } = await watching([configMap("a")], { optional: true });
    client.serve(configMaps, false);
    client.endWatches();
    await clock.advance(2000);
    expect([changes, informer.synced]).toEqual([["added a 1", "deleted a 1->1"], false]);
    client.serve(configMaps, true);
    await clock.advance(30_000);
    expect([changes.length, informer.synced]).toEqual([3, true]);
    await informer.stop();
  });

  it("keeps to its namespace, and gives objects by namespace, labels and index", async () => {
    const labelled = (namespace: string, name: string, app: string): KubeObject => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { namespace, name, labels: { app } },
    });
    const all = [labelled("x", "a", "web"), labelled("x", "b", "db"), labelled("y", "c", "web")];
    const { informer, cached } = await watching(all, { namespace: "x" });
    expect(cached()).toEqual(["a=none", "b=none"]);
    const cache = cacheView(informer, (index) => index);
    expect(cache.list({ namespace: "x", labels: { app: "web" } }).map((object) => object.metadata.name)).toEqual(["a"]);
    expect(cache.get({ namespace: "x", name: "b" })?.metadata.labels).toEqual({ app: "db" });
    expect(() => cache.byIndex("nowhere", "x")).toThrow("no index nowhere");
    await informer.stop();
  });
});

/** Events pass while `open` says so; after that the stream hangs until its signal. */
async function* filtered<T>(events: AsyncIterable<T>, open: () => boolean): AsyncGenerator<T> {
  for await (const event of events) if (open()) yield event;
}
