/** The simulated kubelet of all nodes: hands each scheduled pod to a worker of its own. */
import type { ControllerDefinition } from "@slipway/controller";
import { done } from "@slipway/controller";
import { formatKey, resources } from "@slipway/kube";
import type { Pod } from "../controllers/kinds.ts";
import type { PodWorkerOptions } from "./pod-worker.ts";
import { PodWorker } from "./pod-worker.ts";

export interface Kubelet {
  readonly controller: ControllerDefinition;
  /** Kills every container; the pods stay in the API, as after a power cut. */
  stop(): Promise<void>;
}

export function createKubelet(options: PodWorkerOptions): Kubelet {
  const workers = new Map<string, PodWorker>();
  const drop = async (name: string): Promise<void> => {
    const worker = workers.get(name);
    workers.delete(name);
    await worker?.stop();
  };
  return {
    controller: {
      name: "kubelet",
      concurrency: 16,
      watches: [{ resource: resources.pods }],
      async reconcile(key, context) {
        const name = formatKey(key);
        const pod = context.cache<Pod>(resources.pods).get(key);
        if (workers.has(name) && workers.get(name)?.uid !== pod?.metadata.uid) await drop(name);
        if (pod === undefined || (pod.spec?.nodeName ?? "") === "") return done;
        const worker = workers.get(name);
        if (worker !== undefined) worker.update(pod);
        else if (!isFinished(pod) || pod.metadata.deletionTimestamp !== undefined) workers.set(name, new PodWorker(pod, options));
        return done;
      },
    },
    async stop(): Promise<void> {
      await Promise.all([...workers.keys()].map(drop));
    },
  };
}

function isFinished(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}
