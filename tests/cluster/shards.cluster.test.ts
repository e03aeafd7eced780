/**
 * Replicas that share the namespaces among them, on a real API server: what happens to 200 workflows in ten namespaces
 * while replicas join, leave, die and freeze.
 */
import type { KubeObject } from "@slipway/kube";
import { resources } from "@slipway/kube";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Cluster } from "./cluster.ts";
import { openCluster } from "./cluster.ts";
import type { CountedRuns, Counter } from "./counted-runs.ts";
import { createCountedRuns, startCounter } from "./counted-runs.ts";
import { startFaultProxy } from "./fault-proxy.ts";
import { installForProcess } from "./installation.ts";
import type { ManagerProcess } from "./manager-process.ts";
import { startManagerProcess } from "./manager-process.ts";
import { until } from "./until.ts";

const shardCount = 32;
let cluster: Cluster;
let kubeconfig: string;
let counter: Counter;
let counted: CountedRuns;
let namespaces: readonly string[];
let managers: ManagerProcess[] = [];
let cases = 0;

beforeAll(async () => {
  counter = await startCounter();
});
afterAll(() => counter.stop());

async function open(): Promise<void> {
  const name = `shards-${++cases}`;
  cluster = await openCluster(name);
  kubeconfig = await installForProcess(cluster);
  namespaces = Array.from({ length: 10 }, (_, index) => `${name}-${index}`);
  await Promise.all(namespaces.map((namespace) => cluster.run("create", "namespace", namespace)));
  counter.asked.clear();
  counted = createCountedRuns(cluster, counter, namespaces, 20);
}
const start = async (path = kubeconfig): Promise<ManagerProcess> => {
  const manager = await startManagerProcess(path, { flags: ["--sharding"] });
  managers.push(manager);
  return manager;
};
afterEach(async () => {
  await cluster.run("delete", "namespace", ...namespaces, "--wait=false");
  await cluster.close();
  await Promise.all(managers.map((manager) => manager.end("SIGTERM")));
  managers = [];
});

/** How many parts each replica holds, by its name. */
async function shares(): Promise<Map<string, number>> {
  const { items } = await cluster.client.list(resources.leases, { namespace: "slipway-system" });
  const held = new Map<string, number>();
  for (const lease of items.filter(({ metadata }) => /^\d+$/.test(metadata.labels?.["slipway.dev/shard-role"] ?? ""))) {
    const { holderIdentity = "" } = (lease as KubeObject & { spec: { holderIdentity?: string } }).spec;
    if (holderIdentity !== "") held.set(holderIdentity, (held.get(holderIdentity) ?? 0) + 1);
  }
  return held;
}

async function untilShared(replicas: number): Promise<void> {
  let last = new Map<string, number>();
  await until(`${replicas} replicas to share all parts`, 60_000, async () => {
    last = await shares();
    const counts = [...last.values()];
    const even = Math.max(...counts) - Math.min(...counts) <= 1;
    return counts.length === replicas && even && counts.reduce((sum, count) => sum + count, 0) === shardCount;
  }).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}: ${JSON.stringify([...last])}`, { cause: error });
  });
}

describe("replicas that share the namespaces", () => {
  it("lose and repeat nothing when one joins, one leaves and one is killed", { timeout: 300_000 }, async () => {
    await open();
    const first = await start();
    const second = await start();
    await untilShared(2);
    await counted.apply();
    await until("a tenth of the runs to have asked", 120_000, () => Promise.resolve(counter.asked.size > counted.count / 10));
    await start();
    await untilShared(3);
    await until("half of the runs to have asked", 120_000, () => Promise.resolve(counter.asked.size > counted.count / 2));
    expect(await first.end("SIGTERM")).toBe(0);
    await untilShared(2);
    // An answer that is under way when a process dies is asked for again with the same key; until then nothing is.
    for (const [name, keys] of counter.asked) expect(keys, name).toHaveLength(1);
    await second.end("SIGKILL");
    await untilShared(1);
    await counted.everyOneSucceeded();
    counted.everyOneAsked({ exactlyOnce: false });
    await counted.everyConfigMapWritten();
  });

  it("let no write of one pass that was frozen while others took over", { timeout: 240_000 }, async () => {
    await open();
    const proxy = await startFaultProxy(kubeconfig);
    try {
      const frozen = await start(cluster.file("frozen.kubeconfig", proxy.kubeconfigText));
      await start();
      await untilShared(2);
      await counted.apply();
      await until("some runs to have asked", 120_000, () => Promise.resolve(counter.asked.size > 20));
      frozen.pause();
      await untilShared(1);
      const before = proxy.passed.length;
      frozen.resume();
      expect(await frozen.exited()).toBe(1);
      const written = proxy.passed.slice(before).filter(({ method, status }) => method !== "GET" && status !== undefined && status < 300);
      expect(written).toEqual([]);
      await counted.everyOneSucceeded();
      await counted.everyConfigMapWritten();
    } finally {
      await Promise.all(managers.splice(0, 1).map((manager) => manager.end("SIGKILL")));
      await proxy.stop();
    }
  });
});
