/**
 * Decimals of arbitrary size: `coefficient × 10^exponent`, scale kept. Arithmetic keeps 34 significant digits, rounding
 * half up, as the reference's decimal context does.
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

const precision = 34;
/** Exponents beyond this are refused: no arithmetic on them would end. */
const maxExponent = 100_000;

export function decimalOf(value: bigint): Decimal {
  return new Decimal(value, 0);
}

/** Plain decimal text, with or without an exponent; `undefined` for anything else. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return undefined;
  const power = Number(exponent);
  if (Math.abs(power) > maxExponent) return undefined;
  const coefficient = BigInt(whole + fraction);
  return new Decimal(sign === "-" ? -coefficient : coefficient, power - fraction.length);
}

export function decimalOfNumber(value: number): Decimal {
  return parseDecimal(String(value)) ?? new Decimal(0n, 0);
}

export function toNumber(value: Decimal): number {
  return Number(`${value.coefficient}e${value.exponent}`);
}

function power(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

export function isWhole(value: Decimal): boolean {
  if (value.exponent >= 0 || value.coefficient === 0n) return true;
  return value.coefficient % power(Math.min(-value.exponent, maxExponent)) === 0n;
}

/** Truncates. */
export function toBigInt(value: Decimal): bigint {
  return value.exponent >= 0 ? value.coefficient * power(value.exponent) : value.coefficient / power(-value.exponent);
}

function digits(value: bigint): number {
  return (value < 0n ? -value : value).toString().length;
}

function round(coefficient: bigint, exponent: number): Decimal {
  const excess = digits(coefficient) - precision;
  if (excess <= 0) return new Decimal(coefficient, exponent);
  const unit = power(excess);
  const half = unit / 2n;
  const rounded = coefficient < 0n ? -((-coefficient + half) / unit) : (coefficient + half) / unit;
  return digits(rounded) > precision ? new Decimal(rounded / 10n, exponent + excess + 1) : new Decimal(rounded, exponent + excess);
}

function align(a: Decimal, b: Decimal): readonly [bigint, bigint, number] {
  if (a.exponent === b.exponent) return [a.coefficient, b.coefficient, a.exponent];
  if (a.exponent > b.exponent) return [a.coefficient * power(a.exponent - b.exponent), b.coefficient, b.exponent];
  return [a.coefficient, b.coefficient * power(b.exponent - a.exponent), a.exponent];
}

export function add(a: Decimal, b: Decimal): Decimal {
  const [x, y, exponent] = align(a, b);
  return round(x + y, exponent);
}
export function subtract(a: Decimal, b: Decimal): Decimal {
  const [x, y, exponent] = align(a, b);
  return round(x - y, exponent);
}
export function multiply(a: Decimal, b: Decimal): Decimal {
  return round(a.coefficient * b.coefficient, a.exponent + b.exponent);
}

/** The quotient without trailing zeros. Dividing by zero is the caller's business. */
export function divide(a: Decimal, b: Decimal): Decimal {
  const shift = Math.max(0, precision + 2 + digits(b.coefficient) - digits(a.coefficient));
  const numerator = a.coefficient * power(shift);
  let quotient = numerator / b.coefficient;
  let exponent = a.exponent - b.exponent - shift;
  // A rest decides about rounding up where the digits that are kept do not.
  if (numerator % b.coefficient !== 0n && digits(quotient) > precision) {
    quotient = quotient * 10n + (quotient < 0n ? -1n : 1n);
    exponent -= 1;
  }
  const rounded = round(quotient, exponent);
  let { coefficient } = rounded;
  exponent = rounded.exponent;
  if (coefficient === 0n) return new Decimal(0n, 0);
  while (exponent < 0 && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent++;
  }
  return new Decimal(coefficient, exponent);
}

export function compare(a: Decimal, b: Decimal): -1 | 0 | 1 {
  if (a.exponent !== b.exponent) {
    const signA = a.coefficient < 0n ? -1 : a.coefficient > 0n ? 1 : 0;
    const signB = b.coefficient < 0n ? -1 : b.coefficient > 0n ? 1 : 0;
    if (signA !== signB) return signA < signB ? -1 : 1;
    if (signA === 0) return 0;
    const sizeA = digits(a.coefficient) + a.exponent;
    const sizeB = digits(b.coefficient) + b.exponent;
    if (sizeA !== sizeB) return sizeA < sizeB === signA > 0 ? -1 : 1;
  }
  const [x, y] = align(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
}

export function negate(value: Decimal): Decimal {
  return new Decimal(-value.coefficient, value.exponent);
}

/** The text of a float: `1.50`, `1.0` where it is whole, `1E+3` where its exponent is positive, `1E-7` where it is tiny. */
export function formatDecimal(value: Decimal): string {
  const negative = value.coefficient < 0n;
  const text = (negative ? -value.coefficient : value.coefficient).toString();
  const sign = negative ? "-" : "";
  const { exponent } = value;
  const adjusted = exponent + text.length - 1;
  if (exponent <= 0 && adjusted >= -6) {
    if (exponent === 0) return `${sign}${text}.0`;
    const point = text.length + exponent;
    if (point > 0) return `${sign}${text.slice(0, point)}.${text.slice(point)}`;
    return `${sign}0.${"0".repeat(-point)}${text}`;
  }
  const mantissa = text.length > 1 ? `${text.slice(0, 1)}.${text.slice(1)}` : text;
  return `${sign}${mantissa}E${adjusted < 0 ? "-" : "+"}${Math.abs(adjusted)}`;
}

const multipliers = "KMGTPEZY";

/** A number literal of any form: separators, prefixes, fractions, exponents, multipliers. */
export function numberLiteral(raw: string): { readonly kind: "int"; readonly value: bigint } | { readonly kind: "float"; readonly value: Decimal } | undefined {
  if (/__|_$|^_|_\.|\._/.test(raw)) return undefined;
  const text = raw.replaceAll("_", "");
  if (/^0(b[01]+|o[0-7]+|[xX][0-9a-fA-F]+)$/.test(text)) return { kind: "int", value: BigInt(text) };
  const scaled = /^(\d*(?:\.\d*)?)([KMGTPEZY])(i?)$/.exec(text);
  if (scaled !== null) {
    const number = parseDecimal(scaled[1] ?? "");
    if (number === undefined) return undefined;
    const steps = multipliers.indexOf(scaled[2] ?? "K") + 1;
    const factor = scaled[3] === "i" ? 1024n ** BigInt(steps) : 1000n ** BigInt(steps);
    return { kind: "int", value: toBigInt(new Decimal(number.coefficient * factor, number.exponent)) };
  }
  if (/^(0|[1-9]\d*)$/.test(text)) return { kind: "int", value: BigInt(text) };
  const value = /[.eE]/.test(text) ? parseDecimal(text) : undefined;
  return value === undefined ? undefined : { kind: "float", value };
}
