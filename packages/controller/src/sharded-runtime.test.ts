import type { KubeObject } from "@slipway/kube";
import { resources } from "@slipway/kube";
import { createSeededRandom, silentLogger } from "@slipway/std";
import { createVirtualClock } from "@slipway/std/node";
import { expect, it } from "vitest";
import type { Runtime } from "./runtime.ts";
import { createRuntime } from "./runtime.ts";
import { createShards } from "./shards.ts";
import { createFakeClient } from "./testing/index.ts";
import { done } from "./types.ts";

const configMap = (namespace: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace, name: "x" },
  data: {},
});

it("moves shards between runtimes: every object is handled, each change by one of them, none is lost", async () => {
  const clock = createVirtualClock({ startMs: 1e12, settleMs: 1 });
  const namespaces = Array.from({ length: 60 }, (_, i) => `team-${i}`);
  const client = createFakeClient(namespaces.map(configMap), { clock });
  const start = (name: string): Runtime => {
    const common = { client, clock, logger: silentLogger, random: createSeededRandom(1) };
    const shards = createShards({ ...common, namespace: "slipway", name: "manager", identity: name });
    const runtime = createRuntime({ ...common, activity: clock.activity, shards });
    runtime.add({
      name: "count",
      watches: [{ resource: resources.configMaps }],
      // Counts each change of `wanted` once: twice at once, or from a stale cache, would conflict or count again.
      async reconcile(key, { cache, client }) {
        const object = cache(resources.configMaps).get(key);
        const { wanted, seen, by = "" } = (object?.["data"] ?? {}) as Record<string, string | undefined>;
        if (object === undefined || wanted === seen) return done;
        const data = { seen: wanted, by: `${by}${name}` };
        const metadata = { resourceVersion: object.metadata.resourceVersion };
        await client.patch(resources.configMaps, key, { type: "merge", body: { metadata, data } });
        return done;
      },
    });
    runtime.start(new AbortController().signal);
    return runtime;
  };
  const change = async (wanted: string): Promise<void> => {
    for (const namespace of namespaces) {
      await client.patch(resources.configMaps, { namespace, name: "x" }, { type: "merge", body: { data: { wanted } } });
    }
  };
  const first = start("a");
  await clock.advance(10_000);
  await change("1");
  const second = start("b");
  // Changes fall into the move.
  for (let i = 2; i < 12; i++) {
    await clock.advance(700);
    await change(String(i));
  }
  await clock.advance(15_000);
  await change("12");
  await clock.advance(1000);
  await first.stop();
  await change("13");
  await clock.advance(15_000);
  const states = client.objects(resources.configMaps).map((object) => object["data"] as Record<string, string>);
  expect(states.every(({ wanted, seen }) => wanted === "13" && seen === "13")).toBe(true);
  expect(states.every(({ by = "" }) => /^a+b*$|^a*b+$/.test(by))).toBe(true);
  expect(states.filter(({ by = "" }) => by.startsWith("a")).length).toBe(60);
  expect(states.filter(({ by = "" }) => by.endsWith("bb")).length).toBeGreaterThan(10);
  await second.stop();
});
