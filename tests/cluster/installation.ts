/** The shipped installation without its pods: the manager runs as a process of the test, as the shipped ServiceAccount. */
import { join } from "node:path";
import type { Cluster } from "./cluster.ts";

const deploy = join(import.meta.dirname, "../../deploy");

/** Applies what `deploy/` holds and returns the path of a kubeconfig of the manager's ServiceAccount. Safe to repeat. */
export async function installForProcess(cluster: Cluster): Promise<string> {
  for (const folder of ["crds", "kustomize/base"])
    await cluster.run("apply", "--server-side", "--force-conflicts", "-k", join(deploy, folder));
  await cluster.run("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s");
  await cluster.run("scale", "deployment", "--all", "--replicas=0", "--namespace", "slipway-system");
  return cluster.kubeconfigOf({ namespace: "slipway-system", name: "slipway-manager" });
}
