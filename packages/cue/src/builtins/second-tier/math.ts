/** Package math: decimals of 34 digits where the reference has them, doubles elsewhere. */
import type { Decimal } from "../../number/decimal.ts";
import { compare, decimalOf, magnitude, negate, parseDecimal, powerOfTen, subtract } from "../../number/decimal.ts";
import type { NoResult } from "../../number/functions.ts";
import * as decimals from "../../number/functions.ts";
import type { BuiltinFunction, BuiltinPackage, Call, Scalar } from "../contract.ts";
import { CallFailure } from "../contract.ts";
import { define } from "../signature.ts";
import { besselJ, besselY, erf, erfc, erfInverse, gamma } from "./special-functions.ts";
import { doubleOf, floatOf } from "../first-tier/double.ts";
import { jacobi } from "./jacobi.ts";
import { numberOf } from "../first-tier/list-arithmetic.ts";

const zero = decimalOf(0n);
/** Whole numbers of more digits are not written out. */
const maxDigits = 10_000;

function withDecimal(name: string, compute: (value: Decimal) => Decimal | NoResult): BuiltinFunction {
  return define(name, ["number"], "number", (call) => numberOf(resultOf(compute(call.decimal(0)))));
}

function resultOf<T>(result: T | NoResult): T {
  if (typeof result === "string") throw new CallFailure(result);
  return result as T;
}

function rounding(name: string, round: (value: Decimal) => bigint): BuiltinFunction {
  return define(name, ["number"], "int", (call) => {
    const value = call.decimal(0);
    if (magnitude(value) > maxDigits) throw new CallFailure(`result exceeds limit of ${maxDigits} digits`);
    return round(value);
  });
}

function withDouble(name: string, compute: (value: number) => number): BuiltinFunction {
  return define(name, ["number"], "number", (call) => floatOf(compute(doubleOf(call, 0))));
}

function withDoubles(name: string, compute: (a: number, b: number) => number): BuiltinFunction {
  return define(name, ["number", "number"], "number", (call) => floatOf(compute(doubleOf(call, 0), doubleOf(call, 1))));
}

function copySign(call: Call): Scalar {
  const [value, sign] = [call.decimal(0), call.decimal(1)];
  const size = decimals.absolute(value);
  return numberOf(sign.coefficient < 0n ? negate(size) : size);
}

function dim(call: Call): Scalar {
  const difference = subtract(call.decimal(0), call.decimal(1));
  return numberOf(compare(difference, zero) < 0 ? zero : difference);
}

function tenTo(call: Call): Scalar {
  const exponent = call.integer(0);
  if (Math.abs(exponent) > 100_000) throw new CallFailure("exponent out of range");
  return exponent >= 0 && exponent < maxDigits ? powerOfTen(exponent) : (parseDecimal(`1E${exponent}`) ?? zero);
}

/** The power of two at or below a double's size. */
function exponentOf(value: number): number {
  if (value === 0) return Number.NEGATIVE_INFINITY;
  let at = Math.floor(Math.log2(Math.abs(value)));
  while (2 ** at > Math.abs(value)) at--;
  while (2 ** (at + 1) <= Math.abs(value)) at++;
  return at;
}

/** What is left of `a / b` rounded to the nearest whole number, ties to even. */
function remainder(a: number, b: number): number {
  const size = Math.abs(b);
  const rest = Math.abs(a % (2 * size));
  const half = size / 2;
  const left = rest > size + half || rest === size + half ? rest - 2 * size : rest > half ? rest - size : rest;
  return a < 0 ? -left : left;
}

function ldexp(call: Call): Scalar {
  const exponent = Math.max(-2200, Math.min(2200, call.integer(1)));
  // In two halves: 2 ** exponent alone may be out of range where the product is not.
  const half = Math.trunc(exponent / 2);
  return floatOf(doubleOf(call, 0) * 2 ** half * 2 ** (exponent - half));
}

function order(call: Call): number {
  const at = call.integer(0);
  if (Math.abs(at) > 1000) throw new CallFailure("order must be between -1000 and 1000");
  return at;
}

const constants: Readonly<Record<string, string>> = {
  E: "2.71828182845904523536028747135266249775724709369995957496696763",
  Pi: "3.14159265358979323846264338327950288419716939937510582097494459",
  Phi: "1.61803398874989484820458683436563811772030917980576286213544862",
  Sqrt2: "1.41421356237309504880168872420969807856967187537694807317667974",
  SqrtE: "1.64872127070012814684865078781416357165377610071014801157507931",
  SqrtPi: "1.77245385090551602729816748334114518279754945612238712821380779",
  SqrtPhi: "1.27201964951406896425242246173749149171560804184009624861664038",
  Ln2: "0.693147180559945309417232121458176568075500134360255254120680009",
  Log2E: "1.442695040888963407359924681001892137426645954152985934135449408",
  Ln10: "2.3025850929940456840179914546843642076011014886287729760333279",
  Log10E: "0.43429448190325182765112891891660508229439700580366656611445378",
};

const largest: Readonly<Record<string, bigint>> = {
  MaxExp: 2147483647n,
  MinExp: -2147483648n,
  MaxPrec: 4294967295n,
  ToNearestEven: 0n,
  ToNearestAway: 1n,
  ToZero: 2n,
  AwayFromZero: 3n,
  ToNegativeInf: 4n,
  ToPositiveInf: 5n,
  Below: -1n,
  Exact: 0n,
  Above: 1n,
  MaxBase: 62n,
};

export const mathPackage: BuiltinPackage = {
  path: "math",
  constants: { ...Object.fromEntries(Object.entries(constants).map(([name, text]) => [name, parseDecimal(text) ?? zero])), ...largest },
  functions: [
    withDecimal("Abs", decimals.absolute),
    withDouble("Acos", Math.acos),
    withDouble("Acosh", Math.acosh),
    withDouble("Asin", Math.asin),
    withDouble("Asinh", Math.asinh),
    withDouble("Atan", Math.atan),
    withDoubles("Atan2", Math.atan2),
    withDouble("Atanh", Math.atanh),
    withDecimal("Cbrt", decimals.cbrt),
    rounding("Ceil", decimals.ceiling),
    define("Copysign", ["number", "number"], "number", copySign),
    withDouble("Cos", Math.cos),
    withDouble("Cosh", Math.cosh),
    define("Dim", ["number", "number"], "number", dim),
    withDouble("Erf", erf),
    withDouble("Erfc", erfc),
    withDouble("Erfcinv", (value) => erfInverse(1 - value)),
    withDouble("Erfinv", erfInverse),
    withDecimal("Exp", decimals.exp),
    withDecimal("Exp2", (value) => decimals.pow(decimalOf(2n), value)),
    withDouble("Expm1", Math.expm1),
    rounding("Floor", decimals.floor),
    withDouble("Gamma", gamma),
    withDoubles("Hypot", Math.hypot),
    define("Ilogb", ["number"], "int", (call) => BigInt(Math.max(-2147483648, exponentOf(doubleOf(call, 0))))),
    withDouble("J0", (value) => besselJ(0, value)),
    withDouble("J1", (value) => besselJ(1, value)),
    define("Jacobi", ["int", "int"], "int", (call) => jacobi(call.int(0), call.int(1))),
    define("Jn", ["int", "number"], "number", (call) => floatOf(besselJ(order(call), doubleOf(call, 1)))),
    define("Ldexp", ["number", "int"], "number", ldexp),
    withDecimal("Log", decimals.ln),
    withDecimal("Log10", decimals.log10),
    withDouble("Log1p", Math.log1p),
    withDecimal("Log2", decimals.log2),
    withDouble("Logb", exponentOf),
    withDoubles("Mod", (a, b) => a % b),
    define("MultipleOf", ["number", "number"], "bool", (call) => resultOf(decimals.isMultipleOf(call.decimal(0), call.decimal(1)))),
    define("Pow", ["number", "number"], "number", (call) => numberOf(resultOf(decimals.pow(call.decimal(0), call.decimal(1))))),
    define("Pow10", ["int"], "number", tenTo),
    withDoubles("Remainder", remainder),
    rounding("Round", decimals.round),
    rounding("RoundToEven", decimals.roundToEven),
    define("Signbit", ["number"], "bool", (call) => call.decimal(0).coefficient < 0n),
    withDouble("Sin", Math.sin),
    withDouble("Sinh", Math.sinh),
    withDouble("Sqrt", Math.sqrt),
    withDouble("Tan", Math.tan),
    withDouble("Tanh", Math.tanh),
    rounding("Trunc", decimals.truncate),
    withDouble("Y0", (value) => besselY(0, value)),
    withDouble("Y1", (value) => besselY(1, value)),
    define("Yn", ["int", "number"], "number", (call) => floatOf(besselY(order(call), doubleOf(call, 1)))),
  ],
};
