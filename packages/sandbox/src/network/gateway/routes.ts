/**
 * The routing table that a set of Ingresses makes. Pure.
 *
 * Hosts: the exact one, else the wildcard one (`*` stands for one label), else rules without a host; only the rules of the chosen host
 * are looked at, and what none of them matches goes to the default backend. Paths: an exact match first, then the longest prefix; of
 * equals the older Ingress wins. `Prefix` goes by path element, `ImplementationSpecific` by character, as nginx locations do.
 * A canary Ingress changes nothing but the routes with its host, path and path type that an ordinary Ingress has made.
 */
import { parseTimestamp } from "@slipway/std";
import type { Ingress, IngressBackend } from "../../controllers/kinds.ts";
import type { CanaryPolicy } from "./canary.ts";
import { canaryPolicyOf } from "./canary.ts";

export interface Backend {
  readonly namespace: string;
  readonly service: string;
  readonly port: { readonly name?: string; readonly number?: number } | undefined;
}

export interface Route {
  readonly path: string;
  readonly pathType: string;
  readonly ingress: string;
  readonly backend: Backend;
  canary: { readonly policy: CanaryPolicy; readonly backend: Backend } | undefined;
}

export interface RouteTable {
  /** The route for a request; `host` without port. */
  find(host: string, path: string): Route | undefined;
}

const classAnnotation = "kubernetes.io/ingress.class";

/** Ours are the Ingresses of class `nginx` and those that name no class. */
export function isOurs(ingress: Ingress): boolean {
  const name = ingress.spec?.ingressClassName ?? ingress.metadata.annotations?.[classAnnotation] ?? "";
  return name === "" || name === "nginx";
}

export function buildRoutes(ingresses: readonly Ingress[]): RouteTable {
  const ours = ingresses.filter((ingress) => isOurs(ingress) && ingress.metadata.deletionTimestamp === undefined).sort(byAge);
  const hosts = new Map<string, Route[]>();
  let fallback: Route | undefined;
  for (const ingress of ours) {
    if (canaryPolicyOf(ingress) !== undefined) continue;
    for (const { host, path, pathType, backend } of pathsOf(ingress)) {
      let routes = hosts.get(host);
      if (routes === undefined) hosts.set(host, (routes = []));
      if (routes.some((other) => other.path === path && other.pathType === pathType)) continue;
      routes.push({ path, pathType, ingress: nameOf(ingress), backend, canary: undefined });
    }
    const backend = backendOf(ingress, ingress.spec?.defaultBackend);
    if (backend !== undefined) fallback ??= { path: "/", pathType: "Prefix", ingress: nameOf(ingress), backend, canary: undefined };
  }
  for (const ingress of ours) {
    const policy = canaryPolicyOf(ingress);
    if (policy === undefined) continue;
    for (const { host, path, pathType, backend } of pathsOf(ingress)) {
      const route = hosts.get(host)?.find((other) => other.path === path && other.pathType === pathType);
      // A canary with the same backend would split nothing.
      if (route !== undefined && !sameBackend(route.backend, backend)) route.canary ??= { policy, backend };
    }
    const backend = backendOf(ingress, ingress.spec?.defaultBackend);
    if (fallback !== undefined && backend !== undefined && !sameBackend(fallback.backend, backend)) fallback.canary ??= { policy, backend };
  }
  for (const routes of hosts.values()) routes.sort((a, b) => rank(b) - rank(a) || b.path.length - a.path.length);
  return {
    find(host: string, path: string): Route | undefined {
      const name = host.toLowerCase();
      const wildcard = `*${name.slice(Math.max(0, name.indexOf(".")))}`;
      const routes = hosts.get(name) ?? (name.includes(".") ? hosts.get(wildcard) : undefined) ?? hosts.get("") ?? [];
      return routes.find((route) => matches(route, path)) ?? fallback;
    },
  };
}

function* pathsOf(ingress: Ingress): Generator<{ host: string; path: string; pathType: string; backend: Backend }> {
  for (const rule of ingress.spec?.rules ?? []) {
    for (const { path, pathType, backend } of rule.http?.paths ?? []) {
      const parsed = backendOf(ingress, backend);
      if (parsed === undefined) continue;
      yield {
        host: (rule.host ?? "").toLowerCase(),
        path: path === undefined || path === "" ? "/" : path,
        pathType: pathType ?? "ImplementationSpecific",
        backend: parsed,
      };
    }
  }
}

function backendOf(ingress: Ingress, backend: IngressBackend | undefined): Backend | undefined {
  if (backend?.service === undefined) return undefined;
  return { namespace: ingress.metadata.namespace ?? "", service: backend.service.name, port: backend.service.port };
}

function sameBackend(a: Backend, b: Backend): boolean {
  return a.namespace === b.namespace && a.service === b.service && a.port?.name === b.port?.name && a.port?.number === b.port?.number;
}

function rank(route: Route): number {
  return route.pathType === "Exact" ? 1 : 0;
}

function matches(route: Route, path: string): boolean {
  if (route.pathType === "Exact") return path === route.path;
  if (route.pathType !== "Prefix") return path.startsWith(route.path);
  const prefix = route.path.replace(/\/+$/, "");
  return path === prefix || path.startsWith(`${prefix}/`);
}

function byAge(a: Ingress, b: Ingress): number {
  const difference = (parseTimestamp(a.metadata.creationTimestamp) ?? 0) - (parseTimestamp(b.metadata.creationTimestamp) ?? 0);
  return difference !== 0 ? difference : nameOf(a) < nameOf(b) ? -1 : 1;
}

function nameOf(ingress: Ingress): string {
  return `${ingress.metadata.namespace ?? ""}/${ingress.metadata.name ?? ""}`;
}
