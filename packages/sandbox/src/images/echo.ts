/**
 * The default image: an HTTP server on each declared container port (8080 when none is declared) that answers every request with
 * JSON telling which pod and version answered and what it was asked.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { podTemplateHashLabel } from "@slipway/kube";
import { behaviourOf } from "./behaviour.ts";
import type { ContainerContext, ContainerImage, ContainerProcess } from "./image.ts";

export interface EchoAnswer {
  readonly pod: string;
  readonly namespace: string;
  /** The pod's `pod-template-hash` label; `""` without one. */
  readonly version: string;
  readonly image: string;
  readonly container: string;
  readonly node: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
}

export const echoImage: ContainerImage = async (context) => {
  const declared = (context.container.ports ?? []).filter((port) => (port.protocol ?? "TCP") === "TCP").map((port) => port.containerPort);
  const ports = declared.length > 0 ? declared : [8080];
  const servers: Server[] = [];
  const stopAll = async (): Promise<void> => {
    await Promise.all(servers.map(closeServer));
    for (const port of ports) context.addresses.forget(context.address, port);
  };
  try {
    for (const port of ports) {
      const server = createServer((request, response) => void answer(context, request, response));
      // Longer than the gateway keeps idle connections, so that it never writes into a socket that is just closing.
      server.keepAliveTimeout = 30_000;
      await context.addresses.listen(server, context.address, port);
      server.on("error", (error) => context.log(`server error: ${error.message}`));
      servers.push(server);
      context.log(`listening on ${context.address}:${port}`);
    }
  } catch (error) {
    await stopAll();
    throw error;
  }
  const { crashAfterMs, exitCode } = behaviourOf(context.pod(), context.container);
  const dropConnections = (): void => servers.forEach((server) => server.closeAllConnections());
  return running(context, stopAll, dropConnections, crashAfterMs, exitCode);
};

function running(
  context: ContainerContext,
  stopAll: () => Promise<void>,
  dropConnections: () => void,
  crashAfterMs: number | undefined,
  exitCode: number,
): ContainerProcess {
  let stopping: Promise<void> | undefined;
  let exit: (code: number) => void = () => {};
  const exited = new Promise<number>((resolve) => (exit = resolve));
  const crash =
    crashAfterMs === undefined
      ? undefined
      : context.clock.setTimer(crashAfterMs, () => {
          context.log(`exiting with code ${exitCode}`);
          stopping ??= stopAll();
          dropConnections();
          exit(exitCode);
        });
  return {
    exited,
    stop(): Promise<void> {
      crash?.cancel();
      stopping ??= stopAll();
      return stopping;
    },
    kill(): Promise<void> {
      crash?.cancel();
      stopping ??= stopAll();
      dropConnections();
      return stopping;
    },
  };
}

/** Stops accepting, lets requests in flight finish, drops idle connections. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await closed;
}

async function answer(context: ContainerContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pod = context.pod();
  const behaviour = behaviourOf(pod, context.container);
  request.resume();
  if (behaviour.delayMs > 0) await new Promise<void>((resolve) => context.clock.setTimer(behaviour.delayMs, resolve));
  const failed = behaviour.failRate > 0 && context.random.next() < behaviour.failRate;
  const status = failed ? behaviour.failCode : 200;
  const body: EchoAnswer = {
    pod: pod.metadata.name ?? "",
    namespace: pod.metadata.namespace ?? "",
    version: pod.metadata.labels?.[podTemplateHashLabel] ?? "",
    image: context.container.image ?? "",
    container: context.container.name,
    node: pod.spec?.nodeName ?? "",
    method: request.method ?? "GET",
    host: request.headers.host ?? "",
    path: request.url ?? "/",
    headers: request.headers,
  };
  context.log(`${request.method ?? "GET"} ${request.url ?? "/"} ${status}`);
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(failed ? { ...body, error: "failing as told" } : body)}\n`);
}
