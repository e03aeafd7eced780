import { describe, expect, it } from "vitest";
import type * as ast from "../syntax/ast.ts";
import { parseExpression, parseFile } from "../syntax/parser.ts";
import { field, listLit, numberLit, structLit } from "./build.ts";
import { formatExpression, formatFile } from "./format.ts";
import type { FormatOptions } from "./format.ts";

function format(source: string, options?: FormatOptions): string {
  const { file, diagnostics } = parseFile(source, "test.cue");
  expect(diagnostics).toEqual([]);
  return formatFile(file, options);
}

/** Each source with what it becomes; what it becomes stays as it is. */
function check(cases: readonly (readonly [source: string, formatted: string])[], options?: FormatOptions): void {
  for (const [source, formatted] of cases) {
    expect(format(source, options)).toBe(formatted);
    expect(format(formatted, options)).toBe(formatted);
  }
}

describe("formatFile", () => {
  it("ends every file with one line break", () => {
    check([
      ["", "\n"],
      ["a: 1", "a: 1\n"],
      ["\n\na: 1\n\n\n", "a: 1\n"],
      ["// only this", "// only this\n"],
    ]);
  });

  it("aligns values, attributes and comments of consecutive fields", () => {
    check([
      ['port: 80\nhost: "h"\n', 'port: 80\nhost: "h"\n'],
      ['port: 80 // p\nhostname: "h" // h\n', 'port:     80  // p\nhostname: "h" // h\n'],
      ["a: 1 @x(1)\nbbb: 22 @yy(2) // c\nc?: 3 // d\n", "a:   1  @x(1)\nbbb: 22 @yy(2) // c\nc?:  3         // d\n"],
      ["a: 1\nlong: {b: 2}\nc: [1,2]\n", "a:    1\nlong: {b: 2}\nc:    [1, 2]\n"],
    ]);
  });

  it("ends alignment at blank lines, documented fields and values over several lines", () => {
    check([
      ["a: 1\n\nlong: 2\n", "a: 1\n\nlong: 2\n"],
      ["a: 1\n// about it\nlong: 2\n", "a: 1\n// about it\nlong: 2\n"],
      ["a: 1\nlong: {\n  b: 1\n  cc: 2\n}\nd: 3\n", "a: 1\nlong: {\n\tb:  1\n\tcc: 2\n}\nd: 3\n"],
      ["a: 1\nb: c: 2\nlong: 3\n", "a: 1\nb: c: 2\nlong: 3\n"],
    ]);
  });

  it("keeps lines together and apart as the author had them", () => {
    check([
      ["a: {b: 1,c: 2}\n", "a: {b: 1, c: 2}\n"],
      ["a: {b: 1\nc: 2}\n", "a: {b: 1\n\tc: 2}\n"],
      ["a: {\n\n\n b: 1\n\n\n\n c: 2 }\n", "a: {\n\n\tb: 1\n\n\tc: 2\n}\n"],
      ["a: b: c: {d: 1}\n", "a: b: c: {d: 1}\n"],
      ["a:\n b: 1\n", "a:\n\tb: 1\n"],
      ["a:\n  1\n", "a:\n\t1\n"],
      ["a: 1, b: 2\n", "a: 1\nb: 2\n"],
      ["a: {}\nb: {\n}\nc: []\n", "a: {}\nb: {}\nc: []\n"],
    ]);
  });

  it("indents lists and calls, with commas where lines end", () => {
    check([
      ["a: [ 1,2 ,3]\n", "a: [1, 2, 3]\n"],
      ["a: [\n1,\n2\n]\n", "a: [\n\t1,\n\t2,\n]\n"],
      ["a: [\n1\n2\n]\n", "a: [\n\t1\n\t2\n]\n"],
      ["a: [{\n b: 1 }, {\nb: 2\n}]\n", "a: [{\n\tb: 1\n}, {\n\tb: 2\n}]\n"],
      ["a: f( 1,2)\n", "a: f(1, 2)\n"],
      ["a: f(\n1,\n  [2]\n)\n", "a: f(\n\t1,\n\t[2],\n)\n"],
      ["a: [...int], b: [1,...]\n", "a: [...int]\nb: [1, ...]\n"],
      ["a: [for x in y if x>1 {x}]\n", "a: [for x in y if x > 1 {x}]\n"],
    ]);
  });

  it("spaces operators by precedence", () => {
    check([
      ["a: 1+2\n", "a: 1 + 2\n"],
      ["a: 1+2*3\n", "a: 1 + 2*3\n"],
      ["a: x[1+2]\n", "a: x[1+2]\n"],
      ["a: x[i+1 : j]\n", "a: x[i+1 : j]\n"],
      ["a: - 1 -  -2\n", "a: -1 - -2\n"],
      ["a: >=1&<10\n", "a: >=1 & <10\n"],
      ['a: *"x"|string\n', 'a: *"x" | string\n'],
      ['a: ! (=~"x")\n', 'a: !(=~"x")\n'],
      ["a: (1 div 2)*x[7 mod 3]\n", "a: (1 div 2) * x[7 mod 3]\n"],
      ["a: ((1))\n", "a: (1)\n"],
    ]);
  });

  it("breaks chains of alternatives where the author did", () => {
    check([
      ['a: "x" |\n"y" |\n  "z"\n', 'a: "x" |\n\t"y" |\n\t"z"\n'],
      ["a: b & {\nc: 1\n} & d\n", "a: b & {\n\tc: 1\n} & d\n"],
      ["a: b | // first\nc | // second\nd\n", "a: b | // first\n\tc | // second\n\td\n"],
    ]);
  });

  it("keeps comments at what they stand at", () => {
    check([
      ["// about the file\n\n// about the package\npackage  p\n", "// about the file\n\n// about the package\npackage p\n"],
      ["a: { // here\nb: 1\n}\n", "a: { // here\n\tb: 1\n}\n"],
      ["a: {\n// nothing\n}\n", "a: {\n\t// nothing\n}\n"],
      ["a: {\nb: 1\n// last\n}\n", "a: {\n\tb: 1\n\t// last\n}\n"],
      ["a: [\n// one\n1, // it\n// two\n2,\n\n// end\n]\n", "a: [\n\t// one\n\t1, // it\n\t// two\n\t2,\n\n\t// end\n]\n"],
      ["a: f(\n// arg\n1)\n", "a: f(\n\t// arg\n\t1,\n)\n"],
      ["a: // why\n 1\n", "a: // why\n\t1\n"],
      ["#D: 1\n// after a definition\nb: 2\n", "#D: 1\n\n// after a definition\nb: 2\n"],
      ["for x in y\n// when\nif x {a: 1}\n", "for x in y\n// when\nif x {a: 1}\n"],
    ]);
  });

  it("sets off the package clause and imports", () => {
    check([
      ['package p\nimport "a"\nb: a.x\n', 'package p\n\nimport "a"\n\nb: a.x\n'],
      ['import (\n"a"\n  x "b" // why\nlonger "c" // and\n)\n', 'import (\n\t"a"\n\tx "b"      // why\n\tlonger "c" // and\n)\n'],
      ['import ("a"\n\n"b")\n', 'import (\n\t"a"\n\n\t"b"\n)\n'],
      ['import "a"\nimport "b"\n', 'import "a"\n\nimport "b"\n'],
      ["@if(prod)\npackage p\n", "@if(prod)\npackage p\n"],
    ]);
  });

  it("writes literals in one way", () => {
    check([
      ["a: .5\nb: 5.\nc: 1E3\nd: 0x1E\n", "a: 0.5\nb: 5.0\nc: 1e3\nd: 0x1E\n"],
      ['a: """\n      x\n\n        y\n      """\n', 'a: """\n\tx\n\n\t  y\n\t"""\n'],
      ['a: b: {\n c: """\n  \\( 1+2 )z\n  """\n}\n', 'a: b: {\n\tc: """\n\t\t\\(1+2)z\n\t\t"""\n}\n'],
      ['#"x\\#(y)"#: 1\n', '#"x\\#(y)"#: 1\n'],
      ['#"a"#: 1\n', '"a": 1\n'],
    ]);
  });

  it("prints every kind of declaration", () => {
    check([
      ["let  x=1\n", "let x = 1\n"],
      ["X=a: 1\nb: Y={c: Y.d}\n", "X=a: 1\nb:   Y={c: Y.d}\n"],
      ["[string]:int\n[X=_]: {name: X}\n(k)?: 1\n", "[string]: int\n[X=_]:    {name: X}\n(k)?:     1\n"],
      ["a!: 1\nb?: 2\n", "a!: 1\nb?: 2\n"],
      ["@experiment(aliasv2)\na~X: 1\nb~(K, V): {c: K}\n", "@experiment(aliasv2)\na~(X):   1\nb~(K,V): {c: K}\n"],
      ["a: 1\n...\n", "a: 1\n...\n"],
      ["for k,v in x let y=v if y {\n(k): y }\n", "for k, v in x let y = v if y {\n\t(k): y\n}\n"],
      ["{\n@a(b)\nc: 1 @d() @e(f,g=h)\n}\n", "{\n\t@a(b)\n\tc: 1 @d() @e(f,g=h)\n}\n"],
      ['a.b."c"[0].d\n', 'a.b."c"[0].d\n'],
    ]);
  });

  it("simplifies", () => {
    check(
      [
        ['"a": {"b": 1}\n', "a: b: 1\n"],
        ['"a": 1\nb: {c: a, "a": 2}\n', 'a: 1\nb: {c: a, "a": 2}\n'],
        ['"_x": 1\n"#y": 2\n"a-b": 3\n', '"_x":  1\n"#y":  2\n"a-b": 3\n'],
        ["a: {\n[string]: _\nb: 1\n}\n", "a: {\n\tb: 1\n\t...\n}\n"],
        ["// kept\na: {\n b: 1\n}\n", "// kept\na: {\n\tb: 1\n}\n"],
        ["a: {b: 1} @x()\n", "a: {b: 1} @x()\n"],
      ],
      { simplify: true },
    );
  });

  it("indents with spaces when asked to", () => {
    expect(format("a: {\nb: 1\nc: [\n1,\n]\n}\n", { spaces: true })).toBe("a: {\n    b: 1\n    c: [\n        1,\n    ]\n}\n");
  });

  it("puts everything on one line when asked to", () => {
    expect(format('package p\nimport "x"\na: x.y\n', { compact: true })).toBe('package p, import "x", a: x.y\n');
    expect(format("// no\na: {\n  b: 1 // no\n  c: [\n1,\n]\n}\nd: 2\n", { compact: true })).toBe("a: {b: 1, c: [1]}, d: 2\n");
  });

  it("takes time in proportion to the text, and no depth from operators", () => {
    const terms = 20_000;
    const sum = `a: ${Array.from({ length: terms }, () => "1").join("+")}\n`;
    expect(format(sum)).toBe(sum.replaceAll("+", " + "));
    const fields = Array.from({ length: 3_000 }, (_, i) => `f${i}: {\n\ta: 1\n}\n`).join("");
    expect(format(fields)).toBe(fields);
  });
});

describe("depth", () => {
  it("does not overflow the stack, whatever is nested", () => {
    let expr: ast.Expression = numberLit("1");
    for (let i = 0; i < 5_000; i++) expr = i % 2 === 0 ? listLit([expr]) : structLit([field("a", expr), field("b", numberLit("2"))]);
    expect(formatExpression(expr)).toContain("// nested too deep");
    const parsed = `${"a: {\n".repeat(120)}${"}\n".repeat(120)}`;
    expect(format(parsed).split("\n")).toHaveLength(240);
  });
});

describe("formatExpression", () => {
  it("prints an expression with the layout of its source", () => {
    const source = "{a: 1, b: [\n1,\n]}";
    const { expr } = parseExpression(source, "test.cue");
    expect(formatExpression(expr, { source })).toBe("{a: 1, b: [\n\t1,\n]}");
  });

  it("lays out by the width without a source", () => {
    const { expr } = parseExpression("[{a: 1, b: [\n2]}, {a: {c: 1}}]", "test.cue");
    expect(formatExpression(expr)).toBe("[{\n\ta: 1\n\tb: [2]\n}, {\n\ta: c: 1\n}]");
  });
});
