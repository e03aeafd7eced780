import { describe, expect, it } from "vitest";
import { compile, generateJsonSchema, generateOpenApiDocument } from "../index.ts";

function schema(text: string): unknown {
  const generated = generateJsonSchema(compile(text).instance());
  if (!generated.ok) return generated.errors.map((error) => error.message);
  const { $schema: _version, ...rest } = generated.value;
  return rest;
}

describe("JSON Schema of values", () => {
  it("has shared schemas for what is referred to, and says which fields must be given", () => {
    expect(schema('// A user.\n#User: {name!: string, age?: int & >=0, kind: "user"}\nowner: #User\nbackup?: #User')).toEqual({
      $defs: {
        User: {
          description: "A user.",
          type: "object",
          additionalProperties: false,
          properties: {
            name: { type: "string" },
            age: { allOf: [{ type: "number" }, { type: "integer", minimum: 0 }] },
            kind: { const: "user" },
          },
          required: ["name"],
        },
      },
      type: "object",
      properties: { owner: { $ref: "#/$defs/User" }, backup: { $ref: "#/$defs/User" } },
      required: ["owner"],
    });
  });

  it("tells lists, maps, alternatives and what is excluded", () => {
    expect(
      schema('tags?: [...string]\npair?: [int, bool]\nlabels?: [string]: string\nsize?: "s" | "m" | 1\nany?: int | {a: 1}\nnot?: !="x"'),
    ).toEqual({
      type: "object",
      properties: {
        tags: { type: "array", items: { type: "string" } },
        pair: { type: "array", prefixItems: [{ type: "integer" }, { type: "boolean" }], minItems: 2, maxItems: 2 },
        labels: { type: "object", additionalProperties: { type: "string" } },
        size: { enum: ["s", "m", 1] },
        any: { anyOf: [{ type: "integer" }, { type: "object", properties: { a: { const: 1 } } }] },
        not: { not: { const: "x" } },
      },
    });
  });

  it("ends where schemas lead to themselves", () => {
    expect(schema("#Tree: {left?: #Tree}\ntree?: #Tree")).toEqual({
      $defs: { Tree: { type: "object", additionalProperties: false, properties: { left: { $ref: "#/$defs/Tree" } } } },
      type: "object",
      properties: { tree: { $ref: "#/$defs/Tree" } },
    });
  });

  it("tells the errors of the program instead", () => {
    expect(schema("a: 1 & 2")).toEqual(["conflicting values 2 and 1"]);
  });
});

describe("an OpenAPI document", () => {
  it("has schemas where # stands, and all else as it is", () => {
    const program = compile(
      'openapi: "3.0.0"\ninfo: {title: "t", version: "1"}\n#Item: {id: int32}\npaths: "/x": get: content: schema: #: #Item',
    );
    expect(generateOpenApiDocument(program.instance())).toEqual({
      ok: true,
      value: {
        openapi: "3.0.0",
        info: { title: "t", version: "1" },
        paths: { "/x": { get: { content: { schema: { $ref: "#/components/schemas/Item" } } } } },
        components: {
          schemas: {
            Item: {
              type: "object",
              additionalProperties: false,
              properties: { id: { type: "integer", format: "int32" } },
              required: ["id"],
            },
          },
        },
      },
    });
  });
});
