/** The bodies that `tests/cluster/parity.cluster.test.ts` runs on a real control plane, on the embedded cluster. */
import { createTestSandbox } from "@slipway/sandbox/testing";
import type { Ground } from "./ground.ts";
import { describeObjects } from "./objects.ts";
import { describeWorkloads } from "./workloads.ts";

async function open(): Promise<Ground> {
  const sandbox = await createTestSandbox({ speed: 5 });
  return { client: sandbox.client, namespace: "default", close: () => sandbox.stop() };
}

describeObjects("the embedded cluster", open);
describeWorkloads("the embedded cluster", open);
