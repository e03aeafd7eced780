import type { Application } from "@slipway/api";
import { applicationKind, componentDefinitionKind, resourceOf } from "@slipway/api";
import { createRuntime } from "@slipway/controller";
import type { FakeClient } from "@slipway/controller/testing";
import { createFakeClient, eventually } from "@slipway/controller/testing";
import { resources } from "@slipway/kube";
import { createSeededRandom, silentLogger } from "@slipway/std";
import { realClock } from "@slipway/std/node";
import { afterEach, describe, expect, it } from "vitest";
import { createApplicationFeature } from "./feature.ts";

const applications = resourceOf(applicationKind);
const key = { namespace: "default", name: "web" };
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function start(client: FakeClient): Promise<void> {
  const runtime = createRuntime({ client, clock: realClock, logger: silentLogger, random: createSeededRandom(1) });
  for (const controller of createApplicationFeature().controllers) runtime.add(controller);
  runtime.start(new AbortController().signal);
  stops.push(() => runtime.stop());
  await runtime.synced();
}

function fakeCluster(): FakeClient {
  return createFakeClient([], { resources: [applications, resourceOf(componentDefinitionKind)] });
}

function shop(image: string, ports: readonly number[]): Application {
  return {
    apiVersion: "core.oam.dev/v1beta1",
    kind: "Application",
    metadata: { name: "shop", namespace: "default" },
    spec: { components: [{ name: "web", type: "webservice", properties: { image, ports: ports.map((port) => ({ port })) } }] },
  };
}

async function statusOf(client: FakeClient): Promise<Application["status"]> {
  return (await client.get<Application>(applications, { namespace: "default", name: "shop" })).status;
}

async function makeReady(client: FakeClient): Promise<void> {
  const { generation } = (await client.get(resources.deployments, key)).metadata;
  const status = { observedGeneration: generation, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
  await client.patch(resources.deployments, key, { type: "merge", body: { status } }, { subresource: "status" });
}

describe("the Application controller", () => {
  it("brings a component up, reports it running, and then writes nothing", async () => {
    const client = fakeCluster();
    await start(client);
    await client.create(applications, shop("shop:1", [8000]));
    await eventually(async () => expect(await client.get(resources.services, key)).toBeDefined());
    await eventually(async () => expect((await statusOf(client))?.status).toBe("unhealthy"));
    await makeReady(client);
    await eventually(async () => expect((await statusOf(client))?.status).toBe("running"));
    const before = client.writes.length;
    // An event that changes nothing.
    await client.patch(resources.deployments, key, { type: "merge", body: { metadata: { annotations: { seen: "true" } } } });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.writes.length).toBe(before + 1);
  });

  it("removes what left the spec and rolls what changed", async () => {
    const client = fakeCluster();
    await start(client);
    await client.create(applications, shop("shop:1", [8000]));
    await eventually(async () => expect(await client.get(resources.services, key)).toBeDefined());
    await client.patch(
      applications,
      { namespace: "default", name: "shop" },
      { type: "merge", body: { spec: shop("shop:2", []).spec ?? {} } },
    );
    await eventually(async () => {
      expect(client.objects(resources.services, "default")).toEqual([]);
      const { spec } = (await client.get(resources.deployments, key)) as unknown as {
        spec: { template: { spec: { containers: { image: string }[] } } };
      };
      expect(spec.template.spec.containers[0]?.image).toBe("shop:2");
    });
  });

  it("leaves an object of somebody else alone", async () => {
    const client = fakeCluster();
    await client.create(resources.deployments, { apiVersion: "apps/v1", kind: "Deployment", metadata: key, spec: { mine: true } });
    await start(client);
    await client.create(applications, shop("shop:1", []));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await client.get(resources.deployments, key))["spec"]).toEqual({ mine: true });
  });

  it("waits for a ComponentDefinition that comes later", async () => {
    const client = fakeCluster();
    await start(client);
    const application = shop("x", []);
    await client.create(applications, { ...application, spec: { components: [{ name: "web", type: "config", properties: { a: "b" } }] } });
    await eventually(async () => expect((await statusOf(client))?.conditions?.[0]?.message).toContain("no ComponentDefinition config"));
    const template =
      'output: {apiVersion: "apps/v1", kind: "Deployment", metadata: name: context.name, spec: note: parameter.a}\nparameter: a: string';
    await client.create(resourceOf(componentDefinitionKind), {
      apiVersion: "core.oam.dev/v1beta1",
      kind: "ComponentDefinition",
      metadata: { name: "config", namespace: "default" },
      spec: { schematic: { cue: { template } } },
    });
    await eventually(async () => expect((await client.get(resources.deployments, key))["spec"]).toEqual({ note: "b" }));
  });

  it("writes nothing when it starts again on what is settled", async () => {
    const client = fakeCluster();
    await start(client);
    await client.create(applications, shop("shop:1", [8000]));
    await eventually(async () => expect(await client.get(resources.services, key)).toBeDefined());
    await makeReady(client);
    await eventually(async () => expect((await statusOf(client))?.status).toBe("running"));
    for (const stop of stops.splice(0)) await stop();
    const before = client.writes.length;
    await start(client);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.writes.slice(before)).toEqual([]);
  });

  it("finishes what a stop cut short", async () => {
    const client = fakeCluster();
    client.before(({ verb, resource }) => {
      if (verb === "create" && resource.plural === "services") throw new Error("cut short");
    });
    await start(client);
    await client.create(applications, shop("shop:1", [8000]));
    await eventually(() => expect(client.objects(resources.deployments)).toHaveLength(1));
    for (const stop of stops.splice(0)) await stop();
    client.before(undefined);
    expect(client.objects(resources.services)).toEqual([]);
    await start(client);
    await eventually(() => expect(client.objects(resources.services)).toHaveLength(1));
    expect(client.writes.filter(({ verb, resource }) => verb === "create" && resource.plural === "deployments")).toHaveLength(1);
  });

  it("warns by one event of an Application that cannot be rendered", async () => {
    const client = fakeCluster();
    await start(client);
    await client.create(applications, { ...shop("x", []), spec: { components: [{ name: "web", type: "nothing" }] } });
    await eventually(() => {
      const warnings = client.objects(resources.events).filter((event) => event["type"] === "Warning");
      expect(warnings).toMatchObject([{ reason: "FailedRender" }]);
    });
    expect(client.objects(resources.deployments)).toEqual([]);
  });
});
