/** Syntax trees that come from no source. Operands get the parentheses that their place asks for. */
import { hiddenPackage, isHidden, isString, labelName } from "../engine/label.ts";
import type { Label } from "../engine/label.ts";
import type * as ast from "../syntax/ast.ts";
import { isIdentifierLabel, quoteString } from "../syntax/quote.ts";

const nowhere = { start: -1, end: -1 } as const;

export function ident(name: string): ast.Ident {
  return { ...nowhere, type: "Ident", name };
}

export function literal(kind: ast.BasicLit["kind"], raw: string): ast.BasicLit {
  return { ...nowhere, type: "BasicLit", kind, raw };
}

/** An error, with what it says at the end of its line. */
export function bottom(message?: string): ast.Bottom {
  if (message === undefined) return { ...nowhere, type: "Bottom" };
  return { ...nowhere, type: "Bottom", comments: [{ text: `// ${message}`, start: -1, placement: "line" }] };
}

export function struct(decls: readonly ast.Declaration[]): ast.StructLit {
  return { ...nowhere, type: "StructLit", decls, comments: [] };
}

export function list(elements: ast.ListLit["elements"]): ast.ListLit {
  return { ...nowhere, type: "ListLit", elements, comments: [] };
}

export function ellipsis(value: ast.Expression | undefined): ast.Ellipsis {
  return { ...nowhere, type: "Ellipsis", value, comments: [] };
}

export function embedding(expr: ast.Expression): ast.Embedding {
  return { ...nowhere, type: "Embedding", expr, attributes: [], comments: [] };
}

export function letClause(name: string, value: ast.Expression): ast.LetClause {
  return { ...nowhere, type: "Let", name, value, comments: [] };
}

export function interpolation(kind: "string" | "bytes", raw: string): ast.Interpolation {
  return { ...nowhere, type: "Interpolation", kind, parts: [], exprs: [], raw };
}

export interface FieldParts {
  readonly label: ast.Label;
  readonly value: ast.Expression;
  readonly alias?: string | undefined;
  readonly valueAlias?: string | undefined;
  readonly constraint?: ast.Field["constraint"];
  readonly attributes?: readonly ast.Attribute[];
  readonly comments?: readonly ast.Comment[];
}

export function field(parts: FieldParts): ast.Field {
  return {
    ...nowhere,
    type: "Field",
    label: parts.label,
    alias: parts.alias,
    valueAlias: parts.valueAlias,
    constraint: parts.constraint ?? "none",
    value: parts.value,
    attributes: parts.attributes ?? [],
    comments: parts.comments ?? [],
  };
}

/** A field name: quoted where it would not be a regular field without. */
export function labelNode(label: Label, name: string = labelName(label)): Extract<ast.Label, { type: "IdentLabel" | "StringLabel" }> {
  if (isString(label) && !isIdentifierLabel(name)) return stringLabel(name);
  return { ...nowhere, type: "IdentLabel", name };
}

export function stringLabel(value: string): Extract<ast.Label, { type: "StringLabel" }> {
  return { ...nowhere, type: "StringLabel", value, raw: quoteString(value) };
}

export function patternLabel(expr: ast.Expression, alias: string | undefined): ast.Label {
  return { ...nowhere, type: "PatternLabel", expr, alias };
}

export function computedLabel(expr: ast.Expression): ast.Label {
  if (expr.type === "Interpolation") return { ...nowhere, type: "InterpolationLabel", expr };
  return { ...nowhere, type: "DynamicLabel", expr };
}

/** A hidden field of another package than the one that is printed. */
export function isForeign(label: Label, packagePath: string): boolean {
  return isHidden(label) && hiddenPackage(label) !== packagePath;
}

const precedences: Readonly<Record<string, number>> = {
  "|": 1,
  "&": 2,
  "||": 3,
  "&&": 4,
  "==": 5,
  "!=": 5,
  "<": 5,
  "<=": 5,
  ">": 5,
  ">=": 5,
  "=~": 5,
  "!~": 5,
  "+": 6,
  "-": 6,
};

function precedenceOf(expr: ast.Expression): number {
  if (expr.type === "Binary") return precedences[expr.op] ?? 7;
  return expr.type === "Unary" ? 8 : 9;
}

function atLeast(expr: ast.Expression, precedence: number): ast.Expression {
  return precedenceOf(expr) >= precedence ? expr : { ...nowhere, type: "Paren", expr };
}

export function binary(op: ast.Binary["op"], left: ast.Expression, right: ast.Expression): ast.Binary {
  const own = precedences[op] ?? 7;
  return { ...nowhere, type: "Binary", op, opStart: -1, left: atLeast(left, own), right: atLeast(right, own + 1) };
}

/** All of `terms` joined; undefined for none. */
export function joined(op: "|" | "&", terms: readonly ast.Expression[]): ast.Expression | undefined {
  const [first, ...rest] = terms;
  return first === undefined ? undefined : rest.reduce((left, right) => binary(op, left, right), first);
}

export function unary(op: ast.Unary["op"], operand: ast.Expression): ast.Unary {
  return { ...nowhere, type: "Unary", op, opStart: -1, operand: atLeast(operand, 8) };
}

/** `*value` */
export function preferred(operand: ast.Expression): ast.Unary {
  return unary("*", operand);
}

export function selector(operand: ast.Expression, label: Label, name?: string): ast.Selector {
  return { ...nowhere, type: "Selector", operand: atLeast(operand, 9), label: labelNode(label, name) };
}

export function index(operand: ast.Expression, at: ast.Expression): ast.Index {
  return { ...nowhere, type: "Index", operand: atLeast(operand, 9), index: at };
}

export function slice(operand: ast.Expression, low: ast.Expression | undefined, high: ast.Expression | undefined): ast.Slice {
  return { ...nowhere, type: "Slice", operand: atLeast(operand, 9), low, high };
}

export function call(callee: ast.Expression, args: readonly ast.Expression[]): ast.Call {
  return { ...nowhere, type: "Call", callee: atLeast(callee, 9), args, parenStart: -1 };
}

export function opened(operand: ast.Expression): ast.PostfixEllipsis {
  return { ...nowhere, type: "PostfixEllipsis", operand: atLeast(operand, 9) };
}

export function comprehension(
  clauses: readonly ast.Clause[],
  value: ast.StructLit,
  fallback: ast.StructLit | undefined,
): ast.Comprehension {
  return { ...nowhere, type: "Comprehension", clauses, value, fallback, comments: [] };
}

/** `path` may end in the name of the package: `example.com/a:b`. */
export function importSpec(path: string, alias: string | undefined): ast.ImportSpec {
  const [bare = path, qualifier] = path.split(":");
  return { ...nowhere, type: "Import", path: bare, alias, qualifier, comments: [] };
}

export function file(parts: {
  readonly package: ast.PackageClause | undefined;
  readonly imports: readonly ast.ImportSpec[];
  readonly decls: readonly ast.Declaration[];
}): ast.File {
  return { ...nowhere, type: "File", filename: "", source: "", attributes: [], comments: [], ...parts };
}

export function packageClause(name: string, comments: readonly ast.Comment[] = []): ast.PackageClause {
  return { ...nowhere, type: "Package", name, comments };
}
