/** Uninstalling in the middle of a release, on the embedded cluster: the command is a process, the manager the real one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Rollout } from "@slipway/api";
import { applyObject, approveRollout, rollouts } from "@slipway/cli";
import { defaultOptions, managerLabels, managerName, manifests } from "@slipway/install";
import type { KubeClient, KubeObject } from "@slipway/kube";
import { isNotFound, parseYamlDocuments, resources } from "@slipway/kube";
import { createHttpClient, parseKubeconfig, resolveKubeconfig } from "@slipway/kube/node";
import type { RunningManager } from "@slipway/manager";
import { startManager } from "@slipway/manager";
import type { TestSandbox } from "@slipway/sandbox/testing";
import { createTestSandbox } from "@slipway/sandbox/testing";
import { createSeededRandom } from "@slipway/std";
import { realClock } from "@slipway/std/node";
import type { Ended } from "../demo/slipway-process.ts";
import { root, slipway, startSlipway } from "../demo/slipway-process.ts";

const key = { namespace: "default", name: "storefront" };
const newImage = "registry.example.com/storefront:2.0.0";

let sandbox: TestSandbox;
let client: KubeClient;
let manager: RunningManager;
/** Resolves when the manager has ended because its pod did, or the test ends. */
let ending: Promise<void>;
let over: AbortController;
let folder: string;
let kubeconfig: string;
/** As the user wrote them. */
let userDeployment: KubeObject;
let userService: KubeObject;

beforeEach(async () => {
  sandbox = await createTestSandbox({ speed: 30 });
  client = createHttpClient(resolveKubeconfig(parseKubeconfig(sandbox.kubeconfig)), { clock: realClock });
  folder = mkdtempSync(join(tmpdir(), "slipway-uninstall-"));
  kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, sandbox.kubeconfig, { mode: 0o600 });
  for (const object of manifests(defaultOptions)) {
    if (["Namespace", "CustomResourceDefinition", "Service"].includes(object.kind)) await applyObject(client, object, "default");
  }
  // It stands for the manager's pods; the manager itself runs in this process.
  await applyObject(client, standIn, "default");
  manager = await startManager({
    client,
    clock: sandbox.clock,
    leaseClock: realClock,
    random: createSeededRandom(3),
    metricsPort: false,
    healthPort: false,
  });
  over = new AbortController();
  await until("the stand-in's pod", async () => (await standInPods()).length === 1);
  await setFinalizers(["slipway.test/manager"]);
  ending = endWithPod(over.signal);
  const example = readFileSync(join(root, "examples/rollout.yaml"), "utf8");
  for (const { object } of parseYamlDocuments(example, "rollout.yaml").objects) await applyObject(client, object, "default");
  userDeployment = await client.get(resources.deployments, key);
  userService = await client.get(resources.services, key);
  await until("the Deployment to be adopted and available", async () => {
    const { metadata, status } = (await client.get(resources.deployments, key)) as KubeObject & { status?: { availableReplicas?: number } };
    return metadata.labels?.["rollouts.kruise.io/workload-type"] !== undefined && status?.availableReplicas === 5;
  });
});

afterEach(async () => {
  over.abort();
  await ending;
  await manager.stop({ abrupt: true });
  await client.close();
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

const standIn: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: managerName, namespace: "slipway-system", labels: { ...managerLabels } },
  spec: {
    replicas: 1,
    selector: { matchLabels: managerLabels },
    template: {
      metadata: { labels: { ...managerLabels } },
      spec: { containers: [{ name: "manager", image: "registry.example.com/stand-in:1" }] },
    },
  },
};

async function standInPods(): Promise<KubeObject[]> {
  return (await client.list(resources.pods, { namespace: "slipway-system", labelSelector: "app.kubernetes.io/component=manager" })).items;
}

async function setFinalizers(finalizers: readonly string[]): Promise<void> {
  for (const { metadata } of await standInPods())
    await client.patch(
      resources.pods,
      { namespace: "slipway-system", name: metadata.name ?? "" },
      { type: "merge", body: { metadata: { finalizers } } },
    );
}

/** As in a cluster, the manager acts until its pod has ended, and the pod ends when the manager has. */
async function endWithPod(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if ((await standInPods()).some(({ metadata }) => metadata.deletionTimestamp !== undefined)) {
      await manager.stop();
      await setFinalizers([]);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function rollout(): Promise<Rollout> {
  return client.get<Rollout>(rollouts, key);
}

async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error(`waited for ${what}: ${JSON.stringify((await rollout()).status)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Into step 2: half of the requests are routed, the Deployment is held, the Service is pinned. */
async function beginRelease(): Promise<void> {
  const container = { name: "storefront", image: newImage };
  await client.patch(resources.deployments, key, {
    type: "strategic",
    body: { spec: { template: { spec: { containers: [container] } } } },
  });
  const paused = (step: number) => async (): Promise<boolean> => {
    const { status } = await rollout();
    return status?.currentStepIndex === step && status.currentStepState === "StepPaused";
  };
  await until("step 1", paused(1));
  await approveRollout(client, key);
  await until("step 2", paused(2));
}

async function names(resource: typeof resources.services): Promise<string[]> {
  const { items } = await client.list(resource, { namespace: "default" });
  return items.map(({ metadata }) => metadata.name ?? "").filter((name) => name !== "kubernetes");
}

const exists = (resource: typeof resources.services, name: string): Promise<boolean> =>
  client.get(resource, { namespace: resource.namespaced ? "slipway-system" : "", name }).then(
    () => true,
    (error: unknown) => {
      if (isNotFound(error)) return false;
      throw error;
    },
  );

const run = (...args: string[]): Promise<Ended> => slipway("uninstall", "--kubeconfig", kubeconfig, ...args);

describe("slipway uninstall", () => {
  it("gives the workload of a release back as the user wrote it, then leaves nothing but CRDs and the user's objects", async () => {
    await beginRelease();
    const rehearsed = await run("--dry-run");
    expect(rehearsed).toMatchObject({ status: 0, stderr: "" });
    expect(rehearsed.stdout).toContain("deployment default/storefront: is held by a release (would be given back)\n");
    expect(rehearsed.stdout).toContain("namespace/slipway-system deleted (server dry run)\n");
    expect((await rollout()).metadata.annotations).not.toHaveProperty("slipway.dev/detach");

    const command = startSlipway("uninstall", "--kubeconfig", kubeconfig, "--timeout", "20s");
    const { status, stdout, stderr } = await command.ended;
    expect(`${status} ${stderr}`).toBe("0 ");
    expect(stdout).toMatch(/^waiting for rollout default\/storefront: Progressing: .*\n/);
    expect(stdout).toContain("all workloads are given back\n");

    await until("the native rollout", async () => {
      const { status: is } = (await client.get(resources.deployments, key)) as {
        status?: { updatedReplicas?: number; availableReplicas?: number };
      };
      return is?.updatedReplicas === 5 && is.availableReplicas === 5;
    });
    const deployment = await client.get(resources.deployments, key);
    const spec = userDeployment["spec"] as { template: { spec: { containers: object[] } } };
    const [container] = spec.template.spec.containers;
    spec.template.spec.containers = [{ ...container, image: newImage }];
    expect(deployment["spec"]).toEqual(spec);
    expect(deployment.metadata.labels).toEqual(userDeployment.metadata.labels);
    const { "deployment.kubernetes.io/revision": _revision, ...annotations } = deployment.metadata.annotations ?? {};
    expect(annotations).toEqual({});
    expect((await client.get(resources.services, key))["spec"]).toEqual(userService["spec"]);
    expect([await names(resources.deployments), await names(resources.services), await names(resources.ingresses)]).toEqual([
      ["storefront"],
      ["storefront"],
      ["storefront"],
    ]);

    expect(await exists(resources.namespaces, "slipway-system")).toBe(false);
    expect(await exists(resources.validatingWebhookConfigurations, "slipway")).toBe(false);
    expect(await exists(resources.mutatingWebhookConfigurations, "slipway")).toBe(false);
    const { metadata } = await rollout();
    expect(metadata.finalizers ?? []).toEqual([]);
    expect(metadata.annotations).not.toHaveProperty("slipway.dev/detach");
    await client.delete(rollouts, key);
    expect((await client.list(rollouts)).items).toEqual([]);
    expect(await run()).toMatchObject({ status: 0, stderr: "" });
  });

  it("removes nothing while it cannot give a workload back, and says which", async () => {
    await beginRelease();
    await manager.stop();
    const { status, stderr } = await run("--timeout", "2s");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: gave up after 2s:\n {2}rollout default\/storefront: Progressing: /);
    expect(stderr).toMatch(/deployment default\/storefront-\w+: runs the candidate of storefront\n/);
    expect(stderr).toContain("deployment default/storefront: is held by a release\n");
    expect(stderr).toContain(
      'rollout default/storefront: cannot be annotated: Internal error occurred: failed calling webhook "vrollout.kb.io"',
    );
    await client.patch(
      resources.deployments,
      { namespace: "slipway-system", name: managerName },
      { type: "merge", body: { spec: { replicas: 0 } } },
    );
    await until("no pod of the manager", async () => {
      const deployment = await client.get(resources.deployments, { namespace: "slipway-system", name: managerName });
      return (deployment["status"] as { availableReplicas?: number }).availableReplicas === undefined;
    });
    const without = await run("--timeout", "2s");
    expect(without.status).toBe(1);
    expect(without.stderr).toContain("no replica of deployment slipway-system/slipway-manager is running");
    expect(await exists(resources.deployments, managerName)).toBe(true);
    expect(await exists(resources.mutatingWebhookConfigurations, "slipway")).toBe(true);
  });

  it("is finished by the next one when it is killed anywhere", async () => {
    await beginRelease();
    const saying = [
      "waiting for rollout default/storefront",
      "all workloads are given back",
      "mutatingwebhookconfiguration.admissionregistration.k8s.io/slipway deleted",
      "deployment.apps/slipway-manager deleted",
    ];
    const killed: (number | null)[] = [];
    for (const text of saying) {
      const command = startSlipway("uninstall", "--kubeconfig", kubeconfig, "--timeout", "20s");
      // One that got further before it was killed leaves nothing to say to the next.
      await Promise.race([command.said(text), command.ended]);
      command.kill();
      killed.push((await command.ended).status);
    }
    expect(killed.slice(0, 2)).toEqual([null, null]);
    expect(await run("--timeout", "20s")).toMatchObject({ status: 0, stderr: "" });
    const { metadata } = await rollout();
    expect(metadata.finalizers ?? []).toEqual([]);
    expect(metadata.annotations).not.toHaveProperty("slipway.dev/detach");
    const deployment = await client.get(resources.deployments, key);
    expect(deployment["spec"]).not.toHaveProperty("paused");
    expect(deployment.metadata.labels).toEqual(userDeployment.metadata.labels);
    expect(await names(resources.deployments)).toEqual(["storefront"]);
    expect(await exists(resources.namespaces, "slipway-system")).toBe(false);
    expect(await exists(resources.validatingWebhookConfigurations, "slipway")).toBe(false);
  });

  it("keeps a namespace that holds something else", async () => {
    const other = { ...standIn, metadata: { name: "other", namespace: "slipway-system" } };
    const spec = standIn["spec"] as { template: { spec: object } };
    const labels = { app: "other" };
    await client.create(resources.deployments, {
      ...other,
      spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: spec.template.spec } },
    });
    const command = startSlipway("uninstall", "--kubeconfig", kubeconfig, "--timeout", "20s");
    const { status, stderr } = await command.ended;
    expect(`${status} ${stderr}`).toBe("0 namespace slipway-system stays: it holds deployment.apps/other\n");
    expect(await exists(resources.deployments, "other")).toBe(true);
    expect((await client.list(resources.leases, { namespace: "slipway-system" })).items).toEqual([]);
  });
});
