/** Performs the actions that the executor asks for. A failure is a result: the executor counts it against the step. */
import type { KubeClient } from "@slipway/kube";
import { formatKey } from "@slipway/kube";
import type { JsonObject, JsonValue } from "@slipway/std";
import { errorMessage } from "@slipway/std";
import type { ActionRequest, ActionResult } from "@slipway/workflow";
import { applyObject, keyOfObject, resourceOfObject } from "./apply-object.ts";

export interface PerformContext {
  readonly client: KubeClient;
  readonly run: { readonly name: string; readonly namespace: string };
  readonly signal: AbortSignal;
}

/** `provider.function`, as action requests name them. `idempotencyKey` is the same at every attempt. */
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
    return { value, err: errorMessage(error) };
  }
};

async function read(client: KubeClient, value: JsonObject, signal: AbortSignal): Promise<JsonValue> {
  const resource = await resourceOfObject(client, value, signal);
  return (await client.get(resource, keyOfObject(resource, value), { signal })) as unknown as JsonObject;
}

export const defaultHandlers: Readonly<Record<string, ActionHandler>> = {
  "kube.apply": kubeApply,
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
    return { ok: false, message: `function call error for ${action.path} of run ${formatKey(context.run)}: ${errorMessage(error)}` };
  }
}
