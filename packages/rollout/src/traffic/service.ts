/** Services as backends: the stable one pinned to the stable pods, and a second one for the candidate's. */
import type { KubeObject, OwnerReference } from "@slipway/kube";
import { keyOf, podTemplateHashLabel, resources } from "@slipway/kube";
import { cloneJson } from "@slipway/std";
import { canarySuffix } from "../names.ts";
import type { Write } from "../model/write.ts";

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

export function selectorOf(service: KubeObject): Record<string, string> | undefined {
  return (service["spec"] as { selector?: Record<string, string> } | undefined)?.selector;
}

/** The revision that a Service is pinned to. */
export function pinnedTo(service: KubeObject | undefined): string | undefined {
  const value = service === undefined ? undefined : selectorOf(service)?.[podTemplateHashLabel];
  return value === "" ? undefined : value;
}

/** `null` takes the pin away. */
export function pinService(service: KubeObject, revision: string | null): Write {
  const body = { spec: { selector: { [podTemplateHashLabel]: revision } } };
  return { verb: "patch", resource: resources.services, key: keyOf(service), patch: { type: "merge", body } };
}

/**
 * The candidate's Service: as the stable one, without what may exist only once. `labels` are those that the candidate's
 * pods carry differently.
 */
export function candidateService(
  stable: KubeObject,
  revision: string,
  owner: OwnerReference,
  labels: Readonly<Record<string, string>>,
): KubeObject {
  const spec = cloneJson((stable["spec"] ?? {}) as Record<string, unknown> & { ports?: Record<string, unknown>[] });
  for (const field of ["clusterIP", "clusterIPs", "externalIPs", "ipFamilyPolicy", "ipFamilies", "loadBalancerIP", "healthCheckNodePort"]) {
    delete spec[field];
  }
  for (const port of spec.ports ?? []) delete port["nodePort"];
  const selector = { ...selectorOf(stable) };
  for (const [key, value] of Object.entries(labels)) if (Object.hasOwn(selector, key)) selector[key] = value;
  selector[podTemplateHashLabel] = revision;
  const { [lastApplied]: _applied, ...annotations } = stable.metadata.annotations ?? {};
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: `${stable.metadata.name ?? ""}${canarySuffix}`,
      ...(stable.metadata.namespace === undefined ? {} : { namespace: stable.metadata.namespace }),
      ...(stable.metadata.labels === undefined ? {} : { labels: { ...stable.metadata.labels } }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [owner],
    },
    spec: { ...spec, selector },
  };
}
