/** Finds the vertex that a reference leads to. */
import type { Flags } from "./conditions.ts";
import {
  allTasksCompleted,
  arcTypeKnown,
  fieldConjunctsKnown,
  fieldSetKnown,
  needFieldSetKnown,
  needTasksDone,
  scalarKnown,
  valueKnown,
} from "./conditions.ts";
import type { Context } from "./context.ts";
import { upEnvironment } from "./context.ts";
import { evalState, getDefault, valueOf } from "./evaluate.ts";
import { combineErrors } from "./bottom.ts";
import { arcMember, arcNotPresent, arcOptional, arcPending, arcRequired, isResolver, exprOf } from "./expr.ts";
import type { ArcType, Expr, LetReference, Position, Resolver } from "./expr.ts";
import { acceptsField, reportFieldIndexError } from "./field-error.ts";
import { kindText, structKind, topKind } from "./kind.ts";
import { isLet, isRegular, regularLabel, selectorText } from "./label.ts";
import type { Label } from "./label.ts";
import { allChildConjunctsKnown, allTasksStarted, hasActiveParentTask, process, signal } from "./scheduler.ts";
import { allAncestorsProcessed } from "./conditions.ts";
import type { NodeState } from "./state.ts";
import { completeArcsOnly, stateOf, unify, updateScalar } from "./unify.ts";
import type { Value } from "./value.ts";
import { isConcrete, isCyclePlaceholder, isIncomplete, isValue, kindOf, unwrap } from "./value.ts";
import { cyclic, Vertex } from "./vertex.ts";

const scalarFlags: Flags = { condition: scalarKnown, mode: "yield" };

/** `undefined` where there is none, with the reason in the context. */
export function resolve(ctx: Context, reference: Resolver, flags: Flags): Vertex | undefined {
  const { env } = ctx;
  switch (reference.type) {
    case "nodeLink":
      return reference.vertex;
    case "importReference": {
      const root = ctx.host.importRoot(reference.path);
      if (root === undefined) ctx.fail("eval", reference.position, "cannot find package %s", `"${reference.path}"`);
      return root;
    }
    case "fieldReference": {
      if (env === undefined) return undefined;
      const vertex = ctx.envVertex(upEnvironment(env, reference.up));
      const saved = ctx.errors;
      ctx.errors = undefined;
      const found = lookup(ctx, vertex, reference.position, reference.label, flags);
      ctx.errors = combineErrors(ctx.errors, saved);
      return found;
    }
    case "valueReference":
      if (reference.up === 0 || env === undefined) return ctx.vertex;
      return ctx.envVertex(upEnvironment(env, reference.up - 1));
    case "dynamicReference": {
      if (env === undefined) return undefined;
      const at = upEnvironment(env, reference.up);
      const frame = ctx.push(at, reference.position);
      const value = valueOf(ctx, reference.label, scalarFlags);
      ctx.addBottomTo(frame, ctx.errors);
      ctx.pop(frame);
      const label = labelOf(ctx, reference.label, value);
      return label === undefined ? undefined : lookup(ctx, ctx.envVertex(at), reference.position, label, flags);
    }
    case "letReference":
      return resolveLet(ctx, reference, flags);
    case "selector": {
      const vertex = operandNode(ctx, reference, reference.operand, isRegular(reference.label));
      if (vertex === undefined) return undefined;
      const saved = ctx.errors;
      ctx.errors = undefined;
      const found = lookup(ctx, vertex, reference.labelPosition, reference.label, flags);
      ctx.errors = combineErrors(ctx.errors, saved);
      return found;
    }
    case "index": {
      const vertex = operandNode(ctx, reference, reference.operand, true);
      const value = valueOf(ctx, reference.index, scalarFlags);
      if (vertex === undefined) return undefined;
      const label = labelOf(ctx, reference.index, value);
      if (ctx.errors !== undefined || label === undefined) return undefined;
      return lookup(ctx, vertex, reference.index.position, label, flags);
    }
  }
}

/** A string or an int as the label of a field. */
export function labelOf(ctx: Context, source: Expr, given: Value | undefined): Label | undefined {
  const value = unwrap(given);
  if (value === undefined) {
    if (ctx.errors === undefined) ctx.fail("incomplete", source.position, "invalid index %s (incomplete)", source);
    return undefined;
  }
  switch (value.type) {
    case "string":
      return regularLabel(value.value);
    case "int":
      if (value.value < 0n) {
        if (isValue(source)) ctx.fail("eval", undefined, "invalid index %s (index must be non-negative)", value);
        else ctx.fail("eval", undefined, "index %s out of range [%s]", source, value);
        return undefined;
      }
      if (value.value > 0x7fffffffn) {
        ctx.fail("eval", source.position, "invalid index %s: exceeds maximum", value);
        return undefined;
      }
      return Number(value.value);
    case "bottom":
      ctx.addBottom(value);
      return undefined;
    default: {
      const kind = kindOf(value);
      const usable = (kind & (kindOf(stringProbe) | kindOf(intProbe))) !== 0;
      if (!isConcrete(value) && usable && kind !== topKind)
        ctx.fail(
          "incomplete",
          value.position ?? "nowhere",
          "invalid non-ground value %s (must be concrete %s)",
          value,
          kindText(kind & 20),
        );
      else ctx.fail("eval", undefined, "invalid index %s (invalid type %s)", source, kindText(kind));
      return undefined;
    }
  }
}
const stringProbe: Value = { type: "string", value: "", position: undefined };
const intProbe: Value = { type: "int", value: 0n, position: undefined };

function resolveLet(ctx: Context, reference: LetReference, flags: Flags): Vertex | undefined {
  if (ctx.env === undefined) return undefined;
  const env = upEnvironment(ctx.env, reference.up);
  const arc = lookup(ctx, ctx.envVertex(env), reference.position, reference.label, flags);
  if (arc === undefined) return undefined;
  const bottom = arc.bottom();
  const state = stateOf(ctx, arc);
  if (!arc.multipleLets && ((bottom === undefined && state === undefined) || isCyclePlaceholder(bottom))) return arc;
  const [conjunct] = arc.conjuncts;
  if (conjunct === undefined) return arc;
  const expr = exprOf(conjunct.elem);
  env.cache ??= new Map();
  const known = env.cache.get(expr);
  if (known !== undefined) return known;
  const vertex = new Vertex(arc.parent, reference.label);
  vertex.isDynamic = bottom?.code === "structural";
  vertex.conjuncts = [{ env, elem: expr as Expr, close: conjunct.close }];
  env.cache.set(expr, vertex);
  return vertex;
}

/** The struct or list that something is selected from. */
function operandNode(ctx: Context, whole: Expr, operand: Expr, scalar: boolean): Vertex | undefined {
  const savedClose = ctx.close;
  if (!isResolver(operand)) ctx.close = { ...ctx.close, fromDefinition: false };
  const found = unifyOperand(ctx, operand, { condition: needFieldSetKnown, mode: "yield" });
  const chosen = getDefault(ctx, found);
  if (!isResolver(operand)) ctx.close = { ...ctx.close, fromDefinition: savedClose.fromDefinition };
  if (!chosen.ok) return undefined;
  let value = chosen.value;
  if (scalar) {
    const unwrapped = unwrap(value);
    if (!isCyclePlaceholder(unwrapped)) value = unwrapped;
  }
  const node = value instanceof Vertex ? value : undefined;
  if (node !== undefined && !isCyclePlaceholder(node.base)) value = node.value();
  if (value === undefined) {
    ctx.fail("incomplete", operand.position, "%s undefined (%s is incomplete)", whole, operand);
    return undefined;
  }
  if (value.type === "bottom") {
    ctx.addBottom(value);
    return undefined;
  }
  if (value instanceof Vertex) {
    if (value.nonRooted) completeArcsOnly(ctx, value);
    return node ?? value;
  }
  const kind = kindOf(value);
  if ((kind & structKind) !== 0) {
    ctx.fail("incomplete", operand.position, "%s undefined as %s is incomplete (type %s)", whole, operand, kindText(kind));
    return undefined;
  }
  if (node === undefined) {
    ctx.fail("eval", operand.position, "invalid operand %s (found %s, want list or struct)", operand, kindText(kind));
    return undefined;
  }
  return node;
}

/** A value whose fields are known, if it has some. */
export function unifyOperand(ctx: Context, expr: Expr, flags: Flags): Value | undefined {
  const source = ctx.source;
  const before = ctx.errors;
  ctx.source = expr.position ?? source;
  ctx.errors = undefined;
  let result = unifyOperandValue(ctx, expr, flags);
  ctx.errors = combineErrors(ctx.errors, before);
  if (result instanceof Vertex) {
    const bottom = result.bottom();
    if (bottom !== undefined && !isIncomplete(bottom)) result = bottom;
  }
  if (result?.type === "bottom") {
    if (result.code === "cycle" && result.messages.every((message) => message.position === undefined && message.positions.length === 0))
      result = { ...result, messages: [ctx.newMessage(ctx.source, "cycle error", [])] };
    ctx.errors = combineErrors(ctx.errors, result);
  }
  if (ctx.errors !== undefined) result = ctx.errors;
  ctx.source = source;
  return result;
}

function unifyOperandValue(ctx: Context, expr: Expr, flags: Flags): Value | undefined {
  if (isValue(expr)) return expr;
  if (!isResolver(expr)) return evalState(ctx, expr, flags);
  const found = resolve(ctx, expr, flags);
  if (ctx.errors !== undefined || found === undefined) return undefined;
  const vertex = found.derefValue();
  const n = stateOf(ctx, vertex);
  if (n !== undefined) {
    // A lookup counts as structure.
    if (ctx.close.cycle !== cyclic || isLet(vertex.label)) n.hasNonCycle = true;
    process(n, arcTypeKnown | fieldSetKnown, "yield");
    if (n.disjuncts.length > 0) unify(ctx, n.node, { condition: arcTypeKnown | fieldSetKnown, mode: "yield" });
  }
  return vertex;
}

function rootOf(vertex: Vertex): Vertex {
  let at = vertex;
  while (at.parent !== undefined) at = at.parent;
  return at;
}

/** Roots of one program share what they are made of; those of packages do not. */
function sameProgram(a: Vertex, b: Vertex): boolean {
  if (a === b) return true;
  const x = a.conjuncts[0]?.elem;
  const y = b.conjuncts[0]?.elem;
  return x?.type === "structLit" && y?.type === "structLit" && (x.whole ?? x) === (y.whole ?? y);
}

function lookup(ctx: Context, given: Vertex, position: Position | undefined, label: Label, flags: Flags): Vertex | undefined {
  let vertex = given.derefValue();
  let state = stateOf(ctx, vertex);
  if (state !== undefined) {
    // Packages are not evaluated as a whole: an error of one is passed on.
    if (vertex.childErrors !== undefined || ctx.errors !== undefined || state.errors !== undefined) {
      const error = state.takeErrors();
      if (error?.node !== undefined && !sameProgram(rootOf(error.node), rootOf(vertex))) ctx.addBottom(error);
    }
    if (vertex.isDynamic || isLet(vertex.label) || allChildConjunctsKnown(state, vertex.parent)) signal(state, allAncestorsProcessed);
    if (!allTasksStarted(state)) {
      process(state, valueKnown | fieldConjunctsKnown | allTasksCompleted, "attempt");
      updateScalar(state);
    }
  }
  // It may have come to share another.
  const now = vertex.derefValue();
  if (now !== vertex) {
    vertex = now;
    state = stateOf(ctx, vertex);
  }
  const result = vertex.lookupRaw(label);
  let arc = result?.derefNonRooted();
  let arcState: NodeState | undefined;
  let returned = result;
  if (arc !== undefined) {
    if (arc.arc === arcMember) return result;
    arcState = stateOf(ctx, arc);
  } else if (state === undefined || state.meets(needTasksDone)) {
    reportFieldIndexError(ctx, vertex, position, label);
    return undefined;
  } else {
    if (!vertex.isOpenStruct() && !acceptsField(ctx, vertex, label)) {
      reportFieldIndexError(ctx, vertex, position, label);
      return undefined;
    }
    arc = new Vertex(state.node, label);
    arc.arc = arcPending;
    if (flags.mode !== "finalize" && flags.mode !== "ignore") vertex.addArc(arc);
    arcState = stateOf(ctx, arc);
    returned = undefined;
  }
  if (arcState !== undefined && (!arcState.meets(needTasksDone) || !arcState.meets(arcTypeKnown)))
    if (settlePending(ctx, vertex, state, arc, arcState, flags)) return ctx.lookupPendingParent ? undefined : returned;
  switch (arc.arc as ArcType) {
    case arcRequired:
      ctx.addBottom({
        ...ctx.newBottom("incomplete", "required field missing: %s", [selectorText(label)], position),
        node: vertex,
      });
      return returned;
    case arcMember:
      return returned ?? arc;
    case arcOptional:
      ctx.addBottom({
        ...ctx.newBottom("incomplete", "cannot reference optional field: %s", [selectorText(label)], position),
        node: vertex,
      });
      return undefined;
    case arcPending:
      if (arcState?.parentTasks.some((task) => task.state === "running" || task.state === "waiting" || task.state === "failed") === true) {
        ctx.addBottom({
          ...ctx.newBottom("cycle", "cyclic reference to field %s", [selectorText(label)], position),
          node: vertex,
        });
        return undefined;
      }
      break;
    case arcNotPresent:
      break;
  }
  reportFieldIndexError(ctx, vertex, position, label);
  return undefined;
}

/** Finds out whether a field comes to be there. True: it is to be taken as it is. */
function settlePending(
  ctx: Context,
  vertex: Vertex,
  state: NodeState | undefined,
  arc: Vertex,
  arcState: NodeState,
  flags: Flags,
): boolean {
  const needs = flags.condition | arcTypeKnown;
  switch (flags.mode) {
    case "ignore":
      return arc.arc === arcPending;
    case "attempt":
      if (arc.arc !== arcPending) return false;
      if (state !== undefined) {
        if (hasActiveParentTask(state)) {
          retryCurrent(ctx);
          return true;
        }
        if ((state.provided & allTasksCompleted) !== 0 && (state.counters[6] ?? 0) > 0) return true;
      }
      if (hasActiveParentTask(arcState)) {
        retryCurrent(ctx);
        return true;
      }
      arc.arc = arcNotPresent;
      return false;
    case "yield":
      process(arcState, needs, "yield");
      return false;
    case "finalize": {
      const current = ctx.current();
      if (
        (arc.arc === arcPending || arc.arc === arcOptional) &&
        arcState.parentTasks.some((task) => task.state === "running" && task !== current)
      ) {
        process(arcState, arcTypeKnown, "yield");
        return false;
      }
      if (needs === (arcTypeKnown | fieldSetKnown)) unify(ctx, arc, { condition: needs, mode: "finalize" });
      else if (!unify(ctx, arc, { condition: needs, mode: "attempt" })) process(arcState, needs, "attempt");
      if (arc.arc === arcPending && !hasActiveParentTask(arcState)) arc.arc = arcNotPresent;
      return false;
    }
  }
  void vertex;
  return false;
}

/** A resolver that met a field that may still come is run again. */
function retryCurrent(ctx: Context): void {
  ctx.lookupPendingParent = true;
}
