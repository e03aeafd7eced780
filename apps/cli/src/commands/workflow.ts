/** `slipway workflow list|status|suspend|resume|terminate|restart` and the workflow half of `slipway explain`. */
import type { Workflow, WorkflowRun } from "@slipway/api";
import { resourceOf, workflowKind, workflowRunKind } from "@slipway/api";
import type { KubeClient, ObjectKey, Resource } from "@slipway/kube";
import { createMergePatch, isConflict, isNotFound, resources } from "@slipway/kube";
import { formatAge, parseTimestamp } from "@slipway/std";
import type { OperationResult } from "@slipway/workflow";
import {
  createStepLanguage,
  explainRun,
  generateInstance,
  restartFromStep,
  restartRun,
  resumeRun,
  suspendRun,
  terminateRun,
} from "@slipway/workflow";
import type { ClusterFlags, CommandContext } from "../context.ts";
import { withCluster } from "../context.ts";
import { CommandError } from "../exit.ts";
import { formatTable } from "../printer.ts";
import { workflowTree } from "../trees/workflow-tree.ts";

export const workflowRuns: Resource = resourceOf(workflowRunKind);
const workflows: Resource = resourceOf(workflowKind);

export interface ListFlags extends ClusterFlags {
  readonly allNamespaces?: boolean;
}
export interface StepFlags extends ClusterFlags {
  readonly step?: string;
}

/** How often an edit is tried anew on what somebody else wrote meanwhile. */
const conflictRetries = 5;

export async function readRun(client: KubeClient, key: ObjectKey): Promise<WorkflowRun> {
  try {
    return await client.get<WorkflowRun>(workflowRuns, key);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new CommandError(
      `can't find workflowrun ${key.name} in namespace ${key.namespace}; see what there is with: slipway workflow list -A`,
    );
  }
}

export function workflowList(context: CommandContext, flags: ListFlags): Promise<void> {
  return withCluster(context, flags, async ({ client, namespace }) => {
    const { items } = await client.list<WorkflowRun>(workflowRuns, flags.allNamespaces === true ? {} : { namespace });
    if (items.length === 0) {
      context.printer.error(flags.allNamespaces === true ? "no workflow runs found" : `no workflow runs found in namespace ${namespace}`);
      return;
    }
    const head = ["NAMESPACE", "NAME", "TYPE", "PHASE", "START-TIME", "END-TIME", "AGE"];
    const rows = items.map((run) => [
      run.metadata.namespace ?? "",
      run.metadata.name ?? "",
      "WorkflowRun",
      run.status?.status ?? "",
      run.status?.startTime ?? "",
      run.status?.endTime ?? "",
      formatAge(context.clock.now() - (parseTimestamp(run.metadata.creationTimestamp) ?? context.clock.now())),
    ]);
    const from = flags.allNamespaces === true ? 0 : 1;
    for (const line of formatTable([head, ...rows].map((row) => row.slice(from)))) context.printer.line(line);
  });
}

export function workflowStatus(context: CommandContext, name: string, flags: ClusterFlags): Promise<void> {
  return withCluster(context, flags, async ({ client, namespace }) => {
    const run = await readRun(client, { namespace, name });
    for (const line of workflowTree(run)) context.printer.line(line);
    for (const wait of explainRun(run, await workflowOf(client, run)).waitsFor) context.printer.line(wait);
  });
}

export function workflowExplain(context: CommandContext, name: string, flags: ClusterFlags): Promise<void> {
  return withCluster(context, flags, async ({ client, namespace }) => {
    const run = await readRun(client, { namespace, name });
    const { phase, waitsFor, next } = explainRun(run, await workflowOf(client, run));
    context.printer.line(`WorkflowRun ${namespace}/${name} is ${phase}`);
    for (const wait of waitsFor) context.printer.line(`it waits: ${wait}`);
    for (const step of next) context.printer.line(`next: ${step}`);
    if (waitsFor.length === 0 && next.length === 0) context.printer.line("nothing is to be done");
  });
}

async function workflowOf(client: KubeClient, run: WorkflowRun): Promise<Workflow | undefined> {
  const name = run.spec?.workflowRef ?? "";
  if (name === "") return undefined;
  try {
    return await client.get<Workflow>(workflows, { namespace: run.metadata.namespace ?? "", name });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export function workflowSuspend(context: CommandContext, name: string, flags: StepFlags): Promise<void> {
  return operate(context, name, flags, (client, key) => edit(client, key, (run) => suspendRun(run, flags.step)));
}

export function workflowResume(context: CommandContext, name: string, flags: StepFlags): Promise<void> {
  return operate(context, name, flags, (client, key) => resumeWorkflow(client, key, flags.step));
}

export function workflowTerminate(context: CommandContext, name: string, flags: ClusterFlags): Promise<void> {
  return operate(context, name, flags, (client, key) => edit(client, key, terminateRun));
}

export function workflowRestart(context: CommandContext, name: string, flags: StepFlags): Promise<void> {
  return operate(context, name, flags, (client, key) =>
    flags.step === undefined ? restart(client, key) : restartStep(client, key, flags.step),
  );
}

/** Resumes a run, or one step of it. Answers what to print. */
export function resumeWorkflow(client: KubeClient, key: ObjectKey, step?: string): Promise<string> {
  return edit(client, key, (run) => resumeRun(run, step));
}

function operate(
  context: CommandContext,
  name: string,
  flags: ClusterFlags,
  act: (client: KubeClient, key: ObjectKey) => Promise<string>,
): Promise<void> {
  return withCluster(context, flags, async ({ client, namespace }) => context.printer.line(await act(client, { namespace, name })));
}

/** Edits the status that was read; on a conflict reads again and decides anew. */
async function edit(client: KubeClient, key: ObjectKey, transform: (run: WorkflowRun) => OperationResult): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const run = await readRun(client, key);
    refuseFinished(run);
    const result = transform(run);
    if (!result.ok) throw new CommandError(result.message);
    if (!result.changed) return result.message;
    try {
      await writeStatus(client, key, run, result.status);
      return result.message;
    } catch (error) {
      if (!isConflict(error) || attempt >= conflictRetries) throw error;
    }
  }
}

function refuseFinished(run: WorkflowRun): void {
  const { finished, status } = run.status ?? {};
  if (finished === true)
    throw new CommandError(
      `workflowrun ${run.metadata.name ?? ""} is finished (${status ?? ""}); to run it again: slipway workflow restart ${run.metadata.name ?? ""}`,
    );
}

async function writeStatus(client: KubeClient, key: ObjectKey, run: WorkflowRun, status: object): Promise<void> {
  const body = { metadata: { resourceVersion: run.metadata.resourceVersion }, status: createMergePatch(run.status ?? {}, status) };
  await client.patch(workflowRuns, key, { type: "merge", body }, { subresource: "status", fieldManager: "slipway" });
}

/** The context goes first: a run that begins anew must not find what the last one left. */
async function restart(client: KubeClient, key: ObjectKey): Promise<string> {
  const run = await readRun(client, key);
  const result = restartRun(run);
  if (!result.ok) throw new CommandError(result.message);
  const backend = run.status?.contextBackend?.name;
  if (backend !== undefined) {
    await client.delete(resources.configMaps, { namespace: key.namespace, name: backend }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
  await writeStatus(client, key, run, result.status);
  return result.message;
}

async function restartStep(client: KubeClient, key: ObjectKey, step: string): Promise<string> {
  const run = await readRun(client, key);
  const instance = generateInstance(run, await workflowOf(client, run));
  if (!instance.ok) throw new CommandError(instance.message);
  const backend = run.status?.contextBackend?.name;
  const present = backend === undefined ? undefined : await client.get(resources.configMaps, { namespace: key.namespace, name: backend });
  const data = (present?.["data"] ?? {}) as Record<string, string>;
  const language = createStepLanguage();
  const result = restartFromStep(run, instance.instance.steps, step, data, (text) => language.parseVariables(text));
  if (!result.ok) throw new CommandError(result.message);
  if (present !== undefined) {
    await client.patch(
      resources.configMaps,
      { namespace: key.namespace, name: backend ?? "" },
      { type: "merge", body: createMergePatch({ data }, { data: { ...result.contextData } }) as object },
    );
  }
  await writeStatus(client, key, run, result.status);
  return result.message;
}
