/** Constraints on one value as keywords. */
import type { JsonValue } from "@slipway/std";
import { builtinName, formatValue } from "../engine/format.ts";
import { boolKind, bytesKind, floatKind, intKind, listKind, nullKind, numberKind, stringKind, structKind } from "../engine/kind.ts";
import type { BoundValue, BuiltinValidator, Value } from "../engine/value.ts";
import { toNumber } from "../number/decimal.ts";
import type { Dialect } from "./dialect.ts";

export type Keywords = Record<string, JsonValue>;

const typeNames: readonly (readonly [number, Keywords])[] = [
  [nullKind, { type: "null" }],
  [boolKind, { type: "boolean" }],
  [intKind, { type: "integer" }],
  [floatKind, { type: "number" }],
  [numberKind, { type: "number" }],
  [stringKind, { type: "string" }],
  [structKind, { type: "object" }],
  [listKind, { type: "array" }],
];

/** The schema of a type; several types are alternatives. Undefined where anything goes. */
export function typeKeywords(kind: number, dialect: Dialect): readonly Keywords[] | undefined {
  const found: Keywords[] = [];
  let left = kind;
  if ((left & numberKind) === numberKind) {
    found.push({ type: "number" });
    left &= ~numberKind;
  }
  for (const [bit, keywords] of typeNames) if ((left & bit) === bit && bit !== numberKind) found.push(keywords);
  if ((left & bytesKind) !== 0)
    found.push(dialect.hasNumberFormats ? { type: "string", format: "byte" } : { type: "string", contentEncoding: "base64" });
  return found.length === 0 || found.length > 6 ? undefined : found;
}

export function boundKeywords({ op, value }: BoundValue, dialect: Dialect): Keywords {
  const limit = literalOf(value);
  const isNumber = typeof limit === "number";
  switch (op) {
    case "=~":
      return { type: "string", pattern: limit };
    case "!~":
      return { type: "string", not: { pattern: limit } };
    case "!=":
      return { not: constant(limit, dialect) };
    case "==":
      return constant(limit, dialect);
    case ">":
    case "<": {
      if (!isNumber) return { type: "string" };
      const name = op === ">" ? "Minimum" : "Maximum";
      if (dialect.hasExclusiveNumbers) return { type: "number", [`exclusive${name}`]: limit };
      return { type: "number", [name.toLowerCase()]: limit, [`exclusive${name}`]: true };
    }
    case ">=":
      return isNumber ? { type: "number", minimum: limit } : { type: "string" };
    case "<=":
      return isNumber ? { type: "number", maximum: limit } : { type: "string" };
  }
}

export function constant(value: JsonValue, dialect: Dialect): Keywords {
  if (value === null && dialect.hasNullType) return { const: null };
  return dialect.hasConst ? { const: value } : { enum: [value] };
}

const formats: Readonly<Record<string, string>> = {
  'time.Format("2006-01-02")': "date",
  'time.Format("15:04:05")': "time",
  'time.Format("2006-01-02T15:04:05Z07:00")': "date-time",
  'time.Format("2006-01-02T15:04:05.999999999Z07:00")': "date-time",
};

const counted: Readonly<Record<string, readonly [string, string]>> = {
  "struct.MinFields": ["object", "minProperties"],
  "struct.MaxFields": ["object", "maxProperties"],
  "list.MinItems": ["array", "minItems"],
  "list.MaxItems": ["array", "maxItems"],
  "strings.MinRunes": ["string", "minLength"],
  "strings.MaxRunes": ["string", "maxLength"],
  "math.MultipleOf": ["number", "multipleOf"],
};

/** Undefined for what no keyword says; `matchN` is for the caller. */
export function validatorKeywords({ builtin, args }: BuiltinValidator): Keywords | undefined {
  const name = builtinName(builtin);
  const known = counted[name];
  if (known !== undefined && args[0] !== undefined) return { type: known[0], [known[1]]: literalOf(args[0]) };
  if (name === "list.UniqueItems") return { type: "array", uniqueItems: true };
  if (name === "time.Time") return { type: "string", format: "date-time" };
  const format = formats[`${name}(${args.map((arg) => formatValue(arg)).join(", ")})`];
  if (format !== undefined) return { type: "string", format };
  return name.startsWith("time.") || name.startsWith("strings.") ? { type: "string" } : undefined;
}

export function literalOf(value: Value): JsonValue {
  switch (value.type) {
    case "int":
      return Number(value.value);
    case "float":
      return toNumber(value.value);
    case "string":
    case "bool":
      return value.value;
    case "null":
      return null;
    case "vertex": {
      const own = value.derefValue().value();
      return own === undefined || own.type === "vertex" ? null : literalOf(own);
    }
    default:
      return formatValue(value);
  }
}
