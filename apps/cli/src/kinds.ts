import type { Resource } from "@slipway/kube";

/** Our kinds, at the version that the CLI reads. */
export const workflowRuns: Resource = {
  group: "core.oam.dev",
  version: "v1alpha1",
  kind: "WorkflowRun",
  plural: "workflowruns",
  namespaced: true,
};
export const applications: Resource = {
  group: "core.oam.dev",
  version: "v1beta1",
  kind: "Application",
  plural: "applications",
  namespaced: true,
};
