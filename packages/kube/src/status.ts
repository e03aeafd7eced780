import type { RetryAdvice } from "@slipway/std";
import { AppError, isAppError } from "@slipway/std";

/** Kubernetes `metav1.Status`, the body of every failed request. */
export interface KubeStatus {
  kind?: "Status";
  apiVersion?: "v1";
  metadata?: object;
  status?: "Success" | "Failure";
  message?: string;
  /** `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, `Expired`, `TooManyRequests`, ... */
  reason?: string;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    causes?: { reason?: string; message?: string; field?: string }[];
    retryAfterSeconds?: number;
  };
  code?: number;
}

/** `code` of every AppError that carries an API server's answer; `details` is `{ status: KubeStatus }`. */
export const apiErrorCode = "KUBE_API";

/** The error a client throws for a non-2xx answer. Conflicts and client mistakes are not retried blindly. */
export function apiError(status: KubeStatus): AppError {
  const code = status.code ?? 500;
  const after = status.details?.retryAfterSeconds;
  let retry: RetryAdvice = "backoff";
  if (after !== undefined && after > 0) retry = { afterMs: after * 1000 };
  else if (code === 400 || code === 403 || code === 405 || code === 413 || code === 415 || code === 422) retry = "never";
  return new AppError(apiErrorCode, status.message ?? `the server answered ${code}`, { retry, details: { status } });
}

export function apiStatusOf(error: unknown): KubeStatus | undefined {
  return isAppError(error, apiErrorCode) ? (error.details["status"] as KubeStatus) : undefined;
}

export function isNotFound(error: unknown): boolean {
  return apiStatusOf(error)?.code === 404;
}
export function isConflict(error: unknown): boolean {
  const status = apiStatusOf(error);
  return status?.code === 409 && status.reason !== "AlreadyExists";
}
export function isAlreadyExists(error: unknown): boolean {
  return apiStatusOf(error)?.reason === "AlreadyExists";
}
/** 410: the resourceVersion or continue token is too old. */
export function isGone(error: unknown): boolean {
  const status = apiStatusOf(error);
  return status?.code === 410 || status?.reason === "Expired";
}
export function isInvalid(error: unknown): boolean {
  return apiStatusOf(error)?.code === 422;
}
