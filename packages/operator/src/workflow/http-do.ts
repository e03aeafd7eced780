/** `http.#HTTPDo`: one request, whatever its status; no answer is a failure of the step (contract §3.8). */
import type { JsonObject } from "@slipway/std";
import { AppError, errorMessage, parseGoDuration } from "@slipway/std";
import type { ActionHandler } from "./perform.ts";

const defaultTimeoutMs = 3000;

export const httpDo: ActionHandler = async ({ key, params }, { signal }) => {
  const { method, url, request } = params as unknown as {
    readonly method: string;
    readonly url: string;
    readonly request?: { readonly timeout?: string; readonly body?: string; readonly header?: Record<string, string> };
  };
  const timeoutMs = request?.timeout === undefined ? defaultTimeoutMs : parseGoDuration(request.timeout);
  if (timeoutMs === undefined)
    throw new AppError("WORKFLOW_HTTP", `timeout ${request?.timeout ?? ""} is no duration; write 3s, 500ms or 1m`);
  const headers = request?.header ?? { "Content-Type": "application/json" };
  try {
    const answer = await fetch(url, {
      method,
      // The same at every attempt, so that a service can tell a repetition.
      headers: { "Idempotency-Key": key, ...headers },
      ...(request?.body === undefined ? {} : { body: request.body }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const header: JsonObject = {};
    for (const [name, value] of answer.headers) header[name] = [value];
    return { body: await answer.text(), header, statusCode: answer.status };
  } catch (error) {
    signal.throwIfAborted();
    throw new AppError("WORKFLOW_HTTP", `${method} ${url}: ${errorMessage(error instanceof Error ? (error.cause ?? error) : error)}`, {
      cause: error,
    });
  }
};
