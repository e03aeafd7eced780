import { AppError, errorMessage } from "@slipway/std";

/** The port that a user asked for cannot be had. */
export function listenError(what: string, host: string, port: number, cause: unknown): AppError {
  const busy = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
  const why = busy ? "the port is in use" : errorMessage(cause);
  return new AppError("SANDBOX_LISTEN", `${what} cannot listen on ${host}:${port}: ${why}; choose another port, or 0 for any free one`, {
    retry: "never",
    cause,
  });
}
