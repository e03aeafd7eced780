import type { KindDefinition, Schema } from "../kind.ts";
import { anyObject, conditions, executeMode, flag, objectReference, stepStatuses, text, time, workflowSteps } from "./shared-schema.ts";

const status: Schema = {
  typeName: "WorkflowRunStatus",
  type: "object",
  required: ["finished", "mode", "status", "suspend", "terminated"],
  properties: {
    conditions,
    mode: { ...executeMode, description: "Frozen when the run is initialised." },
    status: { ...text, description: "The phase of the run." },
    message: text,
    suspend: flag,
    suspendState: text,
    terminated: flag,
    finished: { ...flag, description: "Ends all reconciling." },
    contextBackend: { ...objectReference, description: "The ConfigMap that holds variables and journal." },
    steps: { ...stepStatuses, description: "In the order of their first record." },
    startTime: time,
    endTime: time,
    slipway: {
      typeName: "WorkflowRunWaiting",
      description: "An extension: what the run waits for. Older clients ignore it.",
      type: "object",
      properties: {
        waitingFor: {
          type: "array",
          items: {
            typeName: "WorkflowWaitingFor",
            type: "object",
            required: ["step", "condition"],
            properties: { step: text, object: text, condition: text, since: time, deadline: time, unblock: text },
          },
        },
      },
    },
  },
};

export const workflowRunKind: KindDefinition = {
  group: "core.oam.dev",
  kind: "WorkflowRun",
  plural: "workflowruns",
  singular: "workflowrun",
  shortNames: ["wr"],
  categories: ["oam"],
  versions: [
    {
      name: "v1alpha1",
      served: true,
      storage: true,
      statusSubresource: true,
      printerColumns: [
        { name: "PHASE", type: "string", jsonPath: ".status.status" },
        { name: "AGE", type: "date", jsonPath: ".metadata.creationTimestamp" },
      ],
      schema: {
        typeName: "WorkflowRun",
        description: "One run of a workflow.",
        type: "object",
        properties: {
          spec: {
            typeName: "WorkflowRunSpec",
            type: "object",
            properties: {
              context: { ...anyObject, description: "Merged into the CUE context of every step." },
              mode: executeMode,
              workflowSpec: { type: "object", description: "Wins over workflowRef.", properties: { steps: workflowSteps } },
              workflowRef: { ...text, description: "A Workflow in the same namespace." },
            },
          },
          status,
        },
      },
    },
  ],
};
