/** Definitions written in CUE: of workflow steps and of Application components. */
import type { KindDefinition } from "../kind.ts";
import { anyObject, definitionStatus, schematic, text } from "./shared-schema.ts";

export const workflowStepDefinitionKind: KindDefinition = {
  group: "core.oam.dev",
  kind: "WorkflowStepDefinition",
  plural: "workflowstepdefinitions",
  singular: "workflowstepdefinition",
  shortNames: ["workflowstep"],
  categories: ["oam"],
  versions: [
    {
      name: "v1beta1",
      served: true,
      storage: true,
      statusSubresource: true,
      printerColumns: [],
      schema: {
        typeName: "WorkflowStepDefinition",
        description: "A step type; `spec.schematic.cue.template` is what the engine reads.",
        type: "object",
        properties: {
          spec: {
            typeName: "WorkflowStepDefinitionSpec",
            type: "object",
            properties: {
              definitionRef: { type: "object", required: ["name"], properties: { name: text, version: text } },
              version: text,
              schematic,
            },
          },
          status: definitionStatus,
        },
      },
    },
  ],
};

export const componentDefinitionKind: KindDefinition = {
  group: "core.oam.dev",
  kind: "ComponentDefinition",
  plural: "componentdefinitions",
  singular: "componentdefinition",
  shortNames: ["comp"],
  categories: ["oam"],
  versions: [
    {
      name: "v1beta1",
      served: true,
      storage: true,
      statusSubresource: true,
      printerColumns: [
        { name: "WORKLOAD-KIND", type: "string", jsonPath: ".spec.workload.definition.kind" },
        { name: "DESCRIPTION", type: "string", jsonPath: ".metadata.annotations.definition\\.oam\\.dev/description" },
      ],
      schema: {
        typeName: "ComponentDefinition",
        description: "A component type; `spec.schematic.cue.template` renders it.",
        type: "object",
        properties: {
          spec: {
            typeName: "ComponentDefinitionSpec",
            type: "object",
            properties: {
              workload: {
                type: "object",
                properties: {
                  type: text,
                  definition: { type: "object", required: ["apiVersion", "kind"], properties: { apiVersion: text, kind: text } },
                },
              },
              childResourceKinds: { type: "array", items: anyObject },
              podSpecPath: text,
              revisionLabel: text,
              status: {
                type: "object",
                properties: { customStatus: text, healthPolicy: text, details: text },
                "x-kubernetes-preserve-unknown-fields": true,
              },
              schematic,
              extension: anyObject,
              version: text,
            },
          },
          status: definitionStatus,
        },
      },
    },
  ],
};
