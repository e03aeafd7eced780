import { describe, expect, it } from "vitest";
import { compileJsonPath, evaluateJsonPath } from "./json-path.ts";

const object = {
  metadata: { name: "web", labels: { "app.kubernetes.io/name": "web" } },
  status: {
    phase: "Running",
    count: 0,
    conditions: [
      { type: "Ready", status: "True", n: 1 },
      { type: "Synced", status: "False", n: 2 },
      { type: "it's", status: "Unknown" },
    ],
  },
};

describe("jsonpath", () => {
  it.each([
    [".metadata.name", ["web"]],
    ["{.metadata.name}", ["web"]],
    ["metadata.name", ["web"]],
    ["$.metadata.name", ["web"]],
    ["{ .status.count }", [0]],
    [".status.missing.deeper", []],
    [".metadata.labels['app.kubernetes.io/name']", ["web"]],
    ['.metadata.labels["app.kubernetes.io/name"]', ["web"]],
    [".metadata.labels.app\\.kubernetes\\.io/name", ["web"]],
    [".status.conditions[0].type", ["Ready"]],
    [".status.conditions[-1].status", ["Unknown"]],
    [".status.conditions[9].type", []],
    [".status.conditions[0:2].type", ["Ready", "Synced"]],
    [".status.conditions[::2].type", ["Ready", "it's"]],
    [".status.conditions[0,2].type", ["Ready", "it's"]],
    [".status.conditions[*].type", ["Ready", "Synced", "it's"]],
    [".metadata.*", ["web", { "app.kubernetes.io/name": "web" }]],
    [".metadata['name','labels']", ["web", { "app.kubernetes.io/name": "web" }]],
    ['.status.conditions[?(@.type=="Ready")].status', ["True"]],
    [".status.conditions[?(@.type == 'Synced')].status", ["False"]],
    ['.status.conditions[?(@.type=="it\'s")].status', ["Unknown"]],
    ['.status.conditions[?(@.type!="Ready")].n', [2]],
    [".status.conditions[?(@.n>1)].type", ["Synced"]],
    [".status.conditions[?(@.n<=1)].type", ["Ready"]],
    [".status.conditions[?(@.n)].type", ["Ready", "Synced"]],
    ["..type", ["Ready", "Synced", "it's"]],
    ["..conditions[0].type", ["Ready"]],
    [".constructor", []],
    [".", [object]],
  ])("%s", (path, expected) => {
    expect(evaluateJsonPath(path, object)).toEqual(expected);
  });

  it.each([".a[", ".a[]", ".a[x]", ".a[?(x==1)]", ".a[?(@.x==y)]", ".a[0:4:0]", ".a b"])("refuses %j by name", (path) => {
    expect(() => compileJsonPath(path)).toThrow(`jsonpath ${JSON.stringify(path)}: `);
  });
});
