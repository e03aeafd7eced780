/** Comparisons with bottom are answered early and must still hold in the end. */
import { allKnown } from "./conditions.ts";
import { combineErrors } from "./bottom.ts";
import type { Context } from "./context.ts";
import { evalState, getDefault } from "./evaluate.ts";
import type { Expr } from "./expr.ts";
import { setBaseValue } from "./share.ts";
import type { NodeState } from "./state.ts";
import { unwrap } from "./value.ts";
import type { Environment } from "./vertex.ts";

/** Evaluates `expr` again when its struct is complete: `expectError` says what it was. */
export function verifyLater(ctx: Context, env: Environment, expr: Expr, expectError: boolean): void {
  ctx.envVertex(env).state?.postChecks.push({ env, expr, expectError });
}

export function runPostChecks(n: NodeState): void {
  const { ctx } = n;
  for (const check of n.postChecks) {
    const frame = ctx.push(check.env, check.expr.position);
    const value = unwrap(getDefault(ctx, evalState(ctx, check.expr, { condition: allKnown, mode: "ignore" })).value);
    if ((value?.type === "bottom") !== check.expectError) {
      const bottom = ctx.newBottom(
        "cycle",
        "circular dependency in evaluation of conditionals: %s changed after evaluation",
        [check.expr],
        check.expr.position,
      );
      setBaseValue(n, combineErrors(n.node.bottom(), { ...bottom, node: n.node }));
    }
    ctx.pop(frame);
  }
}
