/** Releases on the embedded cluster: the real manager over HTTP, the sandbox's Deployment controller and gateway. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Rollout } from "@slipway/api";
import { resourceOf, rolloutKind } from "@slipway/api";
import type { KubeClient, KubeObject } from "@slipway/kube";
import { isNotFound, resources } from "@slipway/kube";
import { createHttpClient, parseKubeconfig, resolveKubeconfig } from "@slipway/kube/node";
import type { RunningManager } from "@slipway/manager";
import { startManager } from "@slipway/manager";
import type { TestSandbox } from "@slipway/sandbox/testing";
import { createTestSandbox, sendHttp } from "@slipway/sandbox/testing";
import { createSeededRandom } from "@slipway/std";
import { realClock } from "@slipway/std/node";

const root = join(import.meta.dirname, "../..");
const seed = join(root, "../shared/seed/rollout.yaml");
const manifest = readFileSync(existsSync(seed) ? seed : join(root, "examples/rollout.yaml"), "utf8");
const rollouts = resourceOf(rolloutKind);
const key = { namespace: "default", name: "echoserver" };

let sandbox: TestSandbox;
let client: KubeClient;
let manager: RunningManager;

beforeEach(async () => {
  sandbox = await createTestSandbox();
  client = createHttpClient(resolveKubeconfig(parseKubeconfig(sandbox.kubeconfig)), { clock: realClock, activity: sandbox.clock.activity });
  await startProcess();
  await sandbox.applyYaml(manifest);
  await sandbox.advance(5000);
});
afterEach(async () => {
  await manager.stop({ abrupt: true });
  await client.close();
  await sandbox.stop();
});

async function startProcess(): Promise<void> {
  const options = { clock: sandbox.clock, leaseClock: realClock, random: createSeededRandom(7), activity: sandbox.clock.activity };
  manager = await startManager({ ...options, client, leaderElection: false, metricsPort: false, healthPort: false });
}

async function rollout(): Promise<Rollout> {
  return await client.get<Rollout>(rollouts, key);
}

async function setImage(image: string): Promise<void> {
  const body = { spec: { template: { spec: { containers: [{ name: "echoserver", image }] } } } };
  await client.patch(resources.deployments, key, { type: "strategic", body });
  await sandbox.advance(20_000);
}

async function approve(): Promise<void> {
  const body = { status: { canaryStatus: { currentStepState: "StepReady" } } };
  await client.patch(rollouts, key, { type: "merge", body }, { subresource: "status" });
  await sandbox.advance(10_000);
}

/** What kubectl would show in a glance. */
async function glance(): Promise<object> {
  const { status } = await rollout();
  const ingress = await find(resources.ingresses, "echoserver-canary");
  return {
    phase: status?.phase,
    step: status?.currentStepIndex,
    state: status?.currentStepState,
    canary: status?.canaryStatus?.canaryReadyReplicas,
    weight: ingress?.metadata.annotations?.["nginx.ingress.kubernetes.io/canary-weight"],
  };
}

async function find(resource: typeof resources.services, name: string): Promise<KubeObject | undefined> {
  try {
    return await client.get(resource, { namespace: "default", name });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function leftovers(): Promise<object> {
  const names = async (resource: typeof resources.services): Promise<string[]> =>
    (await client.list(resource, { namespace: "default" })).items
      .map((each) => each.metadata.name ?? "")
      .filter((name) => name !== "kubernetes");
  const service = await find(resources.services, "echoserver");
  return {
    deployments: await names(resources.deployments),
    services: await names(resources.services),
    ingresses: await names(resources.ingresses),
    selector: (service?.["spec"] as { selector: object }).selector,
  };
}
const nothingLeft = { deployments: ["echoserver"], services: ["echoserver"], ingresses: ["echoserver"], selector: { app: "echoserver" } };

async function podUids(): Promise<string[]> {
  return (await client.list(resources.pods, { namespace: "default" })).items.map((pod) => pod.metadata.uid ?? "").sort();
}

describe("the Rollout of the seed document", () => {
  it("goes step by step to the new version, and leaves the Deployment as the user wrote it", async () => {
    const before = (await client.get(resources.deployments, key))["spec"] as { template: { spec: { containers: { image: string }[] } } };
    expect(await glance()).toMatchObject({ phase: "Healthy", state: "Completed" });
    const pods = await podUids();
    await setImage("echo:2");
    expect(await glance()).toEqual({ phase: "Progressing", step: 1, state: "StepPaused", canary: 1, weight: "5" });
    expect(await podUids()).toEqual(expect.arrayContaining(pods));
    expect((await rollout()).status?.slipway?.guard).toBe("admission");
    await approve();
    expect(await glance()).toEqual({ phase: "Progressing", step: 2, state: "StepPaused", canary: 2, weight: "40" });
    await sandbox.advance(570_000);
    expect(await glance()).toMatchObject({ step: 2 });
    await sandbox.advance(30_000);
    expect(await glance()).toEqual({ phase: "Progressing", step: 3, state: "StepPaused", canary: 3, weight: "60" });
    await sandbox.advance(610_000);
    expect(await glance()).toEqual({ phase: "Progressing", step: 4, state: "StepPaused", canary: 4, weight: "80" });
    await sandbox.advance(640_000);
    expect(await glance()).toMatchObject({ phase: "Healthy", step: 4, state: "Completed", weight: undefined });
    expect(await leftovers()).toEqual(nothingLeft);
    const after = (await client.get(resources.deployments, key))["spec"] as typeof before;
    for (const container of after.template.spec.containers) container.image = before.template.spec.containers[0]?.image ?? "";
    expect(after).toEqual(before);
    expect((await rollout()).status?.conditions).toContainEqual(expect.objectContaining({ type: "Succeeded", status: "True" }));
  });

  it("answers every request, through a release and a newer one, in the planned shares", async () => {
    const host = "echoserver.example.com";
    const failures: string[] = [];
    const ask = async (count: number): Promise<Map<string, number>> => {
      const versions = new Map<string, number>();
      for (let each = 0; each < count; each++) {
        const answer = await sendHttp(`${sandbox.gatewayUrl}/`, { headers: { host } });
        if (answer.code !== 200) failures.push(`${answer.code} ${answer.body}`);
        const { version } = JSON.parse(answer.body) as { version: string };
        versions.set(version, (versions.get(version) ?? 0) + 1);
      }
      return versions;
    };
    /** Goes on in small steps, with requests all the way. */
    const pass = async (seconds: number): Promise<void> => {
      for (let each = 0; each < seconds; each++) {
        await sandbox.advance(1000);
        await ask(3);
      }
    };
    const change = async (image: string): Promise<void> => {
      const body = { spec: { template: { spec: { containers: [{ name: "echoserver", image }] } } } };
      await client.patch(resources.deployments, key, { type: "strategic", body });
    };
    await ask(20);
    await change("echo:2");
    await pass(20);
    await approve();
    await pass(5);
    const { podTemplateHash = "" } = (await rollout()).status?.canaryStatus ?? {};
    const share = ((await ask(400)).get(podTemplateHash) ?? 0) / 4;
    expect(Math.abs(share - 40), `measured ${share} %`).toBeLessThan(10);
    await change("echo:3");
    await pass(30);
    expect(await glance()).toMatchObject({ step: 1, state: "StepPaused", weight: "5" });
    await approve();
    for (let each = 0; each < 3; each++) {
      await sandbox.advance(590_000);
      await pass(30);
    }
    await pass(30);
    expect(await glance()).toMatchObject({ phase: "Healthy", weight: undefined });
    expect(failures).toEqual([]);
  });

  it("goes back when the template is reverted, with the stable pods untouched", async () => {
    const pods = await podUids();
    const { image } = (
      (await client.get(resources.deployments, key))["spec"] as { template: { spec: { containers: [{ image: string }] } } }
    ).template.spec.containers[0];
    await setImage("echo:2");
    await approve();
    await setImage(image);
    await sandbox.advance(20_000);
    expect(await glance()).toMatchObject({ phase: "Healthy", weight: undefined });
    expect(await leftovers()).toEqual(nothingLeft);
    expect(await podUids()).toEqual(pods);
    expect((await rollout()).status?.conditions).toContainEqual(expect.objectContaining({ type: "Succeeded", status: "False" }));
  });

  it("controls a change that was made while no manager ran", async () => {
    await manager.stop({ abrupt: true });
    await client.patch(resources.deployments, key, {
      type: "strategic",
      body: { spec: { template: { spec: { containers: [{ name: "echoserver", image: "echo:2" }] } } } },
    });
    await startProcess();
    await sandbox.advance(20_000);
    expect(await glance()).toMatchObject({ phase: "Progressing", step: 1, state: "StepPaused", weight: "5" });
    expect((await rollout()).status?.slipway?.guard).toBe("late");
  });

  it("lets the release go on natively when the Rollout is deleted, and cleans up", async () => {
    await setImage("echo:2");
    await client.delete(rollouts, key);
    await sandbox.advance(60_000);
    await expect(rollout()).rejects.toThrow("not found");
    expect(await leftovers()).toEqual(nothingLeft);
    expect((await client.get(resources.deployments, key))["status"]).toMatchObject({ updatedReplicas: 5, readyReplicas: 5, replicas: 5 });
  });

  it("writes nothing while nothing happens", async () => {
    const version = async (): Promise<(string | undefined)[]> => [
      (await rollout()).metadata.resourceVersion,
      (await client.get(resources.deployments, key)).metadata.resourceVersion,
    ];
    const before = await version();
    await sandbox.advance(3_600_000);
    expect(await version()).toEqual(before);
  });
});
