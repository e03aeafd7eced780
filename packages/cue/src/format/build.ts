/**
 * Syntax trees made by programs: nodes without source (`start` and `end` are -1), for `formatFile`, `formatExpression`
 * and `formatDeclarations` to lay out. A struct of one plain field shows as a chain: `a: b: 1`.
 */
import type * as ast from "../syntax/ast.ts";
import { isIdentifierLabel, quoteBytes, quoteMultilineBytes, quoteMultilineString, quoteString } from "../syntax/quote.ts";
import { isIdentifier } from "./literals.ts";

const detached = { start: -1, end: -1 } as const;

export function ident(name: string): ast.Ident {
  return { type: "Ident", name, ...detached };
}

export function bottom(): ast.Bottom {
  return { type: "Bottom", ...detached };
}

function literal(kind: ast.BasicLit["kind"], raw: string): ast.BasicLit {
  return { type: "BasicLit", kind, raw, ...detached };
}

export function nullLit(): ast.BasicLit {
  return literal("null", "null");
}

export function boolLit(value: boolean): ast.BasicLit {
  return literal("bool", String(value));
}

/** A number as it is to be written; a leading `-` makes a unary expression. */
export function numberLit(text: string): ast.BasicLit | ast.Unary {
  if (text.startsWith("-")) return unary("-", literal(kindOf(text.slice(1)), text.slice(1)));
  return literal(kindOf(text), text);
}

function kindOf(text: string): "int" | "float" {
  return /^0[xXbBoO]/.test(text) || !/[.eE]/.test(text) ? "int" : "float";
}

/** A string literal; with line breaks in the `"""` form. */
export function stringLit(value: string): ast.BasicLit {
  return literal("string", value.includes("\n") ? quoteMultilineString(value, 1) : quoteString(value));
}

/** A bytes literal; with line breaks in the `'''` form. */
export function bytesLit(value: Uint8Array): ast.BasicLit {
  return literal("bytes", value.includes(0x0a) ? quoteMultilineBytes(value, 1) : quoteBytes(value));
}

/** A literal as it was written. */
export function rawLit(kind: ast.BasicLit["kind"], raw: string): ast.BasicLit {
  return literal(kind, raw);
}

/** `"a\\(x)b"`: texts around expressions, one more than them. */
export function interpolation(parts: readonly string[], exprs: readonly ast.Expression[]): ast.Interpolation {
  return { type: "Interpolation", kind: "string", parts, exprs, raw: "", ...detached };
}

export function structLit(decls: readonly ast.Declaration[], comments: readonly ast.Comment[] = []): ast.StructLit {
  return { type: "StructLit", decls, comments, ...detached };
}

export function listLit(elements: ast.ListLit["elements"], comments: readonly ast.Comment[] = []): ast.ListLit {
  return { type: "ListLit", elements, comments, ...detached };
}

export function binary(op: ast.Binary["op"], left: ast.Expression, right: ast.Expression): ast.Binary {
  return { type: "Binary", op, opStart: -1, left, right, ...detached };
}

/** `a | b | c`, or the only operand; bottom when there is none. */
export function chain(op: ast.Binary["op"], operands: readonly ast.Expression[]): ast.Expression {
  const [first, ...others] = operands;
  if (first === undefined) return bottom();
  let joined: ast.Expression = first;
  for (const operand of others) joined = binary(op, joined, operand);
  return joined;
}

export function unary(op: ast.Unary["op"], operand: ast.Expression): ast.Unary {
  return { type: "Unary", op, opStart: -1, operand, ...detached };
}

export function paren(expr: ast.Expression): ast.Paren {
  return { type: "Paren", expr, ...detached };
}

/** `operand.name`; quoted when the name is not an identifier, and an index when it is empty. */
export function selector(operand: ast.Expression, name: string): ast.Selector | ast.Index {
  if (name === "") return index(operand, stringLit(name));
  return { type: "Selector", operand, label: isIdentifier(name) ? identLabel(name) : stringLabel(name), ...detached };
}

export function index(operand: ast.Expression, value: ast.Expression): ast.Index {
  return { type: "Index", operand, index: value, ...detached };
}

export function call(callee: ast.Expression, args: readonly ast.Expression[]): ast.Call {
  return { type: "Call", callee, parenStart: -1, args, ...detached };
}

// --- declarations

export function identLabel(name: string): Extract<ast.Label, { type: "IdentLabel" }> {
  return { type: "IdentLabel", name, ...detached };
}

export function stringLabel(value: string): Extract<ast.Label, { type: "StringLabel" }> {
  return { type: "StringLabel", value, raw: quoteString(value), ...detached };
}

/** The label of a regular field: quoted when it is not an identifier, or would be hidden or a definition without quotes. */
export function plainLabel(name: string): Extract<ast.Label, { type: "IdentLabel" | "StringLabel" }> {
  return isIdentifierLabel(name) ? identLabel(name) : stringLabel(name);
}

export function patternLabel(expr: ast.Expression, alias?: string): Extract<ast.Label, { type: "PatternLabel" }> {
  return { type: "PatternLabel", expr, alias, ...detached };
}

export function dynamicLabel(expr: ast.Expression): Extract<ast.Label, { type: "DynamicLabel" }> {
  return { type: "DynamicLabel", expr, ...detached };
}

export interface FieldOptions {
  readonly constraint?: ast.Field["constraint"];
  readonly alias?: string;
  readonly attributes?: readonly ast.Attribute[];
  readonly comments?: readonly ast.Comment[];
}

/** A field; a string for its label is the name of a regular field. */
export function field(label: ast.Label | string, value: ast.Expression, options: FieldOptions = {}): ast.Field {
  return {
    type: "Field",
    label: typeof label === "string" ? plainLabel(label) : label,
    alias: options.alias,
    valueAlias: undefined,
    constraint: options.constraint ?? "none",
    value,
    attributes: options.attributes ?? [],
    comments: options.comments ?? [],
    ...detached,
  };
}

export function embedding(expr: ast.Expression, comments: readonly ast.Comment[] = []): ast.Embedding {
  return { type: "Embedding", expr, attributes: [], comments, ...detached };
}

export function letClause(name: string, value: ast.Expression, comments: readonly ast.Comment[] = []): ast.LetClause {
  return { type: "Let", name, value, comments, ...detached };
}

export function ellipsis(value?: ast.Expression, comments: readonly ast.Comment[] = []): ast.Ellipsis {
  return { type: "Ellipsis", value, comments, ...detached };
}

export function comprehension(clauses: readonly ast.Clause[], value: ast.StructLit, fallback?: ast.StructLit): ast.Comprehension {
  return { type: "Comprehension", clauses, value, fallback, comments: [], ...detached };
}

/** `gap` "line" puts a clause on a line of its own. */
export function forClause(key: string | undefined, value: string, source: ast.Expression, gap?: ast.Gap): ast.Clause {
  return { type: "For", key, value, source, ...detached, ...(gap !== undefined && { gap }) };
}

export function ifClause(condition: ast.Expression, gap?: ast.Gap): ast.Clause {
  return { type: "If", condition, ...detached, ...(gap !== undefined && { gap }) };
}

export function letInClause(name: string, value: ast.Expression, gap?: ast.Gap): ast.Clause {
  return { type: "LetIn", name, value, ...detached, ...(gap !== undefined && { gap }) };
}

/** `@name(body)`; with `gap` "blank" all of its struct stays on one line. */
export function attribute(name: string, body: string, gap?: ast.Gap): ast.Attribute {
  return { type: "Attribute", name, body, comments: [], ...detached, ...(gap !== undefined && { gap }) };
}

// --- comments

/**
 * Comments above a node, one a line, each with its `//`; several blocks are joined by empty comments. `gap` "section"
 * puts a blank line before them.
 */
export function docComments(blocks: readonly (readonly string[])[], gap?: ast.Gap): ast.Comment[] {
  const lines = blocks.filter((block) => block.length > 0).flatMap((block, i) => (i > 0 ? ["//", ...block] : block));
  return lines.map((text, i) => ({ text, start: -1, placement: "doc", ...(i === 0 && gap !== undefined && { gap }) }));
}

/** A comment at the end of the line; `text` with its `//`. */
export function lineComment(text: string): ast.Comment {
  return { text, start: -1, placement: "line" };
}

// --- files

export interface FileOptions {
  readonly package?: string;
  readonly imports?: readonly ast.ImportSpec[];
  /** Above everything, set off by a blank line. */
  readonly comments?: readonly ast.Comment[];
  /** Above the package clause. */
  readonly packageComments?: readonly ast.Comment[];
}

export function importSpec(path: string, options: { readonly alias?: string; readonly qualifier?: string } = {}): ast.ImportSpec {
  return { type: "Import", path, alias: options.alias, qualifier: options.qualifier, comments: [], ...detached };
}

export function file(decls: readonly ast.Declaration[], options: FileOptions = {}): ast.File {
  return {
    type: "File",
    filename: "",
    source: "",
    package: options.package === undefined ? undefined : packageClause(options.package, options.packageComments ?? []),
    imports: options.imports ?? [],
    attributes: [],
    decls,
    comments: options.comments ?? [],
    ...detached,
  };
}

function packageClause(name: string, comments: readonly ast.Comment[]): ast.PackageClause {
  return { type: "Package", name, comments, ...detached };
}
