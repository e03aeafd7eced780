/** Ends a command with what is printed to standard error. */
import type { CueError } from "../api.ts";

export class CommandFailure extends Error {
  readonly errors: readonly CueError[];
  /** Printed before the errors. */
  readonly header: string;

  constructor(errors: readonly CueError[] | string, header = "") {
    super(typeof errors === "string" ? errors : (errors[0]?.message ?? ""));
    this.errors =
      typeof errors === "string"
        ? [{ code: "CUE_COMMAND", severity: "error", category: "eval", path: [], at: [], message: errors }]
        : errors;
    this.header = header;
  }
}
