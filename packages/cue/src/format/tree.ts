/**
 * What the printer works on: the syntax tree with the layout that its author gave it - the gap before each node and
 * bracket - and with every comment at its place. Mutable, since house style moves both.
 */
import type * as ast from "../syntax/ast.ts";

/** What stands before a token in the source; `none` where there is no source. */
export type Gap = 0 | 1 | 2 | 3 | 4;
export const noGap = 0;
export const tight = 1;
export const blank = 2;
export const newLine = 3;
export const section = 4;

export interface Comment {
  readonly lines: readonly string[];
  gap: Gap;
  /** doc: before the node; prefix: after the opening bracket; suffix: before the value or operand; trailing: after the node. */
  readonly slot: "doc" | "prefix" | "suffix" | "trailing";
  /** At the end of a line that holds something else. */
  readonly sameLine: boolean;
  /** Directly above the node, without a blank line between. */
  readonly lead: boolean;
}

interface Base {
  comments: Comment[];
  gap: Gap;
  layout?: Layout;
}

/** What is known of a node's subtree; made once by `analyse`. */
export interface Layout {
  /** Something inside has a gap, so an author laid it out. */
  readonly gapInside: boolean;
  /** Something inside starts on a line of its own. */
  readonly lineInside: boolean;
  /** The node's own layout is to be kept. */
  readonly authored: boolean;
  /** Ends in a comment on a line of its own. */
  readonly endsInOwnLine: boolean;
  /** Ends in a comment. */
  readonly endsInComment: boolean;
}

export interface Leaf extends Base {
  readonly type: "Leaf";
  readonly text: string;
}
/** A string or bytes literal over several lines, without interpolation. */
export interface MultilineString extends Base {
  readonly type: "MultilineString";
  readonly text: string;
}
/** Text between `"` and `\(`, `)` and `\(`, `)` and `"`; one more than `exprs`. */
export interface Interpolated extends Base {
  readonly type: "Interpolated";
  readonly texts: readonly string[];
  readonly exprs: readonly Term[];
}
export interface Struct extends Base {
  readonly type: "Struct";
  items: Item[];
  /** Has braces of its own; else made by the printer, or the inner part of `a: b: c`. */
  braced: boolean;
  closeGap: Gap;
}
export interface List extends Base {
  readonly type: "List";
  readonly elements: readonly Element[];
  readonly bracketed: boolean;
  readonly closeGap: Gap;
  readonly omitsCommas: boolean;
}
/** `head`, here and below: the operand that the whole starts with, found without descending. */
export interface Selection extends Base {
  readonly type: "Selection";
  readonly operand: Term;
  readonly head: Term;
  readonly label: string;
}
export interface Indexing extends Base {
  readonly type: "Indexing";
  readonly operand: Term;
  readonly head: Term;
  readonly index: Term;
  readonly openGap: Gap;
  readonly closeGap: Gap;
}
export interface Slicing extends Base {
  readonly type: "Slicing";
  readonly operand: Term;
  readonly head: Term;
  readonly low: Term | undefined;
  readonly high: Term | undefined;
}
export interface Application extends Base {
  readonly type: "Application";
  readonly operand: Term;
  readonly head: Term;
  readonly args: readonly Term[];
  readonly openGap: Gap;
  readonly closeGap: Gap;
}
/** `x...` */
export interface Opened extends Base {
  readonly type: "Opened";
  readonly operand: Term;
  readonly head: Term;
}
export interface Prefixed extends Base {
  readonly type: "Prefixed";
  readonly op: string;
  readonly operand: Term;
}
export interface Infix extends Base {
  readonly type: "Infix";
  readonly op: string;
  readonly left: Term;
  readonly right: Term;
  readonly head: Term;
  /** Has operators like `+` among those that a space may set apart. */
  readonly adds: boolean;
  readonly multiplies: boolean;
}
export interface Parenthesised extends Base {
  readonly type: "Parenthesised";
  readonly inner: Term;
  readonly openGap: Gap;
  readonly closeGap: Gap;
}
/** `X=value` */
export interface Aliased extends Base {
  readonly type: "Aliased";
  /** `X=` */
  readonly start: string;
  readonly value: Term;
}

export type Postfixed = Selection | Indexing | Slicing | Application | Opened;
export type Term = Leaf | MultilineString | Interpolated | Struct | List | Postfixed | Prefixed | Infix | Parenthesised | Aliased;
export type Element = Term | Comprehension | Ellipsis;

export interface Field extends Base {
  readonly type: "Field";
  label: FieldLabel;
  readonly alias: string | undefined;
  /** `~(X)`, `~(K,V)`, or nothing. */
  readonly postfixAlias: string;
  readonly mark: "" | "?" | "!";
  value: Term;
  readonly attributes: readonly string[];
}
export type FieldLabel =
  | { readonly kind: "name"; readonly text: string }
  /** A plain string; `value` is what it means. */
  | { readonly kind: "string"; readonly text: string; readonly value: string }
  | { readonly kind: "term"; readonly open: string; readonly term: Term; readonly close: string };
export interface Let extends Base {
  readonly type: "Let";
  readonly name: string;
  readonly value: Term;
}
export interface Embedding extends Base {
  readonly type: "Embedding";
  readonly value: Term;
  readonly attributes: readonly string[];
}
export interface Ellipsis extends Base {
  readonly type: "Ellipsis";
  readonly value: Term | undefined;
}
export interface Comprehension extends Base {
  readonly type: "Comprehension";
  readonly clauses: readonly Clause[];
  readonly value: Struct;
  readonly fallback: Struct | undefined;
}
export interface Clause extends Base {
  readonly type: "Clause";
  /** `for k, v in`, `if`, `let x =`. */
  readonly head: string;
  readonly value: Term;
}
export interface Attribute extends Base {
  readonly type: "Attribute";
  readonly text: string;
}
export interface Package extends Base {
  readonly type: "Package";
  readonly name: string;
}
export interface Import extends Base {
  readonly type: "Import";
  readonly specs: readonly ImportSpec[];
  readonly parenthesised: boolean;
  closeGap: Gap;
}
export interface ImportSpec extends Base {
  readonly type: "ImportSpec";
  readonly text: string;
}

export type Item = Field | Let | Embedding | Ellipsis | Comprehension | Attribute | Package | Import;
export type Node = Item | Term | Clause | ImportSpec;

export interface SourceFile {
  readonly type: "SourceFile";
  items: Item[];
  /** Where there is nothing else for them to stand at. */
  readonly comments: readonly Comment[];
}

export function isField(node: Node | undefined): node is Field {
  return node?.type === "Field";
}

export function headOf(term: Term): Term {
  return "head" in term ? term.head : term;
}

/** Whether a value shows as the rest of a chain of labels. */
export function collapsesInto(value: Term): value is Struct {
  if (value.type !== "Struct" || value.braced || value.items.length !== 1 || value.comments.length > 0) return false;
  const [inner] = value.items;
  return isField(inner) && inner.attributes.length === 0 && inner.comments.length === 0;
}

/** The node that holds the first token of `node`. */
function anchor(node: Node): Node | undefined {
  let at: Node | undefined = node;
  for (;;) {
    switch (at?.type) {
      case "Infix":
      case "Selection":
      case "Indexing":
      case "Slicing":
      case "Application":
      case "Opened":
        at = at.head;
        break;
      case "Embedding":
        at = at.value;
        break;
      case "Comprehension":
        at = at.clauses[0];
        break;
      case "Struct":
        if (at.braced) return at;
        at = at.items[0];
        break;
      default:
        return at;
    }
  }
}

/** The gap before the first token of a node. */
export function gapOf(node: Node | undefined): Gap {
  return node === undefined ? noGap : (anchor(node)?.gap ?? noGap);
}

export function setGap(node: Node, gap: Gap): void {
  let at: Node | undefined = node.type === "Comprehension" ? node.clauses[0] : node;
  if (at?.type === "Embedding") at = at.value;
  if (at === undefined) return;
  if (at.type !== "Clause" && "head" in at) at = at.head;
  // The braces that the printer gives a struct are where the gap is asked for from now on.
  if (at.type === "Struct") at.braced = true;
  at.gap = gap;
}

export function requestedGap(gap: ast.Gap | undefined): Gap {
  return gap === undefined ? noGap : gap === "blank" ? blank : gap === "line" ? newLine : section;
}

export function docComment(node: Node | undefined): Comment | undefined {
  return node?.comments.find((comment) => comment.slot === "doc");
}

/** The gap before what shows first of a node: its doc comment, or itself. */
export function leadingGap(node: Node | undefined): Gap {
  return docComment(node)?.gap ?? gapOf(node);
}

/** Makes what shows first of a node stand at least this far from what is before it. */
export function raiseGap(node: Node, gap: Gap): void {
  if (leadingGap(node) >= gap) return;
  const doc = docComment(node);
  if (doc === undefined) setGap(node, gap);
  else doc.gap = gap;
}

export function startsLine(node: Node | undefined): boolean {
  return gapOf(node) >= newLine;
}

const precedences: Readonly<Record<string, number>> = { "|": 1, "&": 2, "||": 3, "&&": 4, "+": 6, "-": 6 };
const multiplicative = new Set(["*", "/", "div", "mod", "quo", "rem"]);
export const tightest = 8;

export function precedenceOf(op: string): number {
  return precedences[op] ?? (multiplicative.has(op) ? 7 : 5);
}
