/** Which values bounds let through, told from the bounds alone. */
import type { Context } from "../engine/context.ts";
import { equalValues } from "../engine/equality.ts";
import { scalarHolds } from "../engine/operators.ts";
import { validateBound } from "../engine/validate.ts";
import type { BoundValue, Scalar, Value } from "../engine/value.ts";
import { isScalar, kindOf } from "../engine/value.ts";
import { decimalOf, isWhole, toBigInt } from "../number/decimal.ts";

/** Whether all that `y` lets through lies within the bound `x`. `y` is no disjunction. */
export function boundSubsumes(ctx: Context, x: BoundValue, y: Value): boolean {
  if ((kindOf(y) & ~kindOf(x)) !== 0) return false;
  if (y.type === "bound" && x.op === y.op && equalValues(ctx, x.value, y.value, true)) return true;
  if (x.op === "!=") return isScalar(x.value) && equalScalars(x.value).every((each) => !mayBe(ctx, y, each));
  if (isScalar(y)) return validateBound(ctx, x, y) === undefined;
  return y.type === "bound" && followsFrom(x, y);
}

/** Bounds of one direction. Patterns are not compared: whether one expression implies another is too much to tell. */
function followsFrom(x: BoundValue, y: BoundValue): boolean {
  if (!isScalar(x.value) || !isScalar(y.value)) return false;
  switch (`${x.op} ${y.op}`) {
    case "> >=":
      return scalarHolds("<", x.value, y.value) === true;
    case "> >":
    case ">= >":
    case ">= >=":
      return scalarHolds("<=", x.value, y.value) === true;
    case "< <=":
      return scalarHolds(">", x.value, y.value) === true;
    case "< <":
    case "<= <":
    case "<= <=":
      return scalarHolds(">=", x.value, y.value) === true;
    default:
      return false;
  }
}

/** What `!=` takes for equal: an int and a float of the same value. */
function equalScalars(value: Scalar): readonly Scalar[] {
  if (value.type === "int") return [value, { type: "float", value: decimalOf(value.value), position: undefined }];
  if (value.type !== "float" || !isWhole(value.value)) return [value];
  return [value, { type: "int", value: toBigInt(value.value), position: undefined }];
}

/** False where the value is certainly none of those that `y` lets through. */
function mayBe(ctx: Context, y: Value, value: Scalar): boolean {
  const kind = kindOf(value);
  switch (y.type) {
    case "top":
      return true;
    case "bottom":
    case "vertex":
    case "builtin":
      return false;
    case "basicType":
      return (y.kind & kind) !== 0;
    case "bound":
      return (kindOf(y) & kind) !== 0 && validateBound(ctx, y, value) === undefined;
    case "conjunction":
      return y.values.every((each) => mayBe(ctx, each, value));
    case "disjunction":
      return y.values.some((each) => mayBe(ctx, each, value));
    case "validator":
      return (kindOf(y) & kind) !== 0;
    default:
      return kindOf(y) === kind && equalValues(ctx, y, value, false);
  }
}
