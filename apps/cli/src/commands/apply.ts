/** Creates or updates the objects of a manifest, as `kubectl apply` would for a newcomer. */
import type { KubeClient, KubeObject } from "@slipway/kube";
import { isAlreadyExists, keyOf, parseApiVersion } from "@slipway/kube";
import { AppError } from "@slipway/std";

export interface Applied {
  readonly object: KubeObject;
  readonly outcome: "created" | "configured";
}

/** Throws `NO_SUCH_KIND`, or `KUBE_API` with the server's refusal. An unknown field is refused, not dropped. */
export async function applyObject(client: KubeClient, object: KubeObject, defaultNamespace: string): Promise<Applied> {
  const resource = await client.resourceFor({ ...parseApiVersion(object.apiVersion), kind: object.kind });
  if (resource === undefined) {
    throw new AppError(
      "NO_SUCH_KIND",
      `no kind ${object.kind} in version ${object.apiVersion} is served by the cluster; install its CRD first`,
      {
        retry: "never",
      },
    );
  }
  const body: KubeObject = resource.namespaced
    ? { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? defaultNamespace } }
    : object;
  const options = { fieldManager: "slipway", fieldValidation: "Strict" } as const;
  try {
    return { object: await client.create(resource, body, options), outcome: "created" };
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return { object: await client.patch(resource, keyOf(body), { type: "merge", body }, options), outcome: "configured" };
  }
}
