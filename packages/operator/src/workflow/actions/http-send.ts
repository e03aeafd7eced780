/**
 * One HTTP request with what `fetch` has not: client certificates, trailers, an answer of limited size. Redirects are
 * followed as Go's client does: ten at most, 307 and 308 with method and body, and headers for the first host only.
 */
import type { IncomingMessage, OutgoingHttpHeaders, RequestOptions } from "node:http";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

export interface HttpMessage {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly trailers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** PEM. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

export interface HttpAnswer {
  readonly statusCode: number;
  readonly header: Readonly<Record<string, readonly string[]>>;
  readonly trailer: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
}

const maxRedirects = 10;
/** The answer of a request that changes something is kept in the context ConfigMap, which holds 1 MiB. */
const maxBodyBytes = 256 * 1024;

/** Rejects when the answer is not complete after `timeoutMs`. */
export async function sendHttp(message: HttpMessage, timeoutMs: number, signal: AbortSignal): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await follow(message, AbortSignal.any([signal, timeout]));
  } catch (cause) {
    if (timeout.aborted) throw new Error(`no answer within ${String(timeoutMs / 1000)} s`, { cause });
    throw cause;
  }
}

async function follow(message: HttpMessage, signal: AbortSignal): Promise<HttpAnswer> {
  let next = message;
  for (let redirects = 0; ; redirects++) {
    const answer = await once(next, signal);
    const location = answer.header["location"]?.[0];
    if (location === undefined || ![301, 302, 303, 307, 308].includes(answer.statusCode)) return answer;
    if (redirects >= maxRedirects) throw new Error(`stopped after ${String(maxRedirects)} redirects`);
    const url = new URL(location, next.url);
    const headers = url.host === new URL(next.url).host ? next.headers : {};
    const { method, body } = next;
    const again = answer.statusCode >= 307 ? { method, ...(body === undefined ? {} : { body }) } : { method: "GET" };
    next = { url: url.href, headers, trailers: {}, ...again, ...(message.tls === undefined ? {} : { tls: message.tls }) };
  }
}

async function once({ method, url, headers, trailers, body, tls }: HttpMessage, signal: AbortSignal): Promise<HttpAnswer> {
  const { protocol } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:")
    throw new Error(`unsupported protocol scheme ${JSON.stringify(protocol.slice(0, -1))}`);
  const hasTrailers = Object.keys(trailers).length > 0;
  const sent: OutgoingHttpHeaders = { ...headers };
  if (hasTrailers) Object.assign(sent, { Trailer: Object.keys(trailers).join(", "), "Transfer-Encoding": "chunked" });
  else if (body !== undefined) sent["Content-Length"] = Buffer.byteLength(body);
  // A connection of its own: one that the other side is about to close must not fail a request that cannot be repeated.
  const options: RequestOptions = { method, headers: sent, signal, agent: false };
  return await new Promise((resolve, reject) => {
    const answered = (response: IncomingMessage): void => void collect(response).then(resolve, reject);
    const request = protocol === "https:" ? httpsRequest(url, { ...options, ...tls }, answered) : httpRequest(url, options, answered);
    request.on("error", reject);
    if (body !== undefined) request.write(body);
    if (hasTrailers) request.addTrailers({ ...trailers });
    request.end();
  });
}

async function collect(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new Error(`the answer is larger than ${String(maxBodyBytes / 1024)} KiB`);
    chunks.push(chunk);
  }
  return {
    statusCode: response.statusCode ?? 0,
    header: listed(response.headersDistinct),
    trailer: listed(response.trailersDistinct),
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

function listed(headers: NodeJS.Dict<string[]>): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values ?? []]));
}
