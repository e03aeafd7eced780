/** The custom kinds of the cluster, as they come and go. */
import type { ControllerDefinition } from "@slipway/controller";
import { done } from "@slipway/controller";
import type { KubeObject, Resource } from "@slipway/kube";
import { isConditionTrue, resources } from "@slipway/kube";
import type { Condition } from "@slipway/kube";

interface DefinitionBody {
  readonly spec?: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly scope: string;
    readonly versions: readonly { readonly name: string; readonly served: boolean; readonly storage: boolean }[];
  };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** The kind that a CustomResourceDefinition serves, in its storage version; none before it is established. */
export function kindsOfDefinition(definition: KubeObject): Resource[] {
  const { spec, status } = definition as KubeObject & DefinitionBody;
  const version =
    spec?.versions.find((candidate) => candidate.storage && candidate.served) ?? spec?.versions.find((candidate) => candidate.served);
  if (spec === undefined || version === undefined || !isConditionTrue(status?.conditions, "Established")) return [];
  const { kind, plural } = spec.names;
  return [{ group: spec.group, version: version.name, kind, plural, namespaced: spec.scope === "Namespaced" }];
}

/** Calls `appeared` when a kind is established (or its storage version changes) and the result when it goes. */
export function customKindWatcher(appeared: (resource: Resource) => () => Promise<void>): {
  readonly controller: ControllerDefinition;
  stop(): Promise<void>;
} {
  const running = new Map<string, { version: string; stop: () => Promise<void> }>();
  return {
    controller: {
      name: "custom-kinds",
      concurrency: 1,
      watches: [{ resource: resources.customResourceDefinitions, optional: true }],
      async reconcile(key, context) {
        const definition = context.cache(resources.customResourceDefinitions).get(key);
        const resource = definition === undefined ? undefined : kindsOfDefinition(definition)[0];
        const current = running.get(key.name);
        if (current?.version === resource?.version) return done;
        running.delete(key.name);
        await current?.stop();
        if (resource !== undefined) running.set(key.name, { version: resource.version, stop: appeared(resource) });
        return done;
      },
    },
    async stop(): Promise<void> {
      await Promise.all([...running.values()].map((kind) => kind.stop()));
      running.clear();
    },
  };
}
