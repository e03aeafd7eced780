/** Numbers of lists, with 34 significant digits as the reference counts. */
import type { Scalar } from "../contract.ts";
import { CallFailure } from "../contract.ts";
import type { Decimal } from "../../number/decimal.ts";
import { add, compare, decimalOf, divide, isOutOfRange, isWhole, magnitude, multiply, toBigInt } from "../../number/decimal.ts";
import { maxListLength } from "./list-limit.ts";

/** More digits than this are not written out. */
const maxDigits = 10_000;

/** A result is an int where it is whole. */
export function numberOf(value: Decimal): Scalar {
  return isWhole(value) && magnitude(value) < maxDigits ? toBigInt(value) : value;
}

function inRange(value: Decimal): Decimal {
  if (isOutOfRange(value)) throw new CallFailure("overflow");
  return value;
}

function requireElements(values: readonly Decimal[]): readonly [Decimal, ...Decimal[]] {
  const [first, ...rest] = values;
  if (first === undefined) throw new CallFailure("empty list");
  return [first, ...rest];
}

function total(values: readonly Decimal[]): Decimal {
  return values.reduce((sum, value) => inRange(add(sum, value)), decimalOf(0n));
}

export function sumOf(values: readonly Decimal[]): Scalar {
  return numberOf(total(values));
}

export function productOf(values: readonly Decimal[]): Scalar {
  return numberOf(values.reduce((product, value) => inRange(multiply(product, value)), decimalOf(1n)));
}

export function average(values: readonly Decimal[]): Scalar {
  requireElements(values);
  return numberOf(inRange(divide(total(values), decimalOf(BigInt(values.length)))));
}

export function greatest(values: readonly Decimal[]): Scalar {
  return numberOf(requireElements(values).reduce((most, value) => (compare(most, value) < 0 ? value : most)));
}

export function least(values: readonly Decimal[]): Scalar {
  return numberOf(requireElements(values).reduce((most, value) => (compare(most, value) > 0 ? value : most)));
}

/** The numbers from `start` until before `limit`. */
export function rangeOf(start: Decimal, limit: Decimal, step: Decimal): readonly Scalar[] {
  const direction = compare(step, decimalOf(0n));
  if (direction === 0) throw new CallFailure("step must be non zero");
  const way = compare(start, limit);
  if (direction > 0 && way > 0) throw new CallFailure("end must be greater than start when step is positive");
  if (direction < 0 && way < 0) throw new CallFailure("end must be less than start when step is negative");
  const numbers: Scalar[] = [];
  for (let at = start; compare(at, limit) === -direction;) {
    if (numbers.length === maxListLength) throw new CallFailure(`range exceeds limit of ${maxListLength} elements`);
    numbers.push(numberOf(at));
    const next = add(at, step);
    // A step below the precision of the numbers does not lead on.
    if (compare(next, at) === 0) throw new CallFailure(`range exceeds limit of ${maxListLength} elements`);
    at = next;
  }
  return numbers;
}
