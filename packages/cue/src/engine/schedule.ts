/**
 * Takes conjuncts apart. What is literal goes into the vertex at once; what must be evaluated becomes a task.
 * Nothing here evaluates another vertex.
 */
import { scheduleDisjunction } from "./disjunction.ts";
import { bindSharing, shareIfPossible, unshare } from "./share.ts";
import type { Binary, Elem, Expr, ListLit, StructLit } from "./expr.ts";
import { arcMember, arcOptional, isResolver, exprOf } from "./expr.ts";
import { insertArc } from "./fields.ts";
import { listKind, structKind, topKind } from "./kind.ts";
import { isDefinition, isString } from "./label.ts";
import type { NodeState } from "./state.ts";
import { hasEllipsisFlag, hasStructFlag } from "./state.ts";
import { insertTask } from "./scheduler.ts";
import type { TaskKind } from "./task.ts";
import { newTask } from "./task.ts";
import { addResolver, embedNode, splitStruct, subField, updateConjunctInfo } from "./typocheck.ts";
import { insertValue, updateNodeType } from "./insert-value.ts";
import { isValue, noSharing } from "./value.ts";
import { allAncestorsProcessed, fieldConjunctsKnown } from "./conditions.ts";
import { bareState, stateOf } from "./unify.ts";
import { markNonCyclic, setOptional, updateCyclicStatus } from "./cycle.ts";
import type { CloseInfo, Conjunct, Environment, Vertex } from "./vertex.ts";
import { cyclic, deref, spawn } from "./vertex.ts";

export function scheduleTask(
  n: NodeState,
  kind: TaskKind,
  env: Environment | undefined,
  elem: Elem | Vertex | undefined,
  close: CloseInfo,
): void {
  insertTask(n, newTask(kind, n, env, elem, close));
}

/** Long chains lean to the left: no recursion for them. */
function operandsOf(conjunction: Binary): readonly Expr[] {
  const operands: Expr[] = [];
  let at: Expr = conjunction;
  for (; at.type === "binary" && at.op === "&"; at = at.left) operands.push(at.right);
  operands.push(at);
  return operands.reverse();
}

export function scheduleConjunct(n: NodeState, c: Conjunct, close: CloseInfo): void {
  if (c.close.fromDefinition) n.node.closedRecursive = true;
  const { env } = c;
  markNonCyclic(n, close);
  const expr = exprOf(c.elem);
  switch (expr.type) {
    case "vertex":
      if (isDataVertex(expr)) {
        unshare(n);
        insertValue(n, env, expr, close);
      } else scheduleVertexConjuncts(n, c, expr, close);
      return;
    case "binary":
      if (expr.op === "&") {
        for (const operand of operandsOf(expr)) scheduleConjunct(n, { env, elem: operand, close }, close);
        return;
      }
      unshare(n);
      scheduleTask(n, "expr", env, expr, close);
      return;
    case "structLit":
      unshare(n);
      scheduleStruct(n, env, expr, close);
      return;
    case "listLit":
      unshare(n);
      scheduleList(n, env, expr, close);
      return;
    case "disjunctionExpr": {
      unshare(n);
      const alternatives = expr.alternatives.map((each) => ({
        value: each.value,
        mode: expr.hasDefaults ? (each.isDefault ? ("is" as const) : ("not" as const)) : ("maybe" as const),
      }));
      scheduleDisjunction(n, { env, close: setOptional(close), source: expr, alternatives, errors: [] });
      updateConjunctInfo(n, topKind, close, 0);
      return;
    }
    case "comprehension":
      scheduleTask(n, "comprehension", env, expr, close);
      return;
    default:
      if (isResolver(expr)) {
        scheduleTask(n, "resolver", env, expr, close);
        return;
      }
      unshare(n);
      if (expr === noSharing) return;
      if (isValue(expr)) {
        insertValue(n, env, expr, close);
        return;
      }
      // A call may recurse without end where nothing but cycles feeds it: it waits for a conjunct that is none.
      if (close.cycle === cyclic && !n.hasNonCycle && !n.hasNonCyclic) {
        n.hasAncestorCycle = true;
        n.cyclicConjuncts.push({ conjunct: c, arc: undefined });
        return;
      }
      scheduleTask(n, "expr", env, expr, close);
  }
}

/** Optional fields and hidden ones of it do not count. */
export function isDataVertex(vertex: Vertex): boolean {
  return vertex.isData || vertex.conjuncts.length === 0;
}

function scheduleList(n: NodeState, env: Environment | undefined, list: ListLit, close: CloseInfo): void {
  updateCyclicStatus(n, close);
  const own = spawn(env, n.node);
  updateNodeType(n, listKind, list, close);
  scheduleTask(n, "list", own, list, close);
}

function scheduleStruct(n: NodeState, env: Environment | undefined, literal: StructLit, given: CloseInfo): void {
  updateCyclicStatus(n, given);
  updateConjunctInfo(n, structKind, given, hasStructFlag);
  // What makes a template: the fields of the literal see the vertex that it is put in.
  const own = spawn(env, n.node);
  n.hasStruct = true;
  n.node.structs.push({ elem: literal.whole ?? literal, env: own });
  const close = literal.hasEmbedding ? splitStruct(n, literal, given) : given;
  let hasEllipsis = false;
  for (const decl of literal.decls) {
    switch (decl.type) {
      case "field": {
        if (decl.arc === arcMember && isString(decl.label)) setStruct(n, literal, close);
        let info = subField(close);
        if (decl.arc === arcOptional) info = setOptional(info);
        insertArc(n, decl.label, decl.arc, { env: own, elem: decl, close: info }, info, true);
        break;
      }
      case "letField": {
        const info = subField(close);
        const arc = insertArc(n, decl.label, arcMember, { env: own, elem: decl, close: info }, info, true);
        if (decl.multiple) arc.multipleLets = true;
        break;
      }
      case "comprehension":
        scheduleTask(n, "comprehension", own, decl, setOptional(embedNode(n, decl, close)));
        break;
      case "ellipsis":
        hasEllipsis = true;
        break;
      case "dynamicField":
        if (decl.arc === arcMember) setStruct(n, literal, close);
        scheduleTask(n, "dynamic", own, decl, subField(close));
        break;
      case "patternField":
        scheduleTask(n, "pattern", own, decl, setOptional(subField(close)));
        break;
      default: {
        const info = embedNode(n, decl, close);
        scheduleConjunct(n, { env: own, elem: decl, close: info }, info);
      }
    }
  }
  if (hasEllipsis) {
    n.node.hasEllipsis = true;
    updateConjunctInfo(n, topKind, close, hasEllipsisFlag);
  }
  if (!literal.hasEmbedding) setStruct(n, literal, close);
}

function setStruct(n: NodeState, literal: StructLit, close: CloseInfo): void {
  n.structIsFirst ||= n.struct === undefined && n.kindElem === undefined;
  n.struct = literal;
  n.structClose = close;
}

/** Adds the conjuncts of `arc`; what it gets later comes by notification. */
export function scheduleVertexConjuncts(n: NodeState, c: Conjunct, arc: Vertex, given: CloseInfo): void {
  const { ctx } = n;
  let close = given;
  // A struct computed in place inside a schema is open unless it refers to a schema itself.
  if (!arc.closedRecursive && !arc.closedOnce && close.embedding !== 0) close = { ...close, fromDefinition: false };
  if (deref(n.node) === deref(arc)) {
    if (n.isShared) bindSharing(n, close);
    return;
  }
  if (shareIfPossible(n, c, arc, close)) {
    stateOf(ctx, arc);
    return;
  }
  const place = c.elem.position;
  if (refersToDefinition(c) || isDefinition(arc.label) || close.topDefinition) {
    n.isDefinition = true;
    close = addResolver(n, arc, { ...close, fromDefinition: true, topDefinition: false }, close.opened, place);
  } else close = addResolver(n, arc, close, true, place);
  // Unification is idempotent: each vertex once.
  if (n.seenArcs.includes(arc)) return;
  n.seenArcs.push(arc);
  if (arc.parent !== undefined && (!n.node.nonRooted || n.node.isDynamic)) {
    const parent = stateOf(ctx, arc.parent);
    const own = bareState(ctx, arc);
    if (parent !== undefined && own !== undefined && !parent.meets(allAncestorsProcessed | fieldConjunctsKnown))
      addNotify(own, n.node, close);
  }
  // Data from a function has its value at once.
  if (arc.isData) {
    insertValue(n, c.env, arc, close);
    return;
  }
  for (let i = 0; i < arc.conjuncts.length; i++) {
    const each = arc.conjuncts[i];
    if (each !== undefined) scheduleConjunct(n, each, close);
  }
  if (bareState(ctx, arc) !== undefined) n.toComplete = true;
}

function addNotify(n: NodeState, vertex: Vertex, close: CloseInfo): void {
  if (n.node.isFinal() || (n.node.isInProgress() && n.meets(allAncestorsProcessed))) return;
  if (!n.notify.some((each) => each.vertex === vertex)) n.notify.push({ vertex, close });
}

/** Whether the reference names a definition, by any of its parts. */
function refersToDefinition(c: Conjunct): boolean {
  let expr: Expr | Elem = exprOf(c.elem);
  for (;;) {
    switch (expr.type) {
      case "fieldReference":
        return isDefinition(expr.label);
      case "selector":
        if (isDefinition(expr.label)) return true;
        expr = expr.operand;
        break;
      case "index":
        expr = expr.operand;
        break;
      case "letReference":
      case "nodeLink":
      default:
        return false;
    }
  }
}
