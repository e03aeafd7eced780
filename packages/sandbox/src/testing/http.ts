import { request } from "node:http";

export interface HttpAnswer {
  readonly code: number;
  readonly body: string;
}

export interface HttpOptions {
  /** e.g. `host` for a gateway. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  /** Sent as it is, with its length. */
  readonly body?: string;
}

/** One HTTP request over a connection of its own; `fetch` does not let a test choose the Host header. */
export async function sendHttp(url: string, options: HttpOptions = {}): Promise<HttpAnswer> {
  return await new Promise((resolve, reject) => {
    const sent = request(url, { headers: { ...options.headers }, method: options.method ?? "GET", agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ code: response.statusCode ?? 0, body }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(options.body);
  });
}
