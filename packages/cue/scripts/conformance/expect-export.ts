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
  const got = printing?.exportMode?.(value, vector.mode ?? "");
  if (got === undefined) return unsupported(`values are not written in mode ${vector.mode ?? ""} yet`);
  return got.trim() === (vector.expect.text ?? "").trim()
    ? passed
    : failed(`want ${short(vector.expect.text, 300)}; got ${short(got, 300)}`);
}
