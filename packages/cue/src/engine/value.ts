/** Evaluated values, and what they have in common. */
import type { BuiltinFunction } from "../builtins/contract.ts";
import type { Decimal } from "../number/decimal.ts";
import type { Bottom } from "./bottom.ts";
import type { BoundOp, Call, Elem, Position } from "./expr.ts";
import {
  boolKind,
  bottomKind,
  bytesKind,
  floatKind,
  funcKind,
  intKind,
  listKind,
  nullKind,
  numberKind,
  stringKind,
  structKind,
  topKind,
} from "./kind.ts";
import { Vertex } from "./vertex.ts";

interface At {
  readonly position: Position | undefined;
}
export interface Null extends At {
  readonly type: "null";
}
export interface Bool extends At {
  readonly type: "bool";
  readonly value: boolean;
}
export interface Int extends At {
  readonly type: "int";
  readonly value: bigint;
}
export interface Float extends At {
  readonly type: "float";
  readonly value: Decimal;
}
export interface Str extends At {
  readonly type: "string";
  readonly value: string;
}
export interface Bytes extends At {
  readonly type: "bytes";
  readonly value: Uint8Array;
}
export interface Top extends At {
  readonly type: "top";
}
export interface BasicType extends At {
  readonly type: "basicType";
  readonly kind: number;
}
export interface BoundValue extends At {
  readonly type: "bound";
  readonly op: BoundOp;
  readonly value: Value;
}
/** All of them hold. */
export interface Conjunction extends At {
  readonly type: "conjunction";
  readonly values: readonly Value[];
}
/** One of them holds; the first `defaults` of them are preferred. */
export interface Disjunction extends At {
  readonly type: "disjunction";
  readonly values: readonly Value[];
  readonly defaults: number;
  readonly hasDefaults: boolean;
}
/** What the evaluator itself implements, with its arguments not evaluated. */
export interface Builtin extends At {
  readonly type: "builtin";
  /** `json`, the name in messages; empty for the predeclared functions. */
  readonly packageName: string;
  readonly name: string;
  readonly parameters: readonly number[];
  /** Of parameters that take certain values only, by index: what stands for an argument that is left out is its default. */
  readonly choices?: ReadonlyMap<number, Disjunction>;
  readonly result: number;
  readonly nonConcrete: boolean;
  readonly run: BuiltinFunction["call"] | undefined;
}
export interface BuiltinValidator extends At {
  readonly type: "validator";
  readonly call: Call | undefined;
  readonly builtin: Builtin;
  /** All but the first. */
  readonly args: readonly Value[];
}

export type Scalar = Null | Bool | Int | Float | Str | Bytes;
export type Value = Scalar | Top | BasicType | BoundValue | Conjunction | Disjunction | Builtin | BuiltinValidator | Bottom | Vertex;

/** What a vertex comes to besides a value: a struct or a list, whose parts are its arcs. */
export interface StructMarker {
  readonly type: "structMarker";
}
export interface ListMarker {
  readonly type: "listMarker";
  isOpen: boolean;
}
export type BaseValue = Value | StructMarker | ListMarker | undefined;

export const structMarker: StructMarker = { type: "structMarker" };
export const top: Top = { type: "top", position: undefined };
const trueValue: Bool = { type: "bool", value: true, position: undefined };
const falseValue: Bool = { type: "bool", value: false, position: undefined };

export function boolValue(value: boolean, position?: Position): Bool {
  if (position === undefined) return value ? trueValue : falseValue;
  return { type: "bool", value, position };
}
export function intValue(value: bigint | number, position?: Position): Int {
  return { type: "int", value: BigInt(value), position };
}
export function stringValue(value: string, position?: Position): Str {
  return { type: "string", value, position };
}

export function isValue(elem: Elem): elem is Value {
  switch (elem.type) {
    case "null":
    case "bool":
    case "int":
    case "float":
    case "string":
    case "bytes":
    case "top":
    case "basicType":
    case "bound":
    case "conjunction":
    case "disjunction":
    case "builtin":
    case "validator":
    case "bottom":
    case "vertex":
      return true;
    default:
      return false;
  }
}

export function kindOf(value: BaseValue): number {
  if (value === undefined) return topKind;
  switch (value.type) {
    case "null":
      return nullKind;
    case "bool":
      return boolKind;
    case "int":
      return intKind;
    case "float":
      return floatKind;
    case "string":
      return stringKind;
    case "bytes":
      return bytesKind;
    case "top":
      return topKind;
    case "basicType":
      return value.kind;
    case "bound": {
      const kind = kindOf(value.value);
      if ((kind & numberKind) !== 0 && (kind & ~numberKind) === 0) return numberKind;
      if (kind === nullKind && value.op === "!=") return topKind & ~nullKind;
      return kind;
    }
    case "conjunction":
      return value.values.reduce((kind, each) => kind & kindOf(each), topKind);
    case "disjunction":
      return value.values.reduce((kind, each) => kind | kindOf(each), 0);
    case "builtin":
      return funcKind;
    case "validator":
      return value.builtin.parameters[0] ?? topKind;
    case "bottom":
      return bottomKind;
    case "structMarker":
      return structKind;
    case "listMarker":
      return listKind;
    case "vertex":
      return value.kind();
  }
}

export function isScalar(value: BaseValue): value is Scalar {
  switch (value?.type) {
    case "null":
    case "bool":
    case "int":
    case "float":
    case "string":
    case "bytes":
      return true;
    default:
      return false;
  }
}

/** A scalar, a struct or a list; with one default, what that is. An error counts: more data does not change it. */
export function isConcrete(value: BaseValue): boolean {
  if (value === undefined) return false;
  switch (value.type) {
    case "top":
    case "basicType":
    case "bound":
    case "conjunction":
    case "validator":
      return false;
    case "disjunction":
      return value.defaults === 1 && isConcrete(value.values[0]);
    case "vertex": {
      const base = value.derefValue().base;
      if (base === undefined) return false;
      return base.type === "vertex" ? true : isConcrete(base);
    }
    default:
      return true;
  }
}

/** The value a vertex stands for where that is not the vertex itself. */
export function unwrap(value: Value | undefined): Value | undefined {
  if (value?.type !== "vertex") return value;
  const vertex = value.derefValue();
  const state = vertex.state;
  if (state !== undefined && isCyclePlaceholder(vertex.base)) {
    if (state.errors !== undefined && !isIncomplete(state.errors)) return state.errors;
    if (state.scalar !== undefined) return state.scalar;
  }
  return vertex.value();
}

/** A conjunct that says nothing but that the vertex must have a value of its own. */
export const noSharing: Top = { type: "top", position: undefined };

/** Marks a vertex under evaluation: meeting it is a cycle. */
export const cyclePlaceholder: Bottom = {
  type: "bottom",
  position: undefined,
  code: "cycle",
  messages: [],
  node: undefined,
  literal: false,
};

export function isCyclePlaceholder(base: BaseValue): boolean {
  if (base === cyclePlaceholder) return true;
  return base?.type === "vertex" && base.derefValue().base === cyclePlaceholder;
}

export function isIncomplete(bottom: Bottom | undefined): boolean {
  return bottom !== undefined && (bottom.code === "incomplete" || bottom.code === "cycle");
}

/** The error that a value is, if it is one. */
export function bottomOf(value: Value | undefined): Bottom | undefined {
  if (value === undefined) return undefined;
  if (value.type === "bottom") return value;
  return value instanceof Vertex ? value.bottom() : undefined;
}
