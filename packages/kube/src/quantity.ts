/**
 * Resource quantities (`apimachinery/pkg/api/resource`): `500m`, `1.5Gi`, `2e3`, `100`. Exact: held as a whole number of
 * billionths; anything finer rounds up, as upstream does.
 */
import { AppError } from "@slipway/std";

export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

export interface Quantity {
  /** The amount times 10^9. */
  readonly nanos: bigint;
  /** How it was written and is written back. */
  readonly format: QuantityFormat;
}

const nano = 1_000_000_000n;
const decimalSuffixes: readonly (readonly [string, number])[] = [
  ["E", 18],
  ["P", 15],
  ["T", 12],
  ["G", 9],
  ["M", 6],
  ["k", 3],
  ["", 0],
  ["m", -3],
  ["u", -6],
  ["n", -9],
];
const binarySuffixes: readonly (readonly [string, bigint])[] = [
  ["Ei", 1n << 60n],
  ["Pi", 1n << 50n],
  ["Ti", 1n << 40n],
  ["Gi", 1n << 30n],
  ["Mi", 1n << 20n],
  ["Ki", 1n << 10n],
];

/** Throws `KUBE_QUANTITY`. Numbers, as YAML may hold them, are read as their text. */
export function parseQuantity(text: string | number): Quantity {
  const match = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([eE][+-]?\d{1,3})|([KMGTPE]i|[numkMGTPE]))?$/.exec(String(text));
  if (match === null) {
    throw new AppError("KUBE_QUANTITY", `${JSON.stringify(text)} is not a quantity; write a number such as 500m, 1.5, 2Gi or 1e3`, {
      retry: "never",
    });
  }
  const [, sign, digits = "0", exponent, suffix] = match;
  const [whole = "", fraction = ""] = digits.split(".");
  const mantissa = BigInt(`${whole}${fraction}` === "" ? "0" : `${whole}${fraction}`);
  const binary = binarySuffixes.find(([name]) => name === suffix);
  const power =
    (exponent === undefined ? (decimalSuffixes.find(([name]) => name === (suffix ?? ""))?.[1] ?? 0) : Number(exponent.slice(1))) +
    9 -
    fraction.length;
  const scaled = binary === undefined ? shift(mantissa, power) : shift(mantissa * binary[1], 9 - fraction.length);
  const format = binary !== undefined ? "BinarySI" : exponent !== undefined ? "DecimalExponent" : "DecimalSI";
  return { nanos: sign === "-" ? -scaled : scaled, format };
}

/** `value * 10^power`, rounded up. */
function shift(value: bigint, power: number): bigint {
  if (power >= 0) return value * 10n ** BigInt(power);
  const divisor = 10n ** BigInt(-power);
  return (value + divisor - 1n) / divisor;
}

/** Negative, zero or positive, as a sort function wants it. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
}

/** The sum, in the format of the first that is not zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

/** As a JavaScript number of base units: `500m` → 0.5. Not exact beyond 2^53 or for most fractions. */
export function quantityToNumber(quantity: Quantity): number {
  return Number(quantity.nanos / nano) + Number(quantity.nanos % nano) / 1e9;
}

/**
 * The canonical text: no fraction, the greatest unit that keeps it exact. Binary quantities that are below 1024 or not
 * whole are written in decimal units.
 */
export function formatQuantity(quantity: Quantity): string {
  const negative = quantity.nanos < 0n;
  const amount = negative ? -quantity.nanos : quantity.nanos;
  const sign = negative ? "-" : "";
  if (amount === 0n) return "0";
  if (quantity.format === "BinarySI" && amount >= 1024n * nano && amount % nano === 0n) {
    for (const [suffix, size] of binarySuffixes) if (amount % (size * nano) === 0n) return `${sign}${amount / (size * nano)}${suffix}`;
    return `${sign}${amount / nano}`;
  }
  for (const [suffix, exponent] of decimalSuffixes) {
    const unit = 10n ** BigInt(exponent + 9);
    if (amount % unit !== 0n) continue;
    const unitText = quantity.format === "DecimalExponent" ? (exponent === 0 ? "" : `e${exponent}`) : suffix;
    return `${sign}${amount / unit}${unitText}`;
  }
  return `${sign}${amount}n`;
}
