/** Kinds of the core group, and the events.k8s.io view of events. */
import type { KubeObject } from "@slipway/kube";
import { deepEqual } from "@slipway/std";
import * as columns from "./columns.ts";
import type { FieldProblem } from "./field-problem.ts";
import { forbidden, invalid } from "./field-problem.ts";
import type { Fields } from "./fields.ts";
import { child, ensure, fill, fillZero, isFields, items, text } from "./fields.ts";
import type { KindDefinition } from "./kind-definition.ts";
import { immutable, specOf } from "./kind-rules.ts";
import { defaultPodSpec } from "./pod-defaults.ts";
import { validatePodSpec, validateServiceSpec } from "./spec-validation.ts";

function defaultServiceSpec(object: KubeObject): void {
  const service = ensure(object, "spec");
  fillZero(service, "type", "ClusterIP");
  fillZero(service, "sessionAffinity", "None");
  if (service["sessionAffinity"] === "ClientIP") fill(service, "sessionAffinityConfig", { clientIP: { timeoutSeconds: 10_800 } });
  for (const port of items(service["ports"])) {
    fillZero(port, "protocol", "TCP");
    fillZero(port, "targetPort", port["port"]);
  }
  if (service["type"] === "ExternalName") return;
  fillZero(service, "internalTrafficPolicy", "Cluster");
  if (service["type"] !== "ClusterIP") fillZero(service, "externalTrafficPolicy", "Cluster");
  if (service["type"] === "LoadBalancer") fill(service, "allocateLoadBalancerNodePorts", true);
  fill(service, "ipFamilies", ["IPv4"]);
  fill(service, "ipFamilyPolicy", "SingleStack");
}

function encodeStringData(object: KubeObject): void {
  const plain = object["stringData"];
  if (isFields(plain)) {
    const data = ensure(object, "data");
    for (const [key, value] of Object.entries(plain)) data[key] = Buffer.from(text(value)).toString("base64");
  }
  delete object["stringData"];
  fillZero(object, "type", "Opaque");
}

const dataLimitBytes = 1024 * 1024;

/** Keys and total size of what ConfigMaps and Secrets hold. */
function validateData(object: KubeObject): FieldProblem[] {
  const problems: FieldProblem[] = [];
  let bytes = 0;
  for (const field of ["data", "binaryData"]) {
    for (const [key, value] of Object.entries(child(object, field))) {
      const content = text(value);
      bytes += object.kind === "Secret" || field === "binaryData" ? Math.floor((content.length * 3) / 4) : Buffer.byteLength(content);
      if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key) || key === "." || key === "..") {
        problems.push(
          invalid(
            `${field}[${key}]`,
            key,
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
          ),
        );
      }
    }
  }
  if (bytes > dataLimitBytes)
    problems.push({
      reason: "FieldValueInvalid",
      field: object.kind === "Secret" ? "data" : "",
      message: `Too long: may not be more than ${dataLimitBytes} bytes`,
    });
  return problems;
}

function validateImmutableData(next: KubeObject, old: KubeObject): FieldProblem[] {
  if (old["immutable"] !== true) return [];
  const same = next["immutable"] === true && deepEqual(next["data"], old["data"]) && deepEqual(next["binaryData"], old["binaryData"]);
  return same ? [] : [forbidden("data", "field is immutable when `immutable` is set")];
}

/** Only images, tolerations, deadlines and grace of a pod may change. */
function validatePodUpdate(next: KubeObject, old: KubeObject): FieldProblem[] {
  const comparable = (object: KubeObject): Fields => {
    const copy: Fields = { ...specOf(object) };
    for (const free of ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates", "ephemeralContainers"])
      delete copy[free];
    // The scheduler's binding is a plain update here.
    if (specOf(old)["nodeName"] === undefined) delete copy["nodeName"];
    for (const list of ["containers", "initContainers"]) {
      if (copy[list] !== undefined) copy[list] = items(copy[list]).map((container) => ({ ...container, image: undefined }));
    }
    return copy;
  };
  if (deepEqual(comparable(next), comparable(old))) return [];
  return [
    forbidden(
      "spec",
      "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`," +
        "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
    ),
  ];
}

const core = (kind: string, plural: string, rest: Partial<KindDefinition> = {}): KindDefinition => ({
  group: "",
  version: "v1",
  kind,
  plural,
  namespaced: true,
  message: `core.${kind}`,
  hasGeneration: false,
  ...rest,
});

export const coreKinds: readonly KindDefinition[] = [
  core("Namespace", "namespaces", {
    namespaced: false,
    shortNames: ["ns"],
    subresources: ["status", "finalize"],
    nameRule: "label",
    selectableFields: ["status.phase"],
    columns: columns.namespaceColumns,
    setDefaults: (object) => {
      (object.metadata.labels ??= {})["kubernetes.io/metadata.name"] = object.metadata.name ?? "";
    },
    prepareCreate: (object) => {
      const finalizers = specOf(object)["finalizers"];
      object["spec"] = { finalizers: Array.isArray(finalizers) && finalizers.includes("kubernetes") ? finalizers : ["kubernetes"] };
      object["status"] = { phase: "Active" };
    },
    prepareUpdate: (next, old) => {
      next["spec"] = old["spec"];
    },
  }),
  core("Node", "nodes", {
    namespaced: false,
    shortNames: ["no"],
    subresources: ["status"],
    selectableFields: ["spec.unschedulable"],
    columns: columns.nodeColumns,
    setDefaults: (object) => {
      ensure(object, "spec");
    },
  }),
  core("Pod", "pods", {
    shortNames: ["po"],
    categories: ["all"],
    subresources: ["status", "log", "eviction", "binding"],
    hasGeneration: true,
    selectableFields: [
      "spec.nodeName",
      "spec.restartPolicy",
      "spec.schedulerName",
      "spec.serviceAccountName",
      "spec.hostNetwork",
      "status.phase",
      "status.podIP",
      "status.nominatedNodeName",
    ],
    columns: columns.podColumns,
    setDefaults: (object) => {
      const pod = ensure(object, "spec");
      defaultPodSpec(pod);
      fill(pod, "enableServiceLinks", true);
      fillZero(pod, "serviceAccountName", "default");
      pod["serviceAccount"] = pod["serviceAccountName"];
      fill(pod, "preemptionPolicy", "PreemptLowerPriority");
      fill(pod, "priority", 0);
      const tolerations = Array.isArray(pod["tolerations"]) ? (pod["tolerations"] as unknown[]) : [];
      for (const key of ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]) {
        if (!items(tolerations).some((toleration) => toleration["key"] === key && toleration["effect"] === "NoExecute")) {
          tolerations.push({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 });
        }
      }
      pod["tolerations"] = tolerations;
    },
    prepareCreate: (object) => {
      object["status"] = { phase: "Pending", qosClass: qosClass(specOf(object)) };
    },
    validate: (object) => validatePodSpec(object["spec"], "spec"),
    validateUpdate: validatePodUpdate,
  }),
  core("Service", "services", {
    shortNames: ["svc"],
    categories: ["all"],
    subresources: ["status"],
    nameRule: "label1035",
    selectableFields: ["spec.clusterIP", "spec.type"],
    columns: columns.serviceColumns,
    setDefaults: defaultServiceSpec,
    prepareCreate: (object) => {
      object["status"] = { loadBalancer: {} };
    },
    prepareUpdate: (next, old) => {
      const [now, before] = [ensure(next, "spec"), specOf(old)];
      if (now["type"] !== "ExternalName") for (const field of ["clusterIP", "clusterIPs"]) fillZero(now, field, before[field]);
    },
    validate: (object) => validateServiceSpec(specOf(object), object.metadata.name ?? ""),
    validateUpdate: (next, old) => {
      const [now, before] = [specOf(next)["clusterIP"], specOf(old)["clusterIP"]];
      const set =
        before !== undefined && before !== "" && specOf(next)["type"] !== "ExternalName" && specOf(old)["type"] !== "ExternalName";
      return set && now !== before ? [invalid("spec.clusterIPs[0]", [now], "may not change once set")] : [];
    },
  }),
  core("Endpoints", "endpoints", { shortNames: ["ep"], columns: columns.endpointsColumns }),
  core("ConfigMap", "configmaps", {
    shortNames: ["cm"],
    columns: columns.configMapColumns,
    validate: validateData,
    validateUpdate: validateImmutableData,
  }),
  core("Secret", "secrets", {
    selectableFields: ["type"],
    columns: columns.secretColumns,
    setDefaults: encodeStringData,
    validate: validateData,
    validateUpdate: (next, old) => [...validateImmutableData(next, old), ...immutable("type")(next, old)],
  }),
  core("ServiceAccount", "serviceaccounts", { shortNames: ["sa"], columns: columns.serviceAccountColumns }),
  core("Event", "events", {
    shortNames: ["ev"],
    selectableFields: [
      "involvedObject.kind",
      "involvedObject.namespace",
      "involvedObject.name",
      "involvedObject.uid",
      "involvedObject.apiVersion",
      "involvedObject.resourceVersion",
      "involvedObject.fieldPath",
      "reason",
      "reportingComponent",
      "type",
    ],
    columns: columns.eventColumns,
  }),
  {
    group: "events.k8s.io",
    version: "v1",
    kind: "Event",
    plural: "events",
    namespaced: true,
    shortNames: ["ev"],
    message: "events.Event",
    hasGeneration: false,
    selectableFields: ["regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid", "reason", "reportingController", "type"],
    columns: columns.eventColumns,
  },
];

function qosClass(pod: Fields): string {
  const containers = [...items(pod["containers"]), ...items(pod["initContainers"])];
  const bounded = (container: Fields): boolean => {
    const limits = child(container, "resources", "limits");
    const requests = child(container, "resources", "requests");
    return ["cpu", "memory"].every((name) => name in limits && deepEqual(limits[name], requests[name] ?? limits[name]));
  };
  if (containers.length > 0 && containers.every(bounded)) return "Guaranteed";
  const any = containers.some((container) =>
    ["limits", "requests"].some((name) => Object.keys(child(container, "resources", name)).length > 0),
  );
  return any ? "Burstable" : "BestEffort";
}
