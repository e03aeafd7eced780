/** Workloads: apps and batch. */
import type { KubeObject } from "@slipway/kube";
import { deepEqual } from "@slipway/std";
import * as columns from "./columns.ts";
import type { FieldProblem } from "./field-problem.ts";
import { forbidden, invalid, notSupported, required } from "./field-problem.ts";
import type { Fields } from "./fields.ts";
import { child, ensure, fill, fillZero, isFields, text } from "./fields.ts";
import type { KindDefinition, ScalePaths } from "./kind-definition.ts";
import { immutable, specOf } from "./kind-rules.ts";
import { defaultPodSpec } from "./pod-defaults.ts";
import { nonNegative, validateDeploymentStrategy, validatePodSpec, validateSelectorAndTemplate } from "./spec-validation.ts";

const workloadScale: ScalePaths = {
  specReplicas: ["spec", "replicas"],
  statusReplicas: ["status", "replicas"],
  selector: ["spec", "selector"],
};

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

function defaultRollingUpdate(rolling: Fields): void {
  fill(rolling, "maxUnavailable", "25%");
  fill(rolling, "maxSurge", "25%");
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

export const workloadKinds: readonly KindDefinition[] = [
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
      ...nonNegative(specOf(object), "replicas"),
      ...nonNegative(specOf(object), "minReadySeconds"),
      ...nonNegative(specOf(object), "revisionHistoryLimit"),
      ...validateDeploymentStrategy(specOf(object)),
      ...progressDeadline(specOf(object)),
      ...validateSelectorAndTemplate(specOf(object)),
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
    validate: (object) => [...nonNegative(specOf(object), "replicas"), ...validateSelectorAndTemplate(specOf(object))],
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
    validate: (object) => [...nonNegative(specOf(object), "replicas"), ...validateSelectorAndTemplate(specOf(object))],
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
      const fixed = (object: KubeObject): Fields => Object.fromEntries(Object.entries(specOf(object)).filter(([key]) => !free.has(key)));
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
    validate: (object) => validateSelectorAndTemplate(specOf(object)),
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
      ...nonNegative(specOf(object), "parallelism"),
      ...nonNegative(specOf(object), "completions"),
      ...nonNegative(specOf(object), "backoffLimit"),
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
      const schedule = text(specOf(object)["schedule"]);
      return [...(schedule === "" ? [required("spec.schedule")] : []), ...validatePodSpec(pod, base), ...jobRestartPolicy(pod, base)];
    },
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
