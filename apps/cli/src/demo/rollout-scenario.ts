/** The rollout half of the demo: adopt, change the template, walk the steps with real traffic, end without a trace. */
import type { KubeObject } from "@slipway/kube";
import { resources } from "@slipway/kube";
import { cloneJson, formatTimestamp } from "@slipway/std";
import { applyObject } from "../commands/apply.ts";
import { approveRollout } from "../commands/rollout.ts";
import { gatherRollout, readRollout, rollouts } from "../gather-rollout.ts";
import { rolloutLine, rolloutTree } from "../trees/rollout-tree.ts";
import type { Manifest } from "./manifests.ts";
import type { Scene } from "./scene.ts";
import { watchUntil } from "./scene.ts";
import { measureShare, tolerancePercent } from "./traffic.ts";
import { count, field, find, list, ofKind, text } from "../world.ts";

const requestsPerStep = 1000;

interface Step {
  readonly weight: number;
  /** Candidate pods expected. */
  readonly pods: number;
  /** Seconds; undefined holds for approval. */
  readonly pauseSeconds: number | undefined;
}

export async function rolloutScenario(scene: Scene, manifest: Manifest): Promise<void> {
  const { printer, claims, client } = scene;
  const rollout = ofKind(manifest.objects, "Rollout");
  const deployment = ofKind(manifest.objects, "Deployment");
  const namespace = rollout.metadata.namespace ?? "default";
  const name = rollout.metadata.name ?? "";
  const workload = deployment.metadata.name ?? "";
  const ingress = ofKind(manifest.objects, "Ingress");
  const host = text(ingress, "spec", "rules", 0, "host");
  const steps = stepsOf(rollout, count(deployment, "spec", "replicas"));

  printer.line(printer.style("bold", `Rollout ${namespace}/${name} (${manifest.name})`));
  const apply = async (object: KubeObject): Promise<void> => {
    const { outcome } = await applyObject(client, object, namespace);
    printer.line(`  applied ${object.kind}/${object.metadata.name ?? ""} (${outcome})`);
  };
  const tree = async (): Promise<readonly string[]> => {
    const seen = await readRollout(client, { namespace, name });
    const objects = await gatherRollout(client, seen);
    return printer.tty ? rolloutTree(seen, objects) : [rolloutLine(seen, objects)];
  };
  const read = async (): Promise<KubeObject> => client.get(rollouts, { namespace, name });
  const readWorkload = async (): Promise<KubeObject> => client.get(resources.deployments, { namespace, name: workload });

  // The workload runs before the Rollout exists, so that adoption can be seen to restart nothing.
  for (const object of manifest.objects) if (object.kind !== "Rollout") await apply(object);
  await watchUntil(
    scene,
    `Deployment ${workload} to be available`,
    () => Promise.resolve([]),
    async () => (count(await readWorkload(), "status", "availableReplicas") === count(deployment, "spec", "replicas") ? true : undefined),
  );
  const podsBefore = await podIdentities(scene, namespace, deployment);
  await apply(rollout);
  if (field(rollout, "spec", "strategy", "objectRef") !== undefined) {
    claims.holds(
      "the document's older spelling is accepted with a warning",
      scene.warnings.length > 0,
      `${scene.warnings.length} warnings`,
    );
  }
  await watchUntil(scene, `Rollout ${name} to be healthy`, tree, async () =>
    text(await read(), "status", "phase") === "Healthy" ? true : undefined,
  );
  printer.endLive();
  claims.equal("adopting the Deployment restarted no pod", await podIdentities(scene, namespace, deployment), podsBefore);

  const before = await readWorkload();
  const userSpec = cloneJson(before["spec"]);
  const nextImage = `${text(deployment, "spec", "template", "spec", "containers", 0, "image")}-next`;
  const container = text(deployment, "spec", "template", "spec", "containers", 0, "name");
  await client.patch(
    resources.deployments,
    { namespace, name: workload },
    {
      type: "strategic",
      body: { spec: { template: { spec: { containers: [{ name: container, image: nextImage }] } } } },
    },
  );
  printer.line(`  ${printer.style("cyan", "$")} kubectl set image deployment/${workload} ${container}=${nextImage}`);

  for (const [index, step] of steps.entries()) {
    await walkStep(scene, { namespace, name, host, tree, steps, index, step });
    if (step.pauseSeconds === undefined) {
      printer.line(`  ${printer.style("cyan", "$")} slipway rollout approve ${name}`);
      printer.line(`  ${await approveRollout(client, { namespace, name })}`);
    } else await passPause(scene, step.pauseSeconds, read, index + 1);
  }

  const finished = await watchUntil(scene, `Rollout ${name} to finish`, tree, async () => {
    const object = await read();
    const done =
      text(object, "status", "phase") === "Healthy" && text(object, "status", "canaryStatus", "currentStepState") === "Completed";
    return done ? object : undefined;
  });
  printer.endLive();
  await claimEnd(scene, { namespace, workload, finished, userSpec, nextImage, rollout });
}

interface StepScene {
  readonly namespace: string;
  readonly name: string;
  readonly host: string;
  readonly tree: () => Promise<readonly string[]>;
  readonly steps: readonly Step[];
  readonly index: number;
  readonly step: Step;
}

async function walkStep(scene: Scene, at: StepScene): Promise<void> {
  const { claims, client, printer } = scene;
  const number = at.index + 1;
  const paused = await watchUntil(scene, `step ${number} of Rollout ${at.name} to pause`, at.tree, async () => {
    const object = await client.get(rollouts, { namespace: at.namespace, name: at.name });
    const there = count(object, "status", "currentStepIndex") === number && text(object, "status", "currentStepState") === "StepPaused";
    return there ? object : undefined;
  });
  printer.endLive();
  const canary = text(paused, "status", "canaryStatus", "podTemplateHash");
  claims.equal(
    `step ${number}/${at.steps.length}: ${at.step.pods} ${at.step.pods === 1 ? "pod" : "pods"} of the new version ready`,
    count(paused, "status", "canaryStatus", "canaryReadyReplicas"),
    at.step.pods,
  );
  const share = await measureShare({
    gatewayUrl: scene.stack.sandbox.gatewayUrl,
    host: at.host,
    requests: requestsPerStep,
    concurrency: 16,
    versionOf: (body) => (JSON.parse(body) as { version: string }).version,
  });
  const measured = (100 * (share.byVersion.get(canary) ?? 0)) / share.requests;
  const tolerance = tolerancePercent(at.step.weight, share.requests);
  claims.holds(
    `step ${number}/${at.steps.length}: ${at.step.weight} % of requests reach the new version`,
    Math.abs(measured - at.step.weight) <= tolerance,
    `expected ${at.step.weight.toFixed(1)} % ± ${tolerance.toFixed(1)}, measured ${measured.toFixed(1)} % of ${share.requests} requests`,
  );
  claims.equal(`step ${number}/${at.steps.length}: no request failed`, share.failures, 0);
}

/** The pause must neither be cut short nor outlast its time. */
async function passPause(scene: Scene, seconds: number, read: () => Promise<KubeObject>, step: number): Promise<void> {
  const { clock } = scene.stack;
  const since = Date.parse(text(await read(), "status", "canaryStatus", "lastUpdateTime"));
  const remaining = since + seconds * 1000 - clock.now();
  await clock.advance(Math.max(0, remaining - 10_000));
  const state = await read();
  scene.claims.holds(
    `step ${step}: still paused ${seconds - 10} s into its ${seconds} s`,
    count(state, "status", "currentStepIndex") === step && text(state, "status", "currentStepState") === "StepPaused",
    `at ${formatTimestamp(clock.now())}`,
  );
  await clock.advance(12_000);
}

interface EndScene {
  readonly namespace: string;
  readonly workload: string;
  readonly finished: KubeObject;
  readonly userSpec: unknown;
  readonly nextImage: string;
  readonly rollout: KubeObject;
}

async function claimEnd(scene: Scene, end: EndScene): Promise<void> {
  const { claims, client } = scene;
  const service = text(end.rollout, "spec", "strategy", "canary", "trafficRoutings", 0, "service");
  const ingress = text(end.rollout, "spec", "strategy", "canary", "trafficRoutings", 0, "ingress", "name");
  const succeeded = list(end.finished, "status", "conditions").find((condition) => text(condition, "type") === "Succeeded");
  claims.equal("the Rollout succeeded", text(succeeded, "status"), "True");
  const gone = async (): Promise<boolean> => {
    const others = await client.list(resources.deployments, {
      namespace: end.namespace,
      labelSelector: `rollouts.kruise.io/canary-deployment=${end.workload}`,
    });
    return (
      others.items.length === 0 &&
      (await find(client, resources.services, end.namespace, `${service}-canary`)) === undefined &&
      (await find(client, resources.ingresses, end.namespace, `${ingress}-canary`)) === undefined
    );
  };
  await watchUntil(
    scene,
    "the canary objects to be gone",
    () => Promise.resolve([]),
    async () => ((await gone()) ? true : undefined),
  );
  claims.holds(
    "the canary Deployment, Service and Ingress are gone",
    await gone(),
    `${end.workload}-*, ${service}-canary, ${ingress}-canary`,
  );
  const deployment = await client.get(resources.deployments, { namespace: end.namespace, name: end.workload });
  const expected = cloneJson(end.userSpec) as Record<string, unknown>;
  const template = field(expected, "template", "spec", "containers", 0) as Record<string, unknown>;
  template["image"] = end.nextImage;
  claims.equal("the Deployment's spec is what the user wrote", deployment["spec"], expected);
  claims.holds(
    "every pod runs the new version",
    count(deployment, "status", "updatedReplicas") === count(deployment, "spec", "replicas") &&
      count(deployment, "status", "replicas") === count(deployment, "spec", "replicas"),
    `${count(deployment, "status", "updatedReplicas")}/${count(deployment, "spec", "replicas")} pods`,
  );
  const selector = field(await client.get(resources.services, { namespace: end.namespace, name: service }), "spec", "selector");
  claims.equal("the Service selects what the user wrote", selector, { app: end.workload });
}

/** Steps as the manifest's v1alpha1 spelling gives them: pods are `replicas`, else the weight rounded up. */
function stepsOf(rollout: KubeObject, replicas: number): Step[] {
  return list(rollout, "spec", "strategy", "canary", "steps").map((step) => {
    const weight = count(step, "weight");
    const pause = field(step, "pause", "duration");
    const pods = field(step, "replicas");
    return {
      weight,
      pods: typeof pods === "number" ? pods : Math.ceil((weight * replicas) / 100),
      pauseSeconds: typeof pause === "number" ? pause : undefined,
    };
  });
}

/** UID and restart count of every pod: equal before and after means that nothing restarted. */
async function podIdentities(scene: Scene, namespace: string, deployment: KubeObject): Promise<string[]> {
  const labels = field(deployment, "spec", "selector", "matchLabels") as Record<string, string>;
  const selector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const { items } = await scene.client.list(resources.pods, { namespace, labelSelector: selector });
  return items.map((pod) => `${pod.metadata.uid ?? ""}/${count(pod, "status", "containerStatuses", 0, "restartCount")}`).sort();
}
