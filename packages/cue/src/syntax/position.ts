/** Lines and columns of offsets. */
import { utf8Length } from "./utf8.ts";

export { utf8Length } from "./utf8.ts";

export interface LineAndColumn {
  /** From 1. */
  readonly line: number;
  /** From 1, in bytes of UTF-8. */
  readonly column: number;
}

/** Line tables of the sources asked about last: they are asked about again and again. */
const tables = new Map<string, readonly number[]>();
const maxTables = 32;

/** 1-based line and byte column (UTF-8) of a UTF-16 offset. A line break at the very end opens no further line. */
export function positionAt(source: string, offset: number): LineAndColumn {
  const starts = lineStarts(source);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: utf8Length(source.slice(starts[low] ?? 0, offset)) + 1 };
}

function lineStarts(source: string): readonly number[] {
  let starts = tables.get(source);
  if (starts === undefined) {
    starts = findLineStarts(source);
    const [oldest] = tables.keys();
    if (tables.size >= maxTables && oldest !== undefined) tables.delete(oldest);
    tables.set(source, starts);
  }
  return starts;
}

function findLineStarts(source: string): readonly number[] {
  const starts = [0];
  for (let at = source.indexOf("\n"); at >= 0 && at + 1 < source.length; at = source.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
