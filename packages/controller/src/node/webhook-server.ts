/**
 * The HTTPS server that the API server calls: admission webhooks at their own paths, conversions at `/convert/<crd>`.
 *
 * A handler that throws answers 500, so that the webhook's `failurePolicy` decides; a refusal is an answer (200). This is
 * the place where bugs of handlers are caught.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server } from "node:https";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Logger, Span, Tracer } from "@slipway/std";
import { AppError, errorMessage, errorType, isAppError, noTracer } from "@slipway/std";
import type { AdmissionHandler, AdmissionWebhook, ConversionHandler } from "../types.ts";
import type { ServingCertificates } from "./certificates.ts";
import { reviewAdmission, reviewConversion } from "./review.ts";

export interface WebhookServerOptions {
  readonly webhooks: readonly AdmissionWebhook[];
  /** By CRD name. */
  readonly conversions: Readonly<Record<string, ConversionHandler>>;
  readonly certificates: ServingCertificates;
  /** What handlers get. */
  readonly context: Parameters<AdmissionHandler>[1];
  readonly logger: Logger;
  /** Records one span an admission request, as part of the trace that the API server names. Default: none. */
  readonly tracer?: Tracer;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Told while a request is being answered. */
  readonly activity?: { begin(): () => void };
}

export interface WebhookServer {
  readonly port: number;
  /** For connections from now on. */
  replaceCertificates(certificates: ServingCertificates): void;
  /** Takes no new connection and waits for the requests in work; with `abrupt` cuts them. */
  stop(options?: { readonly abrupt?: boolean }): Promise<void>;
}

/** Path of a CRD's conversion webhook. */
export function conversionPath(crdName: string): string {
  return `/convert/${crdName}`;
}

/** The API server's own limit for an object is 3 MiB in etcd requests; a review holds two of them. */
const longestBodyBytes = 8 * 1024 * 1024;

type Route = (body: unknown) => Promise<object> | object;

/** Throws `WEBHOOK_LISTEN` when the address cannot be used. */
export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const routes = routesOf(options);
  const { certificates, logger, tracer = noTracer } = options;
  const server = createServer({ cert: certificates.certificate, key: certificates.key, minVersion: "TLSv1.2" }, (request, response) => {
    const end = options.activity?.begin();
    void answer(request, response, { routes, logger, tracer }).finally(end);
  });
  const connections = trackConnections(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(new AppError("WEBHOOK_LISTEN", `webhook server cannot listen: ${cause.message}`, { cause })));
    server.listen(options.port ?? 0, options.host ?? "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    replaceCertificates: (next) => server.setSecureContext({ cert: next.certificate, key: next.key, minVersion: "TLSv1.2" }),
    stop: (stopOptions = {}) =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        connections.close(stopOptions.abrupt === true ? "all" : "idle");
      }),
  };
}

/**
 * Connections that can be closed when nothing is answered on them. Node's own `closeIdleConnections` leaves those that have
 * not sent a request yet, of which an API server keeps some: they would hold a stopping process for a minute and more.
 */
function trackConnections(server: Server): { close(which: "idle" | "all"): void } {
  /** Sockets in their TLS handshake by peer; the handshake ends with another socket object. */
  const handshakes = new Map<string, Socket>();
  /** Number of requests in work. */
  const requests = new Map<Socket, number>();
  const peer = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
  let closing = false;
  server.on("connection", (socket: Socket) => {
    const key = peer(socket);
    handshakes.set(key, socket);
    socket.on("close", () => handshakes.delete(key));
  });
  server.on("secureConnection", (socket: Socket) => {
    handshakes.delete(peer(socket));
    requests.set(socket, 0);
    socket.on("close", () => requests.delete(socket));
  });
  server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    requests.set(socket, (requests.get(socket) ?? 0) + 1);
    response.on("close", () => {
      const left = (requests.get(socket) ?? 1) - 1;
      requests.set(socket, left);
      if (closing && left === 0) socket.end();
    });
  });
  return {
    close: (which) => {
      closing = true;
      for (const socket of handshakes.values()) socket.destroy();
      for (const [socket, count] of requests) if (which === "all" || count === 0) socket.destroy();
    },
  };
}

function routesOf(options: WebhookServerOptions): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>();
  for (const { path, handler } of options.webhooks) routes.set(path, (body) => reviewAdmission(body, handler, options.context));
  for (const [name, convert] of Object.entries(options.conversions))
    routes.set(conversionPath(name), (body) => reviewConversion(body, convert));
  return routes;
}

interface Answering {
  readonly routes: ReadonlyMap<string, Route>;
  readonly logger: Logger;
  readonly tracer: Tracer;
}

async function answer(request: IncomingMessage, response: ServerResponse, { routes, logger, tracer }: Answering): Promise<void> {
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  const reply = (status: number, body: string, type: string): void => {
    response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
    response.end(body);
  };
  const route = routes.get(path);
  if (route === undefined) return reply(404, `no webhook at ${path}\n`, "text/plain");
  if (request.method !== "POST") return reply(405, "webhooks take POST\n", "text/plain");
  const { traceparent } = request.headers;
  const attributes = { "http.request.method": "POST", "url.scheme": "https", "url.path": path };
  const options = { name: `POST ${path}`, kind: "server" as const, attributes };
  // Conversions are asked for at every read of an older version: they would be most of all spans, and say nothing.
  const recorder = path.startsWith(conversionPath("")) ? noTracer : tracer;
  await recorder.root(typeof traceparent === "string" ? { ...options, traceparent } : options, async (span: Span) => {
    try {
      reply(200, JSON.stringify(await route(await readJson(request))), "application/json");
    } catch (error) {
      const refused = isAppError(error, "WEBHOOK_REQUEST");
      if (!refused)
        logger.error("webhook failed", { path, error: errorMessage(error), stack: isAppError(error) ? undefined : (error as Error).stack });
      if (!response.headersSent) reply(refused ? 400 : 500, `${errorMessage(error)}\n`, "text/plain");
      if (!refused) span.fail(errorType(error));
    }
    span.set({ "http.response.status_code": response.statusCode });
  });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > longestBodyBytes)
      throw new AppError("WEBHOOK_REQUEST", `the body is longer than ${longestBodyBytes} bytes`, { retry: "never" });
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown;
  } catch (cause) {
    throw new AppError("WEBHOOK_REQUEST", "the body is not JSON", { retry: "never", cause });
  }
}
