/** `fmt`: the formatter's text of one file. */
import type { File } from "@slipway/cue";
import { parseFile } from "@slipway/cue";
import { moduleAt } from "./landing.ts";
import type { Files, Vector, Verdict } from "./vectors.ts";
import { failed, passed, short, unsupported } from "./vectors.ts";

interface Format {
  readonly formatFile: (file: File, options: { readonly simplify?: boolean }) => string;
}

const format = await moduleAt<Format>("format/index.ts");

export function judgeFormat(files: Files, vector: Vector): Verdict {
  if (format?.formatFile === undefined) return unsupported("no formatter yet");
  const [entry] = Object.entries(files);
  const parsed = parseFile(entry?.[1] ?? "", entry?.[0] ?? "in.cue");
  const [problem] = parsed.diagnostics;
  if (problem !== undefined) return failed(`syntax error: ${problem.message}`);
  const got = format.formatFile(parsed.file, { simplify: vector.simplify === true });
  const want = vector.expect.text ?? "";
  return got === want || got === want.replace(/^\n$/, "") ? passed : failed(`want ${difference(want, got)}`);
}

function difference(want: string, got: string): string {
  const [wanted, gotten] = [want.split("\n"), got.split("\n")];
  const index = wanted.findIndex((line, at) => line !== gotten[at]);
  return `line ${index + 1} ${short(wanted[index] ?? "(end)")}; got ${short(gotten[index] ?? "(end)")}`;
}
