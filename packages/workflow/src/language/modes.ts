import type { ActionMode } from "../model/step-run.ts";

const observing: ReadonlySet<string> = new Set([
  "kube.read",
  "kube.list",
  "op.read",
  "op.list",
  "util.string",
  "op.string",
  "util.log",
  "op.log",
]);
const applying: ReadonlySet<string> = new Set(["kube.apply", "op.apply"]);

/** Reads are made anew on each visit; what has an effect outside happens once. */
export function modeOf(provider: string, fn: string): ActionMode {
  const name = `${provider}.${fn}`;
  if (observing.has(name)) return "observe";
  return applying.has(name) ? "apply" : "effect";
}
