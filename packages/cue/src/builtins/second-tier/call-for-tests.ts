/** Calls functions of built-in packages without an evaluator: for tests. */
import { Decimal, decimalOf } from "../../number/decimal.ts";
import { encodeJson } from "../../encoding/json.ts";
import type { BuiltinFunction, BuiltinPackage, Call, Data, Handle, Result, Scalar } from "../contract.ts";
import { CallFailure, kind } from "../contract.ts";

function kindOf(data: Data): number {
  if (data === null) return kind.null;
  if (data instanceof Map) return kind.struct;
  if (Array.isArray(data)) return kind.list;
  if (data instanceof Decimal) return kind.float;
  if (data instanceof Uint8Array) return kind.bytes;
  if (typeof data === "bigint") return kind.int;
  return typeof data === "boolean" ? kind.bool : kind.string;
}

export function handleOf(data: Data): Handle {
  const fields = data instanceof Map ? [...(data as ReadonlyMap<string, Data>)] : [];
  return {
    handle: true,
    kinds: () => kindOf(data),
    isConcrete: () => true,
    isFinal: () => true,
    isOpen: () => false,
    withDefault() {
      return this;
    },
    scalar() {
      if ((kindOf(data) & kind.scalar) === 0) throw new CallFailure("not a scalar");
      return data as Scalar;
    },
    elements() {
      if (!Array.isArray(data)) throw new CallFailure(`cannot use value ${encodeJson(data)} as list`);
      return (data as readonly Data[]).map(handleOf);
    },
    fields: () => fields.map(([label, value]) => ({ label, value: handleOf(value) })),
    data: () => data,
    require: () => undefined,
    equals: (other) => encodeJson(other.data()) === encodeJson(data),
    text: () => (Array.isArray(data) ? `[${(data as readonly Data[]).map((each) => encodeJson(each)).join(", ")}]` : encodeJson(data)),
    unifies: () => false,
    fill() {
      return this;
    },
    lookup: (label) => {
      const found = fields.find(([name]) => name === label);
      return found === undefined ? undefined : handleOf(found[1]);
    },
    check(other) {
      if (encodeJson(other) !== encodeJson(data)) throw new CallFailure("not the same");
    },
  };
}

function argumentsOf(builtin: BuiltinFunction, given: readonly Data[]): Call {
  const args = builtin.parameters.map((parameter, i) => given[i] ?? parameter.default ?? null);
  const get = (index: number): Data => args[index] ?? null;
  const decimal = (value: Data): Decimal => (value instanceof Decimal ? value : decimalOf(value as bigint));
  return {
    count: args.length,
    isValidator: false,
    string: (index) => get(index) as string,
    bool: (index) => get(index) as boolean,
    int: (index) => get(index) as bigint,
    integer: (index) => Number(get(index)),
    decimal: (index) => decimal(get(index)),
    decimals: (index) => (get(index) as readonly Data[]).map(decimal),
    struct(index) {
      const fields = get(index);
      return { fieldCount: fields instanceof Map ? fields.size : 0, constraintCount: 0, isOpen: true };
    },
    bytes: (index) => {
      const value = get(index);
      return typeof value === "string" ? new TextEncoder().encode(value) : (value as Uint8Array);
    },
    list: (index) => (get(index) as readonly Data[]).map(handleOf),
    strings: (index) => get(index) as readonly string[],
    value: (index) => handleOf(get(index)),
    schema: (index) => handleOf(get(index)),
  };
}

function isHandle(result: Result): result is Handle {
  return typeof result === "object" && result !== null && "handle" in result;
}

function dataOf(result: Result): Data {
  if (isHandle(result)) return result.data();
  if (Array.isArray(result)) return (result as readonly Result[]).map(dataOf);
  if (result instanceof Map) return new Map([...(result as ReadonlyMap<string, Result>)].map(([key, value]) => [key, dataOf(value)]));
  return result as Scalar;
}

/** The result of a call as JSON, or the message of its failure after `error: `. Bytes show as base64. */
export function callText(library: BuiltinPackage, name: string, ...args: readonly Data[]): string {
  const builtin = library.functions.find((each) => each.name === name);
  if (builtin === undefined) return `no function ${name}`;
  try {
    return encodeJson(dataOf(builtin.call(argumentsOf(builtin, args))));
  } catch (error) {
    if (error instanceof CallFailure) return `error: ${error.message}`;
    throw error;
  }
}
