/** Gaps and comments of the nodes of one source, in the order of its text. */
import type * as ast from "../syntax/ast.ts";
import { Gaps, commentsBelow, detachedComments, groupComments, leads } from "./comment-groups.ts";
import type { CommentGroup } from "./comment-groups.ts";
import { noGap, requestedGap } from "./tree.ts";
import type * as tree from "./tree.ts";

/** Something of a body, list or argument list, read in its turn. */
export interface Part<T extends tree.Node> {
  readonly start: number;
  readonly end: number;
  readonly read: () => T;
}

export class SourceReader {
  readonly source: string;
  readonly #gaps: Gaps;
  readonly #groups: readonly CommentGroup[];
  #next = 0;

  constructor(source: string, root: object) {
    this.source = source;
    this.#gaps = new Gaps(source);
    this.#groups = source === "" ? [] : groupComments(commentsBelow(root), source, this.#gaps);
  }

  // --- the source

  known(node: ast.Node): boolean {
    return node.start >= 0 && node.start < this.source.length;
  }

  gap(node: ast.Node): tree.Gap {
    return this.known(node) ? this.#gaps.before(node.start) : requestedGap(node.gap);
  }

  gapAt(offset: number): tree.Gap {
    return offset >= 0 && offset < this.source.length ? this.#gaps.before(offset) : noGap;
  }

  closeGap(node: ast.Node): tree.Gap {
    return this.known(node) ? this.gapAt(node.end - 1) : noGap;
  }

  // --- comments

  takeBefore(offset: number): CommentGroup[] {
    const taken: CommentGroup[] = [];
    for (let group = this.#groups[this.#next]; group !== undefined && group.start < offset; group = this.#groups[++this.#next])
      taken.push(group);
    return taken;
  }

  place(groups: readonly CommentGroup[], slot: tree.Comment["slot"], lead = false): tree.Comment[] {
    return groups.map(({ lines, gap, sameLine }) => ({ lines, gap, sameLine, slot, lead }));
  }

  /** Comments before `node`: the one directly above it is its own, the others go to `slot`; all are its own without one. */
  before(node: ast.Node, slot?: tree.Comment["slot"]): { doc: tree.Comment[]; rest: tree.Comment[] } {
    const groups = this.known(node) ? this.takeBefore(node.start) : [];
    const last = groups.at(-1);
    const lead = last !== undefined && leads(last, this.source, node.start);
    const own = lead ? groups.slice(-1) : [];
    const others = lead ? groups.slice(0, -1) : groups;
    if (slot === undefined) return { doc: [...this.place(others, "doc"), ...this.place(own, "doc", true)], rest: [] };
    return { doc: this.place(own, "doc", true), rest: this.place(others, slot) };
  }

  rest(last: tree.Node | undefined): tree.Comment[] {
    const comments = this.place(this.takeBefore(Infinity), "trailing");
    if (last === undefined) return comments;
    last.comments.push(...comments);
    return [];
  }

  detached(node: ast.Node & { readonly comments: readonly ast.Comment[] }, bracketed = false): tree.Comment[] {
    return detachedComments(
      node.comments.filter((comment) => comment.start < 0),
      bracketed,
    );
  }

  /** Reads parts in turn, each with the comments around it. */
  parts<T extends tree.Node>(parts: readonly Part<T>[]): T[] {
    const made: T[] = [];
    for (const part of parts) {
      const previous = made.at(-1);
      const { doc, rest } = this.before(part, previous === undefined ? undefined : "trailing");
      previous?.comments.push(...rest);
      const node = part.read();
      node.comments.unshift(...doc);
      if (this.known(part)) node.comments.push(...this.place(this.takeBefore(part.end), "trailing"));
      made.push(node);
    }
    return made;
  }

  /** What stands before a closing bracket belongs to the last part, or to the brackets when there is none. */
  close(node: ast.Node, parts: readonly tree.Node[]): tree.Comment[] {
    if (!this.known(node)) return [];
    const groups = this.takeBefore(node.end - 1);
    parts.at(-1)?.comments.push(...this.place(groups, "trailing"));
    return parts.length === 0 ? this.place(groups, "prefix") : [];
  }

  part<T extends tree.Node>(node: ast.Node, read: () => T): Part<T> {
    return { start: node.start, end: node.end, read };
  }
}
