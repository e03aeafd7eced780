/** Real HTTP requests through the gateway, counted by the version that answered. */
import { request } from "node:http";
import { Agent } from "node:http";

export interface Share {
  readonly requests: number;
  /** Answers by value of the version (pod-template-hash). */
  readonly byVersion: ReadonlyMap<string, number>;
  readonly failures: number;
}

export interface TrafficOptions {
  readonly gatewayUrl: string;
  readonly host: string;
  readonly requests: number;
  /** Requests in flight at once. */
  readonly concurrency: number;
  /** Reads the version out of an answer's body. */
  readonly versionOf: (body: string) => string;
}

export async function measureShare(options: TrafficOptions): Promise<Share> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.concurrency });
  const byVersion = new Map<string, number>();
  let failures = 0;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next++ < options.requests) {
      const answer = await get(options.gatewayUrl, options.host, agent);
      if (answer.status === 200) {
        const version = options.versionOf(answer.body);
        byVersion.set(version, (byVersion.get(version) ?? 0) + 1);
      } else failures++;
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  agent.destroy();
  return { requests: options.requests, byVersion, failures };
}

/** One GET; `status` 0 when no answer came. */
export function get(url: string, host: string, agent?: Agent): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve) => {
    const outgoing = request(url, { headers: { host }, timeout: 5000, ...(agent === undefined ? {} : { agent }) }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }));
      response.on("error", () => resolve({ status: 0, body: "" }));
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("timed out")));
    outgoing.on("error", (error) => resolve({ status: 0, body: error.message }));
    outgoing.end();
  });
}

/**
 * Half-width, in percent points, that a measured share of `percent` stays within but once in about 15,000 runs: four
 * standard deviations of the binomial distribution.
 */
export function tolerancePercent(percent: number, requests: number): number {
  const p = percent / 100;
  return 400 * Math.sqrt((p * (1 - p)) / requests);
}
