/**
 * The compiled program: expressions whose names are resolved to a number of scopes up and a label. Immutable and shared by
 * all instances. A value is an expression too. `type` decides what a node is; `position` is where its text starts.
 */
import type * as ast from "../syntax/ast.ts";
import type { Label } from "./label.ts";
import type { Value } from "./value.ts";
import type { Vertex } from "./vertex.ts";

/** A place in a source file, by offset; line and column are computed when a message is written. */
export interface Position {
  readonly file: ast.File;
  readonly offset: number;
}

interface At {
  readonly position: Position | undefined;
}

/** Whether and how a field is there. The order matters: smaller is stronger. */
export const arcMember = 0;
export const arcRequired = 1;
export const arcOptional = 2;
/** A comprehension may still add it. */
export const arcPending = 3;
export const arcNotPresent = 4;
export type ArcType = 0 | 1 | 2 | 3 | 4;

export interface Field extends At {
  readonly type: "field";
  readonly label: Label;
  readonly arc: ArcType;
  readonly value: Expr;
  readonly source: ast.Field;
}
export interface LetField extends At {
  readonly type: "letField";
  readonly label: Label;
  /** It depends on variables of a comprehension around its struct: one value an environment. */
  readonly multiple: boolean;
  readonly value: Expr;
  readonly name: string;
}
/** `[pattern]: value`. */
export interface PatternField extends At {
  readonly type: "patternField";
  readonly filter: Expr;
  readonly value: Expr;
  readonly source: ast.Field;
}
/** `(expr): value`, `"\(x)": value`. */
export interface DynamicField extends At {
  readonly type: "dynamicField";
  readonly key: Expr;
  readonly arc: ArcType;
  readonly value: Expr;
  readonly source: ast.Field;
}
export interface Ellipsis extends At {
  readonly type: "ellipsis";
  readonly value: Expr | undefined;
}
export type Clause =
  | (At & { readonly type: "for"; readonly key: Label | undefined; readonly value: Label | undefined; readonly source: Expr })
  | (At & { readonly type: "if"; readonly condition: Expr })
  | (At & { readonly type: "let"; readonly label: Label; readonly value: Expr });
export interface Comprehension extends At {
  readonly type: "comprehension";
  readonly clauses: readonly Clause[];
  readonly value: StructLit;
  readonly fallback: StructLit | undefined;
}
export type Declaration = Field | LetField | PatternField | DynamicField | Ellipsis | Comprehension | Expr;

export interface StructLit extends At {
  readonly type: "structLit";
  readonly decls: readonly Declaration[];
  readonly isFile: boolean;
  /** It has an embedding or a comprehension, so that it may come to a scalar or a list. */
  readonly hasEmbedding: boolean;
  readonly source: ast.StructLit | ast.File;
  /** What this is a part of, where the rest of its fields is known already: the order of fields is that of the whole. */
  readonly whole?: StructLit;
}
export interface ListLit extends At {
  readonly type: "listLit";
  readonly elements: readonly (Expr | Comprehension | Ellipsis)[];
}
export interface FieldReference extends At {
  readonly type: "fieldReference";
  readonly up: number;
  readonly label: Label;
}
/** The value of the field that it stands in: `a: X={...}`. */
export interface ValueReference extends At {
  readonly type: "valueReference";
  readonly up: number;
  readonly name: string;
}
/** The label that a pattern matched. */
export interface LabelReference extends At {
  readonly type: "labelReference";
  readonly up: number;
  readonly name: string;
}
/** An alias of a field with a computed label. */
export interface DynamicReference extends At {
  readonly type: "dynamicReference";
  readonly up: number;
  readonly label: Expr;
  readonly name: string;
}
export interface ImportReference extends At {
  readonly type: "importReference";
  readonly path: string;
  readonly name: string;
}
export interface LetReference extends At {
  readonly type: "letReference";
  readonly up: number;
  readonly label: Label;
}
export interface Selector extends At {
  readonly type: "selector";
  readonly operand: Expr;
  readonly label: Label;
  readonly labelPosition: Position | undefined;
}
export interface Index extends At {
  readonly type: "index";
  readonly operand: Expr;
  readonly index: Expr;
}
export interface Slice extends At {
  readonly type: "slice";
  readonly operand: Expr;
  readonly low: Expr | undefined;
  readonly high: Expr | undefined;
}
export interface Interpolation extends At {
  readonly type: "interpolation";
  readonly isBytes: boolean;
  /** Text pieces and expressions in turn; text first and last. */
  readonly parts: readonly Expr[];
}
export type BoundOp = "<" | "<=" | ">" | ">=" | "!=" | "=~" | "!~" | "==";
/** A comparator without its left side, its operand not yet known. */
export interface BoundExpr extends At {
  readonly type: "boundExpr";
  readonly op: BoundOp;
  readonly operand: Expr;
}
export interface Unary extends At {
  readonly type: "unary";
  readonly op: "+" | "-" | "!";
  readonly operand: Expr;
}
export type BinaryOp = Exclude<ast.Binary["op"], "|">;
export interface Binary extends At {
  readonly type: "binary";
  readonly op: BinaryOp;
  readonly left: Expr;
  readonly right: Expr;
}
export interface Call extends At {
  readonly type: "call";
  readonly callee: Expr;
  readonly args: readonly Expr[];
}
export interface DisjunctionExpr extends At {
  readonly type: "disjunctionExpr";
  readonly alternatives: readonly { readonly value: Expr; readonly isDefault: boolean }[];
  readonly hasDefaults: boolean;
}
/** `x...`: the value without its closedness. */
export interface OpenExpr extends At {
  readonly type: "openExpr";
  readonly operand: Expr;
}

export type Resolver = FieldReference | ValueReference | LetReference | DynamicReference | ImportReference | Selector | Index | NodeLink;
/** A reference to a place that is known already. */
export interface NodeLink extends At {
  readonly type: "nodeLink";
  readonly vertex: Vertex;
}

export type Expr =
  | StructLit
  | ListLit
  | Resolver
  | LabelReference
  | Slice
  | Interpolation
  | BoundExpr
  | Unary
  | Binary
  | Call
  | DisjunctionExpr
  | OpenExpr
  | Value;

/** What a conjunct may hold. */
export type Elem = Field | LetField | PatternField | DynamicField | Ellipsis | Comprehension | Expr;

/** The expression of a declaration: its value. */
export function exprOf(elem: Elem): Expr | Comprehension {
  switch (elem.type) {
    case "field":
    case "letField":
    case "patternField":
    case "dynamicField":
      return elem.value;
    case "ellipsis":
      return elem.value ?? topExpr;
    default:
      return elem;
  }
}

const topExpr: Value = { type: "top", position: undefined };

export function isResolver(expr: Expr | Comprehension): expr is Resolver {
  switch (expr.type) {
    case "fieldReference":
    case "valueReference":
    case "letReference":
    case "dynamicReference":
    case "importReference":
    case "selector":
    case "index":
    case "nodeLink":
      return true;
    default:
      return false;
  }
}
