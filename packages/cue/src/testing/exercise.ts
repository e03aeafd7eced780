/** Does with a program whatever the public API allows. Whoever calls it watches for exceptions and for the time. */
import type { Budget, Value } from "../api.ts";
import { compile } from "../compile/program.ts";
import { printValue } from "../print/index.ts";
import { parseFile } from "../syntax/parser.ts";

/** Small enough that a program within it ends well within a second. */
export const smallBudget: Budget = { steps: 100_000, depth: 300 };

/** What came out: to compare two runs of one program. */
export interface Outcome {
  readonly parsed: boolean;
  readonly json: string | undefined;
  readonly errors: readonly string[];
}

export function exercise(text: string, budget: Budget = smallBudget): Outcome {
  const parsed = parseFile(text, "in.cue");
  const program = compile([{ filename: "in.cue", text }], { budget, unusedImports: "ignore" });
  const value = program.instance();
  const json = value.toJson();
  const errors = [...program.diagnostics, ...(json.ok ? [] : json.errors)].map((each) => each.message);
  value.error();
  value.validate();
  value.validate({ concrete: true });
  value.describe();
  for (const style of ["eval", "def", "export"] as const) printValue(value, { style, errorsAsValues: true });
  walk(value, 3);
  value.unify(value).toJson();
  value.subsumes(value);
  value.fill(["a"], { b: [1, "x", null] }).toJson();
  value.fill(["parameter"], value).toJson();
  value.evaluate("a").toJson();
  return { parsed: parsed.diagnostics.length === 0, json: json.ok ? JSON.stringify(json.value) : undefined, errors };
}

function walk(value: Value, depth: number): void {
  value.kind();
  value.incompleteKind();
  value.isConcrete();
  value.isClosed();
  value.default().exists();
  value.docs();
  value.attributes();
  value.allows("zz");
  value.allows(0);
  if (depth === 0) return;
  for (const field of value.fields({ optional: true, hidden: true, definitions: true }).slice(0, 20)) walk(field.value, depth - 1);
  for (const element of value.elements().slice(0, 5)) walk(element, depth - 1);
}
