/** A stable Service, a candidate's Service, and an Ingress that splits between them. */
import type { KubeObject, OwnerReference } from "@slipway/kube";
import { keyOf, resources } from "@slipway/kube";
import { invariant } from "@slipway/std";
import type { Action } from "../model/decision.ts";
import type { RoutesView } from "../model/world.ts";
import type { Write } from "../model/write.ts";
import { annotationPatch, canaryIngress, carriesTarget, ingressClassOf, shareOf } from "./ingress.ts";
import { candidateService, pinService, pinnedTo, selectorOf } from "./service.ts";

export interface RouterOptions {
  readonly namespace: string;
  readonly service: string;
  /** `<service>-canary`, or the stable Service itself. */
  readonly candidateService: string;
  readonly ingress: string;
  readonly ingressClass: string | undefined;
  readonly owner: OwnerReference;
  readonly patchLabels: Readonly<Record<string, string>>;
}

export interface RouterObjects {
  readonly service?: KubeObject;
  readonly candidateService?: KubeObject;
  readonly ingress?: KubeObject;
  readonly canaryIngress?: KubeObject;
}

function alive(object: KubeObject | undefined): KubeObject | undefined {
  return object?.metadata.deletionTimestamp === undefined ? object : undefined;
}

function classOf(options: RouterOptions): NonNullable<ReturnType<typeof ingressClassOf>> {
  const found = ingressClassOf(options.ingressClass);
  invariant(found !== undefined, "a router has a class that is known");
  return found;
}

export function observeRoutes(objects: RouterObjects, options: RouterOptions): RoutesView {
  const { namespace } = options;
  const canary = alive(objects.canaryIngress);
  const ingressClass = classOf(options);
  const service = alive(objects.service);
  const missing: string[] = [];
  if (service === undefined) missing.push(`Service ${namespace}/${options.service}`);
  else if (selectorOf(service) === undefined) missing.push(`a selector of Service ${namespace}/${options.service}`);
  if (alive(objects.ingress) === undefined) missing.push(`Ingress ${namespace}/${options.ingress}`);
  const pinned = pinnedTo(service);
  const own = options.candidateService === options.service ? undefined : alive(objects.candidateService);
  return {
    missing,
    backendRef: `Service ${namespace}/${options.service}`,
    routeRef: `Ingress ${namespace}/${options.ingress}-canary`,
    ...(pinned === undefined ? {} : { pinned }),
    ...(own === undefined ? {} : { candidateBackend: pinnedTo(own) ?? "" }),
    routed: canary !== undefined,
    share: canary === undefined ? 0 : shareOf(ingressClass, canary),
    carries: (target) => canary !== undefined && carriesTarget(ingressClass, canary, target),
  };
}

/** The writes of an action on routes; `undefined` when the action is not a router's business. */
export function routeWrites(action: Action, objects: RouterObjects, options: RouterOptions): Write[] | undefined {
  const service = alive(objects.service);
  const own = alive(objects.candidateService);
  const canary = alive(objects.canaryIngress);
  switch (action.type) {
    case "pin":
      return service === undefined ? [] : [pinService(service, action.revision)];
    case "unpin":
      return service === undefined ? [] : [pinService(service, null)];
    case "backend": {
      if (own !== undefined) return [pinService(own, action.revision)];
      if (service === undefined) return [];
      const object = candidateService(service, action.revision, options.owner, options.patchLabels);
      return [{ verb: "create", resource: resources.services, object }];
    }
    case "drop-backend":
      return own === undefined ? [] : [{ verb: "delete", resource: resources.services, key: keyOf(own), uid: own.metadata.uid ?? "" }];
    case "route": {
      const ingressClass = classOf(options);
      if (canary !== undefined) {
        const body = { metadata: { annotations: annotationPatch(ingressClass, canary, action.target) } };
        return [{ verb: "patch", resource: resources.ingresses, key: keyOf(canary), patch: { type: "merge", body } }];
      }
      const stable = alive(objects.ingress);
      if (stable === undefined) return [];
      const names = { stable: options.service, candidate: options.candidateService };
      const object = canaryIngress(ingressClass, stable, names, action.target, options.owner);
      return [{ verb: "create", resource: resources.ingresses, object }];
    }
    case "restore-routes":
      return canary === undefined
        ? []
        : [{ verb: "delete", resource: resources.ingresses, key: keyOf(canary), uid: canary.metadata.uid ?? "" }];
    default:
      return undefined;
  }
}
