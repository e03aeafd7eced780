/** The HTTP requests of steps as spans; one that is redirected is one. */
import type { SpanOptions, Tracer } from "@slipway/std";
import type { HttpAnswer, HttpMessage } from "./http-send.ts";
import { sendHttp } from "./http-send.ts";

/** As `sendHttp`. The request carries no `traceparent`: its target may be anybody's. */
export function sendTracedHttp(tracer: Tracer, message: HttpMessage, timeoutMs: number, signal: AbortSignal): Promise<HttpAnswer> {
  return tracer.child(spanOf(message), async (span) => {
    const answer = await sendHttp(message, timeoutMs, signal);
    span.set({ "http.response.status_code": answer.statusCode });
    if (answer.statusCode >= 400) span.fail(String(answer.statusCode));
    return answer;
  });
}

/** Without the path: that of an incoming webhook is a secret. */
function spanOf({ method, url }: HttpMessage): SpanOptions {
  const { hostname = "", port = "", protocol = "" } = URL.canParse(url) ? new URL(url) : {};
  const attributes = { "http.request.method": method, "url.scheme": protocol.slice(0, -1), "server.address": hostname };
  return { name: method, kind: "client", attributes: port === "" ? attributes : { ...attributes, "server.port": Number(port) } };
}
