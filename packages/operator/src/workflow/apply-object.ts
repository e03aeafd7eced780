/** `#Apply`: writes an object as `kubectl apply` would, with an annotation of ours as the merge base (contract §3.8). */
import type { KubeClient, KubeObject, ObjectKey, Resource } from "@slipway/kube";
import { formatKey, isNotFound, parseApiVersion, patchSchemaFor, threeWayMergePatch, threeWayStrategicPatch } from "@slipway/kube";
import type { JsonObject } from "@slipway/std";
import { AppError } from "@slipway/std";

export interface ApplyOptions {
  /** Added to the object. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The annotation that keeps what was applied last. Default `workflow.oam.dev/last-applied-configuration`. */
  readonly annotation?: string;
}

const defaultAnnotation = "workflow.oam.dev/last-applied-configuration";
const kubectlLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
export const fieldManager = "slipway-workflow";

export async function resourceOfObject(client: KubeClient, object: JsonObject, signal: AbortSignal): Promise<Resource> {
  const { apiVersion, kind } = object;
  if (typeof apiVersion !== "string" || typeof kind !== "string")
    throw new AppError("WORKFLOW_OBJECT", "the object has no apiVersion or kind");
  const resource = await client.resourceFor({ ...parseApiVersion(apiVersion), kind }, { signal });
  if (resource === undefined) throw new AppError("WORKFLOW_OBJECT", `the cluster serves no ${kind} of ${apiVersion}`);
  return resource;
}

/** Namespace of an object that names none: `default`, as upstream, not the run's. */
export function keyOfObject(resource: Resource, object: JsonObject): ObjectKey {
  const metadata = (object["metadata"] ?? {}) as { name?: string; namespace?: string };
  return { namespace: resource.namespaced ? (metadata.namespace ?? "default") : "", name: metadata.name ?? "" };
}

/** Idempotent: an object that is already so is not written. */
export async function applyObject(
  client: KubeClient,
  value: JsonObject,
  { labels = {}, annotation: lastApplied = defaultAnnotation }: ApplyOptions,
  signal: AbortSignal,
): Promise<KubeObject> {
  const resource = await resourceOfObject(client, value, signal);
  const key = keyOfObject(resource, value);
  if (key.name === "") throw new AppError("WORKFLOW_OBJECT", `the ${resource.kind} to apply has no metadata.name`);
  const given = value as unknown as KubeObject;
  const modified: KubeObject = {
    ...given,
    metadata: {
      ...given.metadata,
      ...(resource.namespaced ? { namespace: key.namespace } : {}),
      labels: { ...given.metadata.labels, ...labels },
    },
  };
  modified.metadata.annotations = { ...given.metadata.annotations, [lastApplied]: JSON.stringify(modified) };
  let current: KubeObject;
  try {
    current = await client.get(resource, key, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return client.create(resource, modified, { fieldManager, signal });
  }
  const original = originalOf(current, key, lastApplied);
  const schema = patchSchemaFor(resource);
  const body =
    schema === undefined
      ? threeWayMergePatch(original, modified, current)
      : threeWayStrategicPatch(original ?? {}, modified, current, schema);
  if (Object.keys(body).length === 0) return current;
  return client.patch(resource, key, { type: schema === undefined ? "merge" : "strategic", body }, { fieldManager, signal });
}

function originalOf(current: KubeObject, key: ObjectKey, lastApplied: string): object | undefined {
  const annotations = current.metadata.annotations ?? {};
  const text = annotations[lastApplied] ?? annotations[kubectlLastApplied] ?? "";
  if (text === "" || text === "-" || text === "skip") return undefined;
  try {
    return JSON.parse(text) as object;
  } catch (cause) {
    throw new AppError("WORKFLOW_OBJECT", `annotation ${lastApplied} of ${formatKey(key)} is not JSON; remove it`, { cause });
  }
}
