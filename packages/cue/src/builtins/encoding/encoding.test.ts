import { describe, expect, test } from "vitest";
import { decodeJson } from "../../encoding/json.ts";
import type { Data } from "../contract.ts";
import { callText } from "../second-tier/call-for-tests.ts";
import { base64Package } from "./base64.ts";
import { csvPackage } from "./csv.ts";
import { hexPackage } from "./hex.ts";
import { jsonPackage } from "./json.ts";
import { tomlPackage } from "./toml.ts";
import { yamlPackage } from "./yaml.ts";

describe("encoding/json", () => {
  const call = (name: string, ...args: Data[]): string => callText(jsonPackage, name, ...args);

  test("Marshal and MarshalStream", () => {
    expect(call("Marshal", decodeJson('{"a": [1.50, "<"]}'))).toBe('"{\\"a\\":[1.50,\\"<\\"]}"');
    expect(call("MarshalStream", [1n, "a"])).toBe('"1\\n\\"a\\"\\n"');
  });

  test("Unmarshal and UnmarshalStream", () => {
    expect(call("Unmarshal", '{"b": 1, "a": 2}')).toBe('{"b":1,"a":2}');
    expect(call("Unmarshal", '{"a": 1}}')).toBe("error: json: invalid JSON");
    expect(call("UnmarshalStream", new TextEncoder().encode('{"a":1} 2'))).toBe('[{"a":1},2]');
    expect(call("UnmarshalStream", '{"a":')).toBe('error: invalid JSON for file "": unexpected EOF');
  });

  test("Compact, Indent and HTMLEscape", () => {
    expect(call("Compact", ' [1, {"a b": "c \\" d"} ]')).toBe('"[1,{\\"a b\\":\\"c \\\\\\" d\\"}]"');
    expect(call("Indent", ' {"a":[1,{}], "b":{"c":[]}}\n', ">", "  ")).toBe(
      JSON.stringify('{\n>  "a": [\n>    1,\n>    {}\n>  ],\n>  "b": {\n>    "c": []\n>  }\n>}\n'),
    );
    expect(call("Indent", "[", "", " ")).toBe("error: unexpected end of JSON input");
    expect(call("HTMLEscape", '"<&>"')).toBe('"\\"\\\\u003c\\\\u0026\\\\u003e\\""');
  });

  test("Valid and Validate", () => {
    expect(call("Valid", "[1]")).toBe("true");
    expect(call("Valid", "[1")).toBe("false");
    expect(call("Validate", '{"a":1}', new Map([["a", 1n]]))).toBe("true");
    expect(call("Validate", '{"a":2}', new Map([["a", 1n]]))).toBe("error: not the same");
    expect(call("Validate", "{", 1n)).toBe("error: json: invalid JSON");
  });
});

describe("encoding/yaml", () => {
  const call = (name: string, ...args: Data[]): string => callText(yamlPackage, name, ...args);

  test("there and back", () => {
    expect(call("Marshal", decodeJson('{"a":[1,{"b":"y"}]}'))).toBe('"a:\\n  - 1\\n  - b: \\"y\\"\\n"');
    expect(call("MarshalStream", [1n, 2n])).toBe('"1\\n---\\n2\\n"');
    expect(call("Unmarshal", "a: 1")).toBe('{"a":1}');
    expect(call("Unmarshal", "a: [")).toMatch(/^error: :1: /);
    expect(call("UnmarshalStream", "1\n---\n2")).toBe("[1,2]");
  });

  test("every document is validated", () => {
    expect(call("Validate", "1\n---\n1", 1n)).toBe("true");
    expect(call("Validate", "1\n---\n2", 1n)).toBe("error: not the same");
    expect(call("ValidatePartial", "2", 1n)).toBe("error: not the same");
  });
});

describe("encoding/base64", () => {
  test.each<[string, Data[], string]>([
    ["Encode", [null, "foo"], '"Zm9v"'],
    ["Encode", [null, "fo"], '"Zm8="'],
    ["Decode", [null, "Zm9v"], '"Zm9v"'],
    ["Decode", [null, "Zm8=\n"], '"Zm8="'],
    ["Decode", [null, "foo"], "error: illegal base64 data at input byte 0"],
    ["Decode", [null, "Zg=a"], "error: illegal base64 data at input byte 3"],
    ["Decode", [null, "Zm9v!"], "error: illegal base64 data at input byte 4"],
    ["Decode", [new Map(), "foo"], "error: base64: unsupported encoding: cannot use value {} (type struct) as null"],
  ])("%s case %#", (name, args, result) => {
    expect(callText(base64Package, name, ...args)).toBe(result);
  });

  test("lengths", () => {
    expect(callText(base64Package, "EncodedLen", null, 4n)).toBe("8");
    expect(callText(base64Package, "DecodedLen", null, 8n)).toBe("6");
  });
});

describe("encoding/hex", () => {
  test.each([
    ["Encode", "foo", '"666f6f"'],
    ["Decode", "666F6f", '"Zm9v"'],
    ["Decode", "foo", "error: encoding/hex: invalid byte: U+006F 'o'"],
    ["Decode", "abc", "error: encoding/hex: odd length hex string"],
    ["Dump", "foo", '"00000000  66 6f 6f                                          |foo|\\n"'],
    ["Dump", "0123456789\n", '"00000000  30 31 32 33 34 35 36 37  38 39 0a                 |0123456789.|\\n"'],
  ])("%s %j", (name, text, result) => {
    expect(callText(hexPackage, name, text)).toBe(result);
  });
});

describe("encoding/csv", () => {
  test.each([
    ['a,b\n"c ""d""","e\nf"\n\n', '[["a","b"],["c \\"d\\"","e\\nf"]]'],
    ["a,\r\n,b", '[["a",""],["","b"]]'],
    ["a\nb,c", "error: record on line 2: wrong number of fields"],
    ['a"b', 'error: parse error on line 1, column 2: bare " in non-quoted-field'],
    ['"a"b', 'error: parse error on line 1, column 3: extraneous or missing " in quoted-field'],
  ])("Decode %j", (text, result) => {
    expect(callText(csvPackage, "Decode", text)).toBe(result);
  });

  test("Encode", () => {
    expect(
      callText(csvPackage, "Encode", [
        ["a", 1n, "b,c"],
        [" d", true, 'e"'],
      ]),
    ).toBe('"a,1,\\"b,c\\"\\n\\" d\\",true,\\"e\\"\\"\\"\\n"');
  });
});

test("encoding/toml", () => {
  expect(callText(tomlPackage, "Marshal", new Map([["a", "b"]]))).toBe("\"a = 'b'\\n\"");
  expect(callText(tomlPackage, "Marshal", 1n)).toBe("error: toml: top level must be a table");
  expect(callText(tomlPackage, "Unmarshal", "a.b = 1")).toBe('{"a":{"b":1}}');
  expect(callText(tomlPackage, "Unmarshal", "= 1")).toBe("error: invalid character at start of key: =");
});
