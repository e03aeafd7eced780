/** Bounds that follow from each other, or exclude each other. */
import type { Context } from "./context.ts";
import { compareScalars, scalarHolds } from "./operators.ts";
import type { Position } from "./expr.ts";
import { floatKind, intKind, numberKind, stringKind } from "./kind.ts";
import { equalValues } from "./equality.ts";
import type { BoundValue, BuiltinValidator, Float, Int, Value } from "./value.ts";
import { isScalar } from "./value.ts";
import type { Decimal } from "../number/decimal.ts";
import { add, compare, decimalOf, isWhole, subtract, toBigInt } from "../number/decimal.ts";

const direction: Readonly<Record<string, number>> = { ">": 1, ">=": 1, "<": -1, "<=": -1, "!=": 0, "=~": 2, "!~": 3, "==": 4 };
/** With bounds of one direction: the first is tighter when this holds between their limits. */
const tighter: Readonly<Record<string, "<" | "<=" | ">" | ">=">> = { ">": ">=", ">=": ">", "<": "<=", "<=": "<" };

/** One value for both, an error where they exclude each other, `undefined` where both must stay. */
export function simplifyBounds(ctx: Context, kind: number, x: BoundValue, y: BoundValue): Value | undefined {
  const xv = x.value;
  const yv = y.value;
  const xd = direction[x.op] ?? 0;
  const yd = direction[y.op] ?? 0;
  if (xd === yd) {
    const op = tighter[x.op];
    if (op === undefined) return x.op === y.op && equalValues(ctx, xv, yv, false) ? x : undefined;
    return scalarHolds(op, xv, yv) ? x : y;
  }
  if (xd === -yd && Math.abs(xd) === 1) return xd === 1 ? oppositeBounds(ctx, kind, x, y) : oppositeBounds(ctx, kind, y, x);
  if (x.op === "!=" && isScalar(yv)) return scalarHolds(y.op, xv, yv) === false ? y : undefined;
  if (y.op === "!=" && isScalar(xv)) return scalarHolds(x.op, yv, xv) === false ? x : undefined;
  return undefined;
}

function decimal(value: Int | Float): Decimal {
  return value.type === "int" ? decimalOf(value.value) : value.value;
}

function floor(value: Decimal): Decimal {
  const whole = toBigInt(value);
  return decimalOf(isWhole(value) || value.coefficient >= 0n ? whole : whole - 1n);
}
function ceil(value: Decimal): Decimal {
  const whole = toBigInt(value);
  return decimalOf(isWhole(value) || value.coefficient < 0n ? whole : whole + 1n);
}

/** `lower` is > or >=, `upper` is < or <=. */
function oppositeBounds(ctx: Context, kind: number, lower: BoundValue, upper: BoundValue): Value | undefined {
  const a = lower.value;
  const b = upper.value;
  if ((a.type !== "int" && a.type !== "float") || (b.type !== "int" && b.type !== "float")) {
    if (!isScalar(a) || !isScalar(b)) return undefined;
    const order = compareScalars(a, b);
    if (order === undefined) return undefined;
    if (order > 0 || (order === 0 && !(lower.op === ">=" && upper.op === "<="))) return incompatible(ctx, kind, upper, lower);
    if (order === 0 && ctx.host.compatibility.collapseBounds) return a;
    return undefined;
  }
  const integers = (kind & floatKind) === 0;
  let low = decimal(a);
  let high = decimal(b);
  if (integers) {
    low = lower.op === ">=" ? ceil(low) : floor(low);
    high = upper.op === "<=" ? floor(high) : ceil(high);
  }
  const difference = subtract(high, low);
  const one = decimalOf(1n);
  const collapse = ctx.host.compatibility.collapseBounds;
  if (compare(difference, decimalOf(0n)) < 0) return incompatible(ctx, kind, upper, lower);
  if (compare(difference, decimalOf(0n)) === 0) {
    if (lower.op !== ">=" || upper.op !== "<=") return incompatible(ctx, kind, upper, lower);
    return collapse ? numberOf(low, kind, lower.position) : undefined;
  }
  if (!integers) return undefined;
  if (compare(difference, one) === 0) {
    if (lower.op === ">" && upper.op === "<") return incompatible(ctx, kind, lower, upper);
    if (!collapse) return undefined;
    if (lower.op === ">=" && upper.op === "<") return numberOf(low, kind, lower.position);
    if (lower.op === ">" && upper.op === "<=") return numberOf(high, kind, lower.position);
  }
  if (collapse && compare(difference, decimalOf(2n)) === 0 && lower.op === ">" && upper.op === "<")
    return numberOf(add(low, one), kind, lower.position);
  return undefined;
}

function numberOf(value: Decimal, kind: number, position: Position | undefined): Value {
  if ((kind & intKind) !== 0 && isWhole(value)) return { type: "int", value: toBigInt(value), position };
  return { type: "float", value, position };
}

function incompatible(ctx: Context, kind: number, a: BoundValue, b: BoundValue): Value {
  const both = kind & (numberKind | stringKind);
  const name =
    both === intKind
      ? "integer"
      : (both & numberKind) !== 0 && (a.value.type === "int" || a.value.type === "float")
        ? "number"
        : a.value.type;
  // The one that came later is in the wrong.
  const [p, q] = [a.position, b.position];
  const later = p === undefined || (q !== undefined && q.offset > p.offset) ? q : p;
  return ctx.newBottom("eval", `incompatible ${name} bounds %s and %s`, [a, b], later ?? "nowhere");
}

/** Whether both validators are the same. */
export function simplifyValidator(ctx: Context, x: BuiltinValidator, y: BuiltinValidator): boolean {
  if (x === y) return true;
  if (x.builtin !== y.builtin || x.args.length !== y.args.length) return false;
  return x.args.every((arg, i) => {
    const other = y.args[i];
    return other !== undefined && equalValues(ctx, arg, other, true);
  });
}
