/**
 * What the manager may do: the verbs that its code sends, no more. tests/install holds that each watch of a feature is
 * granted, and that releases and workflows run to their end with these rules and leave none of them unused.
 *
 * - list and watch: an informer of the kind
 * - get: an answer of "exists already", or a step that reads
 * - `<kind>/finalizers` update: owner references that block the owner's deletion ask for it
 * - create cannot be restricted to a name, because a request to create has none in its path
 */
import type { Resource } from "@slipway/kube";
import { resources } from "@slipway/kube";
import {
  applicationKind,
  componentDefinitionKind,
  crds,
  resourceOf,
  rolloutKind,
  workflowKind,
  workflowRunKind,
  workflowStepDefinitionKind,
} from "@slipway/api";
import { admissionPolicyNames, certificateSecretName, webhookConfigurationName } from "./names.ts";
import type { FeatureName } from "./options.ts";

/** A rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  /** Plural, or `plural/subresource`. */
  readonly resources: readonly string[];
  readonly verbs: readonly Verb[];
  /** Absent: any name. */
  readonly resourceNames?: readonly string[];
}

export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete";

const read: readonly Verb[] = ["list", "watch"];

function rule(resource: Resource, verbs: readonly Verb[], names?: readonly string[]): PolicyRule {
  return { apiGroups: [resource.group], resources: [resource.plural], verbs, ...(names === undefined ? {} : { resourceNames: names }) };
}

function below(resource: Resource, subresource: string, verbs: readonly Verb[]): PolicyRule {
  return { apiGroups: [resource.group], resources: [`${resource.plural}/${subresource}`], verbs };
}

const [rollouts, workflowRuns, workflows, stepDefinitions, applications, componentDefinitions] = [
  resourceOf(rolloutKind),
  resourceOf(workflowRunKind),
  resourceOf(workflowKind),
  resourceOf(workflowStepDefinitionKind),
  resourceOf(applicationKind),
  resourceOf(componentDefinitionKind),
];
const crdNames = crds.map((crd) => crd.metadata.name ?? "");

const admissionPolicies = {
  apiGroups: ["admissionregistration.k8s.io"],
  resources: ["mutatingadmissionpolicies", "mutatingadmissionpolicybindings"],
};

/** In the whole cluster, whatever the features. */
export const managerRules: readonly PolicyRule[] = [
  rule(resources.customResourceDefinitions, read),
  // The installation creates them. The manager brings them up to date and enters its conversion webhook.
  rule(resources.customResourceDefinitions, ["get", "update"], crdNames),
  // Made anew when somebody deletes them to get a cluster going again.
  rule(resources.mutatingWebhookConfigurations, ["create"]),
  rule(resources.mutatingWebhookConfigurations, ["get", "update"], [webhookConfigurationName]),
  rule(resources.validatingWebhookConfigurations, ["create"]),
  rule(resources.validatingWebhookConfigurations, ["get", "update"], [webhookConfigurationName]),
  // Where the API server serves them. Those of a feature that is left out are found and deleted.
  { ...admissionPolicies, verbs: ["list", "create"] },
  { ...admissionPolicies, verbs: ["get", "update", "delete"], resourceNames: admissionPolicyNames },
  // Beside the object that they are about, in any namespace.
  rule(resources.events, ["get", "create", "patch"]),
];

/** In the manager's own namespace. */
export const ownNamespaceRules: readonly PolicyRule[] = [
  rule(resources.leases, ["get", "list", "create", "update", "delete"]),
  rule(resources.secrets, ["create"]),
  rule(resources.secrets, ["get", "update"], [certificateSecretName]),
];

/** In the whole cluster, by feature. */
export const featureRules: Readonly<Record<FeatureName, readonly PolicyRule[]>> = {
  rollout: [
    // get: asked of whoever makes an admission policy whose parameters they are.
    rule(rollouts, [...read, "get", "patch"]),
    below(rollouts, "status", ["patch"]),
    below(rollouts, "finalizers", ["update"]),
    rule(resources.deployments, [...read, "create", "patch", "delete"]),
    rule(resources.replicaSets, read),
    rule(resources.pods, read),
    rule(resources.services, [...read, "create", "patch", "delete"]),
    rule(resources.ingresses, [...read, "create", "patch", "delete"]),
  ],
  workflow: [
    rule(workflowRuns, read),
    below(workflowRuns, "status", ["patch"]),
    rule(workflows, read),
    rule(stepDefinitions, read),
    // Contexts and debug output of runs; steps export2config, apply-app and depends-on-app.
    rule(resources.configMaps, [...read, "get", "create", "patch"]),
    // Steps apply-app, read-app and depends-on-app.
    rule(applications, [...read, "get", "create", "patch"]),
    // Step apply-deployment.
    rule(resources.deployments, [...read, "get", "create", "patch"]),
  ],
  application: [
    rule(applications, read),
    below(applications, "status", ["patch"]),
    below(applications, "finalizers", ["update"]),
    rule(componentDefinitions, read),
    rule(resources.deployments, [...read, "get", "create", "patch", "delete"]),
    rule(resources.services, [...read, "get", "create", "patch", "delete"]),
  ],
};

/** Features whose templates name kinds that nobody can know beforehand: users add rules to these. */
export const extensibleFeatures: readonly FeatureName[] = ["workflow", "application"];

/** Label by which a ClusterRole of the user's is added to what a feature may do; its value is `"true"`. */
export function aggregationLabel(feature: FeatureName): string {
  return `slipway.dev/aggregate-to-${feature}`;
}
