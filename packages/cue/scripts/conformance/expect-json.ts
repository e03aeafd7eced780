/** `json`: the value as JSON, fields compared as a set, numbers by their exact text where a double cannot hold them. */
import type { JsonValue } from "@slipway/std";
import type { Value } from "@slipway/cue";
import type { Verdict } from "./vectors.ts";
import { failed, passed, short } from "./vectors.ts";

export function judgeJson(value: Value, expected: JsonValue): Verdict {
  const json = value.toJson();
  if (!json.ok) return failed(`want ${short(expected)}; got error ${short(json.errors.map((each) => each.message).join("; "))}`);
  return sameJson(json.value, expected) ? passed : failed(`want ${short(expected)}; got ${short(json.value)}`);
}

/** A decimal of more digits than a double has, where the vector tells no more than the double. */
function isSameDouble(got: string, expected: number): boolean {
  return /^-?\d+(\.\d+)?(E[+-]?\d+)?$/.test(got) && String(Number(got)) !== got && Number(got) === expected;
}

export function sameJson(got: JsonValue, expected: JsonValue): boolean {
  if (typeof expected === "number" && typeof got === "string") return isSameDouble(got, expected);
  if (typeof expected !== "object" || expected === null) return got === expected;
  if (Array.isArray(expected))
    return Array.isArray(got) && got.length === expected.length && expected.every((item, index) => sameJson(got[index] ?? null, item));
  const exact = expected["$num"];
  if (typeof exact === "string") return got === exact || (typeof got === "number" && String(got) === exact);
  if (typeof got !== "object" || got === null || Array.isArray(got)) return false;
  const fields = Object.entries(expected);
  if (Object.keys(got).length !== fields.length) return false;
  return fields.every(([name, item]) => {
    const other = Object.hasOwn(got, name) ? got[name] : undefined;
    return other !== undefined && sameJson(other, item);
  });
}
