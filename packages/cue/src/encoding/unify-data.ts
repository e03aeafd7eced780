/** Unification of concrete data: what two occurrences of one key in a JSON or YAML document come to. */
import type { Data, Scalar } from "../builtins/contract.ts";
import { compare, Decimal, formatDecimal } from "../number/decimal.ts";

/** Two values that are not the same. `path` leads from the unified values to the conflict. */
export class DataConflict extends Error {
  readonly path: readonly string[];
  constructor(message: string, path: readonly string[]) {
    super(message);
    this.path = path;
  }
}

export function isMap(data: Data): data is ReadonlyMap<string, Data> {
  return data instanceof Map;
}

export function isList(data: Data): data is readonly Data[] {
  return Array.isArray(data);
}

function kindName(data: Data): string {
  if (data === null) return "null";
  if (isMap(data)) return "struct";
  if (isList(data)) return "list";
  if (typeof data === "bigint") return "int";
  if (data instanceof Decimal) return "float";
  if (data instanceof Uint8Array) return "bytes";
  return typeof data === "boolean" ? "bool" : "string";
}

function describe(data: Data): string {
  if (isMap(data)) return data.size === 0 ? "{}" : "{...}";
  if (isList(data)) return data.length === 0 ? "[]" : "[...]";
  if (data instanceof Decimal) return formatDecimal(data);
  if (data instanceof Uint8Array) return `'${new TextDecoder().decode(data)}'`;
  return typeof data === "string" ? JSON.stringify(data) : String(data);
}

function sameScalar(a: Scalar, b: Scalar): boolean {
  if (a instanceof Decimal && b instanceof Decimal) return compare(a, b) === 0;
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
  }
  return a === b;
}

/** `a & b` of concrete data; throws `DataConflict` where they differ. Fields keep the order of first occurrence. */
export function unifyData(a: Data, b: Data, path: readonly string[] = []): Data {
  if (isMap(a) && isMap(b)) {
    const merged = new Map(a);
    for (const [key, value] of b) {
      const known = merged.get(key);
      merged.set(key, known === undefined ? value : unifyData(known, value, [...path, key]));
    }
    return merged;
  }
  if (isList(a) && isList(b)) {
    if (a.length !== b.length) throw new DataConflict(`incompatible list lengths (${a.length} and ${b.length})`, path);
    return a.map((element, i) => {
      const other = b[i];
      return other === undefined ? element : unifyData(element, other, [...path, String(i)]);
    });
  }
  if (!isMap(a) && !isMap(b) && !isList(a) && !isList(b) && sameScalar(a, b)) return a;
  const types = kindName(a) === kindName(b) ? "" : ` (mismatched types ${kindName(b)} and ${kindName(a)})`;
  throw new DataConflict(`conflicting values ${describe(b)} and ${describe(a)}${types}`, path);
}
