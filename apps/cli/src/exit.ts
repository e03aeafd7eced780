/** How a command's failure reaches the shell: one message and an exit status. */
import { apiStatusOf } from "@slipway/kube";
import { errorMessage, isAppError } from "@slipway/std";

/** The user asked for something that cannot be done as asked; the message says what to do. Exit status 1. */
export class CommandError extends Error {}

/** One line for a person, or several for a bug (which shows its stack, so that it can be reported). */
export function describeFailure(error: unknown): string {
  if (error instanceof CommandError) return `error: ${error.message}`;
  const status = apiStatusOf(error);
  if (status !== undefined) return `error from server (${status.reason ?? "Unknown"}): ${status.message ?? ""}`;
  if (isAppError(error)) return `error: ${error.message}`;
  const stack = error instanceof Error ? (error.stack ?? error.message) : errorMessage(error);
  return `internal error, please report it:\n${stack}`;
}
