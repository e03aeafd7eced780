/** All objects of an installation, in the order in which they are applied. */
import { crds } from "@slipway/api";
import type { KubeObject } from "@slipway/kube";
import { commonLabels } from "./names.ts";
import type { InstallOptions } from "./options.ts";
import { featureAccess, managerAccess, serviceAccount } from "./rbac.ts";
import { disruptionBudget, managerDeployment, namespaceObject, webhookConfigurations, webhookService } from "./workload.ts";

/** A file of objects that are kept together, here and in the generated folders. */
export interface ManifestGroup {
  /** `rbac-rollout` */
  readonly name: string;
  readonly objects: readonly KubeObject[];
}

/** Without the CRDs. Every object is ready to be applied on its own. */
export function manifestGroups(options: InstallOptions): ManifestGroup[] {
  const { namespace } = options;
  const groups: ManifestGroup[] = [
    { name: "namespace", objects: [namespaceObject(namespace)] },
    { name: "rbac", objects: [serviceAccount(namespace), ...managerAccess(options)] },
    ...options.features.map((feature) => ({ name: `rbac-${feature}`, objects: featureAccess(feature, options) })),
    { name: "webhooks", objects: [webhookService(namespace), ...webhookConfigurations()] },
    { name: "manager", objects: [disruptionBudget(namespace), managerDeployment(options)] },
  ];
  const labels = { ...options.labels, ...commonLabels };
  return groups.map(({ name, objects }) => ({
    name,
    objects: objects.map((object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } },
    })),
  }));
}

/** The namespace, the CRDs, then everything else. */
export function manifests(options: InstallOptions): KubeObject[] {
  const [namespace, ...others] = manifestGroups(options).flatMap(({ objects }) => objects);
  return [...(namespace === undefined ? [] : [namespace]), ...crds, ...others];
}
