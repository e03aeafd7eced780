/** Hangs the comments on the declarations that they belong to: those directly above (doc) and at the end of the line. */
import type * as ast from "./ast.ts";
import type { ScannedComment } from "./scanner.ts";

/** A node that comments may belong to. */
export type CommentHolder = ast.Node & { readonly comments: readonly ast.Comment[] };

/** Gives each comment to its holder; returns those that have none. */
export function attachComments(source: string, holders: readonly CommentHolder[], comments: readonly ScannedComment[]): ast.Comment[] {
  const free: ast.Comment[] = [];
  if (comments.length === 0) return free;
  const byStart = [...holders].sort((a, b) => a.start - b.start || b.end - a.end);
  const byEnd = [...holders].sort((a, b) => a.end - b.end || b.start - a.start);
  for (let i = 0; i < comments.length;) {
    const first = comments[i];
    if (first === undefined) break;
    if (!first.ownLine) {
      give(holderOnLine(source, byStart, byEnd, first.start), first, "line", free);
      i++;
      continue;
    }
    let j = i + 1;
    let end = first.start + first.text.length;
    for (let next = comments[j]; next?.ownLine === true && breaksOnce(source, end, next.start); next = comments[++j])
      end = next.start + next.text.length;
    const below = byStart[firstIndex(byStart, (holder) => holder.start >= end)];
    const doc = below !== undefined && breaksOnce(source, end, below.start) ? below : undefined;
    for (; i < j; i++) {
      const comment = comments[i];
      if (comment !== undefined) give(doc, comment, doc === undefined ? "other" : "doc", free);
    }
  }
  return free;
}

/** The outermost declaration that was opened last on the line, else the outermost of those that ended last on it. */
function holderOnLine(
  source: string,
  byStart: readonly CommentHolder[],
  byEnd: readonly CommentHolder[],
  at: number,
): CommentHolder | undefined {
  const lineStart = source.lastIndexOf("\n", at - 1) + 1;
  const last = byEnd[firstIndex(byEnd, (holder) => holder.end > at) - 1];
  const ended = last !== undefined && last.end > lineStart ? last : undefined;
  const from = ended?.end ?? lineStart;
  const opened = byStart[firstIndex(byStart, (holder) => holder.start >= from)];
  return opened !== undefined && opened.start < at ? opened : ended;
}

/** Of the first element that is so; all after it are, too. */
function firstIndex(holders: readonly CommentHolder[], isSo: (holder: CommentHolder) => boolean): number {
  let low = 0;
  let high = holders.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const holder = holders[middle];
    if (holder !== undefined && !isSo(holder)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** White space with a single line break. */
function breaksOnce(source: string, from: number, to: number): boolean {
  const gap = /[ \t\r]*\n[ \t\r]*/y;
  gap.lastIndex = from;
  return gap.test(source) && gap.lastIndex === to;
}

function give(
  holder: CommentHolder | undefined,
  { text, start }: ScannedComment,
  placement: ast.Comment["placement"],
  free: ast.Comment[],
): void {
  // The tree is not yet in anyone's hands.
  const comments = holder === undefined ? free : (holder.comments as ast.Comment[]);
  comments.push({ text, start, placement });
}
