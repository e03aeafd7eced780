/**
 * Decimals of arbitrary size: `coefficient × 10^exponent`, the scale kept as written (`1.50` is 150 × 10^-2).
 * Arithmetic keeps 34 significant digits and rounds half up, as the reference's decimal context does (specification:
 * "Numeric values"; IEEE 754 decimal128 has the same precision). `functions.ts` has the roots, logarithms and powers.
 */
export class Decimal {
  /** Signed. */
  readonly coefficient: bigint;
  readonly exponent: number;
  constructor(coefficient: bigint, exponent: number) {
    this.coefficient = coefficient;
    this.exponent = exponent;
  }
}

/** Significant digits that arithmetic keeps. */
export const precision = 34;
/** The largest power of ten that a number may have, in either direction; the reference has the same limit. */
export const maxExponent = 100_000;
/** Results beyond the limit are put here, so that arithmetic on them still ends; `isOutOfRange` tells them. */
const beyond = 2 * maxExponent;
const firstTooLong = 10n ** BigInt(precision);

export function decimalOf(value: bigint): Decimal {
  return new Decimal(value, 0);
}

/** Plain decimal text, with or without an exponent; `undefined` for anything else and beyond `maxExponent`. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return undefined;
  const shift = Number(exponent);
  if (Math.abs(shift) > maxExponent) return undefined;
  const coefficient = BigInt(whole + fraction);
  return new Decimal(sign === "-" ? -coefficient : coefficient, shift - fraction.length);
}

/** The shortest decimal that reads back as this number; zero where it is not finite. */
export function decimalOfNumber(value: number): Decimal {
  return parseDecimal(String(value)) ?? new Decimal(0n, 0);
}

/** The nearest double; infinite where there is none. */
export function toNumber(value: Decimal): number {
  return Number(`${value.coefficient}e${value.exponent}`);
}

/** Ten to a power that is not negative. */
export function powerOfTen(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

/** How many decimal digits; zero has one. */
export function digitCount(value: bigint): number {
  return (value < 0n ? -value : value).toString().length;
}

/** The power of ten of the first digit: 2 for 150, -1 for 0.15. */
export function magnitude(value: Decimal): number {
  return value.exponent + digitCount(value.coefficient) - 1;
}

/** Whether it is larger, or nearer to zero, than the reference can hold: an arithmetic error there. */
export function isOutOfRange(value: Decimal): boolean {
  return value.coefficient !== 0n && Math.abs(magnitude(value)) > maxExponent;
}

export function isWhole(value: Decimal): boolean {
  if (value.exponent >= 0 || value.coefficient === 0n) return true;
  if (-value.exponent >= digitCount(value.coefficient)) return false;
  return value.coefficient % powerOfTen(-value.exponent) === 0n;
}

/** The part before the point; rounds towards zero. */
export function toBigInt(value: Decimal): bigint {
  if (value.exponent >= 0) return value.coefficient * powerOfTen(Math.min(value.exponent, beyond));
  if (-value.exponent > digitCount(value.coefficient)) return 0n;
  return value.coefficient / powerOfTen(-value.exponent);
}

/** To `digits` significant digits, half up (away from zero). Fewer digits are left as they are. */
export function roundTo(value: Decimal, digits: number): Decimal {
  const excess = digitCount(value.coefficient) - digits;
  if (excess <= 0) return value;
  const unit = powerOfTen(excess);
  const half = unit / 2n;
  const { coefficient } = value;
  const rounded = coefficient < 0n ? -((-coefficient + half) / unit) : (coefficient + half) / unit;
  const exponent = value.exponent + excess;
  return digitCount(rounded) > digits ? new Decimal(rounded / 10n, exponent + 1) : new Decimal(rounded, exponent);
}

function rounded(coefficient: bigint, exponent: number): Decimal {
  if (exponent > -1000 && exponent < 1000 && coefficient < firstTooLong && coefficient > -firstTooLong)
    return new Decimal(coefficient, exponent);
  const result = roundTo(new Decimal(coefficient, exponent), precision);
  if (!isOutOfRange(result)) return result;
  const sign = coefficient < 0n ? -1n : 1n;
  return new Decimal(sign, magnitude(result) > 0 ? beyond : -beyond);
}

/** The coefficients at one scale, the finer of the two. */
function align(a: Decimal, b: Decimal): readonly [bigint, bigint, number] {
  if (a.exponent === b.exponent) return [a.coefficient, b.coefficient, a.exponent];
  if (a.exponent > b.exponent) return [a.coefficient * powerOfTen(a.exponent - b.exponent), b.coefficient, b.exponent];
  return [a.coefficient, b.coefficient * powerOfTen(b.exponent - a.exponent), a.exponent];
}

/** What lies so far below the larger operand that it can only decide about rounding is replaced by a single last digit. */
function alignForSum(a: Decimal, b: Decimal): readonly [bigint, bigint, number] {
  const [high, low] = a.exponent > b.exponent ? [a, b] : [b, a];
  const floor = high.exponent - 3 * precision;
  if (high.coefficient === 0n || low.coefficient === 0n || magnitude(low) >= floor) return align(a, b);
  const scaled = high.coefficient * powerOfTen(3 * precision);
  const trace = low.coefficient < 0n ? -1n : 1n;
  return high === a ? [scaled, trace, floor] : [trace, scaled, floor];
}

export function add(a: Decimal, b: Decimal): Decimal {
  const [x, y, exponent] = alignForSum(a, b);
  return rounded(x + y, exponent);
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  const [x, y, exponent] = alignForSum(a, b);
  return rounded(x - y, exponent);
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return rounded(a.coefficient * b.coefficient, a.exponent + b.exponent);
}

/** `a / b` to so many significant digits, half up, with all its trailing zeros. Dividing by zero is the caller's business. */
export function quotient(a: Decimal, b: Decimal, digits: number): Decimal {
  const shift = Math.max(0, digits + 2 + digitCount(b.coefficient) - digitCount(a.coefficient));
  const numerator = a.coefficient * powerOfTen(shift);
  const whole = numerator / b.coefficient;
  const exponent = a.exponent - b.exponent - shift;
  // There are more digits than are kept, and a rest below them is more than the half that they may show.
  if (whole * b.coefficient === numerator) return roundTo(new Decimal(whole, exponent), digits);
  return roundTo(new Decimal(whole * 10n + (numerator < 0n === b.coefficient < 0n ? 1n : -1n), exponent - 1), digits);
}

/** Without trailing zeros; zero has the exponent 0. */
export function reduce(value: Decimal): Decimal {
  let { coefficient, exponent } = value;
  if (coefficient === 0n) return new Decimal(0n, 0);
  while (coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent++;
  }
  return new Decimal(coefficient, exponent);
}

/**
 * Without trailing zeros, but one is kept after the point (`5.0`, `5.0E+11`) where the full quotient had decimals, as
 * the reference does for the results of divisions and roots.
 */
export function reduceKeepingPoint(value: Decimal): Decimal {
  const reduced = reduce(value);
  if (value.exponent >= 0 || reduced.exponent < 0) return reduced;
  return new Decimal(reduced.coefficient * 10n, reduced.exponent - 1);
}

/** `a / b` without trailing zeros but one after the point. Dividing by zero is the caller's business. */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (a.coefficient === 0n) return new Decimal(0n, 0);
  const full = quotient(a, b, precision);
  // As many digits as are kept, so that the exponent tells whether the full quotient has decimals.
  const missing = precision - digitCount(full.coefficient);
  const wide = missing > 0 ? new Decimal(full.coefficient * powerOfTen(missing), full.exponent - missing) : full;
  const { coefficient, exponent } = reduceKeepingPoint(wide);
  return rounded(coefficient, exponent);
}

export function compare(a: Decimal, b: Decimal): -1 | 0 | 1 {
  if (a.exponent === b.exponent) return order(a.coefficient, b.coefficient);
  const signA = a.coefficient < 0n ? -1 : a.coefficient > 0n ? 1 : 0;
  const signB = b.coefficient < 0n ? -1 : b.coefficient > 0n ? 1 : 0;
  if (signA !== signB) return signA < signB ? -1 : 1;
  if (signA === 0) return 0;
  const sizeA = magnitude(a);
  const sizeB = magnitude(b);
  if (sizeA !== sizeB) return sizeA < sizeB === signA > 0 ? -1 : 1;
  const [x, y] = align(a, b);
  return order(x, y);
}

function order(a: bigint, b: bigint): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function negate(value: Decimal): Decimal {
  return new Decimal(-value.coefficient, value.exponent);
}

/** A zero is written with its scale up to this many decimals. */
const maxZeroScale = 2000;

/**
 * The text of a float ("to-scientific-string" of the General Decimal Arithmetic): the scale kept (`1.50`), an exponent
 * where it is positive (`1E+3`) or the number tiny (`1E-7`); `.0` after a whole number, so that it does not read as an int.
 */
export function formatDecimal(value: Decimal): string {
  const negative = value.coefficient < 0n;
  const text = (negative ? -value.coefficient : value.coefficient).toString();
  const sign = negative ? "-" : "";
  const { exponent } = value;
  const adjusted = exponent + text.length - 1;
  if (exponent <= 0 && (adjusted >= -6 || (value.coefficient === 0n && adjusted >= -maxZeroScale))) {
    if (exponent === 0) return `${sign}${text}.0`;
    const point = text.length + exponent;
    if (point > 0) return `${sign}${text.slice(0, point)}.${text.slice(point)}`;
    return `${sign}0.${"0".repeat(-point)}${text}`;
  }
  const mantissa = text.length > 1 ? `${text.slice(0, 1)}.${text.slice(1)}` : text;
  return `${sign}${mantissa}E${adjusted < 0 ? "-" : "+"}${Math.abs(adjusted)}`;
}

export type NumberLiteral = { readonly kind: "int"; readonly value: bigint } | { readonly kind: "float"; readonly value: Decimal };

const multipliers = "KMGTP";

/**
 * A number literal of any form (specification: "Numeric literals"): separators (`1_000`), prefixes (`0b`, `0o`, `0x`),
 * fractions, exponents, multipliers (`1.5Gi`; always an int, cut off after the point). `undefined` for what is none
 * (`1__0`, `0128`, `1K0`) and for an exponent beyond `maxExponent`.
 */
export function numberLiteral(raw: string): NumberLiteral | undefined {
  const digits = raw.replace(/^0[bBoOxX]/, "");
  // A separator stands between two digits.
  const misplaced = /^0[xX]/.test(raw) ? /_(?![0-9a-fA-F])|(?<![0-9a-fA-F])_/ : /_(?!\d)|(?<!\d)_/;
  if (misplaced.test(digits)) return undefined;
  const text = raw.replaceAll("_", "");
  if (/^0(?:b[01]+|o[0-7]+|[xX][0-9a-fA-F]+)$/.test(text)) return { kind: "int", value: BigInt(text) };
  if (/^(?:0|[1-9]\d*)$/.test(text)) return { kind: "int", value: BigInt(text) };
  const scaled = /^(\d*(?:\.\d*)?)([KMGTP])(i?)$/.exec(text);
  if (scaled !== null) {
    const number = parseDecimal(scaled[1] ?? "");
    if (number === undefined) return undefined;
    const step = scaled[3] === "i" ? 1024n : 1000n;
    const factor = step ** BigInt(multipliers.indexOf(scaled[2] ?? "K") + 1);
    return { kind: "int", value: toBigInt(new Decimal(number.coefficient * factor, number.exponent)) };
  }
  const value = /[.eE]/.test(text) ? parseDecimal(text) : undefined;
  return value === undefined ? undefined : { kind: "float", value };
}
