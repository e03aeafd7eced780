/**
 * A client whose process dies right after a write of its own: the server has it, the process never hears the answer.
 * Writes that a starting manager makes before it acts (CRDs, webhook configurations, leases) and Events do not count.
 */
import type { KubeClient, Resource } from "@slipway/kube";
import { AppError } from "@slipway/std";

const uncounted = new Set([
  "customresourcedefinitions",
  "mutatingwebhookconfigurations",
  "validatingwebhookconfigurations",
  "leases",
  "events",
  "namespaces",
]);

export interface Write {
  readonly verb: "create" | "replace" | "patch" | "delete" | "deleteCollection";
  readonly plural: string;
  readonly name: string;
}

export interface MortalClient {
  readonly client: KubeClient;
  /** Resolves with the write after which the process died. */
  readonly death: Promise<Write>;
  readonly dead: () => boolean;
}

export function createMortalClient(base: KubeClient, onDeath: () => void): MortalClient {
  let dead = false;
  let report: (write: Write) => void = () => {};
  const death = new Promise<Write>((resolve) => (report = resolve));
  const refuse = (): never => {
    throw new AppError("PROCESS_DEAD", "the process is dead", { retry: "never" });
  };
  const write = async <T>(verb: Write["verb"], resource: Resource, name: string, send: () => Promise<T>): Promise<T> => {
    if (dead) refuse();
    const answer = await send();
    if (uncounted.has(resource.plural)) return answer;
    // Another write may have been on its way at the moment of death: it happened, but nobody hears of it either.
    if (!dead) {
      dead = true;
      onDeath();
      report({ verb, plural: resource.plural, name });
    }
    return refuse();
  };
  const client: KubeClient = {
    get: (resource, key, options) => (dead ? refuse() : base.get(resource, key, options)),
    list: (resource, options) => (dead ? refuse() : base.list(resource, options)),
    watch: (resource, options) => (dead ? refuse() : base.watch(resource, options)),
    raw: (request) => (dead ? refuse() : base.raw(request)),
    resourceFor: (gvk, options) => (dead ? refuse() : base.resourceFor(gvk, options)),
    create: (resource, object, options) =>
      write("create", resource, object.metadata.name ?? object.metadata.generateName ?? "", () => base.create(resource, object, options)),
    replace: (resource, object, options) =>
      write("replace", resource, object.metadata.name ?? "", () => base.replace(resource, object, options)),
    patch: (resource, key, patch, options) => write("patch", resource, key.name, () => base.patch(resource, key, patch, options)),
    delete: (resource, key, options) => write("delete", resource, key.name, () => base.delete(resource, key, options)),
    deleteCollection: (resource, options) => write("deleteCollection", resource, "", () => base.deleteCollection(resource, options)),
    close: () => base.close(),
  };
  return { client, death, dead: () => dead };
}
