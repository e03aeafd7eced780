/** The EndpointSlice controller. Services without a selector are their author's business. */
import type { ControllerDefinition } from "@slipway/controller";
import { done } from "@slipway/controller";
import type { KubeObject, ObjectKey } from "@slipway/kube";
import { isNotFound, keyOf, resources } from "@slipway/kube";
import { deepEqual, stableStringify } from "@slipway/std";
import type { EndpointSlice, Pod, Service } from "../kinds.ts";
import { controllerReference } from "../ownership.ts";
import { sliceContents } from "./slices.ts";

export const serviceNameLabel = "kubernetes.io/service-name";
const managedByLabel = "endpointslice.kubernetes.io/managed-by";
const manager = "endpointslice-controller.k8s.io";

/** The key of the Service that a slice belongs to. */
export function serviceKeyOf(slice: KubeObject): readonly ObjectKey[] {
  const name = slice.metadata.labels?.[serviceNameLabel];
  return name === undefined ? [] : [{ namespace: slice.metadata.namespace ?? "", name }];
}

export const endpointSliceController: ControllerDefinition = {
  name: "endpointslice",
  watches: [
    { resource: resources.services },
    { resource: resources.endpointSlices, toKeys: serviceKeyOf },
    {
      resource: resources.pods,
      toKeys: (pod, old, caches) => {
        const services = caches<Service>(resources.services).list({ namespace: pod.metadata.namespace ?? "" });
        return services.filter((service) => selects(service, pod) || (old !== undefined && selects(service, old))).map(keyOf);
      },
    },
  ],
  async reconcile(key, context) {
    const service = context.cache<Service>(resources.services).get(key);
    // The slices of a deleted Service go with it, by garbage collection.
    if (service === undefined || service.metadata.deletionTimestamp !== undefined) return done;
    const selector = service.spec?.selector ?? {};
    if (Object.keys(selector).length === 0 || service.spec?.type === "ExternalName") return done;
    const pods = context.cache<Pod>(resources.pods).list({ namespace: key.namespace, labels: selector });
    const contents = sliceContents(service, pods);
    const unused = context
      .cache<EndpointSlice>(resources.endpointSlices)
      .list({ namespace: key.namespace, labels: { [serviceNameLabel]: key.name, [managedByLabel]: manager } })
      .filter((slice) => slice.metadata.deletionTimestamp === undefined);

    for (const content of contents) {
      // The slice with the same ports, else any: its ports are then rewritten.
      const ports = stableStringify(content.ports);
      const same = unused.findIndex((slice) => stableStringify(slice.ports ?? []) === ports);
      const [slice] = unused.splice(Math.max(0, same), 1);
      if (slice === undefined) await context.client.create<EndpointSlice>(resources.endpointSlices, newSlice(service, content));
      else if (!deepEqual({ ports: slice.ports ?? [], endpoints: slice.endpoints ?? [] }, content))
        await context.client.patch(resources.endpointSlices, keyOf(slice), { type: "merge", body: content });
    }
    for (const slice of unused) {
      try {
        await context.client.delete(resources.endpointSlices, keyOf(slice));
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    return done;
  },
};

function newSlice(service: Service, content: { ports: object[]; endpoints: object[] }): EndpointSlice {
  const name = service.metadata.name ?? "";
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      generateName: `${name}-`,
      namespace: service.metadata.namespace ?? "",
      labels: { ...service.metadata.labels, [serviceNameLabel]: name, [managedByLabel]: manager },
      ownerReferences: [controllerReference(service)],
    },
    addressType: "IPv4",
    ...content,
  } as EndpointSlice;
}

function selects(service: Service, pod: Pod): boolean {
  const selector = Object.entries(service.spec?.selector ?? {});
  return selector.length > 0 && selector.every(([name, value]) => pod.metadata.labels?.[name] === value);
}
