/**
 * One control plane for all suites: the cluster of `KUBECONFIG`, or one started here (`plane.ts`). Suites keep to namespaces
 * of their own and read where the cluster is through `cluster.ts`.
 */
import type { TestProject } from "vitest/node";
import { startPlane } from "./plane.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Path of an administrator's kubeconfig. */
    readonly kubeconfig: string;
    /** Program to run as kubectl. */
    readonly kubectl: string;
    /** Whether nodes are simulated by kwok, so that pods run at once and no container does. */
    readonly simulated: boolean;
  }
}

export default async function setup({ provide }: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env["KUBECONFIG"];
  if (given !== undefined && given !== "") {
    provide("kubeconfig", given);
    provide("kubectl", "kubectl");
    provide("simulated", false);
    return undefined;
  }
  const plane = await startPlane(process.env);
  provide("kubeconfig", plane.kubeconfig);
  provide("kubectl", `${plane.binaries}/kubectl`);
  provide("simulated", true);
  return () => plane.stop();
}
