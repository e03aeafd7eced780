/** TOML text of concrete data, as go-toml v2 lays it out: keys sorted, plain values before tables. */
import type { Data } from "../builtins/contract.ts";
import { Decimal, isWhole, toNumber } from "../number/decimal.ts";
import { encodeBase64 } from "./base64.ts";
import { isList, isMap } from "./unify-data.ts";

/** Data that TOML has no form for. */
export class TomlEncodeError extends Error {}

/** Tables inside one another beyond this are refused. */
const maxDepth = 500;

function quoted(text: string): string {
  // A literal string cannot hold its own quote nor control characters.

  if (!/['\u0000-\u001f\u007f]/.test(text)) return `'${text}'`;
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}

function key(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : quoted(name);
}

function sorted(table: ReadonlyMap<string, Data>): [string, Data][] {
  return [...table].sort(([a], [b]) => (a < b ? -1 : 1));
}

function inline(value: Data, depth: number): string {
  if (depth > maxDepth) throw new TomlEncodeError(`toml: nested more than ${maxDepth} levels deep`);
  if (value === null) throw new TomlEncodeError("toml: cannot encode a nil interface");
  if (typeof value === "string") return quoted(value);
  if (value instanceof Uint8Array) return quoted(encodeBase64(value));
  if (value instanceof Decimal) return isWhole(value) ? toNumber(value).toFixed(1) : String(toNumber(value));
  if (isList(value)) return `[${value.map((element) => inline(element, depth + 1)).join(", ")}]`;
  if (isMap(value))
    return `{${sorted(value)
      .map(([name, field]) => `${key(name)} = ${inline(field, depth + 1)}`)
      .join(", ")}}`;
  return String(value);
}

function isTables(value: Data): value is readonly ReadonlyMap<string, Data>[] {
  return isList(value) && value.length > 0 && value.every(isMap);
}

function writeTable(parts: string[], table: ReadonlyMap<string, Data>, path: readonly string[]): void {
  if (path.length > maxDepth) throw new TomlEncodeError(`toml: nested more than ${maxDepth} levels deep`);
  const tables: [string, Data][] = [];
  let blank = false;
  for (const [name, value] of sorted(table)) {
    if (isMap(value) || isTables(value)) tables.push([name, value]);
    else {
      parts.push(`${key(name)} = ${inline(value, path.length)}\n`);
      blank = true;
    }
  }
  for (const [name, value] of tables) {
    if (blank) parts.push("\n");
    blank = true;
    const inner = [...path, key(name)];
    if (isMap(value)) {
      parts.push(`[${inner.join(".")}]\n`);
      writeTable(parts, value, inner);
    } else if (isTables(value)) {
      value.forEach((element, i) => {
        parts.push(`${i > 0 ? "\n" : ""}[[${inner.join(".")}]]\n`);
        writeTable(parts, element, inner);
      });
    }
  }
}

/** Throws `TomlEncodeError`. The data must be a struct. */
export function encodeToml(data: Data): string {
  if (!isMap(data)) throw new TomlEncodeError("toml: top level must be a table");
  const parts: string[] = [];
  writeTable(parts, data, []);
  return parts.join("");
}
