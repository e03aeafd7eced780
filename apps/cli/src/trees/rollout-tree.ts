/** A Rollout as a tree: its steps, the revisions with their pods, where traffic goes, and what it waits for. */
import type { KubeClient, KubeObject, ObjectKey } from "@slipway/kube";
import { resources } from "@slipway/kube";
import { rollouts } from "../kinds.ts";
import { count, field, find, list, text } from "../world.ts";
import { branch, columns } from "./tree.ts";

export async function rolloutTree(client: KubeClient, key: ObjectKey): Promise<string[]> {
  const rollout = await client.get(rollouts, key);
  const status = field(rollout, "status", "canaryStatus");
  const phase = text(rollout, "status", "phase") || "Initial";
  const state = text(rollout, "status", "currentStepState");
  const step = count(rollout, "status", "currentStepIndex");
  const steps = list(rollout, "spec", "strategy", "canary", "steps");
  const progressing = phase === "Progressing";
  const head = `${key.namespace}/${key.name}  ${phase}${progressing ? `  step ${step}/${steps.length}  ${state}` : ""}`;
  const message = text(rollout, "status", "message");
  const children: string[][] = [[stepLine(steps, step, progressing, state)]];
  children.push(...(await revisionLines(client, rollout, status)).map((line) => [line]));
  if (message !== "") children.push([message]);
  return branch(head, children);
}

function stepLine(steps: readonly unknown[], current: number, progressing: boolean, state: string): string {
  const cells = steps.map((step, index) => {
    const label = text(step, "traffic") || String(field(step, "replicas") ?? "");
    const number = index + 1;
    const passed = number < current || (!progressing && state === "Completed");
    return `${passed ? "✓" : progressing && number === current ? "▶" : "·"} ${label}`;
  });
  return `steps  ${cells.join("  ")}`;
}

async function revisionLines(client: KubeClient, rollout: KubeObject, status: unknown): Promise<string[]> {
  const namespace = rollout.metadata.namespace ?? "default";
  const workload = text(rollout, "spec", "workloadRef", "name");
  const ingress = text(rollout, "spec", "strategy", "canary", "trafficRoutings", 0, "ingress", "name");
  const deployment = await find(client, resources.deployments, namespace, workload);
  const canaries = await client.list(resources.deployments, {
    namespace,
    labelSelector: `rollouts.kruise.io/canary-deployment=${workload}`,
  });
  const canary = canaries.items[0];
  const canaryIngress = ingress === "" ? undefined : await find(client, resources.ingresses, namespace, `${ingress}-canary`);
  const weight = text(canaryIngress, "metadata", "annotations", "nginx.ingress.kubernetes.io/canary-weight");
  const rows = [
    ["stable", workload, text(status, "stableRevision"), readyText(deployment), weight === "" ? "100 %" : `${100 - Number(weight)} %`],
  ];
  if (canary !== undefined) {
    rows.push([
      "canary",
      canary.metadata.name ?? "",
      text(status, "podTemplateHash"),
      readyText(canary),
      weight === "" ? "0 %" : `${weight} %`,
    ]);
  }
  return columns(rows);
}

function readyText(deployment: KubeObject | undefined): string {
  return `${count(deployment, "status", "readyReplicas")}/${count(deployment, "spec", "replicas")} pods ready`;
}
