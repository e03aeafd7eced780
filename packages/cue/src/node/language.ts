/** Files in the canonical layout. */
import type { CueError } from "../api.ts";
import { formatFile } from "../format/format.ts";
import { parseFile } from "../syntax/parser.ts";

export type Formatted = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly errors: readonly CueError[] };

/** A file in the canonical layout, or its syntax errors. */
export function formatSource(filename: string, text: string, options: { readonly simplify: boolean }): Formatted {
  const parsed = parseFile(text, filename);
  if (parsed.diagnostics.length > 0) return { ok: false, errors: parsed.diagnostics.map((each) => ({ ...each, category: "syntax" })) };
  return { ok: true, text: formatFile(parsed.file, options) };
}
