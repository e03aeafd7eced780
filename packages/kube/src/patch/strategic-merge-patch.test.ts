import { cloneJson, deepEqual } from "@slipway/std";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { patchSchemaFor } from "./patch-schemas.ts";
import { applyStrategicMergePatch, threeWayStrategicPatch } from "./strategic-merge-patch.ts";

const deployment = patchSchemaFor({ group: "apps", version: "v1", kind: "Deployment" });
const service = patchSchemaFor({ group: "", version: "v1", kind: "Service" });

interface Container {
  name: string;
  image?: string;
  env?: { name: string; value: string }[];
  args?: string[];
}
function pods(...containers: Container[]): object {
  return { spec: { template: { spec: { containers } } } };
}
function containersOf(object: object): Container[] {
  return (object as { spec: { template: { spec: { containers: Container[] } } } }).spec.template.spec.containers;
}
function patchPods(target: object, patch: object): Container[] {
  return containersOf(applyStrategicMergePatch(target, { spec: { template: { spec: patch } } }, deployment));
}

describe("strategic merge patch", () => {
  const target = pods({ name: "a", image: "a:1", args: ["x"] }, { name: "b", image: "b:1", env: [{ name: "E", value: "1" }] });

  it("merges containers by name and their env by name, and replaces other lists", () => {
    const result = patchPods(target, {
      containers: [
        { name: "b", env: [{ name: "F", value: "2" }] },
        { name: "a", args: ["y"] },
      ],
    });
    expect(result).toEqual([
      {
        name: "b",
        image: "b:1",
        env: [
          { name: "E", value: "1" },
          { name: "F", value: "2" },
        ],
      },
      { name: "a", image: "a:1", args: ["y"] },
    ]);
  });

  it("keeps items that the patch does not name, in their order", () => {
    expect(patchPods(target, { containers: [{ name: "b", image: "b:2" }] }).map((c) => c.image)).toEqual(["a:1", "b:2"]);
    expect(patchPods(target, { containers: [{ name: "c", image: "c:1" }] }).map((c) => c.name)).toEqual(["a", "b", "c"]);
  });

  it("deletes and replaces by directive", () => {
    expect(patchPods(target, { containers: [{ $patch: "delete", name: "a" }] }).map((c) => c.name)).toEqual(["b"]);
    expect(patchPods(target, { containers: [{ $patch: "replace" }, { name: "z" }] })).toEqual([{ name: "z" }]);
    expect(applyStrategicMergePatch({ spec: { a: 1, b: 2 } }, { spec: { $patch: "replace", b: 3 } }, deployment)).toEqual({
      spec: { b: 3 },
    });
    expect(applyStrategicMergePatch({ spec: { a: 1 } }, { spec: { $patch: "delete" } }, deployment)).toEqual({ spec: {} });
    expect(applyStrategicMergePatch({ spec: { a: 1 } }, { spec: { $patch: "merge", b: 2 } }, deployment)).toEqual({ spec: { a: 1, b: 2 } });
  });

  it("orders by $setElementOrder", () => {
    const three = pods({ name: "a" }, { name: "server" }, { name: "b" });
    const result = patchPods(three, {
      containers: [{ name: "c" }],
      "$setElementOrder/containers": [{ name: "c" }, { name: "b" }, { name: "a" }],
    });
    expect(result.map((c) => c.name).filter((name) => name !== "server")).toEqual(["c", "b", "a"]);
    const reordered = patchPods(three, { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] });
    expect(reordered.map((c) => c.name)).toEqual(["server", "b", "a"]);
  });

  it("treats finalizers as a set", () => {
    const object = { metadata: { finalizers: ["a", "b"] } };
    const patched = (metadata: object): unknown => applyStrategicMergePatch(object, { metadata }, deployment).metadata;
    expect(patched({ finalizers: ["c", "a"] })).toEqual({ finalizers: ["b", "c", "a"] });
    expect(patched({ "$deleteFromPrimitiveList/finalizers": ["a"] })).toEqual({ finalizers: ["b"] });
    expect(patched({ finalizers: ["c"], "$deleteFromPrimitiveList/finalizers": ["a"], "$setElementOrder/finalizers": ["c", "b"] })).toEqual(
      {
        finalizers: ["c", "b"],
      },
    );
  });

  it("keeps only the retained keys of a union", () => {
    const rolling = { spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } } };
    const patch = { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } };
    expect(applyStrategicMergePatch(rolling, patch, deployment)).toEqual({ spec: { strategy: { type: "Recreate" } } });
  });

  it("leaves no directive behind where the target has nothing", () => {
    const result = applyStrategicMergePatch(
      {},
      { spec: { a: null, template: { spec: { containers: [{ $patch: "delete", name: "x" }, { name: "y" }] } } } },
      deployment,
    );
    expect(result).toEqual({ spec: { template: { spec: { containers: [{ name: "y" }] } } } });
  });

  it.each([
    [{ containers: [{ image: "x" }] }, "spec.template.spec.containers: an item lacks its merge key"],
    [{ containers: ["x"] }, "an item is not an object"],
    [{ $patch: "explode" }, 'at spec.template.spec: unknown $patch "explode"'],
    [{ $retainKeys: ["a"], b: 1 }, "b is patched but not in $retainKeys"],
    [{ "$setElementOrder/containers": 1 }, "must be a list"],
  ])("refuses %j and says where", (patch, message) => {
    expect(() => patchPods(target, patch)).toThrow(message);
  });

  it("merges Service ports by port, ownerReferences by uid", () => {
    const object = { metadata: { ownerReferences: [{ uid: "1", name: "a" }] }, spec: { ports: [{ port: 80, targetPort: 8080 }] } };
    const patch = { metadata: { ownerReferences: [{ uid: "2", name: "b" }] }, spec: { ports: [{ port: 80, name: "http" }] } };
    expect(applyStrategicMergePatch(object, patch, service)).toEqual({
      metadata: {
        ownerReferences: [
          { uid: "1", name: "a" },
          { uid: "2", name: "b" },
        ],
      },
      spec: { ports: [{ port: 80, targetPort: 8080, name: "http" }] },
    });
  });

  it("has no schema for custom resources", () => {
    expect(patchSchemaFor({ group: "rollouts.kruise.io", version: "v1beta1", kind: "Rollout" })).toBeUndefined();
    expect(patchSchemaFor({ group: "constructor", version: "v1", kind: "x" })).toBeUndefined();
  });
});

const containers = fc.uniqueArray(
  fc.record(
    {
      name: fc.constantFrom("a", "b", "c", "d"),
      image: fc.constantFrom("1", "2"),
      args: fc.array(fc.constantFrom("x", "y"), { maxLength: 2 }),
      env: fc.uniqueArray(fc.record({ name: fc.constantFrom("E", "F"), value: fc.constantFrom("1", "2") }), {
        selector: (item) => item.name,
        maxLength: 2,
      }),
    },
    { requiredKeys: ["name"], noNullPrototype: true },
  ),
  { selector: (item) => item.name, maxLength: 4 },
);
const manifest = fc.record(
  {
    metadata: fc.record(
      {
        labels: fc.dictionary(fc.constantFrom("l", "m", "__proto__"), fc.constantFrom("1", "2"), { noNullPrototype: true }),
        finalizers: fc.uniqueArray(fc.constantFrom("f", "g", "h")),
      },
      { noNullPrototype: true },
    ),
    spec: fc.record(
      {
        replicas: fc.integer({ min: 0, max: 2 }),
        strategy: fc.oneof(fc.constant({ type: "Recreate" }), fc.constant({ type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } })),
        template: fc.record({ spec: fc.record({ containers }, { noNullPrototype: true }) }, { noNullPrototype: true }),
      },
      { requiredKeys: ["template"], noNullPrototype: true },
    ),
  },
  { requiredKeys: ["spec"], noNullPrototype: true },
);

describe("three-way strategic patch", () => {
  it("changes nothing when the live object is the manifest plus defaults", () => {
    const modified = pods({ name: "a", image: "1" });
    const current = {
      status: {},
      spec: { replicas: 1, template: { spec: { containers: [{ name: "a", image: "1", pullPolicy: "Always" }, { name: "sidecar" }] } } },
    };
    expect(threeWayStrategicPatch(modified, modified, current, deployment)).toEqual({});
  });

  it("removes the container that left the manifest and keeps the one that someone injected", () => {
    const original = pods({ name: "a", image: "1" }, { name: "gone" });
    const modified = pods({ name: "a", image: "2" });
    const current = pods({ name: "a", image: "1", args: ["z"] }, { name: "gone" }, { name: "injected" });
    const patch = threeWayStrategicPatch(original, modified, current, deployment);
    expect(patch).toEqual({
      spec: {
        template: {
          spec: {
            containers: [
              { name: "a", image: "2" },
              { $patch: "delete", name: "gone" },
            ],
            "$setElementOrder/containers": [{ name: "a" }],
          },
        },
      },
    });
    expect(containersOf(applyStrategicMergePatch(current, patch, deployment))).toEqual([
      { name: "a", image: "2", args: ["z"] },
      { name: "injected" },
    ]);
  });

  it("retains the keys of a changed union only", () => {
    const original = { spec: { strategy: { type: "RollingUpdate" } } };
    const current = { spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%" } } } };
    expect(threeWayStrategicPatch(original, { spec: { strategy: { type: "Recreate" } } }, current, deployment)).toEqual({
      spec: { strategy: { type: "Recreate", $retainKeys: ["type"] } },
    });
    expect(threeWayStrategicPatch(original, original, current, deployment)).toEqual({});
  });

  it("turns the last manifest into the next one, is empty the second time, and changes no input", () => {
    fc.assert(
      fc.property(manifest, manifest, (original, modified) => {
        const before = cloneJson([original, modified]);
        const patch = threeWayStrategicPatch(original, modified, original, deployment);
        const result = applyStrategicMergePatch(original as object, patch, deployment);
        expect(deepEqual(result, modified), `patch ${JSON.stringify(patch)} gave ${JSON.stringify(result)}`).toBe(true);
        expect(threeWayStrategicPatch(modified, modified, result, deployment)).toEqual({});
        expect(deepEqual([original, modified], before)).toBe(true);
        expect(({} as Record<string, unknown>)["l"]).toBeUndefined();
      }),
    );
  });

  it("reaches the manifest's containers from any live object", () => {
    fc.assert(
      fc.property(manifest, manifest, manifest, (original, modified, current) => {
        const result = applyStrategicMergePatch(
          current as object,
          threeWayStrategicPatch(original, modified, current, deployment),
          deployment,
        );
        const names = containersOf(result).map((c) => c.name);
        for (const wanted of modified.spec.template.spec.containers) expect(names).toContain(wanted.name);
        expect(threeWayStrategicPatch(modified, modified, result, deployment)).toEqual({});
      }),
    );
  });
});
