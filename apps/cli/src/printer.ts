/**
 * Everything the CLI writes to the terminal goes through here. On a TTY a live region is redrawn in place under the
 * lines; elsewhere its lines are printed plainly, each only when it is new.
 */
import { styleText } from "node:util";
import { createLogUpdate } from "log-update";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

export interface Printer {
  readonly tty: boolean;
  /** One line to standard output, above the live region. */
  line(text?: string): void;
  /** One line to standard error. */
  error(text: string): void;
  style(style: Style, text: string): string;
  /** Replaces the live region. */
  live(lines: readonly string[]): void;
  /** Leaves the live region as it stands and starts below it. */
  endLive(): void;
}

export interface PrinterOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly noColor: boolean;
}

export function createPrinter(options: PrinterOptions): Printer {
  const tty = options.stdout.isTTY === true;
  const color = tty && !options.noColor;
  const update = tty ? createLogUpdate(options.stdout) : undefined;
  let region: readonly string[] = [];
  let printed = new Set<string>();

  return {
    tty,
    line(text = ""): void {
      update?.clear();
      options.stdout.write(`${text}\n`);
      if (update !== undefined && region.length > 0) update(region.join("\n"));
    },
    error(text: string): void {
      update?.clear();
      options.stderr.write(`${text}\n`);
      if (update !== undefined && region.length > 0) update(region.join("\n"));
    },
    style: (style, text) => (color ? styleText(style, text, { validateStream: false }) : text),
    live(lines: readonly string[]): void {
      region = lines;
      if (update !== undefined) {
        update(lines.join("\n"));
        return;
      }
      for (const line of lines) if (!printed.has(line)) options.stdout.write(`${line}\n`);
      printed = new Set(lines);
    },
    endLive(): void {
      update?.done();
      region = [];
      printed = new Set();
    },
  };
}

/** kubectl's table: columns padded to their widest cell, three spaces apart. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)));
  return rows.map((row) => row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd((widths[index] ?? 0) + 3))).join(""));
}
