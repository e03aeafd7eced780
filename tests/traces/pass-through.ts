/** A server that hands every request on to another one and keeps what it was asked. */
import type { IncomingHttpHeaders } from "node:http";
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";

export interface PassThrough {
  readonly url: string;
  readonly asked: readonly { readonly line: string; readonly headers: IncomingHttpHeaders }[];
  close(): Promise<void>;
}

/** Without `target` it answers everything with `{"ok":true}`. */
export async function startPassThrough(target?: string): Promise<PassThrough> {
  const asked: { line: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    const { method = "GET", url = "/", headers } = request;
    asked.push({ line: `${method} ${url}`, headers });
    if (target === undefined) {
      response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
      return;
    }
    const onward = send(new URL(url, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers).flushHeaders();
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
