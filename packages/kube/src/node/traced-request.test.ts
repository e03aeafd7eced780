import type { Span, SpanOptions, Tracer } from "@slipway/std";
import { describe, expect, it } from "vitest";
import { resources } from "../resources.ts";
import { createHttpClient } from "./http-client.ts";
import { sendJson, startServer, statusBody } from "./testing/scripted-server.ts";
import { requestInfo } from "./traced-request.ts";

describe("requestInfo", () => {
  it.each([
    ["GET", "/api/v1/namespaces/a/pods/b", "get pods"],
    ["GET", "/api/v1/namespaces/a/pods", "list pods"],
    ["GET", "/api/v1/pods", "list pods"],
    ["GET", "/api/v1/namespaces", "list namespaces"],
    ["GET", "/api/v1/namespaces/a", "get namespaces"],
    ["GET", "/apis/apps/v1/namespaces/a/deployments/b/scale", "get deployments.apps/scale"],
    ["POST", "/api/v1/namespaces/a/pods/b/eviction", "create pods/eviction"],
    ["POST", "/apis/apps/v1/namespaces/a/deployments", "create deployments.apps"],
    ["PUT", "/apis/coordination.k8s.io/v1/namespaces/a/leases/b", "update leases.coordination.k8s.io"],
    ["PATCH", "/apis/core.oam.dev/v1alpha1/namespaces/a/workflowruns/b/status", "patch workflowruns.core.oam.dev/status"],
    ["DELETE", "/api/v1/namespaces/a/pods/b", "delete pods"],
    ["DELETE", "/api/v1/namespaces/a/pods", "deletecollection pods"],
    ["GET", "/apis", "nothing"],
    ["GET", "/apis/apps/v1", "nothing"],
    ["GET", "/version", "nothing"],
  ])("%s %s", (method, path, expected) => {
    const { verb, resource } = requestInfo(method, path) ?? {};
    expect(verb === undefined ? "nothing" : `${verb} ${String(resource)}`).toBe(expected);
  });
});

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

interface Recorded extends SpanOptions {
  readonly facts: Record<string, unknown>;
  failed?: string;
}

function recorder(): { readonly tracer: Tracer; readonly spans: Recorded[] } {
  const spans: Recorded[] = [];
  const run = <T>(options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> => {
    const recorded: Recorded = { ...options, facts: {} };
    spans.push(recorded);
    return work({
      traceparent,
      set: (attributes) => Object.assign(recorded.facts, attributes),
      fail: (type) => (recorded.failed = type),
    });
  };
  return { tracer: { root: run, child: run }, spans };
}

describe("a traced client", () => {
  it("records each attempt without query and credentials, and sends traceparent with it", async () => {
    let asked = 0;
    const server = await startServer((_request, response) => {
      if (asked++ === 0) sendJson(response, 429, statusBody(429, "TooManyRequests", "later"), { "retry-after": "0" });
      else sendJson(response, 200, { kind: "PodList", metadata: {}, items: [] });
    });
    const { tracer, spans } = recorder();
    const client = createHttpClient({ server: server.url, credentials: { token: "s3cret" } }, { tracer });
    try {
      await client.list(resources.pods, { namespace: "a", labelSelector: "customer=acme" });
      expect(server.requests.map(({ headers }) => headers["traceparent"])).toEqual(Array(2).fill(traceparent));
      const { hostname, port } = new URL(server.url);
      const attributes = {
        "http.request.method": "GET",
        "url.scheme": "http",
        "url.path": "/api/v1/namespaces/a/pods",
        "server.address": hostname,
        "server.port": Number(port),
        "slipway.verb": "list",
        "slipway.resource": "pods",
      };
      const shared = { name: "list pods", kind: "client", attributes };
      expect(spans).toEqual([
        { ...shared, facts: { "http.response.status_code": 429 }, failed: "429" },
        { ...shared, facts: { "http.response.status_code": 200 } },
      ]);
      expect(JSON.stringify(spans)).not.toMatch(/s3cret|acme/);
    } finally {
      await client.close();
      await server.close();
    }
  });
});
