/** What the scenarios read of the cluster, as plain values. */
import type { KubeClient, KubeObject, Resource } from "@slipway/kube";
import { isNotFound } from "@slipway/kube";

/** Any nested field of an object, or `undefined`. */
export function field(object: unknown, ...path: readonly (string | number)[]): unknown {
  let value: unknown = object;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

export function text(object: unknown, ...path: readonly (string | number)[]): string {
  const value = field(object, ...path);
  return typeof value === "string" ? value : "";
}

export function count(object: unknown, ...path: readonly (string | number)[]): number {
  const value = field(object, ...path);
  return typeof value === "number" ? value : 0;
}

export function list(object: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const value = field(object, ...path);
  return Array.isArray(value) ? value : [];
}

export async function find(client: KubeClient, resource: Resource, namespace: string, name: string): Promise<KubeObject | undefined> {
  try {
    return await client.get(resource, { namespace, name });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** An object of the manifest by kind; the demo's manifests hold exactly one of each. */
export function ofKind(objects: readonly KubeObject[], kind: string): KubeObject {
  const found = objects.find((object) => object.kind === kind);
  if (found === undefined) throw new Error(`the manifest holds no ${kind}`);
  return found;
}
