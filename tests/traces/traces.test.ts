/** What a collector gets of a workflow on the embedded cluster, and what it must never get. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workflowRuns } from "@slipway/cli";
import { startManager } from "@slipway/manager";
import { createTestSandbox, eventually } from "@slipway/sandbox/testing";
import { realClock } from "@slipway/std/node";
import { root } from "../demo/slipway-process.ts";
import type { CollectedSpan, Collector } from "./collector.ts";
import { startCollector } from "./collector.ts";
import type { PassThrough } from "./pass-through.ts";
import { startPassThrough } from "./pass-through.ts";

const secrets = [
  "token-of-the-manager",
  "path-of-the-hook",
  "query-of-the-hook",
  "header-of-the-step",
  "body-of-the-step",
  "value-of-the-map",
];
const [token = "", path = "", query = "", header = "", body = "", value = ""] = secrets;

const runOf = (hook: string): string => `
apiVersion: core.oam.dev/v1alpha1
kind: WorkflowRun
metadata: { name: traced, namespace: default }
spec:
  workflowSpec:
    steps:
      - name: call
        type: request
        properties:
          url: ${hook}/services/${path}?key=${query}
          method: POST
          header: { Authorization: Bearer ${header} }
          body: { text: ${body} }
      - name: write
        type: apply-object
        properties:
          value: { apiVersion: v1, kind: ConfigMap, metadata: { name: made, namespace: default }, data: { a: ${value} } }
`;

const internal = 1;
const server = 2;
const client = 3;

describe("traces of a workflow", () => {
  let collector: Collector;
  let hook: PassThrough;
  let api: PassThrough;
  let spans: CollectedSpan[];
  const folder = mkdtempSync(join(tmpdir(), "slipway-traces-"));

  beforeAll(async () => {
    collector = await startCollector();
    hook = await startPassThrough();
    const sandbox = await createTestSandbox({ speed: 10 });
    api = await startPassThrough(sandbox.url);
    const users = [{ name: "u", user: { token } }];
    const clusters = [{ name: "c", cluster: { server: api.url } }];
    const contexts = [{ name: "c", context: { cluster: "c", user: "u" } }];
    writeFileSync(
      join(folder, "kubeconfig"),
      JSON.stringify({ apiVersion: "v1", kind: "Config", clusters, users, contexts, "current-context": "c" }),
    );
    const manager = await startManager({
      kubeconfigPath: join(folder, "kubeconfig"),
      clock: sandbox.clock,
      leaseClock: realClock,
      leaderElection: false,
      tracing: { endpoint: collector.endpoint },
      identity: "me",
    });
    await sandbox.applyYaml(runOf(hook.url));
    await eventually(
      async () => {
        const run = await sandbox.client.get(workflowRuns, { namespace: "default", name: "traced" });
        expect(run["status"]).toMatchObject({ status: "succeeded" });
      },
      { timeoutMs: 15_000 },
    );
    // What is left is sent before it ends.
    await manager.stop();
    await sandbox.stop();
    spans = collector.spans();
  });
  afterAll(async () => {
    await Promise.all([collector.close(), hook.close(), api.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const parentOf = (span: CollectedSpan): CollectedSpan | undefined =>
    spans.find(({ traceId, spanId }) => traceId === span.traceId && spanId === span.parentSpanId);
  const reconciles = (): CollectedSpan[] => spans.filter(({ name }) => name === "reconcile workflowrun");

  it("arrive as OTLP/JSON at /v1/traces, from a process that says who it is", () => {
    expect(new Set(collector.requests.map(({ line }) => line))).toEqual(new Set(["POST /v1/traces"]));
    expect(collector.requests[0]?.headers["content-type"]).toBe("application/json");
    expect(collector.resource()).toMatchObject({ "service.name": "slipway-manager", "service.instance.id": "me" });
  });

  it("have one root a reconcile, with its object and outcome", () => {
    expect(reconciles().length).toBeGreaterThan(1);
    for (const span of reconciles()) {
      expect(span).toMatchObject({ kind: internal, parentSpanId: "", failed: false });
      expect(span.attributes).toMatchObject({
        "slipway.controller": "workflowrun",
        "slipway.kind": "WorkflowRun",
        "slipway.namespace": "default",
        "slipway.name": "traced",
      });
      expect(Number(span.attributes["slipway.attempts"])).toBe(1);
      expect(["done", "after"]).toContain(span.attributes["slipway.outcome"]);
      expect(span.attributes["slipway.reconcile_id"]).toMatch(/^[0-9a-f]{8}$/);
    }
    expect(new Set(reconciles().map(({ traceId }) => traceId)).size).toBe(reconciles().length);
  });

  it("have the requests to the API server below, which carried traceparent", () => {
    const requests = spans.filter(({ kind, attributes }) => kind === client && attributes["slipway.verb"] !== undefined);
    for (const span of requests) expect(parentOf(span)).toBeDefined();
    const wrote = requests.find(({ name }) => name === "patch workflowruns.core.oam.dev/status");
    expect(wrote?.attributes).toEqual({
      "http.request.method": "PATCH",
      "http.response.status_code": 200,
      "url.scheme": "http",
      "url.path": "/apis/core.oam.dev/v1alpha1/namespaces/default/workflowruns/traced/status",
      "server.address": "127.0.0.1",
      "server.port": Number(new URL(api.url).port),
      "slipway.verb": "patch",
      "slipway.resource": "workflowruns.core.oam.dev/status",
    });
    // Each span is a request that came with its ids; what belongs to no reconcile came without.
    const sent = api.asked.flatMap(({ headers }) => headers["traceparent"] ?? []).sort();
    const calls = spans.filter(({ kind, attributes }) => kind === client && attributes["server.port"] === Number(new URL(api.url).port));
    expect(calls.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`).sort()).toEqual(sent);
    expect(sent.length).toBeLessThan(api.asked.length);
  });

  it("have the HTTP request of a step below, which told its target nothing", () => {
    const [call] = spans.filter(({ attributes }) => attributes["server.port"] === Number(new URL(hook.url).port));
    expect(call).toMatchObject({ name: "POST", kind: client, failed: false });
    expect(call?.attributes).toEqual({
      "http.request.method": "POST",
      "http.response.status_code": 200,
      "url.scheme": "http",
      "server.address": "127.0.0.1",
      "server.port": Number(new URL(hook.url).port),
    });
    expect(parentOf(call as CollectedSpan)?.name).toBe("reconcile workflowrun");
    expect(hook.asked.map(({ headers }) => headers["traceparent"])).toEqual([undefined]);
  });

  it("have the webhooks", () => {
    const reviews = spans.filter(({ kind }) => kind === server);
    expect(reviews.length).toBeGreaterThan(0);
    for (const { attributes } of reviews)
      expect(attributes).toMatchObject({ "http.request.method": "POST", "http.response.status_code": 200 });
  });

  it("have the attributes that docs/operate.md lists", () => {
    const page = readFileSync(join(root, "docs/operate.md"), "utf8");
    const documented = (row: RegExp): string[] => {
      const [, , attributes = ""] = (page.split("\n").find((line) => row.test(line)) ?? "").split("|").slice(1);
      return [...attributes.matchAll(/`([a-z_]+(?:\.[a-z_]+)+)`/g)].map(([, name = ""]) => name).sort();
    };
    const given = (which: (span: CollectedSpan) => boolean): string[] => {
      const names = spans.filter(which).flatMap(({ attributes }) => Object.keys(attributes));
      return [...new Set(names)].filter((name) => name !== "error.type").sort();
    };
    expect(given(({ kind }) => kind === internal)).toEqual(documented(/^\| `reconcile/));
    expect(given(({ kind, name }) => kind === client && name !== "POST")).toEqual(documented(/^\| `<verb>/));
    expect(given(({ kind, name }) => kind === client && name === "POST")).toEqual(documented(/^\| `<method>/));
    expect(given(({ kind }) => kind === server)).toEqual(documented(/^\| `POST/));
  });

  it("have no secret, header, body or query", () => {
    const all = collector.requests.map((request) => request.body).join("\n");
    for (const secret of secrets) expect(all).not.toContain(secret);
    expect(all).not.toMatch(/authorization|bearer|fieldManager/i);
    // They were there to be seen.
    expect(api.asked.some(({ headers }) => headers.authorization === `Bearer ${token}`)).toBe(true);
    expect(hook.asked[0]?.line).toBe(`POST /services/${path}?key=${query}`);
  });
});
