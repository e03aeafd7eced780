import { connect } from "node:net";
import { resources } from "@slipway/kube";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApiServer } from "./test-api-server.ts";
import type { Answer, TestApiServer } from "./test-api-server.ts";

let api: TestApiServer;
beforeAll(async () => {
  api = await startTestApiServer({
    podLogs: async function* ({ container, tailLines }) {
      yield await Promise.resolve(`${container} ${tailLines ?? "all"}\n`);
    },
  });
});
afterAll(() => api.stop());

const base = "/api/v1/namespaces/default";
const configMap = (name: string): object => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });
const status = (answer: Answer): unknown => [answer.code, answer.json?.["reason"], answer.json?.["message"]];
const table = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };

describe("bad requests", () => {
  it.each([
    ["malformed JSON", "POST", `${base}/configmaps`, { body: "{" }, 400, "BadRequest"],
    ["a list as an object", "POST", `${base}/configmaps`, { body: "[1]" }, 400, "BadRequest"],
    ["bytes that are not UTF-8", "POST", `${base}/configmaps`, { body: Uint8Array.from([0x7b, 0xff, 0x7d]) }, 400, "BadRequest"],
    [
      "torn protobuf",
      "POST",
      `${base}/configmaps`,
      { body: "k8s\u0000\u000a\u007f", headers: { "content-type": "application/vnd.kubernetes.protobuf" } },
      400,
      "BadRequest",
    ],
    [
      "an unknown body type",
      "POST",
      `${base}/configmaps`,
      { body: "x", headers: { "content-type": "text/plain" } },
      415,
      "UnsupportedMediaType",
    ],
    ["an unknown patch type", "PATCH", `${base}/configmaps/x`, { body: "{}" }, 415, "UnsupportedMediaType"],
    [
      "server-side apply",
      "PATCH",
      `${base}/configmaps/x`,
      { body: "{}", headers: { "content-type": "application/apply-patch+yaml" } },
      415,
      "UnsupportedMediaType",
    ],
    ["an answer form nobody has", "GET", `${base}/configmaps`, { headers: { accept: "text/csv" } }, 406, "NotAcceptable"],
    ["an unknown resource", "GET", `${base}/nothings`, {}, 404, "NotFound"],
    ["an unknown subresource", "GET", `${base}/configmaps/x/status`, {}, 404, "NotFound"],
    ["a verb that is not there", "PUT", `${base}/configmaps`, { body: "{}" }, 405, "MethodNotAllowed"],
    ["creation in all namespaces", "POST", "/api/v1/configmaps", { body: configMap("x") }, 405, "MethodNotAllowed"],
    ["a slash in a name", "GET", `${base}/configmaps/..%2F..%2Fsecrets`, {}, 400, "BadRequest"],
    ["bad escapes", "GET", `${base}/configmaps/%zz`, {}, 400, "BadRequest"],
    ["a foreign continue token", "GET", `${base}/configmaps?continue=abc`, {}, 400, "BadRequest"],
    ["a bad label selector", "GET", `${base}/configmaps?labelSelector=a%20b`, {}, 400, "BadRequest"],
    ["a field that cannot be selected by", "GET", `${base}/pods?fieldSelector=spec.color%3Dred`, {}, 400, "BadRequest"],
    [
      "another namespace in the body",
      "POST",
      `${base}/configmaps`,
      { body: { ...configMap("x"), metadata: { name: "x", namespace: "other" } } },
      400,
      "BadRequest",
    ],
    [
      "another kind in the body",
      "POST",
      `${base}/configmaps`,
      { body: { apiVersion: "v1", kind: "Secret", metadata: { name: "x" } } },
      400,
      "BadRequest",
    ],
    [
      "an object without a name",
      "POST",
      `${base}/configmaps`,
      { body: { apiVersion: "v1", kind: "ConfigMap", metadata: {} } },
      422,
      "Invalid",
    ],
    ["a dry run of another sort", "POST", `${base}/configmaps?dryRun=Some`, { body: configMap("x") }, 400, "BadRequest"],
    [
      "3 MiB and more",
      "POST",
      `${base}/configmaps`,
      { body: { ...configMap("x"), data: { a: "x".repeat(3 * 1024 * 1024) } } },
      413,
      "RequestEntityTooLarge",
    ],
    ["exec", "GET", `${base}/pods/x/exec?command=ls`, {}, 415, "UnsupportedMediaType"],
  ])("%s", async (_, method, path, options, code, reason) => {
    const answer = await api.send(method, path, options);
    expect(answer.json).toMatchObject({ kind: "Status", apiVersion: "v1", status: "Failure", code, reason });
    expect(answer.code).toBe(code);
  });

  it("survives a client that hangs up inside its body", async () => {
    const { hostname, port } = new URL(api.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write("POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
        setTimeout(() => socket.destroy(), 20);
      });
      socket.on("close", () => resolve());
    });
    expect((await api.send("GET", "/readyz")).text).toBe("ok");
  });
});

describe("field validation", () => {
  const twice = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice"},"data":{"a":"1","a":"2"},"extra":1}';

  it("warns by default, in headers", async () => {
    const answer = await api.send("POST", `${base}/configmaps?dryRun=All`, { body: twice });
    expect(answer.code).toBe(201);
    expect(answer.headers.get("warning")).toBe('299 - "unknown field \\"extra\\"", 299 - "duplicate field \\"data.a\\""');
  });

  it("refuses when strict, and is silent when told to ignore", async () => {
    const strict = await api.send("POST", `${base}/configmaps?fieldValidation=Strict`, { body: twice });
    expect(status(strict)).toEqual([
      400,
      "BadRequest",
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "extra", duplicate field "data.a"',
    ]);
    const ignored = await api.send("POST", `${base}/configmaps?dryRun=All&fieldValidation=Ignore`, { body: twice });
    expect([ignored.code, ignored.headers.get("warning")]).toEqual([201, null]);
  });
});

describe("discovery", () => {
  const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

  it("answers in one document to those who ask, and in the old way to others", async () => {
    const answer = await api.send("GET", "/apis", { headers: { accept: `${aggregated},application/json` } });
    expect(answer.headers.get("content-type")).toBe(aggregated);
    const items = answer.json?.["items"] as {
      metadata: { name: string };
      versions: { version: string; resources: { resource: string; scope: string }[] }[];
    }[];
    const apps = items.find((item) => item.metadata.name === "apps");
    expect(apps?.versions[0]?.resources.find(({ resource }) => resource === "deployments")).toMatchObject({
      scope: "Namespaced",
      responseKind: { group: "apps", version: "v1", kind: "Deployment" },
      shortNames: ["deploy"],
      categories: ["all"],
      subresources: [
        { subresource: "status" },
        { subresource: "scale", responseKind: { group: "autoscaling", version: "v1", kind: "Scale" } },
      ],
    });
    const legacy = await api.send("GET", "/apis");
    expect(legacy.json).toMatchObject({ kind: "APIGroupList" });
    const list = await api.send("GET", "/api/v1");
    expect((list.json?.["resources"] as { name: string }[]).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["pods", "pods/log", "pods/status", "namespaces/finalize"]),
    );
  });

  it("names its version and health", async () => {
    expect((await api.send("GET", "/version")).json).toMatchObject({ major: "1", minor: "34", gitVersion: "v1.34.0+slipway" });
    for (const path of ["/healthz", "/readyz", "/livez"]) expect((await api.send("GET", path)).text).toBe("ok");
  });

  it("describes kinds for kubectl in OpenAPI v3", async () => {
    const index = await api.send("GET", "/openapi/v3");
    const paths = index.json?.["paths"] as Record<string, { serverRelativeURL: string }>;
    const document = (await api.send("GET", paths["apis/apps/v1"]?.serverRelativeURL ?? "")).json as {
      paths: Record<string, { patch: { parameters: { name: string }[] } & Record<string, unknown> }>;
      components: { schemas: Record<string, { properties: Record<string, unknown> }> };
    };
    const patch = document.paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]?.patch;
    expect(patch?.["x-kubernetes-group-version-kind"]).toEqual({ group: "apps", version: "v1", kind: "Deployment" });
    expect(patch?.parameters.map(({ name }) => name)).toContain("fieldValidation");
    expect(document.components.schemas["io.k8s.api.core.v1.PodSpec"]?.properties).toHaveProperty("containers");
    const dangling = JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g);
    for (const [, name = ""] of dangling) expect(document.components.schemas).toHaveProperty([name]);
  });
});

describe("forms of an answer", () => {
  it("prints tables with the age on the server's clock", async () => {
    await api.send("POST", `${base}/configmaps`, { body: { ...configMap("tabled"), data: { a: "1", b: "2" } } });
    await api.clock.advance(65_000);
    const answer = await api.send("GET", `${base}/configmaps?fieldSelector=metadata.name%3Dtabled`, { headers: table });
    expect(answer.json).toMatchObject({
      kind: "Table",
      columnDefinitions: [{ name: "Name" }, { name: "Data", type: "integer" }, { name: "Age" }],
      rows: [{ cells: ["tabled", 2, "65s"], object: { kind: "PartialObjectMetadata", metadata: { name: "tabled" } } }],
    });
  });

  it("sends metadata alone, and watches as tables", async () => {
    await api.send("POST", `${base}/configmaps`, { body: configMap("partial") });
    const accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
    const list = await api.send("GET", `${base}/configmaps`, { headers: { accept } });
    expect(list.json).toMatchObject({ kind: "PartialObjectMetadataList" });
    for (const item of list.json?.["items"] as object[]) expect(Object.keys(item).sort()).toEqual(["apiVersion", "kind", "metadata"]);
    const watch = await api.send("GET", `${base}/configmaps?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dpartial`, {
      headers: table,
    });
    const [first] = watch.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; object: { kind: string; rows: { cells: unknown[] }[] } });
    expect(first).toMatchObject({ type: "ADDED", object: { kind: "Table", rows: [{ cells: ["partial", 0, "0s"] }] } });
  });

  it("compresses large lists and closes watches after their timeout", async () => {
    for (let i = 0; i < 40; i++) {
      await api.send("POST", "/api/v1/namespaces/kube-public/configmaps", {
        body: { ...configMap(`big${i}`), data: { a: "x".repeat(5000) } },
      });
    }
    const path = "/api/v1/namespaces/kube-public/configmaps";
    const answer = await api.send("GET", path, { headers: { "accept-encoding": "gzip" } });
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    expect(answer.json?.["items"]).toHaveLength(40);
    const started = performance.now();
    await api.send("GET", `${path}?watch=true&timeoutSeconds=1`);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe("a large list", () => {
  it("comes whole although it is sent in pieces", async () => {
    await api.send("POST", "/api/v1/namespaces", { body: { apiVersion: "v1", kind: "Namespace", metadata: { name: "large" } } });
    for (let i = 0; i < 1203; i++)
      await api.local.create(resources.configMaps, {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: `c${i}`, namespace: "large" },
      });
    const answer = await api.send("GET", "/api/v1/namespaces/large/configmaps");
    expect(answer.headers.get("transfer-encoding")).toBe("chunked");
    const names = (answer.json?.["items"] as { metadata: { name: string } }[]).map((item) => item.metadata.name);
    expect(names).toEqual([...Array(1203).keys()].map((i) => `c${i}`).sort());
  });
});

describe("logs", () => {
  const pod = (name: string, containers: string[]): object => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { nodeName: "n1", containers: containers.map((container) => ({ name: container, image: "x" })) },
  });
  const run = (name: string, containers: string[]): Promise<Answer> =>
    api.send("PATCH", `${base}/pods/${name}/status`, {
      headers: { "content-type": "application/merge-patch+json" },
      body: { status: { containerStatuses: containers.map((container) => ({ name: container, state: { running: {} } })) } },
    });

  it("come from the node once the container runs", async () => {
    await api.send("POST", `${base}/pods`, { body: pod("talker", ["c"]) });
    expect((await api.send("GET", `${base}/pods/talker/log`)).json?.["message"]).toBe(
      'container "c" in pod "talker" is waiting to start: ContainerCreating',
    );
    await run("talker", ["c"]);
    expect((await api.send("GET", `${base}/pods/talker/log?tailLines=3`)).text).toBe("c 3\n");
  });

  it("want a container's name where there are several", async () => {
    await api.send("POST", `${base}/pods`, { body: pod("pair", ["a", "b"]) });
    await run("pair", ["a", "b"]);
    expect((await api.send("GET", `${base}/pods/pair/log`)).json?.["message"]).toBe(
      "a container name must be specified for pod pair, choose one of: [a b]",
    );
    expect((await api.send("GET", `${base}/pods/pair/log?container=z`)).json?.["message"]).toBe("container z is not valid for pod pair");
    expect((await api.send("GET", `${base}/pods/pair/log?container=b`)).text).toBe("b all\n");
  });
});

describe("events", () => {
  it("are the same objects in both of their groups", async () => {
    const event = {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { name: "e1", namespace: "default" },
      regarding: { kind: "Pod", name: "p", namespace: "default" },
      reason: "Started",
      note: "it runs",
      type: "Normal",
      eventTime: "2026-01-02T03:04:05.000000Z",
      reportingController: "kubelet",
      reportingInstance: "n1",
      action: "Start",
    };
    const made = await api.send("POST", "/apis/events.k8s.io/v1/namespaces/default/events", { body: event });
    expect(made.json).toMatchObject({ apiVersion: "events.k8s.io/v1", regarding: { name: "p" }, note: "it runs" });
    const core = await api.send("GET", `${base}/events?fieldSelector=involvedObject.name%3Dp`);
    expect(core.json?.["items"]).toMatchObject([
      { apiVersion: "v1", involvedObject: { name: "p" }, message: "it runs", reportingComponent: "kubelet" },
    ]);
  });
});

describe("a token", () => {
  it("guards everything but health", async () => {
    const guarded = await startTestApiServer({ token: "secret" });
    try {
      expect((await guarded.send("GET", "/api/v1/namespaces")).code).toBe(401);
      expect((await guarded.send("GET", "/api/v1/namespaces", { headers: { authorization: "Bearer wrong" } })).code).toBe(401);
      expect((await guarded.send("GET", "/readyz")).code).toBe(200);
      expect((await guarded.send("GET", "/api/v1/namespaces", { headers: { authorization: "Bearer secret" } })).code).toBe(200);
      expect(JSON.parse(guarded.server.kubeconfig(guarded.url))).toMatchObject({ users: [{ user: { token: "secret" } }] });
    } finally {
      await guarded.stop();
    }
  });
});
