/** Subsumption of API values. */
import type { SubsumptionMode, Value } from "../api.ts";
import { CueValue } from "../value/cue-value.ts";

/** `a.subsumes(b, {mode})`, as a function. */
export function subsumes(a: Value, b: Value, mode: SubsumptionMode): boolean {
  return a instanceof CueValue && a.subsumes(b, { mode });
}
