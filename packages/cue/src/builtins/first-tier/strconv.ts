/** Package strconv: numbers, booleans and quoted text, as Go writes them. */
import { negate, numberLiteral } from "../../number/decimal.ts";
import { decodeBytes, decodeString } from "../../syntax/decode-string.ts";
import type { BuiltinFunction, BuiltinPackage, Call, Scalar } from "../contract.ts";
import { CallFailure, kind } from "../contract.ts";
import { define, textOf } from "../signature.ts";
import { doubleOf, floatOf } from "./double.ts";
import { formatDouble, formats } from "./format-double.ts";
import { isGraphic, isPrint, quoteCharacter, quoteText } from "./quote-text.ts";

function numberFailure(name: string, text: string, why: "invalid syntax" | "value out of range"): CallFailure {
  return new CallFailure(`strconv.${name}: parsing ${quoteText(text, "print")}: ${why}`);
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "TRUE", "true", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "FALSE", "false", "False"].map((text) => [text, false] as const),
]);

function parseBool(call: Call): boolean {
  const text = call.string(0);
  const value = truths.get(text);
  if (value === undefined) throw numberFailure("ParseBool", text, "invalid syntax");
  return value;
}

const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

const prefixes: Readonly<Record<string, number>> = { "0b": 2, "0o": 8, "0x": 16 };

/** Digits of a base from 2 to 62; base 0 takes it, and underscores between digits, from the text. */
function parseDigits(text: string, base: number): bigint | undefined {
  const [, sign = "", unsigned = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  let radix = base;
  let body = unsigned;
  if (base === 0) {
    const prefix = prefixes[body.slice(0, 2).toLowerCase()];
    radix = prefix ?? (/^0[0-9_]/.test(body) ? 8 : 10);
    if (/__|_$|^_/.test(body)) return undefined;
    body = body.slice(prefix === undefined ? 0 : 2).replaceAll("_", "");
  }
  if (body === "" || radix < 2 || radix > 62) return undefined;
  if (radix <= 36) body = body.toLowerCase();
  let value = 0n;
  const factor = BigInt(radix);
  for (const char of body) {
    const digit = digits.indexOf(char);
    if (digit < 0 || digit >= radix) return undefined;
    value = value * factor + BigInt(digit);
  }
  return sign === "-" ? -value : value;
}

function parseInteger(name: string, call: Call, base: number, bits: number): bigint {
  const text = call.string(0);
  if (bits < 0) throw numberFailure(name, text, "value out of range");
  const value = parseDigits(text, base);
  if (value === undefined) throw numberFailure(name, text, "invalid syntax");
  const isUnsigned = name === "ParseUint";
  const [least, most] = isUnsigned
    ? [0n, 1n << BigInt(bits)]
    : [-(1n << BigInt(Math.max(bits - 1, 0))), 1n << BigInt(Math.max(bits - 1, 0))];
  if ((isUnsigned && value < 0n) || (bits > 0 && (value < least || value >= most))) throw numberFailure(name, text, "value out of range");
  return value;
}

function parseFloat64(call: Call): Scalar {
  const text = call.string(0);
  const plain = text.replaceAll(/(?<=\d)_(?=\d)/g, "");
  const hex = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)$/.exec(plain);
  let value: number;
  if (hex !== null) {
    const [, sign = "", whole = "", fraction = "", power = "0"] = hex;
    value = Number.parseInt(`0${whole}${fraction}`, 16) * 2 ** (Number(power) - fraction.length * 4) * (sign === "-" ? -1 : 1);
  } else {
    if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(plain)) throw numberFailure("ParseFloat", text, "invalid syntax");
    value = Number(plain);
  }
  if (call.integer(1) === 32) value = Math.fround(value);
  if (!Number.isFinite(value)) throw numberFailure("ParseFloat", text, "value out of range");
  return floatOf(value);
}

function parseNumber(call: Call): Scalar {
  const text = call.string(0);
  const [, sign = "", unsigned = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const literal = numberLiteral(unsigned);
  if (literal === undefined) throw numberFailure("ParseNumber", text, "invalid syntax");
  if (sign !== "-") return literal.value;
  return literal.kind === "int" ? -literal.value : negate(literal.value);
}

function formatInteger(call: Call): string {
  const value = call.int(0);
  const base = call.integer(1);
  if (base < 2 || base > 62) throw new CallFailure(`invalid base ${base}`);
  if (base <= 36) return value.toString(base);
  let text = "";
  const radix = BigInt(base);
  for (let left = value < 0n ? -value : value; left > 0n || text === ""; left /= radix) text = digits.charAt(Number(left % radix)) + text;
  return value < 0n ? `-${text}` : text;
}

function unquote(call: Call): string {
  const text = call.string(0);
  const isBytes = /^#*'/.test(text);
  const [, open = ""] = /^(#*["'])/.exec(text) ?? [];
  const close = [...open].reverse().join("");
  if (open === "" || text.length < 2 * open.length || !text.endsWith(close)) throw new CallFailure("invalid syntax");
  const decoded = decodeString(text);
  if (decoded.problems.length > 0 || decoded.parts.length > 1) throw new CallFailure("invalid syntax");
  return isBytes ? textOf(decodeBytes(text)) : decoded.value;
}

const formatFloat: BuiltinFunction = {
  name: "FormatFloat",
  parameters: [
    { kinds: kind.number },
    { kinds: kind.int | kind.string, values: [...formats, ...Array.from(formats, (char) => BigInt(char.charCodeAt(0)))] },
    { kinds: kind.int },
    { kinds: kind.int },
  ],
  result: kind.string,
  call: (call) => {
    const given = call.value(1).scalar();
    const format = typeof given === "bigint" ? String.fromCharCode(Number(given)) : String(given);
    const bits = call.integer(3);
    if (bits !== 32 && bits !== 64) throw new CallFailure("strconv: illegal AppendFloat/FormatFloat bitSize");
    const precision = call.integer(2);
    if (precision > 100_000) throw new CallFailure("precision exceeds limit of 100000 digits");
    return formatDouble(doubleOf(call, 0), format, precision, bits === 32);
  },
};

export const strconvPackage: BuiltinPackage = {
  path: "strconv",
  constants: { IntSize: 64n },
  functions: [
    define("Atoi", ["string"], "int", (call) => parseInteger("Atoi", call, 10, 0)),
    define("FormatBool", ["bool"], "string", (call) => String(call.bool(0))),
    formatFloat,
    define("FormatInt", ["int", "int"], "string", formatInteger),
    define("FormatUint", ["int", "int"], "string", formatInteger),
    define("IsGraphic", ["int"], "bool", (call) => isGraphic(call.integer(0))),
    define("IsPrint", ["int"], "bool", (call) => isPrint(call.integer(0))),
    define("ParseBool", ["string"], "bool", parseBool),
    define("ParseFloat", ["string", "int"], "number", parseFloat64),
    define("ParseInt", ["string", "int", "int"], "int", (call) => parseInteger("ParseInt", call, call.integer(1), call.integer(2))),
    define("ParseNumber", ["string"], "number", parseNumber),
    define("ParseUint", ["string", "int", "int"], "int", (call) => parseInteger("ParseUint", call, call.integer(1), call.integer(2))),
    define("Quote", ["string"], "string", (call) => quoteText(call.string(0), "print")),
    define("QuoteRune", ["int"], "string", (call) => quoteCharacter(call.integer(0), "print")),
    define("QuoteRuneToASCII", ["int"], "string", (call) => quoteCharacter(call.integer(0), "ascii")),
    define("QuoteRuneToGraphic", ["int"], "string", (call) => quoteCharacter(call.integer(0), "graphic")),
    define("QuoteToASCII", ["string"], "string", (call) => quoteText(call.string(0), "ascii")),
    define("QuoteToGraphic", ["string"], "string", (call) => quoteText(call.string(0), "graphic")),
    define("Unquote", ["string"], "string", unquote),
  ],
};
