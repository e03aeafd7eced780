/**
 * Where a pod's or Service's address and port really listen. Nearly always there; elsewhere when the operating system refuses:
 *
 * - a port below 1024 without the right to bind it: port + 8000 on the same address (80 → 8080, 443 → 8443);
 * - that one, or the port itself, taken (say by a process on 0.0.0.0): any free port of the same address;
 * - an address that does not exist: any free port of 127.0.0.1.
 *
 * Everything inside the sandbox dials through the book, so objects keep showing the declared address and port.
 */
import type { Server } from "node:net";
import type { Logger } from "@slipway/std";

export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

export class AddressBook {
  readonly #moved = new Map<string, SocketAddress>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** The socket to connect to for `address:port`. */
  dial(address: string, port: number): SocketAddress {
    return this.#moved.get(`${address}:${port}`) ?? { host: address, port };
  }

  /** Listens on `address:port` or, when refused, on the next best socket. Throws what the last attempt threw. */
  async listen(server: Server, address: string, port: number): Promise<SocketAddress> {
    const attempts: SocketAddress[] = [{ host: address, port }];
    if (port < 1024) attempts.push({ host: address, port: port + 8000 });
    attempts.push({ host: address, port: 0 }, { host: "127.0.0.1", port: 0 });
    let failure: unknown;
    for (const attempt of attempts) {
      try {
        const bound = await listenOn(server, attempt);
        if (bound.host !== address || bound.port !== port) {
          this.#moved.set(`${address}:${port}`, bound);
          this.#log.warn("listening elsewhere than declared", { address, port, host: bound.host, hostPort: bound.port });
        }
        return bound;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  forget(address: string, port: number): void {
    this.#moved.delete(`${address}:${port}`);
  }
}

async function listenOn(server: Server, wish: SocketAddress): Promise<SocketAddress> {
  return await new Promise((resolve, reject) => {
    const onError = (error: Error): void => reject(error);
    server.once("error", onError);
    server.listen(wish.port, wish.host, () => {
      server.off("error", onError);
      const bound = server.address();
      resolve({ host: wish.host, port: typeof bound === "object" && bound !== null ? bound.port : wish.port });
    });
  });
}
