/** The comments of a source, grouped as written, with the gap before each group. */
import type * as ast from "../syntax/ast.ts";
import { blank, newLine, requestedGap, section, tight } from "./tree.ts";
import type { Comment, Gap } from "./tree.ts";

export interface CommentGroup {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
  readonly gap: Gap;
  readonly sameLine: boolean;
}

/** Gaps of one source. Each is looked for once, however many nodes start there. */
export class Gaps {
  readonly #source: string;
  readonly #known = new Map<number, Gap>();
  readonly #leading = new Set<number>();

  constructor(source: string) {
    this.#source = source;
  }

  /** Nothing but white space stands before it in the whole source. */
  atStart(offset: number): boolean {
    this.before(offset);
    return this.#leading.has(offset);
  }

  before(offset: number): Gap {
    const known = this.#known.get(offset);
    if (known !== undefined) return known;
    let breaks = 0;
    let at = offset - 1;
    for (; at >= 0; at--) {
      const char = this.#source[at];
      if (char === "\n") breaks++;
      else if (char !== " " && char !== "\t" && char !== "\r" && char !== "\ufeff") break;
    }
    const gap = breaks > 1 ? section : breaks === 1 ? newLine : at < offset - 1 ? blank : tight;
    if (at < 0) this.#leading.add(offset);
    this.#known.set(offset, gap);
    return gap;
  }
}

/** Every comment below `root`, wherever it hangs. */
export function commentsBelow(root: object): ast.Comment[] {
  const found = new Map<number, ast.Comment>();
  const stack: object[] = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const [key, value] of Object.entries(node) as [string, unknown][]) {
      if (typeof value !== "object" || value === null) continue;
      if (key !== "comments") stack.push(value);
      else for (const comment of value as ast.Comment[]) if (comment.start >= 0) found.set(comment.start, comment);
    }
  }
  return [...found.values()].sort((a, b) => a.start - b.start);
}

export function groupComments(comments: readonly ast.Comment[], source: string, gaps: Gaps): CommentGroup[] {
  const groups: CommentGroup[] = [];
  let open: { start: number; end: number; lines: string[]; gap: Gap; sameLine: boolean } | undefined;
  for (const comment of comments) {
    const gap = gaps.before(comment.start);
    const sameLine = gap < newLine && !gaps.atStart(comment.start);
    const text = comment.text.trimEnd();
    const end = comment.start + comment.text.length;
    if (open !== undefined && !open.sameLine && !sameLine && gap === newLine && source.slice(open.end, comment.start).trim() === "") {
      open.lines.push(text);
      open.end = end;
      continue;
    }
    open = { start: comment.start, end, lines: [text], gap: sameLine ? blank : gap, sameLine };
    groups.push(open);
  }
  return groups;
}

/** Whether a group stands directly above what starts at `offset`. */
export function leads(group: CommentGroup, source: string, offset: number): boolean {
  if (group.sameLine) return false;
  const gap = source.slice(group.end, offset);
  return gap.trim() === "" && gap.split("\n").length === 2;
}

/** The comments of a node that has no source. A doc comment without text is a line of its group; another one ends its group. */
export function detachedComments(comments: readonly ast.Comment[], bracketed: boolean): Comment[] {
  const made: Comment[] = [];
  let doc: string[] | undefined;
  let other: string[] | undefined;
  for (const { text, placement, gap: asked } of comments) {
    const gap = requestedGap(asked);
    if (placement === "line") {
      made.push({ lines: [text], gap: blank, slot: "trailing", sameLine: true, lead: false });
    } else if (placement === "doc") {
      if (doc === undefined) made.push({ lines: (doc = []), gap, slot: "doc", sameLine: false, lead: true });
      doc.push(text === "" ? "//" : text);
    } else {
      if (text === "") other = undefined;
      else if (other === undefined)
        made.push({ lines: (other = [text]), gap: section, slot: bracketed ? "prefix" : "trailing", sameLine: false, lead: false });
      else other.push(text);
    }
  }
  return made;
}
