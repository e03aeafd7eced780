/** Evaluated values as CUE: what is there, and expressions only where nothing is yet. */
import type { Elem } from "../engine/expr.ts";
import { arcOptional, arcRequired } from "../engine/expr.ts";
import { topKind } from "../engine/kind.ts";
import { isDefinition, isHidden, isInt, isLet, isString } from "../engine/label.ts";
import type { Label } from "../engine/label.ts";
import type { BuiltinValidator, Disjunction, Value } from "../engine/value.ts";
import { isIncomplete } from "../engine/value.ts";
import type { Conjunct } from "../engine/vertex.ts";
import { rootCloseInfo, Vertex } from "../engine/vertex.ts";
import type * as ast from "../syntax/ast.ts";
import { declaredAttributes, docComments, fieldAttributes } from "./annotations.ts";
import { simplifyBounds } from "./bounds.ts";
import { compareElems } from "./conjunct-order.ts";
import type { Exporter } from "./exporter.ts";
import { elemExpr } from "./expressions.ts";
import { orderedArcs, sortedArcs } from "./field-order.ts";
import { usedLets, withLets } from "./lets.ts";
import { mergedExpr } from "./merge.ts";
import * as nodes from "./nodes.ts";
import { bottomExpr, builtinExpr, kindExpr, scalarExpr } from "./scalars.ts";

export function valueExpr(e: Exporter, given: Value, conjuncts: readonly Conjunct[] = []): ast.Expression {
  const value = e.profile.takeDefaults ? defaultOf(given) : given;
  switch (value.type) {
    case "bottom":
      return bottomExpr(value);
    case "top":
      return nodes.ident("_");
    case "basicType":
      return kindExpr(value.kind);
    case "bound":
      return nodes.unary(value.op, valueExpr(e, value.value));
    case "builtin":
      return builtinExpr(e, value);
    case "validator":
      return value.args.length === 0 && value.call === undefined ? builtinExpr(e, value.builtin) : validatorExpr(e, value);
    case "vertex":
      return vertexExpr(e, value);
    case "conjunction":
      return conjunctionExpr(e, value.values);
    case "disjunction":
      return disjunctionExpr(e, value);
    default:
      return scalarExpr(e, value, conjuncts);
  }
}

/** Checks within checks may lead to themselves without end: the innermost are told without their arguments' values. */
const maxChecks = 3;

function validatorExpr(e: Exporter, { builtin, args }: BuiltinValidator): ast.Expression {
  e.checks++;
  const written = args.map((arg) => (e.checks > maxChecks && arg.type === "vertex" ? nodes.ident("_") : valueExpr(e, arg)));
  e.checks--;
  return nodes.call(builtinExpr(e, builtin), written);
}

function defaultOf(value: Value): Value {
  if (value.type !== "disjunction" || value.defaults === 0) return value;
  const [first] = value.values;
  if (value.defaults === 1 && first !== undefined) return first;
  return { ...value, values: value.values.slice(0, value.defaults), defaults: 0 };
}

function conjunctionExpr(e: Exporter, values: readonly Value[]): ast.Expression {
  const simple = e.profile.simplify ? simplifyBounds(values) : undefined;
  const rest = [...(simple?.rest ?? values)].sort(compareElems);
  const terms = [...(simple?.names ?? []).map(nodes.ident), ...rest.map((value) => valueExpr(e, value))];
  return nodes.joined("&", terms) ?? nodes.ident("_");
}

function disjunctionExpr(e: Exporter, { values, defaults }: Disjunction): ast.Expression {
  const alternatives = values.map((value, i) => {
    const expr = value instanceof Vertex && !e.profile.simplify && !value.isData ? mergedExpr(e, undefined, value) : valueExpr(e, value);
    return i < defaults ? nodes.preferred(expr) : expr;
  });
  return nodes.joined("|", alternatives) ?? nodes.bottom();
}

/** A place, by its value; by its conjuncts where there is none yet. */
export function vertexExpr(e: Exporter, given: Vertex): ast.Expression {
  const isFull = e.isFull(given);
  const vertex = e.finalize(given);
  if (isFull) return nodes.ident("_");
  e.depth++;
  const known = usedLets(e, vertex);
  const declared = e.profile.attributes ? declaredAttributes(vertex.conjuncts) : [];
  let result = knownExpr(e, vertex, declared);
  if (result === undefined) result = unknownExpr(e, vertex);
  e.depth--;
  return withLets(e, known, result);
}

function knownExpr(e: Exporter, vertex: Vertex, attributes: readonly ast.Attribute[]): ast.Expression | undefined {
  const { base } = vertex;
  if (base === undefined) return undefined;
  const isComposite = showsArcs(e, vertex) || attributes.length > 0;
  switch (base.type) {
    case "structMarker":
      return structExpr(e, vertex, attributes);
    case "listMarker":
      return isComposite ? structExpr(e, vertex, attributes) : listExpr(e, vertex);
    case "bottom":
      if (vertex.arc === arcOptional) return undefined;
      if (e.profile.errors && base.childError === true)
        return vertex.elements().length > 0 && !isComposite ? listExpr(e, vertex) : structExpr(e, vertex, attributes);
      return !isIncomplete(base) || vertex.conjuncts.length === 0 || e.profile.final ? bottomExpr(base) : undefined;
    default:
      return isComposite ? structExpr(e, vertex, attributes) : valueExpr(e, base, vertex.conjuncts);
  }
}

function unknownExpr(e: Exporter, vertex: Vertex): ast.Expression {
  const operands = vertex.conjuncts.flatMap((conjunct) => operandsOf(contentOf(conjunct)).map((elem) => ({ elem, env: conjunct.env })));
  operands.sort((a, b) => compareElems(a.elem, b.elem));
  const terms: ast.Expression[] = [];
  const written = new Set<Elem>();
  for (const { elem, env } of operands) {
    // The results of a comprehension have the same expression.
    if (written.has(elem)) continue;
    written.add(elem);
    const expr = elemExpr(e, env, elem);
    if (expr !== undefined) terms.push(expr);
  }
  return nodes.joined("&", terms) ?? nodes.ident("_");
}

/** Chains lean to the left and are as long as the text. */
function operandsOf(elem: Elem): Elem[] {
  const operands: Elem[] = [];
  let at = elem;
  for (; at.type === "binary" && at.op === "&"; at = at.left) operands.push(...operandsOf(at.right).reverse());
  operands.push(at);
  return operands.reverse();
}

function contentOf({ elem }: Conjunct): Elem {
  switch (elem.type) {
    case "field":
    case "letField":
    case "patternField":
    case "dynamicField":
      return elem.value;
    default:
      return elem;
  }
}

function showsArcs({ profile }: Exporter, vertex: Vertex): boolean {
  return vertex.arcs.some(({ label }) => (isHidden(label) ? profile.hidden : isDefinition(label) && profile.definitions));
}

function listExpr(e: Exporter, vertex: Vertex): ast.ListLit {
  const elements: ast.ListLit["elements"][number][] = vertex.elements().map((element) => vertexExpr(e, element));
  const { base } = vertex;
  if (!e.profile.takeDefaults && base?.type === "listMarker" && base.isOpen) {
    const types = (vertex.patterns ?? []).flatMap(({ constraint }) => {
      const type = e.finalize(constraint);
      return type.kind() === topKind && !type.isError() ? [] : [vertexExpr(e, constraint)];
    });
    elements.push(nodes.ellipsis(nodes.joined("&", types)));
  }
  return nodes.list(elements);
}

function structExpr(e: Exporter, vertex: Vertex, attributes: readonly ast.Attribute[]): ast.StructLit {
  const { base } = vertex;
  const decls: ast.Declaration[] = [];
  const isList = base?.type === "listMarker" || (base?.type === "bottom" && vertex.elements().length > 0);
  const showsRegular = base?.type === "structMarker" || base?.type === "bottom";
  const own = vertex.value();
  if (!showsRegular && !isList && own !== undefined && own !== vertex) decls.push(nodes.embedding(valueExpr(e, own)));
  decls.push(...attributes);
  const futile = e.profile.optional ? futileConstraints(vertex) : [];
  for (const arc of e.profile.sorted ? sortedArcs(vertex, futile) : orderedArcs(vertex, futile)) {
    if (isShown(e, arc, showsRegular)) decls.push(fieldOf(e, arc, futile.includes(arc)));
  }
  // Lists may be long: they come last.
  if (isList) decls.push(nodes.embedding(listExpr(e, vertex)));
  return nodes.struct(decls);
}

function isShown({ profile }: Exporter, arc: Vertex, showsRegular: boolean): boolean {
  const { label } = arc;
  if (isInt(label) || isLet(label) || arc.arc > arcOptional) return false;
  if (arc.arc === arcOptional && !profile.optional) return false;
  if (isHidden(label)) return profile.hidden && !nodes.isForeign(label, "");
  return isDefinition(label) ? profile.definitions : isString(label) && showsRegular;
}

/** Optional fields that a definition does not allow: they say nothing, but are declared. */
function futileConstraints(vertex: Vertex): readonly Vertex[] {
  if (vertex.structs.length < 2 || vertex.base?.type !== "structMarker") return [];
  const known = new Set(vertex.arcs.map((arc) => arc.label));
  const found = new Map<Label, Vertex>();
  for (const { elem, env } of vertex.structs) {
    if (elem.type !== "structLit") continue;
    for (const decl of elem.decls) {
      if (decl.type !== "field" || decl.arc !== arcOptional || known.has(decl.label)) continue;
      const arc = found.get(decl.label) ?? new Vertex(vertex, decl.label);
      arc.arc = arcOptional;
      arc.conjuncts.push({ env, elem: decl, close: rootCloseInfo });
      found.set(decl.label, arc);
    }
  }
  return [...found.values()];
}

/** `isFutile`: by its expressions alone, as it has no value. */
function fieldOf(e: Exporter, arc: Vertex, isFutile: boolean): ast.Field {
  const value = isFutile ? unknownExpr(e, arc) : vertexExpr(e, arc);
  const elems = arc.conjuncts.map((each) => each.elem);
  return nodes.field({
    label: nodes.labelNode(arc.label, e.nameOf(arc.label)),
    constraint: arc.arc === arcOptional ? "optional" : arc.arc === arcRequired ? "required" : "none",
    value,
    attributes: e.profile.attributes ? fieldAttributes(elems) : [],
    comments: e.profile.docs ? docComments(elems) : [],
  });
}
