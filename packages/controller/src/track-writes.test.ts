import type { KubeClient, KubeObject } from "@slipway/kube";
import { apiError, isNotFound, resources } from "@slipway/kube";
import { AppError, createSeededRandom, silentLogger } from "@slipway/std";
import type { VirtualClock } from "@slipway/std/node";
import { createVirtualClock } from "@slipway/std/node";
import { beforeEach, describe, expect, it } from "vitest";
import type { Informer } from "./informer.ts";
import { createInformer } from "./informer.ts";
import type { FakeClient } from "./testing/index.ts";
import { createFakeClient } from "./testing/index.ts";
import { trackWrites } from "./track-writes.ts";

const { deployments } = resources;
const web = { namespace: "default", name: "web" };
const deployment = (name: string, extra: Partial<KubeObject["metadata"]> = {}): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { namespace: "default", name, ...extra },
  spec: { replicas: 1 },
});

/** A cache whose watch delivers only when the test says so, as on a slow connection. */
let clock: VirtualClock;
let client: FakeClient;
let tracked: KubeClient;
let informer: Informer;
let changes: string[];
let deliver: () => Promise<void>;

beforeEach(async () => {
  client = createFakeClient([deployment("web"), deployment("held", { finalizers: ["example.com/hold"] })]);
  clock = createVirtualClock({ startMs: 1e12, settleMs: 1 });
  const original = client.watch.bind(client);
  let open = true;
  let wake: () => void = () => {};
  client.watch = async function* (resource, options) {
    for await (const event of original(resource, options)) {
      while (!open) await new Promise<void>((resolve) => (wake = resolve));
      yield event;
    }
  };
  informer = createInformer({ client, resource: deployments, logger: silentLogger, random: createSeededRandom(1), clock });
  changes = [];
  informer.addHandler(({ type, object }) => changes.push(`${type} ${object.metadata.name}`));
  informer.start(new AbortController().signal);
  await clock.settle();
  changes.length = 0;
  open = false;
  deliver = async () => {
    open = true;
    wake();
    await clock.settle();
    open = false;
  };
  tracked = trackWrites(client, (resource) => (resource.plural === deployments.plural ? informer : undefined), clock);
});
const cached = (name: string): KubeObject | undefined => informer.store.get(`default/${name}`);

describe("trackWrites", () => {
  it("serves creates, patches, replaces and status writes before their events, and tells handlers once the events come", async () => {
    await tracked.create(deployments, deployment("new"));
    expect(cached("new")?.["spec"]).toEqual({ replicas: 1 });
    await tracked.patch(deployments, web, { type: "merge", body: { spec: { replicas: 2 } } });
    await tracked.patch(deployments, web, { type: "merge", body: { status: { replicas: 2 } } }, { subresource: "status" });
    expect(cached("web")).toMatchObject({ spec: { replicas: 2 }, status: { replicas: 2 } });
    const current = cached("web");
    if (current !== undefined) await tracked.replace(deployments, { ...current, spec: { replicas: 3 } });
    expect(cached("web")).toMatchObject({ spec: { replicas: 3 } });
    expect(changes).toEqual([]);
    await deliver();
    expect(changes).toEqual(["added new", "updated web"]);
    expect(cached("web")?.metadata.resourceVersion).toBe(
      client.objects(deployments).find((object) => object.metadata.name === "web")?.metadata.resourceVersion,
    );
  });

  it("knows the name that the server generated", async () => {
    const made = await tracked.create<KubeObject>(deployments, {
      ...deployment("x"),
      metadata: { namespace: "default", generateName: "gen-" },
    });
    expect(cached(made.metadata.name ?? "")).toBeDefined();
    await deliver();
    expect(changes).toEqual([`added ${made.metadata.name}`]);
  });

  it("serves deletions: gone, or marked where a finalizer or foreground deletion holds the object", async () => {
    await tracked.delete(deployments, web);
    expect(cached("web")).toBeUndefined();
    await tracked.delete(deployments, { namespace: "default", name: "held" });
    expect(cached("held")?.metadata.deletionTimestamp).toBeDefined();
    await tracked.patch(deployments, { namespace: "default", name: "held" }, { type: "merge", body: { metadata: { finalizers: null } } });
    expect(cached("held")).toBeUndefined();
    await deliver();
    expect(changes).toEqual(["deleted web", "deleted held"]);
    expect(informer.store.size).toBe(0);
  });

  it("takes a deletion that found nothing for done", async () => {
    await client.delete(deployments, web);
    const error: unknown = await tracked.delete(deployments, web).catch((reason: unknown) => reason);
    expect(isNotFound(error)).toBe(true);
    expect(cached("web")).toBeUndefined();
    await deliver();
    expect(changes).toEqual(["deleted web"]);
  });

  it("sees somebody else's later change over its own", async () => {
    await tracked.patch(deployments, web, { type: "merge", body: { spec: { replicas: 2 } } });
    await client.patch(deployments, web, { type: "merge", body: { spec: { replicas: 7 } } });
    await deliver();
    expect(cached("web")?.["spec"]).toEqual({ replicas: 7 });
  });

  it("leaves the cache alone for dry runs, refused writes, and kinds that are not cached", async () => {
    await tracked.patch(deployments, web, { type: "merge", body: { spec: { replicas: 9 } } }, { dryRun: true });
    await tracked.delete(deployments, web, { dryRun: true });
    await tracked.replace(deployments, deployment("web", { resourceVersion: "0" })).catch(() => undefined);
    expect(cached("web")?.["spec"]).toEqual({ replicas: 1 });
    await tracked.create(resources.configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "default", name: "c" } });
    expect(informer.store.size).toBe(2);
  });

  it("reads the replicas out of a scale answer", async () => {
    const scale = { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { ...web, resourceVersion: "99" }, spec: { replicas: 5 } };
    client.patch = (() => Promise.resolve(scale)) as unknown as FakeClient["patch"];
    await tracked.patch(deployments, web, { type: "merge", body: { spec: { replicas: 5 } } }, { subresource: "scale" });
    expect(cached("web")).toMatchObject({ kind: "Deployment", spec: { replicas: 5 }, metadata: { resourceVersion: "99" } });
  });

  it("reads back what became of a write whose answer was lost", async () => {
    client.after((request) => {
      if (request.verb !== "get") throw new AppError("KUBE_TRANSPORT", "reset by peer");
    });
    await expect(tracked.patch(deployments, web, { type: "merge", body: { spec: { replicas: 7 } } })).rejects.toThrow("reset");
    expect(cached("web")?.["spec"]).toEqual({ replicas: 7 });
    await expect(tracked.create(deployments, deployment("new"))).rejects.toThrow("reset");
    expect(cached("new")).toBeDefined();
    await expect(tracked.delete(deployments, web)).rejects.toThrow("reset");
    expect(cached("web")).toBeUndefined();
    expect(informer.behind).toBe(false);
  });

  it("counts the cache as behind when that cannot be read either, until the state was read anew", async () => {
    const lose = (): void => {
      throw new AppError("KUBE_TRANSPORT", "reset by peer");
    };
    client.before(({ verb }) => (verb === "get" ? lose() : undefined));
    client.after(lose);
    await expect(tracked.patch(deployments, web, { type: "merge", body: { spec: { replicas: 7 } } })).rejects.toThrow("reset");
    expect([informer.behind, cached("web")?.["spec"]]).toEqual([true, { replicas: 1 }]);
    client.before(undefined);
    await clock.advance(1000);
    await deliver();
    expect([informer.behind, cached("web")?.["spec"]]).toEqual([false, { replicas: 7 }]);
  });

  it("does not read back what was surely refused", async () => {
    const read: string[] = [];
    client.before(({ verb }) => {
      if (verb === "get") read.push(verb);
      else throw apiError({ kind: "Status", apiVersion: "v1", status: "Failure", code: 409, reason: "Conflict", message: "changed" });
    });
    await expect(tracked.patch(deployments, web, { type: "merge", body: {} })).rejects.toThrow("changed");
    expect([read, informer.behind]).toEqual([[], false]);
  });

  it("shows what deleteCollection left before the caller goes on", async () => {
    const deleted = tracked.deleteCollection(deployments, { namespace: "default" });
    for (let i = 0; i < 3; i++) await deliver();
    await deleted;
    expect(cached("web")).toBeUndefined();
    expect(cached("held")?.metadata.deletionTimestamp).toBeDefined();
  });

  it("shows what a raw request and a write in another version of the kind wrote", async () => {
    client.raw = async () => {
      await client.patch(deployments, web, { type: "merge", body: { spec: { replicas: 3 } } });
      return { status: 201, headers: {}, body: "{}" };
    };
    await tracked.raw({ method: "PUT", path: "/apis/apps/v1/namespaces/default/deployments/web/scale", body: "{}" });
    expect(cached("web")?.["spec"]).toEqual({ replicas: 3 });
    await tracked.patch({ ...deployments, version: "v2" }, web, { type: "merge", body: { spec: { replicas: 4 } } });
    expect(cached("web")?.["spec"]).toEqual({ replicas: 4 });
  });

  it("keeps neither managedFields nor kubectl's copy of what was applied", async () => {
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": "{}", team: "a" };
    await client.create(deployments, {
      ...deployment("fat", { annotations }),
      metadata: { ...deployment("fat", { annotations }).metadata, managedFields: [{ manager: "x" }] },
    });
    await deliver();
    expect(cached("fat")?.metadata.annotations).toEqual({ team: "a" });
    await tracked.patch(deployments, { namespace: "default", name: "fat" }, { type: "merge", body: { spec: { replicas: 2 } } });
    expect(cached("fat")?.metadata).not.toHaveProperty("managedFields");
    expect(cached("fat")?.metadata.annotations).toEqual({ team: "a" });
  });
});
