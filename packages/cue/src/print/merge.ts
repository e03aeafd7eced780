/**
 * The conjuncts of a place as one expression: the literals among them become one struct, values one value; references and
 * all else stay as they are, joined by `&` or embedded.
 */
import type { Elem, Expr, StructLit } from "../engine/expr.ts";
import { arcMember, arcNotPresent, arcOptional, arcRequired } from "../engine/expr.ts";
import type { ArcType } from "../engine/expr.ts";
import { isDefinition, isLet } from "../engine/label.ts";
import type { Label } from "../engine/label.ts";
import { newInlineVertex } from "../engine/unify.ts";
import { isIncomplete, isValue } from "../engine/value.ts";
import type { Value } from "../engine/value.ts";
import type { Conjunct, Environment } from "../engine/vertex.ts";
import { rootCloseInfo, spawn, Vertex } from "../engine/vertex.ts";
import type * as ast from "../syntax/ast.ts";
import { attributesOf, docComments, fieldAttributes, literalsOf } from "./annotations.ts";
import type { Exporter, KnownLet } from "./exporter.ts";
import { elemExpr, literalStruct } from "./expressions.ts";
import { addLets, letClauses } from "./lets.ts";
import { mergedOrder } from "./merged-order.ts";
import * as nodes from "./nodes.ts";
import { newScope, withAliases } from "./scopes.ts";
import type { Scope } from "./scopes.ts";
import { valueExpr } from "./values.ts";

/** An expression or declaration, and where its names mean something. */
interface Part {
  readonly env: Environment | undefined;
  readonly elem: Elem;
}

interface MergedField {
  arc: ArcType;
  vertex: Vertex | undefined;
  readonly parts: Part[];
}

/** A place, by its conjuncts. */
export function mergedExpr(e: Exporter, env: Environment | undefined, given: Vertex): ast.Expression {
  const vertex = e.finalize(given);
  if (vertex.isData) return valueExpr(e, vertex);
  const parts = vertex.conjuncts.filter(({ elem }) => elem.type !== "comprehension");
  return merge(e, vertex, parts.length === 0 && vertex.conjuncts.length === 0 ? [{ env, elem: vertex.value() ?? vertex }] : parts);
}

export function mergedLiteral(e: Exporter, env: Environment | undefined, literal: StructLit): ast.Expression {
  return merge(e, undefined, [{ env, elem: literal }]);
}

/** `aliases`: names that the source gives the value, by what they are written as. */
function merge(e: Exporter, place: Vertex | undefined, parts: readonly Part[], aliases?: ReadonlyMap<string, string>): ast.Expression {
  if (place === undefined ? e.isDeep() : e.isFull(place)) return nodes.ident("_");
  e.depth++;
  const expr = new Merge(e, place).of(parts, aliases);
  e.depth--;
  return expr;
}

class Merge {
  readonly #e: Exporter;
  readonly #place: Vertex | undefined;
  readonly #values: Conjunct[] = [];
  readonly #embedded: ast.Expression[] = [];
  readonly #joined: ast.Expression[] = [];
  readonly #fields = new Map<Label, MergedField>();
  readonly #attributes: ast.Attribute[] = [];
  readonly #lets: KnownLet[] = [];
  /** Names of the fields of each literal. */
  readonly #chains: Label[][] = [];
  readonly #literals: StructLit[] = [];
  #scope: Scope = newScope([]);
  #hasStruct = false;
  #hasEllipsis = false;

  constructor(e: Exporter, place: Vertex | undefined) {
    this.#e = e;
    this.#place = place;
  }

  of(parts: readonly Part[], aliases: ReadonlyMap<string, string> = new Map()): ast.Expression {
    const place = this.#place ?? new Vertex(undefined, "");
    for (const { env, elem } of parts) {
      this.#lets.push(...addLets(this.#e, elem, env, place, this.#e.scopes.length + 1));
      this.#literals.push(...literalsOf(elem).filter((literal) => !isComplex(literal)));
    }
    this.#scope = newScope(this.#literals);
    this.#scope.vertices.add(place);
    for (const [name, written] of aliases) this.#scope.sourceAliases.set(name, written);
    this.#e.scopes.push(this.#scope);
    const expr = this.#made(parts);
    this.#e.scopes.pop();
    return expr;
  }

  #made(parts: readonly Part[]): ast.Expression {
    for (const { env, elem } of parts) this.#add(env, this.#place, contentOf(elem), false);
    for (const arc of this.#place?.arcs ?? []) {
      const known = this.#fields.get(arc.label);
      if (known === undefined) continue;
      known.vertex = arc;
      known.arc = arc.arc;
    }
    this.#addValues();
    const fields = mergedOrder(this.#chains, [...this.#fields.keys()]).flatMap((label) => {
      const field = this.#fields.get(label);
      return field === undefined || isLet(label) ? [] : [this.#field(label, field)];
    });
    const clauses = letClauses(this.#e, this.#lets);
    const lone = fields.length === 0 && !this.#hasEllipsis ? this.#withoutFields(clauses) : undefined;
    return lone ?? this.#whole(clauses, fields);
  }

  /** What is left where there are no fields; undefined where it is a struct all the same. */
  #withoutFields(clauses: readonly ast.LetClause[]): ast.Expression | undefined {
    const [first, second] = [...this.#joined, ...this.#embedded];
    if (first === undefined) {
      if (this.#attributes.length > 0) return undefined;
      return this.#hasStruct ? this.#closed(nodes.struct(clauses)) : nodes.ident("_");
    }
    if (second !== undefined) return undefined;
    if (this.#attributes.length === 0 && clauses.length === 0) return first;
    return first.type === "StructLit" ? this.#closed(nodes.struct([...this.#attributes, ...clauses, ...first.decls])) : undefined;
  }

  #whole(clauses: readonly ast.LetClause[], fields: readonly ast.Field[]): ast.Expression {
    const decls: ast.Declaration[] = [
      ...clauses,
      ...this.#attributes,
      ...this.#embedded.map((expr) => nodes.embedding(expr)),
      ...withAliases(fields, this.#scope, this.#e),
    ];
    if (this.#hasEllipsis) decls.push(nodes.ellipsis(undefined));
    // What closes the whole is among what is joined to the struct.
    if (this.#joined.length === 0) return this.#closed(nodes.struct(decls));
    const struct = nodes.struct(decls);
    const terms = this.#hasStruct || decls.length > 0 ? [...this.#joined, struct] : this.#joined;
    return nodes.joined("&", terms) ?? struct;
  }

  #closed(struct: ast.StructLit): ast.Expression {
    return !this.#hasEllipsis && this.#place?.closedOnce === true ? nodes.call(nodes.ident("close"), [struct]) : struct;
  }

  #addValues(): void {
    if (this.#values.length === 0) return;
    const { engine } = this.#e;
    const vertex = newInlineVertex(engine.ctx, this.#values);
    this.#embedded.push(valueExpr(this.#e, this.#e.finalize(vertex)));
  }

  #field(label: Label, field: MergedField): ast.Field {
    const e = this.#e;
    if (isDefinition(label)) e.definitions++;
    const aliases = valueAliases(field.parts);
    const [name] = aliases;
    const valueAlias = name === undefined ? undefined : e.names.free(name);
    const written = new Map(aliases.map((alias) => [alias, valueAlias ?? alias]));
    // What is joined to a struct names it as well.
    e.scopes.push({ ...newScope([]), sourceAliases: written });
    const value = merge(e, field.vertex === undefined ? undefined : e.finalize(field.vertex), field.parts, written);
    e.scopes.pop();
    if (isDefinition(label)) e.definitions--;
    const elems = field.parts.map((part) => part.elem);
    return nodes.field({
      label: nodes.labelNode(label, e.nameOf(label)),
      value,
      valueAlias,
      constraint: field.arc === arcOptional ? "optional" : field.arc === arcRequired ? "required" : "none",
      attributes: e.profile.attributes ? fieldAttributes(elems) : [],
      comments: e.profile.docs ? docComments(elems) : [],
    });
  }

  #add(env: Environment | undefined, place: Vertex | undefined, elem: Elem, isEmbedded: boolean): void {
    if (elem.type === "structLit") this.#addLiteral(env, elem, place);
    else if (elem.type === "vertex") this.#addVertex(env, elem);
    else if (elem.type === "binary" && elem.op === "&" && !isEmbedded) {
      // Chains lean to the left and are as long as the text.
      const operands: Expr[] = [];
      let at: Expr = elem;
      while (at.type === "binary" && at.op === "&") {
        operands.push(at.right);
        at = at.left;
      }
      this.#add(env, place, at, false);
      for (const operand of operands.reverse()) this.#add(env, place, operand, false);
    } else if (isSelfContained(elem)) this.#addValue(env, place, elem);
    else {
      // What is joined to the struct stands outside of it.
      if (!isEmbedded) this.#e.scopes.pop();
      const expr = elemExpr(this.#e, env, elem);
      if (!isEmbedded) this.#e.scopes.push(this.#scope);
      if (expr !== undefined) (isEmbedded ? this.#embedded : this.#joined).push(expr);
    }
  }

  #addValue(env: Environment | undefined, place: Vertex | undefined, elem: Elem): void {
    if (elem.type === "top" && place !== undefined && place.base?.type !== "top") return;
    this.#values.push({ env, elem, close: rootCloseInfo });
  }

  #addLiteral(env: Environment | undefined, literal: StructLit, place: Vertex | undefined): void {
    if (this.#e.profile.attributes) {
      this.#attributes.push(...attributesOf(literal));
    }
    if (isComplex(literal)) {
      this.#e.depth++;
      const struct = literalStruct(this.#e, env, literal, place);
      this.#e.depth--;
      this.#embedded.push(struct);
      return;
    }
    this.#hasStruct = true;
    this.#chains.push(literal.decls.flatMap((decl) => (decl.type === "field" ? [decl.label] : [])));
    const scope = spawn(env, place ?? new Vertex(undefined, ""));
    this.#scope.vertices.add(scope.vertex);
    for (const decl of literal.decls) {
      if (decl.type === "ellipsis") this.#hasEllipsis = true;
      else if (decl.type === "field") this.#addField(decl.label, decl.arc, { env: scope, elem: decl });
      else if (decl.type !== "letField") this.#add(scope, undefined, decl, true);
    }
  }

  #addVertex(env: Environment | undefined, given: Vertex): void {
    const vertex = this.#e.finalize(given);
    const error = vertex.bottom();
    if (error !== undefined && (!isIncomplete(error) || this.#e.profile.final)) {
      this.#values.push({ env, elem: error, close: rootCloseInfo });
      return;
    }
    if (!vertex.isData && vertex.conjuncts.length > 0) {
      for (const conjunct of vertex.conjuncts) this.#add(conjunct.env, vertex, contentOf(conjunct.elem), false);
      return;
    }
    const value: Value | undefined = vertex.value();
    if (value !== undefined && value !== vertex) this.#addValue(env, vertex, value);
    else if (vertex.isList()) this.#embedded.push(valueExpr(this.#e, vertex));
    else {
      this.#hasStruct = true;
      for (const arc of vertex.arcs) if (arc.arc === arcMember) this.#addField(arc.label, arc.arc, { env, elem: arc });
    }
  }

  #addField(label: Label, arc: ArcType, part: Part): void {
    let field = this.#fields.get(label);
    if (field === undefined) this.#fields.set(label, (field = { arc: arcNotPresent, vertex: undefined, parts: [] }));
    if (arc < field.arc) field.arc = arc;
    field.parts.push(part);
  }
}

function valueAliases(parts: readonly Part[]): string[] {
  return parts.flatMap(({ elem }) => (elem.type === "field" ? (elem.source.valueAlias ?? []) : []));
}

function contentOf(elem: Elem): Elem {
  return elem.type === "field" || elem.type === "letField" || elem.type === "patternField" || elem.type === "dynamicField"
    ? elem.value
    : elem;
}

/** It has more than fields and embeddings, so that it cannot be merged with others. */
function isComplex(literal: StructLit): boolean {
  return literal.decls.some((decl) => {
    switch (decl.type) {
      case "field":
        return decl.source.alias !== undefined;
      case "ellipsis":
        return decl.value !== undefined;
      case "patternField":
      case "dynamicField":
      case "comprehension":
        return true;
      default:
        return false;
    }
  });
}

/** It names nothing, so that it may be evaluated. */
function isSelfContained(elem: Elem): boolean {
  let at: Elem = elem;
  while (at.type === "binary") {
    if (!isSelfContained(at.right)) return false;
    at = at.left;
  }
  if (at.type === "unary" || at.type === "boundExpr") return isSelfContained(at.operand);
  return isValue(at) && at.type !== "builtin" && !(at.type === "bottom" && at.literal);
}
