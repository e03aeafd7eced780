/** `fmt`: the formatter's text of one file. */
import { formatSource } from "@slipway/cue/node";
import type { Files, Vector, Verdict } from "./vectors.ts";
import { failed, passed, short } from "./vectors.ts";

export function judgeFormat(files: Files, vector: Vector): Verdict {
  const [entry] = Object.entries(files);
  const formatted = formatSource(entry?.[0] ?? "in.cue", entry?.[1] ?? "", { simplify: vector.simplify === true });
  if (!formatted.ok) return failed(`syntax error: ${formatted.errors[0]?.message ?? ""}`);
  const got = formatted.text;
  const want = vector.expect.text ?? "";
  return got === want || got === want.replace(/^\n$/, "") ? passed : failed(`want ${difference(want, got)}`);
}

function difference(want: string, got: string): string {
  const [wanted, gotten] = [want.split("\n"), got.split("\n")];
  const index = wanted.findIndex((line, at) => line !== gotten[at]);
  return `line ${index + 1} ${short(wanted[index] ?? "(end)")}; got ${short(gotten[index] ?? "(end)")}`;
}
