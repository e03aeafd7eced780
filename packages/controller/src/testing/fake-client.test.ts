import type { KubeObject, Resource, WatchEvent } from "@slipway/kube";
import { isAlreadyExists, isConflict, isGone, isNotFound, resources } from "@slipway/kube";
import { describe, expect, it } from "vitest";
import { createFakeClient } from "./fake-client.ts";

const web = { namespace: "default", name: "web" };
const deployment = (extra: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { ...web, labels: { app: "web" } },
  spec: { replicas: 1 },
  ...extra,
});
const thrownBy = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("fake client", () => {
  it("bumps generation on spec only and keeps status behind its subresource", async () => {
    const client = createFakeClient();
    const created = await client.create(resources.deployments, deployment({ status: { replicas: 9 } }));
    expect(created["status"]).toBeUndefined();
    expect(created.metadata.generation).toBe(1);
    await client.patch(resources.deployments, web, { type: "merge", body: { status: { replicas: 3 } } }, { subresource: "status" });
    await client.patch(resources.deployments, web, { type: "merge", body: { spec: { replicas: 2 }, status: { replicas: 8 } } });
    await client.patch(resources.deployments, web, { type: "merge", body: { metadata: { labels: { tier: "a" } } } });
    const now = await client.get(resources.deployments, web);
    expect(now["status"]).toEqual({ replicas: 3 });
    expect(now["spec"]).toEqual({ replicas: 2 });
    expect(now.metadata.generation).toBe(2);
  });

  it("answers 404, AlreadyExists and 409, and a no-op write keeps the resourceVersion", async () => {
    const client = createFakeClient([deployment()]);
    expect(isNotFound(await thrownBy(client.get(resources.deployments, { ...web, name: "x" })))).toBe(true);
    expect(isAlreadyExists(await thrownBy(client.create(resources.deployments, deployment())))).toBe(true);
    const seen = await client.get(resources.deployments, web);
    await client.patch(resources.deployments, web, { type: "merge", body: { spec: { replicas: 2 } } });
    expect(isConflict(await thrownBy(client.replace(resources.deployments, seen)))).toBe(true);
    const before = await client.get(resources.deployments, web);
    await client.patch(resources.deployments, web, { type: "merge", body: { spec: { replicas: 2 } } });
    expect((await client.get(resources.deployments, web)).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it("applies JSON patches whole or not at all", async () => {
    const client = createFakeClient([deployment()]);
    const bad = client.patch(resources.deployments, web, {
      type: "json",
      body: [
        { op: "replace", path: "/spec/replicas", value: 5 },
        { op: "test", path: "/metadata/labels/app", value: "other" },
      ],
    });
    expect(await thrownBy(bad)).toBeInstanceOf(Error);
    expect((await client.get(resources.deployments, web))["spec"]).toEqual({ replicas: 1 });
    await client.patch(resources.deployments, web, { type: "json", body: [{ op: "add", path: "/metadata/labels/a~1b", value: "c" }] });
    expect((await client.get(resources.deployments, web)).metadata.labels).toEqual({ app: "web", "a/b": "c" });
  });

  it("holds an object with finalizers until they are gone, then deletes its dependents", async () => {
    const client = createFakeClient();
    const owner = await client.create<KubeObject>(resources.deployments, {
      ...deployment(),
      metadata: { ...web, finalizers: ["example.com/hold"] },
    });
    const ownerReferences = [{ apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: owner.metadata.uid ?? "" }];
    await client.create(resources.configMaps, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { namespace: "default", name: "child", ownerReferences },
    });
    await client.delete(resources.deployments, web);
    expect(client.objects(resources.deployments)[0]?.metadata.deletionTimestamp).toBeDefined();
    expect(client.objects(resources.configMaps)).toHaveLength(1);
    await client.patch(resources.deployments, web, { type: "merge", body: { metadata: { finalizers: null } } });
    expect(client.objects(resources.deployments)).toEqual([]);
    expect(client.objects(resources.configMaps)).toEqual([]);
  });

  it("pages lists and selects by labels and fields", async () => {
    const pods = ["a", "b", "c"].map((name) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { namespace: "default", name, labels: { app: name } },
    }));
    const client = createFakeClient(pods);
    const first = await client.list(resources.pods, { limit: 2 });
    const second = await client.list(resources.pods, { limit: 2, continue: first.metadata.continue ?? "" });
    expect([...first.items, ...second.items].map((pod) => pod.metadata.name)).toEqual(["a", "b", "c"]);
    const names = async (options: object): Promise<unknown> =>
      (await client.list(resources.pods, options)).items.map((pod) => pod.metadata.name);
    expect(await names({ labelSelector: "app in (a,c)" })).toEqual(["a", "c"]);
    expect(await names({ labelSelector: "app!=a" })).toEqual(["b", "c"]);
    expect(await names({ fieldSelector: "metadata.name=b" })).toEqual(["b"]);
  });

  it("watches from a resourceVersion, turns selector changes into events, and answers 410 after compaction", async () => {
    const client = createFakeClient([deployment()]);
    const stop = new AbortController();
    const { metadata } = await client.list(resources.deployments);
    const events: string[] = [];
    const record = (event: WatchEvent): void => {
      events.push(event.type);
      if (event.type === "BOOKMARK") stop.abort();
    };
    const watching = (async () => {
      const stream = client.watch(resources.deployments, {
        resourceVersion: metadata.resourceVersion ?? "",
        labelSelector: "app=web",
        allowBookmarks: true,
        signal: stop.signal,
      });
      for await (const event of stream) record(event);
    })();
    await client.patch(resources.deployments, web, { type: "merge", body: { spec: { replicas: 4 } } });
    await client.patch(resources.deployments, web, { type: "merge", body: { metadata: { labels: { app: "other" } } } });
    await client.patch(resources.deployments, web, { type: "merge", body: { metadata: { labels: { app: "web" } } } });
    await new Promise<void>((resolve) => setImmediate(resolve));
    client.bookmark();
    await watching;
    expect(events).toEqual(["MODIFIED", "DELETED", "ADDED", "BOOKMARK"]);
    client.compact();
    const expired = client.watch(resources.deployments, { resourceVersion: "1", signal: new AbortController().signal });
    expect(isGone(await thrownBy(expired[Symbol.asyncIterator]().next()))).toBe(true);
  });

  it("answers 404 for a kind that is not served, and knows custom kinds by name", async () => {
    const widgets: Resource = { group: "example.com", version: "v1", kind: "Widget", plural: "widgets", namespaced: true };
    const client = createFakeClient([], { resources: [widgets] });
    expect(await client.resourceFor(widgets)).toEqual(widgets);
    client.serve(widgets, false);
    expect(isNotFound(await thrownBy(client.list(widgets)))).toBe(true);
    expect(await client.resourceFor(widgets)).toBeUndefined();
  });
});
