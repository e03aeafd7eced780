/**
 * The syntax tree of CUE (language specification v0.14-0.15). Immutable once parsed; the same tree serves the compiler,
 * the formatter and the editor.
 *
 * Offsets are UTF-16 indices into the source text; `position.ts` turns them into 1-based line and byte column. `start` is
 * the first character of the whole construct, where the reference reports most errors:
 *
 * - `Field`: its alias, else its label; `label.start` is the label itself. `[pattern]` and `(dynamic)` start at the bracket.
 * - `Binary`: its left operand; `opStart` is the operator. `Unary`: `start` and `opStart` are the operator.
 * - `Selector`, `Index`, `Slice`, `Call`, `PostfixEllipsis`: their operand (callee); `Selector.label.start` is what follows
 *   the dot, `Call.parenStart` the parenthesis.
 * - `Comprehension`: the keyword of its first clause; each clause its own keyword. `Let`: the keyword.
 * - `Import`: its alias, else the path. `Package`: the keyword. `Attribute`: the `@`. `Ellipsis`: the dots.
 * - A struct that a chain of labels implies (`a: b: v`) starts at the inner label and has no brace there.
 *
 * `end` is after the last character, attributes of a field included, commas and comments not. Only the left operands of
 * `Binary` may nest as deep as the text is long: walk them in a loop. All else nests at most as deep as the parser allows.
 */

export interface Node {
  /** Offset of the first character. */
  readonly start: number;
  /** Offset after the last character. */
  readonly end: number;
  /** For nodes without source (`start` is -1): the layout asked for. */
  readonly gap?: Gap;
}

/** What stands before something: a space, a line break, a line break and a blank line. */
export type Gap = "blank" | "line" | "section";

export interface Comment {
  readonly text: string; // with its leading `//`
  readonly start: number;
  /** For comments without source. */
  readonly gap?: Gap;
  /** doc: lines directly above; line: at the end of the same line; other: floating or before a closing brace. */
  readonly placement: "doc" | "line" | "other";
}

export interface File extends Node {
  readonly type: "File";
  readonly filename: string;
  readonly source: string;
  readonly package: PackageClause | undefined;
  readonly imports: readonly ImportSpec[];
  readonly attributes: readonly Attribute[];
  readonly decls: readonly Declaration[];
  readonly comments: readonly Comment[];
}

export interface PackageClause extends Node {
  readonly type: "Package";
  readonly name: string;
  readonly comments: readonly Comment[];
}

export interface ImportSpec extends Node {
  readonly type: "Import";
  /** Decoded path without the `:name` qualifier, e.g. `encoding/json`. */
  readonly path: string;
  /** `import x "path"`. */
  readonly alias: string | undefined;
  /** The `name` of `path:name`. */
  readonly qualifier: string | undefined;
  readonly comments: readonly Comment[];
}

export type Declaration = Field | Ellipsis | Embedding | LetClause | Comprehension | Attribute;

export interface Field extends Node {
  readonly type: "Field";
  readonly label: Label;
  /** Alias before the label: `X=label: v`. */
  readonly alias: string | undefined;
  /** Alias before the value: `label: X={...}`. */
  readonly valueAlias: string | undefined;
  /**
   * How newer versions write aliases: `label~X` or `label~(K,V)`. What it names is also told by `alias` (of a pattern by
   * `valueAlias` and `label.alias`), and the name of a label by an implied `let`; printers write this instead.
   */
  readonly postfixAlias?: PostfixAlias;
  readonly constraint: "none" | "optional" | "required";
  readonly value: Expression;
  readonly attributes: readonly Attribute[];
  readonly comments: readonly Comment[];
}

export interface PostfixAlias {
  /** For the label. */
  readonly key: string | undefined;
  /** For the value. */
  readonly value: string | undefined;
}

export type Label =
  /** `a`, `#D`, `_h`, `_#d`; a quoted label is a StringLabel. */
  | (Node & { readonly type: "IdentLabel"; readonly name: string })
  /** `"a b"`; the decoded text. */
  | (Node & { readonly type: "StringLabel"; readonly value: string; readonly raw: string })
  /** `"\(x)"`. */
  | (Node & { readonly type: "InterpolationLabel"; readonly expr: Interpolation })
  /** `(x)`. */
  | (Node & { readonly type: "DynamicLabel"; readonly expr: Expression })
  /** `[string]`, `[X=string]`, `[=~"x"]`. */
  | (Node & { readonly type: "PatternLabel"; readonly expr: Expression; readonly alias: string | undefined });

export interface Ellipsis extends Node {
  readonly type: "Ellipsis";
  readonly value: Expression | undefined;
  readonly comments: readonly Comment[];
}

export interface Embedding extends Node {
  readonly type: "Embedding";
  readonly expr: Expression;
  readonly attributes: readonly Attribute[];
  readonly comments: readonly Comment[];
}

export interface LetClause extends Node {
  readonly type: "Let";
  readonly name: string;
  readonly value: Expression;
  /** Stands for the `K` of the field before it, `label~(K,V)`; it is not in the text. */
  readonly implied?: true;
  readonly comments: readonly Comment[];
}

export interface Attribute extends Node {
  readonly type: "Attribute";
  readonly name: string;
  /** What stands between the parentheses, verbatim. */
  readonly body: string;
  readonly comments: readonly Comment[];
}

export interface Comprehension extends Node {
  readonly type: "Comprehension";
  readonly clauses: readonly Clause[];
  readonly value: StructLit;
  /** The `else {...}` of newer versions. */
  readonly fallback: StructLit | undefined;
  readonly comments: readonly Comment[];
}

export type Clause =
  | (Node & { readonly type: "For"; readonly key: string | undefined; readonly value: string; readonly source: Expression })
  | (Node & { readonly type: "If"; readonly condition: Expression })
  | (Node & { readonly type: "LetIn"; readonly name: string; readonly value: Expression });

export type Expression =
  | Ident
  | BasicLit
  | Interpolation
  | Bottom
  | StructLit
  | ListLit
  | Selector
  | Index
  | Slice
  | Call
  | Unary
  | Binary
  | Paren
  | PostfixEllipsis
  | BadExpression;

export interface Ident extends Node {
  readonly type: "Ident";
  readonly name: string;
}
/** Numbers, strings, bytes, `null`, `true`, `false`; `raw` as written, `value` decoded. */
export interface BasicLit extends Node {
  readonly type: "BasicLit";
  readonly kind: "null" | "bool" | "int" | "float" | "string" | "bytes";
  readonly raw: string;
}
export interface Interpolation extends Node {
  readonly type: "Interpolation";
  readonly kind: "string" | "bytes";
  /** Decoded text pieces; always one more than `exprs`. */
  readonly parts: readonly string[];
  readonly exprs: readonly Expression[];
  readonly raw: string;
}
export interface Bottom extends Node {
  readonly type: "Bottom";
  /** What a printed error says; none where it comes from source. */
  readonly comments?: readonly Comment[];
}
export interface StructLit extends Node {
  readonly type: "StructLit";
  readonly decls: readonly Declaration[];
  readonly comments: readonly Comment[];
}
export interface ListLit extends Node {
  readonly type: "ListLit";
  readonly elements: readonly (Expression | Comprehension | Ellipsis)[];
  readonly comments: readonly Comment[];
}
export interface Selector extends Node {
  readonly type: "Selector";
  readonly operand: Expression;
  readonly label: Extract<Label, { type: "IdentLabel" | "StringLabel" }>;
}
export interface Index extends Node {
  readonly type: "Index";
  readonly operand: Expression;
  readonly index: Expression;
}
export interface Slice extends Node {
  readonly type: "Slice";
  readonly operand: Expression;
  readonly low: Expression | undefined;
  readonly high: Expression | undefined;
}
export interface Call extends Node {
  readonly type: "Call";
  readonly callee: Expression;
  readonly args: readonly Expression[];
  /** Of the opening parenthesis. */
  readonly parenStart: number;
}
export interface Unary extends Node {
  readonly type: "Unary";
  readonly op: "+" | "-" | "!" | "*" | "<" | "<=" | ">" | ">=" | "!=" | "=~" | "!~" | "==";
  readonly opStart: number;
  readonly operand: Expression;
}
export interface Binary extends Node {
  readonly type: "Binary";
  readonly op:
    "|" | "&" | "||" | "&&" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "=~" | "!~" | "+" | "-" | "*" | "/" | "div" | "mod" | "quo" | "rem";
  readonly opStart: number;
  readonly left: Expression;
  readonly right: Expression;
}
export interface Paren extends Node {
  readonly type: "Paren";
  readonly expr: Expression;
}
/** `x...` (newer versions). */
export interface PostfixEllipsis extends Node {
  readonly type: "PostfixEllipsis";
  readonly operand: Expression;
}
/** Stands where the parser recovered from an error. */
export interface BadExpression extends Node {
  readonly type: "Bad";
}
