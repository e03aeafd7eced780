/**
 * Ingress controllers that split by annotations of a second, "canary" Ingress. One table entry a class; `nginx` is the
 * one that stands. The rules of the second Ingress are those of the user's that lead to the stable Service.
 */
import type { KubeObject, OwnerReference } from "@slipway/kube";
import { cloneJson, deepEqual } from "@slipway/std";
import { canarySuffix } from "../names.ts";
import type { RouteTarget } from "../model/plan.ts";

interface IngressClass {
  /** Of the annotations `canary`, `canary-weight`, `canary-by-header`, ... */
  readonly prefix: string;
}

const classes: Readonly<Record<string, IngressClass>> = {
  nginx: { prefix: "nginx.ingress.kubernetes.io/" },
};
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** An empty class means nginx, as with OpenKruise. */
export function ingressClassOf(classType: string | undefined): IngressClass | undefined {
  const name = classType === undefined || classType === "" ? "nginx" : classType;
  return Object.hasOwn(classes, name) ? classes[name] : undefined;
}

/** The canary annotations for a target, over what is there now. */
export function canaryAnnotations(
  { prefix }: IngressClass,
  present: Readonly<Record<string, string>>,
  target: RouteTarget,
): Record<string, string> {
  const next: Record<string, string> = { ...present, [`${prefix}canary`]: "true" };
  for (const name of ["by-cookie", "by-header", "by-header-pattern", "by-header-value", "weight"]) delete next[`${prefix}canary-${name}`];
  if (target.weight !== undefined) next[`${prefix}canary-weight`] = String(target.weight);
  for (const match of target.matches ?? []) {
    // Only one header can be told apart.
    const header = (match["headers"] as { name: string; value: string; type?: string }[] | undefined)?.[0];
    if (header === undefined) continue;
    if (header.name === "canary-by-cookie") next[`${prefix}canary-by-cookie`] = header.value;
    else {
      next[`${prefix}canary-by-header`] = header.name;
      next[`${prefix}canary-by-header-${header.type === "RegularExpression" ? "pattern" : "value"}`] = header.value;
    }
  }
  return next;
}

/** Percent that a canary Ingress gives to the candidate. */
export function shareOf({ prefix }: IngressClass, ingress: KubeObject): number {
  return Number(ingress.metadata.annotations?.[`${prefix}canary-weight`] ?? 0);
}

export function carriesTarget(ingressClass: IngressClass, ingress: KubeObject, target: RouteTarget): boolean {
  const present = ingress.metadata.annotations ?? {};
  return deepEqual(present, canaryAnnotations(ingressClass, present, target));
}

/** What has to change in the annotations, for a merge patch: `null` removes. */
export function annotationPatch(ingressClass: IngressClass, ingress: KubeObject, target: RouteTarget): Record<string, string | null> {
  const present = ingress.metadata.annotations ?? {};
  const next = canaryAnnotations(ingressClass, present, target);
  const patch: Record<string, string | null> = {};
  for (const key of Object.keys(present)) if (next[key] === undefined) patch[key] = null;
  for (const [key, value] of Object.entries(next)) if (present[key] !== value) patch[key] = value;
  return patch;
}

interface IngressSpec {
  ingressClassName?: string;
  tls?: unknown;
  rules?: { host?: string; http?: { paths: { backend?: { service?: { name: string } } }[] } }[];
}

export function canaryIngress(
  ingressClass: IngressClass,
  stable: KubeObject,
  service: { readonly stable: string; readonly candidate: string },
  target: RouteTarget,
  owner: OwnerReference,
): KubeObject {
  const { ingressClassName, tls, rules = [] } = cloneJson((stable["spec"] ?? {}) as IngressSpec);
  const kept = rules.flatMap((rule) => {
    const paths = (rule.http?.paths ?? []).filter((path) => path.backend?.service?.name === service.stable);
    for (const path of paths) if (path.backend?.service !== undefined) path.backend.service.name = service.candidate;
    return paths.length === 0 ? [] : [{ ...rule, http: { paths } }];
  });
  const { [lastApplied]: _applied, ...annotations } = stable.metadata.annotations ?? {};
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: {
      name: `${stable.metadata.name ?? ""}${canarySuffix}`,
      ...(stable.metadata.namespace === undefined ? {} : { namespace: stable.metadata.namespace }),
      ...(stable.metadata.labels === undefined ? {} : { labels: { ...stable.metadata.labels } }),
      annotations: canaryAnnotations(ingressClass, annotations, target),
      ownerReferences: [owner],
    },
    spec: {
      ...(ingressClassName === undefined ? {} : { ingressClassName }),
      ...(tls === undefined ? {} : { tls }),
      rules: kept,
    },
  };
}
