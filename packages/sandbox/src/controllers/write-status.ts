import type { KubeClient, KubeObject, Resource } from "@slipway/kube";
import { createMergePatch, keyOf } from "@slipway/kube";

/**
 * Writes `status` as the difference to what `object` shows, through the status subresource. Unconditional: each status has one
 * writer, and a spec that moved on meanwhile must not make its report fail.
 */
export async function writeStatus<T extends KubeObject>(client: KubeClient, resource: Resource, object: T, status: object): Promise<T> {
  const body = createMergePatch({ status: object["status"] ?? {} }, { status }) as object;
  return await client.patch<T>(resource, keyOf(object), { type: "merge", body }, { subresource: "status" });
}
