import { describe, expect, it } from "vitest";
import { compile } from "../compile/program.ts";
import { rewriteProtoJson } from "./proto-json.ts";
import { TextProtoError, decodeTextProto } from "./text-proto.ts";

const schema = compile("a: int\nb: [...int]\nc: string\nm: {x: number}\nraw: bytes\n").instance();

describe("protobuf's text format", () => {
  it("reads fields by the schema", () => {
    const data = decodeTextProto('a: 4 # four\nb: 1, b: 2;\nc: "x" \'y\\n\'\nm { x: -1.5 }\nraw: "\\x01"\n', schema);
    expect(
      JSON.stringify([...(data as Map<string, unknown>)], (_key, value: unknown) => (typeof value === "bigint" ? Number(value) : value)),
    ).toContain('["a",4],["b",[1,2]],["c","xy\\n"]');
    expect(decodeTextProto("b: 1", schema)).toEqual(new Map([["b", [1n]]]));
    expect(decodeTextProto("n: [1, 2] e: NAME t: true", undefined)).toEqual(
      new Map<string, unknown>([
        ["n", [1n, 2n]],
        ["e", "NAME"],
        ["t", true],
      ]),
    );
  });

  it("refuses what is not in the format, and comes to an end", () => {
    for (const bad of ["a", "a 1", "a: ", "a: [1", "m {", "}", "a: {".repeat(2000), "a: " + "[".repeat(2000), '"a": 1'])
      expect(() => decodeTextProto(bad, schema), bad.slice(0, 20)).toThrow(TextProtoError);
  });
});

describe("protobuf in JSON", () => {
  it("replaces text by numbers and bytes where the schema wants them", () => {
    const rewritten = rewriteProtoJson({ filename: "d.json", text: '{"a": "10", "c": "10", "m": {"x": "1.5"}, "raw": "aGk="}' }, schema);
    expect(rewritten.ok && rewritten.source.text).toBe('{"a": 10, "c": "10", "m": {"x": 1.5}, "raw": \'\\x68\\x69\'}');
  });

  it("tells where base64 is broken", () => {
    const rewritten = rewriteProtoJson({ filename: "d.json", text: '{"raw": "a?"}' }, schema);
    expect(rewritten.ok ? [] : rewritten.errors).toMatchObject([
      { message: "failed to decode base64: illegal base64 data at input byte 1", path: ["raw"], at: [{ line: 1, column: 9 }] },
    ]);
  });
});
