/** The informer over the real transport: chunks, dead connections, refused connections. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { resources } from "@slipway/kube";
import { createHttpClient } from "@slipway/kube/node";
import { createSeededRandom, silentLogger } from "@slipway/std";
import { realClock } from "@slipway/std/node";
import { expect, it } from "vitest";
import { createInformer } from "./informer.ts";
import { eventually } from "./testing/index.ts";

type Script = (request: IncomingMessage, response: ServerResponse, url: URL) => void;
const object = (name: string, version: number): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace: "default", name, resourceVersion: String(version), uid: name },
});
const line = (type: string, body: object): string => `${JSON.stringify({ type, object: body })}\n`;
const bookmark = (version: number, initial = false): string =>
  line("BOOKMARK", {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { resourceVersion: String(version), ...(initial ? { annotations: { "k8s.io/initial-events-end": "true" } } : {}) },
  });

it("lives through a stream cut in the middle of a line, a dead connection, a 410 and a server restart", async () => {
  const queries: string[] = [];
  const sockets = new Set<Socket>();
  /** One entry a connection; the last one repeats. */
  const scripts: Script[] = [
    // The whole state, then half an event and the end of the connection.
    (_request, response) => {
      response.write(line("ADDED", object("a", 1)) + bookmark(1, true) + line("ADDED", object("b", 2)));
      const half = line("MODIFIED", object("a", 3));
      response.write(half.slice(0, half.length / 2));
      setTimeout(() => response.destroy(), 20);
    },
    // Resumed; then silence, with the connection up.
    (_request, response) => void response.write(line("MODIFIED", object("a", 3))),
    // The state again after the silence: b is gone.
    (_request, response) => {
      response.write(line("ADDED", object("a", 4)) + bookmark(5, true));
      setTimeout(() => response.destroy(), 20);
    },
    // Too old.
    (_request, response) => {
      response.end(
        line("ERROR", { kind: "Status", apiVersion: "v1", status: "Failure", code: 410, reason: "Expired", message: "too old" }),
      );
    },
    (_request, response) => void response.write(line("ADDED", object("a", 6)) + line("ADDED", object("c", 7)) + bookmark(7, true)),
  ];
  let served = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://server");
    queries.push(url.searchParams.get("resourceVersion") ?? (url.searchParams.get("sendInitialEvents") === "true" ? "state" : "?"));
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    scripts[Math.min(served++, scripts.length - 1)]?.(request, response, url);
  });
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = createHttpClient({ server: `http://127.0.0.1:${port}` });
  const stop = new AbortController();
  const relists: string[] = [];
  // The clock is real but seconds are short, so that the waits between connections do not make the test slow.
  const quick = {
    ...realClock,
    now: () => realClock.now() * 20,
    setTimer: (ms: number, fire: () => void) => realClock.setTimer(ms / 20, fire),
    sleep: (ms: number, signal: AbortSignal) => realClock.sleep(ms / 20, signal),
  };
  const informer = createInformer({
    client,
    resource: resources.configMaps,
    logger: silentLogger,
    random: createSeededRandom(1),
    clock: quick,
    silenceMs: 4000,
    onRelist: (reason) => relists.push(reason),
  });
  const cached = (): string[] => informer.store.list().map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`);
  informer.start(stop.signal);
  await eventually(() => expect(cached()).toEqual(["a@3", "b@2"]));
  await eventually(() => expect(cached()).toEqual(["a@6", "c@7"]));
  expect(queries.slice(0, 5)).toEqual(["state", "2", "state", "5", "state"]);
  expect(relists).toEqual(["start", "silence", "expired"]);

  // The server goes away and comes back on the same port.
  server.close();
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => setTimeout(resolve, 200));
  expect(cached()).toEqual(["a@6", "c@7"]);
  scripts.push((_request, response) => void response.write(line("MODIFIED", object("c", 8))));
  served = scripts.length - 1;
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await eventually(() => expect(cached()).toEqual(["a@6", "c@8"]));
  expect(queries.at(-1)).toBe("7");
  await informer.stop();
  await client.close();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});
