/**
 * What is printed reads back as the same tree and prints the same again: for generated trees, for texts with comments
 * and line breaks strewn in, and for the sources of the conformance vectors when they are beside the checkout.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type * as ast from "../syntax/ast.ts";
import { decodeString } from "../syntax/decode-string.ts";
import { parseExpression, parseFile } from "../syntax/parser.ts";
import * as build from "./build.ts";
import { formatDeclarations, formatExpression, formatFile } from "./format.ts";
import { numberText } from "./literals.ts";

/** A tree without what its text may change: places, comments, parentheses, the forms of literals, grouping of `|` and `&`. */
function essence(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(essence);
  if (typeof node !== "object" || node === null) return node;
  const record = node as Record<string, unknown>;
  if (record["type"] === "Paren") return essence(record["expr"]);
  if (record["type"] === "BasicLit") {
    const { kind, raw } = node as ast.BasicLit;
    return { kind, text: kind === "string" || kind === "bytes" ? decodeString(raw).value : numberText(raw) };
  }
  if (record["type"] === "Binary") {
    const { op, left, right } = node as ast.Binary;
    const operands = [left, right].map(essence).flatMap((operand) => {
      const inner = operand as { op?: string; operands?: unknown[] };
      return inner.op === op && (op === "|" || op === "&") ? (inner.operands ?? []) : [operand];
    });
    return { op, operands };
  }
  const left = new Set(["start", "end", "opStart", "parenStart", "comments", "source", "gap", "filename", "raw"]);
  return Object.fromEntries(
    Object.entries(record)
      .filter(([key]) => !left.has(key))
      .map(([key, value]) => [key, essence(value)]),
  );
}

function commentsOf(node: unknown, into: string[] = []): string[] {
  if (Array.isArray(node)) for (const item of node) commentsOf(item, into);
  else if (typeof node === "object" && node !== null)
    for (const [key, value] of Object.entries(node)) {
      if (key === "comments") for (const { text } of value as ast.Comment[]) into.push(text.trim());
      else commentsOf(value, into);
    }
  return into;
}

function expectRoundTrip(source: string): void {
  const parsed = parseFile(source, "in.cue");
  if (parsed.diagnostics.length > 0) return;
  const once = formatFile(parsed.file);
  const again = parseFile(once, "in.cue");
  expect(again.diagnostics, once).toEqual([]);
  expect(formatFile(again.file), source).toBe(once);
  expect(essence(again.file.decls), once).toEqual(essence(parsed.file.decls));
  expect(commentsOf(again.file).sort(), once).toEqual(commentsOf(parsed.file).sort());
}

const name = fc.constantFrom("a", "bc", "Def", "x1", "$v");
const { expression, struct } = fc.letrec<{ expression: ast.Expression; struct: ast.StructLit; declaration: ast.Declaration }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    name.map(build.ident),
    fc.integer({ min: -99, max: 99 }).map((value) => build.numberLit(String(value))),
    fc.string().map((value) => build.stringLit(value.replaceAll("\n", " "))),
    fc.constant(build.bottom()),
    fc.array(tie("expression"), { maxLength: 4 }).map((elements) => build.listLit(elements)),
    tie("struct"),
    fc
      .tuple(fc.constantFrom("+", "-", "*", "|", "&", "==", "<", "div", "&&"), tie("expression"), tie("expression"))
      .map(([op, left, right]) => build.binary(op as ast.Binary["op"], left, right)),
    fc
      .tuple(fc.constantFrom("!", "*", "<", ">=", "=~", "+", "-"), tie("expression"))
      .map(([op, operand]) => build.unary(op as ast.Unary["op"], operand)),
    fc.tuple(name, fc.string()).map(([operand, label]) => build.selector(build.ident(operand), label)),
    fc.tuple(name, tie("expression")).map(([operand, index]) => build.index(build.ident(operand), index)),
    fc.tuple(name, fc.array(tie("expression"), { maxLength: 3 })).map(([callee, args]) => build.call(build.ident(callee), args)),
    fc.tuple(fc.string(), tie("expression"), fc.string()).map(([before, inner, after]) => build.interpolation([before, after], [inner])),
  ),
  struct: fc.array(tie("declaration"), { maxLength: 4 }).map((decls) => build.structLit(decls)),
  declaration: fc.oneof(
    { depthSize: "small" },
    fc
      .record({
        label: fc.oneof(fc.string().map(build.plainLabel), name.map(build.identLabel), fc.constantFrom("#D", "_h").map(build.identLabel)),
        value: tie("expression"),
        constraint: fc.constantFrom("none", "optional", "required"),
        comments: fc.constantFrom<readonly ast.Comment[]>([], [], build.docComments([["// above"]]), [build.lineComment("// beside")]),
      })
      .map(({ label, value, constraint, comments }) => build.field(label, value, { constraint: constraint as "none", comments })),
    tie("struct").map((inner) => build.embedding(inner)),
    fc.tuple(name, tie("expression")).map(([bound, value]) => build.letClause(bound, value)),
    fc.tuple(tie("expression"), tie("struct")).map(([condition, body]) => build.comprehension([build.ifClause(condition)], body)),
  ),
}));

describe("round trips", () => {
  it("print generated expressions", () => {
    fc.assert(
      fc.property(expression, (expr) => {
        const printed = formatExpression(expr);
        const parsed = parseExpression(printed, "in.cue");
        expect(parsed.diagnostics, printed).toEqual([]);
        expect(essence(parsed.expr), printed).toEqual(essence(expr));
      }),
    );
  });

  it("print generated structs, and print them again the same", () => {
    fc.assert(
      fc.property(struct, ({ decls }) => {
        const printed = formatDeclarations(decls);
        const parsed = parseFile(printed, "in.cue");
        expect(parsed.diagnostics, printed).toEqual([]);
        expect(essence(parsed.file.decls), printed).toEqual(essence(decls));
        // Where the width breaks lines, printing again finds an author's breaks there, and may go on from them.
        if (formatDeclarations(decls, { compact: true }).length < 70) expect(formatFile(parsed.file)).toBe(printed);
      }),
    );
  });

  it("keep comments and meaning wherever comments and line breaks stand", () => {
    const source =
      'package p\nimport "a"\na: {b: 1, c: [1, {d: 2}], e: f(1, x) & y.z | {g: "\\(h)"}}\nfor k, v in a if v > 1 {(k): v}\nl: m: n: 1\n';
    const spots = [...source.matchAll(/(?<=[{[(,|&:\n])/g)].map((match) => match.index);
    const strewn = fc.array(fc.tuple(fc.constantFrom(...spots), fc.constantFrom("\n", "\n\n", " // c\n", "\n// d\n", "\n\n// e\n\n")), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(strewn, (pieces) => {
        let text = source;
        for (const [at, piece] of pieces.sort(([a], [b]) => b - a)) text = text.slice(0, at) + piece + text.slice(at);
        expectRoundTrip(text);
      }),
    );
  });

  const folder = join(import.meta.dirname, "../../../../../shared/conformance/cue");
  it.skipIf(!existsSync(folder))("print the sources of the conformance vectors (needs ../shared)", { timeout: 120_000 }, () => {
    const seen = new Set<string>();
    for (const file of readdirSync(folder).filter((each) => each.endsWith(".json"))) {
      const { sources } = JSON.parse(readFileSync(join(folder, file), "utf8")) as { sources?: Record<string, Record<string, string>> };
      for (const files of Object.values(sources ?? {}))
        for (const [path, text] of Object.entries(files)) if (path.endsWith(".cue")) seen.add(text);
    }
    for (const text of seen) expectRoundTrip(text);
  });

  it.skipIf(!existsSync(folder))("print the formatter's vectors as expected (needs ../shared)", () => {
    const { vectors } = JSON.parse(readFileSync(join(folder, "fmt.json"), "utf8")) as {
      vectors: { id: string; simplify: boolean; files: Record<string, string>; expect: { text: string } }[];
    };
    const wrong = vectors.filter(({ files, simplify, expect: expected }) => {
      const { file, diagnostics } = parseFile(files["in.cue"] ?? "", "in.cue");
      return diagnostics.length > 0 || formatFile(file, { simplify }) !== expected.text;
    });
    // Clauses with `try`, a preview, are not read.
    expect(wrong.map(({ id }) => id)).toEqual(["cue/format/testdata/try#try.input"]);
  });
});
