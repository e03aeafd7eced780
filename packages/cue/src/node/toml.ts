/** TOML text (v1.0.0) of concrete data, keys sorted as the reference writes them. */
import type { Data } from "../builtins/contract.ts";
import { Decimal, formatDecimal } from "../number/decimal.ts";
import { CommandFailure } from "./failure.ts";

type Table = ReadonlyMap<string, Data>;

export function encodeToml(data: Data): string {
  if (!isTable(data)) throw new CommandFailure("TOML can only hold a struct at its top level");
  const lines: string[] = [];
  writeTable(data, [], lines);
  return `${lines.join("\n")}\n`.replace(/^\n+/, "");
}

function isTable(data: Data | undefined): data is Table {
  return data instanceof Map;
}

function isTables(data: Data): data is readonly Table[] {
  return Array.isArray(data) && data.length > 0 && data.every(isTable);
}

/** Data's depth is bounded by what made it. */
function writeTable(table: Table, path: readonly string[], lines: string[]): void {
  const entries = [...table].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  for (const [key, value] of entries) if (!isTable(value) && !isTables(value)) lines.push(`${keyText(key)} = ${inline(value)}`);
  for (const [key, value] of entries) {
    const inner = [...path, keyText(key)];
    if (isTable(value)) {
      const onlyTables = value.size > 0 && [...value.values()].every((each) => isTable(each));
      if (!onlyTables) lines.push("", `[${inner.join(".")}]`);
      writeTable(value, inner, lines);
    } else if (isTables(value)) {
      for (const each of value) {
        lines.push("", `[[${inner.join(".")}]]`);
        writeTable(each, inner, lines);
      }
    }
  }
}

function inline(value: Data): string {
  if (value === null) throw new CommandFailure("TOML cannot hold null");
  if (typeof value === "string") return stringText(value);
  if (value instanceof Decimal) return formatDecimal(value);
  if (value instanceof Uint8Array) return stringText(new TextDecoder().decode(value));
  if (isTable(value)) return `{${[...value].map(([key, item]) => `${keyText(key)} = ${inline(item)}`).join(", ")}}`;
  if (Array.isArray(value)) return `[${(value as readonly Data[]).map(inline).join(", ")}]`;
  return String(value);
}

function keyText(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : stringText(key);
}

/** Literal strings where they may be. */
function stringText(text: string): string {
  return /['\u0000-\u0008\u000a-\u001f\u007f]/.test(text) ? JSON.stringify(text) : `'${text}'`;
}
