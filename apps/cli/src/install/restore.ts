/**
 * Gives every workload back before the controllers go: each Rollout gets the annotation that detaches it, the running
 * manager leaves its release and takes back what it put on the workload, and the finalizer goes last of all.
 */
import type { Rollout } from "@slipway/api";
import { managerName } from "@slipway/install";
import type { KubeClient, KubeObject, Resource } from "@slipway/kube";
import { apiStatusOf, formatKey, isNotFound, keyOf, resources } from "@slipway/kube";
import { canaryDeploymentLabel, detachAnnotation, inProgressingAnnotation, rolloutFinalizer, workloadTypeLabel } from "@slipway/rollout";
import { CommandError } from "../exit.ts";
import { rollouts } from "../gather-rollout.ts";
import { fieldManager } from "./server-side-apply.ts";
import type { Wait } from "./await-ready.ts";
import { awaitAll } from "./await-ready.ts";

/** Value of the annotation when we set it: another one is a person's, and stays. */
const ours = "uninstall";

interface Held {
  /** What is still to be given back, with what it waits for. */
  readonly lines: readonly string[];
  readonly rollouts: readonly Rollout[];
}

/** What the controllers hold now; empty when there is nothing to give back. */
export async function heldWorkloads(client: KubeClient, signal: AbortSignal): Promise<Held> {
  const all = await listRollouts(client, signal);
  const held = all.filter((each) => each.metadata.finalizers?.includes(rolloutFinalizer) === true);
  const { items } = await client.list(resources.deployments, { signal });
  return { lines: [...held.map(describe), ...items.flatMap((each) => traceOf(each) ?? [])], rollouts: all };
}

/**
 * Waits until nothing is held. Throws a CommandError when there is no manager to do it, or at the deadline, naming each
 * object and what it waits for; what was given back by then stays so.
 */
export async function restoreWorkloads(client: KubeClient, namespace: string, wait: Wait): Promise<void> {
  const { signal } = wait;
  const { lines } = await heldWorkloads(client, signal);
  if (lines.length === 0) return;
  await requireManager(client, namespace, lines, signal);
  const advice =
    "nothing was removed; look at these objects and run it again, " +
    `or take the detachment back with: kubectl annotate rollouts.rollouts.kruise.io --all -A ${detachAnnotation}-`;
  await awaitAll(wait, advice, async () => {
    const now = await heldWorkloads(client, signal);
    const refused: string[] = [];
    for (const each of now.rollouts) refused.push(...(await detach(client, each, signal)));
    return [...now.lines, ...refused];
  });
}

/** Takes our annotation off again, so that a later installation goes on with the Rollouts as they are. */
export async function reattach(client: KubeClient, wait: Wait): Promise<void> {
  const { signal } = wait;
  await awaitAll(wait, "run it again to go on", async () => {
    const detached = (await listRollouts(client, signal)).filter((each) => each.metadata.annotations?.[detachAnnotation] === ours);
    return (await Promise.all(detached.map((each) => annotate(client, each, null, signal)))).flat();
  });
}

/** Takes our label off Deployments whose Rollout went away before it could be. Answers their names. */
export async function removeLabels(client: KubeClient, signal: AbortSignal): Promise<string[]> {
  const { items } = await client.list(resources.deployments, { labelSelector: workloadTypeLabel, signal });
  for (const each of items) {
    const body = { metadata: { labels: { [workloadTypeLabel]: null } } };
    await unlessGone(client.patch(resources.deployments, keyOf(each), { type: "merge", body }, { fieldManager, signal }));
  }
  return items.map((each) => `deployment.apps/${each.metadata.name ?? ""} (namespace ${each.metadata.namespace ?? ""})`);
}

/** Takes the manager's conversion out of CRDs: it leads nowhere from now on, and reading the older version would fail. */
export async function resetConversions(client: KubeClient, signal: AbortSignal): Promise<void> {
  const { items } = await client.list(resources.customResourceDefinitions, { signal });
  for (const crd of items.filter(convertsHere)) {
    const body = { spec: { conversion: { strategy: "None", webhook: null } } };
    await client.patch(resources.customResourceDefinitions, keyOf(crd), { type: "merge", body }, { fieldManager, signal });
  }
}

/** None when the kind is not served: then nothing was ever installed, or it is gone already. */
async function listRollouts(client: KubeClient, signal: AbortSignal): Promise<readonly Rollout[]> {
  const resource: Resource = rollouts;
  try {
    return (await client.list<Rollout>(resource, { signal })).items;
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

async function detach(client: KubeClient, rollout: Rollout, signal: AbortSignal): Promise<string[]> {
  const { annotations, deletionTimestamp } = rollout.metadata;
  // One that is being deleted gives everything back by itself.
  if (annotations?.[detachAnnotation] !== undefined || deletionTimestamp !== undefined) return [];
  return annotate(client, rollout, ours, signal);
}

/** Answers what to wait for when the server cannot take the write now, as while a webhook does not answer. */
async function annotate(client: KubeClient, rollout: Rollout, value: string | null, signal: AbortSignal): Promise<string[]> {
  const body = { metadata: { annotations: { [detachAnnotation]: value } } };
  try {
    await unlessGone(client.patch(rollouts, keyOf(rollout), { type: "merge", body }, { fieldManager, signal }));
    return [];
  } catch (error) {
    const status = apiStatusOf(error);
    if ((status?.code ?? 0) < 500) throw error;
    return [`rollout ${formatKey(keyOf(rollout))}: cannot be annotated: ${status?.message ?? ""}`];
  }
}

async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function requireManager(client: KubeClient, namespace: string, lines: readonly string[], signal: AbortSignal): Promise<void> {
  const deployment = await client.get(resources.deployments, { namespace, name: managerName }, { signal }).catch((error: unknown) => {
    if (apiStatusOf(error)?.code === 404) return undefined;
    throw error;
  });
  const available = (deployment?.["status"] as { readonly availableReplicas?: number } | undefined)?.availableReplicas ?? 0;
  if (available > 0) return;
  throw new CommandError(
    `no replica of deployment ${namespace}/${managerName} is running, and only it can give back what it holds:\n` +
      `${lines.map((line) => `  ${line}`).join("\n")}\n` +
      "nothing was removed; start it and run this again, or leave these as they are with --no-restore",
  );
}

function describe(rollout: Rollout): string {
  const { phase = "not looked at yet", slipway, message } = rollout.status ?? {};
  const waiting = slipway?.waitingFor;
  const why = waiting === undefined ? message : `${waiting.object}: ${waiting.condition}`;
  return `rollout ${formatKey(keyOf(rollout))}: ${phase}${why === undefined || why === "" ? "" : `: ${why}`}`;
}

/** What of a release is still on a Deployment. */
function traceOf(deployment: KubeObject): string | undefined {
  const { labels = {}, annotations = {} } = deployment.metadata;
  const at = `deployment ${formatKey(keyOf(deployment))}`;
  if (labels[canaryDeploymentLabel] !== undefined) return `${at}: runs the candidate of ${labels[canaryDeploymentLabel]}`;
  return annotations[inProgressingAnnotation] === undefined ? undefined : `${at}: is held by a release`;
}

/** By the webhook that the manager entered, which has a path of its own for each CRD; another controller's stays. */
function convertsHere(crd: KubeObject): boolean {
  const { conversion } = crd["spec"] as { readonly conversion?: Conversion };
  const { service, url } = conversion?.webhook?.clientConfig ?? {};
  const path = `/convert/${crd.metadata.name ?? ""}`;
  return service?.path === path || url?.endsWith(path) === true;
}

interface Conversion {
  readonly webhook?: { readonly clientConfig?: { readonly service?: { readonly path?: string }; readonly url?: string } };
}
