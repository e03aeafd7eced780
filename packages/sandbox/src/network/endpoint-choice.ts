/** Which endpoints of a Service may be sent traffic. Pure. */
import type { EndpointSlice, Service, ServicePort } from "../controllers/kinds.ts";

export interface Target {
  readonly address: string;
  readonly port: number;
  /** The pod's name; `""` for an endpoint that is no pod. */
  readonly pod: string;
}

export function servicePort(
  service: Service,
  port: { readonly name?: string; readonly number?: number } | undefined,
): ServicePort | undefined {
  const ports = service.spec?.ports ?? [];
  if (port?.name !== undefined && port.name !== "") return ports.find((candidate) => candidate.name === port.name);
  if (port?.number !== undefined && port.number !== 0) return ports.find((candidate) => candidate.port === port.number);
  return ports.length === 1 ? ports[0] : undefined;
}

/** Ready endpoints; with `lastResort`, those that still serve while terminating when none is ready, as kube-proxy does. */
export function targetsOf(slices: readonly EndpointSlice[], port: ServicePort, lastResort: boolean): Target[] {
  const ready: Target[] = [];
  const leaving: Target[] = [];
  for (const slice of slices) {
    const number = slice.ports?.find((candidate) => (candidate.name ?? "") === (port.name ?? ""))?.port;
    if (number === undefined) continue;
    for (const { addresses, conditions, targetRef } of slice.endpoints ?? []) {
      const address = addresses[0];
      if (address === undefined) continue;
      const target = { address, port: number, pod: targetRef?.kind === "Pod" ? (targetRef.name ?? "") : "" };
      if (conditions?.ready !== false) ready.push(target);
      else if (conditions.terminating === true && conditions.serving === true) leaving.push(target);
    }
  }
  return ready.length > 0 || !lastResort ? ready : leaving;
}
