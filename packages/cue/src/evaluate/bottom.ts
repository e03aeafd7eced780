import type { CueError } from "../api.ts";
import type { SourcePosition } from "@slipway/std";

/** An error as a value. `incomplete` and `cycle` may be resolved by more data; everything else is final. */
export interface Bottom {
  readonly category: CueError["category"];
  readonly message: string;
  readonly at: readonly SourcePosition[];
  /** Labels from the root to where it happened. */
  readonly path: readonly string[];
}

export function isIncomplete(bottom: Bottom): boolean {
  return bottom.category === "incomplete" || bottom.category === "cycle";
}

export function toCueError(bottom: Bottom): CueError {
  return {
    code: `CUE_${bottom.category.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
    severity: "error",
    category: bottom.category,
    path: bottom.path,
    at: bottom.at,
    message: bottom.message,
  };
}
