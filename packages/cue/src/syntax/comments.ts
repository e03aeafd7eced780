/** Hangs the comments on the declarations that they belong to: those directly above (doc) and at the end of the line. */
import type * as ast from "./ast.ts";
import type { ScannedComment } from "./scanner.ts";

type Holder = ast.Node & { readonly comments: readonly ast.Comment[] };

export function attachComments(file: ast.File, comments: readonly ScannedComment[]): ast.File {
  if (comments.length === 0) return file;
  const holders: Holder[] = [];
  collect(file, holders);
  const { source } = file;
  const byStart = [...holders].sort((a, b) => a.start - b.start || b.end - a.end);
  const rest: ast.Comment[] = [];
  for (let i = 0; i < comments.length;) {
    const first = comments[i];
    if (first === undefined) break;
    if (!first.ownLine) {
      // The declaration that ends last before it on its line, or the one that opens there.
      const lineStart = source.lastIndexOf("\n", first.start - 1) + 1;
      const on = byStart
        .filter(
          (holder) => (holder.end <= first.start && holder.end > lineStart) || (holder.start >= lineStart && holder.start < first.start),
        )
        .at(0);
      add(on, { text: first.text, start: first.start, placement: "line" }, rest);
      i++;
      continue;
    }
    let j = i + 1;
    let end = first.start + first.text.length;
    for (let next = comments[j]; next?.ownLine === true && onlyOneBreak(source.slice(end, next.start)); next = comments[++j])
      end = next.start + next.text.length;
    const target = byStart.find((holder) => holder.start >= end);
    const doc = target !== undefined && onlyOneBreak(source.slice(end, target.start));
    for (const comment of comments.slice(i, j))
      add(doc ? target : undefined, { text: comment.text, start: comment.start, placement: doc ? "doc" : "other" }, rest);
    i = j;
  }
  return { ...file, comments: rest };
}

function onlyOneBreak(gap: string): boolean {
  return gap.trim() === "" && gap.split("\n").length === 2;
}

function add(holder: Holder | undefined, comment: ast.Comment, rest: ast.Comment[]): void {
  if (holder === undefined) rest.push(comment);
  else (holder.comments as ast.Comment[]).push(comment);
}

function collect(node: unknown, into: Holder[]): void {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) collect(item, into);
    return;
  }
  const record = node as Record<string, unknown>;
  const type = record["type"];
  if (Array.isArray(record["comments"]) && type !== "File" && type !== "StructLit" && type !== "ListLit") into.push(node as Holder);
  for (const [key, value] of Object.entries(record)) if (key !== "comments" && typeof value === "object") collect(value, into);
}
