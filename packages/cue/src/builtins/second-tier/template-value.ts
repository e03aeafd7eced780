/** Values in Go templates, and how Go's package fmt prints them. */
import { Decimal, toNumber } from "../../number/decimal.ts";
import type { Data } from "../contract.ts";
import { formatFloat } from "./go-float.ts";
import { quote, textOf } from "../signature.ts";

/** Undefined is what a missing key gives, null what is there and null. A number is a float64. */
export type Value = undefined | null | boolean | bigint | number | string | Uint8Array | readonly Value[] | ReadonlyMap<string, Value>;

export function valueOf(data: Data): Value {
  if (data instanceof Decimal) return toNumber(data);
  if (Array.isArray(data)) return (data as readonly Data[]).map(valueOf);
  if (data instanceof Map) {
    return new Map(Array.from(data as ReadonlyMap<string, Data>, ([key, value]) => [key, valueOf(value)] as const));
  }
  return data as Exclude<Data, Decimal | readonly Data[] | ReadonlyMap<string, Data>>;
}

export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

/** The name of the Go type that the reference decodes such a value to. */
export function typeName(value: Value): string {
  if (value === undefined || value === null) return "<nil>";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? "int" : "*big.Int";
  if (typeof value === "number") return "float64";
  if (typeof value === "string") return "string";
  if (value instanceof Uint8Array) return "[]uint8";
  return isArray(value) ? "[]interface {}" : "map[string]interface {}";
}

export function isTrue(value: Value): boolean {
  if (value instanceof Uint8Array || isArray(value)) return value.length > 0;
  if (isMap(value)) return value.size > 0;
  return Boolean(value);
}

/** Keys in the order in which Go prints and visits them: by bytes. */
export function sortedKeys(map: ReadonlyMap<string, Value>): string[] {
  return [...map.keys()].sort(compareText);
}

/** By code points, which is the order of their UTF-8. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  let i = 0;
  while (i < a.length && i < b.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  // Back to the beginning of a character whose second half differs.
  if (i > 0 && /[\udc00-\udfff]/.test(a.charAt(i) + b.charAt(i))) i--;
  return (a.codePointAt(i) ?? -1) - (b.codePointAt(i) ?? -1);
}

/** As `%v` prints it; `quoted` as `%q` does, for strings inside lists and maps too. */
export function printed(value: Value, quoted = false): string {
  if (value === undefined || value === null) return "<nil>";
  if (typeof value === "string") return quoted ? quote(value) : value;
  if (typeof value === "number") return formatFloat(value, "g");
  if (value instanceof Uint8Array) return quoted ? quote(textOf(value)) : `[${value.join(" ")}]`;
  if (isArray(value)) return `[${value.map((element) => printed(element, quoted)).join(" ")}]`;
  if (isMap(value)) {
    const fields = sortedKeys(value).map((key) => `${quoted ? quote(key) : key}:${printed(value.get(key), quoted)}`);
    return `map[${fields.join(" ")}]`;
  }
  return String(value);
}

/** What an action writes. */
export function written(value: Value): string {
  return value === undefined || value === null ? "<no value>" : printed(value);
}

/** fmt.Sprint: a space between operands when neither is a string. */
export function sprint(values: readonly Value[]): string {
  return values
    .map((value, i) => (i > 0 && typeof value !== "string" && typeof values[i - 1] !== "string" ? " " : "") + printed(value))
    .join("");
}
