/** A value as JSON: defaults taken, hidden fields and definitions left out, fields in order of first mention. */
import type { JsonValue } from "@slipway/std";
import type { Bottom } from "./bottom.ts";
import { isIncomplete } from "./bottom.ts";
import type { Evaluator } from "./evaluator.ts";
import { isRegular, labelText } from "./label.ts";
import type { Vertex } from "./vertex.ts";

export type Exported = { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly errors: readonly Bottom[] };

export function exportJson(e: Evaluator, vertex: Vertex): Exported {
  const errors: Bottom[] = [];
  const value = walk(e, vertex, errors);
  if (errors.length === 0) return { ok: true, value };
  // What no data can mend is told first.
  return { ok: false, errors: [...errors].sort((a, b) => Number(isIncomplete(a)) - Number(isIncomplete(b))) };
}

function walk(e: Evaluator, vertex: Vertex, errors: Bottom[]): JsonValue {
  const settled = e.settle(vertex);
  const error = e.errorOf(settled) ?? settled.pending;
  if (error !== undefined) {
    errors.push(error);
    return null;
  }
  if (settled.atom !== undefined) {
    const { kind, value } = settled.atom;
    if (kind === "bytes") return base64(String(value));
    return typeof value === "bigint" ? String(value) : value;
  }
  if (settled.items !== undefined) return settled.items.map((item) => walk(e, item, errors));
  const object: Record<string, JsonValue> = {};
  for (const [key, arc] of settled.arcs) {
    if (!isRegular(key) || arc.constraint === "optional") continue;
    if (arc.constraint === "required") {
      errors.push(e.bottom("incomplete", arc, `field is required but not present`));
      continue;
    }
    const name = labelText(key);
    const value = walk(e, arc, errors);
    if (name === "__proto__") Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
    else object[name] = value;
  }
  return object;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Base64 of a text that holds one character a byte. */
export function base64(bytes: string): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes.charCodeAt(i), bytes.charCodeAt(i + 1), bytes.charCodeAt(i + 2)];
    const word = (a << 16) | ((Number.isNaN(b) ? 0 : b) << 8) | (Number.isNaN(c) ? 0 : c);
    text += [18, 12, 6, 0].map((shift, position) => (i + position > bytes.length ? "=" : (alphabet[(word >> shift) & 63] ?? ""))).join("");
  }
  return text;
}
