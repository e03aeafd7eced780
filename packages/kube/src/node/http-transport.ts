/**
 * One API server over pooled keep-alive connections: credentials, TLS, gzip, and failures as `KUBE_TRANSPORT`.
 *
 * Two undici pools: short requests share a bounded one; each watch holds a connection of the other, which has no limit
 * and no idle timeout. HTTP/1.1 only. When the client certificate changes (exec plugin), new pools take over and the old
 * ones drain.
 */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Readable } from "node:stream";
import { AppError, isAppError } from "@slipway/std";
import { Pool } from "undici";
import type { Dispatcher } from "undici";
import { abortable } from "./abortable.ts";
import type { ClusterConfig, CredentialSource, Credentials } from "./cluster-config.ts";
import { credentialSource } from "./cluster-config.ts";

const gunzipAsync = promisify(gunzip);

export interface TransportRequest {
  readonly method: string;
  /** Path and query below the server's prefix. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface TransportResponse {
  readonly status: number;
  /** Lower-case names; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface TransportStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

export interface Transport {
  /** The whole answer, whatever its status. Throws `KUBE_TRANSPORT`, or the signal's reason. */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** The answer as it comes; the caller destroys `body`. */
  stream(request: TransportRequest): Promise<TransportStream>;
  /** Ends streams, lets short requests finish, closes connections. */
  close(): Promise<void>;
}

export interface TransportOptions {
  readonly userAgent: string;
  /** Connections for short requests. */
  readonly maxConnections: number;
  /** Longest wait for the head of an answer, milliseconds of real time. */
  readonly headersTimeoutMs: number;
}

interface Pools {
  readonly identity: string;
  readonly requests: Pool;
  readonly watches: Pool;
}

export function createTransport(config: ClusterConfig, options: TransportOptions): Transport {
  const base = serverUrl(config.server);
  const prefix = base.pathname.replace(/\/+$/, "");
  const credentials: CredentialSource = credentialSource(config.credentials);
  const draining = new Set<Promise<void>>();
  const streams = new Set<Readable>();
  let pools: Pools | undefined;
  let closed = false;

  const poolsFor = (who: Credentials): Pools => {
    const identity = `${who.certificate ?? ""}\n${who.key ?? ""}`;
    if (pools !== undefined && (pools.identity === identity || closed)) return pools;
    if (pools !== undefined) drain(pools);
    const shared = { connect: connectOptions(config, who), allowH2: false, headersTimeout: options.headersTimeoutMs };
    pools = {
      identity,
      requests: new Pool(base.origin, { ...shared, connections: options.maxConnections, keepAliveTimeout: 30_000 }),
      watches: new Pool(base.origin, { ...shared, bodyTimeout: 0, keepAliveTimeout: 1_000 }),
    };
    return pools;
  };
  const drain = (old: Pools): void => {
    const ended = Promise.all([old.requests.close(), old.watches.close()]).then(() => {
      draining.delete(ended);
    });
    draining.add(ended);
  };

  const dispatch = async (request: TransportRequest, kind: "requests" | "watches"): Promise<Dispatcher.ResponseData> => {
    if (closed) throw transportError(request, base, new Error("the client is closed"));
    for (let attempt = 0; ; attempt++) {
      const who = await abortable(credentials.current(), request.signal);
      const response = await guard(request, base, () =>
        poolsFor(who)[kind].request({
          method: request.method as Dispatcher.HttpMethod,
          path: prefix + request.path,
          headers: { "user-agent": options.userAgent, accept: "application/json", ...authorization(who), ...request.headers },
          ...(request.body === undefined ? {} : { body: request.body }),
          ...(request.signal === undefined ? {} : { signal: request.signal }),
        }),
      );
      // A 401 means that nothing was done, so any verb may go again with fresh credentials.
      if (response.statusCode !== 401 || attempt > 0 || !credentials.invalidate(who)) return response;
      await guard(request, base, () => response.body.dump());
    }
  };

  return {
    async send(request) {
      const response = await dispatch({ ...request, headers: { "accept-encoding": "gzip", ...request.headers } }, "requests");
      const headers = plainHeaders(response.headers);
      const bytes = await guard(request, base, () => response.body.arrayBuffer());
      const decoded = headers["content-encoding"] === "gzip" ? await guard(request, base, () => gunzipAsync(bytes)) : bytes;
      return { status: response.statusCode, headers, body: new TextDecoder().decode(decoded) };
    },
    async stream(request) {
      const response = await dispatch(request, "watches");
      streams.add(response.body);
      response.body.once("close", () => streams.delete(response.body));
      return { status: response.statusCode, headers: plainHeaders(response.headers), body: response.body };
    },
    async close() {
      if (!closed && pools !== undefined) drain(pools);
      closed = true;
      for (const stream of streams) stream.destroy();
      await Promise.all(draining);
    },
  };

  async function guard<T>(request: TransportRequest, origin: URL, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (request.signal?.aborted === true) throw request.signal.reason;
      throw transportError(request, origin, error);
    }
  }
}

function serverUrl(server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new AppError("KUBE_CONFIG", `server ${JSON.stringify(server)} is not an http or https URL`, { retry: "never" });
  }
  return url;
}

function connectOptions(config: ClusterConfig, who: Credentials): NonNullable<Pool.Options["connect"]> {
  const tls = config.tls;
  return {
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls?.insecureSkipVerify === true ? { rejectUnauthorized: false } : {}),
    ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
    ...(who.certificate === undefined ? {} : { cert: who.certificate }),
    ...(who.key === undefined ? {} : { key: who.key }),
  };
}

function authorization(who: Credentials): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(who.headers ?? {})) headers[name] = typeof value === "string" ? value : [...value];
  if (who.token !== undefined && who.token !== "") headers["authorization"] = `Bearer ${who.token}`;
  else if (who.username !== undefined)
    headers["authorization"] = `Basic ${Buffer.from(`${who.username}:${who.password ?? ""}`).toString("base64")}`;
  return headers;
}

function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
}

/** No (complete) answer came. The cause is undici's or Node's own error. */
export function transportError(
  request: { readonly method: string; readonly path: string },
  origin: URL | undefined,
  cause: unknown,
): AppError {
  if (isAppError(cause)) return cause;
  const path = request.path.split("?")[0] ?? "";
  return new AppError("KUBE_TRANSPORT", `${request.method} ${origin === undefined ? "" : origin.origin}${path}: ${reasonOf(cause)}`, {
    retry: "backoff",
    cause,
  });
}

/** Node's AggregateError of a failed connect has no message of its own; its parts have. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return cause.errors.map(reasonOf).join("; ");
  if (!(cause instanceof Error)) return String(cause);
  if (cause.message !== "") return cause.message;
  return "code" in cause ? String(cause.code) : cause.name;
}
