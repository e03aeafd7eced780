/**
 * One HTTP listener that does what the Ingress objects say: `routes.ts` finds the backend, `canary.ts` decides between it and its canary,
 * and the request goes to a ready endpoint of the chosen Service over a kept-alive connection.
 *
 * Not here: TLS, WebSocket, HTTPRoute, rewrites and the other nginx annotations.
 */
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from "node:http";
import { Agent, createServer, request as sendRequest } from "node:http";
import { pipeline } from "node:stream";
import type { Cache, ControllerDefinition } from "@slipway/controller";
import { done } from "@slipway/controller";
import { podTemplateHashLabel, resources } from "@slipway/kube";
import type { Logger, RandomSource } from "@slipway/std";
import { deepEqual } from "@slipway/std";
import type { EndpointSlice, Ingress, Pod, Service } from "../../controllers/kinds.ts";
import { serviceNameLabel } from "../../controllers/endpoints/controller.ts";
import { writeStatus } from "../../controllers/write-status.ts";
import type { AddressBook } from "../address-book.ts";
import type { Target } from "../endpoint-choice.ts";
import { servicePort, targetsOf } from "../endpoint-choice.ts";
import { listenError } from "../listen-error.ts";
import { takesCanary } from "./canary.ts";
import type { RequestCount } from "./request-counts.ts";
import { RequestCounts } from "./request-counts.ts";
import type { Backend, Route, RouteTable } from "./routes.ts";
import { buildRoutes, isOurs } from "./routes.ts";

export interface GatewayOptions {
  readonly host: string;
  readonly port: number;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly addresses: AddressBook;
}

/** What the gateway reads; set once the runtime that fills it exists. */
export interface GatewayCaches {
  readonly ingresses: Cache<Ingress>;
  readonly services: Cache<Service>;
  readonly endpointSlices: Cache<EndpointSlice>;
  readonly pods: Cache<Pod>;
}

export interface Gateway {
  readonly url: string;
  readonly controller: ControllerDefinition;
  serve(caches: GatewayCaches): void;
  requestCounts(): readonly RequestCount[];
  stop(): Promise<void>;
}

/** Attempts of one request, each at another endpoint; only while no byte of an answer came and none of a body was sent. */
const maxAttempts = 3;
const hopByHop = new Set(["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"]);

export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const gateway = new IngressGateway(options);
  await gateway.listen();
  return gateway;
}

class IngressGateway implements Gateway {
  readonly controller: ControllerDefinition;
  readonly #options: GatewayOptions;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Infinity, timeout: 60_000 });
  readonly #counts = new RequestCounts();
  readonly #turns = new Map<string, number>();
  #caches: GatewayCaches | undefined;
  #table: RouteTable | undefined;
  #port = 0;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => this.#handle(request, response));
    const nothing = { toKeys: () => [] };
    this.controller = {
      name: "gateway",
      watches: [
        {
          resource: resources.ingresses,
          toKeys: (ingress) => {
            this.#table = undefined;
            return [{ namespace: ingress.metadata.namespace ?? "", name: ingress.metadata.name ?? "" }];
          },
        },
        // Read at each request; nothing is reconciled for them.
        { resource: resources.services, ...nothing },
        { resource: resources.endpointSlices, ...nothing },
        { resource: resources.pods, ...nothing },
      ],
      reconcile: async (key, context) => {
        const ingress = context.cache<Ingress>(resources.ingresses).get(key);
        if (ingress === undefined || ingress.metadata.deletionTimestamp !== undefined || !isOurs(ingress)) return done;
        const status = { loadBalancer: { ingress: [{ ip: this.#options.host, ports: [{ port: this.#port, protocol: "TCP" }] }] } };
        if (!deepEqual(ingress.status, status)) await writeStatus(context.client, resources.ingresses, ingress, status);
        return done;
      },
    };
  }

  get url(): string {
    return `http://${this.#options.host}:${this.#port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const { host, port } = this.#options;
      const refuse = (error: Error): void => reject(listenError("the gateway", host, port, error));
      this.#server.once("error", refuse);
      this.#server.listen(port, host, () => {
        this.#server.off("error", refuse);
        resolve();
      });
    });
    const bound = this.#server.address();
    this.#port = typeof bound === "object" && bound !== null ? bound.port : this.#options.port;
  }

  serve(caches: GatewayCaches): void {
    this.#caches = caches;
    this.#table = undefined;
  }

  requestCounts(): readonly RequestCount[] {
    return this.#counts.list();
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await closed;
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const caches = this.#caches;
    if (caches === undefined) {
      refuse(response, 503, "the gateway is starting");
      return;
    }
    this.#table ??= buildRoutes(caches.ingresses.list());
    const host = (request.headers.host ?? "").replace(/:\d+$/, "");
    const path = (request.url ?? "/").replace(/[?#].*$/s, "");
    const route = this.#table.find(host, path);
    if (route === undefined) {
      refuse(response, 404, `no Ingress has a rule for host "${host}" and path "${path}"`);
      return;
    }
    const { backend, targets, problem } = this.#choose(route, request.headers, caches);
    if (targets.length === 0) {
      this.#counts.add({ namespace: backend.namespace, service: backend.service, version: "", code: 503 });
      refuse(response, 503, `${problem} (Ingress ${route.ingress})`);
      return;
    }
    this.#forward(request, response, backend, targets, 1);
  }

  /** The canary when it is this request's turn and has endpoints; a canary without any gets nothing, as in nginx. */
  #choose(route: Route, headers: IncomingHttpHeaders, caches: GatewayCaches): Choice {
    const main = resolve(route.backend, caches);
    // nginx answers 503 for a route whose main Service has no endpoints, canary or not.
    if (route.canary === undefined || main.targets.length === 0) return main;
    if (!takesCanary(route.canary.policy, { headers }, this.#options.random)) return main;
    const canary = resolve(route.canary.backend, caches);
    return canary.targets.length > 0 ? canary : main;
  }

  #forward(request: IncomingMessage, response: ServerResponse, backend: Backend, targets: readonly Target[], attempt: number): void {
    const service = `${backend.namespace}/${backend.service}`;
    const turn = this.#turns.get(service) ?? 0;
    this.#turns.set(service, (turn + 1) % Number.MAX_SAFE_INTEGER);
    const target = targets[turn % targets.length];
    if (target === undefined) return;
    const version =
      this.#caches?.pods.get({ namespace: backend.namespace, name: target.pod })?.metadata.labels?.[podTemplateHashLabel] ?? "";
    const count = (code: number): void => this.#counts.add({ namespace: backend.namespace, service: backend.service, version, code });
    const { host, port } = this.#options.addresses.dial(target.address, target.port);
    const upstream = sendRequest({
      agent: this.#agent,
      host,
      port,
      method: request.method ?? "GET",
      path: request.url ?? "/",
      headers: forwardedHeaders(request),
      setHost: false,
    });
    upstream.on("response", (answer) => {
      count(answer.statusCode ?? 502);
      response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
      pipeline(answer, response, () => {});
    });
    upstream.on("error", (error) => {
      if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
      }
      // A kept-alive connection that the pod closed just now says nothing about the pod.
      if (!body.started && (attempt < maxAttempts || upstream.reusedSocket)) {
        this.#forward(request, response, backend, targets, upstream.reusedSocket ? attempt : attempt + 1);
        return;
      }
      count(502);
      refuse(response, 502, `endpoint ${target.address}:${target.port} of Service ${service} did not answer: ${error.message}`);
    });
    const body = sendBody(request, response, upstream);
  }
}

interface Choice {
  readonly backend: Backend;
  readonly targets: readonly Target[];
  readonly problem: string;
}

function resolve(backend: Backend, caches: GatewayCaches): Choice {
  const { namespace, service: name } = backend;
  const none = (problem: string): Choice => ({ backend, targets: [], problem });
  const service = caches.services.get({ namespace, name });
  if (service === undefined) return none(`Service ${namespace}/${name} does not exist`);
  const port = servicePort(service, backend.port);
  if (port === undefined) return none(`Service ${namespace}/${name} has no port ${backend.port?.name ?? backend.port?.number ?? ""}`);
  const slices = caches.endpointSlices.list({ namespace, labels: { [serviceNameLabel]: name } });
  return { backend, targets: targetsOf(slices, port, false), problem: `Service ${namespace}/${name} has no ready endpoints` };
}

/** Sends the body once the endpoint has taken the connection; until then another endpoint may be tried. */
function sendBody(request: IncomingMessage, response: ServerResponse, upstream: ClientRequest): { readonly started: boolean } {
  const body = { started: false };
  response.on("close", () => {
    if (!response.writableFinished) upstream.destroy();
  });
  if (request.headers["content-length"] === undefined && request.headers["transfer-encoding"] === undefined) {
    upstream.end();
    return body;
  }
  upstream.once("socket", (socket) => {
    const start = (): void => {
      body.started = true;
      request.pipe(upstream);
    };
    if (socket.connecting) socket.once("connect", start);
    else start();
  });
  return body;
}

function forwardedHeaders(request: IncomingMessage): Record<string, string | string[]> {
  const client = request.socket.remoteAddress ?? "";
  const host = request.headers.host ?? "";
  return {
    ...endToEnd(request.headers),
    "x-real-ip": client,
    "x-forwarded-for": client,
    "x-forwarded-host": host,
    "x-forwarded-port": String(request.socket.localPort ?? ""),
    "x-forwarded-proto": "http",
    "x-forwarded-scheme": "http",
  };
}

function endToEnd(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined && !hopByHop.has(name)) kept[name] = value;
  return kept;
}

function refuse(response: ServerResponse, code: number, message: string): void {
  response.writeHead(code, { "content-type": "text/plain; charset=utf-8" });
  response.end(`${code}: ${message}\n`);
}
