/** Brings a vertex to the state that is asked for. */
import { combineErrors } from "./bottom.ts";
import type { Flags } from "./conditions.ts";
import {
  allAncestorsProcessed,
  allKnown,
  arcTypeKnown,
  disjunctionTask,
  fieldConjunctsKnown,
  fieldSetKnown,
  scalarKnown,
  subFieldsProcessed,
  valueKnown,
} from "./conditions.ts";
import type { Context } from "./context.ts";
import { assertStructuralCycle, hasAncestor, hasDepthCycle, reportCycle } from "./cycle.ts";
import { finalizeDisjunctions } from "./disjunction.ts";
import { arcMember, arcNotPresent, arcPending, arcRequired, exprOf } from "./expr.ts";
import type { Elem } from "./expr.ts";
import { bottomKind, structKind } from "./kind.ts";
import { isDefinition, isLet, isString } from "./label.ts";
import { addChildError, reportFieldMismatch } from "./node-errors.ts";
import { runPostChecks } from "./post-checks.ts";
import { allChildConjunctsKnown, allTasksFinished, allTasksStarted, blockOn, process, signal } from "./scheduler.ts";
import { scheduleConjunct, scheduleVertexConjuncts } from "./schedule.ts";
import { finalizeSharing, setBaseValue } from "./share.ts";
import { NodeState } from "./state.ts";
import { checkTypos, isOpenedFromAbove } from "./typocheck.ts";
import { validate, validateValue } from "./validate.ts";
import { combineBounds, updateNodeType } from "./insert-value.ts";
import type { BaseValue } from "./value.ts";
import { cyclePlaceholder, isConcrete, isCyclePlaceholder, isValue, structMarker } from "./value.ts";
import { cyclic, noCycle, rootCloseInfo, Vertex } from "./vertex.ts";
import type { CloseInfo, Conjunct } from "./vertex.ts";

/** The state of a vertex that is not final; its conjuncts may not be scheduled yet. */
export function bareState(ctx: Context, vertex: Vertex): NodeState | undefined {
  if (vertex.status === "finalized") return undefined;
  if (vertex.state === undefined) {
    const state = new NodeState(ctx, vertex);
    vertex.state = state;
    const parent = vertex.parent;
    if (parent?.state !== undefined) {
      state.depth = parent.state.depth + 1;
      blockOn(state, allAncestorsProcessed);
    }
    blockOn(state, scalarKnown | arcTypeKnown);
    if (isDefinition(vertex.label) || parent?.closedRecursive === true) vertex.closedRecursive = true;
  }
  return vertex.state;
}

export function stateOf(ctx: Context, vertex: Vertex): NodeState | undefined {
  const state = bareState(ctx, vertex);
  if (state !== undefined && !state.isInitialized) {
    state.isInitialized = true;
    vertex.base = cyclePlaceholder;
    const saved = ctx.vertex;
    ctx.vertex = vertex;
    state.isScheduling = true;
    for (let i = 0; i < vertex.conjuncts.length; i++) {
      const conjunct = vertex.conjuncts[i];
      if (conjunct === undefined) continue;
      // Inside a cycle, what is made is part of it.
      const close =
        ctx.close.cycle === cyclic ? { ...conjunct.close, cycle: ctx.close.cycle, references: ctx.close.references } : conjunct.close;
      scheduleConjunct(state, conjunct, close);
    }
    state.isScheduling = false;
    combineBounds(state, undefined, rootCloseInfo);
    ctx.vertex = saved;
  }
  return state;
}

/** A vertex that is needed for computing, with no path of its own. */
export function newInlineVertex(ctx: Context, conjuncts: Conjunct[], base?: BaseValue): Vertex {
  const vertex = new Vertex(undefined, "");
  vertex.base = base;
  vertex.isDynamic = true;
  vertex.conjuncts = conjuncts;
  if (ctx.inDetached > 0) vertex.anonymous = true;
  return vertex;
}

export function finalize(ctx: Context, vertex: Vertex): void {
  if (vertex.status === "finalized") return;
  const saved = ctx.errors;
  ctx.errors = undefined;
  unify(ctx, vertex, { condition: allKnown, mode: "finalize", checkTypos: true });
  ctx.errors = saved;
}

const knownOfScalar = scalarKnown | arcTypeKnown | fieldSetKnown | disjunctionTask;

/** Settles which fields there are, not what they are. */
export function completeArcsOnly(ctx: Context, vertex: Vertex): void {
  unify(ctx, vertex, { condition: fieldSetKnown, mode: "finalize" });
}
export function completeArcsShallow(ctx: Context, vertex: Vertex): void {
  unify(ctx, vertex, { condition: allKnown & ~subFieldsProcessed, mode: "finalize" });
}

export function unify(ctx: Context, vertex: Vertex, flags: Flags): boolean {
  if (flags.mode === "ignore") return false;
  const n = stateOf(ctx, vertex);
  if (n === undefined) return true;
  if (ctx.exhausted !== undefined) return giveUp(ctx, vertex);
  ctx.depth++;
  if (ctx.depth > ctx.host.limits.depth) {
    ctx.exhaust(`evaluation nests more than ${ctx.host.limits.depth} levels deep`);
    ctx.depth--;
    return giveUp(ctx, vertex);
  }
  const savedDepth = n.evalDepth;
  const savedVertex = ctx.vertex;
  try {
    return unifyNode(ctx, vertex, n, flags);
  } finally {
    n.evalDepth = savedDepth;
    ctx.vertex = savedVertex;
    ctx.depth--;
  }
}

function giveUp(ctx: Context, vertex: Vertex): boolean {
  vertex.base = ctx.exhausted;
  vertex.status = "finalized";
  return true;
}

function unifyNode(ctx: Context, vertex: Vertex, n: NodeState, flags: Flags): boolean {
  const { condition: needs, mode } = flags;
  const checkTyposHere = flags.checkTypos === true;
  if (!vertex.isRooted() || allChildConjunctsKnown(n, vertex.parent) || mode === "finalize") signal(n, allAncestorsProcessed);
  const nodeOnly = needs & ~subFieldsProcessed;
  if (vertex.base === undefined) vertex.base = cyclePlaceholder;
  updateScalar(n);
  // That it is a struct is told by its value, which then must be there.
  const isUntold = n.struct !== undefined && isCyclePlaceholder(vertex.base);
  if (nodeOnly === (scalarKnown | arcTypeKnown) && !isUntold && n.meets(nodeOnly)) return true;
  // No field can come to a scalar: who asks for its value need not wait for what may still add fields.
  if (mode === "yield" && n.scalar !== undefined && vertex.arc === arcMember && (needs & ~knownOfScalar) === 0) return true;
  // Under evaluation at this very level: a reference to itself.
  if (vertex.status === "evaluating" && n.evalDepth === ctx.evalDepth && mode === "attempt" && (needs & fieldSetKnown) === 0) return false;
  vertex.status = "evaluating";
  n.evalDepth = ctx.evalDepth;
  flushDeferredCyclicConjuncts(n);
  process(n, nodeOnly, mode);
  if (vertex.arc !== arcPending && n.meets(allAncestorsProcessed) && allTasksFinished(n)) signal(n, arcTypeKnown);
  ctx.vertex = vertex;
  const disjunct = vertex.derefDisjunct();
  if (disjunct !== vertex) {
    vertex.closedRecursive = disjunct.closedRecursive;
    vertex.status = disjunct.status;
    vertex.childErrors = combineErrors(vertex.childErrors, disjunct.childErrors);
    vertex.setArcs([]);
    if (disjunct.status === "finalized") return true;
    return disjunct.state?.meets(needs) ?? true;
  }
  updateScalar(n);
  if (n.struct !== undefined) updateNodeType(n, structKind, n.struct, n.structClose);
  if (!n.meets(nodeOnly) && mode !== "finalize") return false;
  if (n.isShared) {
    if (isCyclePlaceholder(n.originalBase)) n.originalBase = undefined;
  } else {
    if (isCyclePlaceholder(vertex.base)) vertex.base = undefined;
    validateValue(n);
  }
  const target = vertex.base as BaseValue;
  if (target?.type === "vertex" && n.shareCycle === noCycle) {
    if (hasDepthCycle(ctx, target)) {
      reportCycle(n);
      return true;
    }
    // Finds cycles early.
    unify(ctx, target, flags);
  }
  if ((n.completed & subFieldsProcessed) === 0) {
    if ((needs & subFieldsProcessed) !== 0) {
      if (!assertStructuralCycle(n) && !vertex.isFinal() && n.kind !== bottomKind) completeAllArcs(n, flags);
      if (mode === "finalize") signal(n, subFieldsProcessed);
      runChecks(n);
    } else if ((needs & fieldSetKnown) !== 0) evalArcTypes(n, flags);
  }
  const errors = n.takeErrors();
  if (errors !== undefined) {
    n.errors = undefined;
    const own = vertex.bottom();
    setBaseValue(n, own === undefined || own === cyclePlaceholder ? errors : combineErrors(own, errors));
  }
  finalizeDisjunctions(n);
  if (mode === "attempt") return n.meets(needs);
  const met = n.completed & needs;
  if (met !== 0) signal(n, met);
  const shared = vertex.derefValue();
  if (shared !== vertex) return finishShared(ctx, n, shared, flags);
  if ((n.completed & subFieldsProcessed) === 0) return n.meets(needs);
  ctx.evalDepth++;
  const blockClose = n.hasTop && !n.hasStruct;
  if (n.isDefinition && !blockClose) vertex.closedRecursive = true;
  if (vertex.closedRecursive && !n.isDefinition && vertex.base?.type === "structMarker") vertex.isFree = isOpenedFromAbove(n);
  if (checkTyposHere) checkTypos(n);
  ctx.evalDepth--;
  vertex.status = "finalized";
  return n.meets(needs);
}

function finishShared(ctx: Context, n: NodeState, shared: Vertex, flags: Flags): boolean {
  const vertex = n.node;
  vertex.setArcs([]);
  vertex.childErrors = undefined;
  if ((n.completed & subFieldsProcessed) === 0) {
    if (shared.status === "unprocessed") unify(ctx, shared, { ...flags, checkTypos: false });
    return n.meets(flags.condition);
  }
  if (shared.closedRecursive) vertex.closedRecursive = true;
  if (shared.hasEllipsis) vertex.hasEllipsis = true;
  vertex.status = shared.status;
  finalizeSharing(n);
  if (hasAncestor(n, shared) || waitsForCycle(ctx, shared)) {
    reportCycle(n);
    return true;
  }
  unify(ctx, shared, flags);
  vertex.status = shared.status;
  return true;
}

/** Whether a reference of `shared` that has not run leads to what is being evaluated. */
function waitsForCycle(ctx: Context, shared: Vertex): boolean {
  const state = shared.state;
  if (state === undefined) return false;
  for (const task of state.tasks) {
    if (task.state !== "ready" || task.kind !== "resolver" || task.elem?.type !== "fieldReference" || task.env === undefined) continue;
    let env = task.env;
    for (let i = 0; i < task.elem.up && env.up !== undefined; i++) env = env.up;
    const arc = ctx.envVertex(env).derefValue().lookupRaw(task.elem.label);
    if (arc !== undefined && hasDepthCycle(ctx, arc.derefNonDisjunct())) return true;
  }
  return false;
}

/** Validators that wait for a value which is there now. */
function runChecks(n: NodeState): void {
  const value = n.node.value();
  if (value === undefined || !isConcrete(value)) return;
  const { checks } = n;
  n.checks = [];
  for (const check of checks) n.addBottom(validate(n.ctx, check, n.node));
}

/** Calls that were put off for fear of a cycle, and that refer to nothing but labels, cannot make one. */
function flushDeferredCyclicConjuncts(n: NodeState): void {
  if (n.cyclicConjuncts.length === 0 || n.tasks.length > 0) return;
  n.hasNonCyclic = true;
  const waiting = n.cyclicConjuncts;
  n.cyclicConjuncts = [];
  for (const each of waiting) {
    if (!isSafe(exprOf(each.conjunct.elem))) {
      n.cyclicConjuncts.push(each);
      continue;
    }
    const close: CloseInfo = { ...each.conjunct.close, cycle: noCycle };
    const conjunct: Conjunct = { ...each.conjunct, close };
    if (each.arc === undefined) scheduleConjunct(n, conjunct, close);
    else scheduleVertexConjuncts(n, conjunct, each.arc, close);
  }
}

function isSafe(elem: Elem): boolean {
  if (isValue(elem)) return true;
  switch (elem.type) {
    case "labelReference":
      return true;
    case "binary":
      return isSafe(elem.left) && isSafe(elem.right);
    case "unary":
      return isSafe(elem.operand);
    case "call":
      return elem.args.every((arg) => isSafe(arg));
    case "listLit":
      return elem.elements.every((each) => isSafe(each));
    case "interpolation":
      return elem.parts.every((part) => isSafe(part));
    default:
      return false;
  }
}

/** Runs what is left to run of a vertex, without making an end of what waits. */
export function completeNodeTasks(n: NodeState, mode: Flags["mode"]): void {
  if (n.isCompleting || !n.isInitialized) return;
  n.isCompleting = true;
  try {
    const vertex = n.node;
    if (vertex.isDynamic || isLet(vertex.label) || allChildConjunctsKnown(n, vertex.parent)) signal(n, allAncestorsProcessed);
    if (!allTasksStarted(n)) {
      process(n, valueKnown | fieldConjunctsKnown, mode);
      updateScalar(n);
    }
  } finally {
    n.isCompleting = false;
  }
}

/** A scalar is known at once, which ends cycles through the vertex; the rest is checked later. */
export function updateScalar(n: NodeState): void {
  if (n.scalar === undefined) return;
  const vertex = n.node;
  if (vertex.isError() && !isCyclePlaceholder(vertex.base)) return;
  if (vertex.base?.type !== "vertex" || !vertex.base.isDisjunct) setBaseValue(n, n.scalar);
  signal(n, scalarKnown);
}

function completeAllArcs(n: NodeState, given: Flags): void {
  const { ctx } = n;
  completeNodeTasks(n, "finalize");
  ctx.evalDepth++;
  try {
    const vertex = n.node;
    const flags: Flags = { ...given, checkTypos: given.checkTypos === true && !n.hasDisjunction };
    for (let i = 0; i < vertex.arcs.length; i++) {
      const arc = vertex.arcs[i];
      if (arc === undefined) continue;
      unify(ctx, arc, flags);
      if (arc.arc === arcPending) {
        arc.arc = arcNotPresent;
        continue;
      }
      if (arc.arc > arcRequired || !isString(arc.label) || (n.kind & structKind) !== 0) continue;
      if (!vertex.isError() && !arc.isError()) reportFieldMismatch(n, arc.value()?.position, arc.label, vertex.value());
    }
    vertex.dropAbsentArcs();
    for (const arc of vertex.arcs) {
      if (isLet(arc.label) || arc.arc > arcRequired) continue;
      const error = arc.bottom();
      if (error !== undefined) addChildError(n, error);
    }
    runPostChecks(n);
    finalizeSharing(n);
  } finally {
    ctx.evalDepth--;
  }
}

function evalArcTypes(n: NodeState, flags: Flags): void {
  for (const arc of [...n.node.arcs]) {
    if (arc.arc !== arcPending) continue;
    unify(n.ctx, arc, { condition: arcTypeKnown, mode: flags.mode });
    if (arc.arc === arcPending) arc.arc = arcNotPresent;
  }
  // A comprehension that ran for the sake of its fields may have shown that this is a struct.
  const { node, struct } = n;
  if (struct !== undefined && node.base?.type === "top" && updateNodeType(n, structKind, struct, n.structClose)) node.base = structMarker;
}
