import { applicationKind, resourceOf, workflowKind, workflowRunKind, workflowStepDefinitionKind } from "@slipway/api";
import type { Resource } from "@slipway/kube";

export const workflowRuns: Resource = resourceOf(workflowRunKind);
export const workflows: Resource = resourceOf(workflowKind);
export const stepDefinitions: Resource = resourceOf(workflowStepDefinitionKind);
export const applications: Resource = resourceOf(applicationKind);
/** Where definitions for everyone live. */
export const systemNamespace = "vela-system";
