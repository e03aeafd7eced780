import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Rollout } from "@slipway/api";
import type { Runtime } from "@slipway/controller";
import { createRuntime } from "@slipway/controller";
import type { FakeClient } from "@slipway/controller/testing";
import { createFakeClient, eventually } from "@slipway/controller/testing";
import type { KubeObject } from "@slipway/kube";
import { apiError, hashPodTemplate, podTemplateHashLabel, resources } from "@slipway/kube";
import { createSeededRandom, silentLogger } from "@slipway/std";
import type { VirtualClock } from "@slipway/std/node";
import { createVirtualClock, realClock } from "@slipway/std/node";
import { rolloutController } from "./controller.ts";
import { rollouts } from "./gather.ts";

const key = { namespace: "default", name: "web" };
const labels = { app: "web" };
const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } };

function objects(): KubeObject[] {
  const deployment: KubeObject = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { ...key, uid: "d" },
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
    status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
  };
  const rollout: Rollout = {
    apiVersion: "rollouts.kruise.io/v1beta1",
    kind: "Rollout",
    metadata: { ...key },
    spec: {
      workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      strategy: { canary: { enableExtraWorkloadForCanary: true, steps: [{ replicas: 1, pause: {} }] } },
    },
  };
  return [deployment, replicaSet("web", "d", template, 2), rollout];
}

function replicaSet(owner: string, uid: string, from: typeof template, replicas: number): KubeObject {
  const hash = hashPodTemplate(from);
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${owner}-${hash}`,
      namespace: "default",
      labels: { [podTemplateHashLabel]: hash },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: owner, uid, controller: true }],
    },
    spec: { replicas, template: from },
    status: { replicas, readyReplicas: replicas, availableReplicas: replicas },
  };
}

let client: FakeClient;
let clock: VirtualClock;
let runtime: Runtime;

beforeEach(async () => {
  clock = createVirtualClock({ startMs: Date.UTC(2026, 0, 1), speed: 0 });
  client = createFakeClient(objects(), { clock, resources: [rollouts] });
  await start();
});
afterEach(async () => {
  await runtime.stop();
  clock.stop();
});

async function start(): Promise<void> {
  runtime = createRuntime({
    client,
    clock,
    processClock: realClock,
    logger: silentLogger,
    random: createSeededRandom(1),
    activity: clock.activity,
  });
  runtime.add(rolloutController({ guard: "admission" }));
  runtime.start(new AbortController().signal);
  await runtime.synced();
  await clock.settle();
}

function rollout(): Rollout {
  return client.objects<Rollout>(rollouts)[0] as Rollout;
}

/** As the webhook would: the template changes, held and marked. */
async function heldChange(): Promise<void> {
  const annotations = { "rollouts.kruise.io/in-progressing": '{"rolloutName":"web"}' };
  const spec = { paused: true, template: { spec: { containers: [{ name: "web", image: "web:2" }] } } };
  await client.patch(resources.deployments, key, { type: "merge", body: { metadata: { annotations }, spec } });
  await report("web", 2);
}

/** What the Deployment's controller would say. */
async function report(name: string, pods: number): Promise<void> {
  const at = { namespace: "default", name };
  const { generation } = (await client.get(resources.deployments, at)).metadata;
  const status = { observedGeneration: generation, replicas: pods, availableReplicas: pods };
  await client.patch(resources.deployments, at, { type: "merge", body: { status } }, { subresource: "status" });
  await clock.settle();
}

describe("the Rollout reconciler", () => {
  it("adopts with one patch, reports once, and then is quiet", async () => {
    expect(client.writes.map(({ verb, resource, subresource }) => [verb, resource.plural, subresource ?? ""])).toEqual([
      ["patch", "rollouts", ""],
      ["patch", "rollouts", "status"],
      ["patch", "deployments", ""],
      ["patch", "rollouts", "status"],
    ]);
    expect(rollout().status?.phase).toBe("Healthy");
    const writes = client.writes.length;
    await clock.advance(3_600_000);
    expect(client.writes).toHaveLength(writes);
    expect(client.reads.filter((each) => each.verb === "get")).toEqual([]);
  });

  it("creates one candidate owned by the Rollout, and scales it after its state is stored", async () => {
    await heldChange();
    await clock.advance(4000);
    const candidates = client.objects(resources.deployments).filter((each) => each.metadata.name !== "web");
    expect(candidates).toHaveLength(1);
    const [candidate] = candidates;
    expect(candidate?.metadata).toMatchObject({
      labels: { "rollouts.kruise.io/canary-deployment": "web" },
      ownerReferences: [{ kind: "Rollout", name: "web", uid: rollout().metadata.uid, controller: true }],
    });
    expect(candidate?.["spec"]).toMatchObject({ replicas: 1, template: { spec: { containers: [{ image: "web:2" }] } } });
    expect(candidate?.["spec"]).not.toHaveProperty("paused");
    expect(rollout().status?.canaryStatus?.currentStepState).toBe("StepUpgrade");
  });

  it("never overwrites an approval that it has not seen", async () => {
    await heldChange();
    await clock.advance(4000);
    const candidate = client.objects(resources.deployments).find((each) => each.metadata.name !== "web");
    const name = candidate?.metadata.name ?? "";
    const spec = candidate?.["spec"] as { template: typeof template };
    await client.create(resources.replicaSets, replicaSet(name, candidate?.metadata.uid ?? "", spec.template, 1));
    await report(name, 1);
    expect(rollout().status?.canaryStatus?.currentStepState).toBe("StepPaused");
    // The approval arrives between the look and the status write: the write is refused, and the next look sees it.
    let approved = false;
    client.before(async (request) => {
      if (approved || request.subresource !== "status" || request.resource.plural !== "rollouts") return;
      approved = true;
      client.before(undefined);
      const body = { status: { canaryStatus: { currentStepState: "StepReady" } } };
      await client.patch(rollouts, key, { type: "merge", body }, { subresource: "status" });
    });
    await report(name, 0);
    await clock.advance(60_000);
    await eventually(() => expect(rollout().status?.canaryStatus?.currentStepState).toBe("Completed"));
  });

  it("reaches the same place when requests fail and the process is replaced", async () => {
    await heldChange();
    let count = 0;
    client.before((request) => {
      if (request.verb === "patch" && ++count % 3 === 0) throw apiError({ code: 500, message: "the server is in trouble" });
    });
    await clock.advance(2000);
    await runtime.stop();
    await start();
    await clock.advance(120_000);
    client.before(undefined);
    expect(client.objects(resources.deployments)).toHaveLength(2);
    expect(rollout().status?.canaryStatus?.currentStepState).toBe("StepUpgrade");
  });

  it("says that a workload does not exist, and starts when it comes", async () => {
    const [deployment] = client.objects(resources.deployments);
    await client.delete(resources.deployments, key);
    await clock.settle();
    expect(rollout().status).toMatchObject({ phase: "Initial", message: "Workload Not Found" });
    await client.create(resources.deployments, { ...(deployment as KubeObject), metadata: { ...key } });
    await report("web", 2);
    expect(rollout().status?.phase).toBe("Healthy");
  });

  it("refuses what it cannot run yet, with what to do instead", async () => {
    const strategy = { canary: { enableExtraWorkloadForCanary: false } };
    await client.patch(rollouts, key, { type: "merge", body: { spec: { strategy } } });
    await clock.settle();
    expect(rollout().status?.message).toBe(
      "rolling style partition is not supported yet: set spec.strategy.canary.enableExtraWorkloadForCanary to true",
    );
    expect(rollout().status?.conditions).toContainEqual(
      expect.objectContaining({ type: "Progressing", status: "False", reason: "Unsupported" }),
    );
  });
});
