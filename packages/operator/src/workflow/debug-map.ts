/** Debug ConfigMaps: what a step's template evaluated to, for `slipway workflow debug`. */
import type { WorkflowRun } from "@slipway/api";
import type { ReconcileContext } from "@slipway/controller";
import type { OwnerReference } from "@slipway/kube";
import { isAlreadyExists, resources } from "@slipway/kube";

/** `<run>-<step id>-debug-<last 5 of the run's uid>`, key `debug`; written when its text changed. */
export async function writeDebug(
  context: ReconcileContext,
  run: WorkflowRun,
  owner: OwnerReference,
  stepId: string,
  text: string,
): Promise<void> {
  const { client, signal } = context;
  const name = `${run.metadata.name ?? ""}-${stepId}-debug-${(run.metadata.uid ?? "").slice(-5)}`;
  const key = { namespace: run.metadata.namespace ?? "", name };
  const present = context.cache(resources.configMaps).get(key);
  const data = { debug: text };
  if ((present?.["data"] as { debug?: string } | undefined)?.debug === text) return;
  const options = { fieldManager: "slipway-workflow", signal };
  if (present === undefined) {
    try {
      await client.create(
        resources.configMaps,
        { apiVersion: "v1", kind: "ConfigMap", metadata: { ...key, ownerReferences: [owner] }, data },
        options,
      );
      return;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
  await client.patch(resources.configMaps, key, { type: "merge", body: { data } }, options);
}
