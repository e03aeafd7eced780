import type { KubeObject } from "@slipway/kube";
import { formatApiVersion } from "@slipway/kube";
import { builtinKinds } from "../schema/builtin-kinds.ts";
import type { KindDefinition } from "../schema/kind-definition.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { CustomResourceConverter } from "./conversion-webhook.ts";
import { servedVersionsOf } from "./custom-kinds.ts";
import { decodeBuiltin } from "./decode-object.ts";
import { eventFromCore, eventToCore } from "./event-conversion.ts";
import type { ResourceRegistry, ServedResource } from "./served-resource.ts";

export const crdBucket = "apiextensions.k8s.io/customresourcedefinitions";

export function bucketOf(group: string, plural: string): string {
  return `${group}/${plural}`;
}

/** Follows the stored CRDs; `stop` ends that. */
export function createResourceRegistry(store: ObjectStore, converter: CustomResourceConverter): ResourceRegistry & { stop(): void } {
  const builtin = builtinKinds.map(serveBuiltin);
  const custom = new Map<string, readonly ServedResource[]>();
  let generation = 1;
  let everything: readonly ServedResource[] = builtin;
  let byPath = new Map<string, ServedResource>();
  let byKind = new Map<string, ServedResource>();

  const rebuild = (): void => {
    generation++;
    everything = [...builtin, ...[...custom.values()].flat()];
    byPath = new Map(everything.map((served) => [`${served.group}/${served.version}/${served.plural}`, served]));
    byKind = new Map(everything.map((served) => [`${served.group}/${served.version}/${served.kind}`, served]));
  };
  const admit = (crd: KubeObject): void => {
    custom.set(crd.metadata.name ?? "", servedVersionsOf(crd, converter));
  };

  for (const entry of store.list(crdBucket)) admit(entry.object);
  rebuild();
  const subscription = store.subscribe(crdBucket, store.revision, (event) => {
    if (event.type === "DELETED") custom.delete(event.entry.key.name);
    else admit(event.entry.object);
    rebuild();
  });

  return {
    find: (group, version, plural) => byPath.get(`${group}/${version}/${plural}`),
    findKind: (group, version, kind) => byKind.get(`${group}/${version}/${kind}`),
    all: () => everything,
    get generation(): number {
      return generation;
    },
    stop: () => subscription.stop(),
  };
}

function serveBuiltin(definition: KindDefinition): ServedResource {
  const isEventsView = definition.group === "events.k8s.io";
  return {
    definition,
    group: definition.group,
    version: definition.version,
    kind: definition.kind,
    plural: definition.plural,
    namespaced: definition.namespaced,
    singular: definition.singular ?? definition.kind.toLowerCase(),
    shortNames: definition.shortNames ?? [],
    categories: definition.categories ?? [],
    listKind: `${definition.kind}List`,
    bucket: bucketOf(isEventsView ? "" : definition.group, definition.plural),
    storedAsServed: !isEventsView,
    schema: undefined,
    decode: (input) => decodeBuiltin(input, definition.message),
    present: (objects) => Promise.resolve(isEventsView ? objects.map(eventFromCore) : objects),
    store: (object) => Promise.resolve(isEventsView ? eventToCore(object) : object),
  };
}

/** `apps/v1`. */
export function apiVersionOf(served: ServedResource): string {
  return formatApiVersion(served);
}
