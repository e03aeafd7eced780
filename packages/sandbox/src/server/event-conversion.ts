/** Events are stored once, in their core/v1 form; events.k8s.io/v1 is a view of the same objects. */
import type { KubeObject } from "@slipway/kube";

/** events.k8s.io field → core field. */
const renamed: readonly (readonly [string, string])[] = [
  ["regarding", "involvedObject"],
  ["note", "message"],
  ["reportingController", "reportingComponent"],
  ["deprecatedSource", "source"],
  ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"],
  ["deprecatedCount", "count"],
];

export function eventToCore(event: KubeObject): KubeObject {
  return rename(event, new Map(renamed), "v1");
}

export function eventFromCore(event: KubeObject): KubeObject {
  return rename(event, new Map(renamed.map(([to, from]) => [from, to])), "events.k8s.io/v1");
}

function rename(event: KubeObject, names: ReadonlyMap<string, string>, apiVersion: string): KubeObject {
  const renamedFields = Object.entries(event).map(([key, value]) => [names.get(key) ?? key, value] as const);
  return { ...(Object.fromEntries(renamedFields) as KubeObject), apiVersion };
}
