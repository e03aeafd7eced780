import type { KindDefinition, Schema } from "../kind.ts";
import { anyObject, conditions, flag, objectReference, text } from "./shared-schema.ts";

const int64: Schema = { type: "integer", format: "int64" };

const component: Schema = {
  typeName: "ApplicationComponent",
  type: "object",
  required: ["name", "type"],
  properties: {
    name: text,
    type: { ...text, description: "The name of a ComponentDefinition." },
    externalRevision: text,
    properties: anyObject,
    dependsOn: { type: "array", items: text },
    inputs: { type: "array", items: { type: "object", required: ["from"], properties: { from: text, parameterKey: text } } },
    outputs: { type: "array", items: { type: "object", required: ["name", "valueFrom"], properties: { name: text, valueFrom: text } } },
    traits: {
      type: "array",
      items: { typeName: "ApplicationTrait", type: "object", required: ["type"], properties: { type: text, properties: anyObject } },
    },
    scopes: { type: "object", additionalProperties: text },
    replicaKey: text,
  },
};

const service: Schema = {
  typeName: "ApplicationServiceStatus",
  type: "object",
  required: ["healthy", "name"],
  properties: {
    name: text,
    namespace: text,
    cluster: text,
    healthy: flag,
    message: text,
    workloadDefinition: { type: "object", required: ["apiVersion", "kind"], properties: { apiVersion: text, kind: text } },
    traits: {
      type: "array",
      items: { type: "object", required: ["healthy", "type"], properties: { type: text, healthy: flag, message: text } },
    },
  },
};

const status: Schema = {
  typeName: "ApplicationStatus",
  type: "object",
  "x-kubernetes-preserve-unknown-fields": true,
  properties: {
    status: { ...text, description: "The phase: starting, rendering, running, unhealthy, deleting, …" },
    observedGeneration: int64,
    conditions,
    services: { type: "array", items: service },
    appliedResources: {
      type: "array",
      items: {
        ...objectReference,
        typeName: "AppliedResource",
        properties: { ...objectReference.properties, cluster: text, creator: text },
      },
    },
  },
};

export const applicationKind: KindDefinition = {
  group: "core.oam.dev",
  kind: "Application",
  plural: "applications",
  singular: "application",
  shortNames: ["app"],
  categories: ["oam"],
  versions: [
    {
      name: "v1beta1",
      served: true,
      storage: true,
      statusSubresource: true,
      printerColumns: [
        { name: "COMPONENT", type: "string", jsonPath: ".spec.components[*].name" },
        { name: "TYPE", type: "string", jsonPath: ".spec.components[*].type" },
        { name: "PHASE", type: "string", jsonPath: ".status.status" },
        { name: "HEALTHY", type: "boolean", jsonPath: ".status.services[*].healthy" },
        { name: "STATUS", type: "string", jsonPath: ".status.services[*].message" },
        { name: "AGE", type: "date", jsonPath: ".metadata.creationTimestamp" },
      ],
      schema: {
        typeName: "Application",
        description: "Components that are rendered to Kubernetes objects.",
        type: "object",
        properties: {
          spec: {
            typeName: "ApplicationSpec",
            type: "object",
            required: ["components"],
            properties: {
              components: { type: "array", items: component },
              policies: { type: "array", items: anyObject },
              workflow: anyObject,
            },
          },
          status,
        },
      },
    },
  ],
};
