/**
 * Creates or updates the objects of a manifest over plain HTTP, as `kubectl apply` would for a newcomer: warnings of
 * admission are collected, the first refusal ends it and names the object.
 */
import type { KubeClient, KubeObject, Resource } from "@slipway/kube";
import { apiError, formatApiVersion, parseApiVersion } from "@slipway/kube";
import type { KubeStatus } from "@slipway/kube";
import { AppError } from "@slipway/std";

export interface Applied {
  readonly object: KubeObject;
  readonly outcome: "created" | "configured";
  readonly warnings: readonly string[];
}

export async function applyObject(client: KubeClient, object: KubeObject, defaultNamespace: string): Promise<Applied> {
  const gvk = { ...parseApiVersion(object.apiVersion), kind: object.kind };
  const resource = await client.resourceFor(gvk);
  if (resource === undefined) {
    throw new AppError(
      "NO_SUCH_KIND",
      `no kind ${object.kind} in version ${object.apiVersion} is served by the cluster; install its CRD first`,
      {
        retry: "never",
      },
    );
  }
  const namespace = resource.namespaced ? (object.metadata.namespace ?? defaultNamespace) : "";
  const body: KubeObject = resource.namespaced ? { ...object, metadata: { ...object.metadata, namespace } } : object;
  const collection = collectionPath(resource, namespace);
  const query = "?fieldManager=slipway&fieldValidation=Strict";
  const created = await client.raw({
    method: "POST",
    path: collection + query,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (created.status < 300)
    return { object: JSON.parse(created.body) as KubeObject, outcome: "created", warnings: warningsOf(created.headers) };
  const status = JSON.parse(created.body) as KubeStatus;
  if (status.reason !== "AlreadyExists") throw apiError(status);
  const patched = await client.raw({
    method: "PATCH",
    path: `${collection}/${object.metadata.name ?? ""}${query}`,
    headers: { "content-type": "application/merge-patch+json" },
    body: JSON.stringify(body),
  });
  if (patched.status >= 300) throw apiError(JSON.parse(patched.body) as KubeStatus);
  return { object: JSON.parse(patched.body) as KubeObject, outcome: "configured", warnings: warningsOf(patched.headers) };
}

function collectionPath(resource: Resource, namespace: string): string {
  const base = resource.group === "" ? "/api/v1" : `/apis/${formatApiVersion(resource)}`;
  return namespace === "" ? `${base}/${resource.plural}` : `${base}/namespaces/${namespace}/${resource.plural}`;
}

/** `299 - "text"` headers, joined by commas when there are several. */
function warningsOf(headers: Readonly<Record<string, string>>): string[] {
  return [...(headers["warning"] ?? "").matchAll(/299 [^ ]+ "((?:[^"\\]|\\.)*)"/g)].map((match) =>
    (match[1] ?? "").replaceAll(/\\(.)/g, "$1"),
  );
}
