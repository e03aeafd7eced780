/** A manager that traces: its reconciles go on whatever becomes of the spans. */
import { crds } from "@slipway/api";
import type { Feature, Outcome } from "@slipway/controller";
import { done } from "@slipway/controller";
import { createFakeClient, eventually } from "@slipway/controller/testing";
import type { KubeObject } from "@slipway/kube";
import { resources } from "@slipway/kube";
import type { LogFields, Logger } from "@slipway/std";
import { AppError, silentLogger } from "@slipway/std";
import { createVirtualClock } from "@slipway/std/node";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { RunningManager } from "./manager-options.ts";
import { startManager } from "./manager.ts";
import type { TracingOptions } from "./tracing.ts";
import { startTracing } from "./tracing.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Answers with the status; without one never. */
async function receiver(status?: number): Promise<{ readonly endpoint: string; readonly bodies: string[] }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      bodies.push(body);
      if (status !== undefined) response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

function warnings(): { readonly logger: Logger; readonly lines: [string, LogFields | undefined][] } {
  const lines: [string, LogFields | undefined][] = [];
  const logger: Logger = { ...silentLogger, warn: (message, fields) => lines.push([message, fields]), child: () => silentLogger };
  return { logger, lines };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `c${String(index)}`);
const established = crds.map((crd) => ({ ...crd, status: { conditions: [{ type: "Established", status: "True" }] } }));

async function start(
  objects: readonly string[],
  tracing: TracingOptions,
  reconcile: (name: string) => Promise<Outcome>,
  logger = silentLogger,
): Promise<RunningManager> {
  const configMaps = objects.map((name): KubeObject => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "default", name } }));
  const feature: Feature = {
    name: "f",
    controllers: [{ name: "f", watches: [{ resource: resources.configMaps }], reconcile: ({ name }) => reconcile(name) }],
    webhooks: [],
    conversions: {},
  };
  const client = createFakeClient([...established, ...configMaps]);
  return startManager({ client, features: [feature], leaderElection: false, healthPort: false, logger, tracing });
}

const droppedOf = async (manager: RunningManager): Promise<number> => {
  const page = await (await fetch(`http://127.0.0.1:${String(manager.ports.metrics)}/metrics`)).text();
  return Number(/^slipway_trace_spans_dropped_total (\d+)$/m.exec(page)?.[1]);
};

describe("a manager with traces", () => {
  it("says of each reconcile how it ended, and of a failure its code without its text", async () => {
    const { endpoint, bodies } = await receiver(200);
    const failing = new Map([
      ["flaky", new AppError("FLAKY", "text with a secret")],
      ["wrong", new AppError("WRONG", "text with a secret", { retry: "never" })],
      ["broken", new TypeError("text with a secret")],
    ]);
    const fine: string[] = [];
    const manager = await start(["fine", "flaky", "wrong", "broken"], { endpoint }, (name) => {
      const error = failing.get(name);
      failing.delete(name);
      if (error !== undefined) throw error;
      return Promise.resolve(fine.push(name)).then(() => done);
    });
    await eventually(() => expect(fine.sort()).toEqual(["broken", "fine", "flaky"]));
    await manager.stop();
    const ends = bodies.flatMap(spansOf).map(({ attributes, status }) => {
      const { "slipway.name": name, "slipway.attempts": attempts, "slipway.outcome": outcome, "error.type": type } = attributes;
      return [name, attempts, outcome, type, status].join(" ");
    });
    expect([...new Set(ends)].sort()).toEqual([
      "broken 1 bug TypeError 2",
      "broken 2 done  0",
      "fine 1 done  0",
      "flaky 1 failed FLAKY 2",
      "flaky 2 done  0",
      "wrong 1 terminal WRONG 2",
    ]);
    expect(bodies.join("")).not.toContain("secret");
  });

  it("sends nothing of what is not sampled", async () => {
    const { endpoint, bodies } = await receiver(200);
    const seen = new Set<string>();
    const manager = await start(names(20), { endpoint, sampleRatio: 0 }, (name) => Promise.resolve(seen.add(name)).then(() => done));
    await eventually(() => expect(seen.size).toBe(20));
    await manager.stop();
    expect(bodies).toEqual([]);
  });

  it.each([
    ["nobody listens", undefined, 3000, "too many spans wait for the receiver"],
    // Enough for one batch, which is sent at once.
    ["it refuses", 400, 600, "Bad Request"],
  ])("reconciles on when %s, counts what is lost, and says so once", async (_what, status, count, error) => {
    const endpoint = status === undefined ? "http://127.0.0.1:1" : (await receiver(status)).endpoint;
    const { logger, lines } = warnings();
    const seen = new Set<string>();
    const manager = await start(
      names(count),
      { endpoint, flushTimeoutMs: 50 },
      (name) => Promise.resolve(seen.add(name)).then(() => done),
      logger,
    );
    await eventually(() => expect(seen.size).toBe(count));
    await eventually(async () => expect(await droppedOf(manager)).toBeGreaterThan(100), { timeoutMs: 15_000, intervalMs: 50 });
    await manager.stop();
    expect(lines).toEqual([["spans of traces were dropped", { spans: expect.any(Number) as number, error }]]);
  });

  it("stops in time when the receiver does not answer", async () => {
    const { endpoint, bodies } = await receiver();
    const { logger, lines } = warnings();
    const seen = new Set<string>();
    const manager = await start(
      ["a"],
      { endpoint, flushTimeoutMs: 500 },
      (name) => Promise.resolve(seen.add(name)).then(() => done),
      logger,
    );
    await eventually(() => expect(seen.size).toBe(1));
    const before = performance.now();
    await manager.stop();
    // The exporter itself waits for 10 s.
    expect(performance.now() - before).toBeLessThan(5000);
    await eventually(() => expect(bodies).toHaveLength(1));
    expect(lines).toEqual([["spans of traces were dropped", { spans: 1, error: "the process ends" }]]);
  });

  it("says at most once a minute that it drops spans, and then how many", async () => {
    const { endpoint } = await receiver(400);
    const { logger, lines } = warnings();
    const clock = createVirtualClock({ startMs: 1e12, settleMs: 0 });
    let dropped = 0;
    const tracing = startTracing({ endpoint }, { identity: "me", logger, clock, onDropped: (count) => (dropped += count) });
    const work = async (): Promise<void> => {
      for (let i = 0; i < 512; i++) await tracing.tracer.root({ name: "a", kind: "internal", attributes: {} }, async () => {});
    };
    for (const expected of [512, 1024, 1536]) {
      await work();
      await eventually(() => expect(dropped).toBe(expected));
    }
    await clock.advance(60_000);
    await work();
    await eventually(() => expect(dropped).toBe(2048));
    expect(lines.map(([, fields]) => fields?.["spans"])).toEqual([512, 1536]);
    await tracing.stop();
  });
});

interface Sent {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: number;
}

function spansOf(body: string): Sent[] {
  const { resourceSpans } = JSON.parse(body) as {
    resourceSpans: { scopeSpans: { spans: { attributes: { key: string; value: object }[]; status: { code: number } }[] }[] }[];
  };
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  return spans.map(({ attributes, status }) => ({
    attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0] as unknown])),
    status: status.code,
  }));
}
