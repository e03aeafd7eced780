/**
 * Workflows whose effects can be counted in the world: each asks an HTTP server once, holds, and writes one ConfigMap.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { KubeObject } from "@slipway/kube";
import { resources } from "@slipway/kube";
import { expect } from "vitest";
import type { Cluster } from "./cluster.ts";
import { workflowRuns } from "./scenario.ts";
import { until } from "./until.ts";

export interface Counter {
  readonly url: string;
  /** Idempotency keys of the requests, by path. */
  readonly asked: Map<string, string[]>;
  stop(): Promise<void>;
}

export interface CountedRuns {
  /** Of all namespaces together. */
  readonly count: number;
  apply(): Promise<void>;
  everyOneSucceeded(): Promise<void>;
  /** Every request was made with one key, and by no run twice unless its answer could have been lost. */
  everyOneAsked(options: { readonly exactlyOnce: boolean }): void;
  everyConfigMapWritten(): Promise<void>;
}

export function createCountedRuns(cluster: Cluster, counter: Counter, namespaces: readonly string[], each: number): CountedRuns {
  const names = namespaces.flatMap((namespace) => Array.from({ length: each }, (_, index) => ({ namespace, name: `run-${index}` })));
  const run = (namespace: string, name: string, index: number): string => `
apiVersion: core.oam.dev/v1alpha1
kind: WorkflowRun
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  workflowSpec:
    steps:
      - { name: ask, type: request, properties: { url: "${counter.url}/${namespace}/${name}" } }
      - { name: hold, type: suspend, properties: { duration: ${1 + (index % 30)}s } }
      - name: write
        type: apply-object
        properties: { value: { apiVersion: v1, kind: ConfigMap, metadata: { name: made-${name}, namespace: ${namespace} }, data: { by: ${name} } } }
`;
  return {
    count: names.length,
    apply: async () => {
      const manifest = names.map(({ namespace, name }, index) => run(namespace, name, index)).join("---\n");
      await cluster.run("create", "-f", cluster.file("runs.yaml", manifest));
    },
    everyOneSucceeded: async () => {
      let open: readonly KubeObject[] = [];
      await until("every run to succeed", 150_000, async () => {
        const lists = await Promise.all(namespaces.map((namespace) => cluster.client.list(workflowRuns, { namespace })));
        const items = lists.flatMap((list) => list.items);
        open = items.filter((item) => (item["status"] as { status?: string } | undefined)?.status !== "succeeded");
        return open.length === 0 && items.length === names.length;
      }).catch((error: unknown) => {
        throw new Error(`${(error as Error).message}; ${open.length} open, the first: ${JSON.stringify(open[0]?.["status"])}`, {
          cause: error,
        });
      });
    },
    everyOneAsked: ({ exactlyOnce }) => {
      expect([...counter.asked.keys()].sort()).toEqual(names.map(({ namespace, name }) => `/${namespace}/${name}`).sort());
      for (const [name, keys] of counter.asked) {
        expect(new Set(keys).size, name).toBe(1);
        if (exactlyOnce) expect(keys, name).toHaveLength(1);
      }
    },
    everyConfigMapWritten: async () => {
      const lists = await Promise.all(namespaces.map((namespace) => cluster.client.list(resources.configMaps, { namespace })));
      const made = lists.flatMap((list) => list.items).filter(({ metadata }) => metadata.name?.startsWith("made-") === true);
      const written = made.map((map) => `${map.metadata.namespace}/${(map["data"] as { by: string }).by}`);
      expect(written.sort()).toEqual(names.map(({ namespace, name }) => `${namespace}/${name}`).sort());
    },
  };
}

export async function startCounter(): Promise<Counter> {
  const asked = new Map<string, string[]>();
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.set(path, [...(asked.get(path) ?? []), String(request.headers["idempotency-key"] ?? "")]);
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
