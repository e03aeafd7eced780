import type { KindVersion, Schema } from "../kind.ts";
import {
  betaStatus,
  flag,
  headerMatches,
  intOrPercent,
  patchPodTemplateMetadata,
  pathMatch,
  pause,
  queryMatches,
  requestHeaderModifier,
  status,
  text,
  trafficRoutings,
  workloadRef,
} from "./shared-schema.ts";

const step: Schema = {
  typeName: "CanaryStep",
  type: "object",
  properties: {
    traffic: { type: "string", description: 'Share of requests for the new version, e.g. "20%".' },
    requestHeaderModifier,
    matches: {
      type: "array",
      maxItems: 16,
      items: {
        typeName: "HttpRouteMatch",
        type: "object",
        properties: { path: pathMatch, headers: headerMatches, queryParams: queryMatches },
      },
    },
    replicas: { ...intOrPercent, description: "Pods of the new version." },
    pause,
  },
};

const steps: Schema = { type: "array", maxItems: 50, items: step };
const shared: Readonly<Record<string, Schema>> = {
  steps,
  trafficRoutings: trafficRoutings({}),
  failureThreshold: intOrPercent,
  trafficRoutingRef: text,
  disableGenerateCanaryService: flag,
};

export const rolloutV1beta1: KindVersion = {
  name: "v1beta1",
  served: true,
  storage: true,
  statusSubresource: true,
  printerColumns: [
    { name: "STATUS", type: "string", jsonPath: ".status.phase", description: "The rollout status phase" },
    { name: "CANARY_STEP", type: "integer", jsonPath: ".status.currentStepIndex", description: "The rollout canary status step" },
    { name: "CANARY_STATE", type: "string", jsonPath: ".status.currentStepState", description: "The rollout canary status step state" },
    { name: "MESSAGE", type: "string", jsonPath: ".status.message", description: "The rollout canary status message" },
    { name: "AGE", type: "date", jsonPath: ".metadata.creationTimestamp" },
  ],
  schema: {
    typeName: "Rollout",
    description: "A release of one workload, step by step.",
    type: "object",
    properties: {
      spec: {
        typeName: "RolloutSpec",
        type: "object",
        required: ["workloadRef", "strategy"],
        properties: {
          workloadRef,
          strategy: {
            typeName: "RolloutStrategy",
            type: "object",
            properties: {
              paused: { ...flag, description: "Freezes the release where it is." },
              canary: {
                typeName: "CanaryStrategy",
                type: "object",
                properties: { ...shared, patchPodTemplateMetadata, enableExtraWorkloadForCanary: flag },
              },
              blueGreen: { typeName: "BlueGreenStrategy", type: "object", properties: shared },
            },
          },
          disabled: { ...flag, description: "Stops controlling the workload." },
        },
      },
      status: status(betaStatus),
    },
  },
};
