/** The API server on a socket: plain HTTP/1.1, gzip for large answers, streaming with back-pressure. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { once } from "node:events";
import { gzip } from "node:zlib";
import type { Logger } from "@slipway/std";
import { errorMessage, isAbortError } from "@slipway/std";
import { bodyTooLarge } from "./api-errors.ts";
import type { ApiResponse } from "./http-message.ts";
import { errorResponse } from "./http-message.ts";
import type { RequestHandler } from "./request-handler.ts";

export interface ListenOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

export interface HttpListener {
  readonly url: string;
  /** Ends streams and idle connections and waits for the answers under way. */
  close(): Promise<void>;
}

/** As etcd and the real server limit objects. */
const bodyLimitBytes = 3 * 1024 * 1024;
const gzipThreshold = 128 * 1024;

export async function listen(handler: RequestHandler, options: ListenOptions, log: Logger): Promise<HttpListener> {
  const stopping = new AbortController();
  const sockets = new Set<Socket>();
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
    serve(handler, request, response, stopping.signal, log).catch((error: unknown) => {
      if (!isAbortError(error)) log.warn("answering a request failed", { error: errorMessage(error) });
      response.destroy();
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    // Small watch events must not wait for company.
    socket.setNoDelay(true);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(options.port, options.host);
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    url: `http://${host}:${address.port}`,
    async close(): Promise<void> {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      stopping.abort(new DOMException("the server stops", "AbortError"));
      server.closeIdleConnections();
      const force = setTimeout(() => sockets.forEach((socket) => socket.destroy()), 1000);
      await closed;
      clearTimeout(force);
    },
  };
}

async function serve(
  handler: RequestHandler,
  request: IncomingMessage,
  response: ServerResponse,
  stopping: AbortSignal,
  log: Logger,
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort(new DOMException("the client went away", "AbortError")));
  let answer: ApiResponse;
  try {
    const body = await readBody(request);
    const url = request.url ?? "/";
    const queryAt = url.indexOf("?");
    const headers: Record<string, string | undefined> = {};
    for (const [name, value] of Object.entries(request.headers)) headers[name] = Array.isArray(value) ? value.join(", ") : value;
    answer = await handler({
      method: request.method ?? "GET",
      path: queryAt < 0 ? url : url.slice(0, queryAt),
      query: new URLSearchParams(queryAt < 0 ? "" : url.slice(queryAt + 1)),
      headers,
      body,
      signal: AbortSignal.any([gone.signal, stopping]),
    });
  } catch (error) {
    answer = errorResponse(error, log);
  }
  await send(request, response, answer, gone.signal);
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // The rest is read and dropped, so that the client gets to see the answer.
    if (size <= bodyLimitBytes) chunks.push(chunk);
  }
  if (size > bodyLimitBytes) throw bodyTooLarge(bodyLimitBytes);
  return Buffer.concat(chunks);
}

async function send(request: IncomingMessage, response: ServerResponse, answer: ApiResponse, gone: AbortSignal): Promise<void> {
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  response.setHeader("cache-control", "no-cache, private");
  if (answer.warnings.length > 0) response.setHeader("warning", answer.warnings.map(formatWarning));
  response.statusCode = answer.status;
  if (typeof answer.body === "string" || answer.body instanceof Uint8Array) {
    let body: Uint8Array = typeof answer.body === "string" ? Buffer.from(answer.body) : answer.body;
    if (body.length > gzipThreshold && /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""))) {
      body = await compress(body);
      response.setHeader("content-encoding", "gzip");
      response.setHeader("vary", "Accept-Encoding");
    }
    response.setHeader("content-length", body.length);
    response.end(request.method === "HEAD" ? undefined : body);
    return;
  }
  response.flushHeaders();
  for await (const chunk of answer.body) {
    if (gone.aborted) break;
    // A client that goes away never drains: the signal ends the wait.
    if (chunk !== "" && !response.write(chunk)) await once(response, "drain", { signal: gone });
  }
  response.end();
}

function compress(body: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => gzip(body, { level: 1 }, (error, result) => (error === null ? resolve(result) : reject(error))));
}

/** RFC 7234 `warn-text`: quoted, printable, at most what a header may hold. */
function formatWarning(text: string): string {
  const printable = [...text]
    .filter((char) => char >= " " && char <= "~")
    .join("")
    .slice(0, 4096);
  return `299 - "${printable.replace(/(["\\])/g, "\\$1")}"`;
}
