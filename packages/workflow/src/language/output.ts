/** `valueFrom` of outputs: a path into the evaluated template, or any CUE expression over it (contract §3.6). */
import type { JsonValue } from "@slipway/std";
import { formatDiagnostic } from "@slipway/std";
import type { Evaluated } from "../model/step-run.ts";
import type { Fill } from "./template.ts";
import { compileTemplate, instantiate } from "./template.ts";

export interface Evaluation {
  readonly template: string;
  readonly type: string;
  readonly fills: readonly Fill[];
}

export function evaluateOutput(at: Evaluation, expression: string): Evaluated<JsonValue> {
  const first = evaluate(at, expression);
  if (first.ok || expression.includes("$returns.")) return first;
  // Expressions written for the older packages know nothing of `$returns`.
  const second = evaluate(at, withReturns(expression.trim()));
  return second.ok ? second : first;
}

function withReturns(expression: string): string {
  return /\boutput\./.test(expression) ? expression.replace(/\boutput\./, "output.$returns.") : `${expression}.$returns`;
}

function evaluate({ template, type, fills }: Evaluation, expression: string): Evaluated<JsonValue> {
  const lines = expression.trim().split("\n");
  const imports = lines.filter((line) => /^\s*import\b/.test(line));
  const rest = lines.filter((line) => !/^\s*import\b/.test(line)).join("\n");
  const program = compileTemplate(template, type, `${imports.join("\n")}\nzz_output__: ${isDeclarations(rest) ? `{\n${rest}\n}` : rest}`);
  const [problem] = program.diagnostics;
  if (problem !== undefined) return { ok: false, message: formatDiagnostic(problem) };
  const json = instantiate(program, fills).lookup(["zz_output__"]).toJson();
  if (json.ok) return { ok: true, value: json.value };
  return { ok: false, message: json.errors.map(formatDiagnostic).join("; ") };
}

/** `a: 1` lines rather than an expression. */
function isDeclarations(text: string): boolean {
  return /^\s*(?:[A-Za-z_$][\w$]*|"[^"]*")\s*:/.test(text);
}
