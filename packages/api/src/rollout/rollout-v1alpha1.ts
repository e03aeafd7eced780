import type { KindVersion, Schema } from "../kind.ts";
import {
  flag,
  headerMatches,
  intOrPercent,
  patchPodTemplateMetadata,
  pause,
  requestHeaderModifier,
  status,
  text,
  trafficRoutings,
  workloadRef,
} from "./shared-schema.ts";

const objectRef: Schema = { typeName: "ObjectRef", type: "object", properties: { workloadRef } };

const step: Schema = {
  typeName: "CanaryStepV1alpha1",
  type: "object",
  properties: {
    weight: { type: "integer", format: "int32", description: "Share of requests for the new version, in percent." },
    requestHeaderModifier,
    matches: { type: "array", maxItems: 16, items: { type: "object", properties: { headers: headerMatches } } },
    replicas: { ...intOrPercent, description: "Pods of the new version; default: weight as a percentage." },
    pause,
  },
};

export const rolloutV1alpha1: KindVersion = {
  name: "v1alpha1",
  served: true,
  storage: false,
  statusSubresource: true,
  printerColumns: [
    { name: "STATUS", type: "string", jsonPath: ".status.phase", description: "The rollout status phase" },
    {
      name: "CANARY_STEP",
      type: "integer",
      jsonPath: ".status.canaryStatus.currentStepIndex",
      description: "The rollout canary status step",
    },
    {
      name: "CANARY_STATE",
      type: "string",
      jsonPath: ".status.canaryStatus.currentStepState",
      description: "The rollout canary status step state",
    },
    { name: "MESSAGE", type: "string", jsonPath: ".status.message", description: "The rollout canary status message" },
    { name: "AGE", type: "date", jsonPath: ".metadata.creationTimestamp" },
  ],
  schema: {
    typeName: "RolloutV1alpha1",
    description: "A release of one workload, step by step (older version).",
    type: "object",
    properties: {
      spec: {
        typeName: "RolloutSpecV1alpha1",
        type: "object",
        properties: {
          objectRef,
          rolloutID: { ...text, description: "Deprecated; use the label rollouts.kruise.io/rollout-id of the workload." },
          strategy: {
            typeName: "RolloutStrategyV1alpha1",
            type: "object",
            properties: {
              objectRef: { ...objectRef, description: "Older spelling of spec.objectRef." },
              paused: { ...flag, description: "Freezes the release where it is." },
              canary: {
                typeName: "CanaryStrategyV1alpha1",
                type: "object",
                properties: {
                  steps: { type: "array", items: step },
                  trafficRoutings: trafficRoutings({ type: { ...text, description: "Older spelling of ingress.classType." } }),
                  failureThreshold: intOrPercent,
                  patchPodTemplateMetadata,
                  disableGenerateCanaryService: flag,
                },
              },
            },
          },
          disabled: { ...flag, description: "Stops controlling the workload." },
        },
      },
      status: status({}),
    },
  },
};
