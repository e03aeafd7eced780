/**
 * Structural cycles. Each conjunct keeps the references that led to it. A reference to an ancestor, or one that led here
 * before, makes its conjunct cyclic; a vertex is a structural cycle when nothing but cyclic conjuncts gives it structure.
 * Conjuncts behind something optional (an optional field, a pattern, a disjunction) may go round once more, because they
 * end where nothing feeds them.
 */
import { combineErrors } from "./bottom.ts";
import type { Context } from "./context.ts";
import { exprOf } from "./expr.ts";
import type { Resolver } from "./expr.ts";
import { scheduleConjunct, scheduleVertexConjuncts } from "./schedule.ts";
import { setBaseValue } from "./share.ts";
import type { NodeState } from "./state.ts";
import type { CloseInfo, Environment, Vertex } from "./vertex.ts";
import { cyclic, deref, equalDeref, maybeCyclic, noCycle, optionalCycle } from "./vertex.ts";

export function setOptional(close: CloseInfo): CloseInfo {
  return close.cycle === noCycle ? { ...close, cycle: optionalCycle } : close;
}

export function markNonCyclic(n: NodeState, close: CloseInfo): void {
  if (close.cycle === noCycle || close.cycle === optionalCycle) n.hasNonCyclic = true;
}

/** Whether to go on with the reference, and what is known of cycles from here. */
export function detectCycle(
  n: NodeState,
  arc: Vertex,
  env: Environment | undefined,
  reference: Resolver,
  close: CloseInfo,
): { readonly close: CloseInfo; readonly skip: boolean } {
  if (hasAncestor(n, arc)) return markCyclic(n, arc, env, reference, close, true);
  if (n.hasNonCyclic && close.cycle === maybeCyclic) return { close, skip: false };
  let chainStep = false;
  for (let at = close.references; at !== undefined; at = at.next) {
    if (equalDeref(at.arc, arc)) {
      // Equality with itself says nothing.
      if (equalDeref(at.node, n.node)) return { close, skip: true };
      if (close.cycle === optionalCycle && n.hasNonCyclic) {
        const maybe: CloseInfo = { ...close, cycle: maybeCyclic };
        if (at.depth === n.depth) return { close: maybe, skip: true };
        return { close: { ...maybe, references: undefined }, skip: false };
      }
      const selfFeeding = n.node.isDynamic && arc.status !== "finalized" && hasDisjunctionConjunct(arc);
      if (at.reference !== reference && n.hasNonCycle && n.hasNonCyclic && !selfFeeding) continue;
      return markCyclic(n, arc, env, reference, close, false);
    }
    if (at.reference === reference && arc.nonRooted) {
      if (equalDeref(at.node, n.node)) {
        if (chainStep) continue;
        const vertex = env === undefined ? undefined : n.ctx.envVertex(env);
        if (vertex !== undefined && (equalDeref(vertex, n.node) || (at.arc.parent !== undefined && equalDeref(vertex, at.arc.parent)))) {
          chainStep = true;
          continue;
        }
        return markCyclic(n, arc, env, reference, close, false);
      }
      const { parent } = arc;
      if (
        at.arc.nonRooted &&
        parent !== undefined &&
        parent.isDynamic &&
        parent.parent === undefined &&
        parent.state?.hasAncestorCycle === true
      )
        return markCyclic(n, arc, env, reference, close, true);
    }
  }
  return {
    close: {
      ...close,
      references: { arc: deref(arc), reference, node: deref(n.node), next: close.references, depth: n.depth },
    },
    skip: false,
  };
}

function hasDisjunctionConjunct(vertex: Vertex): boolean {
  return vertex.conjuncts.some((conjunct) => {
    const { type } = exprOf(conjunct.elem);
    return type === "disjunctionExpr" || type === "disjunction";
  });
}

/** Marks the conjunct cyclic, and puts it off where no other conjunct is known to be none. */
function markCyclic(
  n: NodeState,
  arc: Vertex,
  env: Environment | undefined,
  reference: Resolver,
  given: CloseInfo,
  ancestor: boolean,
): { readonly close: CloseInfo; readonly skip: boolean } {
  const close: CloseInfo = { ...given, cycle: cyclic };
  n.hasAnyCyclicConjunct = true;
  if (ancestor) n.hasAncestorCycle = true;
  const fed = ancestor ? n.hasNonCycle : n.hasNonCyclic || n.hasNonCycle;
  if (!fed && env !== undefined) {
    n.cyclicConjuncts.push({ conjunct: { env, elem: reference, close }, arc });
    return { close, skip: true };
  }
  return { close, skip: false };
}

/** Being evaluated further up the stack, at another level. */
export function hasDepthCycle(ctx: Context, vertex: Vertex): boolean {
  const { state } = vertex;
  return state !== undefined && vertex.status !== "finalized" && state.evalDepth > 0 && state.evalDepth < ctx.evalDepth;
}

export function hasAncestor(n: NodeState, arc: Vertex): boolean {
  if (hasDepthCycle(n.ctx, arc)) return true;
  const target = deref(arc);
  for (let at = n.node.parent; at !== undefined; at = at.parent) if (deref(at) === target) return true;
  return false;
}

export function hasOnlyCyclicConjuncts(n: NodeState): boolean {
  return (n.hasAncestorCycle && !n.hasNonCycle) || (n.hasAnyCyclicConjunct && !n.hasNonCyclic);
}

/** A conjunct with structure of its own: what waited for one goes on. */
export function updateCyclicStatus(n: NodeState, close: CloseInfo): void {
  n.hasFieldValue = true;
  if (close.cycle === cyclic) return;
  n.hasNonCycle = true;
  const waiting = n.cyclicConjuncts;
  n.cyclicConjuncts = [];
  for (const { conjunct, arc } of waiting) {
    if (arc === undefined) scheduleConjunct(n, conjunct, conjunct.close);
    else scheduleVertexConjuncts(n, conjunct, arc, conjunct.close);
  }
}

/** Reports the cycle when there is nothing else. */
export function assertStructuralCycle(n: NodeState): boolean {
  n.cyclicConjuncts = [];
  if (!hasOnlyCyclicConjuncts(n)) return false;
  reportCycle(n);
  return true;
}

export function reportCycle(n: NodeState): void {
  const value = n.node.value();
  const bottom = { ...n.ctx.newBottom("structural", "structural cycle", []), node: n.node };
  setBaseValue(n, combineErrors(value, bottom));
  n.node.setArcs([]);
}
