import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type * as ast from "./ast.ts";
import { parseExpression, parseFile } from "./parser.ts";

const corpusFolder = join(import.meta.dirname, "../../testdata/corpus");
/** Well-formed texts that together have every form of the language, one that has not, and forms of newer versions. */
const names = ["comments", "comprehensions", "expressions", "fields", "json", "line-ends", "newer", "strings", "wrong"];
const corpus = names.map((name) => ({ name, text: readFileSync(join(corpusFolder, `${name}.cue`), "utf8") }));

const problems = (text: string): string[] =>
  parseFile(text, "x.cue").diagnostics.map(({ at, message }) => `${at?.[0]?.line}:${at?.[0]?.column} ${message}`);

/** The tree in brackets, to see what binds what. */
function shape(node: ast.Expression | ast.Declaration): string {
  switch (node.type) {
    case "Ident":
      return node.name;
    case "BasicLit":
      return node.raw;
    case "Interpolation":
      return `"${node.parts.map((part, i) => part + (node.exprs[i] === undefined ? "" : `\\(${shape(node.exprs[i])})`)).join("")}"`;
    case "Binary":
      return `(${shape(node.left)} ${node.op} ${shape(node.right)})`;
    case "Unary":
      return `(${node.op}${shape(node.operand)})`;
    case "Selector":
      return `${shape(node.operand)}.${node.label.type === "IdentLabel" ? node.label.name : node.label.raw}`;
    case "Index":
      return `${shape(node.operand)}[${shape(node.index)}]`;
    case "Slice":
      return `${shape(node.operand)}[${node.low === undefined ? "" : shape(node.low)}:${node.high === undefined ? "" : shape(node.high)}]`;
    case "Call":
      return `${shape(node.callee)}(${node.args.map(shape).join(", ")})`;
    case "Paren":
      return shape(node.expr);
    case "ListLit":
      return `[${node.elements.map(shape).join(", ")}]`;
    case "StructLit":
      return `{${node.decls.map(shape).join(", ")}}`;
    case "Field": {
      const mark = { none: "", optional: "?", required: "!" }[node.constraint];
      const alias = node.alias === undefined ? "" : `${node.alias}=`;
      const valueAlias = node.valueAlias === undefined ? "" : `${node.valueAlias}=`;
      const attributes = node.attributes.map((each) => ` @${each.name}(${each.body})`).join("");
      return `${alias}${labelShape(node.label)}${mark}: ${valueAlias}${shape(node.value)}${attributes}`;
    }
    case "Embedding":
      return shape(node.expr);
    case "Let":
      return `let ${node.name} = ${shape(node.value)}`;
    case "Ellipsis":
      return `...${node.value === undefined ? "" : shape(node.value)}`;
    case "Attribute":
      return `@${node.name}(${node.body})`;
    case "Comprehension":
      return `${node.clauses.map(clauseShape).join(" ")} ${shape(node.value)}${node.fallback === undefined ? "" : ` else ${shape(node.fallback)}`}`;
    case "PostfixEllipsis":
      return `${shape(node.operand)}...`;
    default:
      return node.type;
  }
}

function clauseShape(clause: ast.Clause): string {
  if (clause.type === "If") return `if ${shape(clause.condition)}`;
  if (clause.type === "LetIn") return `let ${clause.name} = ${shape(clause.value)}`;
  return `for ${clause.key === undefined ? "" : `${clause.key}, `}${clause.value} in ${shape(clause.source)}`;
}

function labelShape(label: ast.Label): string {
  switch (label.type) {
    case "IdentLabel":
      return label.name;
    case "StringLabel":
      return label.raw;
    case "InterpolationLabel":
      return shape(label.expr);
    case "DynamicLabel":
      return `(${shape(label.expr)})`;
    case "PatternLabel":
      return `[${label.alias === undefined ? "" : `${label.alias}=`}${shape(label.expr)}]`;
  }
}

describe("expressions", () => {
  it.each([
    ["1 + 2 * 3 - 4", "((1 + (2 * 3)) - 4)"],
    ["a | b & c", "(a | (b & c))"],
    ["a || b && c == d", "(a || (b && (c == d)))"],
    ["-a.b", "(-a.b)"],
    ["!a & -1", "((!a) & (-1))"],
    [">=1 & <=2", "((>=1) & (<=2))"],
    ["7 div 2 mod 3", "((7 div 2) mod 3)"],
    ["*1 | div", "((*1) | div)"],
    ['a.b."c d"[0][1:][:2][:](x, {y: 1},)', 'a.b."c d"[0][1:][:2][:](x, {y: 1})'],
    ["[1, for x in y if z {x}, ...int]", "[1, for x in y if z {x}, ...int]"],
    ["[\n1\n2,\n]", "[1, 2]"],
    ['"a\\(b + "\\(c)")d"', '"a\\((b + "\\(c)"))d"'],
    ["#D...", "#D..."],
    ["f(\n1,\n2,\n)", "f(1, 2)"],
    ["for", "for"],
  ])("%s", (text, expected) => {
    const { expr, diagnostics } = parseExpression(text, "x.cue");
    expect(diagnostics).toEqual([]);
    expect(shape(expr)).toBe(expected);
  });
});

describe("declarations", () => {
  it.each([
    ["a: b: c: 1", "a: {b: {c: 1}}"],
    ['a?: 1, "b"!: 2, #c: 3', 'a?: 1, "b"!: 2, #c: 3'],
    ['(a): [=~"x"]: [N=string]: 1', '(a): {[(=~"x")]: {[N=string]: 1}}'],
    ["X=a: Y={b: Z=c: X}", "X=a: Y={b: {Z=c: X}}"],
    ["a: X=b", "a: X=b"],
    ['"\\(a)": 1 @x(y) @z(")")', '"\\(a)": 1 @x(y) @z(")")'],
    ["for: if: let: in: null: 1", "for: {if: {let: {in: {null: 1}}}}"],
    ["if!: 1, for?: 2, let: 3", "if!: 1, for?: 2, let: 3"],
    ["for k, v in a\nif b\nlet c = 1 {d}", "for k, v in a if b let c = 1 {d}"],
    ["if a {b} else {c}", "if a {b} else {c}"],
    ["let a = 1, ..., @x()", "let a = 1, ..., @x()"],
    ['"a"\n:\n1', '"a": 1'],
    ["a: 1\n,b: 2", "a: 1, b: 2"],
    ["a~X: 1, b~(Y)?: 2, [string]~(K,V): K", "X=a: 1, Y=b?: 2, [K=string]: V=K"],
    ['a~(K,V): "b"~(L,_): K', 'V=a: {"b": K, let L = "b"}, let K = "a"'],
    ["a: 1...", "a: 1..."],
    ["a: 5 // comment\nb: a", "a: 5, b: a"],
    ["{a}, b.c, [1]", "{a}, b.c, [1]"],
  ])("%j", (text, expected) => {
    const { file, diagnostics } = parseFile(text, "x.cue");
    expect(diagnostics).toEqual([]);
    expect(file.decls.map(shape).join(", ")).toBe(expected);
  });

  it("reads what stands before them", () => {
    const { file } = parseFile('@x()\npackage a\n@y()\nimport "b/c:d"\nimport (\n\te "f"\n\n\t"g"\n)\nh: 1', "x.cue");
    expect(file.package?.name).toBe("a");
    expect(file.attributes.map((each) => each.name)).toEqual(["x", "y"]);
    expect(file.imports.map(({ path, alias, qualifier }) => [path, alias, qualifier])).toEqual([
      ["b/c", undefined, "d"],
      ["f", "e", undefined],
      ["g", undefined, undefined],
    ]);
    expect(file.decls.map(shape)).toEqual(["h: 1"]);
  });
});

describe("problems are told in the reference's words", () => {
  it.each([
    ["a: {\n", "1:6 expected '}', found 'EOF'"],
    ['import a.b "foo"\n\na: 2', "1:9 expected 'STRING', found '.'"],
    ["%\n", "1:1 illegal character U+0025 '%'"],
    ["self: bad )\nsyntax", "1:11 missing ',' in struct literal"],
    ["a: 1 2", "1:6 missing ',' in struct literal"],
    ["a b: 1", "1:3 expected label or ':', found 'IDENT' b"],
    ['a "b"', `1:3 expected label or ':', found 'STRING' "b"`],
    ["a: )", "1:4 expected operand, found ')'"],
    ["a: 1 +\n", "1:8 expected operand, found 'EOF'"],
    ["a: [1 2]", "1:7 missing ',' in list literal"],
    ["a: f(1 2)", "1:8 missing ',' in argument list"],
    ["a: [..., 1]", "1:10 expected ']', found 'INT' 1"],
    ["a: (1\n)", "1:6 expected ')', found newline"],
    ["a: b.1", "1:5 missing ',' in struct literal"],
    ["a: b.+", "1:6 expected selector, found '+'"],
    ["a: b.\n", "1:7 expected selector, found 'EOF'"],
    ["for x y {}", "1:7 expected 'in', found 'IDENT' y"],
    ["if a", "1:5 expected '{', found 'EOF'"],
    ["[a, b]: 1", "1:1 square bracket must have exactly one element"],
    ["[for x in y {x}]: 1", "1:2 comprehension values not allowed in this position"],
    ["a: [X=1]", "1:5 alias values not allowed in this position"],
    ["__a: 1", "1:1 identifiers starting with '__' are reserved"],
    ["X = 1", '1:1 use of deprecated old-style alias; use "let X = expr" instead (deprecated as of v0.1.4)'],
    ['import "a b"', '1:8 invalid import path: "a b"'],
    ["}", "1:1 expected 'EOF', found '}'"],
    ["1: 2", "1:2 missing ',' in struct literal"],
    ["a: 0128", "1:4 illegal integer number"],
    ["a: 1__0", "1:6 illegal '_' in number"],
    ["a: 1_", "1:5 illegal '_' in number"],
    ["a: 0x", "1:4 illegal hexadecimal number"],
    ["a: 1e", "1:6 illegal exponent in number"],
    ["a: 1e999999", "1:4 number 1e999999 is out of range"],
    ["a: 1K0", "1:6 missing ',' in struct literal"],
    ['é: "\\q"', "1:7 unknown escape sequence"],
    ['a: "b', "1:4 string literal not terminated"],
    ['a: """b"""', '1:4 expected newline after multiline quote """'],
    ['a: "\\(b"', "1:8 expected ')' for string interpolation"],
    ["a: '\u0000'", "1:5 illegal character NUL"],
    ["a: @x(", "1:7 attribute missing ')'"],
    ["a: 1 @x", "1:8 invalid attribute: expected '('"],
    ["a: 1 @x(])", "1:9 unexpected ']'"],
    ["try {a: 1}", "1:1 try clauses are not supported"],
    ["a: __#b", '1:4 illegal token "__#"'],
  ])("%j", (text, problem) => {
    expect(problems(text)[0]).toBe(problem);
  });

  it("tells one problem a line, and goes on", () => {
    expect(problems("a: 1 2 3 4\nb: )\nc: 1\nd: [\n")).toEqual([
      "1:6 missing ',' in struct literal",
      "2:4 expected operand, found ')'",
      "4:6 expected ']', found 'EOF'",
    ]);
  });
});

describe("offsets", () => {
  it("are where errors are reported", () => {
    const text = "X=ab: c.d(1)[2] +\n\t-e.f";
    const { file } = parseFile(text, "x.cue");
    const field = file.decls[0] as ast.Field;
    const sum = field.value as ast.Binary;
    const index = sum.left as ast.Index;
    const call = index.operand as ast.Call;
    const unary = sum.right as ast.Unary;
    const at = (offset: number): string => text.slice(offset, offset + 2);
    expect([field.start, field.label.start].map(at)).toEqual(["X=", "ab"]);
    expect([sum.start, sum.opStart, index.start, call.start, call.parenStart].map(at)).toEqual(["c.", "+\n", "c.", "c.", "(1"]);
    expect([(call.callee as ast.Selector).label.start, unary.opStart, unary.operand.start].map(at)).toEqual(["d(", "-e", "e."]);
    expect(text.slice(sum.start, sum.end)).toBe("c.d(1)[2] +\n\t-e.f");
  });
});

describe("comments", () => {
  it("belong to the declaration above which or behind which they stand", () => {
    const { text } = corpus.find((each) => each.name === "comments") ?? { text: "" };
    const { file } = parseFile(text, "comments.cue");
    const of = (comments: readonly ast.Comment[]): string[] => comments.map((each) => `${each.placement} ${each.text.slice(3)}`);
    const [a, b, list] = file.decls as ast.Field[];
    expect(of(file.package?.comments ?? [])).toEqual(["doc doc of the package", "line after the package"]);
    expect(of(a?.comments ?? [])).toEqual(["doc doc of a", "doc in two lines", "line line of a"]);
    expect(of(b?.comments ?? [])).toEqual(["line opened", "line closed"]);
    expect(of(((b?.value as ast.StructLit).decls[0] as ast.Field).comments)).toEqual(["doc doc of c"]);
    expect(of(list?.comments ?? [])).toEqual(["line in a list"]);
    expect(of(file.comments)).toEqual([
      "other before the package",
      "other floating",
      "other last of b",
      "line one",
      "other before two",
      "other end of list",
      "other end of file",
    ]);
  });

  it("belong to the last of several on the line", () => {
    const { file } = parseFile("a: 1, b: {c: 2} // x\nd: 1, e: { // y\n}", "x.cue");
    expect((file.decls as ast.Field[]).map((field) => field.comments.length)).toEqual([0, 1, 0, 1]);
  });
});

describe("limits", () => {
  it.each([
    ["{", ""],
    ["[", ""],
    ["(", ""],
    ["!", "a"],
    ['"\\(', ""],
    ["a: ", "1"],
    ["a: {", ""],
    ["if a {", ""],
    ["[for x in ", ""],
  ])("a text nested with %j ends with a diagnostic", (open, inside) => {
    const { diagnostics } = parseFile(`x: 1\n${open.repeat(50_000)}${inside}`, "x.cue");
    expect(diagnostics.at(-1)?.message).toMatch(/nested more than \d+ levels deep/);
  });

  it("chains of selectors have a limit, sums have none", () => {
    expect(problems(`a: b${".c".repeat(50_000)}`)[0]).toMatch(/in a row/);
    expect(problems(`a: 1${" + 1".repeat(50_000)}`)).toEqual([]);
  });

  it("takes what people nest", () => {
    expect(problems(`a: ${"{b: [".repeat(80)}1${"]}".repeat(80)}`)).toEqual([]);
  });
});

describe("any text", () => {
  it.each(corpus.filter(({ name }) => name !== "wrong"))("parses the corpus: $name", ({ text }) => {
    expect(problems(text)).toEqual([]);
  });

  const pieces = corpus.flatMap(({ text }) => text.split(/(\s+|[{}[\]().,:"'#\\])/)).filter((piece) => piece !== "");
  const mutated = fc
    .tuple(
      fc.constantFrom(...corpus.map(({ text }) => text)),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(12), fc.constantFrom(...pieces)), {
        minLength: 1,
        maxLength: 6,
      }),
    )
    .map(([text, edits]) =>
      edits.reduce((result, [where, removed, added]) => {
        const at = Math.floor(where * result.length);
        return result.slice(0, at) + added + result.slice(at + removed);
      }, text),
    );

  it("gives a tree whose nodes lie inside each other, and problems inside the text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          mutated,
          fc.array(fc.constantFrom(...pieces)).map((each) => each.join(" ")),
        ),
        (text) => {
          const { file, diagnostics } = parseFile(text, "x.cue");
          checkNesting(file, 0, text.length);
          const lines = text.split("\n");
          for (const { at } of diagnostics) {
            expect(at?.[0]?.line).toBeLessThanOrEqual(lines.length);
            expect(at?.[0]?.column).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("ends for arbitrary characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        parseFile(text, "x.cue");
        parseExpression(text, "x.cue");
      }),
    );
  });
});

function checkNesting(node: unknown, start: number, end: number): void {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const each of node) checkNesting(each, start, end);
    return;
  }
  const { start: from = start, end: to = end } = node as Partial<ast.Node>;
  if (from < start || to > end || from > to) throw new Error(`[${from}, ${to}] outside [${start}, ${end}]: ${JSON.stringify(node)}`);
  for (const [key, each] of Object.entries(node)) if (key !== "comments") checkNesting(each, from, to);
}
