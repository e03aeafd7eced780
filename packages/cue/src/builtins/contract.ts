/**
 * What a function of a built-in package gets and gives. The functions know nothing of the evaluator: it checks the
 * kinds of the arguments, waits until they are concrete, and turns what is thrown into an error value.
 */
import type { Decimal } from "../number/decimal.ts";

/** Bit set of kinds. */
export const kind = {
  null: 1,
  bool: 2,
  int: 4,
  float: 8,
  string: 16,
  bytes: 32,
  struct: 64,
  list: 128,
  number: 12,
  scalar: 63,
  top: 255,
} as const;

/** A concrete scalar: an int is a bigint, a float a Decimal, bytes a Uint8Array. */
export type Scalar = null | boolean | string | bigint | Decimal | Uint8Array;

/** Concrete data. A struct is a Map in field order. */
export type Data = Scalar | readonly Data[] | ReadonlyMap<string, Data>;

/** What a function may return: data in which parts may be values of the program. */
export type Result = Scalar | Handle | readonly Result[] | ReadonlyMap<string, Result>;

/**
 * Of a value and all below it. `consistent`: without a conflict. `complete`: required fields are there too, and what is
 * computed could be. `concrete`: all regular fields are data too, as in an export.
 */
export type Demand = "consistent" | "complete" | "concrete";

/** How a function tells that a part of its argument is not concrete yet. */
export interface IncompleteWording {
  /** `text` is how messages write that part. */
  readonly message: (text: string) => string;
  /** The place that is told: that of the value, or of the field that has it. */
  readonly place: "value" | "field";
}

/** A value of the program, for functions that look into lists and structs. */
export interface Handle {
  readonly handle: true;
  /** Kinds it is or may become. */
  kinds(): number;
  /** A scalar, struct or list, or has a default that is one. */
  isConcrete(): boolean;
  /** Concrete, and no struct in it can get more fields. */
  isFinal(): boolean;
  /** A list that may get more elements. */
  isOpen(): boolean;
  /** With its default chosen where it has one. */
  withDefault(): Handle;
  /** The concrete scalar, defaults taken; throws `CallFailure` (incomplete) where there is none. */
  scalar(): Scalar;
  /** Elements of a list; throws where it is none. */
  elements(): readonly Handle[];
  /** Regular fields of a struct in order; throws where it is none. */
  fields(): readonly { readonly label: string; readonly value: Handle }[];
  /** All of it as concrete data; throws `CallFailure` with the errors below. */
  data(incomplete?: IncompleteWording): Data;
  /** Throws `CallFailure` with the errors below where it is not what is demanded. */
  require(demand: Demand): void;
  /** Structural equality. */
  equals(other: Handle): boolean;
  /** As messages write it. */
  text(): string;
  /** True when `this & other` is what is demanded. */
  unifies(other: Handle, demand: Demand): boolean;
  /** Throws `CallFailure` with the errors of `this & data` where it is not what is demanded. */
  check(data: Data, demand: Demand): void;
  /** This struct with concrete fields filled in, for comparators. */
  fill(fields: Readonly<Record<string, Handle>>): Handle;
  /** A field by name. */
  lookup(label: string): Handle | undefined;
}

/** A struct as far as its fields are counted. */
export interface StructSummary {
  /** Regular fields. */
  readonly fieldCount: number;
  /** Optional and required ones that are not there. */
  readonly constraintCount: number;
  /** May get fields that it does not name. */
  readonly isOpen: boolean;
}

/** Why a call has no result. Incomplete: more data may help. */
export class CallFailure extends Error {
  readonly incomplete: boolean;
  /** The index of the argument that it is about. */
  readonly argument: number | undefined;
  constructor(message: string, options: { readonly incomplete?: boolean; readonly argument?: number } = {}) {
    super(message);
    this.incomplete = options.incomplete === true;
    this.argument = options.argument;
  }
}

/** Why a value does not satisfy a validator. Called as a function, the validator gives false. */
export class ValidationFailure extends CallFailure {}

/** The arguments of one call, already of the declared kinds. Indices from 0. */
export interface Call {
  readonly count: number;
  /** Used as a validator: the first argument is the value that it looks at. */
  readonly isValidator: boolean;
  /** String, or bytes as text. */
  string(index: number): string;
  bool(index: number): boolean;
  /** An int of any size. */
  int(index: number): bigint;
  /** An int that fits a JavaScript number; throws what the reference says where it is too large. */
  integer(index: number): number;
  /** An int or float as a decimal. */
  decimal(index: number): Decimal;
  /** Bytes, or a string as UTF-8. */
  bytes(index: number): Uint8Array;
  list(index: number): readonly Handle[];
  /** A list of strings. */
  strings(index: number): readonly string[];
  /** A list of numbers. */
  decimals(index: number): readonly Decimal[];
  struct(index: number): StructSummary;
  /** A concrete value; what is in it need not be. */
  value(index: number): Handle;
  /** A value as it is. */
  schema(index: number): Handle;
}

export interface Parameter {
  readonly kinds: number;
  /** It takes these only; the first is the default. */
  readonly values?: readonly Scalar[];
  /** Stands in when the argument is left out. */
  readonly default?: Scalar;
}

export interface BuiltinFunction {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Kinds of the result; `bool` makes it usable as a validator with its first argument left out. */
  readonly result: number;
  /** Arguments need not be concrete all through (a list may hold incomplete elements). */
  readonly nonConcrete?: boolean;
  /** Throws `CallFailure`. */
  readonly call: (call: Call) => Result;
}

export interface BuiltinPackage {
  /** `encoding/json`. */
  readonly path: string;
  readonly functions: readonly BuiltinFunction[];
  readonly constants?: Readonly<Record<string, Scalar>>;
  /** Definitions and validators written in CUE, e.g. `list.Comparer`, `time.Time`. */
  readonly cue?: string;
}
