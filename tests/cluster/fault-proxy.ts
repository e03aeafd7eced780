/** A proxy in front of the API server that records what passes and does to it what networks and servers do. */
import { once } from "node:events";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request as send } from "node:https";
import type { AddressInfo } from "node:net";
import { loadKubeconfig } from "@slipway/kube/node";
import { createAuthority } from "./certificates.ts";

export interface PassedRequest {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly watch: boolean;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Of the API server; undefined while it works, or when it was never asked. */
  status?: number;
}

/** What happens to a request instead of its answer. */
export type Fault =
  | { readonly type: "answer"; readonly status: number; readonly reason: string; readonly headers?: Readonly<Record<string, string>> }
  /** The connection breaks before the API server sees the request. */
  | { readonly type: "reset" }
  /** The API server carries it out, and the connection breaks before the answer. */
  | { readonly type: "lost answer" };

export type Fate = "pass" | "drop" | "duplicate" | "stall";

export interface Faults {
  /** Asked before each request. Default: no fault. */
  readonly request?: (request: PassedRequest) => Fault | undefined;
  /** Asked for each event of a watch. A stalled watch stays open and delivers nothing from then on. Default: pass. */
  readonly event?: (request: PassedRequest) => Fate;
}

export interface FaultProxy {
  /** A kubeconfig through the proxy, with the token and trust of the one it was made for. */
  readonly kubeconfigText: string;
  readonly passed: readonly PassedRequest[];
  /** Replaces the faults; `{}` ends them for what begins from now on. */
  set(faults: Faults): void;
  stop(): Promise<void>;
}

/** `kubeconfig`: path of one with a token. */
export async function startFaultProxy(kubeconfig: string): Promise<FaultProxy> {
  const { server: target, tls, credentials } = loadKubeconfig({ path: kubeconfig, env: {} });
  if (credentials === undefined || !("token" in credentials)) throw new Error(`${kubeconfig} has no token`);
  const authority = await createAuthority();
  const pair = await authority.issue("proxy");
  const agent = new Agent({ keepAlive: true, ca: tls?.ca });
  const passed: PassedRequest[] = [];
  let faults: Faults = {};
  const server = createServer({ cert: pair.certificate, key: pair.key }, (request, response) => {
    const url = new URL(request.url ?? "/", target);
    const seen: PassedRequest = {
      method: request.method ?? "GET",
      path: url.pathname,
      watch: ["1", "true"].includes(url.searchParams.get("watch") ?? ""),
      atMs: Date.now(),
    };
    passed.push(seen);
    const fault = faults.request?.(seen);
    if (fault?.type === "reset") request.socket.destroy();
    else if (fault?.type === "answer") answer(response, fault);
    else forward({ request, response, url, agent, seen, lose: fault !== undefined, faults: () => faults });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    kubeconfigText: JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "c",
      clusters: [
        {
          name: "c",
          cluster: {
            server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
            "certificate-authority-data": Buffer.from(authority.certificate).toString("base64"),
          },
        },
      ],
      users: [{ name: "u", user: { token: credentials.token } }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    }),
    passed,
    set: (next) => (faults = next),
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

function answer(response: ServerResponse, fault: Fault & { readonly type: "answer" }): void {
  const { status, reason } = fault;
  response.writeHead(status, { "content-type": "application/json", ...fault.headers });
  response.end(
    JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", code: status, reason, message: `injected ${reason}` }),
  );
}

interface Forwarded {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly agent: Agent;
  readonly seen: PassedRequest;
  readonly lose: boolean;
  readonly faults: () => Faults;
}

function forward({ request, response, url, agent, seen, lose, faults }: Forwarded): void {
  const headers: IncomingHttpHeaders = { ...request.headers, host: url.host };
  const upstream = send(url, { method: seen.method, headers, agent }, (reply) => {
    seen.status = reply.statusCode ?? 0;
    if (lose) {
      // The API server has finished when its answer is read to the end.
      reply.resume().on("end", () => request.socket.destroy());
      return;
    }
    response.writeHead(seen.status, reply.headers);
    if (seen.watch && seen.status === 200) void passEvents(reply, response, () => faults().event?.(seen) ?? "pass");
    else reply.pipe(response);
    reply.on("error", () => response.destroy());
  });
  upstream.on("error", () => response.destroy());
  response.on("close", () => upstream.destroy());
  request.pipe(upstream);
}

/** Events are lines. */
async function passEvents(reply: IncomingMessage, response: ServerResponse, fate: () => Fate): Promise<void> {
  response.flushHeaders();
  let rest = "";
  let stalled = false;
  reply.setEncoding("utf8");
  try {
    for await (const chunk of reply as AsyncIterable<string>) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const what: Fate = stalled ? "stall" : fate();
        stalled = what === "stall";
        if (what === "pass" || what === "duplicate") response.write(`${line}\n`);
        if (what === "duplicate") response.write(`${line}\n`);
      }
    }
  } catch {
    // Either side went away; both are closed below.
  }
  // A stalled connection hides the server's end too.
  if (!stalled) response.end();
}
