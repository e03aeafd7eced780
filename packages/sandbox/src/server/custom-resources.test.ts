import type { AdmissionWebhook } from "@slipway/controller";
import type { WebhookServer } from "@slipway/controller/node";
import { conversionPath, createServingCertificates, startWebhookServer } from "@slipway/controller/node";
import type { KubeClient, KubeObject, Resource } from "@slipway/kube";
import { apiStatusOf, resources } from "@slipway/kube";
import { AppError, silentLogger } from "@slipway/std";
import { realClock } from "@slipway/std/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestApiServer } from "./test-api-server.ts";
import { startTestApiServer } from "./test-api-server.ts";

const {
  customResourceDefinitions: crds,
  configMaps,
  namespaces,
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
} = resources;
const group = "example.dev";
const widgets: Resource = { group, version: "v1", kind: "Widget", plural: "widgets", namespaced: true };
const widgetsV2: Resource = { ...widgets, version: "v2" };

const schema = (sizeField: string): object => ({
  type: "object",
  properties: {
    spec: {
      type: "object",
      required: [sizeField],
      properties: {
        [sizeField]: { type: "integer", minimum: 1 },
        mode: { type: "string", enum: ["fast", "slow"], default: "fast" },
        replicas: { type: "integer" },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
      },
    },
    status: { type: "object", properties: { phase: { type: "string" }, replicas: { type: "integer" } } },
  },
});
const version = (name: string, sizeField: string, storage: boolean): object => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: schema(sizeField) },
  subresources: { status: {}, scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" } },
  additionalPrinterColumns: [
    { name: "Size", type: "integer", jsonPath: `.spec.${sizeField}` },
    { name: "Phase", type: "string", jsonPath: ".status.phase", priority: 1 },
    { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  ],
});
const definition = (conversion?: object): KubeObject => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `widgets.${group}` },
  spec: {
    group,
    scope: "Namespaced",
    names: { plural: "widgets", kind: "Widget", shortNames: ["wd"], categories: ["all"] },
    versions: [version("v1", "size", true), version("v2", conversion === undefined ? "size" : "length", false)],
    ...(conversion === undefined ? {} : { conversion }),
  },
});
const widget = (name: string, spec: object, apiVersion = `${group}/v1`): KubeObject => ({
  apiVersion,
  kind: "Widget",
  metadata: { name, namespace: "default" },
  spec,
});
const at = (name: string): { namespace: string; name: string } => ({ namespace: "default", name });
const messageOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    return `${apiStatusOf(error)?.code ?? ""} ${apiStatusOf(error)?.message ?? String(error)}`;
  }
  return "ok";
};

describe("custom resources", () => {
  let api: TestApiServer;
  let client: KubeClient;
  beforeAll(async () => {
    api = await startTestApiServer();
    client = api.remote;
    await client.create(crds, definition());
  });
  afterAll(() => api.stop());

  it("are established at once, with names and versions filled in", async () => {
    const crd = await client.get(crds, { namespace: "", name: `widgets.${group}` });
    expect(crd["status"]).toMatchObject({
      conditions: [
        { type: "NamesAccepted", status: "True" },
        { type: "Established", status: "True" },
      ],
      acceptedNames: { plural: "widgets", singular: "widget", listKind: "WidgetList" },
      storedVersions: ["v1"],
    });
    expect(await client.resourceFor({ group, version: "v1", kind: "Widget" })).toMatchObject({ plural: "widgets", namespaced: true });
  });

  it("are pruned, defaulted and validated by their schema", async () => {
    const made = await client.create(widgets, widget("a", { size: 3, extra: 1, free: { any: { thing: true } } }));
    expect(made["spec"]).toEqual({ size: 3, mode: "fast", free: { any: { thing: true } } });
    expect(await messageOf(client.create(widgets, widget("b", { size: 0, mode: "odd" })))).toBe(
      '422 Widget.example.dev "b" is invalid: [spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1, spec.mode: Unsupported value: "odd": supported values: "fast", "slow"]',
    );
    expect(await messageOf(client.create(widgets, widget("b", {})))).toBe(
      '422 Widget.example.dev "b" is invalid: spec.size: Required value',
    );
    expect(await messageOf(client.create(widgets, widget("b", { size: 1, extra: 1 }), { fieldValidation: "Strict" }))).toContain(
      'strict decoding error: unknown field "spec.extra"',
    );
  });

  it("isolate status, count generations and scale", async () => {
    await client.create(widgets, widget("s", { size: 1 }));
    const refused = await client.patch(widgets, at("s"), { type: "merge", body: { status: { phase: "Up" } } });
    expect(refused).not.toHaveProperty("status");
    const reported = await client.patch(widgets, at("s"), { type: "merge", body: { status: { phase: "Up" } } }, { subresource: "status" });
    expect(reported).toMatchObject({ metadata: { generation: 1 }, status: { phase: "Up" } });
    await client.patch(widgets, at("s"), { type: "merge", body: { spec: { replicas: 4 } } }, { subresource: "scale" });
    expect(await client.get(widgets, at("s"))).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 4 } });
  });

  it("answer 415 to strategic patches", async () => {
    await client.create(widgets, widget("p", { size: 1 }));
    expect(await messageOf(client.patch(widgets, at("p"), { type: "strategic", body: {} }))).toMatch(/^415 /);
  });

  it("print their columns and appear in OpenAPI", async () => {
    await client.create(widgets, widget("t", { size: 7 }));
    const answer = await api.send("GET", `/apis/${group}/v1/namespaces/default/widgets/t`, {
      headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
    });
    expect(answer.json).toMatchObject({
      columnDefinitions: [{ name: "Name" }, { name: "Size" }, { name: "Phase", priority: 1 }, { name: "Age" }],
      rows: [{ cells: ["t", 7, null, "0s"] }],
    });
    const openapi = await api.send("GET", `/openapi/v3/apis/${group}/v1`);
    expect(openapi.text).toContain('"dev.example.v1.Widget"');
  });

  it("are shown in every served version", async () => {
    await client.create(widgetsV2, widget("versions", { size: 2 }, `${group}/v2`));
    expect((await client.get(widgets, at("versions"))).apiVersion).toBe(`${group}/v1`);
    const list = await client.list(widgetsV2, { namespace: "default", fieldSelector: "metadata.name=versions" });
    expect(list.items.map((item) => item.apiVersion)).toEqual([`${group}/v2`]);
  });

  it("refuse definitions that cannot be served", async () => {
    const bad = { ...definition(), metadata: { name: "wrong.example.dev" } };
    expect(await messageOf(client.create(crds, bad))).toContain(
      'metadata.name: Invalid value: "wrong.example.dev": must be spec.names.plural+"."+spec.group',
    );
  });

  it("go with their definition", async () => {
    await client.create(widgets, widget("last", { size: 1 }));
    await client.delete(crds, { namespace: "", name: `widgets.${group}` });
    await expect.poll(() => messageOf(client.get(crds, { namespace: "", name: `widgets.${group}` }))).toMatch(/^404 /);
    expect(await messageOf(client.list(widgets, { namespace: "default" }))).toMatch(
      /^404 the server could not find the requested resource/,
    );
    await client.create(crds, definition());
    expect((await client.list(widgets, { namespace: "default" })).items).toEqual([]);
  });
});

describe("webhooks", () => {
  let api: TestApiServer;
  let client: KubeClient;
  let webhooks: WebhookServer;
  let endpoint: (path: string) => object;
  const seen: string[] = [];

  beforeAll(async () => {
    api = await startTestApiServer();
    client = api.remote;
    const certificates = await createServingCertificates({ names: ["127.0.0.1"], clock: realClock });
    const rule = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"] as const, resources: ["configmaps"] };
    const webhook = (type: "mutating" | "validating", path: string, handler: AdmissionWebhook["handler"]): AdmissionWebhook => ({
      type,
      name: `${type}.example.dev`,
      path,
      rules: [rule],
      failurePolicy: "Fail",
      timeoutSeconds: 5,
      handler,
    });
    webhooks = await startWebhookServer({
      certificates,
      logger: silentLogger,
      context: {
        client: api.local,
        clock: api.clock,
        log: silentLogger,
        cache: () => {
          throw new Error("no cache in this test");
        },
      },
      webhooks: [
        webhook("mutating", "/mutate", (request) => {
          seen.push(`${request.operation} ${request.name}${request.dryRun ? " (dry)" : ""}`);
          return Promise.resolve({
            allowed: true,
            patch: [{ op: "add", path: "/data", value: { added: request.operation } }],
            warnings: ["was mutated"],
          });
        }),
        webhook("validating", "/validate", (request) =>
          Promise.resolve(request.name === "forbidden" ? { allowed: false, message: "that name is taken" } : { allowed: true }),
        ),
      ],
      conversions: {
        [`widgets.${group}`]: (object, desired) => {
          const spec = { ...(object["spec"] as Record<string, unknown>) };
          const [from, to] = desired.endsWith("v2") ? ["size", "length"] : ["length", "size"];
          if (spec[from] === 13) throw new AppError("CONVERSION", "13 cannot be converted");
          spec[to] = spec[from];
          delete spec[from];
          return { ...object, apiVersion: desired, spec };
        },
      },
    });
    const caBundle = Buffer.from(certificates.caBundle).toString("base64");
    endpoint = (path) => ({ url: `https://127.0.0.1:${webhooks.port}${path}`, caBundle });
    const configure = (resource: Resource, name: string, path: string, extra: object = {}): Promise<unknown> =>
      client.create(resource, {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: resource.kind,
        metadata: { name },
        webhooks: [
          {
            name: `${name}.example.dev`,
            clientConfig: endpoint(path),
            rules: [rule],
            sideEffects: "None",
            admissionReviewVersions: ["v1"],
            ...extra,
          },
        ],
      });
    await configure(mutatingWebhookConfigurations, "mutator", "/mutate", { objectSelector: { matchLabels: { mutate: "yes" } } });
    await configure(validatingWebhookConfigurations, "validator", "/validate", { namespaceSelector: { matchLabels: { guarded: "yes" } } });
    await configure(validatingWebhookConfigurations, "broken", "/broken", { failurePolicy: "Ignore" });
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "guarded", labels: { guarded: "yes" } } });
  });
  afterAll(async () => {
    await webhooks.stop();
    await api.stop();
  });
  const configMap = (name: string, namespace = "default", labels: Record<string, string> = { mutate: "yes" }): KubeObject => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace, labels },
  });

  it("mutate what their object selector means, and warn", async () => {
    expect(await client.create(configMaps, configMap("m"))).toMatchObject({ data: { added: "CREATE" } });
    expect(await client.create(configMaps, configMap("plain", "default", {}))).not.toHaveProperty("data");
    const answer = await api.send("POST", "/api/v1/namespaces/default/configmaps?dryRun=All", { body: configMap("dry") });
    expect(answer.headers.get("warning")).toBe('299 - "was mutated"');
    await client.patch(configMaps, at("m"), { type: "merge", body: { metadata: { labels: { x: "y" } } } });
    expect(seen).toEqual(["CREATE m", "CREATE dry (dry)", "UPDATE m"]);
  });

  it("refuse in the namespaces they guard, and fail closed only when told to", async () => {
    expect(await messageOf(client.create(configMaps, configMap("forbidden", "guarded")))).toMatch(
      /^4\d\d admission webhook "validator.example.dev" denied the request: that name is taken$/,
    );
    expect(await messageOf(client.create(configMaps, configMap("forbidden")))).toBe("ok");
    await client.patch(
      validatingWebhookConfigurations,
      { namespace: "", name: "broken" },
      {
        type: "json",
        body: [{ op: "replace", path: "/webhooks/0/failurePolicy", value: "Fail" }],
      },
    );
    expect(await messageOf(client.create(configMaps, configMap("closed")))).toMatch(
      /^500 Internal error occurred: failed calling webhook "broken.example.dev": /,
    );
    await client.delete(validatingWebhookConfigurations, { namespace: "", name: "broken" });
  });

  it("say that services are not served", async () => {
    await client.create(validatingWebhookConfigurations, {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "inside" },
      webhooks: [
        {
          name: "inside.example.dev",
          clientConfig: { service: { name: "x", namespace: "default" } },
          rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
        },
      ],
    });
    expect(await messageOf(client.create(configMaps, configMap("x")))).toContain(
      "clientConfig.service is not served by the sandbox: use clientConfig.url",
    );
    await client.delete(validatingWebhookConfigurations, { namespace: "", name: "inside" });
  });

  it("convert between versions, both ways, in lists and watches", async () => {
    const conversion = {
      strategy: "Webhook",
      webhook: { conversionReviewVersions: ["v1"], clientConfig: endpoint(conversionPath(`widgets.${group}`)) },
    };
    await client.create(crds, definition(conversion));
    await client.create(widgetsV2, widget("long", { length: 5 }, `${group}/v2`));
    expect((await client.get(widgets, at("long")))["spec"]).toEqual({ size: 5, mode: "fast" });
    expect((await client.list(widgetsV2, { namespace: "default" })).items.map((item) => item["spec"])).toEqual([
      { length: 5, mode: "fast" },
    ]);
    await client.patch(widgetsV2, at("long"), { type: "merge", body: { spec: { length: 6 } } });
    expect((await client.get(widgets, at("long")))["spec"]).toMatchObject({ size: 6 });
    for await (const event of client.watch(widgetsV2, {
      namespace: "default",
      sendInitialEvents: true,
      signal: AbortSignal.timeout(5000),
    })) {
      expect(event).toMatchObject({ type: "ADDED", object: { apiVersion: `${group}/v2`, spec: { length: 6 } } });
      break;
    }
    expect(await messageOf(client.create(widgetsV2, widget("odd", { length: 13 }, `${group}/v2`)))).toMatch(
      /conversion webhook for example.dev\/v2, Kind=Widget failed: .*13 cannot be converted/,
    );
  });
});
