/** Calls admission and conversion webhooks: HTTPS POST with the configured CA, one connection pool for each address. */
import { AppError, errorMessage } from "@slipway/std";
import type { Agent } from "undici";
import type { Fields } from "../schema/fields.ts";
import { isFields, text } from "../schema/fields.ts";

export interface WebhookClient {
  /**
   * Posts a review and returns the answer's JSON. Throws AppError `WEBHOOK_CALL` when no usable answer came within
   * `timeoutMs` (real time).
   */
  post(clientConfig: Fields, review: object, timeoutMs: number): Promise<Fields>;
  stop(): Promise<void>;
}

export function createWebhookClient(): WebhookClient {
  const agents = new Map<string, Agent>();
  return {
    async post(clientConfig, review, timeoutMs): Promise<Fields> {
      const url = text(clientConfig["url"]);
      if (url === "") {
        throw new AppError("WEBHOOK_CALL", "clientConfig.service is not served by the sandbox: use clientConfig.url", { retry: "never" });
      }
      // Most servers never call a webhook, and loading the HTTP client costs start-up time.
      const undici = await import("undici");
      const ca = text(clientConfig["caBundle"]);
      let agent = agents.get(ca);
      if (agent === undefined) {
        agent = new undici.Agent(ca === "" ? {} : { connect: { ca: Buffer.from(ca, "base64").toString("utf8") } });
        agents.set(ca, agent);
      }
      try {
        const response = await undici.request(url, {
          method: "POST",
          dispatcher: agent,
          headers: { "content-type": "application/json", accept: "application/json" },
          body: JSON.stringify(review),
          signal: AbortSignal.timeout(timeoutMs),
        });
        const body = await response.body.text();
        if (response.statusCode !== 200) throw new Error(`the webhook answered ${response.statusCode}`);
        const answer: unknown = JSON.parse(body);
        if (!isFields(answer)) throw new Error("the webhook's answer is not an object");
        return answer;
      } catch (error) {
        const timedOut = error instanceof Error && error.name === "TimeoutError";
        const why = timedOut ? "context deadline exceeded" : errorMessage(error);
        throw new AppError("WEBHOOK_CALL", `failed to call webhook: Post "${url}": ${why}`, { cause: error });
      }
    },
    async stop(): Promise<void> {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}
