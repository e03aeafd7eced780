/** `http.#HTTPDo`: one request, whatever its status; no answer is a failure of the step (contract §3.8). */
import type { KubeClient } from "@slipway/kube";
import type { JsonObject } from "@slipway/std";
import { AppError, errorMessage, parseGoDuration } from "@slipway/std";
import type { ActionHandler, PerformContext } from "../perform.ts";
import { notYet } from "../perform.ts";
import { describeFailure } from "../denied.ts";
import type { HttpMessage } from "./http-send.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { secretData } from "./secret-text.ts";
import { sendTracedHttp } from "./traced-http.ts";

interface Params {
  readonly method: string;
  readonly url: string;
  readonly request?: {
    readonly timeout?: string;
    readonly body?: string;
    readonly header?: Readonly<Record<string, string>>;
    readonly trailer?: Readonly<Record<string, string>>;
    readonly ratelimiter?: { readonly limit: number; readonly period: string };
    readonly headersFromSecret?: readonly { readonly header: string; readonly secret: string; readonly key: string }[];
  };
  readonly tls_config?: { readonly secret: string; readonly namespace?: string };
}

const defaultTimeout = "3s";

export function createHttpDo(limiter: RateLimiter): ActionHandler {
  return async ({ key, params }, context) => {
    const { method, url, request = {}, tls_config: tlsConfig } = params as unknown as Params;
    const { client, run, tracer, signal } = context;
    const timeoutMs = durationMs("timeout", request.timeout ?? defaultTimeout);
    if (request.ratelimiter !== undefined) limit(limiter, method, url, request.ratelimiter, context);
    const secret = await secretHeaders(client, run.namespace, request.headersFromSecret ?? [], signal);
    const tls = tlsConfig === undefined ? undefined : await tlsOf(client, run.namespace, tlsConfig, signal);
    const message: HttpMessage = {
      method,
      url,
      // The key is the same at every attempt, so that a service can tell a repetition.
      headers: { "Idempotency-Key": key, ...(request.header ?? { "Content-Type": "application/json" }), ...secret },
      trailers: request.trailer ?? {},
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(tls === undefined ? {} : { tls }),
    };
    try {
      const answer = await sendTracedHttp(tracer, message, timeoutMs, signal);
      return withoutSecrets({ ...answer }, Object.values(secret)) as JsonObject;
    } catch (cause) {
      signal.throwIfAborted();
      throw new AppError("WORKFLOW_HTTP", `${method} ${url}: ${errorMessage(cause)}`, { cause });
    }
  };
}

function durationMs(what: string, text: string): number {
  const ms = parseGoDuration(text);
  if (ms === undefined) throw new AppError("WORKFLOW_HTTP", `${what} ${text} is no duration; write 3s, 500ms or 1m`);
  return ms;
}

/** By method and address without the query, of all runs together. */
function limit(
  limiter: RateLimiter,
  method: string,
  url: string,
  { limit: most, period }: { readonly limit: number; readonly period: string },
  { clock }: PerformContext,
): void {
  const name = `${method}-${url.split("?")[0] ?? ""}`;
  if (!limiter.take(name, most, Math.max(1, durationMs("period", period)), clock)) throw notYet("request exceeds the rate limiter");
}

async function secretHeaders(
  client: KubeClient,
  namespace: string,
  wanted: readonly { readonly header: string; readonly secret: string; readonly key: string }[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const headers: Record<string, string> = {};
  for (const { header, secret, key } of wanted) {
    let data: Readonly<Record<string, string>>;
    try {
      data = await secretData(client, namespace, secret, signal);
    } catch (cause) {
      signal.throwIfAborted();
      const why = describeFailure(cause, ["get"]);
      throw new AppError("WORKFLOW_HTTP", `secret "${secret}" not found for header "${header}": ${why}`, { cause });
    }
    const value = data[key];
    if (value === undefined) throw new AppError("WORKFLOW_HTTP", `key "${key}" not found in secret "${secret}"`);
    headers[header] = value;
  }
  return headers;
}

/** Upstream keeps the PEM texts base64-encoded once more; both forms are read. */
async function tlsOf(
  client: KubeClient,
  runNamespace: string,
  config: { readonly secret: string; readonly namespace?: string },
  signal: AbortSignal,
): Promise<NonNullable<HttpMessage["tls"]>> {
  const slash = config.secret.indexOf("/");
  const namespace = slash > 0 ? config.secret.slice(0, slash) : (config.namespace ?? runNamespace);
  const name = config.secret.slice(slash + 1);
  const data = await secretData(client, namespace, name, signal);
  const pem = (key: string): string | undefined => {
    const text = data[key];
    return text === undefined || text.includes("-----BEGIN") ? text : Buffer.from(text, "base64").toString("utf8");
  };
  const [ca, cert, key] = [pem("ca.crt"), pem("client.crt"), pem("client.key")];
  if (ca === undefined && cert === undefined)
    throw new AppError("WORKFLOW_HTTP", `secret ${namespace}/${name} has neither ca.crt nor client.crt`);
  if ((cert === undefined) !== (key === undefined))
    throw new AppError("WORKFLOW_HTTP", `secret ${namespace}/${name} needs both client.crt and client.key, or neither`);
  return { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
}

/** A service that answers with what it was sent must not bring a secret into the run's data. */
function withoutSecrets(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === "string") return secrets.reduce((text, secret) => (secret === "" ? text : text.replaceAll(secret, "******")), value);
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutSecrets(item, secrets)]));
}
