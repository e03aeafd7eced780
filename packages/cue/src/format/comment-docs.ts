/** Comments as documents, and what separates them from what they stand at. */
import { holdsComments } from "./analyse.ts";
import { blankLine, hardBreak, joined, noFlat, softEmpty, space, text } from "./document.ts";
import type { Doc } from "./document.ts";
import { blank, gapOf, newLine, section } from "./tree.ts";
import type * as tree from "./tree.ts";

/** The break that a gap asks for, or `otherwise` when it asks for none. */
export function breakFor(gap: tree.Gap, otherwise: Doc): Doc {
  return gap === section ? blankLine : gap === newLine ? hardBreak : otherwise;
}

export function softBreakFor(gap: tree.Gap): Doc {
  return breakFor(gap, softEmpty);
}

export function commentDoc({ lines }: tree.Comment): Doc | undefined {
  return joined(lines.flatMap((line, i) => (i > 0 ? [hardBreak, text(line)] : [text(line)])));
}

/** On the line of what stands before it. */
export function inLine(comment: tree.Comment): boolean {
  return comment.sameLine || comment.gap === blank;
}

/** One below the other, with the blank lines that stood between. */
export function commentBlock(comments: readonly tree.Comment[]): Doc | undefined {
  return joined(
    comments.flatMap((comment, i) => (i > 0 ? [breakFor(comment.gap, hardBreak), commentDoc(comment)] : [commentDoc(comment)])),
  );
}

export function docBlock(comments: readonly tree.Comment[], gapAfter: tree.Gap): Doc | undefined {
  const docs = slot(comments, "doc");
  const last = docs.at(-1);
  if (last === undefined) return undefined;
  return joined([commentBlock(docs), breakFor(last.lead && gapAfter > newLine ? newLine : gapAfter, hardBreak)]);
}

export function slot(comments: readonly tree.Comment[], name: tree.Comment["slot"]): tree.Comment[] {
  return comments.filter((comment) => comment.slot === name);
}

/** A comment after something, with what separates the two. */
export function commentAfter(comment: tree.Comment): Doc | undefined {
  const separator = inLine(comment) ? space : comment.gap === newLine ? hardBreak : blankLine;
  return joined([separator, commentDoc(comment)]);
}

/** A node with its comments around it, but for those that it prints inside. */
export function withComments(node: tree.Node, doc: Doc | undefined, comments: readonly tree.Comment[] = node.comments): Doc | undefined {
  if (comments.length === 0) return doc;
  const inside = holdsComments(node) ? [] : [...slot(comments, "prefix"), ...slot(comments, "suffix")];
  const after = [...inside, ...slot(comments, "trailing")];
  return joined([docBlock(comments, gapOf(node)), doc, ...after.map(commentAfter), after.length > 0 ? noFlat : undefined]);
}

/** Comments below each other in one column. */
export function stacked(docs: readonly (Doc | undefined)[]): Doc | undefined {
  return joined(docs.flatMap((doc, i) => (i > 0 ? [hardBreak, doc] : [doc])));
}
