/** Custom resource definitions: create or update, and wait until the API server serves them. */
import type { KubeClient, KubeObject } from "@slipway/kube";
import { isAlreadyExists, isConditionTrue, isConflict, isNotFound, resources } from "@slipway/kube";
import type { Condition } from "@slipway/kube";
import type { Clock } from "@slipway/std";
import { AppError, isJsonObject } from "@slipway/std";

export interface EnsureCrdsOptions {
  readonly signal: AbortSignal;
  /** Times the deadline. */
  readonly clock: Clock;
  /** Default 30_000. */
  readonly deadlineMs?: number;
}

/**
 * Makes `crds` what the cluster serves. Whatever the cluster has beyond them (defaults, `spec.conversion`, labels of
 * others) stays; one that is already as wanted is not written. Throws `CRD_NOT_ESTABLISHED` naming those that are not
 * served by the deadline.
 */
export async function ensureCrds(client: KubeClient, crds: readonly KubeObject[], options: EnsureCrdsOptions): Promise<void> {
  const deadline = new AbortController();
  const timer = options.clock.setTimer(options.deadlineMs ?? 30_000, () => deadline.abort());
  const signal = AbortSignal.any([options.signal, deadline.signal]);
  const waiting = new Set(crds.map((crd) => crd.metadata.name ?? ""));
  const seen = (crd: KubeObject): void => {
    if (isEstablished(crd)) waiting.delete(crd.metadata.name ?? "");
  };
  try {
    const resource = resources.customResourceDefinitions;
    const present = await client.list(resource, { signal });
    const byName = new Map(present.items.map((crd) => [crd.metadata.name ?? "", crd]));
    const written = await Promise.all(crds.map((crd) => ensureCrd(client, crd, byName.get(crd.metadata.name ?? ""), signal)));
    written.forEach(seen);
    while (waiting.size > 0 && !signal.aborted) {
      const { items, metadata } = await client.list(resource, { signal });
      items.forEach(seen);
      if (waiting.size === 0) break;
      for await (const event of client.watch(resource, { resourceVersion: metadata.resourceVersion ?? "0", signal })) {
        if (event.type === "ERROR") break;
        if (event.type !== "DELETED") seen(event.object);
        if (waiting.size === 0) break;
      }
    }
    signal.throwIfAborted();
  } catch (error) {
    if (!deadline.signal.aborted) throw error;
    const names = [...waiting].join(", ");
    throw new AppError("CRD_NOT_ESTABLISHED", `the API server does not serve ${names} yet; see the conditions of these CRDs`, {
      cause: error,
    });
  } finally {
    timer.cancel();
  }
}

async function ensureCrd(client: KubeClient, wanted: KubeObject, listed: KubeObject | undefined, signal: AbortSignal): Promise<KubeObject> {
  const resource = resources.customResourceDefinitions;
  const key = { namespace: "", name: wanted.metadata.name ?? "" };
  let present = listed;
  for (;;) {
    try {
      if (present === undefined) return await client.create(resource, wanted, { signal });
      const spec = present["spec"] as Record<string, unknown>;
      const wantedSpec = wanted["spec"] as Record<string, unknown>;
      // Conversion is written by whoever serves it.
      const next = { ...wantedSpec, ...(spec["conversion"] === undefined ? {} : { conversion: spec["conversion"] }) };
      if (covers(spec, next, [])) return present;
      return await client.replace(resource, { ...present, spec: next }, { signal });
    } catch (error) {
      if (!isConflict(error) && !isAlreadyExists(error) && !(isNotFound(error) && present !== undefined)) throw error;
      present = await client.get(resource, key, { signal }).catch((reason: unknown) => {
        if (isNotFound(reason)) return undefined;
        throw reason;
      });
    }
  }
}

/**
 * True when `actual` has everything that `wanted` has. The server adds defaults, which is no difference; but below a
 * `properties` the sets of keys must agree, or a field that was taken out of a schema would stay.
 */
function covers(actual: unknown, wanted: unknown, path: readonly string[]): boolean {
  if (Array.isArray(wanted))
    return Array.isArray(actual) && actual.length === wanted.length && wanted.every((item, index) => covers(actual[index], item, path));
  if (!isJsonObject(wanted)) return actual === wanted;
  if (!isJsonObject(actual)) return false;
  if (path.at(-1) === "properties" && Object.keys(actual).length !== Object.keys(wanted).length) return false;
  return Object.entries(wanted).every(([name, value]) => value === undefined || covers(actual[name], value, [...path, name]));
}

function isEstablished(crd: KubeObject): boolean {
  const status = crd["status"] as { readonly conditions?: readonly Condition[] } | undefined;
  return isConditionTrue(status?.conditions ?? [], "Established");
}
