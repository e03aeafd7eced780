/** Values without parts as CUE. */
import type { Elem } from "../engine/expr.ts";
import { kindText, topKind } from "../engine/kind.ts";
import type { Bottom } from "../engine/bottom.ts";
import { selectorText } from "../engine/label.ts";
import { formatMessage } from "../engine/format.ts";
import type { Builtin, Scalar } from "../engine/value.ts";
import type { Conjunct } from "../engine/vertex.ts";
import { formatDecimal } from "../number/decimal.ts";
import type * as ast from "../syntax/ast.ts";
import { quoteBytesAtIndent, quoteStringAtIndent } from "../syntax/quote.ts";
import { floatText } from "./bounds.ts";
import type { Exporter } from "./exporter.ts";
import { nameOf } from "./exporter.ts";
import * as nodes from "./nodes.ts";

/** As one of the conjuncts wrote it, where one is a literal. */
export function scalarExpr(e: Exporter, value: Scalar, conjuncts: readonly Conjunct[] = []): ast.Expression {
  if (value.type === "null") return nodes.literal("null", "null");
  if (value.type === "bool") return nodes.literal("bool", String(value.value));
  for (const { elem } of conjuncts) {
    const raw = elem.type === value.type ? writtenAs(elem) : undefined;
    if (raw !== undefined) return nodes.literal(value.type, raw);
  }
  switch (value.type) {
    case "int":
      return nodes.literal("int", String(value.value));
    case "float":
      return nodes.literal("float", floatText(formatDecimal(value.value), value.value));
    case "string":
      return nodes.literal("string", quoteStringAtIndent(value.value, e.depth));
    case "bytes":
      return nodes.literal("bytes", quoteBytesAtIndent(value.value, e.depth));
  }
}

/** A literal on one line. */
const literalText =
  /0[xX][\da-fA-F_]+|0b[01_]+|0o[0-7_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[KMGTP]i?|[eE][+-]?[\d_]+)?|"(?:[^"\\\n]|\\.)+"|""(?!")|'(?:[^'\\\n]|\\.)+'|''(?!')|(#+)(?:"(?!"")[^\n]*?"|'(?!'')[^\n]*?')\1/y;

/** The text of a literal in its source. One over several lines has the indentation of its place, and is not taken. */
function writtenAs({ position }: Elem): string | undefined {
  if (position === undefined) return undefined;
  literalText.lastIndex = position.offset;
  return literalText.exec(position.file.source)?.[0];
}

export function kindExpr(kind: number): ast.Expression {
  if (kind === topKind) return nodes.ident("_");
  const names = kindText(kind)
    .replace(/^\((.*)\)$/, "$1")
    .split("|");
  return nodes.joined("|", names.map(nodes.ident)) ?? nodes.ident("_");
}

export function bottomExpr(bottom: Bottom): ast.Expression {
  const [first, ...rest] = bottom.messages;
  if (first === undefined) return nodes.bottom();
  const path = first.path ?? first.vertex?.path().map(selectorText) ?? [];
  const more = rest.length > 0 ? ` (and ${rest.length} more errors)` : "";
  return nodes.bottom(`${path.length > 0 ? `${path.join(".")}: ` : ""}${formatMessage(first)}${more}`.replace(/\s*\n\s*/g, " "));
}

export function builtinExpr(e: Exporter, builtin: Builtin): ast.Expression {
  if (builtin.packageName === "") return nodes.ident(builtin.name);
  const name = e.importName(builtin.packageName, nameOf(builtin.packageName));
  return nodes.selector(nodes.ident(name), builtin.name);
}
