/** Several managers on one cluster: webhooks of all of them, and namespaces shared among them. */
import type { Feature } from "@slipway/controller";
import { done } from "@slipway/controller";
import type { FakeClient } from "@slipway/controller/testing";
import { createFakeClient, eventually } from "@slipway/controller/testing";
import { crds } from "@slipway/api";
import type { KubeObject } from "@slipway/kube";
import { resources } from "@slipway/kube";
import { createVirtualClock } from "@slipway/std/node";
import { request } from "node:https";
import { expect, it } from "vitest";
import type { RunningManager } from "./manager-options.ts";
import { startManager } from "./manager.ts";

const { configMaps, mutatingWebhookConfigurations, secrets } = resources;
const service = { namespace: "slipway-system", name: "slipway-webhook", port: 443 };

function cluster(): FakeClient {
  const established = { conditions: [{ type: "Established", status: "True" }] };
  return createFakeClient(crds.map((crd) => ({ ...crd, status: established })));
}

/** Counts in each ConfigMap who looked at which wish. */
function counting(name: string): Feature {
  return {
    name: "counting",
    controllers: [
      {
        name: "counting",
        watches: [{ resource: configMaps }],
        reconcile: async (key, { cache, client }) => {
          const object = cache(configMaps).get(key);
          const { wanted, seen, by = "" } = (object?.["data"] ?? {}) as Record<string, string | undefined>;
          if (object === undefined || wanted === seen) return done;
          const metadata = { resourceVersion: object.metadata.resourceVersion };
          await client.patch(configMaps, key, { type: "merge", body: { metadata, data: { seen: wanted, by: by + name } } });
          return done;
        },
      },
    ],
    webhooks: [
      {
        type: "mutating",
        name: "names.example.com",
        path: "/mutate",
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
        failurePolicy: "Ignore",
        timeoutSeconds: 5,
        handler: () => Promise.resolve({ allowed: true, warnings: [name] }),
      },
    ],
    conversions: {},
  };
}

/** Asks a replica as the API server does: trusting what is registered, for the name of the Service. Rejects without trust. */
function review(client: FakeClient, manager: RunningManager): Promise<string> {
  const [configuration] = client.objects(mutatingWebhookConfigurations);
  const [webhook] = configuration?.["webhooks"] as { clientConfig: { caBundle: string } }[];
  const ca = Buffer.from(webhook?.clientConfig.caBundle ?? "", "base64");
  const servername = `${service.name}.${service.namespace}.svc`;
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: manager.ports.webhook, path: "/mutate", method: "POST", ca, servername, agent: false };
    const call = request(options, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve((JSON.parse(text) as { response: { warnings: string[] } }).response.warnings.join()));
    });
    call.on("error", reject);
    call.end(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: { uid: "1", operation: "CREATE" } }));
  });
}

it("every replica answers webhooks with one certificate that is registered, also after it was replaced", async () => {
  const client = cluster();
  const leaseClock = createVirtualClock({ startMs: 1e12, settleMs: 1 });
  const start = (name: string): Promise<RunningManager> =>
    startManager({ client, features: [counting(name)], leaseClock, webhookService: service });
  const [leader, standby] = [await start("a"), await start("b")];
  expect([await review(client, leader), await review(client, standby)]).toEqual(["a", "b"]);
  const before = JSON.stringify(client.objects(mutatingWebhookConfigurations));
  // As when it is lost or expired: made anew by whoever looks first, served by both, registered by the leader.
  await client.delete(secrets, { namespace: service.namespace, name: "slipway-webhook-certificates" });
  await leaseClock.advance(60_000);
  await eventually(() => expect(JSON.stringify(client.objects(mutatingWebhookConfigurations))).not.toBe(before));
  await eventually(async () => expect([await review(client, leader), await review(client, standby)]).toEqual(["a", "b"]));
  expect(client.objects(secrets)).toHaveLength(1);
  await Promise.all([leader.stop(), standby.stop()]);
});

it("replicas share the namespaces, and one takes over those of another that stops; each change is handled once", async () => {
  const namespaces = Array.from({ length: 40 }, (_, index) => `team-${index}`);
  const client = cluster();
  const wish = async (wanted: string): Promise<void> => {
    for (const namespace of namespaces)
      await client.patch(configMaps, { namespace, name: "x" }, { type: "merge", body: { data: { wanted } } });
  };
  for (const namespace of namespaces) {
    const object: KubeObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name: "x" }, data: {} };
    await client.create(configMaps, object);
  }
  const by = (): Record<string, string>[] => client.objects(configMaps).map((object) => object["data"] as Record<string, string>);
  const leaseClock = createVirtualClock({ startMs: 1e12, settleMs: 1 });
  const start = (name: string): Promise<RunningManager> =>
    startManager({ client, features: [counting(name)], leaseClock, sharding: true, webhookPort: false });
  const [first, second] = [await start("a"), await start("b")];
  await leaseClock.advance(30_000);
  await wish("1");
  await leaseClock.advance(2000);
  await eventually(() => expect(by().every(({ seen }) => seen === "1")).toBe(true));
  const handled = by().map((data) => data["by"] ?? "");
  expect(handled.every((text) => text.length === 1)).toBe(true);
  expect([handled.filter((text) => text === "a").length > 5, handled.filter((text) => text === "b").length > 5]).toEqual([true, true]);
  await first.stop();
  await wish("2");
  await leaseClock.advance(30_000);
  await eventually(() => expect(by().every(({ seen }) => seen === "2")).toBe(true));
  expect(by().every((data) => data["by"]?.length === 2 && data["by"].endsWith("b"))).toBe(true);
  await second.stop();
});
