/** `report`: the text of all errors of a file. The text decides; messages without positions are counted apart. */
import type { CueError, Program, Value } from "@slipway/cue";
import { moduleAt } from "./landing.ts";
import type { Verdict } from "./vectors.ts";
import { failed, short, unsupported } from "./vectors.ts";

interface Report {
  readonly reportErrors: (errors: readonly CueError[], options: { readonly cwd?: string; readonly codes?: boolean }) => string;
}

const report = (await moduleAt<Report>("report/index.ts")) ?? (await moduleAt<Report>("node/language.ts"));

/** Reports with codes tell every value with an error, those that more data may mend included. */
const collect = await moduleAt<{ readonly collectErrors: (value: Value) => readonly CueError[] }>("report/collect.ts");

export function judgeReport(program: Program, root: Value, expected: string): Verdict {
  if (report?.reportErrors === undefined) return unsupported("errors are not reported as text yet");
  const found = program.diagnostics.filter((each): each is CueError => "category" in each);
  const codes = /^\[[a-z_]+\] /.test(expected);
  const all = codes ? (collect?.collectErrors?.(root) ?? []) : root.validate();
  const errors = found.length > 0 ? found : all;
  const got = report.reportErrors(errors, { cwd: "", codes });
  const positions = got === expected;
  // Without positions: the same messages of the same fields in the same order.
  if (messages(got) !== messages(expected)) return { ...failed(`want ${short(expected, 300)}; got ${short(got, 300)}`), positions };
  return positions
    ? { outcome: "passed", positions }
    : { ...failed(`positions differ: ${short(firstDifference(expected, got), 300)}`), positions };
}

function messages(text: string): string {
  return text
    .split("\n")
    .filter((line) => !/^\s+\.?\/?[^ ]*:\d+:\d+$/.test(line))
    .map((line) => line.replace(/:$/, ""))
    .join("\n");
}

function firstDifference(expected: string, got: string): string {
  const [want, have] = [expected.split("\n"), got.split("\n")];
  const index = want.findIndex((line, at) => line !== have[at]);
  return `line ${index + 1}: want ${want[index] ?? "nothing"}; got ${have[index] ?? "nothing"}`;
}
