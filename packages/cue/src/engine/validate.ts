/** Checks of a value against bounds and validators, and what stands for a value that is not concrete. */
import type { Bottom } from "./bottom.ts";
import { validateWithBuiltin } from "./call.ts";
import type { Context } from "./context.ts";
import { addNodePositions } from "./context.ts";
import { arcOptional } from "./expr.ts";
import { structKind, topKind } from "./kind.ts";
import { isRegular } from "./label.ts";
import { binaryOp } from "./operators.ts";
import { simplifyBounds } from "./simplify.ts";
import type { NodeState } from "./state.ts";
import type { BaseValue, BoundValue, Value } from "./value.ts";
import { isConcrete, isValue, kindOf, structMarker } from "./value.ts";
import type { Conjunct } from "./vertex.ts";
import { rootCloseInfo } from "./vertex.ts";

/** Why `value` does not satisfy the bound. */
export function validateBound(ctx: Context, bound: BoundValue, value: Value): Bottom | undefined {
  if (ctx.errors !== undefined) return ctx.takeErrors();
  const saved = ctx.source;
  ctx.source = bound.position;
  const result = binaryOp(ctx, bound.op, value, bound.value, undefined);
  let failure: Bottom | undefined;
  if (result.type === "bottom") failure = result;
  else if (result.type !== "bool" || !result.value) {
    failure = ctx.newBottom("eval", "invalid value %s (out of bound %s)", [value, bound]);
    failure.messages[0]?.positions.push(...positionsOf(value));
  }
  ctx.source = saved;
  return failure;
}

function positionsOf(value: Value): NonNullable<Value["position"]>[] {
  const found: NonNullable<Value["position"]>[] = [];
  addNodePositions(value, (at) => {
    if (at !== undefined) found.push(at);
  });
  return found;
}

/** Runs one check on a vertex. */
export function validate(ctx: Context, check: Conjunct, vertex: Value): Bottom | undefined {
  const { source, close, env } = ctx;
  ctx.source = check.elem.position;
  ctx.close = check.close;
  ctx.env = check.env;
  let failure: Bottom | undefined;
  if (check.elem.type === "bound") failure = validateBound(ctx, check.elem, vertex);
  else if (check.elem.type === "validator") failure = validateWithBuiltin(ctx, check.elem, vertex);
  ctx.source = source;
  ctx.close = close;
  ctx.env = env;
  return failure;
}

/** Checks the bounds of a concrete value; for others the bounds are the value. */
export function validateValue(n: NodeState): void {
  const vertex = n.node;
  let isStruct = false;
  if (n.struct !== undefined) isStruct = true;
  else if (vertex.structs.length > 0) {
    isStruct = (n.kind & structKind) !== 0 && !n.hasTop;
    if (vertex.arcs.some((arc) => isRegular(arc.label) && arc.arc < arcOptional)) isStruct = true;
  }
  let value = vertex.derefValue().value();
  if (vertex.base === undefined && isStruct) {
    vertex.base = structMarker;
    value = vertex;
  }
  if (value !== undefined && isConcrete(value)) {
    for (const bound of [n.lowerBound, n.upperBound]) {
      if (bound === undefined) continue;
      const failure = validate(n.ctx, { env: undefined, elem: bound, close: rootCloseInfo }, value);
      failure?.messages[0]?.positions.push(...positionsOf(bound), ...positionsOf(value));
      n.addBottom(failure);
    }
  } else vertex.base = getValidators(n);
}

/** What is known of a value that is not concrete. */
export function getValidators(n: NodeState): BaseValue {
  const values: Value[] = [];
  let kind: number = topKind;
  const take = (value: Value): void => {
    values.push(value);
    kind &= kindOf(value);
  };
  if (n.lowerBound !== undefined) take(n.lowerBound);
  if (n.upperBound !== undefined) take(n.upperBound);
  for (const check of n.checks) {
    const { elem } = check;
    if (!isValue(elem)) continue;
    if (elem.type === "bound" && elem.op === "!=") {
      if (n.upperBound !== undefined && simplifyBounds(n.ctx, n.kind, n.upperBound, elem) !== undefined) continue;
      if (n.lowerBound !== undefined && simplifyBounds(n.ctx, n.kind, n.lowerBound, elem) !== undefined) continue;
    }
    take(elem);
  }
  if ((kind & ~n.kind) !== 0 && values.length > 0) values.push({ type: "basicType", kind: n.kind, position: n.kindElem?.position });
  if (values.length === 0)
    return n.kind === topKind
      ? { type: "top", position: n.kindElem?.position }
      : { type: "basicType", kind: n.kind, position: n.kindElem?.position };
  if (values.length === 1) return values[0];
  return { type: "conjunction", values, position: undefined };
}
