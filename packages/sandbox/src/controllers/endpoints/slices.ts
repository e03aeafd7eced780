/** What the EndpointSlices of a Service must say, from its pods. Pure. */
import { stableStringify } from "@slipway/std";
import type { ContainerPort, Endpoint, EndpointPort, Pod, Service, ServicePort } from "../kinds.ts";
import { isReady } from "../pods.ts";

/** As many endpoints as one slice holds. */
const sliceCapacity = 100;

export interface SliceContent {
  readonly ports: EndpointPort[];
  readonly endpoints: Endpoint[];
}

/**
 * Pods whose named target ports resolve to the same numbers share slices. A pod that lacks a named port is left out of that port.
 * One empty slice stands for a Service with no pods.
 */
export function sliceContents(service: Service, pods: readonly Pod[]): SliceContent[] {
  const groups = new Map<string, { ports: EndpointPort[]; endpoints: Endpoint[] }>();
  for (const pod of [...pods].sort((a, b) => ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1))) {
    const endpoint = endpointOf(service, pod);
    if (endpoint === undefined) continue;
    const ports = (service.spec?.ports ?? []).flatMap((port) => resolvePort(port, pod));
    const key = stableStringify(ports);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ports, endpoints: [endpoint] });
    else group.endpoints.push(endpoint);
  }
  const contents = [...groups.values()].flatMap(({ ports, endpoints }) =>
    Array.from({ length: Math.ceil(endpoints.length / sliceCapacity) }, (_, index) => ({
      ports,
      endpoints: endpoints.slice(index * sliceCapacity, (index + 1) * sliceCapacity),
    })),
  );
  return contents.length > 0 ? contents : [{ ports: [], endpoints: [] }];
}

function endpointOf(service: Service, pod: Pod): Endpoint | undefined {
  const address = pod.status?.podIP;
  const finished = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
  if (address === undefined || address === "" || finished) return undefined;
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const { name, namespace, uid } = pod.metadata;
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(pod.spec?.hostname !== undefined && pod.spec.subdomain === service.metadata.name ? { hostname: pod.spec.hostname } : {}),
    ...(pod.spec?.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: { kind: "Pod", namespace: namespace ?? "", name: name ?? "", uid: uid ?? "" },
  };
}

function resolvePort(port: ServicePort, pod: Pod): EndpointPort[] {
  const protocol = port.protocol ?? "TCP";
  const target = port.targetPort ?? port.port;
  const number = typeof target === "number" ? target : namedPort(pod, target, protocol);
  if (number === undefined) return [];
  return [{ name: port.name ?? "", port: number, protocol, ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }) }];
}

function namedPort(pod: Pod, name: string, protocol: string): number | undefined {
  const ports: ContainerPort[] = (pod.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  return ports.find((port) => port.name === name && (port.protocol ?? "TCP") === protocol)?.containerPort;
}
