/** A tiny HTTP server for probes or metrics: fixed paths, GET only. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { AppError, errorMessage } from "@slipway/std";

export interface Page {
  readonly status: number;
  readonly body: string;
  /** Default `text/plain; charset=utf-8`. */
  readonly contentType?: string;
}

export interface StatusServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Throws `LISTEN` when the address cannot be used. */
export async function startStatusServer(
  pages: Readonly<Record<string, () => Page | Promise<Page>>>,
  address: { readonly host: string; readonly port: number },
): Promise<StatusServer> {
  const server = createServer((request, response) => {
    const page = pages[(request.url ?? "/").split("?", 1)[0] ?? "/"];
    const found: Promise<Page> =
      request.method !== "GET" || page === undefined
        ? Promise.resolve({ status: 404, body: `pages: ${Object.keys(pages).join(" ")}\n` })
        : Promise.resolve().then(page);
    void found
      .catch((error: unknown): Page => ({ status: 500, body: `${errorMessage(error)}\n` }))
      .then(({ status, body, contentType = "text/plain; charset=utf-8" }) => {
        response.writeHead(status, { "content-type": contentType });
        response.end(body);
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new AppError("LISTEN", `cannot listen on ${address.host}:${address.port}: ${cause.message}`, { retry: "never", cause }));
    });
    server.listen(address.port, address.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
