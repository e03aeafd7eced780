/** The predeclared types. */
import { Decimal } from "../number/decimal.ts";
import { boolKind, bytesKind, floatKind, intKind, numberKind, stringKind } from "./kind.ts";
import type { BasicType, Conjunction, Top, Value } from "./value.ts";

function basic(kind: number): BasicType {
  return { type: "basicType", kind, position: undefined };
}

function integer(low: bigint | undefined, high: bigint | undefined): Conjunction {
  const values: Value[] = [basic(intKind)];
  if (low !== undefined)
    values.push({ type: "bound", op: ">=", value: { type: "int", value: low, position: undefined }, position: undefined });
  if (high !== undefined)
    values.push({ type: "bound", op: "<=", value: { type: "int", value: high, position: undefined }, position: undefined });
  return { type: "conjunction", values, position: undefined };
}

function float(limit: Decimal): Conjunction {
  const bound = (op: ">=" | "<=", value: Decimal): Value => ({
    type: "bound",
    op,
    value: { type: "float", value, position: undefined },
    position: undefined,
  });
  return {
    type: "conjunction",
    values: [basic(numberKind), bound(">=", new Decimal(-limit.coefficient, limit.exponent)), bound("<=", limit)],
    position: undefined,
  };
}

function signed(bits: bigint): Conjunction {
  return integer(-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n);
}
function unsigned(bits: bigint): Conjunction {
  return integer(0n, (1n << bits) - 1n);
}

export const predeclaredTypes: ReadonlyMap<string, Top | BasicType | Conjunction> = new Map<string, Top | BasicType | Conjunction>([
  ["_", { type: "top", position: undefined }],
  ["string", basic(stringKind)],
  ["bytes", basic(bytesKind)],
  ["bool", basic(boolKind)],
  ["int", basic(intKind)],
  ["float", basic(floatKind)],
  ["number", basic(numberKind)],
  ["uint", integer(0n, undefined)],
  ["uint8", unsigned(8n)],
  ["uint16", unsigned(16n)],
  ["uint32", unsigned(32n)],
  ["uint64", unsigned(64n)],
  ["uint128", unsigned(128n)],
  ["int8", signed(8n)],
  ["int16", signed(16n)],
  ["int32", signed(32n)],
  ["int64", signed(64n)],
  ["int128", signed(128n)],
  ["rune", integer(0n, 0x10ffffn)],
  ["float32", float(new Decimal(340282346638528859811704183484516925440n, 0))],
  ["float64", float(new Decimal(1797693134862315708145274237317043567981n, 269))],
]);
