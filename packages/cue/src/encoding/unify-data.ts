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

/**
 * `a & b & …` of concrete data; throws `DataConflict` where they differ. Fields keep the order of first occurrence. All
 * at once, since one after the other would copy a growing struct again and again.
 */
export function unifyData(values: readonly Data[], path: readonly string[] = []): Data {
  const [first = null, ...others] = values;
  if (others.length === 0) return first;
  if (values.every(isMap)) {
    const fields = new Map<string, Data[]>();
    for (const value of values) {
      for (const [key, field] of value) {
        const known = fields.get(key);
        if (known === undefined) fields.set(key, [field]);
        else known.push(field);
      }
    }
    return new Map(Array.from(fields, ([key, found]) => [key, unifyData(found, [...path, key])] as const));
  }
  for (const other of others) {
    if (isMap(first) && isMap(other)) continue;
    if (isList(first) && isList(other)) {
      if (first.length === other.length) continue;
      throw new DataConflict(`incompatible list lengths (${first.length} and ${other.length})`, path);
    }
    if (!isMap(first) && !isMap(other) && !isList(first) && !isList(other) && sameScalar(first, other)) continue;
    const types = kindName(first) === kindName(other) ? "" : ` (mismatched types ${kindName(other)} and ${kindName(first)})`;
    throw new DataConflict(`conflicting values ${describe(other)} and ${describe(first)}${types}`, path);
  }
  if (!isList(first)) return first;
  return first.map((_, i) =>
    unifyData(
      values.map((value) => (isList(value) ? (value[i] ?? null) : null)),
      [...path, String(i)],
    ),
  );
}

/** Values of keys that occur more than once, to be unified when their struct is complete. */
export class RepeatedKeys {
  readonly #values = new Map<string, { readonly offset: number; readonly values: Data[] }>();

  add(key: string, first: Data, value: Data, offset: number): void {
    const known = this.#values.get(key);
    if (known === undefined) this.#values.set(key, { offset, values: [first, value] });
    else known.values.push(value);
  }

  forget(key: string): void {
    this.#values.delete(key);
  }

  /** Puts the unified values into the struct. `fail` gets a conflict and where its key occurred for the second time. */
  settle(map: Map<string, Data>, path: readonly string[], fail: (conflict: DataConflict, offset: number) => never): void {
    for (const [key, { offset, values }] of this.#values) {
      try {
        map.set(key, unifyData(values, [...path, key]));
      } catch (error) {
        if (error instanceof DataConflict) fail(error, offset);
        throw error;
      }
    }
  }
}
