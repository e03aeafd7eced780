import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeObject, Resource } from "@slipway/kube";
import { apiStatusOf, isConflict, resources } from "@slipway/kube";
import { afterEach, describe, expect, it } from "vitest";
import type { TestApiServer } from "./test-api-server.ts";
import { startTestApiServer } from "./test-api-server.ts";

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
async function start(options: Parameters<typeof startTestApiServer>[0] = {}): Promise<TestApiServer> {
  const api = await startTestApiServer(options);
  cleanUps.push(() => api.stop());
  return api;
}

const { configMaps, customResourceDefinitions, events, namespaces } = resources;
const configMap = (name: string): KubeObject => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" } });
const crd = (plural: string, kind: string): KubeObject => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.example.dev` },
  spec: {
    group: "example.dev",
    scope: "Cluster",
    names: { plural, kind },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
});
const things: Resource = { group: "example.dev", version: "v1", kind: "Thing", plural: "things", namespaced: false };
const thing: KubeObject = { apiVersion: "example.dev/v1", kind: "Thing", metadata: { name: "t" }, spec: { any: "thing" } };

describe("durable storage", () => {
  it("brings back objects, definitions and versions after a restart, and expires what it forgot", async () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-api-"));
    cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
    const storage = { type: "sqlite", path: join(folder, "state.db") } as const;
    const first = await startTestApiServer({ storage });
    const made = await first.local.create(configMaps, configMap("kept"));
    await first.local.create(customResourceDefinitions, crd("things", "Thing"));
    const custom = await first.local.create(things, thing);
    await first.stop();

    const second = await start({ storage });
    expect(await second.remote.get(configMaps, { namespace: "default", name: "kept" })).toEqual(made);
    expect(await second.remote.get(things, { namespace: "", name: "t" })).toEqual(custom);
    expect((await second.remote.list(namespaces)).items).toHaveLength(4);
    await expect(second.local.replace(configMaps, { ...made, metadata: { ...made.metadata, resourceVersion: "1" } })).rejects.toSatisfy(
      isConflict,
    );
    for await (const event of second.local.watch(configMaps, { resourceVersion: "1", signal: AbortSignal.timeout(5000) })) {
      expect(event).toMatchObject({ type: "ERROR", object: { code: 410, reason: "Expired" } });
    }
  });
});

describe("custom objects", () => {
  it("can only be replaced at a version that is named", async () => {
    const api = await start();
    await api.local.create(customResourceDefinitions, crd("things", "Thing"));
    await api.local.create(things, thing);
    const error: unknown = await api.remote.replace(things, { ...thing, spec: {} }).catch((caught: unknown) => caught);
    expect(apiStatusOf(error)).toMatchObject({
      code: 422,
      message: 'Thing.example.dev "t" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    });
  });

  it("are not served under a kind that another definition has", async () => {
    const api = await start();
    await api.local.create(customResourceDefinitions, crd("things", "Thing"));
    const second = await api.local.create(customResourceDefinitions, crd("items", "Thing"));
    expect(second["status"]).toMatchObject({
      conditions: [
        { type: "NamesAccepted", status: "False", reason: "KindConflict" },
        { type: "Established", status: "False" },
      ],
    });
    expect((await api.send("GET", "/apis/example.dev/v1/items")).code).toBe(404);
    expect((await api.send("GET", "/apis/example.dev/v1/things")).code).toBe(200);
  });
});

describe("versions of the future", () => {
  it("are refused with the answer that makes clients list again", async () => {
    const api = await start();
    expect((await api.send("GET", "/api/v1/configmaps?resourceVersion=999999")).json).toMatchObject({
      code: 504,
      reason: "Timeout",
      details: { causes: [{ reason: "ResourceVersionTooLarge" }] },
    });
    expect((await api.send("GET", "/api/v1/configmaps?watch=true&resourceVersion=999999")).json).toMatchObject({
      type: "ERROR",
      object: { code: 410 },
    });
  });
});

describe("events", () => {
  it("are swept an hour after they were last seen", async () => {
    const api = await start();
    const event = (name: string): KubeObject => ({
      apiVersion: "v1",
      kind: "Event",
      metadata: { name, namespace: "default" },
      involvedObject: {},
      reason: "R",
    });
    await api.local.create(events, event("old"));
    await api.clock.advance(50 * 60_000);
    await api.local.create(events, event("young"));
    await api.clock.advance(20 * 60_000);
    await api.local.create(events, event("new"));
    expect((await api.local.list(events)).items.map((item) => item.metadata.name)).toEqual(["new", "young"]);
  });
});

describe("hostile input", () => {
  it("cannot reach prototypes", async () => {
    const api = await start();
    const body =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"p"},"data":{"__proto__":"y","constructor":"z"},"__proto__":{"polluted":1}}';
    const answer = await api.send("POST", "/api/v1/namespaces/default/configmaps", { body });
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(answer.code).toBe(201);
    expect(JSON.parse(answer.text)["data"]).toEqual(JSON.parse('{"__proto__":"y","constructor":"z"}'));
  });

  it("of great depth is an answer, not the end", async () => {
    const api = await start();
    await api.local.create(customResourceDefinitions, crd("things", "Thing"));
    const deep = `{"apiVersion":"example.dev/v1","kind":"Thing","metadata":{"name":"deep"},"spec":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`;
    expect((await api.send("POST", "/apis/example.dev/v1/things", { body: deep })).code).toBeGreaterThanOrEqual(400);
    expect((await api.send("GET", "/readyz")).text).toBe("ok");
  });
});
