/** The shipped installation without its pods: the manager runs as a process of the test, as the shipped ServiceAccount. */
import { join } from "node:path";
import { parseYamlDocuments, toYaml } from "@slipway/kube";
import type { Cluster } from "./open-cluster.ts";

const deploy = join(import.meta.dirname, "../../deploy");

/** Applies what `deploy/` holds and returns the path of a kubeconfig of the manager's ServiceAccount. Safe to repeat. */
export async function installForProcess(cluster: Cluster): Promise<string> {
  for (const folder of ["crds", "kustomize/base"]) {
    const { objects } = parseYamlDocuments(await cluster.run("kustomize", join(deploy, folder)), folder);
    const wanted = objects.map(({ object }) => object).filter(({ kind }) => kind !== "Deployment");
    const path = cluster.file("installation.yaml", wanted.map(toYaml).join("---\n"));
    await cluster.run("apply", "--server-side", "--force-conflicts", "-f", path);
  }
  await cluster.run("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s");
  return cluster.kubeconfigOf({ namespace: "slipway-system", name: "slipway-manager" });
}
