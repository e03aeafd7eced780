import type { JsonObject } from "@slipway/std";
import type { ActionMode } from "../model/step-run.ts";

const observing: ReadonlySet<string> = new Set(["kube.read", "kube.list", "config.read", "config.list", "metrics.promCheck", "util.log"]);
const applying: ReadonlySet<string> = new Set(["kube.apply", "kube.apply-in-parallel", "kube.patch"]);

/** Reads are made anew on each visit; what has an effect outside happens once. */
export function modeOf(provider: string, fn: string, params: JsonObject): ActionMode {
  const name = `${provider}.${fn}`;
  // A GET changes nothing, and templates poll with it.
  if (observing.has(name) || (name === "http.do" && params["method"] === "GET")) return "observe";
  return applying.has(name) ? "apply" : "effect";
}
