/** Errors of loading, in the shape of all others. */
import type { SourcePosition } from "@slipway/std";
import type { CueError } from "../api.ts";

/** A message that may have several lines, and where it comes from. */
export function loadError(message: string, at: readonly SourcePosition[] = []): CueError {
  return {
    code: "CUE_LOAD",
    severity: "error",
    category: "eval",
    path: [],
    at,
    message,
    ...(at[0] === undefined ? {} : { position: at[0] }),
  };
}
