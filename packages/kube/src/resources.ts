import type { Resource } from "./object.ts";

function resource(group: string, version: string, kind: string, plural: string, namespaced = true): Resource {
  return { group, version, kind, plural, namespaced };
}

/** The built-in kinds that Slipway reads or writes by name, so that no discovery is needed for them. */
export const resources: {
  readonly [
    Name in
      | "namespaces"
      | "nodes"
      | "pods"
      | "services"
      | "configMaps"
      | "secrets"
      | "serviceAccounts"
      | "events"
      | "endpointSlices"
      | "deployments"
      | "replicaSets"
      | "statefulSets"
      | "daemonSets"
      | "controllerRevisions"
      | "jobs"
      | "cronJobs"
      | "ingresses"
      | "ingressClasses"
      | "leases"
      | "customResourceDefinitions"
      | "mutatingWebhookConfigurations"
      | "validatingWebhookConfigurations"
  ]: Resource;
} = {
  namespaces: resource("", "v1", "Namespace", "namespaces", false),
  nodes: resource("", "v1", "Node", "nodes", false),
  pods: resource("", "v1", "Pod", "pods"),
  services: resource("", "v1", "Service", "services"),
  configMaps: resource("", "v1", "ConfigMap", "configmaps"),
  secrets: resource("", "v1", "Secret", "secrets"),
  serviceAccounts: resource("", "v1", "ServiceAccount", "serviceaccounts"),
  events: resource("", "v1", "Event", "events"),
  endpointSlices: resource("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"),
  deployments: resource("apps", "v1", "Deployment", "deployments"),
  replicaSets: resource("apps", "v1", "ReplicaSet", "replicasets"),
  statefulSets: resource("apps", "v1", "StatefulSet", "statefulsets"),
  daemonSets: resource("apps", "v1", "DaemonSet", "daemonsets"),
  controllerRevisions: resource("apps", "v1", "ControllerRevision", "controllerrevisions"),
  jobs: resource("batch", "v1", "Job", "jobs"),
  cronJobs: resource("batch", "v1", "CronJob", "cronjobs"),
  ingresses: resource("networking.k8s.io", "v1", "Ingress", "ingresses"),
  ingressClasses: resource("networking.k8s.io", "v1", "IngressClass", "ingressclasses", false),
  leases: resource("coordination.k8s.io", "v1", "Lease", "leases"),
  customResourceDefinitions: resource("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false),
  mutatingWebhookConfigurations: resource(
    "admissionregistration.k8s.io",
    "v1",
    "MutatingWebhookConfiguration",
    "mutatingwebhookconfigurations",
    false,
  ),
  validatingWebhookConfigurations: resource(
    "admissionregistration.k8s.io",
    "v1",
    "ValidatingWebhookConfiguration",
    "validatingwebhookconfigurations",
    false,
  ),
};
