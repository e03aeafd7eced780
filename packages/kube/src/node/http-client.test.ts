import { gzipSync } from "node:zlib";
import type { AppError } from "@slipway/std";
import { isAbortError, isAppError } from "@slipway/std";
import { createActivity, createVirtualClock } from "@slipway/std/node";
import { afterEach, describe, expect, it } from "vitest";
import type { KubeClient } from "../client.ts";
import type { KubeObject } from "../object.ts";
import { resources } from "../resources.ts";
import { apiStatusOf, isConflict, isGone, isNotFound } from "../status.ts";
import type { HttpClientOptions } from "./http-client.ts";
import { createHttpClient } from "./http-client.ts";
import type { Answer, ScriptedServer } from "./testing/scripted-server.ts";
import { sendJson, startServer, statusBody } from "./testing/scripted-server.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connect(
  answer: Answer,
  options: HttpClientOptions = {},
  prefix = "",
): Promise<{ server: ScriptedServer; client: KubeClient }> {
  const server = await startServer(answer);
  const client = createHttpClient({ server: server.url + prefix, credentials: { token: "secret" } }, options);
  cleanups.push(
    () => server.close(),
    () => client.close(),
  );
  return { server, client };
}

async function rejection(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!isAppError(error)) throw new Error(`expected an AppError, got ${String(error)}`, { cause: error });
  return error;
}

const web = { namespace: "default", name: "web" };
const configMap: KubeObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "web", namespace: "default" }, data: { a: "1" } };
const echo: Answer = (_request, response) => sendJson(response, 200, configMap);

describe("requests", () => {
  it.each([
    ["get", (c: KubeClient) => c.get(resources.pods, web), "GET", "/api/v1/namespaces/default/pods/web", {}],
    [
      "get scale",
      (c: KubeClient) => c.get(resources.deployments, web, { subresource: "scale" }),
      "GET",
      "/apis/apps/v1/namespaces/default/deployments/web/scale",
      {},
    ],
    ["get cluster-scoped", (c: KubeClient) => c.get(resources.namespaces, { namespace: "", name: "x" }), "GET", "/api/v1/namespaces/x", {}],
    [
      "list all",
      (c: KubeClient) => c.list(resources.deployments, { limit: 5, continue: "c" }),
      "GET",
      "/apis/apps/v1/deployments",
      { limit: "5", continue: "c" },
    ],
    [
      "list selected",
      (c: KubeClient) =>
        c.list(resources.pods, { namespace: "a", labelSelector: "app in (x,y)", fieldSelector: "metadata.name=z", resourceVersion: "0" }),
      "GET",
      "/api/v1/namespaces/a/pods",
      { labelSelector: "app in (x,y)", fieldSelector: "metadata.name=z", resourceVersion: "0" },
    ],
    [
      "create",
      (c: KubeClient) => c.create(resources.configMaps, configMap, { fieldManager: "me", dryRun: true, fieldValidation: "Strict" }),
      "POST",
      "/api/v1/namespaces/default/configmaps",
      { fieldManager: "me", dryRun: "All", fieldValidation: "Strict" },
    ],
    [
      "create a subresource",
      (c: KubeClient) =>
        c.create(resources.pods, { apiVersion: "policy/v1", kind: "Eviction", metadata: web }, { subresource: "eviction" }),
      "POST",
      "/api/v1/namespaces/default/pods/web/eviction",
      {},
    ],
    [
      "replace status",
      (c: KubeClient) => c.replace(resources.configMaps, configMap, { subresource: "status" }),
      "PUT",
      "/api/v1/namespaces/default/configmaps/web/status",
      {},
    ],
    ["delete", (c: KubeClient) => c.delete(resources.pods, web), "DELETE", "/api/v1/namespaces/default/pods/web", {}],
    [
      "delete a collection",
      (c: KubeClient) => c.deleteCollection(resources.pods, { namespace: "a", labelSelector: "x=y" }),
      "DELETE",
      "/api/v1/namespaces/a/pods",
      { labelSelector: "x=y" },
    ],
  ])("%s", async (_title, call, method, path, query) => {
    const { server, client } = await connect(echo, { userAgent: "slipway-test/1" }, "/prefix/");
    await call(client);
    const [seen] = server.requests;
    expect({ method: seen?.method, path: seen?.path, query: seen?.query }).toEqual({ method, path: `/prefix${path}`, query });
    expect(seen?.headers).toMatchObject({ authorization: "Bearer secret", "user-agent": "slipway-test/1" });
  });

  it.each([
    [{ type: "json", body: [{ op: "add", path: "/a", value: 1 }] }, "application/json-patch+json", undefined],
    [{ type: "merge", body: { a: 1 } }, "application/merge-patch+json", undefined],
    [{ type: "strategic", body: { a: 1 } }, "application/strategic-merge-patch+json", undefined],
    [{ type: "apply", body: { a: 1 }, force: true }, "application/apply-patch+yaml", "true"],
  ] as const)("patches with %j", async (patch, contentType, force) => {
    const { server, client } = await connect(echo);
    await client.patch(resources.pods, web, patch, { fieldManager: "me", subresource: "status" });
    const [seen] = server.requests;
    expect(seen).toMatchObject({ method: "PATCH", path: "/api/v1/namespaces/default/pods/web/status", body: JSON.stringify(patch.body) });
    expect(seen?.headers["content-type"]).toBe(contentType);
    expect(seen?.query).toEqual({ fieldManager: "me", ...(force === undefined ? {} : { force }) });
  });

  it("sends DeleteOptions", async () => {
    const { server, client } = await connect(echo);
    await client.delete(resources.pods, web, {
      propagationPolicy: "Foreground",
      gracePeriodSeconds: 0,
      preconditions: { uid: "u" },
      dryRun: true,
    });
    expect(JSON.parse(server.requests[0]?.body ?? "")).toEqual({
      apiVersion: "v1",
      kind: "DeleteOptions",
      propagationPolicy: "Foreground",
      gracePeriodSeconds: 0,
      preconditions: { uid: "u" },
      dryRun: ["All"],
    });
  });

  it("gives listed items the type that servers leave out, and reads a null list as empty", async () => {
    const { client } = await connect((request, response) =>
      sendJson(response, 200, {
        kind: "PodList",
        metadata: { resourceVersion: "7" },
        items: request.path.includes("empty") ? null : [{ metadata: { name: "a" } }],
      }),
    );
    expect((await client.list(resources.pods)).items).toEqual([{ apiVersion: "v1", kind: "Pod", metadata: { name: "a" } }]);
    expect((await client.list(resources.pods, { namespace: "empty" })).items).toEqual([]);
  });

  it("reads gzip", async () => {
    const { server, client } = await connect((_request, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
      response.end(gzipSync(JSON.stringify(configMap)));
    });
    expect(await client.get(resources.configMaps, web)).toEqual(configMap);
    expect(server.requests[0]?.headers["accept-encoding"]).toBe("gzip");
  });

  it("hands the server's warnings on", async () => {
    const warnings: string[] = [];
    const { client } = await connect(
      (_request, response) => sendJson(response, 201, configMap, { warning: '299 - "say \\"hi\\", please", 299 - "old\\\\new"' }),
      { onWarning: (text) => warnings.push(text) },
    );
    await client.create(resources.configMaps, configMap);
    expect(warnings).toEqual(['say "hi", please', "old\\new"]);
  });

  it("reuses connections", async () => {
    const { server, client } = await connect(echo, { maxConnections: 4 });
    for (let i = 0; i < 50; i++) await client.get(resources.pods, web);
    // The pool may open a second one while the first is still handing its last answer over.
    expect(server.connections()).toBeLessThanOrEqual(2);
    await Promise.all(Array.from({ length: 100 }, () => client.get(resources.pods, web)));
    expect(server.requests).toHaveLength(150);
    expect(server.connections()).toBeLessThanOrEqual(4);
  });

  it("answers raw requests whatever their status", async () => {
    const { server, client } = await connect((_request, response) => sendJson(response, 418, { tea: true }));
    const answer = await client.raw({ method: "POST", path: "/x?y=1", body: "{}", headers: { "content-type": "application/json" } });
    expect(answer).toMatchObject({ status: 418, body: '{"tea":true}' });
    expect(server.requests[0]).toMatchObject({ path: "/x", query: { y: "1" }, body: "{}" });
  });
});

describe("failures", () => {
  it("carry the server's Status", async () => {
    const { client } = await connect((request, response) => {
      if (request.method === "GET") sendJson(response, 404, statusBody(404, "NotFound", 'pods "web" not found'));
      else sendJson(response, 409, statusBody(409, "Conflict", "changed"));
    });
    const missing = await rejection(client.get(resources.pods, web));
    expect(isNotFound(missing)).toBe(true);
    expect(missing.message).toBe('pods "web" not found');
    expect(isConflict(await rejection(client.replace(resources.configMaps, configMap)))).toBe(true);
  });

  it("describe an answer that is no Status", async () => {
    const { client } = await connect((_request, response) => {
      response.writeHead(502, { "content-type": "text/html" });
      response.end("<h1>Bad Gateway</h1>");
    });
    const error = await rejection(client.get(resources.pods, web));
    expect(error.message).toBe("GET /api/v1/namespaces/default/pods/web: the server answered 502: <h1>Bad Gateway</h1>");
    expect(apiStatusOf(error)?.code).toBe(502);
  });

  it("are KUBE_TRANSPORT when nobody listens, the connection breaks, or the answer is not JSON", async () => {
    const { server, client } = await connect((request, response) => {
      if (request.path.endsWith("/broken")) {
        response.writeHead(200, { "content-length": "1000" });
        response.write("{");
        setTimeout(() => response.destroy(), 10);
      } else if (request.path.endsWith("/reset")) response.destroy();
      else response.end("hello");
    });
    for (const name of ["broken", "reset", "text"]) {
      const error = await rejection(client.get(resources.pods, { namespace: "default", name }));
      expect([error.code, error.retry]).toEqual(["KUBE_TRANSPORT", "backoff"]);
      expect(error.message).toContain(`/pods/${name}`);
    }
    await server.close();
    const refused = await rejection(client.get(resources.pods, web));
    expect(refused.code).toBe("KUBE_TRANSPORT");
    expect(refused.message).toContain("ECONNREFUSED");
  });

  it("end with the signal's reason when aborted", async () => {
    const { client } = await connect(() => {});
    const controller = new AbortController();
    const pending = client.get(resources.pods, web, { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    const error: unknown = await pending.catch((caught: unknown) => caught);
    expect(isAbortError(error)).toBe(true);
  });

  it("do not wait for slow credentials once aborted", async () => {
    const client = createHttpClient({
      server: "http://127.0.0.1:1",
      credentials: { current: () => new Promise(() => {}), invalidate: () => false },
    });
    const error: unknown = await client.get(resources.pods, web, { signal: AbortSignal.timeout(20) }).catch((caught: unknown) => caught);
    expect((error as Error).name).toBe("TimeoutError");
    await client.close();
  });

  it("of credentials do not outlive a request that was aborted before", async () => {
    const client = createHttpClient({
      server: "http://127.0.0.1:1",
      credentials: { current: () => Promise.reject(new Error("no plugin")), invalidate: () => false },
    });
    // An unhandled rejection would fail the run.
    const error: unknown = await client.get(resources.pods, web, { signal: AbortSignal.abort() }).catch((caught: unknown) => caught);
    expect(isAbortError(error)).toBe(true);
    await client.close();
  });

  it("say that the client is closed", async () => {
    const { client } = await connect(echo);
    await client.close();
    expect((await rejection(client.get(resources.pods, web))).message).toContain("the client is closed");
  });

  it("refuse a server that is no URL", () => {
    expect(() => createHttpClient({ server: "localhost:8080" })).toThrow("not an http or https URL");
  });
});

describe("retries of reads", () => {
  const busy = (times: number, headers: Record<string, string>): Answer => {
    let left = times;
    return (_request, response) => {
      if (left-- > 0) sendJson(response, 429, statusBody(429, "TooManyRequests", "slow down"), headers);
      else sendJson(response, 200, configMap);
    };
  };

  it("wait on the clock as long as the server says, and count as idle meanwhile", async () => {
    const activity = createActivity();
    const clock = createVirtualClock({ startMs: 0, activity });
    const { server, client } = await connect(busy(2, { "retry-after": "3" }), { clock, activity });
    const pending = client.get(resources.configMaps, web);
    await waitUntil(() => clock.nextTimer() === 3000);
    await clock.advance(3000);
    await waitUntil(() => clock.nextTimer() === 6000);
    expect(server.requests).toHaveLength(2);
    await clock.advance(3000);
    expect(await pending).toEqual(configMap);
    expect(server.requests).toHaveLength(3);
  });

  it("are bounded in number", async () => {
    const clock = createVirtualClock({ startMs: 0, speed: 1000 });
    const { server, client } = await connect(busy(99, { "retry-after": "1" }), { clock, readRetries: 2 });
    const error = await rejection(client.list(resources.pods));
    expect([apiStatusOf(error)?.code, error.retry]).toEqual([429, { afterMs: 1000 }]);
    expect(server.requests).toHaveLength(3);
    clock.stop();
  });

  it("are not made for long waits, without Retry-After, or for writes", async () => {
    const long = await connect(busy(1, { "retry-after": "3600" }));
    expect((await rejection(long.client.get(resources.pods, web))).retry).toEqual({ afterMs: 3_600_000 });
    const silent = await connect(busy(1, {}));
    await rejection(silent.client.get(resources.pods, web));
    const write = await connect(busy(1, { "retry-after": "1" }));
    await rejection(write.client.create(resources.configMaps, configMap));
    expect([long, silent, write].map(({ server }) => server.requests.length)).toEqual([1, 1, 1]);
  });
});

describe("activity", () => {
  it("counts requests until their answer is read, and no watches", async () => {
    const activity = createActivity();
    let release = (): void => {};
    const { client } = await connect(
      (request, response) => {
        if (request.query["watch"] === "true") {
          response.writeHead(200);
          response.flushHeaders();
        } else release = () => sendJson(response, 200, configMap);
      },
      { activity },
    );
    const controller = new AbortController();
    const watching = client.watch(resources.pods, { signal: controller.signal })[Symbol.asyncIterator]().next();
    await activity.idle(5, 1000);
    const pending = client.get(resources.pods, web);
    await expect(activity.idle(5, 100)).rejects.toThrow("1 pieces of work in flight");
    release();
    await pending;
    await activity.idle(5, 1000);
    controller.abort();
    expect(await watching).toEqual({ done: true, value: undefined });
  });
});

describe("discovery", () => {
  const aggregated = (group: string, ...kinds: [string, string, string][]): object => ({
    kind: "APIGroupDiscoveryList",
    items: [
      {
        metadata: { name: group },
        versions: [
          {
            version: "v1",
            resources: kinds.map(([resource, kind, scope]) => ({ resource, scope, responseKind: { group: "", version: "", kind } })),
          },
        ],
      },
    ],
  });

  it("reads the aggregated form once, and again when a kind is missing", async () => {
    let installed = false;
    const { server, client } = await connect((request, response) => {
      if (request.path === "/api")
        sendJson(response, 200, aggregated("", ["pods", "Pod", "Namespaced"], ["namespaces", "Namespace", "Cluster"]));
      else
        sendJson(
          response,
          200,
          aggregated("example.com", ...(installed ? [["widgets", "Widget", "Cluster"] as [string, string, string]] : [])),
        );
    });
    const pod = { group: "", version: "v1", kind: "Pod" };
    const widget = { group: "example.com", version: "v1", kind: "Widget" };
    expect(await client.resourceFor(pod)).toEqual({ ...pod, plural: "pods", namespaced: true });
    expect(await client.resourceFor({ ...pod, kind: "Namespace" })).toEqual({
      ...pod,
      kind: "Namespace",
      plural: "namespaces",
      namespaced: false,
    });
    expect(server.requests).toHaveLength(2);
    expect(await Promise.all([client.resourceFor(widget), client.resourceFor(widget)])).toEqual([undefined, undefined]);
    expect(server.requests).toHaveLength(4);
    installed = true;
    expect(await client.resourceFor(widget)).toEqual({ ...widget, plural: "widgets", namespaced: false });
    expect(server.requests).toHaveLength(6);
    installed = false;
    expect(await client.resourceFor({ ...widget, kind: "Other" })).toBeUndefined();
    expect(await client.resourceFor(widget)).toBeUndefined();
  });

  it("falls back to the legacy form", async () => {
    const { client } = await connect((request, response) => {
      if (request.path === "/api") sendJson(response, 200, { kind: "APIVersions", versions: ["v1"] });
      else if (request.path === "/apis") sendJson(response, 200, { kind: "APIGroupList", groups: [] });
      else if (request.path === "/apis/apps/v1") {
        sendJson(response, 200, {
          kind: "APIResourceList",
          resources: [
            { name: "deployments/scale", kind: "Scale", namespaced: true },
            { name: "deployments", kind: "Deployment", namespaced: true },
          ],
        });
      } else sendJson(response, 404, statusBody(404, "NotFound", "no"));
    });
    expect(await client.resourceFor({ group: "apps", version: "v1", kind: "Deployment" })).toEqual(resources.deployments);
    expect(await client.resourceFor({ group: "apps", version: "v1", kind: "Scale" })).toBeUndefined();
    expect(await client.resourceFor({ group: "nope", version: "v1", kind: "X" })).toBeUndefined();
  });

  it("throws when the server cannot say, instead of answering that the kind is unknown", async () => {
    const { client } = await connect((_request, response) => sendJson(response, 500, statusBody(500, "InternalError", "boom")));
    expect(apiStatusOf(await rejection(client.resourceFor({ group: "", version: "v1", kind: "Pod" })))?.code).toBe(500);
  });
});

describe("watch", () => {
  async function collect(client: KubeClient, controller = new AbortController()): Promise<string[]> {
    const seen: string[] = [];
    for await (const event of client.watch(resources.pods, { signal: controller.signal })) {
      seen.push(`${event.type} ${event.type === "ERROR" ? (event.object.code ?? 0) : (event.object.metadata.name ?? "")}`);
    }
    return seen;
  }
  const line = (type: string, name: string): string =>
    `${JSON.stringify({ type, object: { apiVersion: "v1", kind: "Pod", metadata: { name } } })}\n`;

  it("asks as told", async () => {
    const { server, client } = await connect((_request, response) => void response.end());
    const options = {
      namespace: "a",
      labelSelector: "x=y",
      resourceVersion: "5",
      allowBookmarks: true,
      sendInitialEvents: true,
      timeoutSeconds: 9,
    };
    for await (const event of client.watch(resources.pods, { ...options, signal: new AbortController().signal }))
      expect(event).toBeUndefined();
    expect(server.requests[0]).toMatchObject({
      path: "/api/v1/namespaces/a/pods",
      query: {
        watch: "true",
        labelSelector: "x=y",
        resourceVersion: "5",
        allowWatchBookmarks: "true",
        sendInitialEvents: "true",
        resourceVersionMatch: "NotOlderThan",
        timeoutSeconds: "9",
      },
    });
  });

  it("puts lines together from any pieces, a UTF-8 character cut in two included", async () => {
    const bytes = Buffer.from(line("ADDED", "é") + line("MODIFIED", "b") + "\n" + line("BOOKMARK", "c").trimEnd());
    const { client } = await connect(async (_request, response) => {
      for (const byte of bytes) {
        response.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    expect(await collect(client)).toEqual(["ADDED é", "MODIFIED b", "BOOKMARK c"]);
  });

  it("hands ERROR events on", async () => {
    const { client } = await connect(
      (_request, response) => void response.end(`${JSON.stringify({ type: "ERROR", object: statusBody(410, "Expired", "too old") })}\n`),
    );
    expect(await collect(client)).toEqual(["ERROR 410"]);
  });

  it("throws the server's refusal", async () => {
    const { client } = await connect((_request, response) => sendJson(response, 410, statusBody(410, "Expired", "too old")));
    expect(isGone(await rejection(collect(client)))).toBe(true);
  });

  it.each([
    ["a broken line", "{nonsense\n", "not JSON"],
    ["half a line", '{"type":"ADDED","obj', "not JSON"],
    ["another document", '{"kind":"Pod"}\n', "not a watch event"],
    ["a line without end", `${"x".repeat(3000)}`, "longer than 2000 bytes"],
    ["an overlong line", `${"x".repeat(3000)}\n`, "longer than 2000 bytes"],
  ])("throws KUBE_TRANSPORT for %s, after what came before", async (_title, text, message) => {
    const { client } = await connect((_request, response) => void response.end(line("ADDED", "a") + text), { maxWatchLineBytes: 2000 });
    const seen: string[] = [];
    const error = await rejection(
      (async () => {
        for await (const event of client.watch(resources.pods, { signal: new AbortController().signal })) seen.push(event.type);
      })(),
    );
    expect(seen).toEqual(["ADDED"]);
    expect(error.code).toBe("KUBE_TRANSPORT");
    expect(error.message).toContain(message);
  });

  it("throws KUBE_TRANSPORT when the connection breaks", async () => {
    const { client } = await connect((_request, response) => {
      response.write(line("ADDED", "a"));
      setTimeout(() => response.destroy(), 20);
    });
    expect((await rejection(collect(client))).code).toBe("KUBE_TRANSPORT");
  });

  it("ends when aborted and closes its connection", async () => {
    let closed = false;
    const { client } = await connect((_request, response) => {
      response.write(line("ADDED", "a"));
      response.on("close", () => (closed = true));
    });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    expect(await collect(client, controller)).toEqual(["ADDED a"]);
    await waitUntil(() => closed);
  });

  it("closes its connection when the reader leaves", async () => {
    let closed = false;
    const { client } = await connect((_request, response) => {
      response.write(line("ADDED", "a"));
      response.on("close", () => (closed = true));
    });
    for await (const event of client.watch(resources.pods, { signal: new AbortController().signal })) {
      expect(event.type).toBe("ADDED");
      break;
    }
    await waitUntil(() => closed);
  });

  it("ends when the client is closed", async () => {
    const { client } = await connect((_request, response) => {
      response.write(line("ADDED", "a"));
    });
    setTimeout(() => void client.close(), 50);
    expect(await collect(client)).toEqual(["ADDED a"]);
  });

  it("opens again after a 429 with Retry-After", async () => {
    let first = true;
    const clock = createVirtualClock({ startMs: 0, speed: 1000 });
    const { client } = await connect(
      (_request, response) => {
        if (first) sendJson(response, 429, statusBody(429, "TooManyRequests", "later"), { "retry-after": "1" });
        else response.end(line("ADDED", "a"));
        first = false;
      },
      { clock },
    );
    expect(await collect(client)).toEqual(["ADDED a"]);
    clock.stop();
  });

  it("does not hold up requests, however many there are", async () => {
    const { client } = await connect(
      (request, response) => {
        if (request.query["watch"] === "true") response.write(line("ADDED", "a"));
        else sendJson(response, 200, configMap);
      },
      { maxConnections: 1 },
    );
    const watches = Array.from({ length: 20 }, () =>
      client.watch(resources.pods, { signal: new AbortController().signal })[Symbol.asyncIterator](),
    );
    expect(await Promise.all(watches.map(async (watch) => (await watch.next()).done))).toEqual(Array.from({ length: 20 }, () => false));
    expect(await client.get(resources.configMaps, web)).toEqual(configMap);
  });
});

async function waitUntil(holds: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 5000;
  while (!holds()) {
    if (performance.now() > giveUpAt) throw new Error("waited 5 s in vain");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
