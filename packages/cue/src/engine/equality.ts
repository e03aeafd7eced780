/** Structural equality of values, evaluated or on the way. */
import type { Context } from "./context.ts";
import { arcMember, arcOptional } from "./expr.ts";
import { compareBytes, compareScalars } from "./operators.ts";
import { simplifyValidator } from "./simplify.ts";
import type { NodeState } from "./state.ts";
import type { BaseValue, Value } from "./value.ts";
import { isCyclePlaceholder, isScalar, isValue } from "./value.ts";
import { Vertex } from "./vertex.ts";
import { structKind } from "./kind.ts";
import { isLet } from "./label.ts";
import { finalize } from "./unify.ts";
import { getValidators } from "./validate.ts";

/** Equal as values; `structural`: optional fields, patterns and closedness too. */
export function equalValues(ctx: Context, x: Value, y: Value, structural: boolean): boolean {
  if (x === y) return true;
  if (x instanceof Vertex && y instanceof Vertex) return equalVertices(ctx, x, y, structural);
  if (x instanceof Vertex || y instanceof Vertex) {
    const a = x instanceof Vertex ? x.derefValue().base : x;
    const b = y instanceof Vertex ? y.derefValue().base : y;
    return a !== undefined && b !== undefined && isTerminal(a) && isTerminal(b) && equalTerminals(ctx, a, b, structural);
  }
  return equalTerminals(ctx, x, y, structural);
}

function isTerminal(base: NonNullable<BaseValue>): base is Value {
  return base.type !== "structMarker" && base.type !== "listMarker" && isValue(base);
}

function equalVertices(ctx: Context, left: Vertex, right: Vertex, structural: boolean): boolean {
  const x = left.derefValue();
  const y = right.derefValue();
  if (x === y) return true;
  if (x.kind() !== y.kind()) return false;
  if (structural && (x.isClosedStruct() !== y.isClosedStruct() || x.isClosedList() !== y.isClosedList())) return false;
  const limit = structural ? arcOptional : arcMember;
  const xs = x.arcs.filter((arc) => arc.arc <= limit && !isLet(arc.label));
  const ys = y.arcs.filter((arc) => arc.arc <= limit && !isLet(arc.label));
  if (xs.length !== ys.length) return false;
  for (const arc of xs) {
    const other = y.lookupRaw(arc.label);
    if (other === undefined || other.arc !== arc.arc || !equalVertices(ctx, arc, other, structural)) return false;
  }
  const a = x.base;
  const b = y.base;
  if (a === undefined || b === undefined) return a === b;
  if (!isTerminal(a) || !isTerminal(b)) return a.type === b.type;
  return equalTerminals(ctx, a, b, structural);
}

function equalPatterns(ctx: Context, x: Vertex, y: Vertex): boolean {
  const xs = x.patterns ?? [];
  const ys = y.patterns ?? [];
  if (xs.length !== ys.length) return false;
  return xs.every((each, i) => {
    const other = ys[i];
    if (other === undefined || !equalValues(ctx, each.pattern, other.pattern, false)) return false;
    if (each.constraint === other.constraint) return true;
    finalize(ctx, each.constraint);
    finalize(ctx, other.constraint);
    return equalVertices(ctx, each.constraint, other.constraint, true);
  });
}

function equalTerminals(ctx: Context, x: Value, y: Value, structural: boolean): boolean {
  if (x === y) return true;
  if (isScalar(x) && isScalar(y)) {
    if (x.type !== y.type) return false;
    if (x.type === "null") return true;
    if (x.type === "bool" && y.type === "bool") return x.value === y.value;
    if (x.type === "bytes" && y.type === "bytes") return compareBytes(x.value, y.value) === 0;
    return compareScalars(x, y) === 0;
  }
  switch (x.type) {
    case "bottom":
    case "top":
      return x.type === y.type;
    case "basicType":
      return y.type === "basicType" && x.kind === y.kind;
    case "bound":
      return y.type === "bound" && x.op === y.op && equalValues(ctx, x.value, y.value, structural);
    case "conjunction":
      return y.type === "conjunction" && equalLists(ctx, x.values, y.values, structural);
    case "disjunction":
      return y.type === "disjunction" && x.defaults === y.defaults && equalLists(ctx, x.values, y.values, structural);
    case "validator":
      return y.type === "validator" && simplifyValidator(ctx, x, y);
    case "vertex":
      return y instanceof Vertex && equalVertices(ctx, x, y, structural);
    default:
      return false;
  }
}

function equalLists(ctx: Context, xs: readonly Value[], ys: readonly Value[], structural: boolean): boolean {
  return xs.length === ys.length && xs.every((x, i) => equalValues(ctx, x, ys[i] ?? x, structural));
}

/** Whether two disjuncts are the same so far, and will stay so. */
export function equalNodes(ctx: Context, x: NodeState, y: NodeState): boolean {
  const xv = x.node.derefValue();
  const yv = y.node.derefValue();
  if (xv.status === "finalized" && yv.status === "finalized") return equalVertices(ctx, xv, yv, true);
  if (!equalPartial(ctx, x.node, y.node)) return false;
  if (!sameTasks(x, y)) return false;
  const a = presentValue(x, xv);
  const b = presentValue(y, yv);
  if (a === undefined || b === undefined || !isTerminal(a) || !isTerminal(b)) return true;
  return equalValues(ctx, a, b, true);
}

function presentValue(n: NodeState, vertex: Vertex): BaseValue {
  return vertex.base === undefined || isCyclePlaceholder(vertex.base) ? getValidators(n) : vertex.base;
}

function openTasks(n: NodeState): NodeState["tasks"] {
  return n.tasks.filter((task) => task.state === "ready" || task.state === "waiting");
}

function sameTasks(x: NodeState, y: NodeState): boolean {
  const xs = openTasks(x);
  const ys = openTasks(y);
  return xs.length === ys.length && xs.every((task, i) => task.elem === ys[i]?.elem);
}

function equalPartial(ctx: Context, x: Vertex, y: Vertex): boolean {
  const nx = x.status === "finalized" ? undefined : x.state;
  const ny = y.status === "finalized" ? undefined : y.state;
  if (nx === undefined && ny === undefined) return equalVertices(ctx, x, y, true);
  if (nx === undefined || ny === undefined) return false;
  if (!equalState(ctx, nx, ny)) return false;
  if (!equalPatterns(ctx, x, y)) return false;
  if (x.arcs.length !== y.arcs.length) return false;
  return x.arcs.every((arc) => {
    const other = y.lookupRaw(arc.label);
    return other !== undefined && equalPartial(ctx, arc, other);
  });
}

function equalState(ctx: Context, x: NodeState, y: NodeState): boolean {
  const xk = x.struct === undefined ? x.kind : x.kind & structKind;
  const yk = y.struct === undefined ? y.kind : y.kind & structKind;
  if (xk !== yk || x.hasTop !== y.hasTop) return false;
  if (!equalOptional(ctx, x.scalar, y.scalar)) return false;
  if (x.checks.length !== y.checks.length) return false;
  if (!equalOptional(ctx, x.lowerBound, y.lowerBound) || !equalOptional(ctx, x.upperBound, y.upperBound)) return false;
  for (let i = 0; i < x.checks.length; i++) {
    const a = x.checks[i]?.elem;
    const b = y.checks[i]?.elem;
    if (a === undefined || b === undefined || !isValue(a) || !isValue(b) || !equalValues(ctx, a, b, true)) return false;
  }
  return sameTasks(x, y);
}

function equalOptional(ctx: Context, x: Value | undefined, y: Value | undefined): boolean {
  if (x === undefined || y === undefined) return x === y;
  return equalValues(ctx, x, y, true);
}
