import { createFakeClient } from "@slipway/controller/testing";
import type { KubeClient, KubeObject } from "@slipway/kube";
import { isAlreadyExists, keyOf, parseApiVersion } from "@slipway/kube";
import { createSeededRandom, silentLogger } from "@slipway/std";
import type { VirtualClock } from "@slipway/std/node";
import { createVirtualClock } from "@slipway/std/node";
import { parseAllDocuments } from "yaml";
import { startControlPlane } from "../controllers/control-plane.ts";
import type { RequestCount } from "../network/gateway/request-counts.ts";
import { ContainerLogs } from "../node/container-logs.ts";

export interface TestSandboxOptions {
  /** Virtual milliseconds a real one; default 0: time stands still until `advance`. */
  readonly speed?: number;
  /** Seed of everything random. Default 1. */
  readonly seed?: number;
  readonly nodes?: number;
  readonly podStartDelayMs?: number;
}

export interface TestSandbox {
  readonly client: KubeClient;
  readonly clock: VirtualClock;
  readonly gatewayUrl: string;
  requestCounts(): readonly RequestCount[];
  /** Creates each object of a YAML stream, or merges it into the one that is there. Answers them as the server has them. */
  applyYaml(text: string): Promise<KubeObject[]>;
  /** Moves the clock and waits until everything has reacted. */
  advance(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export async function createTestSandbox(options: TestSandboxOptions = {}): Promise<TestSandbox> {
  const clock = createVirtualClock({ startMs: Date.UTC(2026, 0, 1), speed: options.speed ?? 0 });
  const client = createFakeClient([], { clock, cascade: false });
  const plane = await startControlPlane({
    client,
    clock,
    random: createSeededRandom(options.seed ?? 1),
    logger: silentLogger,
    logs: new ContainerLogs(),
    host: "127.0.0.1",
    gatewayPort: 0,
    nodes: options.nodes ?? 2,
    timing: { startDelayMs: options.podStartDelayMs ?? 100, startJitterMs: 100, terminationDelayMs: 500 },
  });
  return {
    client,
    clock,
    gatewayUrl: plane.gateway.url,
    requestCounts: () => plane.gateway.requestCounts(),
    async applyYaml(text: string): Promise<KubeObject[]> {
      const applied: KubeObject[] = [];
      for (const document of parseAllDocuments(text)) {
        const object = document.toJS() as KubeObject | null;
        if (object !== null) applied.push(await apply(client, object));
      }
      return applied;
    },
    advance: (ms) => clock.advance(ms),
    async stop(): Promise<void> {
      await plane.stop();
      clock.stop();
    },
  };
}

async function apply(client: KubeClient, object: KubeObject): Promise<KubeObject> {
  const resource = await client.resourceFor({ ...parseApiVersion(object.apiVersion), kind: object.kind });
  if (resource === undefined) throw new Error(`the sandbox does not serve ${object.apiVersion} ${object.kind}`);
  const namespace = resource.namespaced ? (object.metadata.namespace ?? "default") : "";
  const named: KubeObject = { ...object, metadata: { ...object.metadata, ...(namespace === "" ? {} : { namespace }) } };
  try {
    return await client.create(resource, named);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return await client.patch(resource, keyOf(named), { type: "merge", body: named });
  }
}
