/** Whether a label matches the pattern of a constraint. */
import type { Context } from "./context.ts";
import { validateBound } from "./validate.ts";
import { intKind, stringKind } from "./kind.ts";
import type { Label } from "./label.ts";
import { isInt, isRegular, labelName } from "./label.ts";
import { finalize, newInlineVertex, unify } from "./unify.ts";
import type { Value } from "./value.ts";
import { cyclePlaceholder, intValue, kindOf, stringValue, unwrap } from "./value.ts";
import { rootCloseInfo, Vertex } from "./vertex.ts";
import { scalarKnown } from "./conditions.ts";

export function labelValue(label: Label): Value {
  return isInt(label) ? intValue(label) : stringValue(labelName(label));
}

export function matchPattern(ctx: Context, pattern: Value, label: Label): boolean {
  return isRegular(label) && matches(ctx, pattern, label);
}

function matches(ctx: Context, given: Value, label: Label): boolean {
  if (given instanceof Vertex) unify(ctx, given, { condition: scalarKnown, mode: "finalize" });
  const pattern = unwrap(given);
  if (pattern === undefined) return false;
  const kind = isInt(label) ? intKind : stringKind;
  if (pattern.type !== "bottom" && (kindOf(pattern) & kind) === 0) return false;
  switch (pattern.type) {
    case "bottom":
      if (pattern === cyclePlaceholder) ctx.fail("eval", given.position, "cyclic pattern constraint");
      else if (ctx.errors === undefined) ctx.addBottom(pattern);
      return false;
    case "top":
    case "basicType":
      return true;
    case "bound":
      return validateBound(ctx, pattern, labelValue(label)) === undefined;
    case "int":
      return isInt(label) && pattern.value === BigInt(label);
    case "string":
      return !isInt(label) && pattern.value === labelName(label);
    case "conjunction":
      return pattern.values.every((each) => matches(ctx, each, label));
    case "disjunction":
      return pattern.values.some((each) => matches(ctx, each, label));
    default: {
      const both = newInlineVertex(ctx, [
        { env: ctx.env, elem: pattern, close: rootCloseInfo },
        { env: ctx.env, elem: labelValue(label), close: rootCloseInfo },
      ]);
      finalize(ctx, both);
      return !both.isError();
    }
  }
}
