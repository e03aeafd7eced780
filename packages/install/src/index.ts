/**
 * install: the objects of which an installation in a cluster is made, as plain values. Pure.
 *
 *   options ─► manifests.ts ─► `slipway install` │ deploy/kustomize, deploy/helm (`npm run generate`)
 *
 * Start reading at `manifests.ts`; `rules.ts` says what the manager may do and why.
 */
export type { FeatureName, InstallOptions } from "./options.ts";
export { defaultOptions, featureNames, version } from "./options.ts";
export type { ManifestGroup } from "./manifests.ts";
export { manifestGroups, manifests } from "./manifests.ts";
export type { PolicyRule, Verb } from "./rules.ts";
export { aggregationLabel, extensibleFeatures, featureRules, managerRules, ownNamespaceRules } from "./rules.ts";
export {
  certificateSecretName,
  commonLabels,
  defaultNamespace,
  managedByLabel,
  managerLabels,
  managerName,
  partOfLabel,
  webhookConfigurationName,
  webhookServiceName,
} from "./names.ts";
export { helmFiles } from "./helm.ts";
export { kustomizeFiles } from "./kustomize.ts";
