/** What an API server does with objects, whatever their kind. One body for the embedded cluster and a real one. */
import type { KubeObject, WatchEvent } from "@slipway/kube";
import { keyOf, resources } from "@slipway/kube";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ground, OpenGround } from "./ground.ts";
import { configMap, deployment, eventually, refusal } from "./ground.ts";

const { configMaps, deployments, namespaces, customResourceDefinitions } = resources;

export function describeObjects(where: string, open: OpenGround): void {
  describe(`objects on ${where}`, () => {
    let ground: Ground;
    let ns: string;
    beforeAll(async () => {
      ground = await open();
      ns = ground.namespace;
    });
    afterAll(() => ground.close());
    const make = (name: string, extra: object = {}, metadata: object = {}): Promise<KubeObject> =>
      ground.client.create(configMaps, configMap(ns, name, extra, metadata));
    const read = (name: string): Promise<KubeObject> => ground.client.get(configMaps, { namespace: ns, name });

    it("are created once, with what the server adds", async () => {
      const made = await make("made", { data: { a: "1" } });
      expect(made.metadata).toMatchObject({ name: "made", namespace: ns });
      expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(made.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(made.metadata.generation).toBeUndefined();
      expect(await refusal(make("made"))).toBe("409 AlreadyExists");
      const generated = await ground.client.create(configMaps, configMap(ns, "", {}, { name: undefined, generateName: "some-" }));
      expect(generated.metadata.name).toMatch(/^some-[a-z0-9]{5}$/);
    });

    it("are refused by name, kind and shape", async () => {
      expect(await refusal(read("missing"))).toBe("404 NotFound");
      expect(await refusal(make("Upper_Case"))).toBe("422 Invalid");
      expect(await refusal(ground.client.create(configMaps, configMap(`${ns}-missing`, "a")))).toBe("404 NotFound");
      expect(await refusal(make("a", { data: { "bad key": "1" } }))).toBe("422 Invalid");
      const selectorless = deployment(ns, "web", { spec: { selector: { matchLabels: { other: "x" } } } });
      expect(await refusal(ground.client.create(deployments, selectorless))).toBe("422 Invalid");
      const strict = { fieldValidation: "Strict" } as const;
      expect(await refusal(ground.client.create(configMaps, configMap(ns, "b", { unknown: 1 }), strict))).toBe("400 BadRequest");
    });

    it("change only from the version that was read", async () => {
      const first = await make("versions", { data: { a: "1" } });
      const second = await ground.client.replace(configMaps, { ...first, data: { a: "2" } });
      expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
      expect(await refusal(ground.client.replace(configMaps, { ...first, data: { a: "3" } }))).toBe("409 Conflict");
      const third = await ground.client.replace(configMaps, configMap(ns, "versions", { data: { a: "4" } }));
      expect(third["data"]).toEqual({ a: "4" });
      const same = await ground.client.replace(configMaps, third);
      expect(same.metadata.resourceVersion).toBe(third.metadata.resourceVersion);
      const stale = { metadata: { resourceVersion: first.metadata.resourceVersion }, data: { a: "5" } };
      expect(await refusal(ground.client.patch(configMaps, keyOf(third), { type: "merge", body: stale }))).toBe("409 Conflict");
    });

    it("are patched by merge, by operations, and by the keys of their lists", async () => {
      const map = await make("patched", { data: { a: "1", b: "2" } });
      const merged = await ground.client.patch(configMaps, keyOf(map), { type: "merge", body: { data: { a: null, c: "3" } } });
      expect(merged["data"]).toEqual({ b: "2", c: "3" });
      const operations = [
        { op: "test", path: "/data/b", value: "2" },
        { op: "move", from: "/data/b", path: "/data/d" },
      ];
      const moved = await ground.client.patch(configMaps, keyOf(map), { type: "json", body: operations });
      expect(moved["data"]).toEqual({ c: "3", d: "2" });
      expect(await refusal(ground.client.patch(configMaps, keyOf(map), { type: "json", body: operations }))).toBe("422 Invalid");

      const two = deployment(ns, "two", { replicas: 0 });
      await ground.client.create(deployments, two);
      const body = {
        spec: {
          template: {
            spec: {
              containers: [
                { name: "side", image: "side:1" },
                { name: "web", env: [{ name: "A", value: "1" }] },
              ],
            },
          },
        },
      };
      const strategic = await ground.client.patch(deployments, keyOf(two), { type: "strategic", body });
      const { containers } = (strategic["spec"] as { template: { spec: { containers: { name: string; image: string }[] } } }).template.spec;
      expect(containers.map(({ name, image }) => `${name}=${image}`).sort()).toEqual(["side=side:1", "web=web:1"]);
      const wrong = { type: "merge", body: { spec: { template: { metadata: { labels: { app: "else" } } } } } } as const;
      expect(await refusal(ground.client.patch(deployments, keyOf(two), wrong))).toBe("422 Invalid");
    });

    it("count generations by their spec, and keep status apart", async () => {
      const made = await ground.client.create(deployments, deployment(ns, "generations", { replicas: 0, spec: { paused: true } }));
      expect(made.metadata.generation).toBe(1);
      const key = keyOf(made);
      const label = await ground.client.patch(deployments, key, { type: "merge", body: { metadata: { labels: { a: "1" } } } });
      expect(label.metadata.generation).toBe(1);
      const scaled = await ground.client.patch(deployments, key, { type: "merge", body: { spec: { revisionHistoryLimit: 3 } } });
      expect(scaled.metadata.generation).toBe(2);
      const ignored = await ground.client.patch(deployments, key, { type: "merge", body: { status: { replicas: 77 } } });
      expect((ignored["status"] as { replicas?: number } | undefined)?.replicas).not.toBe(77);
      const body = { spec: { revisionHistoryLimit: 9 }, status: { collisionCount: 7 } };
      const status = await ground.client.patch(deployments, key, { type: "merge", body }, { subresource: "status" });
      expect(status["spec"]).toMatchObject({ revisionHistoryLimit: 3 });
      expect(status["status"]).toMatchObject({ collisionCount: 7 });
      expect(status.metadata.generation).toBe(2);
      const scale = await ground.client.patch(
        deployments,
        key,
        { type: "merge", body: { spec: { replicas: 1 } } },
        { subresource: "scale" },
      );
      expect(scale).toMatchObject({ kind: "Scale", spec: { replicas: 1 } });
    });

    it("are listed by label and field, in pages of one moment", async () => {
      for (const [name, tier] of [
        ["list-a", "x"],
        ["list-b", "y"],
        ["list-c", "x"],
      ] as const) {
        await make(name, {}, { labels: { set: "list", tier } });
      }
      const names = async (options: object): Promise<(string | undefined)[]> =>
        (await ground.client.list(configMaps, { namespace: ns, ...options })).items.map(({ metadata }) => metadata.name);
      expect(await names({ labelSelector: "set=list,tier in (x,z)" })).toEqual(["list-a", "list-c"]);
      expect(await names({ labelSelector: "set=list,tier!=x" })).toEqual(["list-b"]);
      expect(await names({ fieldSelector: "metadata.name=list-b" })).toEqual(["list-b"]);
      expect(await refusal(ground.client.list(configMaps, { namespace: ns, fieldSelector: "data.a=1" }))).toBe("400 BadRequest");
      const first = await ground.client.list(configMaps, { namespace: ns, labelSelector: "set=list", limit: 2 });
      expect(first.items).toHaveLength(2);
      await make("list-d", {}, { labels: { set: "list" } });
      const rest = { namespace: ns, labelSelector: "set=list", limit: 2, continue: first.metadata.continue ?? "" };
      const second = await ground.client.list(configMaps, rest);
      expect(second.items.map(({ metadata }) => metadata.name)).toEqual(["list-c"]);
      expect(second.metadata.continue ?? "").toBe("");
    });

    it("are watched in order from a version on, as far as the selector sees them", async () => {
      const { metadata } = await ground.client.list(configMaps, { namespace: ns });
      const made = await make("watched", { data: { a: "1" } }, { labels: { watch: "yes" } });
      await ground.client.patch(configMaps, keyOf(made), { type: "merge", body: { data: { a: "2" } } });
      await ground.client.patch(configMaps, keyOf(made), { type: "merge", body: { metadata: { labels: { watch: "no" } } } });
      await ground.client.patch(configMaps, keyOf(made), { type: "merge", body: { metadata: { labels: { watch: "yes" } } } });
      await ground.client.delete(configMaps, keyOf(made));
      const stop = new AbortController();
      const seen: string[] = [];
      const from = { namespace: ns, labelSelector: "watch=yes", resourceVersion: metadata.resourceVersion ?? "", signal: stop.signal };
      for await (const event of ground.client.watch(configMaps, from)) {
        seen.push(`${event.type} ${dataOf(event)}`);
        if (seen.length === 5) stop.abort();
      }
      expect(seen).toEqual(["ADDED 1", "MODIFIED 2", "DELETED 2", "ADDED 2", "DELETED 2"]);
    });

    it("stream what is there first, when asked", async () => {
      await make("initial", { data: { a: "1" } }, { labels: { initial: "yes" } });
      const stop = new AbortController();
      const seen: string[] = [];
      const options = { namespace: ns, labelSelector: "initial=yes", sendInitialEvents: true, allowBookmarks: true, signal: stop.signal };
      for await (const event of ground.client.watch(configMaps, options)) {
        const { annotations } = (event.object as KubeObject).metadata;
        seen.push(event.type === "BOOKMARK" ? `end ${annotations?.["k8s.io/initial-events-end"]}` : event.type);
        if (event.type === "BOOKMARK") stop.abort();
      }
      expect(seen).toEqual(["ADDED", "end true"]);
    });

    it("wait for their finalizers, and take none while they go", async () => {
      const made = await make("final", {}, { finalizers: ["example.dev/hold"] });
      await ground.client.delete(configMaps, keyOf(made));
      const going = await read("final");
      expect(going.metadata.deletionTimestamp).toBeDefined();
      const add = { metadata: { finalizers: ["example.dev/hold", "example.dev/more"] } };
      expect(await refusal(ground.client.patch(configMaps, keyOf(made), { type: "merge", body: add }))).toBe("422 Invalid");
      await ground.client.patch(configMaps, keyOf(made), { type: "merge", body: { metadata: { finalizers: null } } });
      expect(await refusal(read("final"))).toBe("404 NotFound");
    });

    it("are deleted only as they were known, and not by a rehearsal", async () => {
      const made = await make("known");
      const other = { preconditions: { uid: "00000000-0000-0000-0000-000000000000" } };
      expect(await refusal(ground.client.delete(configMaps, keyOf(made), other))).toBe("409 Conflict");
      await ground.client.delete(configMaps, keyOf(made), { dryRun: true });
      expect((await read("known")).metadata.uid).toBe(made.metadata.uid);
      await ground.client.create(configMaps, configMap(ns, "rehearsed"), { dryRun: true });
      expect(await refusal(read("rehearsed"))).toBe("404 NotFound");
      await ground.client.delete(configMaps, keyOf(made), { preconditions: { uid: made.metadata.uid ?? "" } });
      expect(await refusal(read("known"))).toBe("404 NotFound");
    });

    it.each(["Background", "Foreground", "Orphan"] as const)("take their dependents with them, or not: %s", async (propagationPolicy) => {
      const owner = await make(`owner-${propagationPolicy.toLowerCase()}`);
      const reference = {
        apiVersion: "v1",
        kind: "ConfigMap",
        name: owner.metadata.name,
        uid: owner.metadata.uid,
        blockOwnerDeletion: true,
      };
      const dependent = `dependent-${propagationPolicy.toLowerCase()}`;
      await make(dependent, {}, { ownerReferences: [reference] });
      await ground.client.delete(configMaps, keyOf(owner), { propagationPolicy });
      await eventually("the owner to go", async () => (await refusal(read(owner.metadata.name ?? ""))) === "404 NotFound");
      if (propagationPolicy === "Orphan") expect((await read(dependent)).metadata.ownerReferences ?? []).toEqual([]);
      else await eventually("the dependent to go", async () => (await refusal(read(dependent))) === "404 NotFound");
    });

    it("go with their namespace, which takes no new ones meanwhile", async () => {
      const name = `${ns}-going`;
      await ground.client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
      await ground.client.create(configMaps, configMap(name, "held", {}, { finalizers: ["example.dev/hold"] }));
      await ground.client.delete(namespaces, { namespace: "", name });
      const going = await ground.client.get(namespaces, { namespace: "", name });
      expect(going["status"]).toMatchObject({ phase: "Terminating" });
      expect(await refusal(ground.client.create(configMaps, configMap(name, "late")))).toBe("403 Forbidden");
      await eventually("its content to be deleted", async () => {
        const held = await ground.client.get(configMaps, { namespace: name, name: "held" });
        return held.metadata.deletionTimestamp !== undefined;
      });
      const free = { type: "merge", body: { metadata: { finalizers: null } } } as const;
      await ground.client.patch(configMaps, { namespace: name, name: "held" }, free);
      await eventually("the namespace to go", async () => {
        return (await refusal(ground.client.get(namespaces, { namespace: "", name }))) === "404 NotFound";
      });
    });

    it("of custom kinds are pruned, defaulted and checked by their schema", { timeout: 120_000 }, async () => {
      await ground.client.create(customResourceDefinitions, widgets);
      const kind = await eventually("the kind to be served", async () =>
        ground.client.resourceFor({ group: "parity.example.dev", version: "v1", kind: "Widget" }),
      );
      const widget = (name: string, spec: object, extra: object = {}): KubeObject => ({
        apiVersion: "parity.example.dev/v1",
        kind: "Widget",
        metadata: { name, namespace: ns },
        spec,
        ...extra,
      });
      const make = (object: KubeObject): Promise<KubeObject> => ground.client.create(kind, object);
      const made = await eventually("the first one to be taken", () =>
        make(widget("a", { size: 3, unknown: true }, { status: { phase: "Mine" } })).catch(() => undefined),
      );
      expect(made["spec"]).toEqual({ size: 3, colour: "red" });
      expect(made["status"]).toBeUndefined();
      expect(made.metadata.generation).toBe(1);
      expect(await refusal(make(widget("b", { size: "large" })))).toBe("422 Invalid");
      expect(await refusal(make(widget("b", { size: 99 })))).toBe("422 Invalid");
      expect(await refusal(make(widget("b", {})))).toBe("422 Invalid");
      const status = { type: "merge", body: { spec: { size: 1 }, status: { phase: "Ready" } } } as const;
      const updated = await ground.client.patch(kind, keyOf(made), status, { subresource: "status" });
      expect(updated).toMatchObject({ spec: { size: 3 }, status: { phase: "Ready" } });
      expect(updated.metadata.generation).toBe(1);
      await ground.client.delete(customResourceDefinitions, { namespace: "", name: widgets.metadata.name ?? "" });
      // With or without a Status: nobody answers for the path any more.
      const gone = async (): Promise<boolean> => (await refusal(ground.client.get(kind, keyOf(made)))).startsWith("404 ");
      await eventually("its objects to go with it", gone);
    });
  });
}

function dataOf(event: WatchEvent): string {
  return String(((event.object as KubeObject)["data"] as { a: string }).a);
}

const widgets: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.parity.example.dev" },
  spec: {
    group: "parity.example.dev",
    names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                required: ["size"],
                properties: { size: { type: "integer", maximum: 10 }, colour: { type: "string", default: "red" } },
              },
              status: { type: "object", properties: { phase: { type: "string" } } },
            },
          },
        },
      },
    ],
  },
};
