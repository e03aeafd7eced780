/**
 * ClusterIP Services for real: the API server gives each Service a loopback address of its own, and each of its TCP ports gets a listener
 * there that passes connections on to ready endpoints in turn. A connection for which no endpoint answers is reset.
 *
 * Not here: UDP, session affinity, NodePort and LoadBalancer (they work as ClusterIP).
 */
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import type { ControllerDefinition } from "@slipway/controller";
import { done } from "@slipway/controller";
import { formatKey, resources } from "@slipway/kube";
import type { EndpointSlice, Service } from "../controllers/kinds.ts";
import { serviceKeyOf, serviceNameLabel } from "../controllers/endpoints/controller.ts";
import type { AddressBook } from "./address-book.ts";
import type { Target } from "./endpoint-choice.ts";
import { targetsOf } from "./endpoint-choice.ts";

interface Listener {
  readonly server: Server;
  readonly sockets: Set<Socket>;
  readonly address: string;
  readonly port: number;
  targets: readonly Target[];
  turn: number;
}

export interface ServiceProxy {
  readonly controller: ControllerDefinition;
  stop(): Promise<void>;
}

export function createServiceProxy(addresses: AddressBook): ServiceProxy {
  /** By Service, then by `address:port`. */
  const listeners = new Map<string, Map<string, Listener>>();

  const closeAll = async (service: string): Promise<void> => {
    const own = [...(listeners.get(service)?.values() ?? [])];
    listeners.delete(service);
    await Promise.all(own.map((listener) => closeListener(listener, addresses)));
  };

  return {
    controller: {
      name: "service-proxy",
      watches: [{ resource: resources.services }, { resource: resources.endpointSlices, toKeys: serviceKeyOf }],
      async reconcile(key, context) {
        const name = formatKey(key);
        const service = context.cache<Service>(resources.services).get(key);
        if (service === undefined || service.metadata.deletionTimestamp !== undefined) {
          await closeAll(name);
          return done;
        }
        if (service.spec?.type === "ExternalName" || service.spec?.clusterIP === "None") return done;
        const address = service.spec?.clusterIP ?? "";
        let own = listeners.get(name);
        if (own === undefined) listeners.set(name, (own = new Map<string, Listener>()));
        const slices = context
          .cache<EndpointSlice>(resources.endpointSlices)
          .list({ namespace: key.namespace, labels: { [serviceNameLabel]: key.name } });
        const wanted = new Set<string>();
        for (const port of service.spec?.ports ?? []) {
          if ((port.protocol ?? "TCP") !== "TCP" || !address.startsWith("127.")) continue;
          const socket = `${address}:${port.port}`;
          wanted.add(socket);
          let listener = own.get(socket);
          if (listener === undefined) own.set(socket, (listener = await openListener(address, port.port, addresses)));
          listener.targets = targetsOf(slices, port, true);
        }
        for (const [socket, listener] of own) {
          if (wanted.has(socket)) continue;
          own.delete(socket);
          await closeListener(listener, addresses);
        }
        return done;
      },
    },
    async stop(): Promise<void> {
      await Promise.all([...listeners.keys()].map(closeAll));
    },
  };
}

async function openListener(address: string, port: number, addresses: AddressBook): Promise<Listener> {
  const server = createServer({ pauseOnConnect: true });
  const listener: Listener = { server, sockets: new Set(), address, port, targets: [], turn: 0 };
  server.on("connection", (client) => {
    listener.sockets.add(client);
    client.on("close", () => listener.sockets.delete(client));
    client.on("error", () => client.destroy());
    forward(client, listener, addresses, listener.targets.length);
  });
  await addresses.listen(server, address, port);
  return listener;
}

/** Connects to the next endpoint in turn; when it refuses, to the one after, each once. */
function forward(client: Socket, listener: Listener, addresses: AddressBook, attempts: number): void {
  const target = listener.targets[listener.turn++ % Math.max(1, listener.targets.length)];
  if (target === undefined || attempts <= 0 || client.destroyed) {
    client.resetAndDestroy();
    return;
  }
  const upstream = connect(addresses.dial(target.address, target.port));
  let connected = false;
  upstream.on("connect", () => {
    connected = true;
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
    client.resume();
  });
  upstream.on("error", () => {
    if (connected) client.destroy();
    else forward(client, listener, addresses, attempts - 1);
  });
}

async function closeListener(listener: Listener, addresses: AddressBook): Promise<void> {
  const closed = new Promise<void>((resolve) => listener.server.close(() => resolve()));
  for (const socket of listener.sockets) socket.destroy();
  await closed;
  addresses.forget(listener.address, listener.port);
}
