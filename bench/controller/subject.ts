/**
 * The process that is measured for latency and heap: our runtime with one controller whose reconcile does nothing but
 * notice. Speaks with its parent over IPC: any message asks for a report, which empties the samples.
 */
import { after, createRuntime, done } from "@slipway/controller";
import { resourceOf, workflowRunKind } from "@slipway/api";
import { createHttpClient, loadKubeconfig } from "@slipway/kube/node";
import { createSeededRandom, silentLogger } from "@slipway/std";
import { realClock } from "@slipway/std/node";

/** Annotation with the milliseconds since 1970 at which the writer sent it. */
export const sentAnnotation = "bench.slipway.dev/sent";

export interface SubjectReport {
  /** From the writer's request to the start of the reconcile that sees it, milliseconds. */
  readonly latenciesMs: readonly number[];
  /** From the event's arrival in this process to that reconcile, milliseconds. */
  readonly queuedMs: readonly number[];
  readonly reconciles: number;
  readonly cached: number;
  /** After a full collection, bytes. */
  readonly heapBytes: number;
}

const [, , kubeconfig] = process.argv;
if (kubeconfig !== undefined && process.send !== undefined) {
  const runs = resourceOf(workflowRunKind);
  const client = createHttpClient(loadKubeconfig({ path: kubeconfig, env: {} }), { clock: realClock, userAgent: "slipway-bench" });
  const runtime = createRuntime({ client, clock: realClock, logger: silentLogger, random: createSeededRandom(1) });
  let latenciesMs: number[] = [];
  let queuedMs: number[] = [];
  const arrived = new Map<string, number>();
  let reconciles = 0;
  const seen = new Map<string, string>();
  runtime.add({
    name: "bench",
    watches: [
      {
        resource: runs,
        toKeys: ({ metadata: { namespace = "", name = "" } }) => {
          arrived.set(name, performance.now());
          return [{ namespace, name }];
        },
      },
    ],
    reconcile: (key, { cache }) => {
      reconciles++;
      const run = cache(runs).get(key);
      if (run === undefined) {
        seen.delete(key.name);
        arrived.delete(key.name);
        return Promise.resolve(done);
      }
      const sent = run.metadata.annotations?.[sentAnnotation];
      if (sent !== undefined && seen.get(key.name) !== sent) {
        queuedMs.push(performance.now() - (arrived.get(key.name) ?? NaN));
        latenciesMs.push(performance.timeOrigin + performance.now() - Number(sent));
        seen.set(key.name, sent);
      }
      // As controllers do that look again from time to time; it must not keep what is gone.
      return Promise.resolve(after(600_000));
    },
  });
  runtime.start(new AbortController().signal);
  await runtime.synced();
  process.send("ready");
  process.on("message", () => {
    (globalThis as { gc?: () => void }).gc?.();
    const report: SubjectReport = {
      latenciesMs,
      queuedMs,
      reconciles,
      cached: runtime.cache(runs).list().length,
      heapBytes: process.memoryUsage().heapUsed,
    };
    latenciesMs = [];
    queuedMs = [];
    process.send?.(report);
  });
}
