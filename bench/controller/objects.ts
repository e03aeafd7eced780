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

/**
 * Begins `act` `perSecond` times a second for `seconds`, by `concurrency` workers: where they cannot keep up, fewer a second,
 * but none waits in a queue before it begins. Resolves with the number begun.
 */
export async function atRate(
  perSecond: number,
  seconds: number,
  concurrency: number,
  act: (index: number) => Promise<unknown>,
): Promise<number> {
  const started = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const dueMs = started + (next++ * 1000) / perSecond;
      const waitMs = dueMs - performance.now();
      if (dueMs > started + seconds * 1000) return;
      if (waitMs > 0) await new Promise((done) => setTimeout(done, waitMs));
      if (performance.now() > started + seconds * 1000) return;
      await act(next);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return next;
}

export async function createRuns(client: KubeClient, namespace: string, count: number): Promise<void> {
  await each(count, 24, (index) => client.create(runs, suspendedRun(namespace, `run-${index}`)));
}
