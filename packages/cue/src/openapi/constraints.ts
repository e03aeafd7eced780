/** Bounds and validators as keywords of OpenAPI. */
import type { JsonValue } from "@slipway/std";
import { builtinName, formatValue } from "../engine/format.ts";
import type { BoundValue, BuiltinValidator, Value } from "../engine/value.ts";
import type { Vertex } from "../engine/vertex.ts";
import { toNumber } from "../number/decimal.ts";
import type { Builder } from "./builder.ts";

/** Validators of one argument, and the keyword that says the same. */
const keywords: Readonly<Record<string, string>> = {
  "struct.MinFields": "minProperties",
  "struct.MaxFields": "maxProperties",
  "list.MinItems": "minItems",
  "list.MaxItems": "maxItems",
  "strings.MinRunes": "minLength",
  "strings.MaxRunes": "maxLength",
  "math.MultipleOf": "multipleOf",
};

/** True when the value is a constraint and nothing else. What has no keyword is left out. */
export function constrain(builder: Builder, vertex: Vertex): boolean {
  const { base } = vertex.derefValue();
  if (base?.type === "bound") bound(builder, base);
  else if (base?.type === "validator") validator(builder, base);
  else return base?.type === "builtin";
  return true;
}

function validator(builder: Builder, { builtin, args }: BuiltinValidator): void {
  const name = builtinName(builtin);
  const keyword = keywords[name];
  if (keyword !== undefined && args[0] !== undefined) builder.setConstraint(keyword, jsonOf(args[0]));
  else if (name === "list.UniqueItems") builder.setConstraint("uniqueItems", true);
}

function bound(builder: Builder, { op, value }: BoundValue): void {
  const limit = jsonOf(value);
  const isText = value.type === "string" || value.type === "bytes";
  switch (op) {
    case "=~":
      builder.setConstraint("pattern", limit);
      break;
    case "!~":
      builder.not({ pattern: limit });
      break;
    case "!=":
      if (!isText && typeof limit === "number") builder.not({ allOf: [{ minimum: limit }, { maximum: limit }] });
      break;
    case ">":
    case "<": {
      if (isText) break;
      const name = op === ">" ? "Minimum" : "Maximum";
      if (isNewer(builder)) builder.setConstraint(`exclusive${name}`, limit);
      else {
        builder.setConstraint(`exclusive${name}`, true);
        builder.setConstraint(name.toLowerCase(), limit);
      }
      break;
    }
    case ">=":
    case "<=":
      if (!isText) builder.setConstraint(op === ">=" ? "minimum" : "maximum", limit);
      break;
    default:
  }
}

function isNewer(builder: Builder): boolean {
  return !/^3\.0\b/.test(builder.generator.options.version ?? "3.0.0");
}

/** How many elements a list has at least; a list without an ellipsis is told by its elements. */
export function lengthOf(builder: Builder, vertex: Vertex): void {
  const { base } = vertex;
  const count = vertex.elements().length;
  if (base?.type === "listMarker" && base.isOpen && count > 0) builder.setConstraint("minItems", count);
}

function jsonOf(value: Value): JsonValue {
  switch (value.type) {
    case "int":
      return Number(value.value);
    case "float":
      return toNumber(value.value);
    case "string":
      return value.value;
    case "bool":
      return value.value;
    case "vertex":
      return value.value() === undefined || value.value() === value ? null : jsonOf(value.value() ?? value);
    default:
      return formatValue(value);
  }
}
