/** ServiceAccount, roles and bindings. One ClusterRole a feature, so that leaving a feature out leaves its rights out. */
import type { KubeObject } from "@slipway/kube";
import { managerName } from "./names.ts";
import type { FeatureName, InstallOptions } from "./options.ts";
import { aggregationLabel, extensibleFeatures, featureRules, managerRules, ownNamespaceRules } from "./rules.ts";

const apiVersion = "rbac.authorization.k8s.io/v1";

export function serviceAccount(namespace: string): KubeObject {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: managerName, namespace }, automountServiceAccountToken: false };
}

/** What every installation has. */
export function managerAccess({ namespace }: Pick<InstallOptions, "namespace">): KubeObject[] {
  return [
    { apiVersion, kind: "ClusterRole", metadata: { name: managerName }, rules: managerRules },
    clusterBinding(managerName, namespace),
    { apiVersion, kind: "Role", metadata: { name: managerName, namespace }, rules: ownNamespaceRules },
    { ...binding("RoleBinding", "Role", managerName, namespace), metadata: { name: managerName, namespace } },
  ];
}

export function featureAccess(feature: FeatureName, { namespace }: Pick<InstallOptions, "namespace">): KubeObject[] {
  const name = `slipway-${feature}`;
  const own = [{ apiVersion, kind: "ClusterRole", metadata: { name }, rules: featureRules[feature] }, clusterBinding(name, namespace)];
  if (!extensibleFeatures.includes(feature)) return own;
  const clusterRoleSelectors = [{ matchLabels: { [aggregationLabel(feature)]: "true" } }];
  return [
    ...own,
    // Its rules are written by the cluster; naming them here would be a quarrel over who owns the field.
    { apiVersion, kind: "ClusterRole", metadata: { name: `${name}-extra` }, aggregationRule: { clusterRoleSelectors } },
    clusterBinding(`${name}-extra`, namespace),
  ];
}

function clusterBinding(name: string, namespace: string): KubeObject {
  return binding("ClusterRoleBinding", "ClusterRole", name, namespace);
}

function binding(kind: string, roleKind: string, name: string, namespace: string): KubeObject {
  return {
    apiVersion,
    kind,
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: roleKind, name },
    subjects: [{ kind: "ServiceAccount", name: managerName, namespace }],
  };
}
