/**
 * Tables: rows share columns as far as all of them stand on single lines. A row that must break, or would for want of
 * room, ends the alignment of the rows before it and starts anew.
 */
import type { Row } from "./document.ts";
import type { Output, Place } from "./render.ts";

interface Cell {
  readonly width: number;
  readonly wraps: boolean;
}

interface MeasuredRow {
  readonly row: Row;
  readonly broken: boolean;
  /** Up to the first cell that breaks. */
  readonly cells: readonly Cell[];
  readonly last: number;
}

export function renderTable(output: Output, rows: readonly Row[], at: Place): void {
  if (at.flat) {
    for (const [i, row] of rows.entries()) {
      if (i > 0) output.render(row.separator, at);
      if (row.raw !== undefined) output.render(row.raw, at);
      else
        for (const [c, cell] of row.cells.entries()) {
          if (c > 0) output.write(" ", 1);
          output.render(cell, at);
        }
    }
    return;
  }
  const room = output.roomAt(at.indent);
  for (let from = 0; from < rows.length;) {
    const segment = alignedRows(rows, from, room, at.unbounded);
    renderSegment(output, segment, at, from > 0, room);
    from += segment.length;
  }
}

function measure(row: Row): MeasuredRow {
  const last = row.cells.findLastIndex((cell) => cell !== undefined);
  if (row.raw !== undefined) {
    const broken = row.raw.loose === Infinity;
    return { row, broken, cells: broken ? [] : [{ width: row.raw.loose, wraps: row.raw.wraps }], last };
  }
  const cells: Cell[] = [];
  for (const cell of row.cells) {
    const width = cell?.loose ?? 0;
    if (width === Infinity) return { row, broken: true, cells, last };
    cells.push({ width, wraps: cell?.wraps ?? false });
  }
  return { row, broken: false, cells, last };
}

/** The longest run of rows from `from` that share columns; at least one row. */
function alignedRows(rows: readonly Row[], from: number, room: number, unbounded: boolean): MeasuredRow[] {
  const accepted: MeasuredRow[] = [];
  const widths: number[] = [];
  for (let i = from; i < rows.length; i++) {
    const row = rows[i];
    if (row === undefined) break;
    const measured = measure(row);
    if (measured.broken) return accepted.length === 0 ? [measured] : accepted;
    const grew = row.raw === undefined && widen(widths, measured);
    if (!fits(measured, widths, room, unbounded)) return accepted.length === 0 ? [measured] : accepted;
    if (grew && !accepted.every((other) => fits(other, widths, room, unbounded))) return accepted;
    accepted.push(measured);
  }
  return accepted;
}

/** The last cell of a row widens no column: nothing after it is to be aligned. */
function widen(widths: number[], { cells, last }: MeasuredRow): boolean {
  let grew = false;
  for (const [c, cell] of cells.entries()) {
    const width = c >= last ? 0 : cell.width;
    const known = widths[c];
    if (known !== undefined && width <= known) continue;
    widths[c] = width;
    grew = true;
  }
  return grew;
}

function fits(measured: MeasuredRow, widths: readonly number[], room: number, unbounded: boolean): boolean {
  const { row, cells } = measured;
  if (row.raw !== undefined) return cells.every((cell) => !cell.wraps || cell.width <= room);
  let start = 0;
  for (const [c, cell] of cells.entries()) {
    if (c > 0) start += (widths[c - 1] ?? 0) + 1;
    if (cell.wraps && cell.width > room - start) return false;
  }
  return unbounded || !breaksBeforeValue(measured, room);
}

/** Whether the row is so wide that its value goes to a line of its own. Attributes and comments do not count. */
function breaksBeforeValue({ row, broken, cells }: MeasuredRow, room: number): boolean {
  if (broken || row.breakable !== true || row.merged !== undefined || cells.length < 2 || cells[1]?.wraps === true) return false;
  let width = 0;
  for (const [c, cell] of cells.entries()) if (c < 2 || cell.wraps) width += (c > 0 ? 1 : 0) + cell.width;
  return width > room;
}

function renderSegment(output: Output, segment: readonly MeasuredRow[], at: Place, separateFirst: boolean, room: number): void {
  const counts: number[] = [];
  const widths: number[] = [];
  for (const measured of segment) {
    if (measured.row.raw !== undefined) continue;
    for (const [c, cell] of measured.row.cells.entries()) counts[c] = (counts[c] ?? 0) + (cell === undefined ? 0 : 1);
    widen(widths, measured);
  }
  const aligned = counts.reduce((sum, count, c) => sum + (widths[c] ?? 0) + (c > 0 && count > 0 ? 1 : 0), 0);
  const merge = !at.unbounded && aligned > room;
  // A column that more than one row fills: what stands before it is padded.
  const lastShared = counts.findLastIndex((count) => count > 1);
  for (const [i, measured] of segment.entries()) {
    const { row } = measured;
    if (i > 0 || separateFirst) output.render(row.separator, at);
    if (row.raw !== undefined) {
      output.render(row.raw, at);
      continue;
    }
    output.render(row.heading, at);
    output.lastIndent = at.indent;
    if (merge && row.merged !== undefined) {
      output.render(row.merged, at);
      for (const cell of row.cells.slice(2)) {
        if (cell === undefined) continue;
        output.write(" ", 1);
        output.render(cell, at);
      }
      continue;
    }
    renderRow(output, measured, at, { counts, widths, lastShared, breakValue: !at.unbounded && breaksBeforeValue(measured, room) });
  }
}

interface Columns {
  readonly counts: readonly number[];
  readonly widths: readonly number[];
  readonly lastShared: number;
  readonly breakValue: boolean;
}

function renderRow(output: Output, { row, last }: MeasuredRow, at: Place, columns: Columns): void {
  let leading = true;
  for (const [c, cell] of row.cells.entries()) {
    if (c > last) return;
    if ((columns.counts[c] ?? 0) === 0) continue;
    let { indent } = at;
    if (columns.breakValue && c === 1) {
      indent = output.lastIndent + 1;
      output.newline(indent);
    } else if (!leading) {
      output.write(" ", 1);
      indent = Math.max(indent, output.lastIndent);
    }
    leading = false;
    const start = output.column;
    output.render(cell, { ...at, indent });
    if (c === last || (c === 0 && columns.breakValue) || columns.lastShared <= c) continue;
    const width = output.column - start;
    const padding = (columns.widths[c] ?? 0) - width;
    if (width >= 0 && padding > 0) output.write(" ".repeat(padding), padding);
  }
}
