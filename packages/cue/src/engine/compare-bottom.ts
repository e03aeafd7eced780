/**
 * `x == _|_` and `x != _|_` with the literal: whether `x` is there and valid. The answer is taken when it is asked for,
 * and is checked again when the struct that asks is complete.
 */
import { allKnown, needTasksDone, valueKnown } from "./conditions.ts";
import type { Context } from "./context.ts";
import { hasDepthCycle } from "./cycle.ts";
import { evalState, getDefault } from "./evaluate.ts";
import type { Binary, Expr } from "./expr.ts";
import { compositeKind } from "./kind.ts";
import { verifyLater } from "./post-checks.ts";
import { waitFor } from "./scheduler.ts";
import { finalize } from "./unify.ts";
import type { Value } from "./value.ts";
import { boolValue, isConcrete, kindOf, unwrap } from "./value.ts";
import { Vertex } from "./vertex.ts";

export function compareWithBottom(ctx: Context, whole: Binary, expr: Expr): Value | undefined {
  ctx.inValidator++;
  try {
    return compare(ctx, whole, expr);
  } finally {
    // Left by tasks that wait, too.
    ctx.inValidator--;
  }
}

function compare(ctx: Context, whole: Binary, expr: Expr): Value | undefined {
  const { env } = ctx;
  if (env === undefined) return undefined;
  const isEqual = whole.op === "==";
  const frame = ctx.push(env, whole.position);
  let match = !isEqual;
  const evaluated = evalState(ctx, expr, { condition: needTasksDone, mode: "finalize" });
  let value = unwrap(getDefault(ctx, evaluated).value);
  if (value !== undefined && (kindOf(value) & compositeKind) !== 0) value = evaluated;
  if (value === undefined) {
    // Nothing is known: neither error nor value.
  } else if (value.type === "bottom") {
    if (value.code === "cycle") {
      ctx.pop(frame);
      ctx.addBottom(value);
      return undefined;
    }
    if (value.code === "incomplete") {
      const state = value.node?.state;
      const current = ctx.current();
      if (
        state !== undefined &&
        current !== undefined &&
        state.scheduling === "running" &&
        !state.meets(valueKnown) &&
        (state.provided & valueKnown) !== 0
      ) {
        ctx.pop(frame);
        waitFor(current, state, valueKnown);
      }
      evalState(ctx, expr, { condition: allKnown, mode: "ignore" });
      verifyLater(ctx, env, expr, true);
    }
    match = isEqual;
  } else if (value instanceof Vertex) {
    if (hasDepthCycle(ctx, value)) {
      verifyLater(ctx, env, expr, true);
      match = isEqual;
    } else {
      finalize(ctx, value);
      const bottom = unwrap(value.derefValue());
      if (bottom?.type === "bottom" && bottom.code !== "incomplete" && bottom.code !== "cycle") match = isEqual;
    }
  } else {
    verifyLater(ctx, env, expr, false);
    if (!isConcrete(value)) match = isEqual;
    evalState(ctx, expr, { condition: needTasksDone, mode: "yield" });
  }
  ctx.pop(frame);
  return boolValue(match);
}
