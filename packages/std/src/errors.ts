/**
 * Operational failures (`AppError`) and bugs (`invariant`, `assertNever`). User-data problems are `Diagnostic` values,
 * not errors. Bugs are caught in three places only: the reconcile loop, the HTTP handler and the CLI's main.
 */

/** What a caller may do about an operational failure. */
export type RetryAdvice = "backoff" | "never" | { readonly afterMs: number };

export interface AppErrorOptions {
  readonly retry?: RetryAdvice;
  readonly cause?: unknown;
  /** Extra facts for logs and callers; never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const brand = Symbol.for("slipway.dev/AppError");

/** An operational failure. `code` is stable and what control flow reads; `message` is for people. */
export class AppError extends Error {
  readonly code: string;
  /** Default `backoff`. */
  readonly retry: RetryAdvice;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.retry = options.retry ?? "backoff";
    this.details = options.details ?? {};
    Object.defineProperty(this, brand, { value: true });
  }
}

/** True for any copy of the package: the brand is a registered symbol, not the class identity. */
export function isAppError(value: unknown, code?: string): value is AppError {
  if (typeof value !== "object" || value === null || !(brand in value)) return false;
  return code === undefined || (value as { code?: unknown }).code === code;
}

/** States what must hold; a violation is a bug in Slipway, never bad input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant violated: ${message}`);
}

export function assertNever(value: never): never {
  throw new Error(`unreachable value: ${JSON.stringify(value)}`);
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What kind of error it is, without its text: its code (of an AppError, of the system), else the name of its class. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

/** True when the failure is only a cancelled signal. */
export function isAbortError(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || ("code" in error && error.code === "ABORT_ERR"));
}
