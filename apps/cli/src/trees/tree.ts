/** Small pieces of the trees that `status`, `get` and the demo print. */

/** Draws children under a head line: `├─`, `└─`, with deeper lines kept under their branch. */
export function branch(head: string, children: readonly (readonly string[])[]): string[] {
  const lines = [head];
  children.forEach((child, index) => {
    const last = index === children.length - 1;
    child.forEach((line, row) => lines.push(`${row === 0 ? (last ? "└─ " : "├─ ") : last ? "   " : "│  "}${line}`));
  });
  return lines;
}

/** Pads every cell to its column's width. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, [...cell].length)));
  return rows.map((row) =>
    row
      .map((cell, index) => cell + " ".repeat((widths[index] ?? 0) - [...cell].length))
      .join("  ")
      .trimEnd(),
  );
}
