/** `subsumes`: whether the field `a` subsumes the field `b` of a source, in the mode the vector names. */
import type { Value } from "@slipway/cue";
import { moduleAt } from "./landing.ts";
import type { Expectation, Verdict } from "./vectors.ts";
import { failed, passed, unsupported } from "./vectors.ts";

interface Subsume {
  readonly subsumes: (a: Value, b: Value, mode: string) => boolean;
}

const subsume = await moduleAt<Subsume>("subsume/index.ts");
const modes: Readonly<Record<string, string>> = { subNone: "none", subFinal: "final", subSchema: "schema", subDefaults: "defaults" };

export function judgeSubsumption(root: Value, expected: Expectation): Verdict {
  if (subsume?.subsumes === undefined) return unsupported("no subsumption by mode yet");
  const mode = modes[expected.mode ?? "subNone"] ?? "none";
  const got = subsume.subsumes(root.lookup("a"), root.lookup("b"), mode);
  return got === expected.subsumes ? passed : failed(`want ${String(expected.subsumes)} (${mode}); got ${got}`);
}
