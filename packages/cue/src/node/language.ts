/** What the command prints besides values: errors as text, and files in the canonical layout. */
import type { SourcePosition } from "@slipway/std";
import type { CueError } from "../api.ts";
import { formatFile } from "../format/format.ts";
import { shownPath } from "../load/file-system.ts";
import { parseFile } from "../syntax/parser.ts";

export interface ReportOptions {
  /** Positions below this directory are shown relative to it. */
  readonly cwd: string;
  /** Each error begins with the reference's code in brackets. */
  readonly codes?: boolean;
}

export function reportErrors(errors: readonly CueError[], options: ReportOptions): string {
  const code = (error: CueError): string => (options.codes === true ? `[${codes[error.category]}] ` : "");
  return errors.map((error) => `${code(error)}${reportError(error, options.cwd)}`).join("");
}

const codes: Readonly<Record<CueError["category"], string>> = {
  eval: "eval",
  closed: "eval",
  incomplete: "incomplete",
  cycle: "cycle",
  structuralCycle: "structural_cycle",
  user: "user",
  syntax: "syntax",
  budget: "budget",
};

function reportError(error: CueError, cwd: string): string {
  const path = error.path.map((part) =>
    typeof part === "number" || /^([#_$\p{L}][\p{L}\p{N}_$]*|\d+)$/u.test(part) ? part : JSON.stringify(part),
  );
  const head = path.length === 0 ? error.message : `${path.join(".")}: ${error.message}`;
  const seen = new Set(error.at.map((at) => position(at, cwd)));
  return seen.size === 0 ? `${head}\n` : `${head}:\n${[...seen].map((each) => `    ${each}\n`).join("")}`;
}

function position(at: SourcePosition, cwd: string): string {
  // Without a directory, names are relative already.
  const bare = cwd === "" && !at.file.startsWith("/") && !/^[.-]/.test(at.file);
  const file = at.file.startsWith("/") ? shownPath(cwd, at.file) : bare ? `./${at.file}` : at.file;
  return `${file}:${at.line}:${at.column}`;
}

export type Formatted = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly errors: readonly CueError[] };

/** A file in the canonical layout, or its syntax errors. */
export function formatSource(filename: string, text: string, options: { readonly simplify: boolean }): Formatted {
  const parsed = parseFile(text, filename);
  if (parsed.diagnostics.length > 0) return { ok: false, errors: parsed.diagnostics.map((each) => ({ ...each, category: "syntax" })) };
  return { ok: true, text: formatFile(parsed.file, options) };
}
