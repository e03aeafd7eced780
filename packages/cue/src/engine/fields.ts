/** Fields and pattern constraints of a vertex. */
import { newFieldCycleError } from "./field-error.ts";
import { matchPattern } from "./pattern.ts";
import type { ArcType, Position } from "./expr.ts";
import { arcNotPresent, arcPending } from "./expr.ts";
import { arcTypeKnown, fieldSetKnown } from "./conditions.ts";
import type { Label } from "./label.ts";
import { isDefinition, isLet, labelName } from "./label.ts";
import type { NodeState } from "./state.ts";
import { equalValues } from "./equality.ts";
import { scheduleConjunct } from "./schedule.ts";
import { unshare } from "./share.ts";
import type { Value } from "./value.ts";
import type { CloseInfo, Conjunct } from "./vertex.ts";
import { Vertex } from "./vertex.ts";

/** The arc, made where it is not there yet. */
export function getArc(n: NodeState, label: Label, mode: ArcType, position: Position | undefined): Vertex {
  const { node } = n;
  const known = node.lookupRaw(label);
  if (known !== undefined) {
    if (isLet(label)) known.multipleLets = true;
    updateArcType(n, known, mode);
    return known;
  }
  const arc = new Vertex(node, label);
  arc.arc = mode;
  arc.nonRooted = node.isDynamic || isLet(node.label) || node.nonRooted;
  arc.anonymous = node.anonymous || isLet(node.label);
  if (isDefinition(label) || node.closedRecursive) arc.closedRecursive = true;
  if ((n.frozen & fieldSetKnown) !== 0) {
    n.ctx.fail("eval", position, "adding field %s not allowed as field set was already referenced", labelName(label));
    arc.arc = arcNotPresent;
  }
  node.addArc(arc);
  return arc;
}

/** Makes an arc more present than it is. */
export function updateArcType(n: NodeState, arc: Vertex, mode: ArcType): void {
  if (mode >= arc.arc || arc.arc === arcNotPresent) return;
  if (arc.isFinal() && arc.state !== undefined && (arc.state.frozen & arcTypeKnown) !== 0) {
    n.ctx.addBottom(newFieldCycleError(n.ctx, n.node, n.ctx.source, arc.label));
    return;
  }
  if (n.node.arc === arcPending) unshare(n);
  arc.arc = mode;
}

export function insertArc(n: NodeState, label: Label, mode: ArcType, c: Conjunct, close: CloseInfo, check: boolean): Vertex {
  const arc = getArc(n, label, mode, c.elem.position);
  const { ctx } = n;
  const saved = ctx.vertex;
  ctx.vertex = arc;
  if (arc.arc === arcNotPresent) ctx.addBottom(newFieldCycleError(ctx, n.node, c.elem.position, label));
  else {
    insertConjunct(arc, c, close, check);
    if (!arc.patternsMatched) {
      arc.patternsMatched = true;
      for (const { pattern, constraint } of n.node.patterns ?? [])
        if (matchPattern(ctx, pattern, label)) for (const each of constraint.conjuncts) addConstraint(arc, each, check);
    }
  }
  ctx.vertex = saved;
  return arc;
}

function insertConjunct(arc: Vertex, c: Conjunct, close: CloseInfo, check: boolean): void {
  if (check && hasConjunct(arc.conjuncts, c)) return;
  arc.conjuncts.push(c);
  const state = arc.state;
  if (state === undefined) return;
  if (arc.isInProgress()) scheduleConjunct(state, c, close);
  for (const receiver of state.notify) {
    if (receiver.vertex === arc) continue;
    const target = receiver.vertex.state;
    if (target !== undefined && receiver.vertex.isInProgress()) scheduleConjunct(target, c, receiver.close);
  }
}

function hasConjunct(conjuncts: readonly Conjunct[], c: Conjunct): boolean {
  for (const each of conjuncts)
    if (
      each.elem === c.elem &&
      each.env?.up === c.env?.up &&
      each.env?.vertex === c.env?.vertex &&
      each.close.group === c.close.group &&
      each.close.embedding === c.close.embedding &&
      each.close.cycle === c.close.cycle &&
      each.close.fromDefinition === c.close.fromDefinition
    )
      return true;
  return false;
}

function addConstraint(arc: Vertex, c: Conjunct, check: boolean): void {
  const env = c.env === undefined ? undefined : { ...c.env, dynamicLabel: arc.label, cache: undefined };
  insertConjunct(arc, { ...c, env }, c.close, check);
}

/** Applies `c` to every field that `pattern` matches, now and later. */
export function insertPattern(n: NodeState, pattern: Value, c: Conjunct): void {
  if (!recordPattern(n, pattern, c)) return;
  for (const arc of [...n.node.arcs]) {
    if (!matchPattern(n.ctx, pattern, arc.label)) continue;
    const saved = n.ctx.vertex;
    n.ctx.vertex = arc;
    addConstraint(arc, c, true);
    n.ctx.vertex = saved;
  }
}

function recordPattern(n: NodeState, pattern: Value, c: Conjunct): boolean {
  const patterns = (n.node.patterns ??= []);
  let constraint = patterns.find((each) => equalValues(n.ctx, each.pattern, pattern, false))?.constraint;
  if (constraint === undefined) {
    constraint = new Vertex(undefined, "");
    constraint.isPattern = true;
    patterns.push({ pattern, constraint });
  } else if (constraint.conjuncts.some((each) => each.elem === c.elem && each.env?.vertex === c.env?.vertex)) return false;
  constraint.conjuncts.push(c);
  return true;
}
