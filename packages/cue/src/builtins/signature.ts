/** Short forms to declare functions of built-in packages. */
import type { BuiltinFunction, Call, Handle, Result } from "./contract.ts";
import { kind } from "./contract.ts";

/** `bytes`: a string stands for its UTF-8. */
export type ParameterKind = "string" | "bytes" | "int" | "number" | "bool" | "list" | "struct" | "value";

const parameterKinds: Readonly<Record<ParameterKind, number>> = {
  string: kind.string,
  bytes: kind.bytes | kind.string,
  int: kind.int,
  number: kind.number,
  bool: kind.bool,
  list: kind.list,
  struct: kind.struct,
  value: kind.top,
};

const resultKinds: Readonly<Record<ParameterKind, number>> = { ...parameterKinds, bytes: kind.bytes };

/** A function; the parameters are given by kind. */
export function define(
  name: string,
  parameters: readonly ParameterKind[],
  result: ParameterKind,
  call: (call: Call) => Result,
): BuiltinFunction {
  return {
    name,
    parameters: parameters.map((parameter) => ({ kinds: parameterKinds[parameter] })),
    result: resultKinds[result],
    call,
  };
}

/** Like `define`, for functions whose arguments need not be concrete all through. */
export function defineNonConcrete(
  name: string,
  parameters: readonly ParameterKind[],
  result: ParameterKind,
  call: (call: Call) => Result,
): BuiltinFunction {
  return { ...define(name, parameters, result, call), nonConcrete: true };
}

const kindNames: readonly (readonly [number, string])[] = [
  [kind.null, "null"],
  [kind.bool, "bool"],
  [kind.int, "int"],
  [kind.float, "float"],
  [kind.string, "string"],
  [kind.bytes, "bytes"],
  [kind.struct, "struct"],
  [kind.list, "list"],
];

/** The name of a value's kind as messages write it. */
export function kindName(value: Handle): string {
  const kinds = value.kinds();
  const names = kindNames.filter(([bit]) => (kinds & bit) !== 0).map(([, name]) => name);
  return names.length === kindNames.length ? "_" : names.join("|") || "_|_";
}

const decoder = new TextDecoder();

/** Bytes as text; what is no UTF-8 becomes the replacement character. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

const encoder = new TextEncoder();

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** A string in quotes as Go's `%q` writes it. */
export function quote(text: string): string {
  const quoted = text.replaceAll(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (char) => {
    const named = { '"': '\\"', "\\": "\\\\", "\x07": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v" }[
      char
    ];
    if (named !== undefined) return named;
    const code = char.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    if (code < 0x20 || code === 0x7f) return `\\x${hex.padStart(2, "0")}`;
    return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
  });
  return `"${quoted}"`;
}
