/** Package text/tabwriter: tabs end cells, and cells above one another become columns (elastic tab stops). */
import type { BuiltinPackage, Handle } from "../contract.ts";
import { CallFailure, kind } from "../contract.ts";
import { define, kindName, textOf } from "../signature.ts";

const padding = 1;

function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Aligns text. A column is a run of lines that all have a cell, ended by a tab, at the same place. */
function align(text: string): string {
  const lines = text.split(/[\n\f]/).map((line) => line.split(/[\t\v]/));
  const widths = lines.map(() => [] as number[]);
  const most = lines.reduce((max, cells) => Math.max(max, cells.length), 0);
  // Lines that still have a cell in the current column; each step looks only at those.
  let rows = lines.map((_, i) => i);
  for (let column = 0; column < most; column++) {
    rows = rows.filter((row) => column < (lines[row]?.length ?? 0) - 1);
    for (let start = 0; start < rows.length;) {
      let end = start;
      let width = 0;
      do {
        const cell = lines[rows[end] ?? 0]?.[column] ?? "";
        width = Math.max(width, characters(cell) + padding);
        end++;
      } while (end < rows.length && rows[end] === (rows[end - 1] ?? 0) + 1);
      for (const row of rows.slice(start, end)) widths[row]?.push(width);
      start = end;
    }
  }
  return lines
    .map((cells, row) =>
      cells.map((cell, column) => cell + " ".repeat(Math.max(0, (widths[row]?.[column] ?? 0) - characters(cell)))).join(""),
    )
    .join("\n");
}

function textValue(value: Handle): string {
  const scalar = (value.kinds() & kind.scalar) === 0 ? undefined : value.scalar();
  if (typeof scalar === "string") return scalar;
  if (scalar instanceof Uint8Array) return textOf(scalar);
  throw new CallFailure(`cannot use value ${value.text()} (type ${kindName(value)}) as (string|bytes)`);
}

export const tabwriterPackage: BuiltinPackage = {
  path: "text/tabwriter",
  functions: [
    define("Write", ["value"], "string", (call) => {
      const data = call.value(0);
      if (data.kinds() === kind.list)
        return align(
          data
            .elements()
            .map((line) => `${textValue(line)}\n`)
            .join(""),
        );
      if ((data.kinds() & (kind.string | kind.bytes)) !== 0) return align(textValue(data));
      throw new CallFailure(`tabwriter.Write: unsupported type ${kindName(data)}`);
    }),
  ],
};
