/** For this package's tests: an API server on a free port, on a clock of its own, with both clients. */
import type { KubeClient } from "@slipway/kube";
import { createHttpClient } from "@slipway/kube/node";
import { createSeededRandom, silentLogger } from "@slipway/std";
import type { VirtualClock } from "@slipway/std/node";
import { createVirtualClock } from "@slipway/std/node";
import type { ApiServer, ApiServerOptions } from "./api-server.ts";
import { createApiServer } from "./api-server.ts";

export interface TestApiServer {
  readonly server: ApiServer;
  readonly clock: VirtualClock;
  readonly url: string;
  /** In process. */
  readonly local: KubeClient;
  /** Over HTTP. */
  readonly remote: KubeClient;
  /** A request with everything spelled out; the answer's body is parsed when it is JSON. */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>;
  stop(): Promise<void>;
}

export interface SendOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Text and bytes go as they are, everything else as JSON. */
  readonly body?: unknown;
}

export interface Answer {
  readonly code: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; `undefined` when it is not JSON. */
  readonly json: Record<string, unknown> | undefined;
}

export async function startTestApiServer(options: Partial<ApiServerOptions> = {}): Promise<TestApiServer> {
  const clock = createVirtualClock({ startMs: Date.parse("2026-01-02T03:04:05Z") });
  const server = createApiServer({ clock, random: createSeededRandom(1), logger: silentLogger, activity: clock.activity, ...options });
  const { url } = await server.listen({ host: "127.0.0.1", port: 0 });
  const remote = createHttpClient({ server: url, credentials: options.token === undefined ? {} : { token: options.token } });
  return {
    server,
    clock,
    url,
    local: server.client,
    remote,
    async send(method, path, { headers = {}, body } = {}): Promise<Answer> {
      const raw =
        body === undefined
          ? undefined
          : typeof body === "string" || body instanceof Uint8Array
            ? Buffer.from(body as string)
            : JSON.stringify(body);
      const response = await fetch(url + path, {
        method,
        headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        ...(raw === undefined ? {} : { body: raw }),
      });
      const text = await response.text();
      let json: Record<string, unknown> | undefined;
      try {
        json = JSON.parse(text) as Record<string, unknown>;
      } catch {
        // Plain text: logs, health.
      }
      return { code: response.status, headers: response.headers, text, json };
    },
    async stop(): Promise<void> {
      await remote.close();
      await server.stop();
      clock.stop();
    },
  };
}
