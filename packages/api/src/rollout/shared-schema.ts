/** Parts that both versions of Rollout share (OpenKruise Rollouts v0.6, `rollouts.kruise.io`). */
import type { Schema } from "../kind.ts";

export const text: Schema = { type: "string" };
export const flag: Schema = { type: "boolean" };
export const seconds: Schema = { type: "integer", format: "int32" };
export const intOrPercent: Schema = { "x-kubernetes-int-or-string": true };
const int32: Schema = { type: "integer", format: "int32" };
const int64: Schema = { type: "integer", format: "int64" };
const time: Schema = { type: "string", format: "date-time" };
const stringMap: Schema = { type: "object", additionalProperties: text };
const headerPattern = "^[A-Za-z0-9!#$%&'*+\\-.^_\\x60|~]+$";

export const workloadRef: Schema = {
  typeName: "WorkloadRef",
  description: "The workload to release, in the same namespace.",
  type: "object",
  required: ["apiVersion", "kind", "name"],
  properties: { apiVersion: text, kind: text, name: text },
};

export const pause: Schema = {
  typeName: "RolloutPause",
  description: "Without a duration the step waits for approval.",
  type: "object",
  properties: { duration: { ...seconds, description: "Seconds." } },
};

const httpHeader: Schema = {
  type: "object",
  required: ["name", "value"],
  properties: {
    name: { type: "string", minLength: 1, maxLength: 256, pattern: headerPattern },
    value: { type: "string", minLength: 1, maxLength: 4096 },
  },
};
const headerList: Schema = {
  type: "array",
  maxItems: 16,
  items: httpHeader,
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["name"],
};

export const requestHeaderModifier: Schema = {
  typeName: "RequestHeaderModifier",
  description: "Changes to the headers of requests that go to the new version.",
  type: "object",
  properties: { set: headerList, add: headerList, remove: { type: "array", maxItems: 16, items: text, "x-kubernetes-list-type": "set" } },
};

function valueMatches(maxLength: number): Schema {
  return {
    type: "array",
    maxItems: 16,
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
    items: {
      type: "object",
      required: ["name", "value"],
      properties: {
        type: { type: "string", enum: ["Exact", "RegularExpression"], default: "Exact" },
        name: { type: "string", minLength: 1, maxLength: 256, pattern: headerPattern },
        value: { type: "string", minLength: 1, maxLength },
      },
    },
  };
}

export const headerMatches: Schema = valueMatches(4096);
export const queryMatches: Schema = valueMatches(1024);
export const pathMatch: Schema = {
  type: "object",
  properties: {
    type: { type: "string", enum: ["Exact", "PathPrefix", "RegularExpression"], default: "PathPrefix" },
    value: { type: "string", maxLength: 1024, default: "/" },
  },
};

const networkRef: Schema = {
  type: "object",
  required: ["apiVersion", "kind", "name"],
  properties: { apiVersion: text, kind: text, name: text },
};

/** `extra` are fields of one version only. */
export function trafficRoutings(extra: Readonly<Record<string, Schema>>): Schema {
  return {
    type: "array",
    description: "Only the first entry is used.",
    items: {
      typeName: "TrafficRoutingRef",
      type: "object",
      required: ["service"],
      properties: {
        service: text,
        gracePeriodSeconds: { ...seconds, default: 3, description: "Seconds to wait after each change of a route." },
        ingress: { type: "object", required: ["name"], properties: { classType: text, name: text } },
        gateway: { type: "object", properties: { httpRouteName: text } },
        customNetworkRefs: { type: "array", items: networkRef },
        ...extra,
      },
    },
  };
}

export const patchPodTemplateMetadata: Schema = {
  typeName: "PatchPodTemplateMetadata",
  type: "object",
  properties: { annotations: stringMap, labels: stringMap },
};

const commonStatus: Readonly<Record<string, Schema>> = {
  observedWorkloadGeneration: int64,
  observedRolloutID: text,
  rolloutHash: text,
  stableRevision: text,
  podTemplateHash: text,
  currentStepIndex: { ...int32, description: "1-based." },
  nextStepIndex: { ...int32, description: "-1 after the last step. Writable, to jump." },
  finalisingStep: text,
  currentStepState: { type: "string", description: "Writable: StepReady approves a paused step." },
  message: text,
  lastUpdateTime: time,
};
const commonRequired = ["nextStepIndex", "finalisingStep", "currentStepState", "podTemplateHash"];

const canaryStatus: Schema = {
  typeName: "CanaryStatus",
  type: "object",
  required: [...commonRequired, "canaryRevision", "canaryReplicas", "canaryReadyReplicas"],
  properties: { ...commonStatus, canaryRevision: text, canaryReplicas: int32, canaryReadyReplicas: int32 },
};
const blueGreenStatus: Schema = {
  typeName: "BlueGreenStatus",
  type: "object",
  required: [...commonRequired, "updatedRevision", "updatedReplicas", "updatedReadyReplicas"],
  properties: { ...commonStatus, updatedRevision: text, updatedReplicas: int32, updatedReadyReplicas: int32 },
};

const condition: Schema = {
  typeName: "RolloutCondition",
  type: "object",
  required: ["type", "status", "reason", "message"],
  properties: { type: text, status: text, lastUpdateTime: time, lastTransitionTime: time, reason: text, message: text },
};

const waitingFor: Schema = {
  typeName: "RolloutWaitingFor",
  description: "What the release waits for, and who can end the wait.",
  type: "object",
  required: ["object", "condition", "since"],
  properties: {
    object: text,
    condition: text,
    since: time,
    deadline: { ...time, description: "After it, a person has to decide." },
    overdue: { ...flag, description: "The deadline passed." },
    unblock: { type: "string", description: "What ends the wait: a command, or what happens by itself." },
  },
};

/** `extra` are fields of one version only. */
export function status(extra: Readonly<Record<string, Schema>>): Schema {
  return {
    typeName: "RolloutStatus",
    type: "object",
    properties: {
      observedGeneration: int64,
      canaryStatus,
      ...extra,
      conditions: { type: "array", items: condition },
      phase: text,
      message: text,
      slipway: {
        typeName: "RolloutSlipwayStatus",
        description: "Added by Slipway; other clients ignore it.",
        type: "object",
        properties: {
          guard: { type: "string", description: "How a template change is caught: admission, or late." },
          waitingFor,
        },
      },
    },
  };
}

/** Fields of v1beta1's status only. */
export const betaStatus: Readonly<Record<string, Schema>> = { blueGreenStatus, currentStepIndex: int32, currentStepState: text };
