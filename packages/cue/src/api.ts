/**
 * The public contract of the CUE implementation. Everything here is a value; nothing throws for bad CUE.
 */
import type { Diagnostic, JsonValue, SourcePosition } from "@slipway/std";
import type { BuiltinPackage, Data } from "./builtins/contract.ts";
import type { Attribute, Comment, File } from "./syntax/ast.ts";

/**
 * How `subsumes` takes the value that may be subsumed.
 *
 * - `none`: as it is. Optional fields, definitions, patterns, closedness and choices count; a default must lie within a default.
 * - `defaults`: its defaults, with open lists and structs ending where they end now.
 * - `final`: as data: with its defaults, regular fields only.
 * - `schema`: as it is, but whether a struct is closed does not count, on either side. For comparing APIs.
 */
export type SubsumptionMode = "none" | "defaults" | "final" | "schema";

/** One element of a path. A string is a regular field, a number a list index. */
export type PathElement =
  | string
  | number
  | { readonly definition: string } // "#X", with the sign
  | { readonly hidden: string }; // "_x" or "_#x", with the sign

/** `a.b[0]."c d"`, `#Def`, `_h`, as text, or its elements. */
export type CuePath = string | readonly PathElement[];

export interface SourceFile {
  /** Shown in positions. */
  readonly filename: string;
  readonly text: string;
}

/** Gives the files of a package that is not built in. Synchronous and pure: load before compiling. */
export type ImportLoader = (path: string) => readonly SourceFile[] | undefined;

export interface CompileOptions {
  readonly imports?: ImportLoader;
  /** The language refuses an import that nothing uses; stored definitions have such. Default `refuse`. */
  readonly unusedImports?: "refuse" | "ignore";
  readonly budget?: Budget;
  readonly compatibility?: Compatibility;
  /** The built-in packages that imports may name. Default: all; of the entry `./core`, those of the first tier. */
  readonly builtins?: readonly BuiltinPackage[];
}

/** What earlier versions of the language did differently, where stored definitions rely on it. All off by default. */
export interface Compatibility {
  /** `+` joins lists and `*` repeats them, as before v0.11; else an error names `list.Concat` and `list.Repeat`. */
  readonly listArithmetic?: boolean;
  /** Bounds that leave one value are that value (`>=1 & <=1` is `1`), as with `keepvalidators=0` of v0.14. */
  readonly collapseBounds?: boolean;
}

/**
 * Under these, definitions that KubeVela stores mean what they mean there: it compiles with v0.14 and `keepvalidators=0`,
 * holds definitions from before v0.11, and adds imports that a definition may not use.
 */
export const storedDefinitions: CompileOptions = {
  unusedImports: "ignore",
  compatibility: { listArithmetic: true, collapseBounds: true },
};

/** Limits on one evaluation; exceeding one is a diagnostic `BUDGET` that names the field. */
export interface Budget {
  /** Tasks, alternatives and comparisons of evaluation. Default 2_000_000. */
  readonly steps?: number;
  /** Nesting of references and structs. Default and most: 700. */
  readonly depth?: number;
  /** Bytes that evaluation holds, by estimate. Default 1 GiB. */
  readonly memory?: number;
  /** Time by the clock given. Default: no limit. */
  readonly time?: { readonly clock: { now(): number }; readonly milliseconds: number };
}

/** An immutable compiled program. Compile once, instantiate often. */
export interface Program {
  /** Syntax errors, unresolved references, missing or unused imports. An instance of a program with errors is bottom. */
  readonly diagnostics: readonly Diagnostic[];
  readonly files: readonly File[];
  instance(): Value;
}

export type Kind = "bottom" | "null" | "bool" | "int" | "float" | "number" | "string" | "bytes" | "struct" | "list" | "top";

export interface FieldInfo {
  /** As in the source: `a`, `a b`, `#D`, `_h`. */
  readonly label: string;
  readonly element: PathElement;
  readonly constraint: "none" | "optional" | "required";
  readonly value: Value;
}

/**
 * A handle on one value of an instance. Evaluation is lazy: only what is looked at is evaluated. Immutable: `fill`
 * and `unify` give a new instance.
 */
export interface Value {
  readonly path: readonly PathElement[];
  /** False when nothing is there (a missing field is incomplete, not an error). */
  exists(): boolean;
  /** Kind of the concrete value (defaults taken); `bottom` when it is an error or not concrete. */
  kind(): Kind;
  /** Kind(s) it may still become. */
  incompleteKind(): Kind;
  isConcrete(): boolean;
  /**
   * The error of this value itself: `incomplete` codes mean "not there yet", everything else is final.
   * Does not look into children; see `validate`.
   */
  error(): CueError | undefined;
  lookup(path: CuePath): Value;
  /** Fields in source order. Default: regular fields only. */
  fields(options?: { readonly optional?: boolean; readonly hidden?: boolean; readonly definitions?: boolean }): readonly FieldInfo[];
  /** Elements of a list; empty for anything else. */
  elements(): readonly Value[];
  /** The value as JSON, defaults taken. Numbers that a double cannot hold come as their decimal text. */
  toJson(): { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly errors: readonly CueError[] };
  /** Errors in this value and below; with `concrete`, also every regular field that is not concrete. */
  validate(options?: { readonly concrete?: boolean }): readonly CueError[];
  /** A new root instance with `data` unified at `path` (relative to the root). Returns the new root. */
  fill(path: CuePath, data: JsonValue | Value): Value;
  unify(other: Value): Value;
  /**
   * True when every instance of `other` is an instance of this: `int` subsumes `1`, `{a: int}` subsumes `{a: 1, b: 2}`, and
   * every value subsumes an error. It is told from the shape of both values, as by the reference (`cue.Value.Subsume`); false
   * may also mean that this does not tell it: of patterns that are not the same, of regular expressions. What is an error for
   * want of data is subsumed by `_` and by what comes from the same expressions; what is not there is subsumed by nothing
   * and subsumes nothing.
   */
  subsumes(other: Value, options?: { readonly mode?: SubsumptionMode }): boolean;
  /** Whether a field of that label, or for a number one more element, may be added. */
  allows(element: PathElement): boolean;
  /** Whether a regular field may be added whatever its name. */
  allowsAnyField(): boolean;
  /** No regular field may be added beyond those declared. */
  isClosed(): boolean;
  /** An expression in the scope of the instance's root; its errors carry `filename`. */
  evaluate(expression: string, filename?: string): Value;
  /** The value as concrete data with exact numbers and bytes; a struct is a Map in field order. */
  toData(): { readonly ok: true; readonly value: Data } | { readonly ok: false; readonly errors: readonly CueError[] };
  /** As `fill`, with exact numbers and bytes. */
  fillData(path: CuePath, data: Data): Value;
  /**
   * The paths, from the root, that this value waits for or was computed from: what its expressions and those of its fields
   * refer to, each path once, in order of appearance. A path goes as far as the reference names it, whether or not
   * anything is there yet (`context.output.status.phase`); an index counts once it is known. Names of lets and of variables
   * are followed to what they stand for. Where a struct around this value refers to another as a whole (`a: b`), `a.x`
   * depends on `b.x`.
   *
   * Not told: places within the value itself, other packages, optional fields, what comprehensions say whose conditions do
   * not hold yet (the conditions are told), and what the places it depends on depend on in turn. A value that `unify` made
   * is part of no program and depends on nothing.
   */
  dependencies(): readonly (readonly PathElement[])[];
  attributes(): readonly Attribute[];
  /** Doc comments of all declarations of the field. */
  docs(): readonly Comment[];
  /** The default, if the value is a disjunction with one; else itself. */
  default(): Value;
  /** One line for messages and logs, much like CUE, shortened where it is long. `printValue` writes CUE. */
  describe(): string;
  /** The tree this value was declared by, where it was declared once in source. */
  readonly root: Value;
}

export interface CueError extends Diagnostic {
  /** eval: plain conflict; incomplete: may be resolved by more data; cycle, structuralCycle, user, closed, budget... */
  readonly category: "eval" | "incomplete" | "cycle" | "structuralCycle" | "closed" | "user" | "syntax" | "budget";
  /** The parts of the message as CUE: `actual` and `expected`, or the `values` that cannot be one. */
  readonly args?: { readonly actual?: string; readonly expected?: string; readonly values?: readonly string[] };
  /** The errors that made it up: of the alternatives of a disjunction, or of the same field. */
  readonly causes?: readonly CueError[];
  /** The place of the error itself, the first of `at`; absent where only what led to it has places. */
  readonly position?: SourcePosition;
}
