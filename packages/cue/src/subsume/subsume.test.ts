import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SubsumptionMode, Value } from "../api.ts";
import { compile } from "../index.ts";
import { subsumes } from "./index.ts";

function valuesOf(text: string): { readonly a: Value; readonly b: Value } {
  const root = compile(text).instance();
  return { a: root.lookup("a"), b: root.lookup("b") };
}

/** `a` and `b` as expressions, each in a program of its own unless they share `scope`. */
function check(a: string, b: string, mode: SubsumptionMode = "none", scope = ""): boolean {
  const values = valuesOf(`a: ${a}\nb: ${b}\n${scope}`);
  return values.a.subsumes(values.b, { mode });
}

const yes: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "top and bottom": [
    ["_", "{x: 1}"],
    ["int", "_|_"],
    ["_", "{c: int, d: 1 + c}.d"],
  ],
  "types and scalars": [
    ["number", "int"],
    ["string | int", `"x"`],
    ["int | float", "number"],
    ["'x'", "'x'"],
    ["1", "1 | 1"],
  ],
  bounds: [
    [">=1", ">1.5"],
    [`<"m"`, `<="k"`],
    [">='a'", "'b'"],
    ["!=null", "int"],
    ["!=null", "{x: 1}"],
    ["!=2", "int & >2"],
    ["!=2", "3.5"],
    [`!="x"`, `=~"^y"`],
    [">0 & <10", ">=1 & <=9 & int"],
  ],
  disjunctions: [
    ["{x: int} | string", "{x: 1, y: 2}"],
    ["{x: int}", "{x: 1} | {x: 2}"],
    ["[...int]", "[1] | [2, 3]"],
    ["1 | 2", "*1 | 2"],
    ["*1 | int", "*1 | 2"],
  ],
  structs: [
    ["{x?: int}", "{x: 1}"],
    ["{x!: int}", "{x: 1}"],
    ["{x!: int}", "{x!: 1}"],
    ["{x?: int}", "{x!: int}"],
    ["{x?: int}", "close({y: 1})"],
    ["{x?: int}", "{[string]: 1}"],
    ["{#d: int}", "{#d: 1}"],
    ["{[string]: int}", "close({x?: 1})"],
    ['{[=~"^x"]: _}', "{y: 1}"],
    ['close({[=~"^x"]: int})', "close({xa: 1})"],
    ["{x: {y: {z: int}}}", "{x: {y: {z: 3}, w: 1}}"],
  ],
  lists: [
    ["[...]", "[...int]"],
    ["[...number]", "[int, ...float]"],
    ["[int, ...]", "[1, 2, 3]"],
    ["[int, string]", `[1, "x"]`],
  ],
  validators: [
    ["strings.MinRunes(3)", `"abc"`],
    ["strings.MinRunes(3)", "strings.MinRunes(3)"],
    ["string", "strings.MinRunes(3)"],
    ["struct.MinFields(1)", "{x: 1}"],
    ["list.MaxItems(2)", "[1, 2]"],
  ],
};

const no: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "top and bottom": [
    ["int", "_"],
    ["_|_", "int"],
    ["int", "{c: int, d: 1 + c}.d"],
  ],
  "types and scalars": [
    ["int", "number"],
    ["1", "1.0"],
    [`"x"`, "'x'"],
    ["int | string", "int | bool"],
  ],
  bounds: [
    [">1", ">=1"],
    ["<1", ">1"],
    ["!=1", `"x"`],
    ["!=1", ">=0"],
    ["!=1.0", "int"],
    [">0", "int"],
    [`=~"a"`, `=~"aa"`],
    [">0 & <10", ">0"],
  ],
  disjunctions: [
    ["*1 | 2", "1 | *2"],
    ["1 | 2", "1 | 3"],
    ["{x: 1}", "{x: 1} | {y: 1}"],
  ],
  structs: [
    ["{x: 1}", "{x?: 1}"],
    ["{x!: int}", "{x?: 1}"],
    ["{x!: int}", "{}"],
    ["{x?: int}", "{}"],
    ["{x?: int}", `{x: "s"}`],
    ["close({x: 1})", "{x: 1}"],
    ["close({x: 1})", "close({x: 1, y: 2})"],
    ["{[string]: int}", "{x: 1}"],
    ["{[string]: int}", `{[string]: string}`],
    ["{[string]: int}", `close({x: "s"})`],
    ["{#d: 1}", "{d: 1}"],
    ["{}", "[]"],
  ],
  lists: [
    ["[...int]", "[...string]"],
    ["[...int]", "[...]"],
    ["[int]", "[...int]"],
    ["[int, int]", "[1]"],
    ["[...int]", `[1, "x"]`],
  ],
  validators: [
    ["strings.MinRunes(3)", `"ab"`],
    ["strings.MinRunes(3)", "strings.MinRunes(2)"],
    ["strings.MinRunes(3)", "string"],
    ["strings.MinRunes(3)", "1"],
  ],
};

const imports = `import ("strings", "struct", "list")\n`;
function checkWithImports(a: string, b: string): boolean {
  const used = ["strings", "struct", "list"].map(
    (name, i) => `_use${i}: ${name === "strings" ? `strings.ToUpper("x")` : name === "list" ? "list.Max([1])" : "struct.MinFields(0)"}`,
  );
  const values = valuesOf(`${imports}a: ${a}\nb: ${b}\n${used.join("\n")}`);
  return values.a.subsumes(values.b);
}

describe("subsumption", () => {
  for (const [kind, pairs] of Object.entries(yes))
    it(`holds: ${kind}`, () => {
      for (const [a, b] of pairs) expect([a, b, checkWithImports(a, b)]).toEqual([a, b, true]);
    });
  for (const [kind, pairs] of Object.entries(no))
    it(`does not hold: ${kind}`, () => {
      for (const [a, b] of pairs) expect([a, b, checkWithImports(a, b)]).toEqual([a, b, false]);
    });

  it("takes the other value as the mode says", () => {
    expect(check("int", `*1 | string`)).toBe(false);
    expect(check("int", `*1 | string`, "defaults")).toBe(true);
    expect(check("int", `*1 | *2 | string`, "defaults")).toBe(true);
    expect(check("[int]", "[1, ...]")).toBe(false);
    expect(check("[int]", "[1, ...]", "defaults")).toBe(true);
    expect(check("{#d: 1, x: int}", "{x: 1}")).toBe(false);
    expect(check("{#d: 1, x: int}", "{x: 1}", "final")).toBe(true);
    expect(check("{[string]: int}", `{x: 1, y?: string, #d: "s"}`, "final")).toBe(true);
    expect(check("{x!: int}", "{}", "final")).toBe(false);
    expect(check("close({x: int})", "{x: 1, y: 2}", "final")).toBe(false);
    expect(check("close({x: int})", "{x: 1, y: 2}", "schema")).toBe(true);
    expect(check("close({x: int})", `{x: "s", y: 2}`, "schema")).toBe(false);
  });

  it("compares values of two programs, and data that was filled in", () => {
    const schema = compile("#Port: {name?: string, port: >0 & <65536}").instance().lookup("#Port");
    const filled = compile("ports: [...]")
      .instance()
      .fill("ports", [{ port: 80 }, { port: 0 }, { port: 81, extra: 1 }]);
    const results = [0, 1, 2].map((i) => schema.subsumes(filled.lookup(["ports", i]), { mode: "final" }));
    expect(results).toEqual([true, false, false]);
  });

  it("ends on schemas that lead to themselves", () => {
    const scope = "#A: {value: int, next?: #A}\n#B: {value: 1, next?: #B}";
    expect(check("#A", "#B", "none", scope)).toBe(true);
    expect(check("#B", "#A", "none", scope)).toBe(false);
    expect(check("#X", "#Y", "none", "#X: [...{n: #X}]\n#Y: [...{n: #Y, m: 1}]")).toBe(false);
    expect(check("[...{n: #X}]", "#X", "none", "#X: [...{n: #X}]")).toBe(true);
    const twice = [1, 2].map(() => compile("#X: [...{n: #X}]\nx: [...x]").instance());
    for (const path of ["#X", "x"]) expect(twice[0]?.lookup(path).subsumes(twice[1]?.lookup(path) ?? twice[0].root)).toBe(true);
  });

  it("knows values that are not known yet by their expressions", () => {
    const scope = `c: int\ns: string`;
    const of = (a: string, b: string): boolean => check(a, b, "none", scope);
    expect(of("{x: y + 1, y: int}", "a & {z: 1}")).toBe(true);
    expect(of("{x: y + 1, y: int}", "a & {y: 2}")).toBe(true);
    expect(of("{x: c + 1}", "a")).toBe(true);
    expect(of("{x: c + 1}", "{x: c + 1}")).toBe(false);
    expect(of("{x: y + 1, y: int}", "{x: 3, y: 2}")).toBe(false);
    expect(of(`{[L=string]: name: "\\(L)-\\(s)"}`, "a & {v: {}}")).toBe(true);
    expect(of(`{[L=string]: name: "\\(L)-\\(s)"}`, `{v: {}, [string]: name: "x"}`)).toBe(false);
  });

  it("tells nothing of values that are not there", () => {
    const root = compile("a: 1").instance();
    expect(root.lookup("x").subsumes(root.lookup("a"))).toBe(false);
    expect(root.lookup("a").subsumes(root.lookup("x"))).toBe(false);
    expect(subsumes(root.lookup("a"), root.lookup("a"), "none")).toBe(true);
  });

  it("ends within its budget on many alternatives", () => {
    const level = (depth: number): string => (depth === 0 ? "{x: 1} | {x: 2}" : `{l: ${level(depth - 1)}, r: ${level(depth - 1)}}`);
    expect(check(level(5), level(5))).toBe(true);
  });
});

const scalar = fc.constantFrom("1", "2", "1.5", `"a"`, `"b"`, "true", "null");
const leaf = fc.oneof(scalar, fc.constantFrom("int", "number", "string", "bool", "_", ">=1", "<2", "!=1", `=~"a"`));
const { value: expression } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.tuple(leaf, leaf).map(([x, y]) => `${x} | ${y}`),
    fc.tuple(leaf, leaf).map(([x, y]) => `*${x} | ${y}`),
    fc.array(tie("value"), { maxLength: 2 }).map((items) => `[${items.map((item) => `(${item})`).join(", ")}]`),
    tie("value").map((item) => `[...(${item})]`),
    fc.dictionary(fc.constantFrom("x", "y", "x?", "y?", "z!", "#d"), tie("value"), { maxKeys: 2 }).map(
      (fields) =>
        `{${Object.entries(fields)
          .map(([name, value]) => `${name}: ${value}`)
          .join(", ")}}`,
    ),
    fc.dictionary(fc.constantFrom("x", "y", "z?"), tie("value"), { maxKeys: 2 }).map(
      (fields) =>
        `close({${Object.entries(fields)
          .map(([name, value]) => `${name}: ${value}`)
          .join(", ")}})`,
    ),
  ),
}));

describe("laws of subsumption", () => {
  it("is reflexive, of a value and of another that says the same", () => {
    fc.assert(
      fc.property(expression, (a) => {
        expect(check(a, a)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it("holds of what is unified with it", () => {
    fc.assert(
      fc.property(expression, expression, (a, b) => {
        const root = compile(`a: ${a}\nb: a & (${b})`).instance();
        const both = root.lookup("b");
        if (both.error()?.category === "incomplete") return;
        expect([a, b, root.lookup("a").subsumes(both)]).toEqual([a, b, true]);
      }),
      { numRuns: 150 },
    );
  });

  it("is transitive", () => {
    fc.assert(
      fc.property(expression, expression, expression, (a, b, c) => {
        const root = compile(`a: ${a}\nb: ${b}\nc: ${c}`).instance();
        const [x, y, z] = [root.lookup("a"), root.lookup("b"), root.lookup("c")];
        if (x.subsumes(y) && y.subsumes(z)) expect([a, b, c, x.subsumes(z)]).toEqual([a, b, c, true]);
      }),
      { numRuns: 150 },
    );
  });

  it("tells a value that unification leaves as it is", () => {
    fc.assert(
      fc.property(expression, scalar, (a, b) => {
        const root = compile(`a: ${a}\nb: ${b}\nboth: a & b`).instance();
        const isSame = root.lookup("both").error() === undefined;
        expect([a, b, root.lookup("a").subsumes(root.lookup("b"))]).toEqual([a, b, isSame]);
      }),
      { numRuns: 150 },
    );
  });
});
