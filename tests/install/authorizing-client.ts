/** A client that may do what the shipped roles grant and nothing else, as an API server with RBAC would have it. */
import type { PolicyRule, Verb } from "@slipway/install";
import type { KubeClient, KubeObject, Resource } from "@slipway/kube";
import { apiError } from "@slipway/kube";

interface Grant {
  readonly rule: PolicyRule;
  /** Absent: the whole cluster. */
  readonly namespace?: string;
}

interface Request {
  readonly verb: Verb;
  readonly resource: Resource;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  /** Absent in a request to create, to list or to watch. */
  readonly name?: string | undefined;
}

export interface AuthorizingClient {
  readonly client: KubeClient;
  /** What was refused, e.g. `create batch/jobs`. */
  readonly denied: ReadonlySet<string>;
  /**
   * Grants that no request needed, each once, e.g. `delete apps/deployments`, with `(named)` when the rule names objects.
   * List beside a used watch counts as used: informers list where the server cannot stream what there is.
   */
  unused(): string[];
}

/** The rules of all (Cluster)Roles among `objects`; every one of them counts as bound. */
export function createAuthorizingClient(base: KubeClient, objects: readonly KubeObject[]): AuthorizingClient {
  const grants: Grant[] = objects
    .filter(({ kind }) => kind === "ClusterRole" || kind === "Role")
    .flatMap((role) =>
      ((role["rules"] ?? []) as PolicyRule[]).map((rule) => ({
        rule,
        ...(role.metadata.namespace === undefined ? {} : { namespace: role.metadata.namespace }),
      })),
    );
  const used = new Set<string>();
  const denied = new Set<string>();
  const check = (request: Request): void => {
    const plural = request.resource.plural + (request.subresource === undefined ? "" : `/${request.subresource}`);
    const matching = grants.filter(({ rule, namespace }) => {
      if (namespace !== undefined && namespace !== request.namespace) return false;
      if (!rule.apiGroups.includes(request.resource.group) || !rule.resources.includes(plural)) return false;
      if (!rule.verbs.includes(request.verb)) return false;
      return rule.resourceNames === undefined || (request.name !== undefined && rule.resourceNames.includes(request.name));
    });
    for (const { rule } of matching) used.add(nameOf(request.verb, request.resource.group, plural, rule));
    if (matching.length > 0) return;
    const what = nameOf(request.verb, request.resource.group, plural);
    denied.add(what);
    throw apiError({ kind: "Status", status: "Failure", code: 403, reason: "Forbidden", message: `forbidden: cannot ${what}` });
  };
  const client: KubeClient = {
    ...base,
    get: async (resource, key, options) => {
      check({ verb: "get", resource, subresource: options?.subresource, ...key });
      return base.get(resource, key, options);
    },
    list: async (resource, options) => {
      check({ verb: "list", resource, namespace: options?.namespace });
      return base.list(resource, options);
    },
    watch: (resource, options) => {
      check({ verb: "watch", resource, namespace: options.namespace });
      return base.watch(resource, options);
    },
    create: async (resource, object, options) => {
      const { namespace } = object.metadata;
      check({ verb: "create", resource, subresource: options?.subresource, namespace });
      for (const owner of object.metadata.ownerReferences ?? []) if (owner.blockOwnerDeletion === true) checkOwner(owner, namespace);
      return base.create(resource, object, options);
    },
    replace: async (resource, object, options) => {
      const { namespace, name } = object.metadata;
      check({ verb: "update", resource, subresource: options?.subresource, namespace, name });
      return base.replace(resource, object, options);
    },
    patch: async (resource, key, patch, options) => {
      check({ verb: "patch", resource, subresource: options?.subresource, ...key });
      return base.patch(resource, key, patch, options);
    },
    delete: async (resource, key, options) => {
      check({ verb: "delete", resource, ...key });
      return base.delete(resource, key, options);
    },
    deleteCollection: () => Promise.reject(new Error("nothing shipped deletes collections")),
    raw: (request) => Promise.reject(new Error(`nothing shipped sends raw requests: ${request.path}`)),
  };
  /** As the admission plugin OwnerReferencesPermissionEnforcement. */
  function checkOwner(owner: { apiVersion: string; kind: string; name: string }, namespace: string | undefined): void {
    const plural = `${owner.kind.toLowerCase()}s`;
    const [group = "", version = ""] = owner.apiVersion.split("/");
    const resource = { group, version, kind: owner.kind, plural, namespaced: true };
    check({ verb: "update", resource, subresource: "finalizers", namespace, name: owner.name });
  }
  return {
    client,
    denied,
    unused: () => {
      const all = grants.flatMap(({ rule }) =>
        rule.apiGroups.flatMap((group) => rule.resources.flatMap((plural) => rule.verbs.map((verb) => nameOf(verb, group, plural, rule)))),
      );
      const isUsed = (name: string): boolean => used.has(name) || used.has(name.replace(/^list /, "watch "));
      return [...new Set(all)].filter((name) => !isUsed(name)).sort();
    },
  };
}

function nameOf(verb: string, group: string, plural: string, rule?: PolicyRule): string {
  return `${verb} ${group === "" ? "" : `${group}/`}${plural}${rule?.resourceNames === undefined ? "" : " (named)"}`;
}
