/**
 * Faults between the manager and a real API server. Each scenario runs beside its faults and must reach the end of the
 * undisturbed run, at the latest 90 s after they ended.
 */
import { createSeededRandom } from "@slipway/std";
import { beforeAll, describe, expect, it } from "vitest";
import type { Cluster } from "./cluster.ts";
import { openCluster } from "./cluster.ts";
import type { Faults } from "./fault-proxy.ts";
import { startFaultProxy } from "./fault-proxy.ts";
import { installForProcess } from "./installation.ts";
import { startManagerProcess } from "./manager-process.ts";
import { createScenario } from "./scenario.ts";

/** As long as a short outage; the scenario needs less. */
const faultyMs = 15_000;
const healMs = 90_000;
let undisturbed: unknown;
let runs = 0;

/** Runs the scenario in a namespace of its own, and returns the world that it led to. */
async function run(name: string, faults: Faults): Promise<unknown> {
  const namespace = `faults-${++runs}`;
  const cluster: Cluster = await openCluster(namespace);
  const proxy = await startFaultProxy(await installForProcess(cluster));
  const manager = await startManagerProcess(cluster.file("through-proxy.kubeconfig", proxy.kubeconfigText), { restart: true });
  const scenario = createScenario(cluster, namespace);
  try {
    proxy.set(faults);
    const over = new Promise<number>((resolve) =>
      setTimeout(() => {
        proxy.set({});
        resolve(performance.now());
      }, faultyMs),
    );
    await scenario.start();
    await scenario.ended(faultyMs + healMs);
    const healedMs = performance.now() - (await over);
    console.log(`${name}: ended ${(healedMs / 1000).toFixed(1)} s after the faults`);
    expect(healedMs).toBeLessThanOrEqual(healMs);
    return await scenario.world();
  } catch (error) {
    throw new Error(`${(error as Error).message}\nthe manager logged:\n${manager.log().slice(-6000)}`, { cause: error });
  } finally {
    proxy.set({});
    // What cannot be removed must not hide why; the namespace is left then, and no other run uses it.
    await scenario.remove().then(
      () => cluster.close(),
      (error: unknown) => console.log(`${name}: ${String(error)}`),
    );
    await manager.end("SIGTERM");
    await proxy.stop();
  }
}

beforeAll(async () => {
  undisturbed = await run("undisturbed", {});
});

const answers = (status: number, reason: string, headers: Readonly<Record<string, string>> = {}): NonNullable<Faults["request"]> => {
  const random = createSeededRandom(status);
  return () => (random.next() < 0.3 ? { type: "answer", status, reason, headers } : undefined);
};
const sometimes = <T>(seed: number, share: number, value: T): (() => T | undefined) => {
  const random = createSeededRandom(seed);
  return () => (random.next() < share ? value : undefined);
};

const cases: readonly (readonly [string, () => Faults])[] = [
  ["a third of all requests answered 500", () => ({ request: answers(500, "InternalError") })],
  ["a third of all requests answered 429", () => ({ request: answers(429, "TooManyRequests", { "retry-after": "1" }) })],
  ["a third of all connections reset", () => ({ request: sometimes(3, 0.3, { type: "reset" } as const) })],
  [
    "a third of all answers lost after the API server acted",
    () => {
      const lost = sometimes(4, 0.3, { type: "lost answer" } as const);
      return { request: (request) => (request.watch ? undefined : lost()) };
    },
  ],
  ["watches that stay open and say nothing", () => ({ event: () => "stall" })],
  [
    "a third of all events dropped",
    () => {
      const dropped = sometimes(6, 0.3, "drop" as const);
      return { event: () => dropped() ?? "pass" };
    },
  ],
  ["every event twice", () => ({ event: () => "duplicate" })],
  [
    "watches refused as too old",
    () => {
      const gone = answers(410, "Expired");
      return { request: (request) => (request.watch ? gone(request) : undefined) };
    },
  ],
];

describe("the manager behind a faulty network", () => {
  it("ends the scenario when nothing disturbs it", () => {
    expect(undisturbed).toMatchObject({ rollout: { phase: "Healthy", state: "Completed" } });
  });

  it.each(cases)("reaches the same end with %s", { timeout: 200_000 }, async (name, faults) => {
    expect(await run(name, faults())).toEqual(undisturbed);
  });
});
