/** REST paths of the Kubernetes API. */
import { formatApiVersion } from "./object.ts";
import type { Resource } from "./object.ts";

export interface ResourcePathOptions {
  /** Of a namespaced resource; absent: the collection of all namespaces. Ignored for cluster-scoped resources. */
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** `/apis/apps/v1/namespaces/default/deployments/web/status`; each part is percent-encoded. */
export function resourcePath(resource: Resource, options: ResourcePathOptions = {}): string {
  const root = resource.group === "" ? "/api" : "/apis";
  const namespace = options.namespace ?? "";
  const parts = [
    ...formatApiVersion(resource).split("/"),
    ...(resource.namespaced && namespace !== "" ? ["namespaces", namespace] : []),
    resource.plural,
    ...(options.name === undefined ? [] : [options.name]),
    ...(options.subresource === undefined ? [] : options.subresource.split("/")),
  ];
  return `${root}/${parts.map((part) => encodeURIComponent(part)).join("/")}`;
}
