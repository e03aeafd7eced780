/** One body, two clusters: what holds here holds on the embedded one (`tests/parity/parity.test.ts`). */
import type { Ground } from "../parity/ground.ts";
import { describeObjects } from "../parity/objects.ts";
import { describeWorkloads } from "../parity/workloads.ts";
import { openCluster } from "./cluster.ts";

const open = (namespace: string) => async (): Promise<Ground> => {
  const cluster = await openCluster(namespace);
  return { client: cluster.client, namespace, close: () => cluster.close() };
};

describeObjects("a real control plane", open("parity-objects"));
describeWorkloads("a real control plane", open("parity-workloads"));
