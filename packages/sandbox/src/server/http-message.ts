/** Requests and answers of the API server, apart from how they travel: over a socket or in process. */
import type { KubeStatus } from "@slipway/kube";
import { apiStatusOf } from "@slipway/kube";
import type { Logger } from "@slipway/std";
import { errorMessage } from "@slipway/std";

export interface ApiRequest {
  readonly method: string;
  /** Path without the query, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Aborts when the client goes away or the server stops. */
  readonly signal: AbortSignal;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Several `Warning` headers. */
  readonly warnings: readonly string[];
  /** Text, or pieces of text as they come; a stream ends when the iterator does. */
  readonly body: string | Uint8Array | AsyncIterable<string>;
  /** A stream that lasts: watches and followed logs. They are not work in flight. */
  readonly longRunning?: boolean;
}

export const jsonType: string = "application/json";

export function textResponse(
  body: string | Uint8Array,
  type: string = jsonType,
  status = 200,
  warnings: readonly string[] = [],
): ApiResponse {
  return { status, headers: { "content-type": type }, warnings, body };
}

export function jsonResponse(value: object, status = 200, warnings: readonly string[] = []): ApiResponse {
  return textResponse(JSON.stringify(value), jsonType, status, warnings);
}

/** The Status answer of a failure; what is not an API refusal is a bug of the server and logged as one. */
export function errorResponse(error: unknown, log: Logger, warnings: readonly string[] = []): ApiResponse {
  let status: KubeStatus | undefined = apiStatusOf(error);
  if (status === undefined) {
    log.error("request failed", { error: errorMessage(error), stack: error instanceof Error ? error.stack : undefined });
    status = {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: `Internal error occurred: ${errorMessage(error)}`,
      reason: "InternalError",
      code: 500,
    };
  }
  return jsonResponse(status, status.code ?? 500, warnings);
}
