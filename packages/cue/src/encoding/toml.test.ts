import { describe, expect, test } from "vitest";
import { decodeJson, encodeJson } from "./json.ts";
import { decodeToml, TomlError } from "./toml-decode.ts";
import { encodeToml } from "./toml-encode.ts";

function read(text: string): string {
  try {
    return encodeJson(decodeToml(text));
  } catch (error) {
    if (error instanceof TomlError) return `error: ${error.message}`;
    throw error;
  }
}

describe("TOML", () => {
  test.each([
    ["a = 'A'\nb.c = \"B\\n\"\n[t.u] # c\nx = [1, 2.50,\n 0xFF]", '{"a":"A","b":{"c":"B\\n"},"t":{"u":{"x":[1,2.50,255]}}}'],
    ["[[l]]\na=1\n[[l]]\n[l.s]\nb=2", '{"l":[{"a":1},{"s":{"b":2}}]}'],
    ["d = 1979-05-27T07:32:00Z\nt = {x = true, y.z = 1_000}", '{"d":"1979-05-27T07:32:00Z","t":{"x":true,"y":{"z":1000}}}'],
    ["s = \"\"\"\na\\\n  b\"\"\"\nr = '''x'''", '{"s":"ab","r":"x"}'],
    ["[a.b]\n[a]\nx=1", '{"a":{"b":{},"x":1}}'],
    ["= 1", "error: invalid character at start of key: ="],
    ["a = 1\na = 2", "error: duplicate key: a"],
    ["[a]\n[a]", "error: duplicate key: a"],
    ["[a]\nb.c=1\n[a.b]", "error: duplicate key: a.b"],
    ["a = {}\na.b = 1", "error: duplicate key: a"],
    [`a=${"[".repeat(100_000)}`, "error: nested more than 500 levels deep"],
  ])("%j", (text, result) => {
    expect(read(text)).toBe(result);
  });

  test("writing", () => {
    const data = decodeJson('{"t":{"u":{"c":3}},"l":[{"a":1},{"b":{"c":2}}],"k y":"it\'s","a":[1,{"x":1.0}],"e":[]}');
    expect(encodeToml(data)).toBe(
      "a = [1, {x = 1.0}]\ne = []\n'k y' = \"it's\"\n\n[[l]]\na = 1\n\n[[l]]\n[l.b]\nc = 2\n\n[t]\n[t.u]\nc = 3\n",
    );
  });
});
