/** The built-in kinds: names, defaulting, validation, columns. CRDs join them at run time (`../server/custom-kinds.ts`). */
import type { KubeObject } from "@slipway/kube";
import { deepEqual } from "@slipway/std";
import * as columns from "./columns.ts";
import { validateCustomResourceDefinition } from "./crd-validation.ts";
import type { FieldProblem } from "./field-problem.ts";
import { forbidden, invalid, notSupported, required } from "./field-problem.ts";
import type { Fields } from "./fields.ts";
import { child, ensure, fill, fillZero, isFields, items, text, valueAt } from "./fields.ts";
import type { KindDefinition, ScalePaths } from "./kind-definition.ts";
import { defaultPodSpec } from "./pod-defaults.ts";
import {
  nonNegative,
  validateDeploymentStrategy,
  validateIngressSpec,
  validatePodSpec,
  validateSelectorAndTemplate,
  validateServiceSpec,
} from "./pod-validation.ts";

const workloadScale: ScalePaths = {
  specReplicas: ["spec", "replicas"],
  statusReplicas: ["status", "replicas"],
  selector: ["spec", "selector"],
};

const spec = (object: KubeObject): Fields => child(object, "spec");
const dropStatus = (object: KubeObject): void => {
  delete object["status"];
};
const emptyStatus = (object: KubeObject): void => {
  object["status"] = {};
};
const templateSpec = (object: KubeObject): void => {
  const template = ensure(ensure(object, "spec"), "template");
  ensure(template, "metadata");
  const pod = template["spec"];
  if (isFields(pod)) defaultPodSpec(pod);
};
const immutable = (...path: readonly string[]) => {
  return (next: KubeObject, old: KubeObject): FieldProblem[] => {
    const value = valueAt(next, path);
    return deepEqual(value, valueAt(old, path)) ? [] : [invalid(path.join("."), value, "field is immutable")];
  };
};

function defaultRollingUpdate(rolling: Fields): void {
  fill(rolling, "maxUnavailable", "25%");
  fill(rolling, "maxSurge", "25%");
}

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

function defaultJobSpec(job: Fields): void {
  if (job["completions"] === undefined && job["parallelism"] === undefined) job["completions"] = 1;
  fill(job, "parallelism", 1);
  fill(job, "backoffLimit", 6);
  fill(job, "completionMode", "NonIndexed");
  fill(job, "suspend", false);
  fill(job, "podReplacementPolicy", "TerminatingOrFailed");
  const template = ensure(job, "template");
  ensure(template, "metadata");
  const pod = template["spec"];
  if (isFields(pod)) defaultPodSpec(pod);
}

function defaultWebhooks(object: KubeObject): void {
  for (const webhook of items(object["webhooks"])) {
    fillZero(webhook, "failurePolicy", "Fail");
    fillZero(webhook, "matchPolicy", "Equivalent");
    fillZero(webhook, "timeoutSeconds", 10);
    fill(webhook, "namespaceSelector", {});
    fill(webhook, "objectSelector", {});
    if (object.kind === "MutatingWebhookConfiguration") fillZero(webhook, "reinvocationPolicy", "Never");
    for (const rule of items(webhook["rules"])) fillZero(rule, "scope", "*");
    const service = child(webhook, "clientConfig")["service"];
    if (isFields(service)) fillZero(service, "port", 443);
  }
}

function validateWebhooks(object: KubeObject): FieldProblem[] {
  return items(object["webhooks"]).flatMap((webhook, index) => {
    const at = `webhooks[${index}]`;
    const problems: FieldProblem[] = [];
    if (text(webhook["name"]).split(".").length < 3) {
      problems.push(invalid(`${at}.name`, webhook["name"] ?? "", "should be a domain with at least three segments separated by dots"));
    }
    const client = child(webhook, "clientConfig");
    const url = text(client["url"]);
    if ((url === "") === !isFields(client["service"]))
      problems.push(required(`${at}.clientConfig`, "exactly one of url or service is required"));
    if (url !== "" && !url.startsWith("https://"))
      problems.push(invalid(`${at}.clientConfig.url`, url, "'https' is the only allowed URL scheme"));
    if (!["None", "NoneOnDryRun"].includes(text(webhook["sideEffects"]))) {
      problems.push(notSupported(`${at}.sideEffects`, webhook["sideEffects"] ?? "", ["None", "NoneOnDryRun"]));
    }
    if (items(webhook["rules"]).length === 0 && webhook["rules"] !== undefined && !Array.isArray(webhook["rules"]))
      problems.push(required(`${at}.rules`));
    return problems;
  });
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

function validateImmutableData(next: KubeObject, old: KubeObject): FieldProblem[] {
  if (old["immutable"] !== true) return [];
  const same = next["immutable"] === true && deepEqual(next["data"], old["data"]) && deepEqual(next["binaryData"], old["binaryData"]);
  return same ? [] : [forbidden("data", "field is immutable when `immutable` is set")];
}

/** Only images, tolerations, deadlines and grace of a pod may change. */
function validatePodUpdate(next: KubeObject, old: KubeObject): FieldProblem[] {
  const comparable = (object: KubeObject): Fields => {
    const copy: Fields = { ...spec(object) };
    for (const free of ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates", "ephemeralContainers"])
      delete copy[free];
    // The scheduler's binding is a plain update here.
    if (spec(old)["nodeName"] === undefined) delete copy["nodeName"];
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
const apps = (kind: string, plural: string, shortName: string, rest: Partial<KindDefinition>): KindDefinition => ({
  group: "apps",
  version: "v1",
  kind,
  plural,
  namespaced: true,
  shortNames: shortName === "" ? [] : [shortName],
  categories: ["all"],
  message: `apps.${kind}`,
  prepareCreate: emptyStatus,
  ...rest,
});

export const builtinKinds: readonly KindDefinition[] = [
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
      const finalizers = spec(object)["finalizers"];
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
      object["status"] = { phase: "Pending", qosClass: qosClass(spec(object)) };
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
      const [now, before] = [ensure(next, "spec"), spec(old)];
      if (now["type"] !== "ExternalName") for (const field of ["clusterIP", "clusterIPs"]) fillZero(now, field, before[field]);
    },
    validate: (object) => validateServiceSpec(spec(object), object.metadata.name ?? ""),
    validateUpdate: (next, old) => {
      const [now, before] = [spec(next)["clusterIP"], spec(old)["clusterIP"]];
      const set = before !== undefined && before !== "" && spec(next)["type"] !== "ExternalName" && spec(old)["type"] !== "ExternalName";
      return set && now !== before ? [invalid("spec.clusterIPs[0]", [now], "may not change once set")] : [];
    },
  }),
  core("Endpoints", "endpoints", { shortNames: ["ep"], columns: columns.endpointsColumns }),
  core("ConfigMap", "configmaps", { shortNames: ["cm"], columns: columns.configMapColumns, validateUpdate: validateImmutableData }),
  core("Secret", "secrets", {
    selectableFields: ["type"],
    columns: columns.secretColumns,
    setDefaults: encodeStringData,
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
  apps("Deployment", "deployments", "deploy", {
    subresources: ["status", "scale"],
    scale: workloadScale,
    columns: columns.deploymentColumns,
    setDefaults: (object) => {
      const deployment = ensure(object, "spec");
      fill(deployment, "replicas", 1);
      fill(deployment, "revisionHistoryLimit", 10);
      fill(deployment, "progressDeadlineSeconds", 600);
      const strategy = ensure(deployment, "strategy");
      fillZero(strategy, "type", "RollingUpdate");
      if (strategy["type"] === "RollingUpdate") defaultRollingUpdate(ensure(strategy, "rollingUpdate"));
      templateSpec(object);
    },
    validate: (object) => [
      ...nonNegative(spec(object), "replicas"),
      ...nonNegative(spec(object), "minReadySeconds"),
      ...nonNegative(spec(object), "revisionHistoryLimit"),
      ...validateDeploymentStrategy(spec(object)),
      ...progressDeadline(spec(object)),
      ...validateSelectorAndTemplate(spec(object)),
    ],
    validateUpdate: immutable("spec", "selector"),
  }),
  apps("ReplicaSet", "replicasets", "rs", {
    subresources: ["status", "scale"],
    scale: workloadScale,
    selectableFields: ["status.replicas"],
    columns: columns.replicaSetColumns,
    setDefaults: (object) => {
      fill(ensure(object, "spec"), "replicas", 1);
      templateSpec(object);
    },
    prepareCreate: (object) => {
      object["status"] = { replicas: 0 };
    },
    validate: (object) => [...nonNegative(spec(object), "replicas"), ...validateSelectorAndTemplate(spec(object))],
    validateUpdate: immutable("spec", "selector"),
  }),
  apps("StatefulSet", "statefulsets", "sts", {
    subresources: ["status", "scale"],
    scale: workloadScale,
    columns: columns.statefulSetColumns,
    setDefaults: (object) => {
      const set = ensure(object, "spec");
      fill(set, "replicas", 1);
      fill(set, "revisionHistoryLimit", 10);
      fillZero(set, "podManagementPolicy", "OrderedReady");
      const strategy = ensure(set, "updateStrategy");
      fillZero(strategy, "type", "RollingUpdate");
      if (strategy["type"] === "RollingUpdate") fill(ensure(strategy, "rollingUpdate"), "partition", 0);
      fill(set, "persistentVolumeClaimRetentionPolicy", { whenDeleted: "Retain", whenScaled: "Retain" });
      templateSpec(object);
    },
    prepareCreate: (object) => {
      object["status"] = { replicas: 0 };
    },
    validate: (object) => [...nonNegative(spec(object), "replicas"), ...validateSelectorAndTemplate(spec(object))],
    validateUpdate: (next, old) => {
      const free = new Set([
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
        "revisionHistoryLimit",
      ]);
      const fixed = (object: KubeObject): Fields => Object.fromEntries(Object.entries(spec(object)).filter(([key]) => !free.has(key)));
      if (deepEqual(fixed(next), fixed(old))) return [];
      return [
        forbidden(
          "spec",
          "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', " +
            "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
        ),
      ];
    },
  }),
  apps("DaemonSet", "daemonsets", "ds", {
    subresources: ["status"],
    columns: columns.daemonSetColumns,
    setDefaults: (object) => {
      const set = ensure(object, "spec");
      fill(set, "revisionHistoryLimit", 10);
      const strategy = ensure(set, "updateStrategy");
      fillZero(strategy, "type", "RollingUpdate");
      if (strategy["type"] === "RollingUpdate") {
        const rolling = ensure(strategy, "rollingUpdate");
        fill(rolling, "maxUnavailable", 1);
        fill(rolling, "maxSurge", 0);
      }
      templateSpec(object);
    },
    prepareCreate: (object) => {
      object["status"] = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 };
    },
    validate: (object) => validateSelectorAndTemplate(spec(object)),
    validateUpdate: immutable("spec", "selector"),
  }),
  apps("ControllerRevision", "controllerrevisions", "", {
    categories: [],
    hasGeneration: false,
    prepareCreate: dropStatus,
    columns: columns.controllerRevisionColumns,
    validateUpdate: immutable("data"),
  }),
  {
    group: "batch",
    version: "v1",
    kind: "Job",
    plural: "jobs",
    namespaced: true,
    categories: ["all"],
    message: "batch.Job",
    subresources: ["status"],
    selectableFields: ["status.successful"],
    columns: columns.jobColumns,
    setDefaults: (object) => {
      defaultJobSpec(ensure(object, "spec"));
    },
    prepareCreate: (object) => {
      emptyStatus(object);
      const job = ensure(object, "spec");
      if (job["manualSelector"] === true) return;
      // The uid is set before this hook, as the generated selector names it.
      const uid = object.metadata.uid ?? "";
      const own = { "batch.kubernetes.io/controller-uid": uid };
      job["selector"] = { matchLabels: own };
      const labels = ensure(ensure(ensure(job, "template"), "metadata"), "labels");
      const name = object.metadata.name ?? "";
      Object.assign(labels, own, { "controller-uid": uid, "batch.kubernetes.io/job-name": name, "job-name": name });
    },
    validate: (object) => [
      ...nonNegative(spec(object), "parallelism"),
      ...nonNegative(spec(object), "completions"),
      ...nonNegative(spec(object), "backoffLimit"),
      ...validatePodSpec(child(object, "spec", "template")["spec"], "spec.template.spec"),
      ...jobRestartPolicy(child(object, "spec", "template", "spec"), "spec.template.spec"),
    ],
    validateUpdate: (next, old) => [
      ...immutable("spec", "completions")(next, old),
      ...immutable("spec", "selector")(next, old),
      ...immutable("spec", "template")(next, old),
    ],
  },
  {
    group: "batch",
    version: "v1",
    kind: "CronJob",
    plural: "cronjobs",
    namespaced: true,
    shortNames: ["cj"],
    categories: ["all"],
    message: "batch.CronJob",
    subresources: ["status"],
    columns: columns.cronJobColumns,
    setDefaults: (object) => {
      const cron = ensure(object, "spec");
      fillZero(cron, "concurrencyPolicy", "Allow");
      fill(cron, "suspend", false);
      fill(cron, "successfulJobsHistoryLimit", 3);
      fill(cron, "failedJobsHistoryLimit", 1);
      const pod = child(cron, "jobTemplate", "spec", "template")["spec"];
      if (isFields(pod)) defaultPodSpec(pod);
    },
    prepareCreate: emptyStatus,
    validate: (object) => {
      const base = "spec.jobTemplate.spec.template.spec";
      const pod = child(object, "spec", "jobTemplate", "spec", "template", "spec");
      const schedule = text(spec(object)["schedule"]);
      return [...(schedule === "" ? [required("spec.schedule")] : []), ...validatePodSpec(pod, base), ...jobRestartPolicy(pod, base)];
    },
  },
  {
    group: "networking.k8s.io",
    version: "v1",
    kind: "Ingress",
    plural: "ingresses",
    namespaced: true,
    shortNames: ["ing"],
    message: "networking.Ingress",
    subresources: ["status"],
    columns: columns.ingressColumns,
    setDefaults: (object) => {
      ensure(object, "spec");
    },
    prepareCreate: (object) => {
      object["status"] = { loadBalancer: {} };
    },
    validate: (object) => validateIngressSpec(spec(object)),
  },
  {
    group: "networking.k8s.io",
    version: "v1",
    kind: "IngressClass",
    plural: "ingressclasses",
    namespaced: false,
    message: "networking.IngressClass",
    columns: columns.ingressClassColumns,
    validateUpdate: immutable("spec", "controller"),
  },
  {
    group: "coordination.k8s.io",
    version: "v1",
    kind: "Lease",
    plural: "leases",
    namespaced: true,
    message: "coordination.Lease",
    hasGeneration: false,
    columns: columns.leaseColumns,
  },
  {
    group: "discovery.k8s.io",
    version: "v1",
    kind: "EndpointSlice",
    plural: "endpointslices",
    namespaced: true,
    message: "discovery.EndpointSlice",
    columns: columns.endpointSliceColumns,
    setDefaults: (object) => {
      for (const port of items(object["ports"])) {
        fill(port, "name", "");
        fill(port, "protocol", "TCP");
      }
    },
    validate: (object) =>
      ["IPv4", "IPv6", "FQDN"].includes(text(object["addressType"]))
        ? []
        : [notSupported("addressType", object["addressType"] ?? "", ["FQDN", "IPv4", "IPv6"])],
    validateUpdate: immutable("addressType"),
  },
  {
    group: "apiextensions.k8s.io",
    version: "v1",
    kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
    namespaced: false,
    shortNames: ["crd", "crds"],
    categories: ["api-extensions"],
    subresources: ["status"],
    columns: columns.crdColumns,
    setDefaults: (object) => {
      const crd = ensure(object, "spec");
      fill(crd, "conversion", { strategy: "None" });
      const names = ensure(crd, "names");
      const kind = text(names["kind"]);
      fillZero(names, "singular", kind.toLowerCase());
      fillZero(names, "listKind", `${kind}List`);
    },
    prepareCreate: (object) => {
      object["status"] = { conditions: [], acceptedNames: { plural: "", kind: "" }, storedVersions: [] };
    },
    validate: validateCustomResourceDefinition,
    validateUpdate: immutable("spec", "scope"),
  },
  ...(["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"] as const).map((kind): KindDefinition => ({
    group: "admissionregistration.k8s.io",
    version: "v1",
    kind,
    plural: `${kind.toLowerCase()}s`,
    namespaced: false,
    categories: ["api-extensions"],
    message: `admissionregistration.${kind}`,
    columns: columns.webhookColumns,
    setDefaults: defaultWebhooks,
    validate: validateWebhooks,
  })),
  {
    group: "authorization.k8s.io",
    version: "v1",
    kind: "SelfSubjectAccessReview",
    plural: "selfsubjectaccessreviews",
    namespaced: false,
    virtual: true,
    message: "authorization.SelfSubjectAccessReview",
  },
];

function jobRestartPolicy(pod: Fields, base: string): FieldProblem[] {
  const policy = text(pod["restartPolicy"]);
  return policy === "OnFailure" || policy === "Never" ? [] : [notSupported(`${base}.restartPolicy`, policy, ["Never", "OnFailure"])];
}

function progressDeadline(deployment: Fields): FieldProblem[] {
  const [deadline, minReady] = [deployment["progressDeadlineSeconds"], deployment["minReadySeconds"] ?? 0];
  if (typeof deadline !== "number" || typeof minReady !== "number" || deadline > minReady) return [];
  return [invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")];
}

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
