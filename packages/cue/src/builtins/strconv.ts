import type { Plain } from "../evaluate/call.ts";
import { integer, number, text } from "./arguments.ts";
import type { BuiltinPackage } from "./packages.ts";

function parseInteger(value: string, base: number): Plain {
  const match = /^([+-]?)(0[xX]|0[oO]|0[bB])?([0-9a-zA-Z_]+)$/.exec(value);
  const prefix = { "0x": 16, "0o": 8, "0b": 2 }[match?.[2]?.toLowerCase() ?? ""];
  const radix = base === 0 ? (prefix ?? 10) : base;
  const digits = (match?.[3] ?? "").replaceAll("_", "");
  if (match === null || digits === "" || (prefix !== undefined && base !== 0))
    throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  let result = 0n;
  for (const char of digits.toLowerCase()) {
    const digit = Number.parseInt(char, 36);
    if (Number.isNaN(digit) || digit >= radix) throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
    result = result * BigInt(radix) + BigInt(digit);
  }
  return match[1] === "-" ? -result : result;
}

function parseFloat(value: string): Plain {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value))
    throw new Error(`strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`);
  return { float: Number(value) };
}

function parseBoolean(value: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(value)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(value)) return false;
  throw new Error(`strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
}

function formatFloat(value: number, format: number, precision: number): string {
  switch (String.fromCharCode(format)) {
    case "f":
      return precision < 0 ? String(value) : value.toFixed(precision);
    case "e":
      return (precision < 0 ? value.toExponential() : value.toExponential(precision)).replace(/e([+-])(\d)$/, "e$10$2");
    default:
      return precision < 0 ? String(value) : String(Number(value.toPrecision(Math.max(1, precision))));
  }
}

export const strconvPackage: BuiltinPackage = {
  functions: {
    Atoi: { arity: 1, call: ([a]) => parseInteger(text(a), 10) },
    FormatBool: { arity: 1, call: ([a]) => String(a === true) },
    FormatFloat: { arity: 4, call: ([a, b, c]) => formatFloat(number(a), integer(b), integer(c)) },
    FormatInt: { arity: 2, call: ([a, b]) => (typeof a === "bigint" ? a : BigInt(integer(a))).toString(integer(b)) },
    FormatUint: { arity: 2, call: ([a, b]) => (typeof a === "bigint" ? a : BigInt(integer(a))).toString(integer(b)) },
    ParseBool: { arity: 1, call: ([a]) => parseBoolean(text(a)) },
    ParseFloat: { arity: 2, call: ([a]) => parseFloat(text(a)) },
    ParseInt: { arity: 3, call: ([a, b]) => parseInteger(text(a), integer(b)) },
    ParseUint: { arity: 3, call: ([a, b]) => parseInteger(text(a), integer(b)) },
    Quote: { arity: 1, call: ([a]) => JSON.stringify(text(a)) },
    Unquote: { arity: 1, call: ([a]) => JSON.parse(text(a)) as string },
  },
  constants: {},
};
