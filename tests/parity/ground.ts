/** What one test body stands on: the embedded cluster or a real control plane, told apart by nothing but `open`. */
import { setTimeout as delay } from "node:timers/promises";
import type { KubeClient, KubeObject } from "@slipway/kube";
import { apiStatusOf, resources } from "@slipway/kube";

export interface Ground {
  readonly client: KubeClient;
  /** Exists and is empty; a suite makes what it needs in it. */
  readonly namespace: string;
  close(): Promise<void>;
}

export type OpenGround = () => Promise<Ground>;

/** Asks until the answer is neither false nor undefined; throws after 30 s with what was waited for. */
export async function eventually<T>(what: string, ask: () => Promise<T | false | undefined>): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited 30 s for ${what}`);
    await delay(50);
  }
}

/** That it stays so for a while in which a controller would have acted. */
export async function stays(what: string, ask: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 1500;
  while (performance.now() < end) {
    if (!(await ask())) throw new Error(`it did not stay so: ${what}`);
    await delay(100);
  }
}

/** `code reason` of the Status that a request is refused with. */
export async function refusal(request: Promise<unknown>): Promise<string> {
  try {
    await request;
  } catch (error) {
    const status = apiStatusOf(error);
    if (status === undefined) throw error;
    return `${status.code} ${status.reason}`;
  }
  return "accepted";
}

export function configMap(namespace: string, name: string, extra: object = {}, metadata: object = {}): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, ...metadata }, ...extra };
}

export interface DeploymentOptions {
  readonly replicas?: number;
  readonly image?: string;
  readonly spec?: object;
}

export function deployment(namespace: string, name: string, options: DeploymentOptions = {}): KubeObject {
  const labels = { app: name };
  const { replicas = 3, image = "web:1", spec = {} } = options;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "web", image }] } },
      ...spec,
    },
  };
}

export interface DeploymentState {
  readonly spec: { readonly replicas: number; readonly paused?: boolean; readonly template: object };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly unavailableReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
  };
}

export async function stateOf({ client, namespace }: Ground, name: string): Promise<KubeObject & DeploymentState> {
  return client.get<KubeObject & DeploymentState>(resources.deployments, { namespace, name });
}

/** Its controller has seen the spec, everything runs the present template and is available. */
export function isRolledOut({ metadata, spec, status = {} }: KubeObject & DeploymentState): boolean {
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  return (
    observedGeneration >= (metadata.generation ?? 0) &&
    [replicas, updatedReplicas, availableReplicas].every((count) => count === spec.replicas)
  );
}

export async function rolledOut(ground: Ground, name: string): Promise<KubeObject & DeploymentState> {
  return eventually(`deployment ${name} to be rolled out`, async () => {
    const state = await stateOf(ground, name);
    return isRolledOut(state) ? state : undefined;
  });
}

/** Pods wanted by image, without those of ReplicaSets that have none. */
export async function replicasByImage({ client, namespace }: Ground, app: string): Promise<Record<string, number>> {
  const { items } = await client.list(resources.replicaSets, { namespace, labelSelector: `app=${app}` });
  const counts: Record<string, number> = {};
  for (const item of items) {
    const spec = item["spec"] as { replicas: number; template: { spec: { containers: [{ image: string }] } } };
    const { image } = spec.template.spec.containers[0];
    if (spec.replicas > 0) counts[image] = (counts[image] ?? 0) + spec.replicas;
  }
  return counts;
}
