/** Doubles, for the functions that the reference computes with them. */
import type { Decimal } from "../../number/decimal.ts";
import { decimalOfNumber, formatDecimal, toNumber } from "../../number/decimal.ts";
import type { Call } from "../contract.ts";
import { CallFailure } from "../contract.ts";

export function doubleOf(call: Call, index: number): number {
  const value = call.decimal(index);
  const double = toNumber(value);
  const isTooSmall = double === 0 && value.coefficient !== 0n;
  if (Number.isFinite(double) && !isTooSmall) return double;
  // Away from zero where it is too large, towards zero where it is too small.
  const rounded = value.coefficient < 0n === isTooSmall ? "up" : "down";
  throw new CallFailure(`cannot use ${formatDecimal(value)} (type float) as float64 in argument ${index}: value was rounded ${rounded}`, {
    argument: index,
  });
}

/** A double as a float; what is no number has no value. */
export function floatOf(value: number): Decimal {
  if (!Number.isFinite(value)) throw new CallFailure(Number.isNaN(value) ? "result is not a number" : "result is infinite");
  return decimalOfNumber(value);
}
