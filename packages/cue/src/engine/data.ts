/** Data from outside as values, and values as data. */
import type { JsonValue } from "@slipway/std";
import type { Data, Scalar as Plain } from "../builtins/contract.ts";
import { Decimal, decimalOfNumber } from "../number/decimal.ts";
import { maxDataDepth } from "../encoding/json.ts";
import type { Bottom } from "./bottom.ts";
import { regularLabel } from "./label.ts";
import type { Label } from "./label.ts";
import type { Scalar, Value } from "./value.ts";
import { structMarker } from "./value.ts";
import { rootCloseInfo, Vertex } from "./vertex.ts";

export function fromScalar(value: Plain): Scalar {
  if (value === null) return { type: "null", position: undefined };
  switch (typeof value) {
    case "boolean":
      return { type: "bool", value, position: undefined };
    case "string":
      return { type: "string", value, position: undefined };
    case "bigint":
      return { type: "int", value, position: undefined };
    default:
      return value instanceof Decimal ? { type: "float", value, position: undefined } : { type: "bytes", value, position: undefined };
  }
}

function scalarOfJson(value: null | boolean | number | string): Scalar {
  if (typeof value !== "number") return fromScalar(value);
  if (Number.isSafeInteger(value)) return { type: "int", value: BigInt(value), position: undefined };
  return { type: "float", value: decimalOfNumber(value), position: undefined };
}

/** JSON as a value: whole numbers are ints. */
export function fromJson(value: JsonValue): Value {
  return typeof value === "object" && value !== null ? dataVertex(undefined, "", value) : scalarOfJson(value);
}

function tooDeep(node: Vertex): Bottom {
  const message = { args: [], position: undefined, positions: [], vertex: node, cause: undefined };
  const format = `data nests more than ${maxDataDepth} levels deep`;
  return { type: "bottom", position: undefined, code: "budget", messages: [{ ...message, format }], node, literal: false };
}

function isMap(value: object): value is ReadonlyMap<string, Data> {
  return value instanceof Map;
}

function dataVertex(parent: Vertex | undefined, label: Label, value: JsonValue | Data, depth = 0): Vertex {
  const vertex = new Vertex(parent, label);
  vertex.isData = true;
  vertex.status = "finalized";
  if (depth > maxDataDepth) {
    vertex.base = tooDeep(vertex);
    return vertex;
  }
  if (typeof value !== "object" || value === null || value instanceof Decimal || value instanceof Uint8Array) {
    vertex.base = typeof value === "number" ? scalarOfJson(value) : fromScalar(value);
    return vertex;
  }
  if (Array.isArray(value)) {
    vertex.base = { type: "listMarker", isOpen: false };
    (value as readonly (JsonValue | Data)[]).forEach((each, i) => {
      vertex.addArc(dataVertex(vertex, i, each, depth + 1));
    });
    return vertex;
  }
  vertex.base = structMarker;
  const entries: Iterable<readonly [string, JsonValue | Data]> = isMap(value) ? value : Object.entries(value as Record<string, JsonValue>);
  for (const [name, each] of entries) vertex.addArc(dataVertex(vertex, regularLabel(name), each, depth + 1));
  return vertex;
}

/** Exact data as a value. */
export function fromData(value: Data): Value {
  return typeof value === "object" && value !== null && !(value instanceof Decimal) && !(value instanceof Uint8Array)
    ? dataVertex(undefined, "", value)
    : fromScalar(value);
}

/** `value` below the labels: `{a: {b: value}}`. */
export function atPath(labels: readonly Label[], value: Value): Value {
  let inner = value;
  for (let i = labels.length - 1; i >= 0; i--) {
    const label = labels[i] ?? "";
    const holder = new Vertex(undefined, "");
    holder.isData = true;
    holder.status = "finalized";
    holder.base = typeof label === "number" ? { type: "listMarker", isOpen: true } : structMarker;
    // A list element needs those before it.
    if (typeof label === "number")
      for (let at = 0; at < label; at++) {
        const gap = new Vertex(holder, at);
        gap.isData = true;
        gap.status = "finalized";
        gap.base = { type: "top", position: undefined };
        holder.addArc(gap);
      }
    let arc: Vertex;
    if (inner instanceof Vertex && inner.isData && inner.parent === undefined) {
      arc = inner;
      arc.parent = holder;
      arc.label = label;
    } else {
      arc = new Vertex(holder, label);
      if (inner instanceof Vertex) {
        arc.conjuncts = [{ env: undefined, elem: inner, close: rootCloseInfo }];
        arc.base = inner;
      } else arc.base = inner;
      arc.isData = !(inner instanceof Vertex);
      arc.status = "finalized";
    }
    holder.addArc(arc);
    inner = holder;
  }
  return inner;
}
