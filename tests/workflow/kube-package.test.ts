import { resources } from "@slipway/kube";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { World } from "./world.ts";
import { createWorld } from "./world.ts";

let world: World;
beforeAll(async () => void (world = await createWorld()));
afterAll(() => world.stop());

const configMap = (name: string, data: object): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data,
});
const deployment = (name: string): object => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "default" },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [
          { name: "side", image: "side:1" },
          { name: "main", image: "main:1", env: [{ name: "A", value: "1" }] },
        ],
      },
    },
  },
});

describe("vela/kube", () => {
  it("#Patch merges by the comments of the patch, labels the object, and does it once", async () => {
    await world.apply(deployment("patched"));
    await world.define(
      "patch-deployment",
      `import ("vela/kube", "vela/builtin")
patch: kube.#Patch & {
	$params: {
		value: {apiVersion: "apps/v1", kind: "Deployment", metadata: {name: "patched", namespace: "default"}}
		patch: spec: template: spec: {
			// +patchKey=name
			containers: [{
				name: "main"
				env: [{name: "B", value: "2"}]
				// +patchStrategy=retainKeys
				image: parameter.image
			}]
		}
	}
}
hold: builtin.#ConditionalWait & {$params: continue: patch.$returns.result.metadata.annotations.go == "yes"}
`,
    );
    const run = await world.start("patching", [{ name: "p", type: "patch-deployment", properties: { image: "main:2" } }]);
    expect(await run.phase()).toBe("executing");
    const object = await world.get("apps/v1", "Deployment", "patched");
    const { containers } = (object["spec"] as { template: { spec: { containers: object[] } } }).template.spec;
    expect(containers).toMatchObject([
      { name: "side", image: "side:1" },
      {
        name: "main",
        image: "main:2",
        env: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
      },
    ]);
    expect(object.metadata.labels).toMatchObject({ "workflowrun.oam.dev/name": "patching", "workflowrun.oam.dev/namespace": "default" });
    expect(object.metadata.annotations).not.toHaveProperty(["workflow.oam.dev/last-applied-configuration"]);
    // A later change by somebody else is not undone while the step waits.
    const body = { metadata: { annotations: { go: "yes" } }, spec: { minReadySeconds: 3 } };
    await world.client.patch(resources.deployments, { namespace: "default", name: "patched" }, { type: "merge", body });
    await world.sandbox.advance(5000);
    expect(await run.outcome()).toBe("succeeded");
    expect((await world.get("apps/v1", "Deployment", "patched"))["spec"]).toMatchObject({ minReadySeconds: 3 });
  });

  it("#Patch waits for an object that is not there, and fails where the patch and the object disagree", async () => {
    await world.define(
      "patch-map",
      `import "vela/kube"
patch: kube.#Patch & {$params: {value: {apiVersion: "v1", kind: "ConfigMap", metadata: name: parameter.name}, patch: data: a: "new"}}
`,
    );
    const run = await world.start("patch-later", [{ name: "p", type: "patch-map", properties: { name: "later" } }]);
    expect(await run.step("p")).toMatchObject({
      phase: "running",
      reason: "Wait",
      message: "ConfigMap default/later to patch is not there",
    });
    await world.apply(configMap("later", { b: "x" }));
    await world.sandbox.advance(5000);
    expect(await run.outcome()).toBe("succeeded");
    expect((await world.get("v1", "ConfigMap", "later"))["data"]).toEqual({ a: "new", b: "x" });
    await world.apply(configMap("other", { a: "old" }));
    const conflict = await world.start("patch-conflict", [{ name: "p", type: "patch-map", properties: { name: "other" } }]);
    expect((await conflict.step("p")).message).toContain('data.a: conflicting values "new" and "old"');
  });

  it("#ApplyInParallel, #List and #Delete, by name and by labels", async () => {
    await world.define(
      "crowd",
      `import "vela/kube"
apply: kube.#ApplyInParallel & {$params: value: [for n in ["one", "two", "three"] {
	apiVersion: "v1", kind: "Secret", metadata: {name: n, namespace: "default", labels: crowd: "yes"}, stringData: word: "tell-nobody-\\(n)"
}]}
list: kube.#List & {$params: {resource: {apiVersion: "v1", kind: "Secret"}, filter: {namespace: "default", matchingLabels: crowd: "yes"}}}
one: kube.#Delete & {$params: value: {apiVersion: "v1", kind: "Secret", metadata: name: "one"}}
gone: kube.#Delete & {$params: value: {apiVersion: "v1", kind: "Secret", metadata: name: "nobody"}}
rest: kube.#Delete & {$params: {value: {apiVersion: "v1", kind: "Secret", metadata: {}}, filter: {namespace: "default", matchingLabels: {crowd: "yes", also: parameter.also}}}}
`,
    );
    const run = await world.start(
      "crowded",
      [
        {
          name: "c",
          type: "crowd",
          properties: { also: "x" },
          outputs: [
            { name: "names", valueFrom: "[for s in list.$returns.values.items {s.metadata.name}]" },
            { name: "gone", valueFrom: "gone.$returns.err" },
          ],
        },
      ],
      { debug: true },
    );
    expect(await run.outcome()).toBe("succeeded");
    expect(((await run.variable("names")) as string[]).sort()).toEqual(["one", "three", "two"]);
    expect(await run.variable("gone")).toContain('"nobody" not found');
    expect(await world.find("v1", "Secret", "one")).toBeUndefined();
    expect(await world.find("v1", "Secret", "two")).toBeDefined();
    expect((await world.find("v1", "Secret", "two"))?.metadata.labels).toEqual({ crowd: "yes" });
    const told = await world.told("crowded");
    expect(told).not.toContain("tell-nobody");
    expect(told).not.toContain(Buffer.from("tell-nobody-two").toString("base64"));
  });
});

describe("vela/op, the older package", () => {
  it("keeps results beside the parameters", async () => {
    await world.apply(configMap("legacy-base", { a: "1" }));
    await world.define(
      "legacy-kube",
      `import "vela/op"
apply: op.#Apply & {value: {apiVersion: "v1", kind: "ConfigMap", metadata: {name: "legacy-made", namespace: "default"}, data: a: "1"}}
many: op.#ApplyInParallel & {value: [{apiVersion: "v1", kind: "ConfigMap", metadata: {name: "legacy-many", namespace: "default"}}]}
patch: op.#Patch & {value: {apiVersion: "v1", kind: "ConfigMap", metadata: {name: "legacy-base", namespace: "default"}}, patch: data: b: "2"}
read: op.#Read & {value: {apiVersion: "v1", kind: "ConfigMap", metadata: {name: "legacy-base", namespace: "default"}}}
missing: op.#Read & {value: {apiVersion: "v1", kind: "ConfigMap", metadata: {name: "nothing", namespace: "default"}}}
list: op.#List & {resource: {apiVersion: "v1", kind: "ConfigMap"}, filter: namespace: "default"}
drop: op.#Delete & {value: {apiVersion: "v1", kind: "ConfigMap", metadata: name: "legacy-many"}}
steps: op.#Steps & {time: op.#DateToTimestamp & {date: "2026-01-02T00:00:00Z"}}
back: op.#TimestampToDate & {timestamp: steps.time.timestamp, layout: "2006-01-02"}
text: op.#ConvertString & {bt: 'bytes'}
merged: op.#PatchK8sObject & {value: {a: [1], b: 1}, patch: {
	// +patchStrategy=replace
	a: [2, 3]
}}
say: op.#Message & {message: "\\(back.date) \\(text.str) \\(read.value.data.b) \\(apply.value.metadata.uid != "") \\(len(merged.result.a))"}
`,
    );
    const outputs = [
      { name: "err", valueFrom: "missing.err" },
      { name: "count", valueFrom: "len(list.list.items) > 2" },
      { name: "patched", valueFrom: "patch.result.data" },
    ];
    const run = await world.start("legacy", [{ name: "l", type: "legacy-kube", outputs }]);
    expect(await run.step("l")).toMatchObject({ phase: "succeeded", message: "2026-01-02 bytes 2 true 2" });
    expect(await run.variable("err")).toContain('"nothing" not found');
    expect(await run.variable("count")).toBe(true);
    expect(await run.variable("patched")).toEqual({ a: "1", b: "2" });
    expect(await world.find("v1", "ConfigMap", "legacy-many")).toBeUndefined();
  });
});
