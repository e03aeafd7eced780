import type { KubeObject } from "@slipway/kube";
import { getCondition, isNotFound, resources } from "@slipway/kube";
import { afterEach, describe, expect, it } from "vitest";
import type { Pod } from "../controllers/kinds.ts";
import type { TestSandbox } from "../testing/index.ts";
import { createTestSandbox, eventually, sendHttp } from "../testing/index.ts";

let sandbox: TestSandbox;
afterEach(async () => {
  await sandbox.stop();
});

const key = { namespace: "default", name: "pod" };

function manifest(spec: object = {}, metadata: object = {}): Pod {
  const container = { name: "c", image: "app:1", ports: [{ containerPort: 8080 }] };
  return { apiVersion: "v1", kind: "Pod", metadata: { ...key, ...metadata }, spec: { containers: [container], ...spec } };
}
async function pod(): Promise<Pod | undefined> {
  try {
    return await sandbox.client.get<Pod>(resources.pods, key);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
const condition = async (type: string): Promise<string | undefined> => getCondition((await pod())?.status?.conditions, type)?.status;

describe("a pod's life", () => {
  it("goes from Pending to Running and Ready, each condition stamped at its own time", async () => {
    sandbox = await createTestSandbox({ podStartDelayMs: 3000, podStartJitterMs: 0 });
    await sandbox.client.create(resources.pods, manifest({}, { annotations: { "slipway.dev/sandbox-ready-delay-ms": "4000" } }));
    await sandbox.advance(1000);
    expect((await pod())?.status?.phase).toBe("Pending");
    expect((await pod())?.spec?.nodeName).toMatch(/^sandbox-node-/);
    await sandbox.advance(3000);
    expect((await pod())?.status).toMatchObject({
      phase: "Running",
      containerStatuses: [{ ready: false, started: true, restartCount: 0 }],
    });
    expect([await condition("Initialized"), await condition("Ready"), await condition("ContainersReady")]).toEqual([
      "True",
      "False",
      "False",
    ]);
    await sandbox.advance(4000);
    const status = (await pod())?.status;
    expect(status?.containerStatuses?.[0]).toMatchObject({
      ready: true,
      image: "app:1",
      state: { running: { startedAt: "2026-01-01T00:00:03Z" } },
    });
    expect(getCondition(status?.conditions, "Ready")).toEqual({
      type: "Ready",
      status: "True",
      lastTransitionTime: "2026-01-01T00:00:07Z",
    });
    expect(getCondition(status?.conditions, "Initialized")?.lastTransitionTime).toBe("2026-01-01T00:00:03Z");
  });

  it("ends with grace: unready for its Services at once, gone when its server has stopped", async () => {
    sandbox = await createTestSandbox({ podTerminationDelayMs: 5000 });
    await sandbox.client.create(resources.pods, manifest());
    await sandbox.advance(1000);
    const address = (await pod())?.status?.podIP ?? "";
    await sandbox.client.delete(resources.pods, key, { gracePeriodSeconds: 10 });
    await sandbox.advance(4900);
    expect((await pod())?.metadata.deletionGracePeriodSeconds).toBe(10);
    expect((await sendHttp(`http://${address}:8080/`)).code).toBe(200);
    await sandbox.advance(200);
    expect(await pod()).toBeUndefined();
    await expect(sendHttp(`http://${address}:8080/`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("is cut off at the end of its grace period, answers in flight or not", async () => {
    sandbox = await createTestSandbox({ podTerminationDelayMs: 500 });
    await sandbox.client.create(resources.pods, manifest({}, { annotations: { "slipway.dev/sandbox-delay-ms": "60000" } }));
    await sandbox.advance(1000);
    const before = sandbox.clock.nextTimer();
    const pending = sendHttp(`http://${(await pod())?.status?.podIP ?? ""}:8080/`);
    const outcome = expect(pending).rejects.toMatchObject({ code: "ECONNRESET" });
    await eventually(() => expect(sandbox.clock.nextTimer()).not.toBe(before));
    await sandbox.client.delete(resources.pods, key, { gracePeriodSeconds: 3 });
    await sandbox.advance(2500);
    expect(await pod()).toBeDefined();
    await sandbox.advance(600);
    expect(await pod()).toBeUndefined();
    await outcome;
  });

  it("deleted by force is gone at once, and so is its server", async () => {
    sandbox = await createTestSandbox();
    await sandbox.client.create(resources.pods, manifest());
    await sandbox.advance(1000);
    const address = (await pod())?.status?.podIP ?? "";
    await sandbox.client.delete(resources.pods, key, { gracePeriodSeconds: 0 });
    expect(await pod()).toBeUndefined();
    await sandbox.clock.settle();
    await expect(sendHttp(`http://${address}:8080/`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("kept by a finalizer shows that it has ended", async () => {
    sandbox = await createTestSandbox();
    await sandbox.client.create(resources.pods, manifest({}, { finalizers: ["example.com/hold"] }));
    await sandbox.advance(1000);
    await sandbox.client.delete(resources.pods, key);
    await sandbox.advance(40_000);
    expect((await pod())?.status?.phase).toBe("Succeeded");
    expect(await condition("Ready")).toBe("False");
    await sandbox.client.patch(resources.pods, key, { type: "merge", body: { metadata: { finalizers: null } } });
    await sandbox.advance(1000);
    expect(await pod()).toBeUndefined();
  });
});

describe("a crashing container", () => {
  it("is restarted at once, then with growing back-off", async () => {
    sandbox = await createTestSandbox({ podStartJitterMs: 0 });
    await sandbox.client.create(resources.pods, manifest({}, { annotations: { "slipway.dev/sandbox-crash-after-ms": "2000" } }));
    await sandbox.advance(1000);
    expect(await condition("Ready")).toBe("True");
    await sandbox.advance(2000);
    const container = async (): Promise<NonNullable<NonNullable<Pod["status"]>["containerStatuses"]>[number] | undefined> =>
      (await pod())?.status?.containerStatuses?.[0];
    expect(await container()).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 1, reason: "Error" } } });
    await sandbox.advance(2000);
    expect(await container()).toMatchObject({ ready: false, restartCount: 1, state: { waiting: { reason: "CrashLoopBackOff" } } });
    expect(await condition("Ready")).toBe("False");
    await sandbox.advance(10_000);
    expect((await container())?.restartCount).toBe(2);
    await sandbox.advance(10_000);
    expect((await container())?.restartCount).toBe(2);
    await sandbox.advance(12_000);
    expect((await container())?.restartCount).toBe(3);
  });

  it("that may not restart ends its pod", async () => {
    sandbox = await createTestSandbox();
    const annotations = { "slipway.dev/sandbox-crash-after-ms": "1000", "slipway.dev/sandbox-exit-code": "0" };
    await sandbox.client.create(resources.pods, manifest({ restartPolicy: "Never" }, { annotations }));
    await sandbox.advance(3000);
    expect((await pod())?.status).toMatchObject({
      phase: "Succeeded",
      containerStatuses: [{ state: { terminated: { exitCode: 0, reason: "Completed" } } }],
    });
  });
});

describe("readiness", () => {
  it("follows annotations while the pod runs, and readiness gates", async () => {
    sandbox = await createTestSandbox();
    await sandbox.client.create(resources.pods, manifest({ readinessGates: [{ conditionType: "example.com/gate" }] }));
    await sandbox.advance(1000);
    expect([await condition("ContainersReady"), await condition("Ready")]).toEqual(["True", "False"]);
    const gate = { status: { conditions: [{ type: "example.com/gate", status: "True" }] } };
    await sandbox.client.patch(resources.pods, key, { type: "strategic", body: gate }, { subresource: "status" });
    await sandbox.advance(100);
    expect([await condition("example.com/gate"), await condition("Ready")]).toEqual(["True", "True"]);
    const annotations = { "slipway.dev/sandbox-never-ready": "true" };
    await sandbox.client.patch(resources.pods, key, { type: "merge", body: { metadata: { annotations } } });
    await sandbox.advance(100);
    expect([await condition("ContainersReady"), await condition("Ready"), await condition("example.com/gate")]).toEqual([
      "False",
      "False",
      "True",
    ]);
  });
});

describe("the scheduler", () => {
  it("spreads pods over nodes that are ready, schedulable and selected", async () => {
    sandbox = await createTestSandbox({ nodes: 3 });
    await sandbox.client.patch(
      resources.nodes,
      { namespace: "", name: "sandbox-node-2" },
      { type: "merge", body: { spec: { unschedulable: true } } },
    );
    await sandbox.clock.settle();
    for (let i = 0; i < 4; i++) await sandbox.client.create(resources.pods, manifest({}, { name: `pod-${i}` }));
    await sandbox.client.create(resources.pods, manifest({ nodeSelector: { disk: "fast" } }));
    await sandbox.advance(1000);
    const nodes = (await sandbox.client.list<Pod>(resources.pods)).items.map((item) => item.spec?.nodeName ?? "none").sort();
    expect(nodes).toEqual(["none", "sandbox-node-1", "sandbox-node-1", "sandbox-node-3", "sandbox-node-3"]);
    expect(getCondition((await pod())?.status?.conditions, "PodScheduled")).toMatchObject({ status: "False", reason: "Unschedulable" });
    const labels = { metadata: { labels: { disk: "fast" } } };
    await sandbox.client.patch(resources.nodes, { namespace: "", name: "sandbox-node-3" }, { type: "merge", body: labels });
    await sandbox.advance(1000);
    expect((await pod())?.spec?.nodeName).toBe("sandbox-node-3");
    expect(await condition("Ready")).toBe("True");
  });
});

describe("many pods", () => {
  it("all become available, on addresses of their own", async () => {
    sandbox = await createTestSandbox({ speed: 1 });
    const deployment: KubeObject = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { namespace: "default", name: "web" },
      spec: {
        replicas: 200,
        selector: { matchLabels: { app: "web" } },
        template: { metadata: { labels: { app: "web" } }, spec: manifest().spec },
      },
    };
    await sandbox.client.create(resources.deployments, deployment);
    await eventually(
      async () => {
        const live = await sandbox.client.get<KubeObject & { status?: { availableReplicas?: number } }>(resources.deployments, {
          ...key,
          name: "web",
        });
        expect(live.status?.availableReplicas).toBe(200);
      },
      { timeoutMs: 10_000, intervalMs: 20 },
    );
    const pods = (await sandbox.client.list(resources.pods, { namespace: "default" })).items;
    expect(new Set(pods.map((pod) => (pod["status"] as { podIP?: string }).podIP)).size).toBe(200);
  });
});
