import type { KindDefinition } from "../kind.ts";
import { executeMode, workflowSteps } from "./shared-schema.ts";

/** A template for runs. Upstream keeps its fields at the top level, not under `spec`. */
export const workflowKind: KindDefinition = {
  group: "core.oam.dev",
  kind: "Workflow",
  plural: "workflows",
  singular: "workflow",
  shortNames: [],
  categories: ["oam"],
  versions: [
    {
      name: "v1alpha1",
      served: true,
      storage: true,
      statusSubresource: false,
      printerColumns: [],
      schema: {
        typeName: "Workflow",
        description: "Steps that runs may refer to.",
        type: "object",
        properties: { mode: executeMode, steps: workflowSteps },
      },
    },
  ],
};
