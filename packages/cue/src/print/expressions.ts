/** Expressions as CUE: references by the names of their source, values as they are. */
import { predeclaredTypes } from "../engine/predeclared.ts";
import type { Clause, Comprehension, Declaration, Elem, Expr, Interpolation, Position, StructLit } from "../engine/expr.ts";
import { arcMember, arcOptional, isResolver } from "../engine/expr.ts";
import { isValue } from "../engine/value.ts";
import { labelName } from "../engine/label.ts";
import type { Environment, Vertex } from "../engine/vertex.ts";
import { spawn, Vertex as VertexNode } from "../engine/vertex.ts";
import type * as ast from "../syntax/ast.ts";
import { formatExpression } from "../format/format.ts";
import { quoteBytes, quoteMultilineBytes, quoteMultilineString, quoteString } from "../syntax/quote.ts";
import { docComments, fieldAttributes, withoutPlaces } from "./annotations.ts";
import type { Exporter } from "./exporter.ts";
import { letReference } from "./lets.ts";
import { mergedExpr, mergedLiteral } from "./merge.ts";
import * as nodes from "./nodes.ts";
import { bottomExpr } from "./scalars.ts";
import { isQuoted, namesScope, newScope, visibleName, withAliases, writtenAlias } from "./scopes.ts";
import { valueExpr } from "./values.ts";

/** A place without a value, for the scopes of expressions that are only written. */
const nowhere = new VertexNode(undefined, "");

/** Undefined for what says nothing. */
export function elemExpr(e: Exporter, env: Environment | undefined, elem: Elem): ast.Expression | undefined {
  switch (elem.type) {
    case "field":
    case "letField":
    case "patternField":
    case "dynamicField":
      return expression(e, env, elem.value);
    case "ellipsis":
      return elem.value === undefined ? undefined : expression(e, env, elem.value);
    case "comprehension":
      return undefined;
    default:
      return expression(e, env, elem);
  }
}

export function expression(e: Exporter, env: Environment | undefined, expr: Expr): ast.Expression {
  if (e.isDeep()) return nodes.ident("_");
  const alternative = isResolver(expr) ? e.pivot?.reference(expr) : undefined;
  if (alternative !== undefined) return alternative;
  const inner = (each: Expr): ast.Expression => operand(e, env, each);
  switch (expr.type) {
    case "structLit":
      return mergedLiteral(e, env, expr);
    case "listLit": {
      const scope = spawn(env, nowhere);
      return nodes.list(
        expr.elements.map((element) => {
          if (element.type === "ellipsis")
            return nodes.ellipsis(element.value === undefined ? undefined : expression(e, scope, element.value));
          return element.type === "comprehension" ? comprehensionNode(e, scope, element) : expression(e, scope, element);
        }),
      );
    }
    case "fieldReference":
      return nodes.ident(visibleName(e, env, expr.up, expr.label, writtenName(expr.position) ?? labelName(expr.label)));
    case "valueReference":
      return nodes.ident(writtenAlias(e.scopes, env, expr.up - 1, expr.name));
    case "dynamicReference":
      return nodes.ident(writtenAlias(e.scopes, env, expr.up, expr.name));
    case "labelReference":
      return labelReference(e, env, expr.up, expr.name);
    case "letReference":
      return letReference(e, env, expr.label, expr.up);
    case "importReference":
      return nodes.ident(e.importName(importedPath(expr), expr.name));
    case "nodeLink":
      return mergedExpr(e, env, expr.vertex);
    case "selector":
      return nodes.selector(inner(expr.operand), expr.label, e.nameOf(expr.label));
    case "index":
      return nodes.index(inner(expr.operand), inner(expr.index));
    case "slice":
      return nodes.slice(inner(expr.operand), expr.low && inner(expr.low), expr.high && inner(expr.high));
    case "interpolation":
      return interpolationExpr(e, env, expr);
    case "boundExpr":
      return nodes.unary(expr.op, inner(expr.operand));
    case "unary":
      return nodes.unary(expr.op, inner(expr.operand));
    case "binary":
      return binaryExpr(e, env, expr);
    case "call":
      return nodes.call(inner(expr.callee), expr.args.map(inner));
    case "disjunctionExpr": {
      const alternatives = expr.alternatives.map(({ value, isDefault }) => {
        const each = expression(e, env, value);
        return isDefault ? nodes.preferred(each) : each;
      });
      return nodes.joined("|", alternatives) ?? nodes.bottom();
    }
    case "openExpr":
      return nodes.opened(inner(expr.operand));
    case "vertex":
      return expr.isData || expr.conjuncts.length === 0 ? valueExpr(e, expr) : mergedExpr(e, env, expr);
    case "bottom":
      // What follows an operand would be a part of the comment.
      return expr.literal || e.inExpression > 0 ? nodes.bottom() : bottomExpr(expr);
    default:
      return (predeclared(expr) ?? isValue(expr)) ? (predeclared(expr) ?? valueExpr(e, expr)) : nodes.ident("_");
  }
}

/** With the name of the package where the import gives it after the path. */
function importedPath({ path, name, position }: Extract<Expr, { type: "importReference" }>): string {
  const spec = position?.file.imports.find((each) => each.path === path && each.alias === undefined && each.qualifier === name);
  return spec === undefined ? path : `${path}:${name}`;
}

/** Where values are not written out in place of references. */
function operand(e: Exporter, env: Environment | undefined, expr: Expr): ast.Expression {
  e.inExpression++;
  const made = expression(e, env, expr);
  e.inExpression--;
  return made;
}

/** A predeclared type by the name that the source gives it. */
function predeclared(expr: Expr): ast.Expression | undefined {
  if (expr.type !== "conjunction") return undefined;
  const name = writtenName(expr.position);
  const type = name === undefined ? undefined : predeclaredTypes.get(name);
  return name !== undefined && type?.type === "conjunction" && type.values === expr.values ? nodes.ident(name) : undefined;
}

/** Chains lean to the left and are as long as the text. */
function binaryExpr(e: Exporter, env: Environment | undefined, expr: Extract<Expr, { type: "binary" }>): ast.Expression {
  const chain = [expr];
  let at: Expr = expr.left;
  while (at.type === "binary") {
    chain.push(at);
    at = at.left;
  }
  return chain.reduceRight<ast.Expression>((left, link) => nodes.binary(link.op, left, operand(e, env, link.right)), operand(e, env, at));
}

const identifier = /[\p{L}_#$][\p{L}\p{Nd}_#$]*/uy;

/** The identifier of the source: an alias is named by it. */
function writtenName(position: Position | undefined): string | undefined {
  if (position === undefined) return undefined;
  identifier.lastIndex = position.offset;
  return identifier.exec(position.file.source)?.[0];
}

function labelReference(e: Exporter, env: Environment | undefined, up: number, name: string): ast.Expression {
  if (e.patternNames.includes(name)) return nodes.ident(name);
  let at = env;
  for (let i = 0; i < up && at !== undefined; i++) at = at.up;
  const label = at?.dynamicLabel;
  return label === undefined ? nodes.ident("string") : nodes.literal("string", quoteString(labelName(label)));
}

function interpolationExpr(e: Exporter, env: Environment | undefined, { parts, isBytes }: Interpolation): ast.Expression {
  const kind = isBytes ? "bytes" : "string";
  const quote = isBytes ? "'" : '"';
  const isMultiline = parts.some(
    (part) => (part.type === "string" && part.value.includes("\n")) || (part.type === "bytes" && part.value.includes(0x0a)),
  );
  const body = parts
    .map((part, i) => (i % 2 === 1 ? `\\(${formatExpression(operand(e, env, part))})` : textOf(part, isMultiline)))
    .join("");
  if (!isMultiline) return nodes.interpolation(kind, `${quote}${body}${quote}`);
  const indent = "\t".repeat(e.depth);
  return nodes.interpolation(kind, `${quote.repeat(3)}\n${body}\n${quote.repeat(3)}`.replace(/\n(?!\n)/g, `\n${indent}`));
}

/** What stands between the quotes of a literal. */
function textOf(part: Expr, isMultiline: boolean): string {
  if (part.type === "string") return isMultiline ? quoteMultilineString(part.value, 0).slice(4, -4) : quoteString(part.value).slice(1, -1);
  if (part.type === "bytes") return isMultiline ? quoteMultilineBytes(part.value, 0).slice(4, -4) : quoteBytes(part.value).slice(1, -1);
  return "";
}

export function comprehensionNode(e: Exporter, env: Environment | undefined, elem: Comprehension): ast.Comprehension {
  const outer = env;
  let scope = env;
  const clauses: ast.Clause[] = [];
  const depth = e.scopes.length;
  for (const [i, clause] of elem.clauses.entries()) {
    clauses.push(clauseNode(e, scope, clause, i === 0));
    if (clause.type === "if") continue;
    scope = spawn(scope, new VertexNode(undefined, ""));
    const labels = clause.type === "for" ? [clause.key, clause.value] : [clause.label];
    e.scopes.push(
      namesScope(
        labels.flatMap((label) => (label === undefined ? [] : [labelName(label)])),
        scope.vertex,
      ),
    );
  }
  const value = asStruct(expression(e, scope, elem.value));
  e.scopes.length = depth;
  const fallback = elem.fallback === undefined ? undefined : asStruct(expression(e, outer, elem.fallback));
  return { ...nodes.comprehension(clauses, value, fallback), ...gapBefore(elem.position) };
}

function asStruct(expr: ast.Expression): ast.StructLit {
  return expr.type === "StructLit" ? expr : nodes.struct([nodes.embedding(expr)]);
}

function clauseNode(e: Exporter, env: Environment | undefined, clause: Clause, isFirst: boolean): ast.Clause {
  const inSource = gapBefore(clause.position);
  const comments = e.profile.docs && !isFirst ? commentsAbove(clause.position) : [];
  const place = { start: -1, end: -1, comments, ...(isFirst ? inSource : inSource.gap === undefined ? {} : { gap: "line" as const }) };
  switch (clause.type) {
    case "if":
      return { ...place, type: "If", condition: operand(e, env, clause.condition) };
    case "let":
      return { ...place, type: "LetIn", name: e.nameOf(clause.label), value: operand(e, env, clause.value) };
    case "for": {
      const value = clause.value === undefined ? "_" : e.nameOf(clause.value);
      const key = clause.key === undefined ? undefined : e.nameOf(clause.key);
      return { ...place, type: "For", key, value, source: operand(e, env, clause.source) };
    }
  }
}

/** The comments on the lines directly above something that begins a line. */
function commentsAbove(position: Position | undefined): ast.Comment[] {
  const found: ast.Comment[] = [];
  if (position === undefined) return found;
  const { source } = position.file;
  let lineStart = source.lastIndexOf("\n", position.offset - 1) + 1;
  if (/\S/.test(source.slice(lineStart, position.offset))) return found;
  for (; lineStart > 0;) {
    const before = source.lastIndexOf("\n", lineStart - 2) + 1;
    const text = source.slice(before, lineStart).trim();
    if (!text.startsWith("//")) break;
    found.unshift({ text, start: -1, placement: "doc" });
    lineStart = before;
  }
  return found;
}

/** The line breaks that the source has before something. */
function gapBefore(position: Position | undefined): { readonly gap?: ast.Gap } {
  if (position === undefined) return {};
  const before = /\n[ \t\r\n]*$/.exec(position.file.source.slice(Math.max(0, position.offset - 400), position.offset))?.[0];
  if (before === undefined) return {};
  return { gap: before.indexOf("\n") === before.lastIndexOf("\n") ? "line" : "section" };
}

/** A literal with its declarations as they are. */
export function literalStruct(e: Exporter, env: Environment | undefined, literal: StructLit, node: Vertex | undefined): ast.StructLit {
  const scope = spawn(env, node ?? new VertexNode(undefined, ""));
  const visible = newScope([literal]);
  visible.vertices.add(scope.vertex);
  e.scopes.push(visible);
  for (const decl of literal.decls)
    if (decl.type === "dynamicField" && decl.source.alias !== undefined)
      visible.sourceAliases.set(decl.source.alias, e.names.free(decl.source.alias));
  const sources = literal.source.decls.filter((decl) => decl.type === "Comprehension");
  let next = 0;
  const decls = literal.decls.flatMap((decl) => {
    const made = declaration(e, scope, decl) ?? [];
    if (decl.type !== "comprehension" || !("type" in made)) return made;
    const docs = sources[next++]?.comments.filter((comment) => comment.placement === "doc") ?? [];
    return e.profile.docs && docs.length > 0 ? { ...made, comments: withoutPlaces(docs) } : made;
  });
  e.scopes.pop();
  return nodes.struct(withAliases(decls, visible, e));
}

/** Undefined for `let` clauses, which are written where they are needed. */
function declaration(e: Exporter, env: Environment, decl: Declaration): ast.Declaration | undefined {
  switch (decl.type) {
    case "letField":
      return undefined;
    case "ellipsis":
      return nodes.ellipsis(decl.value === undefined ? undefined : expression(e, env, decl.value));
    case "comprehension":
      return comprehensionNode(e, env, decl);
    case "field":
    case "dynamicField":
    case "patternField":
      return fieldNode(e, env, decl);
    default:
      return nodes.embedding(expression(e, env, decl));
  }
}

function fieldNode(
  e: Exporter,
  env: Environment,
  decl: Extract<Declaration, { type: "field" | "dynamicField" | "patternField" }>,
): ast.Field {
  const { source } = decl;
  const label = fieldLabel(e, env, decl);
  const matched = decl.type === "patternField" ? [source.alias, source.label.type === "PatternLabel" ? source.label.alias : undefined] : [];
  const names = matched.filter((name) => name !== undefined);
  e.patternNames.push(...names);
  e.depth++;
  const value = expression(e, env, decl.value);
  e.depth--;
  e.patternNames.length -= names.length;
  const arc = decl.type === "patternField" ? arcMember : decl.arc;
  return nodes.field({
    label,
    value,
    alias: decl.type === "dynamicField" ? e.scopes.at(-1)?.sourceAliases.get(source.alias ?? "") : source.alias,
    valueAlias: source.valueAlias,
    constraint: arc === arcMember ? "none" : arc === arcOptional ? "optional" : "required",
    attributes: e.profile.attributes ? fieldAttributes([decl]) : [],
    comments: e.profile.docs ? docComments([decl]) : [],
  });
}

function fieldLabel(
  e: Exporter,
  env: Environment,
  decl: Extract<Declaration, { type: "field" | "dynamicField" | "patternField" }>,
): ast.Label {
  if (decl.type === "field")
    return isQuoted(decl) ? nodes.stringLabel(labelName(decl.label)) : nodes.labelNode(decl.label, e.nameOf(decl.label));
  if (decl.type === "patternField") {
    const { label } = decl.source;
    return nodes.patternLabel(expression(e, env, decl.filter), label.type === "PatternLabel" ? label.alias : undefined);
  }
  return decl.key.type === "string" ? nodes.stringLabel(decl.key.value) : nodes.computedLabel(expression(e, env, decl.key));
}
