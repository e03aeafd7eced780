import type { KubeObject } from "@slipway/kube";
import { resources } from "@slipway/kube";
import { createVirtualClock } from "@slipway/std/node";
import { describe, expect, it } from "vitest";
import type { FakeClient } from "../testing/index.ts";
import { createFakeClient } from "../testing/index.ts";
import type { AdmissionWebhook } from "../types.ts";
import { ensureCrds } from "./ensure-crds.ts";
import type { WebhookRegistration } from "./register-webhooks.ts";
import { registerWebhooks } from "./register-webhooks.ts";

const { customResourceDefinitions, mutatingWebhookConfigurations, validatingWebhookConfigurations } = resources;
const { signal } = new AbortController();
const established = { conditions: [{ type: "Established", status: "True" }] };
const crd = (name: string, extra: object = {}, status?: object): KubeObject => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${name}.example.com` },
  spec: {
    group: "example.com",
    names: { plural: name, kind: "Widget" },
    scope: "Namespaced",
    versions: [{ name: "v1", schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object" } } } } }],
    ...extra,
  },
  ...(status === undefined ? {} : { status }),
});
const establish = (client: FakeClient, name: string): Promise<unknown> =>
  client.patch(
    customResourceDefinitions,
    { namespace: "", name: `${name}.example.com` },
    { type: "merge", body: { status: established } },
    { subresource: "status" },
  );

describe("ensureCrds", () => {
  it("creates what is missing and waits until it is served", async () => {
    const client = createFakeClient();
    const clock = createVirtualClock();
    let ready = false;
    const waiting = ensureCrds(client, [crd("a"), crd("b")], { signal, clock }).then(() => (ready = true));
    await clock.settle();
    await establish(client, "a");
    await clock.settle();
    expect(ready).toBe(false);
    await establish(client, "b");
    await waiting;
    expect(clock.nextTimer()).toBeUndefined();
    expect(client.watchCount).toBe(0);
  });

  it("leaves a CRD alone that only has the server's defaults and a conversion on top", async () => {
    const live = crd(
      "a",
      { names: { plural: "a", kind: "Widget", listKind: "WidgetList" }, conversion: { strategy: "Webhook" } },
      established,
    );
    const client = createFakeClient([live]);
    await ensureCrds(client, [crd("a", { conversion: { strategy: "None" } })], { signal, clock: createVirtualClock() });
    expect(client.writes).toEqual([]);
  });

  it("updates a schema, also one that lost a field, and keeps the conversion", async () => {
    const schema = (properties: object): object => ({
      versions: [{ name: "v1", schema: { openAPIV3Schema: { type: "object", properties } } }],
    });
    const live = crd("a", { ...schema({ spec: {}, old: {} }), conversion: { strategy: "Webhook" } }, established);
    const client = createFakeClient([live]);
    await ensureCrds(client, [crd("a", schema({ spec: {} }))], { signal, clock: createVirtualClock() });
    expect(client.objects(customResourceDefinitions)[0]?.["spec"]).toMatchObject({
      versions: [{ schema: { openAPIV3Schema: { properties: { spec: {} } } } }],
      conversion: { strategy: "Webhook" },
    });
    expect(JSON.stringify(client.objects(customResourceDefinitions)[0]?.["spec"])).not.toContain("old");
  });

  it("names those that are not served by the deadline", async () => {
    const client = createFakeClient();
    const clock = createVirtualClock();
    const waiting = ensureCrds(client, [crd("a"), crd("b")], { signal, clock, deadlineMs: 5000 });
    const failure = expect(waiting).rejects.toMatchObject({
      code: "CRD_NOT_ESTABLISHED",
      message: expect.stringContaining("b.example.com") as string,
    });
    await clock.settle();
    await establish(client, "a");
    await clock.advance(5000);
    await failure;
  });
});

const webhook = (type: AdmissionWebhook["type"], extra: Partial<AdmissionWebhook> = {}): AdmissionWebhook => ({
  type,
  name: `${type}.example.com`,
  path: `/${type}`,
  rules: [{ apiGroups: ["apps"], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["deployments"] }],
  failurePolicy: "Ignore",
  timeoutSeconds: 5,
  handler: async () => ({ allowed: true }),
  ...extra,
});
const registration = (extra: Partial<WebhookRegistration> = {}): WebhookRegistration => ({
  name: "slipway",
  webhooks: [webhook("mutating"), webhook("validating")],
  conversions: [],
  endpoint: { type: "url", baseUrl: "https://127.0.0.1:9443" },
  caBundle: "-----BEGIN CERTIFICATE-----",
  signal,
  ...extra,
});

describe("registerWebhooks", () => {
  it("creates both configurations, and a second time writes nothing", async () => {
    const client = createFakeClient();
    await registerWebhooks(client, registration());
    expect(client.objects(mutatingWebhookConfigurations)[0]?.["webhooks"]).toEqual([
      {
        name: "mutating.example.com",
        clientConfig: { url: "https://127.0.0.1:9443/mutating", caBundle: Buffer.from("-----BEGIN CERTIFICATE-----").toString("base64") },
        rules: [{ apiGroups: ["apps"], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["deployments"], scope: "*" }],
        failurePolicy: "Ignore",
        matchPolicy: "Equivalent",
        namespaceSelector: {},
        objectSelector: {},
        sideEffects: "None",
        timeoutSeconds: 5,
        admissionReviewVersions: ["v1"],
        reinvocationPolicy: "Never",
      },
    ]);
    expect(client.objects(validatingWebhookConfigurations)).toHaveLength(1);
    const written = client.writes.length;
    await registerWebhooks(client, registration());
    expect(client.writes).toHaveLength(written);
  });

  it("follows a new address and CA, and leaves other people's configurations alone", async () => {
    const other: KubeObject = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingWebhookConfiguration",
      metadata: { name: "other" },
      webhooks: [],
    };
    const client = createFakeClient([other]);
    await registerWebhooks(client, registration());
    await registerWebhooks(
      client,
      registration({ endpoint: { type: "service", namespace: "ns", name: "hook", port: 443 }, caBundle: "next" }),
    );
    const [, ours] = client.objects(mutatingWebhookConfigurations);
    expect((ours?.["webhooks"] as { clientConfig: object }[])[0]?.clientConfig).toEqual({
      service: { namespace: "ns", name: "hook", path: "/mutating", port: 443 },
      caBundle: Buffer.from("next").toString("base64"),
    });
    expect(client.objects(mutatingWebhookConfigurations)[0]).toMatchObject({
      metadata: { name: "other", resourceVersion: "1" },
      webhooks: [],
    });
  });

  it("writes the conversion of a CRD, replacing one that had another way to the server", async () => {
    const service = {
      strategy: "Webhook",
      webhook: { clientConfig: { service: { name: "x", namespace: "y" } }, conversionReviewVersions: ["v1"] },
    };
    const client = createFakeClient([crd("a", { conversion: service })]);
    await registerWebhooks(client, registration({ webhooks: [], conversions: ["a.example.com"] }));
    const spec = client.objects(customResourceDefinitions)[0]?.["spec"] as { conversion: unknown; group: string };
    expect(spec.conversion).toEqual({
      strategy: "Webhook",
      webhook: {
        clientConfig: {
          url: "https://127.0.0.1:9443/convert/a.example.com",
          caBundle: Buffer.from("-----BEGIN CERTIFICATE-----").toString("base64"),
        },
        conversionReviewVersions: ["v1"],
      },
    });
    expect(spec.group).toBe("example.com");
    expect(client.objects(mutatingWebhookConfigurations)).toEqual([]);
  });

  it("tries again when another replica wrote first", async () => {
    const client = createFakeClient();
    let raced = false;
    client.before(async ({ verb, resource }) => {
      if (raced || verb !== "create" || resource !== mutatingWebhookConfigurations) return;
      raced = true;
      await registerWebhooks(client, registration({ caBundle: "theirs" }));
    });
    await registerWebhooks(client, registration());
    expect(JSON.stringify(client.objects(mutatingWebhookConfigurations))).toContain(
      Buffer.from("-----BEGIN CERTIFICATE-----").toString("base64"),
    );
  });
});
