/** Discovery: which groups, versions and resources there are; aggregated (one document) and legacy (one per version). */
import { noSuchResource } from "./api-errors.ts";
import type { ApiResponse } from "./http-message.ts";
import { jsonResponse, textResponse } from "./http-message.ts";
import { parseAccept } from "./media-types.ts";
import type { ResourceRegistry, ServedResource } from "./served-resource.ts";

const mainVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** `parts` begin with `api` or `apis`. */
export function createDiscovery(registry: ResourceRegistry): (parts: readonly string[], accept: string | undefined) => ApiResponse {
  return (parts, accept) => {
    const [root, first, second] = parts;
    if (root === "api") {
      if (first === undefined)
        return (
          aggregated(registry, accept, true) ?? jsonResponse({ kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] })
        );
      return resourceList(registry, "", first);
    }
    if (first === undefined) {
      return (
        aggregated(registry, accept, false) ??
        jsonResponse({
          kind: "APIGroupList",
          apiVersion: "v1",
          groups: groupNames(registry).map((group) => describeGroup(registry, group)),
        })
      );
    }
    if (second !== undefined) return resourceList(registry, first, second);
    if (!groupNames(registry).includes(first)) throw noSuchResource();
    return jsonResponse({ kind: "APIGroup", apiVersion: "v1", ...describeGroup(registry, first) });
  };
}

function groupNames(registry: ResourceRegistry): string[] {
  return [...new Set(registry.all().map((served) => served.group))].filter((group) => group !== "");
}

/** Versions of a group, the preferred first: stable before beta before alpha, higher numbers first. */
export function versionsOf(registry: ResourceRegistry, group: string): string[] {
  const versions = [
    ...new Set(
      registry
        .all()
        .filter((served) => served.group === group)
        .map((served) => served.version),
    ),
  ];
  return versions.sort(compareVersions);
}

function compareVersions(a: string, b: string): number {
  const rank = (version: string): readonly [number, number, number] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (match === null) return [-1, 0, 0];
    return [match[2] === undefined ? 2 : match[2] === "beta" ? 1 : 0, Number(match[1]), Number(match[3] ?? 0)];
  };
  const [left, right] = [rank(a), rank(b)];
  return right[0] - left[0] || right[1] - left[1] || right[2] - left[2] || a.localeCompare(b);
}

function describeGroup(registry: ResourceRegistry, group: string): object {
  const versions = versionsOf(registry, group).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function verbsOf(served: ServedResource): readonly string[] {
  return served.definition.virtual === true ? ["create"] : mainVerbs;
}

interface SubresourceShape {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

function subresourcesOf(served: ServedResource): readonly SubresourceShape[] {
  return (served.definition.subresources ?? []).map((name): SubresourceShape => {
    if (name === "scale") return { name, group: "autoscaling", version: "v1", kind: "Scale", verbs: ["get", "patch", "update"] };
    if (name === "eviction") return { name, group: "policy", version: "v1", kind: "Eviction", verbs: ["create"] };
    if (name === "binding") return { name, group: "", version: "v1", kind: "Binding", verbs: ["create"] };
    const verbs = name === "log" ? ["get"] : name === "finalize" ? ["update"] : ["get", "patch", "update"];
    return { name, group: served.group, version: served.version, kind: served.kind, verbs };
  });
}

function resourceList(registry: ResourceRegistry, group: string, version: string): ApiResponse {
  const resources = registry
    .all()
    .filter((served) => served.group === group && served.version === version)
    .flatMap((served) => [
      {
        name: served.plural,
        singularName: served.singular,
        namespaced: served.namespaced,
        kind: served.kind,
        verbs: verbsOf(served),
        ...(served.shortNames.length > 0 ? { shortNames: served.shortNames } : {}),
        ...(served.categories.length > 0 ? { categories: served.categories } : {}),
      },
      ...subresourcesOf(served).map((sub) => ({
        name: `${served.plural}/${sub.name}`,
        singularName: "",
        namespaced: served.namespaced,
        ...(sub.group === served.group && sub.version === served.version ? {} : { group: sub.group, version: sub.version }),
        kind: sub.kind,
        verbs: sub.verbs,
      })),
    ]);
  if (resources.length === 0) throw noSuchResource();
  return jsonResponse({
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: group === "" ? version : `${group}/${version}`,
    resources,
  });
}

/** The one-document form, when the client asks for it before plain JSON. */
function aggregated(registry: ResourceRegistry, accept: string | undefined, core: boolean): ApiResponse | undefined {
  const asked = parseAccept(accept).find(
    ({ type, parameters }) =>
      type === "application/json" &&
      (parameters["as"] === undefined || (parameters["as"] === "APIGroupDiscoveryList" && parameters["g"] === "apidiscovery.k8s.io")),
  );
  const version = asked?.parameters["v"];
  if (version !== "v2" && version !== "v2beta1") return undefined;
  const groups = core ? [""] : groupNames(registry);
  const items = groups.map((group) => ({
    metadata: { name: group, creationTimestamp: null },
    versions: versionsOf(registry, group).map((name) => ({
      version: name,
      freshness: "Current",
      resources: registry
        .all()
        .filter((served) => served.group === group && served.version === name)
        .map((served) => ({
          resource: served.plural,
          responseKind: { group: served.group, version: served.version, kind: served.kind },
          scope: served.namespaced ? "Namespaced" : "Cluster",
          singularResource: served.singular,
          verbs: verbsOf(served),
          ...(served.shortNames.length > 0 ? { shortNames: served.shortNames } : {}),
          ...(served.categories.length > 0 ? { categories: served.categories } : {}),
          ...(subresourcesOf(served).length > 0
            ? {
                subresources: subresourcesOf(served).map((sub) => ({
                  subresource: sub.name,
                  responseKind: { group: sub.group, version: sub.version, kind: sub.kind },
                  verbs: sub.verbs,
                })),
              }
            : {}),
        })),
    })),
  }));
  const body = JSON.stringify({ kind: "APIGroupDiscoveryList", apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items });
  return textResponse(body, `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`);
}
