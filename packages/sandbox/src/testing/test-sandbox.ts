import type { KubeClient, KubeObject } from "@slipway/kube";
import { isAlreadyExists, keyOf, parseApiVersion } from "@slipway/kube";
import type { Logger } from "@slipway/std";
import { createSeededRandom, silentLogger } from "@slipway/std";
import { createVirtualClock } from "@slipway/std/node";
import { parseAllDocuments } from "yaml";
import type { Sandbox, SandboxOptions } from "../sandbox.ts";
import { startSandbox } from "../sandbox.ts";

export interface TestSandboxOptions extends Partial<Omit<SandboxOptions, "clock" | "random">> {
  /** Virtual milliseconds a real one; default 0: time stands still until `advance`. */
  readonly speed?: number;
  /** Seed of everything random. Default 1. */
  readonly seed?: number;
  readonly logger?: Logger;
}

export interface TestSandbox extends Sandbox {
  /** Creates each object of a YAML stream, or merges it into the one that is there. Answers them as the server has them. */
  applyYaml(text: string): Promise<KubeObject[]>;
  /** Moves the clock and waits until everything has reacted. */
  advance(ms: number): Promise<void>;
}

/** A cluster of its own that starts at 2026-01-01T00:00:00Z. `stop` also stops its clock. */
export async function createTestSandbox(options: TestSandboxOptions = {}): Promise<TestSandbox> {
  const { speed = 0, seed = 1, logger = silentLogger, ...rest } = options;
  const clock = createVirtualClock({ startMs: Date.UTC(2026, 0, 1), speed });
  const sandbox = await startSandbox({ ...rest, clock, random: createSeededRandom(seed), logger });
  return {
    ...sandbox,
    async applyYaml(text: string): Promise<KubeObject[]> {
      const applied: KubeObject[] = [];
      for (const document of parseAllDocuments(text)) {
        const object = document.toJS() as KubeObject | null;
        if (object !== null) applied.push(await apply(sandbox.client, object));
      }
      return applied;
    },
    advance: (ms) => clock.advance(ms),
    async stop(): Promise<void> {
      await sandbox.stop();
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
