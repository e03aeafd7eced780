/** What a suite sees of the control plane that `setup.ts` provides. */
import { inject } from "vitest";
import type { Cluster } from "./open-cluster.ts";
import { openClusterAt } from "./open-cluster.ts";

export type { Cluster, Output } from "./open-cluster.ts";
export { execute } from "./open-cluster.ts";

/** Makes `namespace`, which must not exist; only `default` is taken as it is, and left. */
export function openCluster(namespace: string): Promise<Cluster> {
  return openClusterAt({ kubeconfig: inject("kubeconfig"), kubectl: inject("kubectl") }, namespace);
}
