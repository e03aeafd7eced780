/** Operators on concrete values. */
import { add, compare, decimalOf, divide, multiply, subtract } from "../number/decimal.ts";
import type { Decimal } from "../number/decimal.ts";
import type { Bottom } from "./bottom.ts";
import { combineErrors } from "./bottom.ts";
import type { Context } from "./context.ts";
import type { BinaryOp, BoundOp, Position } from "./expr.ts";
import { bytesKind, kindText, listKind, nullKind, numberKind, stringKind, structKind } from "./kind.ts";
import { arcMember, arcRequired } from "./expr.ts";
import { isString } from "./label.ts";
import { compileRegexp } from "./regexp.ts";
import { joinLists, repeatList } from "./list-arithmetic.ts";
import { findErrors } from "./find-errors.ts";
import { finalize } from "./unify.ts";
import type { Value } from "./value.ts";
import { boolValue, isConcrete, kindOf, unwrap } from "./value.ts";
import { Vertex } from "./vertex.ts";
import { getDefault } from "./evaluate.ts";

/** Longest text that repetition may make, in characters. */
const maxRepeat = 1 << 26;
/** As the reference limits it. */
const maxCount = 1_000_000n;

type Op = BinaryOp | BoundOp;

/** Both sides are concrete, or the result says that they are not. */
export function binaryOp(ctx: Context, op: Op, left: Value, right: Value, position: Position | undefined): Value {
  if (!isConcrete(left)) return incomplete(ctx, left, op);
  if (!isConcrete(right)) return incomplete(ctx, right, op);
  const failed = combineErrors(left, right);
  if (failed !== undefined) return failed;
  const l = unwrap(left) ?? left;
  const r = unwrap(right) ?? right;
  const result = apply(ctx, op, l, r, position);
  if (result !== undefined) return result;
  return ctx.newBottom("eval", "invalid operands %s and %s to '%s' (type %s and %s)", [l, r, op, kindText(kindOf(l)), kindText(kindOf(r))]);
}

function incomplete(ctx: Context, value: Value, op: Op): Bottom {
  return ctx.newBottom("incomplete", "non-concrete value '%s' to operation '%s'", [value, op]);
}

function apply(ctx: Context, op: Op, l: Value, r: Value, position: Position | undefined): Value | undefined {
  switch (op) {
    case "==":
    case "!=": {
      const equal = equalConcrete(ctx, l, r);
      if (ctx.errors !== undefined) return ctx.takeErrors();
      // Whatever their parts are: what is not complete may still become another value.
      for (const each of [l, r]) {
        const missing = each instanceof Vertex && kindOf(l) === kindOf(r) ? findErrors(ctx, each, { demand: "concrete" }) : undefined;
        if (missing !== undefined) return missing;
      }
      return boolValue(op === "==" ? equal : !equal, position);
    }
    case "<":
    case "<=":
    case ">":
    case ">=": {
      const order = compareScalars(l, r);
      return order === undefined ? undefined : boolValue(holds(op, order), position);
    }
    case "&&":
    case "||":
      if (l.type !== "bool" || r.type !== "bool") return undefined;
      return boolValue(op === "&&" ? l.value && r.value : l.value || r.value, position);
    case "=~":
    case "!~": {
      for (const side of [l, r])
        if (side.type !== "string" && side.type !== "bytes")
          return ctx.newBottom("eval", "cannot use %s (type %s) as type %s", [
            side,
            kindText(kindOf(side)),
            kindText(stringKind | bytesKind),
          ]);
      if ((l.type !== "string" && l.type !== "bytes") || (r.type !== "string" && r.type !== "bytes")) return undefined;
      const compiled = compileRegexp(textOf(r));
      if (typeof compiled === "string") return ctx.newBottom("eval", "invalid regexp: %s", [compiled]);
      return boolValue(compiled.test(textOf(l)) === (op === "=~"), position);
    }
    case "+":
      if (l.type === "string" && r.type === "string") {
        ctx.countText(l.value.length + r.value.length);
        return { type: "string", value: l.value + r.value, position };
      }
      if (l.type === "bytes" && r.type === "bytes") return { type: "bytes", value: joinBytes(l.value, r.value), position };
      if (kindOf(l) === listKind && kindOf(r) === listKind) return joinLists(ctx, l, r);
      return numeric(ctx, op, l, r, position);
    case "*":
      return times(ctx, l, r, position);
    case "-":
    case "/":
      return numeric(ctx, op, l, r, position);
    case "div":
    case "mod":
    case "quo":
    case "rem":
      return integer(ctx, op, l, r, position);
    case "&":
      return undefined;
  }
}

function textOf(value: Extract<Value, { type: "string" | "bytes" }>): string {
  return value.type === "string" ? value.value : new TextDecoder().decode(value.value);
}

function joinBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/** Far beyond what anyone writes, and small enough to be multiplied at once. */
const maxInt = 1n << 3_321_928n;
const minInt = -maxInt;

function decimal(value: Value): Decimal | undefined {
  return value.type === "int" ? decimalOf(value.value) : value.type === "float" ? value.value : undefined;
}

function numeric(ctx: Context, op: "+" | "-" | "*" | "/", l: Value, r: Value, position: Position | undefined): Value | undefined {
  if (l.type === "int" && r.type === "int" && op !== "/") {
    const value = op === "+" ? l.value + r.value : op === "-" ? l.value - r.value : l.value * r.value;
    if (value > maxInt || value < minInt) return ctx.exhaust("a number takes more than a million digits");
    return { type: "int", value, position };
  }
  const a = decimal(l);
  const b = decimal(r);
  if (a === undefined || b === undefined) return undefined;
  if (op === "/" && b.coefficient === 0n)
    return ctx.newBottom(
      "eval",
      a.coefficient === 0n ? "failed arithmetic: division undefined" : "failed arithmetic: division by zero",
      [],
    );
  const value = op === "+" ? add(a, b) : op === "-" ? subtract(a, b) : op === "*" ? multiply(a, b) : divide(a, b);
  return { type: "float", value, position };
}

function integer(ctx: Context, op: "div" | "mod" | "quo" | "rem", l: Value, r: Value, position: Position | undefined): Value | undefined {
  if (l.type !== "int" || r.type !== "int") return undefined;
  const a = l.value;
  const b = r.value;
  if (b === 0n) return ctx.newBottom("eval", "division by zero", []);
  const quotient = a / b;
  const rest = a % b;
  if (op === "quo") return { type: "int", value: quotient, position };
  if (op === "rem") return { type: "int", value: rest, position };
  // Euclidean: the rest is never negative.
  const modulus = rest < 0n ? rest + (b < 0n ? -b : b) : rest;
  return { type: "int", value: op === "mod" ? modulus : (a - modulus) / b, position };
}

function times(ctx: Context, l: Value, r: Value, position: Position | undefined): Value | undefined {
  const kinds = kindOf(l) | kindOf(r);
  if ((kinds & ~numberKind) === 0) return numeric(ctx, "*", l, r, position);
  const [count, what] = l.type === "int" ? [l, r] : [r, l];
  if (count.type !== "int") return undefined;
  if ((kindOf(what) & (stringKind | bytesKind | listKind)) === 0) return undefined;
  if (count.value < 0n) return ctx.newBottom("eval", "cannot convert negative number to uint64", []);
  if (kindOf(what) === listKind) return repeatList(ctx, what, count.value);
  if (what.type !== "string" && what.type !== "bytes") return undefined;
  if (count.value > maxCount)
    return ctx.newBottom("eval", `${what.type} multiplication count ${count.value} exceeds limit of ${maxCount}`, []);
  if (count.value * BigInt(what.value.length) > BigInt(maxRepeat)) return ctx.newBottom("eval", "result of repetition is too large", []);
  const times = Number(count.value);
  if (what.type === "string") return { type: "string", value: what.value.repeat(times), position };
  const value = new Uint8Array(what.value.length * times);
  for (let i = 0; i < times; i++) value.set(what.value, i * what.value.length);
  return { type: "bytes", value, position };
}

export function holds(op: BoundOp, order: number): boolean {
  switch (op) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "!=":
      return order !== 0;
    default:
      return order === 0;
  }
}

/** The order of two numbers, strings or bytes; `undefined` for anything else. */
export function compareScalars(l: Value, r: Value): number | undefined {
  if (l.type === "int" && r.type === "int") return l.value < r.value ? -1 : l.value > r.value ? 1 : 0;
  const a = decimal(l);
  const b = decimal(r);
  if (a !== undefined && b !== undefined) return compare(a, b);
  if (l.type === "string" && r.type === "string") return compareText(l.value, r.value);
  if (l.type === "bytes" && r.type === "bytes") return compareBytes(l.value, r.value);
  return undefined;
}

/** Whether `l op r` holds; `undefined` where they cannot be compared. */
export function scalarHolds(op: BoundOp, l: Value, r: Value): boolean | undefined {
  if (op === "=~" || op === "!~") {
    if (l.type !== "string" || r.type !== "string") return undefined;
    const compiled = compileRegexp(r.value);
    return typeof compiled === "string" ? undefined : compiled.test(l.value) === (op === "=~");
  }
  const order = compareScalars(l, r);
  return order === undefined ? undefined : holds(op, order);
}

/** By code point: the order of UTF-8. */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // A surrogate stands for a code point above all others.
    const surrogateX = x >= 0xd800 && x < 0xe000;
    const surrogateY = y >= 0xd800 && y < 0xe000;
    if (surrogateX !== surrogateY) return surrogateX ? 1 : -1;
    return x < y ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return Math.sign(a.length - b.length);
}

/** Equality of concrete values: numbers by size, structs and lists by their parts, different kinds never. */
function equalConcrete(ctx: Context, left: Value, right: Value): boolean {
  const l = unwrap(left) ?? left;
  const r = unwrap(right) ?? right;
  const lk = kindOf(l);
  const rk = kindOf(r);
  if ((lk & rk) === 0 && !((lk & numberKind) !== 0 && (rk & numberKind) !== 0)) return false;
  if (lk === nullKind) return true;
  if (l.type === "bool" && r.type === "bool") return l.value === r.value;
  const order = compareScalars(l, r);
  if (order !== undefined) return order === 0;
  if (!(l instanceof Vertex) || !(r instanceof Vertex)) return false;
  finalize(ctx, l);
  finalize(ctx, r);
  if (lk === listKind) {
    const a = l.elements();
    const b = r.elements();
    return a.length === b.length && a.every((each, i) => equalParts(ctx, each, b[i]));
  }
  if (lk !== structKind) return false;
  const a = l.derefValue().arcs.filter((arc) => isString(arc.label) && arc.arc <= arcRequired);
  const b = r.derefValue().arcs.filter((arc) => isString(arc.label) && arc.arc <= arcRequired);
  if (a.length !== b.length) return false;
  return a.every((each) => {
    const other = r.derefValue().lookupRaw(each.label);
    return other !== undefined && other.arc === arcMember && equalParts(ctx, each, other);
  });
}

function equalParts(ctx: Context, a: Vertex, b: Vertex | undefined): boolean {
  if (b === undefined) return false;
  const x = getDefault(ctx, a).value;
  const y = getDefault(ctx, b).value;
  if (x === undefined || y === undefined) return false;
  for (const each of [x, y]) {
    const value = unwrap(each);
    if (value?.type === "bottom") {
      ctx.addBottom(value);
      return false;
    }
    if (!isConcrete(each)) return false;
  }
  return equalConcrete(ctx, x, y);
}
