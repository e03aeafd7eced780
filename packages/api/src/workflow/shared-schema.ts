/** Parts that WorkflowRun and Workflow share (KubeVela workflow, `core.oam.dev/v1alpha1`). */
import type { Schema } from "../kind.ts";

export const text: Schema = { type: "string" };
export const flag: Schema = { type: "boolean" };
export const time: Schema = { type: "string", format: "date-time" };
export const anyObject: Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

/** Free values by design upstream: anything but `StepByStep` and `DAG` takes a default instead of being refused. */
export const executeMode: Schema = {
  typeName: "WorkflowExecuteMode",
  description: "How steps follow each other: `StepByStep` or `DAG`.",
  type: "object",
  properties: { steps: text, subSteps: text },
};

const stepBase: Readonly<Record<string, Schema>> = {
  name: { ...text, description: "Unique over steps and sub-steps." },
  type: { ...text, description: "`suspend`, `step-group` or the name of a WorkflowStepDefinition." },
  meta: { type: "object", properties: { alias: text } },
  if: { ...text, description: "`always`, or a CUE expression over status, inputs, context and parameter." },
  timeout: { ...text, description: "Go duration, e.g. `1h30m`." },
  dependsOn: { type: "array", items: text },
  inputs: {
    type: "array",
    items: { typeName: "StepInput", type: "object", required: ["from"], properties: { from: text, parameterKey: text } },
  },
  outputs: {
    type: "array",
    items: { typeName: "StepOutput", type: "object", required: ["name", "valueFrom"], properties: { name: text, valueFrom: text } },
  },
  properties: anyObject,
};

export const workflowSteps: Schema = {
  type: "array",
  items: {
    typeName: "WorkflowStep",
    type: "object",
    required: ["type"],
    properties: {
      ...stepBase,
      mode: { ...text, nullable: true, description: "Mode of this group's sub-steps." },
      subSteps: {
        type: "array",
        items: { typeName: "WorkflowStepBase", type: "object", required: ["type"], properties: stepBase },
      },
    },
  },
};

export const conditions: Schema = {
  type: "array",
  items: {
    typeName: "OamCondition",
    type: "object",
    required: ["type", "status", "lastTransitionTime", "reason"],
    properties: { type: text, status: text, lastTransitionTime: time, reason: text, message: text },
  },
};

export const objectReference: Schema = {
  typeName: "OamObjectReference",
  type: "object",
  properties: { apiVersion: text, kind: text, name: text, namespace: text, uid: text, resourceVersion: text, fieldPath: text },
};

const stepStatusBase: Readonly<Record<string, Schema>> = {
  id: text,
  name: text,
  type: text,
  phase: text,
  message: text,
  reason: text,
  firstExecuteTime: time,
  lastExecuteTime: time,
};

export const stepStatuses: Schema = {
  type: "array",
  items: {
    typeName: "WorkflowStepStatus",
    type: "object",
    required: ["id"],
    properties: {
      ...stepStatusBase,
      subSteps: { type: "array", items: { typeName: "StepStatus", type: "object", required: ["id"], properties: stepStatusBase } },
    },
  },
};

/** `spec.schematic` of definitions; the engines read only `cue.template`. */
export const schematic: Schema = {
  type: "object",
  properties: {
    cue: { type: "object", required: ["template"], properties: { template: text } },
    terraform: {
      type: "object",
      required: ["configuration"],
      properties: {
        configuration: text,
        type: { type: "string", enum: ["hcl", "json", "remote"], default: "hcl" },
        path: text,
        providerRef: { type: "object", required: ["name"], properties: { name: text, namespace: { ...text, default: "default" } } },
        customRegion: text,
        deleteResource: { ...flag, default: true },
        writeConnectionSecretToRef: { type: "object", required: ["name"], properties: { name: text, namespace: text } },
        gitCredentialsSecretReference: { type: "object", properties: { name: text, namespace: text } },
      },
    },
  },
};

/** `status` of definitions. */
export const definitionStatus: Schema = {
  type: "object",
  properties: {
    conditions,
    configMapRef: text,
    latestRevision: {
      type: "object",
      required: ["name", "revision", "revisionHash"],
      properties: { name: text, revision: { type: "integer", format: "int64" }, revisionHash: text },
    },
  },
};
