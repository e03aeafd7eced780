import { describe, expect, test } from "vitest";
import type { Data } from "../builtins/contract.ts";
import { parseDecimal } from "../number/decimal.ts";
import { decodeJson, decodeJsonStream, encodeJson, jsonProblem, JsonSyntaxError } from "./json.ts";

function problem(text: string): string {
  try {
    decodeJson(text);
    return "none";
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message;
    throw error;
  }
}

describe("reading JSON", () => {
  test("numbers keep their value and form, fields their order", () => {
    const text = '{"b":1.50,"1":123456789012345678901234567890,"a":[-0.5,1E+3,0,-7]}';
    expect(encodeJson(decodeJson(text))).toBe(text);
    expect(decodeJson("7")).toBe(7n);
    expect(decodeJson("7.0")).toEqual(parseDecimal("7.0"));
  });

  test("strings", () => {
    expect(decodeJson('"\\u00e9\\n\\ud83d\\ude00 \\/ \\"\\\\"')).toBe('\u00e9\n\u{1f600} / "\\');
    expect(decodeJson('"\\ud800x"')).toBe("\ufffdx");
  });

  test("two occurrences of a key are unified", () => {
    expect(encodeJson(decodeJson('{"a":{"x":1},"b":0,"a":{"y":2}}'))).toBe('{"a":{"x":1,"y":2},"b":0}');
    expect(problem('{"a":1,"a":2}')).toBe("a: conflicting values 2 and 1");
    expect(problem('{"l":[{"a":1,"a":"x"}]}')).toBe('l.0.a: conflicting values "x" and 1 (mismatched types string and int)');
    expect(problem('{"a":[1],"a":[1,2]}')).toBe("a: incompatible list lengths (1 and 2)");
  });

  test.each([
    ["", "unexpected end of JSON input"],
    ["{", "unexpected end of JSON input"],
    ["[1,]", "invalid character ']' looking for beginning of value"],
    ["{a}", "invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
    ["[1 2]", "invalid character '2' after array element"],
    ["trux", "invalid character 'x' in literal true (expecting 'e')"],
    ["1 2", "invalid character '2' after top-level value"],
    ["1.x", "invalid character 'x' after decimal point in numeric literal"],
    ["1ex", "invalid character 'x' in exponent of numeric literal"],
    ["-x", "invalid character 'x' in numeric literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12x"', "invalid character 'x' in \\u hexadecimal character escape"],
    ['"\n"', "invalid character '\\n' in string literal"],
    ["'a'", "invalid character '\\'' looking for beginning of value"],
    ["\u00e9", "invalid character '\u00c3' looking for beginning of value"],
  ])("%j is refused", (text, message) => {
    expect(problem(text)).toBe(message);
  });

  test("deep nesting is refused, and does not overflow the stack", () => {
    expect(problem("[".repeat(200_000))).toBe("exceeded max depth");
    expect(problem('{"a":'.repeat(200_000))).toBe("exceeded max depth");
    const fine = "[".repeat(900) + "]".repeat(900);
    expect(encodeJson(decodeJson(fine))).toBe(fine);
    expect(jsonProblem("[".repeat(9_000) + "]".repeat(9_000))).toBeUndefined();
  });

  test("streams", () => {
    expect(decodeJsonStream(' {"a":1}{"b":2}\n3 "x"[]').map((value) => encodeJson(value))).toEqual([
      '{"a":1}',
      '{"b":2}',
      "3",
      '"x"',
      "[]",
    ]);
    expect(decodeJsonStream(" \n")).toEqual([]);
  });
});

describe("writing JSON", () => {
  const data: Data = new Map<string, Data>([
    ["a", [1n, new Map(), []]],
    ["s", "<&>\u2028\u007f\b"],
    ["n", null],
    ["b", new TextEncoder().encode("hi")],
  ]);

  test("on one line", () => {
    expect(encodeJson(data)).toBe('{"a":[1,{},[]],"s":"<&>\\u2028\u007f\\b","n":null,"b":"aGk="}');
    expect(encodeJson("<", { escapeHtml: true })).toBe('"\\u003c"');
  });

  test("indented", () => {
    expect(encodeJson(data, { indent: "  ", prefix: ">" })).toBe(
      '{\n>  "a": [\n>    1,\n>    {},\n>    []\n>  ],\n>  "s": "<&>\\u2028\u007f\\b",\n>  "n": null,\n>  "b": "aGk="\n>}',
    );
  });

  test("deep data is written without recursion", () => {
    let deep: Data = 1n;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(encodeJson(deep)).toHaveLength(200_001);
  });
});
