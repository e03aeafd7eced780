import { describe, expect, it } from "vitest";
import { detectSchema, schemaFile } from "./schema-file.ts";

function cue(schema: unknown, tags: readonly string[] = []): string {
  const file = schemaFile("s.json", JSON.stringify(schema), "jsonschema", new Map(tags.map((tag) => [tag, "true"])));
  return file.errors.length > 0 ? file.errors.map((each) => each.message).join("; ") : [...file.imports, file.body.trim()].join("|");
}

describe("JSON Schema as CUE", () => {
  it("knows schemas by what they say of themselves", () => {
    expect(detectSchema("a.json", '{"$schema": "http://json-schema.org/draft-07/schema#"}')).toBe("jsonschema");
    expect(detectSchema("a.json", '{"openapi": "3.0.0", "info": {}}')).toBe("openapi");
    expect(detectSchema("a.json", '{"openapi": "3.0.0"}')).toBeUndefined();
    expect(detectSchema("a.json", "[1]")).toBeUndefined();
  });

  it("writes scalars with their constraints", () => {
    expect(cue({ type: "integer", minimum: 0, exclusiveMaximum: 10 })).toBe("uint & <10");
    expect(cue({ type: "number", minimum: -1.5 })).toBe(">=-1.5");
    expect(cue({ type: "string", minLength: 1, pattern: "^a" })).toBe('strings|=~"^a" & strings.MinRunes(1)');
    expect(cue({ type: ["string", "null"] })).toBe("null | string");
    expect(cue({ enum: ["a", 1, null] })).toBe('"a" | 1 | null');
    expect(cue({ minimum: 3 })).toBe("null | bool | >=3 | string | [...] | {...}");
    expect(cue({})).toBe("_");
    expect(cue({ type: "array", items: { type: "string" }, maxItems: 2 })).toBe("list|[...string] & list.MaxItems(2)");
  });

  it("writes structs open, closed, and with patterns", () => {
    expect(cue({ type: "object", properties: { a: { type: "string" }, "b c": {} }, required: ["a", "z"] })).toBe(
      'a!: string\n"b c"?: _\nz!: _\n...',
    );
    expect(cue({ type: "array", items: { type: "object", properties: { a: {} }, additionalProperties: false } })).toBe(
      "[...close({\n\ta?: _\n})]",
    );
    expect(cue({ type: "object", properties: { a: {} }, additionalProperties: { type: "string" } })).toBe('a?: _\n{[!~"^(a)$"]: string}');
    expect(cue({ type: "object", properties: {} }, ["openOnlyWhenExplicit"])).toBe("");
  });

  it("refers to definitions, and combines", () => {
    expect(cue({ $ref: "#/definitions/A", definitions: { A: { type: "string" }, "b-c": { type: "object" } } })).toBe(
      '#A\n#A: string\n_#defs: "b-c": {...}',
    );
    expect(cue({ oneOf: [{ type: "string" }, { type: "integer" }] })).toBe("matchN(1, [string, int])");
    expect(cue({ type: "string", not: { const: "x" } })).toBe('string & matchN(0, ["x"])');
  });

  it("is as strict as asked", () => {
    expect(cue({ nope: 1, $dynamicRef: "x" })).toBe("_");
    expect(cue({ nope: 1, $dynamicRef: "x" }, ["strictKeywords"])).toBe('unknown keyword "nope"');
    expect(cue({ nope: 1, $dynamicRef: "x" }, ["strict"])).toBe('unknown keyword "nope"; keyword "$dynamicRef" not yet implemented');
  });

  it("comes to an end with any input", () => {
    let deep: unknown = {};
    for (let index = 0; index < 400; index++) deep = { items: deep, type: "array" };
    expect(typeof cue(deep)).toBe("string");
    for (const odd of [null, [], 1, { properties: 1 }, { type: {} }, { $ref: 1 }, { enum: {} }]) expect(typeof cue(odd)).toBe("string");
  });
});
