/** Objects of an installation by name: how they are called, read and deleted. */
import type { KubeClient, KubeObject, Resource } from "@slipway/kube";
import { isNotFound, keyOf, parseApiVersion } from "@slipway/kube";
import { CommandError } from "../exit.ts";

/** What is needed to find an object again. */
export interface ObjectName {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string;
  readonly name: string;
}

export function nameOf(object: KubeObject): ObjectName {
  const { namespace, name } = keyOf(object);
  return { apiVersion: object.apiVersion, kind: object.kind, ...(namespace === "" ? {} : { namespace }), name };
}

/** `deployment.apps/slipway-manager`, as kubectl prints it. */
export function display({ apiVersion, kind, name }: ObjectName): string {
  const { group } = parseApiVersion(apiVersion);
  return `${kind.toLowerCase()}${group === "" ? "" : `.${group}`}/${name}`;
}

export function isSame(a: ObjectName, b: ObjectName): boolean {
  const group = (each: ObjectName): string => parseApiVersion(each.apiVersion).group;
  return group(a) === group(b) && a.kind === b.kind && (a.namespace ?? "") === (b.namespace ?? "") && a.name === b.name;
}

/** Throws a CommandError when the cluster does not serve the kind. */
export async function resourceFor(client: KubeClient, name: ObjectName, signal: AbortSignal): Promise<Resource> {
  const resource = await findResource(client, name, signal);
  if (resource === undefined)
    throw new CommandError(`the cluster serves no ${name.kind} of ${name.apiVersion}; Kubernetes 1.25 or newer is needed`);
  return resource;
}

function findResource(client: KubeClient, { apiVersion, kind }: ObjectName, signal: AbortSignal): Promise<Resource | undefined> {
  return client.resourceFor({ ...parseApiVersion(apiVersion), kind }, { signal });
}

export async function find(client: KubeClient, name: ObjectName, signal: AbortSignal): Promise<KubeObject | undefined> {
  const resource = await findResource(client, name, signal);
  if (resource === undefined) return undefined;
  try {
    return await client.get(resource, { namespace: name.namespace ?? "", name: name.name }, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** False when it was gone already. What belongs to it goes too, after it. */
export async function remove(client: KubeClient, name: ObjectName, signal: AbortSignal, dryRun = false): Promise<boolean> {
  const resource = await findResource(client, name, signal);
  if (resource === undefined) return false;
  try {
    await client.delete(
      resource,
      { namespace: name.namespace ?? "", name: name.name },
      { propagationPolicy: "Background", dryRun, signal },
    );
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
