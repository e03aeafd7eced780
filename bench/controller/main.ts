/**
 * `npm run bench:controller [-- --json FILE] [--objects N] [--churn N]`: the manager and its runtime on a real API server.
 *
 * 1. The real manager, with its shipped rights, through a proxy that counts: from process start to steady with N objects
 *    that have nothing to do (default 12,000), its memory, and what it asks while nothing happens.
 * 2. Our runtime with an empty reconcile: from the event's arrival, and from the writer's request, to the reconcile that sees it, at 500 events a second or what the
 *    API server takes on this machine.
 * 3. Its heap while N objects (default 70,000) are created and deleted.
 *
 * Goals: 30 s, 1 GiB, less than one request a second, no write but the lease, p99 of 50 ms, a flat heap.
 */
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { FaultProxy, PassedRequest } from "../../tests/cluster/fault-proxy.ts";
import { startFaultProxy } from "../../tests/cluster/fault-proxy.ts";
import { installForProcess } from "../../tests/cluster/installation.ts";
import { startManagerProcess } from "../../tests/cluster/manager-process.ts";
import type { Cluster } from "../../tests/cluster/open-cluster.ts";
import { openClusterAt } from "../../tests/cluster/open-cluster.ts";
import { startPlane } from "../../tests/cluster/plane.ts";
import { until } from "../../tests/cluster/until.ts";
import { atRate, createRuns, each, runs, suspendedRun } from "./objects.ts";
import type { SubjectReport } from "./subject.ts";
import { sentAnnotation } from "./subject.ts";

const namespace = "bench";
const { values } = parseArgs({
  options: { json: { type: "string" }, objects: { type: "string", default: "12000" }, churn: { type: "string", default: "70000" } },
});
const objects = Number(values.objects);
const churn = Number(values.churn);
const results: Record<string, number> = {};
const tell = (name: string, value: number, unit: string, goal: string): void => {
  results[name] = value;
  console.log(`${name.padEnd(44)} ${value.toLocaleString("en", { maximumFractionDigits: 2 }).padStart(10)} ${unit.padEnd(8)} ${goal}`);
};

const plane = await startPlane(process.env);
try {
  const cluster = await openClusterAt({ kubeconfig: plane.kubeconfig, kubectl: join(plane.binaries, "kubectl") }, namespace);
  const proxy = await startFaultProxy(await installForProcess(cluster));
  await measureManager(cluster, proxy);
  await proxy.stop();
  await measureRuntime(cluster);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ objects, churn, results }, null, 2)}\n`);
} finally {
  await plane.stop();
}

async function measureManager(cluster: Cluster, proxy: FaultProxy): Promise<void> {
  const kubeconfig = cluster.file("through-proxy.kubeconfig", proxy.kubeconfigText);
  const first = await startManagerProcess(kubeconfig);
  const createdMs = performance.now();
  await createRuns(cluster.client, namespace, objects);
  await until("every run to be suspended", 1_200_000, () => allSuspended(cluster));
  tell("new objects reconciled, a second", objects / ((performance.now() - createdMs) / 1000), "/s", "");
  await first.end("SIGTERM");

  const startedMs = performance.now();
  const manager = await startManagerProcess(kubeconfig);
  await until("the manager to be quiet", 300_000, () => Promise.resolve(quietSince(proxy.passed) > 3000));
  tell("start to steady", (performance.now() - startedMs - quietSince(proxy.passed)) / 1000, "s", "≤ 30");
  tell("resident memory when steady", residentMiB(manager.pid), "MiB", "≤ 1024");
  const from = proxy.passed.length;
  const seconds = 120;
  await new Promise((done) => setTimeout(done, seconds * 1000));
  const idle = proxy.passed.slice(from);
  tell("requests while idle", idle.length / seconds, "/s", "< 1");
  tell("writes while idle, the lease apart", idle.filter((request) => isWrite(request) && !isLease(request)).length, "", "0");
  tell("resident memory at the end", residentMiB(manager.pid), "MiB", "≤ 1024");
  await manager.end("SIGTERM");
}

async function allSuspended(cluster: Cluster): Promise<boolean> {
  const { items } = await cluster.client.list(runs, { namespace });
  // Asking 12,000 objects each 100 ms would be the larger part of the load.
  await new Promise((done) => setTimeout(done, 2000));
  return items.every((item) => (item["status"] as { suspend?: boolean } | undefined)?.suspend === true);
}

/** Milliseconds since the last request that is not a lease renewal. */
function quietSince(passed: readonly PassedRequest[]): number {
  const last = passed.findLast((request) => !isLease(request));
  return last === undefined ? 0 : Date.now() - last.atMs;
}

function isLease({ path }: PassedRequest): boolean {
  return path.includes("/leases");
}

function isWrite({ method }: PassedRequest): boolean {
  return method !== "GET";
}

function residentMiB(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) / 1024;
}

async function measureRuntime(cluster: Cluster): Promise<void> {
  const subject = fork(join(import.meta.dirname, "subject.ts"), [cluster.kubeconfig], { execArgv: ["--expose-gc"] });
  try {
    await once(subject, "message");
    const ask = async (): Promise<SubjectReport> => {
      subject.send("report");
      return ((await once(subject, "message")) as [SubjectReport])[0];
    };
    await ask();
    const writesMs: number[] = [];
    await atRate(500, 30, 16, async (index) => {
      const sentMs = performance.now();
      await cluster.client.patch(
        runs,
        { namespace, name: `run-${(index * 7919) % objects}` },
        { type: "merge", body: { metadata: { annotations: { [sentAnnotation]: String(performance.timeOrigin + sentMs) } } } },
      );
      writesMs.push(performance.now() - sentMs);
    });
    await new Promise((done) => setTimeout(done, 1000));
    const { latenciesMs, queuedMs } = await ask();
    tell("events seen at 500 a second", latenciesMs.length / 30, "/s", "");
    tell("the writes themselves, p50", percentile(writesMs, 0.5), "ms", "");
    tell("the writes themselves, p99", percentile(writesMs, 0.99), "ms", "");
    tell("write to reconcile, p50", percentile(latenciesMs, 0.5), "ms", "");
    tell("write to reconcile, p99", percentile(latenciesMs, 0.99), "ms", "");
    tell("event to reconcile, p50", percentile(queuedMs, 0.5), "ms", "");
    tell("event to reconcile, p99", percentile(queuedMs, 0.99), "ms", "≤ 50");
    await measureHeap(cluster, subject, ask);
  } finally {
    subject.kill("SIGKILL");
  }
}

async function measureHeap(cluster: Cluster, subject: ChildProcess, ask: () => Promise<SubjectReport>): Promise<void> {
  const rounds = 7;
  const heaps: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await each(Math.ceil(churn / rounds), 24, async (index) => {
      const name = `churn-${round}-${index}`;
      await cluster.client.create(runs, suspendedRun(namespace, name));
      await cluster.client.delete(runs, { namespace, name });
    });
    await until("the deletions to be seen", 60_000, async () => (await ask()).cached === objects);
    heaps.push((await ask()).heapBytes);
    console.log(
      `  after ${Math.ceil(churn / rounds) * (round + 1)} created and deleted: ${((heaps.at(-1) ?? 0) / 2 ** 20).toFixed(1)} MiB`,
    );
    if (subject.exitCode !== null) throw new Error("the subject ended");
  }
  tell("heap growth for each created and deleted", slope(heaps) / Math.ceil(churn / rounds), "bytes", "flat");
}

/** Least squares, per step. The first value warms up. */
function slope(values: readonly number[]): number {
  const points = values.slice(1).map((value, index) => [index, value] as const);
  const mean = (of: readonly number[]): number => of.reduce((sum, each) => sum + each, 0) / of.length;
  const [x, y] = [mean(points.map(([index]) => index)), mean(points.map(([, value]) => value))];
  const over = points.reduce((sum, [index]) => sum + (index - x) ** 2, 0);
  return points.reduce((sum, [index, value]) => sum + (index - x) * (value - y), 0) / over;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
