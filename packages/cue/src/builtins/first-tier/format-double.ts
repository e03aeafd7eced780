/** Doubles as text: the formats of `strconv.FormatFloat`. */
import { Decimal, digitCount } from "../../number/decimal.ts";
import { quantize } from "../../number/functions.ts";

export const formats: string = "beEfgGxX";

interface Parts {
  readonly mantissa: bigint;
  readonly exponent: number;
  /** Bits of the mantissa. */
  readonly bits: 24 | 53;
}

/** `value` is `mantissa * 2 ** exponent`; not negative. */
function partsOf(value: number, isSingle: boolean): Parts {
  const view = new DataView(new ArrayBuffer(8));
  if (isSingle) {
    view.setFloat32(0, value);
    const raw = view.getUint32(0);
    const exponent = (raw >>> 23) & 0xff;
    const fraction = BigInt(raw & 0x7fffff);
    return { mantissa: exponent === 0 ? fraction : fraction | 0x800000n, exponent: Math.max(exponent, 1) - 150, bits: 24 };
  }
  view.setFloat64(0, value);
  const raw = view.getBigUint64(0);
  const exponent = Number((raw >> 52n) & 0x7ffn);
  const fraction = raw & 0xfffffffffffffn;
  return { mantissa: exponent === 0 ? fraction : fraction | (1n << 52n), exponent: Math.max(exponent, 1) - 1075, bits: 53 };
}

/** All of its digits. */
function exact({ mantissa, exponent }: Parts): Decimal {
  if (exponent >= 0) return new Decimal(mantissa << BigInt(exponent), 0);
  return new Decimal(mantissa * 5n ** BigInt(-exponent), exponent);
}

/** The fewest digits that stand for this value and no other. */
function shortest(value: number, isSingle: boolean): Decimal {
  let text = value.toExponential();
  if (isSingle)
    for (let digits = 0; digits < 9; digits++) {
      text = value.toExponential(digits);
      if (Math.fround(Number(text)) === value) break;
    }
  const [head = "0", exponent = "0"] = text.split("e");
  const [whole = "0", fraction = ""] = head.split(".");
  return new Decimal(BigInt(whole + fraction), Number(exponent) - fraction.length);
}

/** The exponent of the first digit. */
function leading(value: Decimal): number {
  return value.coefficient === 0n ? 0 : digitCount(value.coefficient) - 1 + value.exponent;
}

function fixed(value: Decimal): string {
  const digits = value.coefficient.toString();
  if (value.exponent >= 0) return digits + "0".repeat(value.coefficient === 0n ? 0 : value.exponent);
  const padded = digits.padStart(1 - value.exponent, "0");
  return `${padded.slice(0, value.exponent)}.${padded.slice(value.exponent)}`;
}

/** `count` digits behind the point. */
function scientific(value: Decimal, count: number, mark: string): string {
  const at = leading(value);
  const digits = value.coefficient
    .toString()
    .padEnd(count + 1, "0")
    .slice(0, count + 1);
  const exponent = `${at < 0 ? "-" : "+"}${String(Math.abs(at)).padStart(2, "0")}`;
  return `${digits.slice(0, 1)}${count > 0 ? `.${digits.slice(1)}` : ""}${mark}${exponent}`;
}

/** Rounded to so many digits in all. */
function significant(value: Decimal, digits: number): Decimal {
  const rounded = quantize(value, leading(value) - digits + 1, "half-even");
  // 9.99 may become 10.0, a digit more.
  return digitCount(rounded.coefficient) > digits ? quantize(rounded, rounded.exponent + 1, "half-even") : rounded;
}

function general(value: Decimal, precision: number, isShortest: boolean, mark: string): string {
  const digits = isShortest ? value : significant(value, Math.max(precision, 1));
  const text = digits.coefficient.toString().replace(/0+$/, "");
  const trimmed = digits.coefficient === 0n ? new Decimal(0n, 0) : new Decimal(BigInt(text), leading(digits) - text.length + 1);
  const at = leading(trimmed);
  const limit = isShortest ? 6 : Math.max(precision, 1);
  const most = text.length > limit && text.length >= at ? text.length : limit;
  const isLong = at < -4 || at >= (isShortest ? 21 : most);
  return isLong ? scientific(trimmed, Math.max(text.length - 1, 0), mark) : fixed(trimmed);
}

function hexadecimal({ mantissa, exponent, bits }: Parts, precision: number): string {
  if (mantissa === 0n) return `0x0${precision > 0 ? `.${"0".repeat(precision)}` : ""}p+00`;
  const shift = bits - mantissa.toString(2).length;
  // One digit before the point, the other bits in whole hexadecimal digits behind it.
  const padding = (4 - ((bits - 1) % 4)) % 4;
  let digits = mantissa << BigInt(shift + padding);
  let places = (bits - 1 + padding) / 4;
  let power = exponent - shift + bits - 1;
  if (precision >= 0 && precision < places) {
    const dropped = BigInt((places - precision) * 4);
    const half = 1n << (dropped - 1n);
    const rest = digits & ((1n << dropped) - 1n);
    digits >>= dropped;
    if (rest > half || (rest === half && (digits & 1n) === 1n)) digits += 1n;
    places = precision;
    if (digits >> BigInt(places * 4) > 1n) {
      digits >>= 1n;
      power++;
    }
  }
  let fraction = places === 0 ? "" : digits.toString(16).slice(1);
  fraction = precision < 0 ? fraction.replace(/0+$/, "") : fraction.padEnd(precision, "0");
  const sign = power < 0 ? "-" : "+";
  return `0x1${fraction === "" ? "" : `.${fraction}`}p${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** A negative precision asks for the fewest digits that give the value back. */
export function formatDouble(given: number, format: string, precision: number, isSingle: boolean): string {
  const value = isSingle ? Math.fround(given) : given;
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const parts = partsOf(Math.abs(value), isSingle);
  const isShortest = precision < 0;
  const decimal = isShortest ? shortest(Math.abs(value), isSingle) : exact(parts);
  switch (format) {
    case "b":
      return `${sign}${parts.mantissa}p${parts.exponent < 0 ? "" : "+"}${parts.exponent}`;
    case "e":
    case "E": {
      const count = isShortest ? digitCount(decimal.coefficient) - 1 : precision;
      return sign + scientific(isShortest ? decimal : significant(decimal, precision + 1), count, format);
    }
    case "f":
      return sign + fixed(isShortest ? decimal : quantize(decimal, -precision, "half-even"));
    case "g":
    case "G":
      return sign + general(decimal, precision, isShortest, format === "g" ? "e" : "E");
    case "x":
      return sign + hexadecimal(parts, precision);
    case "X":
      return sign + hexadecimal(parts, precision).toUpperCase();
    default:
      return `%${format}`;
  }
}
