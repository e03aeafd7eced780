/** Bounds as the predeclared types that they stand for: `int & >=0 & <=255` is `uint8`. */
import type { Decimal } from "../number/decimal.ts";
import { compare, decimalOf, isWhole } from "../number/decimal.ts";
import { intKind } from "../engine/kind.ts";
import { predeclaredTypes } from "../engine/predeclared.ts";
import type { BoundValue, Value } from "../engine/value.ts";

interface Limit {
  readonly bound: BoundValue;
  readonly size: Decimal;
}
interface Range {
  readonly name: string;
  readonly low: Decimal;
  readonly high: Decimal;
}

const integerNames = ["rune", "int8", "int16", "int32", "int64", "int128", "uint8", "uint16", "uint32", "uint64", "uint128"];
const floatNames = ["float32", "float64"];

/** The names that some of `values` come to, and the values that remain; undefined where nothing becomes simpler. */
export function simplifyBounds(
  values: readonly Value[],
): { readonly names: readonly string[]; readonly rest: readonly Value[] } | undefined {
  let isInteger = false;
  let low: Limit | undefined;
  let high: Limit | undefined;
  const rest: Value[] = [];
  for (const value of values) {
    const size = sizeOf(value);
    if (value.type === "basicType" && value.kind === intKind) isInteger = true;
    else if (value.type === "bound" && size !== undefined && (value.op === ">" || value.op === ">=")) {
      if (low === undefined || compare(low.size, size) < (value.op === ">" ? 1 : 0)) low = { bound: value, size };
    } else if (value.type === "bound" && size !== undefined && (value.op === "<" || value.op === "<=")) {
      if (high === undefined || compare(high.size, size) > (value.op === "<" ? -1 : 0)) high = { bound: value, size };
    } else rest.push(value);
  }
  if (low === undefined || high === undefined) return undefined;
  const limits = { low, high };
  if (!isInteger) {
    const found = inRange(limits, floatNames);
    return found === undefined ? undefined : { names: [found.name], rest: [...found.bounds, ...rest] };
  }
  const found = inRange(limits, integerNames);
  if (found !== undefined) return { names: [found.name], rest: [...found.bounds, ...rest] };
  if (low.size.coefficient < 0n) return { names: ["int"], rest: [low.bound, high.bound, ...rest] };
  const fromZero = low.size.coefficient === 0n && low.bound.op === ">=";
  return { names: ["uint"], rest: [...(fromZero ? [] : [low.bound]), high.bound, ...rest] };
}

/** The first type that a limit is the end of, and the limits that it does not say. */
function inRange(
  { low, high }: { readonly low: Limit; readonly high: Limit },
  names: readonly string[],
): { readonly name: string; readonly bounds: readonly BoundValue[] } | undefined {
  for (const range of ranges(names)) {
    const atLow = compare(low.size, range.low);
    const atHigh = compare(high.size, range.high);
    if (low.size.coefficient !== 0n && low.bound.op === ">=" && atLow === 0) {
      if (atHigh === 0) return { name: range.name, bounds: high.bound.op === "<=" ? [] : [high.bound] };
      if (atHigh < 0) return { name: range.name, bounds: [high.bound] };
    } else if (high.bound.op === "<=" && atHigh === 0 && atLow >= 0)
      return { name: range.name, bounds: atLow === 0 && low.bound.op === ">=" ? [] : [low.bound] };
  }
  return undefined;
}

function ranges(names: readonly string[]): Range[] {
  return names.flatMap((name) => {
    const type = predeclaredTypes.get(name);
    const [low, high] = (type?.type === "conjunction" ? type.values : []).flatMap((value) => sizeOf(value) ?? []);
    return low === undefined || high === undefined ? [] : [{ name, low, high }];
  });
}

function sizeOf(value: Value): Decimal | undefined {
  if (value.type !== "bound") return undefined;
  const limit = value.value;
  return limit.type === "int" ? decimalOf(limit.value) : limit.type === "float" ? limit.value : undefined;
}

/** A float without a fraction keeps its point. */
export function floatText(text: string, value: Decimal): string {
  return /[eE.]/.test(text) || !isWhole(value) ? text : `${text}.`;
}
