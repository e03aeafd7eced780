/** `vela/kube`: objects of the cluster (contract §3.8). `cluster` is accepted and ignored. */
import type { KubeClient, KubeObject } from "@slipway/kube";
import { createMergePatch, formatKey, isConflict, isNotFound } from "@slipway/kube";
import type { JsonObject, JsonValue } from "@slipway/std";
import { AppError } from "@slipway/std";
import type { PatchMark } from "@slipway/workflow";
import { mergeByStrategy } from "@slipway/workflow";
import { applyObject, fieldManager, keyOfObject, resourceOfObject } from "../apply-object.ts";
import { describeFailure } from "../denied.ts";
import type { ActionHandler, PerformContext } from "../perform.ts";
import { notYet } from "../perform.ts";

interface Filter {
  readonly namespace?: string;
  readonly matchingLabels?: Readonly<Record<string, string>>;
}

/** Somebody else wrote in between: read and merge again, this often. */
const patchAttempts = 5;

function labelsOf({ run }: PerformContext): Readonly<Record<string, string>> {
  return { "workflowrun.oam.dev/name": run.name, "workflowrun.oam.dev/namespace": run.namespace };
}

const apply: ActionHandler = async ({ mode, params }, context) => {
  const { client, signal } = context;
  const value = params["value"] as JsonObject;
  if (mode === "observe") return { value: await read(client, value, signal) };
  return { value: (await applyObject(client, value, { labels: labelsOf(context) }, signal)) as unknown as JsonObject };
};

/** One after another, as upstream; no labels of the run. */
const applyInParallel: ActionHandler = async ({ mode, params }, { client, signal }) => {
  const applied: JsonValue[] = [];
  for (const value of params["value"] as JsonObject[]) {
    if (mode === "observe") applied.push(await read(client, value, signal));
    else applied.push((await applyObject(client, value, {}, signal)) as unknown as JsonObject);
  }
  return { value: applied };
};

/** Only what the merge changes is written, and only if the object is still the one that was merged with. */
const patch: ActionHandler = async ({ mode, params }, context) => {
  const { client, signal } = context;
  const value = params["value"] as JsonObject;
  const resource = await resourceOfObject(client, value, signal);
  const key = keyOfObject(resource, value);
  for (let attempt = 1; ; attempt++) {
    const current = await client.get(resource, key, { signal }).catch((error: unknown) => {
      throw isNotFound(error) ? notYet(`${resource.kind} ${formatKey(key)} to patch is not there`) : error;
    });
    if (mode === "observe") return { result: current as unknown as JsonObject };
    const base = current as unknown as JsonObject;
    const merged = mergeByStrategy(base, params["patch"] as JsonObject, params["marks"] as unknown as PatchMark[]);
    if (!merged.ok) throw new AppError("WORKFLOW_OBJECT", `cannot patch ${resource.kind} ${formatKey(key)}: ${merged.message}`);
    const wanted = merged.value as unknown as KubeObject;
    const labelled = { ...wanted, metadata: { ...wanted.metadata, labels: { ...wanted.metadata.labels, ...labelsOf(context) } } };
    const body = createMergePatch(base, labelled) as { metadata?: object };
    if (Object.keys(body).length === 0) return { result: base };
    const { resourceVersion } = current.metadata;
    try {
      const guarded = { ...body, metadata: { ...body.metadata, resourceVersion } };
      return {
        result: (await client.patch(resource, key, { type: "merge", body: guarded }, { fieldManager, signal })) as unknown as JsonObject,
      };
    } catch (error) {
      if (!isConflict(error) || attempt >= patchAttempts) throw error;
    }
  }
};

/** What cannot be read is a value here, not a failure of the step. */
const readOne: ActionHandler = async ({ params }, { client, signal }) => {
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

const list: ActionHandler = async ({ params }, { client, signal }) => {
  const filter = (params["filter"] ?? {}) as Filter;
  try {
    const resource = await resourceOfObject(client, params["resource"] as JsonObject, signal);
    const namespace = filter.namespace === undefined || filter.namespace === "" ? {} : { namespace: filter.namespace };
    return { values: (await client.list(resource, { ...selectorOf(filter), ...namespace, signal })) as unknown as JsonObject };
  } catch (error) {
    signal.throwIfAborted();
    return { err: describeFailure(error, ["list"]) };
  }
};

/** By name, or with a filter all that match it. What they own goes with them, as with kubectl. */
const remove: ActionHandler = async ({ params }, { client, signal, repeated }) => {
  const value = params["value"] as JsonObject;
  const filter = params["filter"] as Filter | undefined;
  const options = { propagationPolicy: "Background", signal } as const;
  try {
    const resource = await resourceOfObject(client, value, signal);
    if (filter === undefined) await client.delete(resource, keyOfObject(resource, value), options);
    else await client.deleteCollection(resource, { ...selectorOf(filter), namespace: filter.namespace ?? "default", ...options });
    return {};
  } catch (error) {
    signal.throwIfAborted();
    // The attempt before deleted it, and died before that was noted.
    if (repeated && isNotFound(error)) return {};
    return { err: describeFailure(error, [filter === undefined ? "delete" : "deletecollection"]) };
  }
};

function selectorOf({ matchingLabels }: Filter): { readonly labelSelector?: string } {
  if (matchingLabels === undefined) return {};
  return {
    labelSelector: Object.entries(matchingLabels)
      .map(([name, value]) => `${name}=${value}`)
      .join(","),
  };
}

export const kubeActions: Readonly<Record<string, ActionHandler>> = {
  "kube.apply": apply,
  "kube.apply-in-parallel": applyInParallel,
  "kube.patch": patch,
  "kube.read": readOne,
  "kube.list": list,
  "kube.delete": remove,
};
