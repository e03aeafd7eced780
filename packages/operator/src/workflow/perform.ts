/** Performs the actions that the executor asks for. A failure is a result: the executor counts it against the step. */
import type { KubeClient } from "@slipway/kube";
import { formatKey } from "@slipway/kube";
import type { JsonObject, JsonValue } from "@slipway/std";
import type { ActionRequest, ActionResult } from "@slipway/workflow";
import { applyObject, keyOfObject, resourceOfObject } from "./apply-object.ts";
import { describeFailure } from "./denied.ts";
import { httpDo } from "./http-do.ts";

export interface PerformContext {
  readonly client: KubeClient;
  readonly run: { readonly name: string; readonly namespace: string };
  readonly signal: AbortSignal;
}

/** `provider.function`, as action requests name them. `action.key` is the same at every attempt. */
export type ActionHandler = (action: ActionRequest, context: PerformContext) => Promise<JsonValue>;

const kubeApply: ActionHandler = async ({ mode, params }, { client, run, signal }) => {
  const value = params["value"] as JsonObject;
  if (mode === "observe") return { value: await read(client, value, signal) };
  const labels = { "workflowrun.oam.dev/name": run.name, "workflowrun.oam.dev/namespace": run.namespace };
  return { value: (await applyObject(client, value, labels, signal)) as unknown as JsonObject };
};

/** What cannot be read is a value here, not a failure of the step. */
const kubeRead: ActionHandler = async ({ params }, { client, signal }) => {
  const value = params["value"] as JsonObject;
  try {
    return { value: await read(client, value, signal) };
  } catch (error) {
    signal.throwIfAborted();
    return { value, err: describeFailure(error, ["get"]) };
  }
};

async function read(client: KubeClient, value: JsonObject, signal: AbortSignal): Promise<JsonValue> {
  const resource = await resourceOfObject(client, value, signal);
  return (await client.get(resource, keyOfObject(resource, value), { signal })) as unknown as JsonObject;
}

/** One after another, as upstream; no labels of the run. */
const kubeApplyAll: ActionHandler = async ({ params }, { client, signal }) => {
  const applied: JsonValue[] = [];
  for (const value of params["value"] as JsonObject[])
    applied.push((await applyObject(client, value, {}, signal)) as unknown as JsonObject);
  return { value: applied };
};

const kubeList: ActionHandler = async ({ params }, { client, signal }) => {
  const filter = (params["filter"] ?? {}) as { readonly namespace?: string; readonly matchingLabels?: Record<string, string> };
  try {
    const resource = await resourceOfObject(client, params["resource"] as JsonObject, signal);
    const labels = filter.matchingLabels === undefined ? {} : { labelSelector: selectorText(filter.matchingLabels) };
    const namespace = filter.namespace === undefined || filter.namespace === "" ? {} : { namespace: filter.namespace };
    return { values: (await client.list(resource, { ...labels, ...namespace, signal })) as unknown as JsonObject };
  } catch (error) {
    signal.throwIfAborted();
    return { err: describeFailure(error, ["list"]) };
  }
};

/** By name, or with a filter all that match it. */
const kubeDelete: ActionHandler = async ({ params }, { client, signal }) => {
  const value = params["value"] as JsonObject;
  const filter = params["filter"] as { readonly namespace?: string; readonly matchingLabels?: Record<string, string> } | undefined;
  try {
    const resource = await resourceOfObject(client, value, signal);
    if (filter === undefined) await client.delete(resource, keyOfObject(resource, value), { signal });
    else {
      const labels = filter.matchingLabels === undefined ? {} : { labelSelector: selectorText(filter.matchingLabels) };
      await client.deleteCollection(resource, { ...labels, namespace: filter.namespace ?? "default", signal });
    }
    return {};
  } catch (error) {
    signal.throwIfAborted();
    return { err: describeFailure(error, [filter === undefined ? "delete" : "deletecollection"]) };
  }
};

function selectorText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
}

export const defaultHandlers: Readonly<Record<string, ActionHandler>> = {
  "kube.apply": kubeApply,
  "kube.apply-in-parallel": kubeApplyAll,
  "kube.list": kubeList,
  "kube.delete": kubeDelete,
  "http.do": httpDo,
  "kube.read": kubeRead,
  "op.apply": kubeApply,
  "op.read": kubeRead,
};

export async function perform(
  action: ActionRequest,
  handlers: Readonly<Record<string, ActionHandler>>,
  context: PerformContext,
): Promise<ActionResult> {
  const name = `${action.provider}.${action.fn}`;
  const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
  if (handler === undefined) return { ok: false, message: `function ${action.fn} not found in provider ${action.provider}` };
  try {
    return { ok: true, value: await handler(action, context) };
  } catch (error) {
    // The end of the process is no failure of the step.
    context.signal.throwIfAborted();
    const why = describeFailure(error, action.mode === "observe" ? ["get"] : ["get", "create", "patch"]);
    return { ok: false, message: `function call error for ${action.path} of run ${formatKey(context.run)}: ${why}` };
  }
}
