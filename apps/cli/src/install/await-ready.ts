/** Waits with a deadline and a word about what is waited for. */
import type { Condition, KubeClient, KubeObject } from "@slipway/kube";
import { isConditionTrue, isNotFound, resources } from "@slipway/kube";
import { managerLabels, managerName } from "@slipway/install";
import type { Clock } from "@slipway/std";
import { formatGoDuration } from "@slipway/std";
import { CommandError } from "../exit.ts";

const lookEveryMs = 500;

export interface Wait {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Milliseconds on `clock`. */
  readonly deadlineMs: number;
  /** Told what is waited for, each time that it changes. */
  readonly onWait: (lines: readonly string[]) => void;
}

/**
 * Asks until nothing is left to wait for. Throws a CommandError with what was still missing at the deadline, and
 * `advice`.
 */
export async function awaitAll(wait: Wait, advice: string, missing: () => Promise<readonly string[]>): Promise<void> {
  const { clock, signal, deadlineMs, onWait } = wait;
  const begunMs = clock.now();
  let told = "";
  for (;;) {
    const lines = await missing();
    if (lines.length === 0) return;
    if (lines.join("\n") !== told) onWait(lines);
    told = lines.join("\n");
    if (clock.now() >= deadlineMs) {
      const waited = formatGoDuration(Math.ceil((deadlineMs - begunMs) / 1000) * 1000);
      throw new CommandError(`gave up after ${waited}:\n${lines.map((line) => `  ${line}`).join("\n")}\n${advice}`);
    }
    await clock.sleep(Math.min(lookEveryMs, Math.max(1, deadlineMs - clock.now())), signal);
  }
}

/** Names of `names` that the API server does not serve yet, with why. */
export async function crdsNotEstablished(client: KubeClient, names: readonly string[], signal: AbortSignal): Promise<string[]> {
  const { items } = await client.list(resources.customResourceDefinitions, { signal });
  return names.flatMap((name) => {
    const found = items.find(({ metadata }) => metadata.name === name);
    const conditions = (found?.["status"] as { readonly conditions?: readonly Condition[] } | undefined)?.conditions ?? [];
    if (isConditionTrue(conditions, "Established")) return [];
    const refused = conditions.find(({ type, status }) => type === "NamesAccepted" && status === "False");
    return [`customresourcedefinition ${name}: not established${refused?.message === undefined ? "" : `: ${refused.message}`}`];
  });
}

interface DeploymentState {
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly replicas?: number;
  };
}

/** What keeps the manager's Deployment from being available, with what its pods say. Empty: it is. */
export async function managerNotAvailable(client: KubeClient, namespace: string, signal: AbortSignal): Promise<string[]> {
  const at = `deployment ${namespace}/${managerName}`;
  let deployment: KubeObject;
  try {
    deployment = await client.get(resources.deployments, { namespace, name: managerName }, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return [`${at}: does not exist`];
  }
  const { spec, status = {} } = deployment as DeploymentState;
  const wanted = spec?.replicas ?? 1;
  if ((status.observedGeneration ?? 0) < (deployment.metadata.generation ?? 0))
    return [`${at}: its controller has not seen the change yet`];
  const { updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = status;
  const pods = await managerPods(client, namespace, signal);
  if (updatedReplicas >= wanted && availableReplicas >= wanted && replicas <= wanted) {
    // Until it has ended, a replica of the version before may still act.
    const ending = pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    return ending.map(({ metadata }) => `pod ${namespace}/${metadata.name ?? ""}: of the version before, is ending`);
  }
  let counts = `${Math.min(availableReplicas, wanted)} of ${wanted} replicas are available`;
  if (updatedReplicas < wanted) counts = `${updatedReplicas} of ${wanted} replicas are of this version`;
  else if (availableReplicas >= wanted) counts = `${replicas - wanted} replicas of the version before are still there`;
  return [`${at}: ${counts}`, ...pods.flatMap((pod) => problemOf(pod) ?? [])];
}

/** The manager's pods, those that are ending too. */
export async function managerPods(client: KubeClient, namespace: string, signal: AbortSignal): Promise<readonly KubeObject[]> {
  const labelSelector = Object.entries(managerLabels)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
  return (await client.list(resources.pods, { namespace, labelSelector, signal })).items;
}

function problemOf(pod: KubeObject): string | undefined {
  const status = (pod["status"] ?? {}) as {
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly {
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
    }[];
  };
  const unscheduled = status.conditions?.find(({ type, status: is }) => type === "PodScheduled" && is === "False");
  const waiting = status.containerStatuses?.map(({ state }) => state?.waiting).find((each) => each !== undefined);
  const why = unscheduled ?? waiting;
  if (why?.reason === undefined || why.reason === "ContainerCreating") return undefined;
  return `pod ${pod.metadata.name ?? ""}: ${why.reason}${why.message === undefined || why.message === "" ? "" : `: ${why.message}`}`;
}
