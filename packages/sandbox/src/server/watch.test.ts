import { connect } from "node:net";
import type { KubeClient, KubeObject, WatchEvent } from "@slipway/kube";
import { apiStatusOf, resources } from "@slipway/kube";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestApiServer } from "./test-api-server.ts";
import { startTestApiServer } from "./test-api-server.ts";

let api: TestApiServer;
beforeAll(async () => {
  api = await startTestApiServer();
});
afterAll(() => api.stop());

const { configMaps, namespaces } = resources;
const configMap = (namespace: string, name: string, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace, labels },
});
const show = (event: WatchEvent): string =>
  event.type === "ERROR" ? `ERROR ${event.object.code ?? ""}` : `${event.type} ${event.object.metadata.name ?? ""}`.trim();

/** The first `count` events. */
async function take(events: AsyncIterable<WatchEvent>, count: number): Promise<WatchEvent[]> {
  const taken: WatchEvent[] = [];
  for await (const event of events) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

describe.each(["local", "remote"] as const)("%s client", (which) => {
  let client: KubeClient;
  beforeAll(() => {
    client = api[which];
  });
  const space = async (name: string): Promise<string> => {
    const namespace = `${name}-${which}`;
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    return namespace;
  };
  const signal = AbortSignal.timeout(15_000);

  it("starts at the version of a list and misses nothing", async () => {
    const namespace = await space("from-list");
    await client.create(configMaps, configMap(namespace, "before"));
    const list = await client.list(configMaps, { namespace });
    await client.create(configMaps, configMap(namespace, "after"));
    const watching = take(client.watch(configMaps, { namespace, resourceVersion: list.metadata.resourceVersion ?? "", signal }), 3);
    await client.patch(configMaps, { namespace, name: "before" }, { type: "merge", body: { data: { a: "b" } } });
    await client.delete(configMaps, { namespace, name: "after" });
    expect((await watching).map(show)).toEqual(["ADDED after", "MODIFIED before", "DELETED after"]);
  });

  it("sends the present state and marks its end when asked", async () => {
    const namespace = await space("initial");
    for (const name of ["a", "b"]) await client.create(configMaps, configMap(namespace, name));
    const events = await take(client.watch(configMaps, { namespace, sendInitialEvents: true, allowBookmarks: true, signal }), 3);
    expect(events.map(show)).toEqual(["ADDED a", "ADDED b", "BOOKMARK"]);
    const [, , bookmark] = events;
    expect(bookmark?.type === "BOOKMARK" && bookmark.object.metadata).toMatchObject({
      annotations: { "k8s.io/initial-events-end": "true" },
    });
  });

  it("turns changes of a label into additions and deletions for a selecting watcher", async () => {
    const namespace = await space("selecting");
    const { metadata } = await client.list(configMaps, { namespace });
    const watching = take(
      client.watch(configMaps, { namespace, labelSelector: "on=1", resourceVersion: metadata.resourceVersion ?? "", signal }),
      3,
    );
    await client.create(configMaps, configMap(namespace, "x", { on: "0" }));
    const label = (value: string): Promise<unknown> =>
      client.patch(configMaps, { namespace, name: "x" }, { type: "merge", body: { metadata: { labels: { on: value } } } });
    await label("1");
    await client.patch(configMaps, { namespace, name: "x" }, { type: "merge", body: { data: { a: "b" } } });
    await label("0");
    expect((await watching).map(show)).toEqual(["ADDED x", "MODIFIED x", "DELETED x"]);
  });

  it("ends with its signal", async () => {
    const abort = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const event of client.watch(configMaps, {
        namespace: "kube-public",
        sendInitialEvents: true,
        allowBookmarks: true,
        signal: abort.signal,
      })) {
        seen.push(show(event));
        abort.abort();
      }
    })();
    await watching;
    expect(seen).toEqual(["BOOKMARK"]);
  });
});

describe("expired versions", () => {
  it("answers 410 inside the stream", async () => {
    const old = await startTestApiServer();
    try {
      const first = await old.local.create(configMaps, configMap("default", "first"));
      for (let i = 0; i < 7000; i++) {
        await old.local.patch(configMaps, { namespace: "default", name: "first" }, { type: "merge", body: { data: { i: String(i) } } });
      }
      for (const client of [old.local, old.remote]) {
        const watching = take(
          client.watch(configMaps, { resourceVersion: first.metadata.resourceVersion ?? "", signal: AbortSignal.timeout(5000) }),
          1,
        );
        const code = await watching.then(
          ([event]) => (event?.type === "ERROR" ? event.object.code : undefined),
          (error: unknown) => apiStatusOf(error)?.code,
        );
        expect(code).toBe(410);
      }
      const raw = await old.send("GET", `/api/v1/configmaps?watch=true&resourceVersion=${first.metadata.resourceVersion ?? ""}`);
      expect(raw.code).toBe(200);
      expect(raw.json).toMatchObject({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } });
    } finally {
      await old.stop();
    }
  });
});

describe("slow readers", () => {
  it("hold up nobody else, get everything, and leave nothing behind when they hang up", async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error): number => warnings.push(warning.name);
    process.on("warning", onWarning);
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    socket.write("GET /api/v1/namespaces/kube-node-lease/configmaps?watch=true&resourceVersion=0 HTTP/1.1\r\nHost: x\r\n\r\n");
    socket.pause();
    const pad = "x".repeat(50_000);
    for (let i = 0; i < 400; i++) {
      await api.local.create(configMaps, { ...configMap("kube-node-lease", `slow${i}`), data: { pad } });
    }
    let bytes = 0;
    await new Promise<void>((resolve) => {
      socket.on("data", (chunk) => {
        bytes += chunk.length;
        if (bytes > 400 * pad.length) resolve();
      });
      socket.resume();
    });
    socket.destroy();
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
    expect((await api.send("GET", "/readyz")).text).toBe("ok");
  });
});

describe("activity", () => {
  it("is idle only when an in-process watcher has taken everything", async () => {
    const { clock, local } = api;
    const abort = new AbortController();
    let handled = 0;
    const watching = (async () => {
      for await (const _ of local.watch(configMaps, { namespace: "kube-system", resourceVersion: "0", signal: abort.signal })) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        handled++;
      }
    })();
    for (const name of ["a", "b", "c"]) await local.create(configMaps, configMap("kube-system", name));
    await clock.settle();
    expect(handled).toBe(3);
    abort.abort();
    await watching;
  });
});
