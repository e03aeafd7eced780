/**
 * Which kinds a server serves, and under which plural.
 *
 * Aggregated discovery (two requests for everything, Kubernetes ≥ 1.26) is asked for first; a server that answers in the
 * legacy form is asked for one group and version at a time, when a kind of it is looked up. What was found is kept; a
 * look-up that misses refreshes once, so that a CRD installed meanwhile is found.
 */
import type { GroupVersionKind, Resource } from "../object.ts";
import { formatApiVersion } from "../object.ts";
import { abortable } from "./abortable.ts";

const aggregatedAccept = [
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
  "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
  "application/json",
].join(",");

/** GET a path as JSON; `undefined` for 404; throws for every other failure. */
export type FetchJson = (path: string, accept: string, signal: AbortSignal | undefined) => Promise<unknown>;

export interface Discovery {
  resourceFor(gvk: GroupVersionKind, signal?: AbortSignal): Promise<Resource | undefined>;
}

interface AggregatedList {
  readonly kind?: string;
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly scope: string;
        readonly responseKind?: { readonly group?: string; readonly version?: string; readonly kind?: string };
      }[];
    }[];
  }[];
}

interface LegacyList {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

export function createDiscovery(fetchJson: FetchJson): Discovery {
  const found = new Map<string, Resource>();
  let refreshing: Promise<"aggregated" | "legacy"> | undefined;

  const remember = (resource: Resource): void => {
    found.set(keyOf(resource), resource);
  };
  const readAggregated = async (): Promise<"aggregated" | "legacy"> => {
    const lists = (await Promise.all(["/api", "/apis"].map((path) => fetchJson(path, aggregatedAccept, undefined)))) as (
      AggregatedList | undefined
    )[];
    if (lists.some((list) => list !== undefined && list.kind !== "APIGroupDiscoveryList")) return "legacy";
    // What is not in the new answer is not served any more.
    found.clear();
    for (const group of lists.flatMap((list) => list?.items ?? [])) {
      for (const version of group.versions ?? []) {
        for (const entry of version.resources ?? []) {
          const kind = entry.responseKind?.kind;
          if (kind === undefined || kind === "") continue;
          // The kind's own group may differ from the path's (scale); the path is what a Resource needs.
          const name = group.metadata?.name ?? "";
          remember({ group: name, version: version.version, kind, plural: entry.resource, namespaced: entry.scope === "Namespaced" });
        }
      }
    }
    return "aggregated";
  };
  const readLegacy = async (gvk: GroupVersionKind, signal: AbortSignal | undefined): Promise<void> => {
    const path = `${gvk.group === "" ? "/api" : "/apis"}/${formatApiVersion(gvk)}`;
    const list = (await fetchJson(path, "application/json", signal)) as LegacyList | undefined;
    for (const entry of list?.resources ?? []) {
      // Rows such as `pods/status` are subresources.
      if (entry.name.includes("/")) continue;
      remember({ group: gvk.group, version: gvk.version, kind: entry.kind, plural: entry.name, namespaced: entry.namespaced });
    }
  };

  return {
    async resourceFor(gvk, signal) {
      const known = found.get(keyOf(gvk));
      if (known !== undefined) return known;
      // Look-ups that miss at the same time share one refresh; it outlives a caller that gives up.
      refreshing ??= readAggregated().finally(() => (refreshing = undefined));
      if ((await abortable(refreshing, signal)) === "legacy") await readLegacy(gvk, signal);
      return found.get(keyOf(gvk));
    },
  };
}

function keyOf(gvk: GroupVersionKind): string {
  return `${gvk.group}/${gvk.version}/${gvk.kind}`;
}
