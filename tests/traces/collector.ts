/** A receiver of OTLP/HTTP on loopback that keeps what it is sent. */
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the root of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  /** As the protocol counts them: 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
}

export interface Collector {
  readonly endpoint: string;
  readonly requests: readonly { readonly line: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];
  spans(): CollectedSpan[];
  /** Attributes of the process that sent the first spans. */
  resource(): Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Payload {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly (Omit<CollectedSpan, "attributes"> & OtlpSpan)[] }[];
  }[];
}

interface OtlpSpan {
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number };
}

const plain = (attributes: readonly Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

export async function startCollector(): Promise<Collector> {
  const requests: { line: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      requests.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const payloads = (): Payload[] => requests.map(({ body }) => JSON.parse(body) as Payload);
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    spans: () =>
      payloads()
        .flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)))
        .map(({ traceId, spanId, parentSpanId, name, kind, attributes, status }) => ({
          traceId,
          spanId,
          parentSpanId: (parentSpanId as string | undefined) ?? "",
          name,
          kind,
          attributes: plain(attributes),
          failed: status.code === 2,
        })),
    resource: () => plain(payloads()[0]?.resourceSpans[0]?.resource.attributes ?? []),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
