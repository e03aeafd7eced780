/**
 * Roots, logarithms, exponentials and rounding of decimals, for package `math`. Results have 34 significant digits, half
 * up; they are computed in fixed point with guard digits, so that the last digit is right.
 *
 * Where there is no result, the reason takes its place, in the reference's words.
 */
import {
  Decimal,
  compare,
  decimalOf,
  digitCount,
  divide,
  isOutOfRange,
  isWhole,
  magnitude,
  maxExponent,
  negate,
  powerOfTen,
  precision,
  quotient,
  roundTo,
  toBigInt,
  toNumber,
} from "./decimal.ts";

export type NoResult = "invalid operation" | "division by zero" | "division undefined" | "overflow" | "underflow";

const one = decimalOf(1n);
const two = decimalOf(2n);
/** Digits beyond those that are kept, against the rounding of intermediate results. */
const guard = 24;

// --- rounding to whole numbers

export type Rounding = "down" | "floor" | "ceiling" | "half-up" | "half-even";

/** To a multiple of `10^exponent`, as apd's `Quantize`; keeps that scale. */
export function quantize(value: Decimal, exponent: number, rounding: Rounding): Decimal {
  const { coefficient } = value;
  if (value.exponent >= exponent) {
    const shift = Math.min(value.exponent - exponent, 2 * maxExponent);
    return new Decimal(coefficient * powerOfTen(shift), exponent);
  }
  const excess = exponent - value.exponent;
  // Where no digit is left, a single one below the half stands for all of them.
  const tiny = excess > digitCount(coefficient) + 1;
  const numerator = tiny ? BigInt(order(coefficient)) : coefficient;
  const unit = tiny ? 100n : powerOfTen(excess);
  const whole = numerator / unit;
  const rest = numerator % unit;
  return new Decimal(whole + carry(whole, rest, unit, rounding), exponent);
}

function carry(whole: bigint, rest: bigint, unit: bigint, rounding: Rounding): bigint {
  if (rest === 0n) return 0n;
  const away = rest < 0n ? -1n : 1n;
  const twice = 2n * (rest < 0n ? -rest : rest);
  switch (rounding) {
    case "down":
      return 0n;
    case "floor":
      return rest < 0n ? -1n : 0n;
    case "ceiling":
      return rest > 0n ? 1n : 0n;
    case "half-up":
      return twice >= unit ? away : 0n;
    case "half-even":
      return twice > unit || (twice === unit && whole % 2n !== 0n) ? away : 0n;
  }
}

function order(value: bigint): -1 | 0 | 1 {
  return value < 0n ? -1 : value > 0n ? 1 : 0;
}

export function floor(value: Decimal): bigint {
  return quantize(value, 0, "floor").coefficient;
}

export function ceiling(value: Decimal): bigint {
  return quantize(value, 0, "ceiling").coefficient;
}

export function truncate(value: Decimal): bigint {
  return toBigInt(value);
}

/** Halves go away from zero. */
export function round(value: Decimal): bigint {
  return quantize(value, 0, "half-up").coefficient;
}

/** Halves go to the even neighbour. */
export function roundToEven(value: Decimal): bigint {
  return quantize(value, 0, "half-even").coefficient;
}

export function absolute(value: Decimal): Decimal {
  return value.coefficient < 0n ? negate(value) : value;
}

/** Whether `value / factor` is whole. */
export function isMultipleOf(value: Decimal, factor: Decimal): boolean | NoResult {
  if (factor.coefficient === 0n) return value.coefficient === 0n ? "division undefined" : "division by zero";
  if (value.coefficient === 0n) return true;
  const shift = value.exponent - factor.exponent;
  if (shift >= 0) return remainderOfScaled(value.coefficient, shift, factor.coefficient) === 0n;
  // The divisor grows; once it has more digits than the dividend, it cannot divide it.
  if (digitCount(factor.coefficient) - shift > digitCount(value.coefficient)) return false;
  return value.coefficient % (factor.coefficient * powerOfTen(-shift)) === 0n;
}

/** `coefficient × 10^shift mod divisor`, without writing the power out. */
function remainderOfScaled(coefficient: bigint, shift: number, divisor: bigint): bigint {
  let result = coefficient % divisor;
  let base = 10n % divisor;
  for (let rest = shift; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = (result * base) % divisor;
    base = (base * base) % divisor;
  }
  return result;
}

// --- roots

export function sqrt(value: Decimal): Decimal | NoResult {
  if (value.coefficient < 0n) return "invalid operation";
  return root(value, 2);
}

export function cbrt(value: Decimal): Decimal {
  return value.coefficient < 0n ? negate(root(negate(value), 3)) : root(value, 3);
}

/** Of a number that is not negative. */
function root(value: Decimal, degree: 2 | 3): Decimal {
  if (value.coefficient === 0n) return decimalOf(0n);
  // So many digits that the root has two more than are kept, at an exponent that the degree divides.
  const wanted = degree * (precision + 2);
  let shift = Math.max(0, wanted - digitCount(value.coefficient));
  const misfit = (((value.exponent - shift) % degree) + degree) % degree;
  shift += misfit;
  const radicand = value.coefficient * powerOfTen(shift);
  const found = integerRoot(radicand, degree);
  const exponent = (value.exponent - shift) / degree;
  const exact = found ** BigInt(degree) === radicand;
  // What was cut off lies above the half that the digits may show.
  const coefficient = exact ? found : found * 10n + 1n;
  const result = roundTo(new Decimal(coefficient, exact ? exponent : exponent - 1), precision);
  return exact ? exactRoot(result, value, degree) : result;
}

/** An exact root has no more decimals than it needs. */
function exactRoot(result: Decimal, value: Decimal, degree: 2 | 3): Decimal {
  const ideal = Math.floor(value.exponent / degree);
  let { coefficient, exponent } = result;
  while (exponent < ideal && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent++;
  }
  return new Decimal(coefficient, exponent);
}

/** The largest whole number whose power is not above `value`, by Newton's method from above. */
function integerRoot(value: bigint, degree: 2 | 3): bigint {
  const power = BigInt(degree);
  let guess = 1n << (BigInt(value.toString(2).length) / power + 1n);
  for (;;) {
    const next = ((power - 1n) * guess + value / guess ** (power - 1n)) / power;
    if (next >= guess) return guess;
    guess = next;
  }
}

// --- logarithms and exponentials, in fixed point: a number times 10^digits

/** The natural logarithm. */
export function ln(value: Decimal): Decimal | NoResult {
  return value.coefficient <= 0n ? "invalid operation" : roundTo(lnTo(value, precision + guard), precision);
}

export function log10(value: Decimal): Decimal | NoResult {
  if (value.coefficient <= 0n) return "invalid operation";
  const digits = precision + guard;
  const ten = new Decimal(logarithms(digits).ten, -digits);
  const full = lnTo(value, digits);
  return full.coefficient === 0n ? decimalOf(0n) : quotient(full, ten, precision);
}

/** The quotient of two rounded logarithms, as the reference has it: its last digit may be off. */
export function log2(value: Decimal): Decimal | NoResult {
  const above = ln(value);
  const below = ln(two);
  if (typeof above === "string" || typeof below === "string") return "invalid operation";
  return divide(above, below);
}

/** The logarithm of a positive number, to about `digits` significant digits. */
function lnTo(value: Decimal, digits: number): Decimal {
  if (compare(value, one) === 0) return decimalOf(0n);
  // Near one, where the leading digits of the result vanish, more are needed.
  const distance = value.coefficient - powerOfTen(Math.min(Math.max(0, -value.exponent), digitCount(value.coefficient)));
  const close = magnitude(value) === 0 || magnitude(value) === -1;
  const lost = close ? Math.max(0, -(digitCount(distance) - 1 + value.exponent)) : 0;
  const working = digits + lost;
  const scale = powerOfTen(working);
  // mantissa in [1, 10), then halved into [0.75, 1.5).
  let tens = magnitude(value);
  const excess = digitCount(value.coefficient) - 1 - working;
  let mantissa = excess > 0 ? value.coefficient / powerOfTen(excess) : value.coefficient * powerOfTen(-excess);
  if (close && tens === -1) {
    // Just below one: as it is, so that nothing cancels.
    tens = 0;
    mantissa = excess + 1 > 0 ? value.coefficient / powerOfTen(excess + 1) : value.coefficient * powerOfTen(-excess - 1);
  }
  let twos = 0n;
  while (2n * mantissa >= 3n * scale) {
    mantissa /= 2n;
    twos++;
  }
  while (4n * mantissa < 3n * scale) {
    mantissa *= 2n;
    twos--;
  }
  const ratio = ((mantissa - scale) * scale) / (mantissa + scale);
  const constants = tens === 0 && twos === 0n ? { two: 0n, ten: 0n } : logarithms(working);
  return new Decimal(2n * inverseHyperbolicTangent(ratio, scale) + twos * constants.two + BigInt(tens) * constants.ten, -working);
}

/** `ratio + ratio³/3 + ratio⁵/5 + …`, for a ratio of at most a third. */
function inverseHyperbolicTangent(ratio: bigint, scale: bigint): bigint {
  const square = (ratio * ratio) / scale;
  let power = ratio;
  let sum = 0n;
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += power / n;
    power = (power * square) / scale;
  }
  return sum;
}

/** ln 2 and ln 10 in fixed point. */
function logarithms(digits: number): { readonly two: bigint; readonly ten: bigint } {
  const scale = powerOfTen(digits + 6);
  const logTwo = 2n * inverseHyperbolicTangent(scale / 3n, scale);
  // 10 = 2³ · 5/4
  const logTen = 3n * logTwo + 2n * inverseHyperbolicTangent(scale / 9n, scale);
  return { two: logTwo / 1_000_000n, ten: logTen / 1_000_000n };
}

/** e to this power. */
export function exp(value: Decimal): Decimal | NoResult {
  if (value.coefficient === 0n) return one;
  return expTo(value);
}

function expTo(value: Decimal): Decimal | NoResult {
  const size = magnitude(value);
  if (size > 6) return value.coefficient < 0n ? "underflow" : "overflow";
  if (size < -precision - guard) return new Decimal(powerOfTen(precision - 1), 1 - precision);
  const digits = precision + guard;
  const scale = powerOfTen(digits);
  const { ten } = logarithms(digits + 8);
  // Whole powers of ten are taken out, exactly enough for the digits that remain.
  const fine = quantize(value, -(digits + 8), "down").coefficient;
  const tens = fine / ten;
  const rest = (fine - tens * ten) / 100_000_000n;
  // e^r = (e^(r/256))^256
  const small = rest / 256n;
  let term = scale;
  let sum = 0n;
  for (let n = 1n; term !== 0n; n++) {
    sum += term;
    term = (term * small) / (scale * n);
  }
  for (let i = 0; i < 8; i++) sum = (sum * sum) / scale;
  return inRange(roundTo(new Decimal(sum, Number(tens) - digits), precision));
}

function inRange(result: Decimal): Decimal | NoResult {
  if (!isOutOfRange(result)) return result;
  return magnitude(result) > 0 ? "overflow" : "underflow";
}

/** Powers with more digits than this before or after the point are refused, as by the reference. */
const maxPowerDigits = 2000;

/** `base ^ exponent`. */
export function pow(base: Decimal, exponent: Decimal): Decimal | NoResult {
  if (compare(exponent, one) === 0 || compare(base, one) === 0) return roundTo(base, precision);
  if (base.coefficient === 0n) {
    if (exponent.coefficient === 0n) return one;
    return exponent.coefficient > 0n ? decimalOf(0n) : "invalid operation";
  }
  if (exponent.coefficient === 0n) return one;
  const whole = isWhole(exponent);
  if (base.coefficient < 0n && !whole) return "invalid operation";
  const wholeDigits = magnitude(base) >= 0 ? magnitude(base) + 1 : 1;
  if (wholeDigits * Math.abs(Math.trunc(toNumber(exponent))) + precision + 2 > maxPowerDigits) {
    const shrinks = magnitude(base) < 0 !== exponent.coefficient < 0n;
    return shrinks ? "underflow" : "overflow";
  }
  if (whole) return inRange(roundTo(wholePower(base, toBigInt(exponent)), precision));
  const digits = precision + 2 * guard;
  const log = lnTo(base, digits);
  return exp(roundTo(new Decimal(log.coefficient * exponent.coefficient, log.exponent + exponent.exponent), digits));
}

/** By repeated squaring, each step to twice the digits that are kept. */
function wholePower(base: Decimal, exponent: bigint): Decimal {
  let result = one;
  let square = base;
  for (let rest = exponent < 0n ? -exponent : exponent; rest > 0n; rest /= 2n) {
    if (rest % 2n === 1n) result = times(result, square);
    square = times(square, square);
  }
  return exponent < 0n ? quotient(one, result, 2 * precision) : result;
}

function times(a: Decimal, b: Decimal): Decimal {
  return roundTo(new Decimal(a.coefficient * b.coefficient, a.exponent + b.exponent), 2 * precision);
}
