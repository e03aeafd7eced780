import { describe, expect, it } from "vitest";
import { compile } from "../compile/program.ts";
import type { PrintOptions } from "./index.ts";
import { printValue } from "./index.ts";

function printed(text: string, options: Partial<PrintOptions> = {}, path?: string): string {
  const root = compile(text).instance();
  return printValue(path === undefined ? root : root.lookup(path), { style: "eval", ...options });
}

describe("evaluated values as CUE", () => {
  const text = '// A doc.\na: 1 @x(y)\n#D: {b?: int, c: string | *"x"}\n_h: 2\nl: [1, a + 1]\n';

  it("shows what is asked for", () => {
    expect(printed(text)).toBe('a: 1\n#D: c: "x"\nl: [1, 2]\n');
    expect(printed(text, { optional: true, hidden: true, attributes: true })).toBe(
      'a: 1 @x(y)\n#D: {\n\tb?: int\n\tc:  "x"\n}\n_h: 2\nl:  [1, 2]\n',
    );
    expect(printed(text, { style: "export", package: "p" })).toBe("package p\n\n// A doc.\na: 1\nl: [1, 2]\n");
    expect(printed(text, { concrete: true })).toBe("a: 1\nl: [1, 2]\n");
  });

  it("indents as asked, and writes strings over several lines", () => {
    expect(printed('a: {b: 1, c: "x\\ny"}', { indent: "  " })).toBe('a: {\n  b: 1\n  c: """\n    x\n    y\n    """\n}\n');
  });

  it("keeps what is not decided, and quotes labels", () => {
    expect(printed('"a-b": int\nc: >1 & <5\nd: 1 | 2\n')).toBe('"a-b": int\nc:     >1 & <5\nd:     1 | 2\n');
    expect(printed("a: b + 1\nb: int\n")).toBe("a: b + 1\nb: int\n");
    expect(printed("3")).toBe("3\n");
  });

  it("names sized types, and keeps bounds that are none", () => {
    expect(printed("a: int8\nb: uint16 & >5\nc: int & >=-3 & <=9\n")).toBe("a: int8\nb: uint16 & >5\nc: int & >=-3 & <=9\n");
  });

  it("writes errors where they are asked for", () => {
    const wrong = "a: {b: 1 & 2, c: 3}\n";
    expect(printed(wrong, { errorsAsValues: true })).toBe("a: {\n\tb: _|_ // a.b: conflicting values 2 and 1\n\tc: 3\n}\n");
    expect(printed(wrong)).toBe("_|_ // a.b: conflicting values 2 and 1\n");
  });

  it("puts lists and scalars with definitions into structs", () => {
    expect(printed("a: {[1, 2], #b: 3}\nc: {4, #d: 5}\n")).toBe("a: {\n\t#b: 3\n\t[1, 2]\n}\nc: {\n\t4\n\t#d: 5\n}\n");
  });
});

describe("definitions as CUE", () => {
  const def = (text: string, path?: string): string => printed(text, { style: "def" }, path);

  it("keeps references, patterns and comprehensions", () => {
    const text = "#A: [string]: int\nb: #A & {c: 1}\nd: {\n\tfor k, v in b {\n\t\t(k): v + 1\n\t}\n}\n";
    expect(def(text)).toBe(text);
  });

  it("merges literals of one field, and unifies their values", () => {
    expect(def("a: {b: int, c: string}\na: {b: 5, d?: bool}\n")).toBe("a: {\n\tb:  5\n\tc:  string\n\td?: bool\n}\n");
  });

  it("keeps the let clauses that are named", () => {
    expect(def("let X = 1\na: X + b\nb: int\n")).toBe("let X = 1\na: X + b\nb: int\n");
  });

  it("adds the imports that are named", () => {
    expect(def('import j "encoding/json"\n\na: j.Marshal(b)\nb: _\n')).toBe('import j "encoding/json"\n\na: j.Marshal(b)\nb: _\n');
  });

  it("writes a definition as one", () => {
    expect(def("#D: {a: int}", "#D")).toBe("_#def\n_#def: a: int\n");
  });

  it("gives fields aliases where others would take their names", () => {
    expect(def('a: {\n\tx: "x": x | null\n}\n')).toBe("a: x_9=x: x: x_9 | null\n");
    expect(def("a: b: c + 1\na: {c: 2}\nc: 3\n")).toBe("a: {\n\tb: c_9 + 1\n\tc: 2\n}\nc_9=c: 3\n");
    expect(def('b: 2\nc: {\n\tZ="b": 1\n\td: b + Z\n}\n')).toContain("d:     b + Z");
  });

  it("gives the aliases of merged values one name, and those of computed fields names of their own", () => {
    expect(def("a: X={b: X.c, c: 1}\na: Y={d: Y.c}\n")).toBe("a: X_1={\n\tb: X_1.c\n\td: X_1.c\n\tc: 1\n}\n");
    expect(def("a: X=(5 | {a: X})\n")).toBe("a: X_1=5 | {a: X_1}\n");
    const computed = 'k: "x"\na: {\n\tZ=(k): 4\n\tz: Z\n}\nb: {\n\tZ=(k): 4\n\tz: y: Z\n}\n';
    expect(def(computed)).toBe('k: "x"\na: {\n\tZ=(k): 4\n\tz:     Z\n}\nb: {\n\tZ_1=(k): 4\n\tz: y: Z_1\n}\n');
  });

  it("writes let clauses in the order of the source, as their struct sees them", () => {
    const text = "a: {\n\t{\n\t\tlet A = b.v\n\t\tx: A\n\t}\n\t{\n\t\tlet A = c.v\n\t\ty: A\n\t}\n\tb: v: int\n\tc: v: int\n}\n";
    expect(def(text)).toContain("\tlet A = b.v\n\tlet A_1 = c.v\n");
    expect(def("a: {\n\t_b: int\n\tlet B = _b\n\tc: {_b: B}\n}\n")).toBe("a: {\n\tlet B = _b\n\t_b: int\n\tc: _b: B\n}\n");
  });

  it("adds the parentheses that an operand needs", () => {
    expect(def("a: (b + 1) * 2\nb: int\nc: *(b & >1) | 3\n")).toBe("a: (b + 1) * 2\nb: int\nc: *(b & >1) | 3\n");
  });
});
