/**
 * The documents that the printer lays out: text with places where lines may or must break, in the manner of Wadler and
 * Lindig, with tables for columns and two scopes of line width. Every document knows its widths from its making, so
 * whether a group fits on a line is answered in constant time and printing stays linear.
 */

export type Doc = Text | SoftBreak | HardBreak | BareBreak | Concat | Nest | Group | Scope | Linked | Switch | Table | Body;

interface Measured {
  /** Width when laid out on one line; infinite when a line break is inevitable. */
  readonly flat: number;
  /** The same outside every group, where switches take their broken side. */
  readonly loose: number;
  /** Could break for want of room: holds a soft break, switch or table outside an unbounded scope. */
  readonly wraps: boolean;
  /** Holds anything but text. */
  readonly compound: boolean;
}

interface Text extends Measured {
  readonly kind: "text";
  readonly text: string;
}
/** A line break, or `text` when laid out flat. */
interface SoftBreak extends Measured {
  readonly kind: "soft";
  readonly text: string;
}
/** A line break with indentation. */
interface HardBreak extends Measured {
  readonly kind: "hard";
}
/** A line break without indentation. */
interface BareBreak extends Measured {
  readonly kind: "bare";
}
interface Concat extends Measured {
  readonly kind: "concat";
  readonly parts: readonly Doc[];
}
/** One level of indentation more for the line breaks inside. */
interface Nest extends Measured {
  readonly kind: "nest";
  readonly child: Doc;
}
/** Flat when it fits. */
interface Group extends Measured {
  readonly kind: "group";
  readonly child: Doc;
}
export type Width = "bounded" | "unbounded" | "line";

/**
 * A group that sets the width for everything inside. Unbounded: the author chose where lines break, so soft breaks stay
 * flat. Bounded: the width counts again. Line: all stays on one line.
 */
interface Scope extends Measured {
  readonly kind: "scope";
  readonly width: Width;
  readonly child: Doc;
}
/** When broken from outside, the next group inside breaks too, even if it would fit. */
interface Linked extends Measured {
  readonly kind: "linked";
  readonly child: Doc;
}
interface Switch extends Measured {
  readonly kind: "switch";
  readonly broken: Doc | undefined;
  readonly unbroken: Doc | undefined;
}
interface Table extends Measured {
  readonly kind: "table";
  readonly rows: readonly Row[];
}
/** What stands between brackets when all elements are bracketed: flat, on a line of its own, or hugging the brackets. */
interface Body extends Measured {
  readonly kind: "body";
  readonly child: Doc;
  readonly trailingComma: Doc | undefined;
}

export interface Row {
  /** What separates it from the row above. */
  separator: Doc | undefined;
  /** Own lines above the cells, with the break after them. */
  readonly heading?: Doc | undefined;
  readonly cells: (Doc | undefined)[];
  /** Instead of cells: laid out by itself. */
  readonly raw?: Doc | undefined;
  /** Ends in a comment, so nothing may follow on its line. */
  readonly comment: boolean;
  /** The second cell may go to a line of its own when the row is too wide. */
  readonly breakable?: boolean;
  /** The first two cells in one, with breaks between the labels of a chain. */
  readonly merged?: Doc | undefined;
}

const plain = { wraps: false, compound: false } as const;

function displayWidth(value: string): number {
  let width = 0;
  for (const _ of value) width++;
  return width;
}

export function text(value: string): Doc | undefined {
  if (value === "") return undefined;
  const width = displayWidth(value);
  return { kind: "text", text: value, flat: width, loose: width, ...plain };
}

/** Like `text`, for what is known not to be empty. */
export function word(value: string): Doc {
  const width = displayWidth(value);
  return { kind: "text", text: value, flat: width, loose: width, ...plain };
}

function soft(value: string): Doc {
  return { kind: "soft", text: value, flat: value.length, loose: value.length, wraps: true, compound: true };
}

const inevitable = { flat: Infinity, loose: Infinity, wraps: true, compound: true } as const;
export const hardBreak: Doc = { kind: "hard", ...inevitable };
export const bareBreak: Doc = { kind: "bare", ...inevitable };
export const softEmpty: Doc = soft("");
export const softSpace: Doc = soft(" ");
export const softComma: Doc = soft(", ");
export const space: Doc = word(" ");
export const comma: Doc = word(",");

export function joined(docs: readonly (Doc | undefined)[]): Doc | undefined {
  const parts: Doc[] = [];
  let flat = 0;
  let loose = 0;
  let wraps = false;
  let compound = false;
  for (const part of docs) {
    if (part === undefined) continue;
    parts.push(part);
    flat += part.flat;
    loose += part.loose;
    wraps ||= part.wraps;
    compound ||= part.compound;
  }
  return parts.length <= 1 ? parts[0] : { kind: "concat", parts, flat, loose, wraps, compound };
}

export const blankLine: Doc = joined([bareBreak, hardBreak]) ?? hardBreak;

export function nest(child: Doc | undefined): Doc | undefined {
  if (child === undefined) return undefined;
  const { flat, loose, wraps, compound } = child;
  return { kind: "nest", child, flat, loose, wraps, compound };
}

export function group(child: Doc | undefined): Doc | undefined {
  if (child === undefined) return undefined;
  const { flat, wraps, compound } = child;
  return { kind: "group", child, flat, loose: flat, wraps, compound };
}

export function scope(width: Width, child: Doc | undefined): Doc | undefined {
  if (child === undefined) return undefined;
  const { flat, wraps, compound } = child;
  return { kind: "scope", width, child, flat, loose: flat, wraps: width === "bounded" && wraps, compound };
}

export function linked(child: Doc | undefined): Doc | undefined {
  if (child === undefined) return undefined;
  const { flat, loose, wraps, compound } = child;
  return { kind: "linked", child, flat, loose, wraps, compound };
}

export function whenBroken(broken: Doc | undefined, unbroken: Doc | undefined): Doc {
  return {
    kind: "switch",
    broken,
    unbroken,
    flat: unbroken?.flat ?? 0,
    loose: broken?.loose ?? 0,
    wraps: true,
    compound: true,
  };
}

/** Shows nothing, and keeps the group around it from being flat. */
export const noFlat: Doc = whenBroken(undefined, hardBreak);

export function table(rows: readonly Row[]): Doc | undefined {
  if (rows.length === 0) return undefined;
  let flat = 0;
  let loose = 0;
  for (const [i, row] of rows.entries()) {
    if (i > 0 && row.separator !== undefined) {
      flat += row.separator.flat;
      loose += row.separator.loose;
    }
    if (row.comment || row.heading !== undefined) flat = loose = Infinity;
    const docs = row.raw === undefined ? row.cells : [row.raw];
    flat += Math.max(0, docs.length - 1);
    loose += Math.max(0, docs.length - 1);
    for (const doc of docs) {
      flat += doc?.flat ?? 0;
      loose += doc?.loose ?? 0;
    }
  }
  return { kind: "table", rows, flat, loose, wraps: true, compound: true };
}

export function body(child: Doc | undefined, trailingComma: Doc | undefined): Doc | undefined {
  if (child === undefined) return undefined;
  return { kind: "body", child, trailingComma, flat: child.flat, loose: child.flat, wraps: true, compound: true };
}
