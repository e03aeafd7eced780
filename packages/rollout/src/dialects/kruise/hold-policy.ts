/**
 * The guard as a policy that the API server evaluates by itself: what `holdDeployment` decides, as far as it can be told
 * without looking at ReplicaSets, so that a change is held while no replica of ours is there to answer.
 *
 * Its parameters are the Rollouts of the Deployment's namespace: it is evaluated once for each of them.
 */
import { podTemplateHashLabel } from "@slipway/kube";
import {
  detachAnnotation,
  inProgressingAnnotation,
  rolloutFinalizer,
  rolloutIdKey,
  storageApiVersion,
  unsupportedReason,
} from "../../names.ts";

/** `spec` of a MutatingAdmissionPolicy (admissionregistration.k8s.io/v1, in Kubernetes 1.34 v1beta1). */
export interface HoldPolicy {
  readonly failurePolicy: "Ignore";
  readonly matchConstraints: object;
  /** All must hold. In CEL, of `object`, `oldObject` and `params`. */
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
  readonly mutations: readonly object[];
  readonly paramKind: { readonly apiVersion: string; readonly kind: string };
  readonly reinvocationPolicy: "Never";
}

export const holdDeploymentPolicy: HoldPolicy = {
  failurePolicy: "Ignore",
  matchConstraints: {
    matchPolicy: "Equivalent",
    namespaceSelector: {},
    objectSelector: {},
    resourceRules: [{ apiGroups: ["apps"], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["deployments"], scope: "*" }],
  },
  matchConditions: [
    { name: "this-workload", expression: isWorkloadOfRollout() },
    { name: "accepted-rollout", expression: isAccepted() },
    { name: "to-be-held", expression: isToBeHeld() },
  ],
  mutations: [
    {
      patchType: "ApplyConfiguration",
      applyConfiguration: {
        expression:
          `${inProgress("object")} ? Object{spec: Object.spec{paused: true}} : ` +
          `Object{metadata: Object.metadata{annotations: {'${inProgressingAnnotation}': '{"rolloutName":"' + params.metadata.name + '"}'}}, ` +
          "spec: Object.spec{paused: true}}",
      },
    },
  ],
  paramKind: { apiVersion: storageApiVersion, kind: "Rollout" },
  reinvocationPolicy: "Never",
};

function isWorkloadOfRollout(): string {
  const ref = "params.spec.workloadRef";
  return `${ref}.kind == 'Deployment' && ${ref}.name == object.metadata.name && ${ref}.apiVersion.startsWith('apps/')`;
}

/** The controller has adopted the workload, and nobody took it away again. */
function isAccepted(): string {
  return [
    "!has(params.metadata.deletionTimestamp)",
    `!${hasKey("params.metadata", "annotations", detachAnnotation)}`,
    `has(params.metadata.finalizers) && '${rolloutFinalizer}' in params.metadata.finalizers`,
    "has(params.status) && has(params.status.phase) && params.status.phase != 'Disabled'",
    `!(has(params.status.conditions) && params.status.conditions.exists(c, c.reason == '${unsupportedReason}'))`,
  ].join(" && ");
}

function isToBeHeld(): string {
  const loose = "!(has(object.spec.paused) && object.spec.paused)";
  const runs = "object.spec.replicas != 0 && has(object.status) && has(object.status.replicas) && object.status.replicas != 0";
  const routed = "has(params.spec.strategy.canary) && has(params.spec.strategy.canary.trafficRoutings)";
  const updated = "has(object.status.updatedReplicas) && object.status.updatedReplicas == object.status.replicas";
  return `${inProgress("object")} ? ${loose} : (${runs} && (!(${routed}) || (${updated})) && ${isNewRevision()})`;
}

/** Another template, unless the user's release id says that it is the same release. */
function isNewRevision(): string {
  const id = (object: string): string =>
    `(${hasKey(`${object}.metadata`, "annotations", rolloutIdKey)} ? ${object}.metadata.annotations['${rolloutIdKey}'] : '')`;
  const template = (object: string): string => `${object}.spec.template`;
  const annotations = (object: string): string =>
    `(has(${template(object)}.metadata.annotations) ? ${template(object)}.metadata.annotations : {})`;
  const sameTemplate = [
    `${template("object")}.spec == ${template("oldObject")}.spec`,
    labelsWithin(template("object"), template("oldObject")),
    labelsWithin(template("oldObject"), template("object")),
    `${annotations("object")} == ${annotations("oldObject")}`,
  ].join(" && ");
  return `!(${sameTemplate}) && (${id("object")} == '' || ${id("object")} != ${id("oldObject")})`;
}

/** Each label of one template but the hash is in the other with the same value. */
function labelsWithin(one: string, other: string): string {
  const [labels, others] = [`${one}.metadata.labels`, `${other}.metadata.labels`];
  return `${labels}.all(k, k == '${podTemplateHashLabel}' || (k in ${others} && ${others}[k] == ${labels}[k]))`;
}

function inProgress(object: string): string {
  return hasKey(`${object}.metadata`, "annotations", inProgressingAnnotation);
}

function hasKey(parent: string, field: string, key: string): string {
  return `(has(${parent}.${field}) && '${key}' in ${parent}.${field})`;
}
