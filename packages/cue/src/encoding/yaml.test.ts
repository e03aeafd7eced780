import { describe, expect, test } from "vitest";
import type { Data } from "../builtins/contract.ts";
import { decodeJson, encodeJson } from "./json.ts";
import { decodeYaml, decodeYamlDocument, YamlError } from "./yaml-decode.ts";
import { encodeYaml, encodeYamlStream } from "./yaml-encode.ts";

function problem(text: string): string {
  try {
    decodeYaml(text, { filename: "x.yaml" });
    return "none";
  } catch (error) {
    if (error instanceof YamlError) return error.message;
    throw error;
  }
}

function read(text: string): string {
  return encodeJson(decodeYamlDocument(text));
}

describe("writing YAML", () => {
  test.each<[Data, string]>([
    ["plain text", "plain text"],
    ["y", '"y"'],
    ["No", '"No"'],
    ["null", '"null"'],
    ["", '""'],
    ["123", '"123"'],
    ["1_000", '"1_000"'],
    ["0x1F", '"0x1F"'],
    ["0778", '"0778"'],
    [".5", '".5"'],
    ["1.5Gi", "1.5Gi"],
    ["12:30", '"12:30"'],
    ["2001-01-01T10:00:00Z", '"2001-01-01T10:00:00Z"'],
    ["1.2.3", "1.2.3"],
    ["a: b", "'a: b'"],
    ["a:b", "a:b"],
    ["a #b", "'a #b'"],
    ["a#b", "a#b"],
    ["- a", "'- a'"],
    ["-a", "-a"],
    ["it's", "it's"],
    ["'tis", "'''tis'"],
    [" x", "' x'"],
    ["a\tb", '"a\\tb"'],
    ["\u{1f600}", '"\\U0001F600"'],
    ["\u00e9", "\u00e9"],
    ["---", '"---"'],
    ["<<", '"<<"'],
    [new TextEncoder().encode("hi"), "!!binary aGk="],
    [null, "null"],
    [true, "true"],
    [12345678901234567890n, "12345678901234567890"],
  ])("case %#", (data, text) => {
    expect(encodeYaml(data)).toBe(`${text}\n`);
    expect(encodeYaml(new Map([["k", data]]))).toBe(`k: ${text}\n`);
  });

  test("text of several lines", () => {
    const block = (text: string): string => encodeYaml(new Map([["k", text]]));
    expect(block("a\nb")).toBe("k: |-\n  a\n  b\n");
    expect(block("a\n\nb\n")).toBe("k: |\n  a\n\n  b\n");
    expect(block("a\n\n")).toBe("k: |+\n  a\n\n");
    expect(block(" a\nb")).toBe("k: |2-\n   a\n  b\n");
    expect(block("\na")).toBe("k: |2-\n\n  a\n");
    expect(block("a \nb")).toBe('k: "a \\nb"\n');
    expect(encodeYaml(["a\nb"])).toBe("- |-\n  a\n  b\n");
  });

  test("structs and lists", () => {
    const data = decodeJson('{"a":[1,[2,[]],{"b":{},"c":[{"d":1.50}]}],"n":{"yes":1,"a\\nb":2},"e":[]}');
    expect(encodeYaml(data)).toBe(
      'a:\n  - 1\n  - - 2\n    - []\n  - b: {}\n    c:\n      - d: 1.50\n"n":\n  "yes": 1\n  ? |-\n    a\n    b\n  : 2\ne: []\n',
    );
    expect(encodeYamlStream([1n, new Map([["a", 2n]])])).toBe("1\n---\na: 2\n");
  });

  test("what was written reads back", () => {
    const strings = [
      "",
      "y",
      "~",
      "1e3",
      "0o7",
      "a\nb\n\n",
      "\n",
      "  \n x",
      "# c",
      "[",
      "*a",
      "!t",
      "%",
      "@",
      "`",
      "a: ",
      "\u2028x",
      "\u0001",
      "-",
      "? a",
      "key: |",
      "2001-1-1",
      "=",
      "+.inf",
      "a\r\nb",
    ];
    const data = new Map<string, Data>(strings.map((text, i) => [`${text}${i}`, [text, new Map([[text, text]])]]));
    expect(encodeJson(decodeYamlDocument(encodeYaml(data)))).toBe(encodeJson(data));
  });
});

describe("reading YAML", () => {
  test.each([
    ["0x1F", "31"],
    ["0777", "511"],
    ["0o17", "15"],
    ["0b11", "3"],
    ["1_000", "1000"],
    ["+5", "5"],
    ["18446744073709551616", "18446744073709551616"],
    ["1.50", "1.50"],
    [".5", "0.5"],
    ["123456e1", "1.23456E+6"],
    ["0778", '"0778"'],
    ["1Gi", '"1Gi"'],
    ["yes", '"yes"'],
    ["True", "true"],
    ["~", "null"],
    ["2001-01-01", '"2001-01-01"'],
    ['"1"', '"1"'],
    ["!!str 1", '"1"'],
    ["!!int '1'", "1"],
    ["!!float 12", "12"],
    ["!!binary aGk=", '"aGk="'],
    ["|\n a\n b\n", '"a\\nb\\n"'],
    ["{a: [1, x], ? b}", '{"a":[1,"x"],"b":null}'],
    ["1: a\ntrue: b\n1.5: c\n0777: d\n~: e", '{"1":"a","true":"b","1.5":"c","0o777":"d","null":"e"}'],
    ["a: &x {b: 1, c: 2}\nd: *x\ne:\n  <<: *x\n  c: 3\n  f: 4", '{"a":{"b":1,"c":2},"d":{"b":1,"c":2},"e":{"b":1,"c":3,"f":4}}'],
    ["a: {x: 1}\na: {y: 2}", '{"a":{"x":1,"y":2}}'],
    ["%YAML 1.1\n---\nyes", '"yes"'],
    ["", "null"],
  ])("%j is %s", (text, json) => {
    expect(read(text)).toBe(json);
  });

  test.each([
    ["a: 1\na: 2", "x.yaml:2: a: conflicting values 2 and 1"],
    ["a: *x", "x.yaml:1: unknown anchor 'x' referenced"],
    ["a: &x [*x]", 'x.yaml:1: anchor "x" value contains itself'],
    ["a: .inf", 'x.yaml:1: cannot decode ".inf": there is no such number in CUE'],
    ["-1: x", "x.yaml:1: invalid label -1"],
    ["? [a]\n: b", "x.yaml:1: invalid map key: !!seq"],
    ["a: !foo x", 'x.yaml:1: cannot unmarshal tag "!foo"'],
    ["a: !!int x", 'x.yaml:1: cannot decode "x" as !!int'],
    ["<<: 1", "x.yaml:1: map merge requires map or sequence of maps as the value"],
  ])("%j is refused", (text, message) => {
    expect(problem(text)).toBe(message);
  });

  test("streams", () => {
    expect(decodeYaml("a\n---\nb: 1\n---\n").map((data) => encodeJson(data))).toEqual(['"a"', '{"b":1}', "null"]);
    expect(decodeYaml("# nothing\n")).toEqual([]);
    expect(() => decodeYamlDocument("a\n---\nb")).toThrow("expected a single YAML document");
  });

  test("hostile texts end soon", () => {
    expect(problem("[".repeat(50_000))).toContain("nested more than 500 levels deep");
    expect(problem(`${"- ".repeat(20_000)}a`)).toContain("nested more than 500 levels deep");
    const bomb = ["a0: &a0 [1,1,1,1,1,1,1,1,1,1]"];
    for (let i = 1; i < 12; i++)
      bomb.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(",")}]`,
      );
    expect(problem(bomb.join("\n"))).toContain("aliases expand to more than 100000 nodes");
  });
});
