import { crds } from "@slipway/api";
import type { Feature } from "@slipway/controller";
import { done } from "@slipway/controller";
import type { FakeClient } from "@slipway/controller/testing";
import { createFakeClient, eventually } from "@slipway/controller/testing";
import type { KubeClient, KubeObject } from "@slipway/kube";
import { apiError, resources } from "@slipway/kube";
import { createActivity, createVirtualClock } from "@slipway/std/node";
import { request } from "node:https";
import { describe, expect, it } from "vitest";
import type { ManagerOptions, RunningManager } from "./manager-options.ts";
import { startManager } from "./manager.ts";
import { startStatusServer } from "./status-server.ts";

const configMap = (name: string): KubeObject => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "default", name } });
const { configMaps, customResourceDefinitions, leases, mutatingWebhookConfigurations } = resources;

/** A cluster that establishes CRDs, as an API server does soon after they are written. */
function cluster(objects: readonly KubeObject[] = []): FakeClient {
  const client = createFakeClient(objects);
  client.after(async ({ verb, resource, key }) => {
    if (verb !== "create" || resource !== customResourceDefinitions) return;
    const body = { status: { conditions: [{ type: "Established", status: "True" }] } };
    await client.patch(resource, key, { type: "merge", body }, { subresource: "status" });
  });
  return client;
}

/** Marks every ConfigMap as seen, once. */
const marking: Feature = {
  name: "marking",
  controllers: [
    {
      name: "marking",
      watches: [{ resource: configMaps }],
      reconcile: async (key, { cache, client }) => {
        const seen = cache(configMaps).get(key);
        if (seen === undefined || seen.metadata.annotations?.["seen"] !== undefined) return done;
        await client.patch(configMaps, key, { type: "merge", body: { metadata: { annotations: { seen: "yes" } } } });
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
      handler: async () => ({ allowed: true, warnings: ["seen"] }),
    },
  ],
  conversions: {},
};

const start = (client: KubeClient, extra: Partial<ManagerOptions> = {}): Promise<RunningManager> =>
  startManager({ client, features: [marking], leaderElection: false, ...extra });
const seen = (client: FakeClient): unknown[] =>
  client.objects(configMaps).map((object) => `${object.metadata.name} ${object.metadata.annotations?.["seen"] ?? "no"}`);
const page = async (port: number | undefined, path: string): Promise<string> => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return `${response.status} ${await response.text()}`;
};

describe("manager", () => {
  it("installs the CRDs, reconciles, and serves health, readiness and metrics on ports of their own", async () => {
    const client = cluster([configMap("a")]);
    const manager = await start(client);
    expect(client.objects(customResourceDefinitions)).toHaveLength(crds.length);
    await eventually(() => expect(seen(client)).toEqual(["a yes"]));
    expect(await page(manager.ports.health, "/healthz")).toBe("200 ok\n");
    expect(await page(manager.ports.health, "/readyz")).toBe("200 ok\n");
    expect(await page(manager.ports.health, "/metrics")).toMatch(/^404/);
    const metrics = await page(manager.ports.metrics, "/metrics");
    expect(metrics).toMatch(/slipway_reconcile_total\{controller="marking",result="done"\} [12]/);
    expect(metrics).toContain("slipway_leader 1");
    await manager.stop();
    expect(await manager.finished).toEqual({ reason: "stopped" });
    await expect(page(manager.ports.health, "/healthz")).rejects.toThrow();
    expect(client.watchCount).toBe(0);
  });

  it("starts a second time without a write", async () => {
    const client = cluster([configMap("a")]);
    const first = await start(client, { webhookPort: false });
    await eventually(() => expect(seen(client)).toEqual(["a yes"]));
    await first.stop();
    const written = client.writes.length;
    const second = await start(client, { webhookPort: false });
    await second.stop();
    expect(client.writes.slice(written)).toEqual([]);
  });

  it("registers a webhook that answers over HTTPS with the certificate it registered", async () => {
    const client = cluster();
    const manager = await start(client);
    const [configuration] = client.objects(mutatingWebhookConfigurations);
    const [webhook] = configuration?.["webhooks"] as { clientConfig: { url: string; caBundle: string } }[];
    expect(webhook?.clientConfig.url).toBe(`https://127.0.0.1:${manager.ports.webhook}/mutate`);
    const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: { uid: "1", operation: "CREATE" } };
    const ca = Buffer.from(webhook?.clientConfig.caBundle ?? "", "base64");
    const answer = await new Promise<string>((resolve, reject) => {
      const call = request(webhook?.clientConfig.url ?? "", { method: "POST", ca, agent: false }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => resolve(text));
      });
      call.on("error", reject);
      call.end(JSON.stringify(review));
    });
    expect(JSON.parse(answer)).toMatchObject({ response: { uid: "1", allowed: true, warnings: ["seen"] } });
    await manager.stop();
  });

  it("stands by while another holds the lease and acts as soon as it is released", async () => {
    const client = cluster([configMap("a")]);
    const leaseClock = createVirtualClock({ startMs: 1e12, settleMs: 0 });
    const first = await start(client, { leaderElection: true, leaseClock });
    const second = await start(client, { leaderElection: true, leaseClock });
    await eventually(() => expect(seen(client)).toEqual(["a yes"]));
    expect(await page(second.ports.health, "/readyz")).toBe("200 ok, standing by\n");
    await first.stop();
    await client.create(configMaps, configMap("b"));
    expect(seen(client)).toEqual(["a yes", "b no"]);
    await leaseClock.advance(2500);
    await second.acting();
    await eventually(() => expect(seen(client)).toEqual(["a yes", "b yes"]));
    await second.stop();
    expect(client.objects(leases)[0]?.["spec"]).toMatchObject({ holderIdentity: "", leaseTransitions: 1 });
  });

  it("ends, and writes no more, when it cannot renew its lease", async () => {
    const client = cluster();
    const leaseClock = createVirtualClock({ startMs: 1e12, settleMs: 0 });
    const manager = await start(client, { leaderElection: true, leaseClock });
    client.before(({ resource, verb }) => {
      if (resource === leases && verb !== "get") throw apiError({ code: 500, message: "down" });
    });
    await leaseClock.advance(10_000);
    expect(await manager.finished).toMatchObject({ reason: "leadership-lost", error: { code: "LEADERSHIP_LOST" } });
    expect(client.watchCount).toBe(0);
    await expect(manager.runtime.client.create(configMaps, configMap("late"))).rejects.toMatchObject({ code: "STOPPED" });
    await manager.stop();
  });

  it("writes nothing after an abrupt stop and leaves the lease held", async () => {
    const client = cluster([configMap("a")]);
    let release = (): void => {};
    let reached = (): void => {};
    const inWork = new Promise<void>((resolve) => (reached = resolve));
    const slow: Feature = {
      ...marking,
      controllers: [
        {
          name: "slow",
          watches: [{ resource: configMaps }],
          reconcile: async (key, context) => {
            reached();
            await new Promise<void>((resolve) => (release = resolve));
            context.events.event(configMap("a"), "Normal", "Late", "too late");
            await context.client.delete(configMaps, key);
            return done;
          },
        },
      ],
    };
    const manager = await start(client, { leaderElection: true, features: [slow], identity: "me" });
    await inWork;
    const written = client.writes.length;
    const stopping = manager.stop({ abrupt: true });
    release();
    await stopping;
    expect(client.writes.slice(written)).toEqual([]);
    expect(client.objects(leases)[0]?.["spec"]).toMatchObject({ holderIdentity: "me" });
  });

  it("drains on a stop: what was begun is written, and the lease is free", async () => {
    const client = cluster([configMap("a")]);
    let release = (): void => {};
    let reached = (): void => {};
    const inWork = new Promise<void>((resolve) => (reached = resolve));
    const slow: Feature = {
      ...marking,
      controllers: [
        {
          name: "slow",
          watches: [{ resource: configMaps }],
          reconcile: async (_key, context) => {
            reached();
            await new Promise<void>((resolve) => (release = resolve));
            context.events.event(configMap("a"), "Normal", "Done", "in time");
            await context.client.create(configMaps, configMap("b"));
            return done;
          },
        },
      ],
    };
    const manager = await start(client, { leaderElection: true, features: [slow] });
    await inWork;
    const stopping = manager.stop();
    release();
    await stopping;
    expect(client.objects(configMaps).map((object) => object.metadata.name)).toEqual(["a", "b"]);
    expect(client.objects(resources.events)).toHaveLength(1);
    expect(client.objects(leases)[0]?.["spec"]).toMatchObject({ holderIdentity: "" });
  });

  it("leaves nothing running when the start fails", async () => {
    const client = cluster();
    client.before(({ resource }) => {
      if (resource === customResourceDefinitions) throw apiError({ code: 403, message: "forbidden" });
    });
    const activity = createActivity();
    const probe = await startStatusServer({}, { host: "127.0.0.1", port: 0 });
    await probe.stop();
    await expect(start(client, { activity, healthPort: probe.port })).rejects.toMatchObject({ message: "forbidden" });
    expect(client.watchCount).toBe(0);
    await activity.idle(5, 1000);
    await expect(page(probe.port, "/healthz")).rejects.toThrow();
  });
});
