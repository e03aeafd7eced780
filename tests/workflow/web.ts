/** A real HTTP server on loopback that keeps what it is sent. */
import type { IncomingMessage, Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly trailers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly trailers?: Readonly<Record<string, string>>;
  /** Milliseconds before it is sent. */
  readonly afterMs?: number;
}

export interface Web {
  /** Without a slash at the end. */
  readonly url: string;
  readonly received: Received[];
  /** Default: 200 and `{}`. */
  answer: (request: Received) => Answer;
  stop(): Promise<void>;
}

export async function createWeb(wrap?: (listener: Parameters<typeof createServer>[1]) => Server): Promise<Web> {
  const received: Received[] = [];
  const web = { answer: (): Answer => ({}) } as { answer: Web["answer"] };
  const listener: Parameters<typeof createServer>[1] = (request, response) => {
    void textOf(request).then((body) => {
      const { method = "", url = "", headers, trailers } = request;
      const seen: Received = { method, path: url, headers, trailers, body };
      received.push(seen);
      const answer = web.answer(seen);
      setTimeout(() => {
        const trailer = answer.trailers === undefined ? {} : { Trailer: Object.keys(answer.trailers).join(", ") };
        response.writeHead(answer.status ?? 200, { ...answer.headers, ...trailer });
        response.write(answer.body ?? "{}");
        if (answer.trailers !== undefined) response.addTrailers({ ...answer.trailers });
        response.end();
      }, answer.afterMs ?? 0);
    });
  };
  const server = wrap === undefined ? createServer(listener) : wrap(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(web, {
    url: `${wrap === undefined ? "http" : "https"}://127.0.0.1:${String(port)}`,
    received,
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
