/** Concrete values as data and as JSON. */
import type { JsonValue } from "@slipway/std";
import type { Data } from "../builtins/contract.ts";
import { compare, Decimal, decimalOfNumber, formatDecimal, toNumber } from "../number/decimal.ts";
import { encodeBase64 } from "../encoding/base64.ts";
import type { Bottom } from "../engine/bottom.ts";
import { arcMember, arcRequired } from "../engine/expr.ts";
import { plain } from "../engine/handle.ts";
import type { Engine } from "../engine/instance.ts";
import type { Label } from "../engine/label.ts";
import { isLet, isString, labelName } from "../engine/label.ts";
import { isScalar } from "../engine/value.ts";
import type { Vertex } from "../engine/vertex.ts";
import { orderedArcs } from "../print/field-order.ts";
import { incompleteValue, missingField } from "./missing.ts";
import { settle } from "./cue-value.ts";

type Exported<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: readonly Bottom[] };

/** Defaults taken, regular fields only; errors where something is not concrete. */
export function exportData(engine: Engine, vertex: Vertex): Exported<Data> {
  const walk: Walk = { engine, errors: [], left: maxValues, path: vertex.path() };
  const value = dataOf(walk, vertex);
  return walk.errors.length > 0 ? { ok: false, errors: walk.errors } : { ok: true, value };
}

interface Walk {
  readonly engine: Engine;
  readonly errors: Bottom[];
  /** By which the value under way was come to. */
  readonly path: Label[];
  /** Values that may still be written. */
  left: number;
}

/** Shared values are few in memory, and many when written out: `a1: [a0, a0]`, `a2: [a1, a1]` … */
const maxValues = 5_000_000;

function dataOf(walk: Walk, vertex: Vertex): Data {
  const { engine, errors } = walk;
  if (walk.left-- <= 0) {
    if (walk.left === -1) {
      const { ctx } = engine;
      const saved = ctx.vertex;
      ctx.vertex = vertex;
      errors.push(ctx.newBottom("budget", `more than ${maxValues} values to write`, []));
      ctx.vertex = saved;
    }
    return null;
  }
  const at = settle(engine, vertex);
  const own = at.bottom();
  if (own !== undefined && own.childError !== true) {
    errors.push(own);
    return null;
  }
  const { base } = at;
  if (isScalar(base)) return plain(base);
  if (base?.type === "listMarker") return at.elements().map((element) => below(walk, element));
  if (base?.type === "structMarker" || own !== undefined) {
    const fields = new Map<string, Data>();
    for (const arc of orderedArcs(at)) {
      if (isLet(arc.label)) continue;
      if (!isString(arc.label)) {
        const hidden = arc.arc === arcMember ? arc.bottom() : undefined;
        if (hidden !== undefined && hidden.code !== "incomplete" && hidden.code !== "cycle" && hidden.childError !== true)
          errors.push(hidden);
        continue;
      }
      if (arc.arc === arcRequired) errors.push(missingField(engine, arc, [...walk.path, arc.label]));
      if (arc.arc === arcMember) fields.set(labelName(arc.label), below(walk, arc));
    }
    if (own !== undefined && errors.length === 0) errors.push(own);
    return fields;
  }
  errors.push(incompleteValue(engine, vertex, at.value() ?? at, walk.path));
  return null;
}

function below(walk: Walk, arc: Vertex): Data {
  walk.path.push(arc.label);
  const data = dataOf(walk, arc);
  walk.path.pop();
  return data;
}

export function exportJson(engine: Engine, vertex: Vertex): Exported<JsonValue> {
  const exported = exportData(engine, vertex);
  return exported.ok ? { ok: true, value: jsonOf(exported.value) } : exported;
}

/** Numbers that a double cannot hold come as their decimal text, bytes as base64. */
function jsonOf(data: Data): JsonValue {
  if (typeof data === "bigint") return data >= -9007199254740991n && data <= 9007199254740991n ? Number(data) : String(data);
  if (typeof data !== "object" || data === null) return data;
  if (data instanceof Decimal) {
    const number = toNumber(data);
    return Number.isFinite(number) && compare(decimalOfNumber(number), data) === 0 ? number : formatDecimal(data);
  }
  if (data instanceof Uint8Array) return encodeBase64(data);
  if (Array.isArray(data)) return (data as readonly Data[]).map(jsonOf);
  const fields: Record<string, JsonValue> = {};
  for (const [name, value] of data as ReadonlyMap<string, Data>) define(fields, name, jsonOf(value));
  return fields;
}

function define(fields: Record<string, JsonValue>, name: string, value: JsonValue): void {
  if (name === "__proto__") Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
  else fields[name] = value;
}
