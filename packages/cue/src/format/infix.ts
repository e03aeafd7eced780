/**
 * Binary expressions. Spaces around `+` and `*` follow precedence, as `gofmt` has it; chains of `|` or `&` stay on one
 * line, break where the author broke them, or have one arm a line.
 *
 * Left operands are followed in loops: the parser does not limit their depth.
 */
import { isOpener, keepLayout } from "./brackets.ts";
import { breakFor, commentDoc, inLine, slot, stacked, withComments } from "./comment-docs.ts";
import { hardBreak, joined, nest, softSpace, space, table, text, whenBroken, word } from "./document.ts";
import type { Doc, Row } from "./document.ts";
import type { Printer } from "./printer.ts";
import { leadingGap, newLine, precedenceOf } from "./tree.ts";
import type * as tree from "./tree.ts";

export interface Arm {
  readonly term: tree.Term;
  /** Comments after the operator that follows it. */
  readonly comments: tree.Comment[];
}

export function infixDoc(printer: Printer, node: tree.Infix): Doc | undefined {
  const depth = 1 + printer.depth();
  if (node.op !== "|" && node.op !== "&") return arithmetic(printer, node, depth);
  const arms = armsOf(node);
  if (arms.some((arm) => arm.comments.length > 0)) return armTable(printer, node, arms, undefined);
  if (arms.slice(1).every((arm) => isOpener(arm.term))) return arithmetic(printer, node, depth);
  return armChain(printer, node, arms);
}

/** The operands of a chain of one operator, with the comments after its operators. */
export function armsOf(node: tree.Infix): Arm[] {
  const arms: Arm[] = [];
  type Step = { readonly term: tree.Term } | { readonly after: readonly tree.Comment[] };
  const stack: Step[] = [{ term: node }];
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    if ("after" in step) {
      arms.at(-1)?.comments.push(...step.after);
      continue;
    }
    const { term } = step;
    if (term.type !== "Infix" || term.op !== node.op || (term !== node && term.comments.some((comment) => comment.slot === "doc"))) {
      arms.push({ term, comments: [] });
      continue;
    }
    const after = term === node ? slot(term.comments, "suffix") : term.comments;
    stack.push({ term: term.right }, { after }, { term: term.left });
  }
  return arms;
}

function armDoc(printer: Printer, { term }: Arm, op: string): Doc | undefined {
  return parenthesise(printer.term(term), term, precedenceOf(op));
}

/** In parentheses, when an operator around `term` binds tighter than its own. */
export function parenthesise(doc: Doc | undefined, term: tree.Term, precedence: number): Doc | undefined {
  return term.type === "Infix" && precedenceOf(term.op) < precedence ? joined([word("("), doc, word(")")]) : doc;
}

function armChain(printer: Printer, node: tree.Infix, arms: readonly Arm[]): Doc | undefined {
  const op = word(` ${node.op}`);
  const [first, ...others] = arms;
  if (first === undefined) return undefined;
  const rest = joined(
    others.flatMap((arm, i) => [
      breakFor(leadingGap(arm.term), softSpace),
      armDoc(printer, arm, node.op),
      i < others.length - 1 ? op : undefined,
    ]),
  );
  // Arms that all stay on the line must not indent what breaks inside them.
  const breaks = arms.some((arm) => leadingGap(arm.term) >= newLine);
  const indented = node.layout?.authored === true && !breaks ? rest : whenBroken(nest(rest), rest);
  return keepLayout(node, joined([armDoc(printer, first, node.op), op, indented]));
}

/** One arm a line, with comments in a column; `fieldComment` is that of the field whose value this is. */
export function armTable(printer: Printer, node: tree.Infix, arms: readonly Arm[], fieldComment: Doc | undefined): Doc | undefined {
  const rows = arms.map((arm, i): Row => {
    const last = i === arms.length - 1;
    const comments = [...arm.comments.map(commentDoc), ...(last ? [fieldComment] : [])].filter((doc) => doc !== undefined);
    const comment = stacked(comments);
    const cell = joined([armDoc(printer, arm, node.op), last ? undefined : word(` ${node.op}`)]);
    const commented = comment !== undefined;
    if (i === 0) return { separator: undefined, cells: [], raw: commented ? joined([cell, space, comment]) : cell, comment: commented };
    return { separator: hardBreak, cells: commented ? [cell, comment] : [cell], comment: commented };
  });
  return keepLayout(node, nest(table(rows)));
}

// --- spaces by precedence

function arithmetic(printer: Printer, node: tree.Infix, depth: number): Doc | undefined {
  const spine: { readonly node: tree.Infix; readonly depth: number }[] = [];
  let at: tree.Term = node;
  let atDepth = depth;
  let precedence = 0;
  while (at.type === "Infix" && precedenceOf(at.op) >= precedence) {
    precedence = precedenceOf(at.op);
    spine.push({ node: at, depth: atDepth });
    const { left }: tree.Infix = at;
    atDepth += left.type === "Infix" && precedenceOf(left.op) === precedence ? 0 : 1;
    at = left;
  }
  let doc = parenthesise(printer.term(at), at, precedence);
  for (const step of spine.reverse()) doc = operation(printer, step.node, doc, step.depth);
  return doc;
}

function operation(printer: Printer, node: tree.Infix, left: Doc | undefined, depth: number): Doc | undefined {
  const { op, right } = node;
  const precedence = precedenceOf(op);
  const rightDoc =
    right.type === "Infix" && precedenceOf(right.op) > precedence
      ? withComments(right, arithmetic(printer, right, depth + 1))
      : parenthesise(printer.term(right), right, precedence + 1);
  const gap = precedence < cutoff(node, depth) || wouldMerge(op, right) || /^[a-z]/.test(op) ? space : undefined;
  const comments = slot(node.comments, "suffix");
  const beside = comments.filter(inLine);
  const between = comments.filter((comment) => !inLine(comment));
  if (comments.length === 0 && leadingGap(right) < newLine) return joined([left, gap, text(op), gap, rightDoc]);
  const below = joined([hardBreak, ...between.flatMap((comment) => [commentDoc(comment), hardBreak]), rightDoc]);
  return joined([left, gap, text(op), ...beside.flatMap((comment) => [space, commentDoc(comment)]), nest(below)]);
}

/** Operators that bind less tightly than this have spaces around them. */
function cutoff({ adds, multiplies }: tree.Infix, depth: number): number {
  return depth > 1 ? 6 : adds && multiplies ? 7 : 8;
}

/** `a+ +b` is not `a++b`. */
function wouldMerge(op: string, right: tree.Term): boolean {
  if (right.type === "Infix" && precedenceOf(right.op) <= precedenceOf(op)) return false;
  const first = right.type === "Infix" ? right.head : right;
  if (first.type !== "Prefixed") return false;
  return (op === "+" && first.op === "+") || (op === "-" && first.op === "-") || (op === "/" && first.op === "*");
}
