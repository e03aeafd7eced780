import { cloneJson } from "@slipway/std";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applySchemaDefaults } from "./default.ts";
import { invalidStatus } from "./invalid-status.ts";
import { pruneBySchema } from "./prune.ts";
import type { StructuralSchema } from "./structural-schema.ts";
import { formatFieldPath } from "./structural-schema.ts";
import { validateBySchema } from "./validate.ts";

function spec(schema: StructuralSchema): StructuralSchema {
  return { type: "object", properties: { spec: schema } };
}
/** Findings on `{spec: value}` as the API server prints them, `field: message`. */
function findings(schema: StructuralSchema, value: unknown): string[] {
  return validateBySchema(spec(schema), { spec: value }).map((finding) => `${formatFieldPath(finding.path)}: ${finding.message}`);
}

describe("validation", () => {
  it.each<[string, StructuralSchema, unknown, string[]]>([
    ["a wrong type", { type: "integer" }, "x", ['spec: Invalid value: "string": spec in body must be of type integer: "string"']],
    [
      "a fraction for an integer",
      { type: "integer" },
      1.5,
      ['spec: Invalid value: "number": spec in body must be of type integer: "number"'],
    ],
    ["an integer for a number", { type: "number" }, 1, []],
    ["null", { type: "string" }, null, ['spec: Invalid value: "null": spec in body must be of type string: "null"']],
    ["null where nullable", { type: "string", nullable: true }, null, []],
    ["an array for an object", { type: "object" }, [], ['spec: Invalid value: "array": spec in body must be of type object: "array"']],
    ["an int for int-or-string", { "x-kubernetes-int-or-string": true }, 1, []],
    ["a string for int-or-string", { "x-kubernetes-int-or-string": true }, "1%", []],
    [
      "a bool for int-or-string",
      { "x-kubernetes-int-or-string": true },
      true,
      ['spec: Invalid value: "boolean": spec in body must be of type integer,string: "boolean"'],
    ],
    ["an enum", { type: "string", enum: ["a", "b"] }, "c", ['spec: Unsupported value: "c": supported values: "a", "b"']],
    ["a minimum", { type: "integer", minimum: 1 }, 0, ["spec: Invalid value: 0: spec in body should be greater than or equal to 1"]],
    [
      "an exclusive minimum",
      { type: "number", minimum: 1, exclusiveMinimum: true },
      1,
      ["spec: Invalid value: 1: spec in body should be greater than 1"],
    ],
    ["a maximum", { type: "integer", maximum: 1 }, 2, ["spec: Invalid value: 2: spec in body should be less than or equal to 1"]],
    ["a multiple", { type: "integer", multipleOf: 5 }, 7, ["spec: Invalid value: 7: spec in body should be a multiple of 5"]],
    ["a pattern", { type: "string", pattern: "^a+$" }, "b", ["spec: Invalid value: \"b\": spec in body should match '^a+$'"]],
    ["a short text", { type: "string", minLength: 2 }, "é", ['spec: Invalid value: "é": spec in body should be at least 2 chars long']],
    ["a long text, in code points", { type: "string", maxLength: 1 }, "😀", []],
    ["a long text", { type: "string", maxLength: 1 }, "ab", ["spec: Too long: may not be more than 1 bytes"]],
    [
      "a format",
      { type: "string", format: "date-time" },
      "now",
      ['spec: Invalid value: "now": spec in body must be of type date-time: "now"'],
    ],
    ["few items", { type: "array", minItems: 1 }, [], ["spec: Invalid value: 0: spec in body should have at least 1 items"]],
    ["many items", { type: "array", maxItems: 1 }, [1, 2], ["spec: Too many: 2: must have at most 1 items"]],
    [
      "few properties",
      { type: "object", minProperties: 1 },
      {},
      ["spec: Invalid value: 0: spec in body should have at least 1 properties"],
    ],
    ["a missing field", { type: "object", required: ["a"] }, {}, ["spec.a: Required value"]],
    ["a missing field of the prototype's", { type: "object", required: ["constructor"] }, {}, ["spec.constructor: Required value"]],
    [
      "an item",
      { type: "array", items: { type: "object", properties: { a: { type: "string" } } } },
      [{ a: "x" }, { a: 1 }],
      ['spec[1].a: Invalid value: "integer": spec[1].a in body must be of type string: "integer"'],
    ],
    [
      "a map's value",
      { type: "object", additionalProperties: { type: "string" } },
      { x: 1 },
      ['spec.x: Invalid value: "integer": spec.x in body must be of type string: "integer"'],
    ],
    ["a set twice", { type: "array", "x-kubernetes-list-type": "set" }, ["a", "b", "a"], ['spec[2]: Duplicate value: "a"']],
    [
      "a map key twice, a default counting",
      {
        type: "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["port", "protocol"],
        items: { type: "object", properties: { protocol: { type: "string", default: "TCP" } } },
      },
      [{ port: 1 }, { port: 1, protocol: "UDP" }, { port: 1, protocol: "TCP" }],
      ['spec[2]: Duplicate value: {"port":1,"protocol":"TCP"}'],
    ],
    [
      "none of oneOf",
      { oneOf: [{ required: ["a"] }, { required: ["b"] }] },
      {},
      ['spec: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid'],
    ],
    [
      "both of oneOf",
      { oneOf: [{ required: ["a"] }, { required: ["b"] }] },
      { a: 1, b: 1 },
      ['spec: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
    ],
    [
      "none of anyOf",
      { anyOf: [{ required: ["a"] }, { required: ["b"] }] },
      {},
      ['spec: Invalid value: "": "spec" must validate at least one schema (anyOf)'],
    ],
    ["one of anyOf", { anyOf: [{ required: ["a"] }, { required: ["b"] }] }, { b: 1 }, []],
    ["a part of allOf", { allOf: [{ required: ["a"] }, {}] }, {}, ["spec.a: Required value"]],
    ["not", { not: { required: ["a"] } }, { a: 1 }, ['spec: Invalid value: "": "spec" must not validate the schema (not)']],
    [
      "an embedded resource without type",
      { type: "object", "x-kubernetes-embedded-resource": true },
      { kind: "X" },
      ["spec.apiVersion: must not be empty"],
    ],
    ["an unreadable pattern", { type: "string", pattern: "(?P<" }, "x", []],
  ])("of %s", (_title, schema, value, expected) => {
    expect(findings(schema, value)).toEqual(expected);
  });

  it("reports everything at once, with the causes of a Status", () => {
    const schema: StructuralSchema = {
      type: "object",
      required: ["a"],
      properties: { n: { type: "integer", minimum: 1 }, e: { type: "string", enum: ["x"] } },
    };
    const status = invalidStatus(
      { group: "rollouts.kruise.io", kind: "Rollout", name: "web" },
      validateBySchema(spec(schema), { spec: { n: 0, e: "y" } }),
    );
    expect(status).toMatchObject({ code: 422, reason: "Invalid", details: { group: "rollouts.kruise.io", kind: "Rollout", name: "web" } });
    expect(status.details?.causes?.map((cause) => [cause.reason, cause.field])).toEqual([
      ["FieldValueRequired", "spec.a"],
      ["FieldValueInvalid", "spec.n"],
      ["FieldValueNotSupported", "spec.e"],
    ]);
    expect(status.message).toBe(
      'Rollout.rollouts.kruise.io "web" is invalid: [spec.a: Required value, spec.n: Invalid value: 0: ' +
        'spec.n in body should be greater than or equal to 1, spec.e: Unsupported value: "y": supported values: "x"]',
    );
  });

  it("names one finding without brackets, and a core kind without group", () => {
    const finding = validateBySchema({ type: "object", required: ["data"] }, {});
    expect(invalidStatus({ group: "", kind: "ConfigMap", name: "c" }, finding).message).toBe(
      'ConfigMap "c" is invalid: data: Required value',
    );
  });
});

describe("pruning", () => {
  const schema: StructuralSchema = {
    type: "object",
    properties: {
      spec: {
        type: "object",
        properties: {
          known: { type: "string" },
          free: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { strict: { type: "object" } } },
          map: { type: "object", additionalProperties: { type: "object", properties: { a: { type: "string" } } } },
          any: { type: "object", additionalProperties: true },
          list: { type: "array", items: { type: "object", properties: { a: { type: "string" } } } },
          template: { type: "object", "x-kubernetes-embedded-resource": true, properties: { spec: { type: "object" } } },
        },
      },
    },
  };

  it("keeps what the schema knows and says what it dropped", () => {
    const object = {
      apiVersion: "v1",
      kind: "X",
      metadata: { name: "x", anything: 1 },
      other: 1,
      spec: {
        known: "k",
        unknown: 1,
        free: { x: { y: 1 }, strict: { z: 1 } },
        map: { k: { a: "1", b: 2 } },
        any: { x: { y: 1 } },
        list: [{ a: "1" }, { b: 2 }],
        template: { apiVersion: "v1", kind: "Y", metadata: { name: "y" }, spec: { x: 1 }, junk: 1 },
      },
    };
    const before = cloneJson(object);
    const { value, pruned } = pruneBySchema(schema, object);
    expect(value).toEqual({
      apiVersion: "v1",
      kind: "X",
      metadata: { name: "x", anything: 1 },
      spec: {
        known: "k",
        free: { x: { y: 1 }, strict: {} },
        map: { k: { a: "1" } },
        any: { x: { y: 1 } },
        list: [{ a: "1" }, {}],
        template: { apiVersion: "v1", kind: "Y", metadata: { name: "y" }, spec: {} },
      },
    });
    expect(pruned.map(formatFieldPath)).toEqual([
      "other",
      "spec.unknown",
      "spec.free.strict.z",
      "spec.map.k.b",
      "spec.list[1].b",
      "spec.template.spec.x",
      "spec.template.junk",
    ]);
    expect(object).toEqual(before);
  });

  it("is idempotent, drops __proto__ and changes no prototype", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("spec", "known", "__proto__", "metadata"), fc.jsonValue()), (object) => {
        const once = pruneBySchema(schema, object);
        expect(pruneBySchema(schema, once.value)).toEqual({ value: once.value, pruned: [] });
        expect(Object.hasOwn(once.value, "__proto__")).toBe(false);
        expect(Object.getPrototypeOf(once.value)).toBe(Object.prototype);
      }),
    );
  });
});

describe("defaults", () => {
  const schema: StructuralSchema = {
    type: "object",
    properties: {
      replicas: { type: "integer", default: 1 },
      nothing: { type: "string", nullable: true, default: "x" },
      strategy: { type: "object", default: {}, properties: { type: { type: "string", default: "Rolling" } } },
      optional: { type: "object", properties: { inner: { type: "string", default: "d" } } },
      list: { type: "array", items: { type: "object", properties: { protocol: { type: "string", default: "TCP" } } } },
      map: { type: "object", additionalProperties: { type: "object", properties: { a: { type: "integer", default: 7 } } } },
    },
  };
  it.each([
    [{}, { replicas: 1, nothing: "x", strategy: { type: "Rolling" } }],
    [
      { replicas: 0, nothing: null, strategy: {} },
      { replicas: 0, nothing: null, strategy: { type: "Rolling" } },
    ],
    [
      { replicas: null, strategy: null },
      { replicas: 1, nothing: "x", strategy: { type: "Rolling" } },
    ],
    [
      { optional: null, strategy: { unknown: null }, map: { k: null }, list: [null] },
      { replicas: 1, nothing: "x", strategy: { type: "Rolling", unknown: null }, map: {}, list: [null] },
    ],
    [
      { optional: {}, list: [{}, { protocol: "UDP" }], map: { k: {} } },
      {
        replicas: 1,
        nothing: "x",
        strategy: { type: "Rolling" },
        optional: { inner: "d" },
        list: [{ protocol: "TCP" }, { protocol: "UDP" }],
        map: { k: { a: 7 } },
      },
    ],
  ])("%j becomes %j, and stays so", (value, expected) => {
    const before = cloneJson(value);
    const filled = applySchemaDefaults<unknown>(schema, value);
    expect(filled).toEqual(expected);
    expect(applySchemaDefaults(schema, filled)).toEqual(expected);
    expect(value).toEqual(before);
  });

  it("does not hand out the schema's own values", () => {
    const filled = applySchemaDefaults<{ strategy?: Record<string, unknown> }>(schema, {});
    if (filled.strategy !== undefined) filled.strategy["type"] = "Changed";
    expect(applySchemaDefaults(schema, {})).toMatchObject({ strategy: { type: "Rolling" } });
  });
});
