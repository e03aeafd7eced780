/** What single built-in kinds need of the rest of the server: namespaces' life cycle, addresses of Services, CRD status. */
import type { KubeObject } from "@slipway/kube";
import { formatTimestamp, parseTimestamp } from "@slipway/std";
import type { Clock } from "@slipway/std";
import { child, count, ensure, fillZero, isFields, items, text } from "../schema/fields.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { forbiddenRequest, notFound } from "./api-errors.ts";
import { bucketOf, crdBucket } from "./resource-registry.ts";
import type { ServedResource } from "./served-resource.ts";

const namespaceBucket = bucketOf("", "namespaces");
const serviceBucket = bucketOf("", "services");
const eventBucket = bucketOf("", "events");
const eventLifeMs = 3_600_000;
const eventSweepMs = 300_000;
const namespaceResource = { group: "", kind: "Namespace", plural: "namespaces" };
const protectedNamespaces = new Set(["default", "kube-system", "kube-public"]);
const crdFinalizer = "customresourcecleanup.apiextensions.k8s.io";

/** Chooses the ClusterIP of a Service that asked for none in particular. `taken` holds the addresses in use. */
export type ClusterIpAllocator = (service: KubeObject, taken: ReadonlySet<string>) => string;

export interface KindHooks {
  /** Throws unless objects may be created in `namespace` now. */
  checkNamespace(served: ServedResource, namespace: string, name: string): void;
  beforeCreate(served: ServedResource, object: KubeObject): void;
  beforeUpdate(served: ServedResource, next: KubeObject, current: KubeObject, subresource: string | undefined): void;
  beforeDelete(served: ServedResource, object: KubeObject): void;
  /** How long the object may take to end; 0 for everything but running pods. */
  gracePeriodSeconds(served: ServedResource, object: KubeObject, asked: number | undefined): number;
  /** True while something besides finalizers and grace keeps a deleted object. */
  holdsDeletion(served: ServedResource, object: KubeObject): boolean;
  markTerminating(served: ServedResource, object: KubeObject): void;
}

export function createKindHooks(store: ObjectStore, clock: Clock, allocate: ClusterIpAllocator = nextClusterIp): KindHooks {
  const is = (served: ServedResource, kind: string, group = ""): boolean => served.kind === kind && served.group === group;

  let eventsSweptMs = clock.now();
  /** Events live for an hour. They are swept when new ones come, so that an idle cluster has no timer running. */
  const sweepEvents = (): void => {
    if (clock.now() - eventsSweptMs < eventSweepMs) return;
    eventsSweptMs = clock.now();
    for (const { key, revision, object } of store.list(eventBucket)) {
      const last = parseTimestamp(text(object["lastTimestamp"])) ?? parseTimestamp(object.metadata.creationTimestamp) ?? 0;
      if (clock.now() - last > eventLifeMs) store.remove(eventBucket, key, revision);
    }
  };

  const prepareService = (service: KubeObject): void => {
    const spec = ensure(service, "spec");
    if (spec["type"] === "ExternalName") {
      delete spec["clusterIP"];
      delete spec["clusterIPs"];
      return;
    }
    const others = store.list(serviceBucket).filter((entry) => entry.object.metadata.uid !== service.metadata.uid);
    if (text(spec["clusterIP"]) === "") {
      spec["clusterIP"] = allocate(service, new Set(others.map((entry) => text(child(entry.object, "spec")["clusterIP"]))));
    }
    fillZero(spec, "clusterIPs", [spec["clusterIP"]]);
    if (spec["type"] === "ClusterIP") return;
    const used = new Set(others.flatMap((entry) => items(child(entry.object, "spec")["ports"]).map((port) => count(port["nodePort"]))));
    let next = 30_000;
    for (const port of items(spec["ports"])) {
      if (count(port["nodePort"]) > 0) continue;
      while (used.has(next)) next++;
      port["nodePort"] = next;
      used.add(next);
    }
  };

  const prepareCrd = (crd: KubeObject): void => {
    const names = child(crd, "spec", "names");
    const previous = items(child(crd, "status")["conditions"]);
    const group = text(child(crd, "spec")["group"]);
    const clash = store
      .list(crdBucket)
      .find(
        (entry) =>
          entry.key.name !== crd.metadata.name &&
          child(entry.object, "spec")["group"] === group &&
          child(entry.object, "spec", "names")["kind"] === names["kind"],
      );
    const condition = (type: string, good: boolean, reason: string, message: string): object => {
      const status = good ? "True" : "False";
      const kept = previous.find((item) => item["type"] === type && item["status"] === status);
      return { type, status, lastTransitionTime: kept?.["lastTransitionTime"] ?? formatTimestamp(clock.now()), reason, message };
    };
    const storage = text(items(child(crd, "spec")["versions"]).find((version) => version["storage"] === true)?.["name"]);
    const stored = child(crd, "status")["storedVersions"];
    const storedVersions = Array.isArray(stored) ? [...(stored as unknown[])] : [];
    if (!storedVersions.includes(storage)) storedVersions.push(storage);
    crd["status"] = {
      conditions: [
        clash === undefined
          ? condition("NamesAccepted", true, "NoConflicts", "no conflicts found")
          : condition("NamesAccepted", false, "KindConflict", `"${text(names["kind"])}" is already in use`),
        clash === undefined
          ? condition("Established", true, "InitialNamesAccepted", "the initial names have been accepted")
          : condition("Established", false, "NotAccepted", "not all names are accepted"),
        ...previous.filter((item) => item["type"] !== "NamesAccepted" && item["type"] !== "Established"),
      ],
      acceptedNames: clash === undefined ? names : { plural: "", kind: "" },
      storedVersions,
    };
  };

  return {
    checkNamespace(served, namespace, name): void {
      if (!served.namespaced) return;
      const found = store.get(namespaceBucket, { namespace: "", name: namespace });
      if (found === undefined) throw notFound(namespaceResource, namespace);
      if (found.object.metadata.deletionTimestamp === undefined) return;
      throw forbiddenRequest(served, name, `unable to create new content in namespace ${namespace} because it is being terminated`, [
        { reason: "NamespaceTerminating", message: `namespace ${namespace} is being terminated`, field: "metadata.namespace" },
      ]);
    },
    beforeCreate(served, object): void {
      if (is(served, "Service")) prepareService(object);
      else if (served.bucket === eventBucket) sweepEvents();
      else if (is(served, "CustomResourceDefinition", "apiextensions.k8s.io")) {
        prepareCrd(object);
        object.metadata.finalizers = [...new Set([...(object.metadata.finalizers ?? []), crdFinalizer])];
      }
    },
    beforeUpdate(served, next, _current, subresource): void {
      if (is(served, "Service") && subresource === undefined) prepareService(next);
      else if (is(served, "CustomResourceDefinition", "apiextensions.k8s.io") && subresource === undefined) prepareCrd(next);
    },
    beforeDelete(served, object): void {
      const name = object.metadata.name ?? "";
      if (is(served, "Namespace") && protectedNamespaces.has(name))
        throw forbiddenRequest(served, name, "this namespace may not be deleted");
    },
    gracePeriodSeconds(served, object, asked): number {
      if (!is(served, "Pod")) return 0;
      const spec = child(object, "spec");
      const phase = child(object, "status")["phase"];
      // Nothing runs: nothing to wait for.
      if (text(spec["nodeName"]) === "" || phase === "Succeeded" || phase === "Failed") return 0;
      const wanted = asked ?? spec["terminationGracePeriodSeconds"] ?? 30;
      return typeof wanted === "number" && wanted > 0 ? wanted : 0;
    },
    holdsDeletion(served, object): boolean {
      const finalizers = child(object, "spec")["finalizers"];
      return is(served, "Namespace") && Array.isArray(finalizers) && finalizers.length > 0;
    },
    markTerminating(served, object): void {
      if (is(served, "Namespace")) object["status"] = { ...(isFields(object["status"]) ? object["status"] : {}), phase: "Terminating" };
    },
  };
}

/** The lowest free address of 10.96.0.0/16, as kubeadm's default range. */
function nextClusterIp(_service: KubeObject, taken: ReadonlySet<string>): string {
  for (let number = 10; number < 65_535; number++) {
    const address = `10.96.${number >> 8}.${number & 255}`;
    if (!taken.has(address)) return address;
  }
  return "None";
}

export { crdFinalizer };
