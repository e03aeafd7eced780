/**
 * One client span for each request to the API server, as a child of what it is made for. Requests that belong to no span
 * (leases, the caches' lists) leave none, and neither do watches, which have no end.
 */
import type { SpanOptions, Tracer } from "@slipway/std";
import type { TransportRequest, TransportResponse } from "./http-transport.ts";

/** `send` gets the request with `traceparent`, by which the API server's own spans join the trace. */
export function tracedRequest(
  tracer: Tracer,
  server: URL,
  request: TransportRequest,
  send: (request: TransportRequest) => Promise<TransportResponse>,
): Promise<TransportResponse> {
  return tracer.child(spanOf(server, request), async (span) => {
    const { traceparent } = span;
    const response = await send(traceparent === undefined ? request : { ...request, headers: { ...request.headers, traceparent } });
    span.set({ "http.response.status_code": response.status });
    if (response.status >= 400) span.fail(String(response.status));
    return response;
  });
}

function spanOf(server: URL, { method, path: target }: TransportRequest): SpanOptions {
  // Selectors in a query are not for others to see.
  const path = target.split("?", 1)[0] ?? "";
  const asked = requestInfo(method, path);
  return {
    name: asked === undefined ? method : `${asked.verb} ${asked.resource}`,
    kind: "client",
    attributes: {
      "http.request.method": method,
      "url.scheme": server.protocol.slice(0, -1),
      "url.path": path,
      "server.address": server.hostname,
      ...(server.port === "" ? {} : { "server.port": Number(server.port) }),
      ...(asked === undefined ? {} : { "slipway.verb": asked.verb, "slipway.resource": asked.resource }),
    },
  };
}

const resourcePattern =
  /^\/(?:api|apis\/(?<group>[^/]+))\/[^/]+(?:\/namespaces\/[^/]+(?=\/))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+)(?:\/(?<sub>.+))?)?$/;
const verbs: Readonly<Record<string, readonly [ofObject: string, ofCollection: string]>> = {
  GET: ["get", "list"],
  POST: ["create", "create"],
  PUT: ["update", "update"],
  PATCH: ["patch", "patch"],
  DELETE: ["delete", "deletecollection"],
};

/** What a request asks for in the words of RBAC rules: `patch` of `deployments.apps/status`. Absent: discovery and the like. */
export function requestInfo(method: string, path: string): { readonly verb: string; readonly resource: string } | undefined {
  const { group, plural, name, sub } = resourcePattern.exec(path)?.groups ?? {};
  const verb = verbs[method]?.[name === undefined ? 1 : 0];
  if (verb === undefined || plural === undefined) return undefined;
  return { verb, resource: [group === undefined ? plural : `${plural}.${group}`, ...(sub === undefined ? [] : [sub])].join("/") };
}
