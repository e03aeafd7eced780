/** Custom resources in quantity, made and removed by a bounded number of requests at once. */
import { resourceOf, workflowRunKind } from "@slipway/api";
import type { KubeClient, KubeObject, Resource } from "@slipway/kube";

export const runs: Resource = resourceOf(workflowRunKind);

/** A run that stops at once and stays: it suspends without end. */
export function suspendedRun(namespace: string, name: string): KubeObject {
  return {
    apiVersion: "core.oam.dev/v1alpha1",
    kind: "WorkflowRun",
    metadata: { namespace, name },
    spec: { workflowSpec: { steps: [{ name: "hold", type: "suspend" }] } },
  };
}

/** Does `act` for 0 … count−1, `concurrency` at once. Throws what the first that fails throws. */
export async function each(count: number, concurrency: number, act: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** Begins `act` `perSecond` times a second for `seconds`, whether or not earlier ones have ended; resolves when all have. */
export async function atRate(perSecond: number, seconds: number, act: (index: number) => Promise<unknown>): Promise<void> {
  const started = performance.now();
  const acts: Promise<unknown>[] = [];
  while (performance.now() < started + seconds * 1000) {
    const due = Math.floor(((performance.now() - started) / 1000) * perSecond);
    while (acts.length < due) acts.push(act(acts.length));
    await new Promise((done) => setTimeout(done, 2));
  }
  await Promise.all(acts);
}

export async function createRuns(client: KubeClient, namespace: string, count: number): Promise<void> {
  await each(count, 24, (index) => client.create(runs, suspendedRun(namespace, `run-${index}`)));
}
