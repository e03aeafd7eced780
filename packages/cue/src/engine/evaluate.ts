/**
 * Evaluates expressions to values. An error is a value and is also collected in the context, where the task that asked
 * finds it. A reference is resolved to a vertex, which is brought as far as the caller needs.
 */
import { Decimal } from "../number/decimal.ts";
import type { Bottom } from "./bottom.ts";
import { combineErrors } from "./bottom.ts";
import { callBuiltin } from "./call.ts";
import { compareWithBottom } from "./compare-bottom.ts";
import type { Flags } from "./conditions.ts";
import { arcTypeKnown, concreteKnown, fieldSetKnown, scalarKnown } from "./conditions.ts";
import type { Context } from "./context.ts";
import { upEnvironment } from "./context.ts";
import { detectCycle } from "./cycle.ts";
import { arcPending, isResolver } from "./expr.ts";
import type { Binary, BoundExpr, Expr, Interpolation, LabelReference, Slice, Unary } from "./expr.ts";
import { boolKind, bytesKind, floatKind, intKind, kindText, listKind, nullKind, numberKind, stringKind, structKind } from "./kind.ts";
import { selectorText } from "./label.ts";
import { binaryOp } from "./operators.ts";
import { labelValue } from "./pattern.ts";
import { resolve } from "./resolve.ts";
import { allTasksFinished, freeze, waitFor } from "./scheduler.ts";
import { completeArcsOnly, finalize, newInlineVertex, stateOf, unify } from "./unify.ts";
import { getValidators } from "./validate.ts";
import type { Value } from "./value.ts";
import { cyclePlaceholder, isConcrete, isCyclePlaceholder, isIncomplete, isValue, kindOf, unwrap } from "./value.ts";
import { newList } from "./list-arithmetic.ts";
import type { CloseInfo } from "./vertex.ts";
import { rootCloseInfo, Vertex } from "./vertex.ts";
import { formatScalar } from "./format.ts";

export function isLiteralBottom(expr: Expr): boolean {
  return expr.type === "bottom" && expr.literal;
}

/** The default of a disjunction; `ok` is false where there is none, which is then an error in the context. */
export function getDefault(ctx: Context, value: Value | undefined): { readonly value: Value | undefined; readonly ok: boolean } {
  if (value === undefined) return { value, ok: true };
  let disjunction: Value = value;
  if (value instanceof Vertex) {
    const { base } = value;
    if (base?.type === "vertex") return getDefault(ctx, base);
    if (base?.type !== "disjunction") return { value, ok: true };
    disjunction = base;
  }
  if (disjunction.type !== "disjunction") return { value, ok: true };
  if (disjunction.defaults !== 1) {
    ctx.fail("incomplete", ctx.source, "unresolved disjunction %s (type %s)", disjunction, kindText(kindOf(disjunction)));
    return { value: undefined, ok: false };
  }
  return getDefault(ctx, disjunction.values[0]);
}

/** The value, with a default taken; `undefined` where that is not known, with the reason in the context. */
export function valueOf(ctx: Context, expr: Expr, flags: Flags): Value | undefined {
  const value = evalState(ctx, expr, { ...flags, concrete: true });
  return unwrap(getDefault(ctx, value).value);
}

export function evalState(ctx: Context, expr: Expr, flags: Flags): Value | undefined {
  return evalWithClose(ctx, expr, flags).value;
}

export interface Evaluated {
  readonly value: Value | undefined;
  /** What is known of cycles behind the value. */
  readonly close: CloseInfo;
}

export function evalWithClose(ctx: Context, expr: Expr, flags: Flags): Evaluated {
  if (isValue(expr) && expr.type !== "vertex" && expr.type !== "bottom" && ctx.errors === undefined)
    return { value: expr, close: ctx.close };
  const source = ctx.source;
  const before = ctx.errors;
  const saved = ctx.close;
  ctx.source = expr.position ?? source;
  ctx.errors = undefined;
  ctx.depth++;
  let result: Evaluated;
  if (ctx.depth > ctx.host.limits.depth) {
    const bottom = ctx.exhaust(`evaluation nests more than ${ctx.host.limits.depth} levels deep`);
    result = { value: bottom, close: saved };
  } else result = evaluate(ctx, expr, flags);
  ctx.depth--;
  let { value } = result;
  ctx.errors = combineErrors(ctx.errors, before);
  if (value instanceof Vertex) {
    const bottom = value.bottom();
    if (bottom !== undefined && bottom.code !== "incomplete" && bottom.code !== "cycle") value = bottom;
  }
  if (value?.type === "bottom") {
    value = withPosition(ctx, value);
    if (ctx.errors !== value) ctx.errors = combineErrors(ctx.errors, value);
  }
  if (ctx.errors !== undefined) value = ctx.errors;
  ctx.source = source;
  ctx.close = saved;
  return { value, close: result.close };
}

/** A cycle error without a place gets this one. */
function withPosition(ctx: Context, bottom: Bottom): Bottom {
  if (bottom.code !== "cycle" || ctx.source === undefined) return bottom;
  if (bottom.messages.some((message) => message.position !== undefined || message.positions.length > 0)) return bottom;
  if (bottom === cyclePlaceholder) return { ...bottom, messages: [ctx.newMessage(ctx.source, "cycle error", [])] };
  return { ...bottom, messages: bottom.messages.map((message) => ({ ...message, position: ctx.source })) };
}

function evaluate(ctx: Context, expr: Expr, flags: Flags): Evaluated {
  if (isValue(expr)) return { value: expr, close: ctx.close };
  if (!isResolver(expr)) {
    if (expr.type === "openExpr") {
      const inner = evalWithClose(ctx, expr.operand, flags);
      return { value: inner.value, close: { ...inner.close, opened: true } };
    }
    const value = compute(ctx, expr, flags);
    return { value, close: ctx.close };
  }
  const found = resolve(ctx, expr, flags);
  if (ctx.errors !== undefined || found === undefined) return { value: undefined, close: ctx.close };
  const original = found;
  let arc = found.derefNonShared();
  const state = stateOf(ctx, arc);
  if (state !== undefined) {
    ctx.close = detectCycle(state, arc, undefined, expr, ctx.close).close;
    const needs = flags.condition | arcTypeKnown;
    const condition: Flags = { condition: needs, mode: flags.mode === "yield" ? "yield" : "attempt", checkTypos: true };
    if (flags.mode !== "ignore") unify(ctx, arc, condition);
    if (flags.mode === "finalize") freeze(state, needs);
    if (flags.mode === "yield") {
      let evaluating = arc.status === "evaluating";
      if (original.state?.scalar !== undefined) evaluating = false;
      else if (flags.concrete === true && original !== arc && original.state?.meets(scalarKnown) === true && isRecursivelyConcrete(arc))
        evaluating = false;
      if (evaluating && original !== arc && arc.isDisjunct) {
        const task = ctx.current();
        const open = original.state;
        if (flags.condition === scalarKnown && open !== undefined && task !== undefined && !open.meets(scalarKnown)) {
          open.defaultAttemptInCycle = task.node.node;
          waitFor(task, open, needs);
        }
        return { value: ctx.newBottom("cycle", "unresolved disjunction: %s", [expr]), close: ctx.close };
      }
      if (evaluating && !state.hasFieldValue && isCyclePlaceholder(arc.base)) {
        ctx.fail("cycle", ctx.source, "cycle with field: %s", expr);
        return { value: valueOfVertex(ctx, arc.derefValue(), flags), close: ctx.close };
      }
      const value = valueOfVertex(ctx, arc, flags);
      if (arc.nonRooted && !allTasksFinished(state)) ctx.current()?.node.deferred.push(state);
      return { value, close: ctx.close };
    }
  }
  arc = arc.derefValue();
  return { value: valueOfVertex(ctx, arc, flags), close: ctx.close };
}

function isRecursivelyConcrete(vertex: Vertex): boolean {
  const at = vertex.derefValue();
  if (at.base === undefined || !isConcrete(at)) return false;
  return at.arcs.every((arc) => arc.arc !== 0 || isRecursivelyConcrete(arc));
}

/** What is known of a vertex, which may be less than everything. */
function valueOfVertex(ctx: Context, vertex: Vertex, flags: Flags): Value | undefined {
  if (vertex.base === undefined || vertex.base === cyclePlaceholder) {
    unify(ctx, vertex, flags);
    if (vertex.arc === arcPending) {
      if (vertex.status === "evaluating") {
        const bottom = ctx.newBottom("cycle", "cycle with field %s", [selectorText(vertex.label)]);
        vertex.base = bottom;
        return bottom;
      }
      ctx.fail("incomplete", ctx.source, "undefined field: %s", selectorText(vertex.label));
      return undefined;
    }
  }
  const { state, base } = vertex;
  if (state !== undefined) {
    if (state.errors !== undefined && !isIncomplete(state.errors)) return state.errors;
    if (state.scalar !== undefined && isCyclePlaceholder(base)) return state.scalar;
  }
  if (base?.type === "bottom") {
    if (!isIncomplete(base)) return base;
    ctx.addBottom(base === cyclePlaceholder ? withPosition(ctx, base) : base);
    return undefined;
  }
  if (base === undefined) {
    if (state === undefined) return undefined;
    const value = getValidators(state);
    return value === undefined || value.type === "structMarker" || value.type === "listMarker" ? vertex : value;
  }
  return vertex;
}

function compute(ctx: Context, expr: Exclude<Expr, Value>, flags: Flags): Value | undefined {
  const { env } = ctx;
  switch (expr.type) {
    case "structLit":
    case "listLit": {
      const vertex = newInlineVertex(ctx, [{ env, elem: expr, close: ctx.close }]);
      completeArcsOnly(ctx, vertex);
      return vertex;
    }
    case "disjunctionExpr": {
      const vertex = newInlineVertex(ctx, [{ env, elem: expr, close: ctx.close }]);
      finalize(ctx, vertex);
      return vertex;
    }
    case "boundExpr":
      return evaluateBound(ctx, expr);
    case "unary":
      return evaluateUnary(ctx, expr);
    case "binary":
      return evaluateBinary(ctx, expr);
    case "interpolation":
      return evaluateInterpolation(ctx, expr);
    case "labelReference":
      return evaluateLabel(ctx, expr);
    case "slice":
      return evaluateSlice(ctx, expr);
    case "call":
      return callBuiltin(ctx, expr, flags);
    default:
      return undefined;
  }
}

const scalarFlags: Flags = { condition: scalarKnown, mode: "yield" };

function evaluateLabel(ctx: Context, expr: LabelReference): Value {
  const label = ctx.env === undefined ? undefined : upEnvironment(ctx.env, expr.up).dynamicLabel;
  return label === undefined ? { type: "basicType", kind: stringKind, position: expr.position } : labelValue(label);
}

function evaluateBound(ctx: Context, expr: BoundExpr): Value | undefined {
  const value = valueOf(ctx, expr.operand, scalarFlags);
  if (value === undefined || value.type === "bottom") return value;
  const kind = kindOf(value);
  const equality = expr.op === "!=" || expr.op === "==";
  switch (kind) {
    case intKind:
    case floatKind:
    case numberKind:
    case stringKind:
    case bytesKind:
      break;
    case nullKind:
    case structKind:
    case listKind:
    case boolKind:
      if (!equality) return ctx.newBottom("eval", "cannot use %s for bound %s", [kindText(kind), expr.op], expr.operand.position);
      break;
    default: {
      const mask = numberKind | stringKind | bytesKind | (equality ? nullKind | structKind | listKind | boolKind : 0);
      if ((kind & mask) !== 0) {
        ctx.fail("incomplete", "nowhere", "non-concrete value %s for bound %s", expr.operand, expr.op);
        return undefined;
      }
      return ctx.newBottom("eval", "invalid value %s (type %s) for bound %s", [value, kindText(kind), expr.op], expr.operand.position);
    }
  }
  if (!isConcrete(value)) {
    ctx.fail("incomplete", "nowhere", "non-concrete value %s for bound %s", expr.operand, expr.op);
    return undefined;
  }
  return { type: "bound", op: expr.op, value, position: expr.position };
}

/** Types and bounds are never concrete: an operator on one is a mistake. */
function concreteIsPossible(ctx: Context, op: string, expr: Expr): boolean {
  const possible = expr.type === "bottom" || !(expr.type === "boundExpr" || (isValue(expr) && !isConcrete(expr)));
  if (!possible) ctx.fail("eval", undefined, "invalid operand %s ('%s' requires concrete value)", expr, op);
  return possible;
}

function evaluateUnary(ctx: Context, expr: Unary): Value | undefined {
  if (!concreteIsPossible(ctx, expr.op, expr.operand)) return undefined;
  const value = valueOf(ctx, expr.operand, scalarFlags);
  if (value === undefined || value.type === "bottom") return value;
  const kind = kindOf(value);
  let expected: number = numberKind;
  if (expr.op === "!") {
    if (value.type === "bool") return { type: "bool", value: !value.value, position: expr.position };
    expected = boolKind;
  } else if (value.type === "int" || value.type === "float") {
    if (expr.op === "+") return value;
    if (value.type === "int") return { type: "int", value: -value.value, position: expr.position };
    return { type: "float", value: new Decimal(-value.value.coefficient, value.value.exponent), position: expr.position };
  }
  if ((kind & expected) !== 0) {
    ctx.fail("incomplete", expr.operand.position, "operand %s of '%s' not concrete (was %s)", expr.operand, expr.op, kindText(kind));
    return undefined;
  }
  return ctx.newBottom("eval", "invalid operation %s (%s %s)", [expr, expr.op, kindText(kind)]);
}

function evaluateBinary(ctx: Context, expr: Binary): Value | undefined {
  const { env } = ctx;
  if (expr.op === "&") {
    const vertex = newInlineVertex(ctx, [{ env, elem: expr, close: { ...rootCloseInfo, references: ctx.close.references } }]);
    if ((ctx.inDetached === 0 && env !== undefined && ctx.envVertex(env).isDynamic) || ctx.inValidator > 0) finalize(ctx, vertex);
    else completeArcsOnly(ctx, vertex);
    return vertex;
  }
  if (!concreteIsPossible(ctx, expr.op, expr.left) || !concreteIsPossible(ctx, expr.op, expr.right)) return undefined;
  if (expr.op === "==" || expr.op === "!=") {
    if (isLiteralBottom(expr.left)) return compareWithBottom(ctx, expr, expr.right);
    if (isLiteralBottom(expr.right)) return compareWithBottom(ctx, expr, expr.left);
  }
  if (isSum(expr) && isSum(expr.left)) return evaluateSum(ctx, expr);
  return applyBinary(ctx, expr, concrete(ctx, expr.left, expr.op));
}

function isSum(expr: Expr): expr is Binary {
  return expr.type === "binary" && (expr.op === "+" || expr.op === "-" || expr.op === "*" || expr.op === "/");
}

/** A long sum leans to the left: its operands are taken one by one, not one inside the other. */
function evaluateSum(ctx: Context, expr: Binary): Value | undefined {
  const chain: Binary[] = [];
  let innermost = expr;
  for (; isSum(innermost.left); innermost = innermost.left) chain.push(innermost);
  const { source } = ctx;
  ctx.source = innermost.position ?? source;
  let sum = applyBinary(ctx, innermost, concrete(ctx, innermost.left, innermost.op));
  for (const link of chain.reverse()) {
    if (ctx.step()) return ctx.exhausted;
    ctx.source = link.position ?? source;
    sum ??= ctx.newBottom("incomplete", "non-concrete value %s in operand to %s", [link.left, link.op]);
    sum = concreteIsPossible(ctx, link.op, link.right) ? applyBinary(ctx, link, sum) : undefined;
  }
  ctx.source = source;
  return sum;
}

function applyBinary(ctx: Context, expr: Binary, left: Value | undefined): Value | undefined {
  const right = concrete(ctx, expr.right, expr.op);
  const failed = combineErrors(left, right) ?? ctx.takeErrors();
  if (failed !== undefined) return failed;
  if (left === undefined || right === undefined) return undefined;
  return binaryOp(ctx, expr.op, left, right, expr.position);
}

/** A concrete value, or the error that says that it is none. */
export function concrete(ctx: Context, expr: Expr, op: string): Value | undefined {
  const frame = ctx.push(ctx.env, expr.position);
  const evaluated = evalState(ctx, expr, { condition: concreteKnown, mode: "yield" });
  ctx.pop(frame);
  const chosen = getDefault(ctx, evaluated);
  if (!chosen.ok) return chosen.value;
  const value = unwrap(chosen.value);
  if (value === undefined || !isConcrete(value))
    return ctx.newBottom("incomplete", "non-concrete value %s in operand to %s", [chosen.value ?? expr, op]);
  return value;
}

function evaluateInterpolation(ctx: Context, expr: Interpolation): Value {
  const chunks: (string | Uint8Array)[] = [];
  for (const part of expr.parts) {
    const value = valueOf(ctx, part, scalarFlags);
    if (value !== undefined && value.type !== "bottom") chunks.push(interpolated(ctx, value));
  }
  const failed = ctx.takeErrors();
  if (failed !== undefined)
    return {
      type: "bottom",
      position: expr.position,
      code: failed.code,
      messages: failed.messages.map((cause) => ({
        ...ctx.newMessage(expr.position, "invalid interpolation", []),
        cause: [cause],
      })),
      node: ctx.vertex,
      literal: false,
    };
  ctx.countText(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  if (ctx.exhausted !== undefined) return ctx.exhausted;
  if (!expr.isBytes)
    return {
      type: "string",
      value: chunks.map((chunk) => (typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk))).join(""),
      position: expr.position,
    };
  const encoded = chunks.map((chunk) => (typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk));
  const bytes = new Uint8Array(encoded.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of encoded) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { type: "bytes", value: bytes, position: expr.position };
}

function interpolated(ctx: Context, value: Value): string | Uint8Array {
  switch (value.type) {
    case "string":
    case "bytes":
      return value.value;
    case "int":
    case "float":
    case "bool":
      return formatScalar(value);
    default: {
      const kind = kindOf(value);
      const wanted = stringKind | numberKind | bytesKind | boolKind;
      if ((kind & wanted) === 0)
        ctx.fail("eval", ctx.source, "cannot use %s (type %s) as type %s", value, kindText(kind), kindText(wanted));
      else ctx.fail("incomplete", ctx.source, "non-concrete value %s (type %s)", value, kindText(kind));
      return "";
    }
  }
}

function evaluateSlice(ctx: Context, expr: Slice): Value | undefined {
  const value = valueOf(ctx, expr.operand, { condition: fieldSetKnown, mode: "yield" });
  if (value === undefined) {
    if (ctx.errors === undefined) ctx.fail("incomplete", ctx.source, "non-concrete slice subject %s", expr.operand);
    return undefined;
  }
  if (value.type === "bottom") return value;
  const isList = value instanceof Vertex && value.isList();
  if (!isList && value.type !== "bytes") return ctx.newBottom("eval", "cannot slice %s (type %s)", [value, kindText(kindOf(value))]);
  const elements = value instanceof Vertex ? value.elements() : [];
  const length = value.type === "bytes" ? value.value.length : elements.length;
  const low = expr.low === undefined ? 0 : sliceIndex(ctx, expr.low);
  const high = expr.high === undefined ? length : sliceIndex(ctx, expr.high);
  if (low === undefined || high === undefined) return undefined;
  if (high > length) return ctx.newBottom("eval", "index %s out of range", [String(high)]);
  if (low > high) return ctx.newBottom("eval", "invalid slice index: %s > %s", [String(low), String(high)]);
  if (value.type === "bytes") return { type: "bytes", value: value.value.slice(low, high), position: expr.position };
  return newList(elements.slice(low, high));
}

function sliceIndex(ctx: Context, expr: Expr): number | undefined {
  const value = valueOf(ctx, expr, scalarFlags);
  if (value === undefined || value.type === "bottom") return undefined;
  if (value.type !== "int") {
    const kind = kindOf(value);
    if (!isConcrete(value) && (kind & intKind) !== 0) ctx.fail("incomplete", value.position, "incomplete int in slice index: %s", value);
    else ctx.fail("eval", ctx.source, "cannot use %s (type %s) as type int in slice index", value, kindText(kind));
    return undefined;
  }
  if (value.value < 0n) {
    ctx.fail("eval", ctx.source, "cannot convert negative number to uint64");
    return undefined;
  }
  return Number(value.value);
}
