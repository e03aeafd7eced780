/** Names that several objects, the manager's flags or the documentation refer to. */

/** Namespace unless the user chooses another. */
export const defaultNamespace = "slipway-system";
/** ServiceAccount, Deployment, PodDisruptionBudget, and the roles that every installation has. */
export const managerName = "slipway-manager";
/** Service in front of the webhook servers. */
export const webhookServiceName = "slipway-webhook";
/** Secret with the serving certificate of the webhooks; the manager makes it. */
export const certificateSecretName = "slipway-webhook-certificates";
/** Both webhook configurations; the manager fills them. */
export const webhookConfigurationName = "slipway";
/** Admission policies and their bindings that the manager makes where the API server serves such. */
export const admissionPolicyNames: readonly string[] = ["slipway-hold-deployments"];

export const nameLabel = "app.kubernetes.io/name";
export const partOfLabel = "app.kubernetes.io/part-of";
export const managedByLabel = "app.kubernetes.io/managed-by";
const componentLabel = "app.kubernetes.io/component";

/** On every object but the CRDs. */
export const commonLabels: Readonly<Record<string, string>> = { [nameLabel]: "slipway", [partOfLabel]: "slipway" };
/** What selects the manager's pods. Selectors cannot change, so neither can these. */
export const managerLabels: Readonly<Record<string, string>> = { [nameLabel]: "slipway", [componentLabel]: "manager" };
