/** Does what a look at a Rollout asks for, in the order that a crash anywhere can be recovered from. */
import type { Rollout } from "@slipway/api";
import type { KubeClient, ObjectKey } from "@slipway/kube";
import { createMergePatch, isAlreadyExists, isConflict, isNotFound } from "@slipway/kube";
import type { RolloutResult, Write } from "@slipway/rollout";
import { rollouts } from "./gather.ts";

const fieldManager = "slipway-rollout";

/**
 * State first: metadata (what the engine remembers), then status, each refused with a conflict when someone else (an
 * approval, say) wrote meanwhile; then the writes. A conflict is thrown, and the next look begins from what is there.
 */
export async function apply(
  client: KubeClient,
  key: ObjectKey,
  rollout: Rollout,
  result: RolloutResult,
  signal: AbortSignal,
): Promise<void> {
  let { resourceVersion } = rollout.metadata;
  const options = { fieldManager, signal };
  // Taking the finalizer away may delete the object: its last status goes before.
  const last = rollout.metadata.deletionTimestamp !== undefined && result.metadata?.finalizers !== undefined;
  const writeMetadata = async (): Promise<void> => {
    if (result.metadata === undefined) return;
    const body = { metadata: { ...result.metadata, resourceVersion } };
    const written = await client.patch(rollouts, key, { type: "merge", body }, options);
    resourceVersion = written.metadata.resourceVersion;
  };
  const writeStatus = async (): Promise<void> => {
    if (result.status === undefined) return;
    const status = createMergePatch(rollout.status ?? {}, result.status);
    const body = { metadata: { resourceVersion }, status };
    const written = await client.patch(rollouts, key, { type: "merge", body }, { ...options, subresource: "status" });
    resourceVersion = written.metadata.resourceVersion;
  };
  if (last) await writeStatus();
  await writeMetadata();
  if (!last) await writeStatus();
  for (const write of result.writes) await perform(client, write, signal);
}

async function perform(client: KubeClient, write: Write, signal: AbortSignal): Promise<void> {
  const options = { fieldManager, signal };
  switch (write.verb) {
    case "create":
      try {
        await client.create(write.resource, write.object, options);
      } catch (error) {
        // Ours from before, of which the cache has not heard yet; the next look sees it.
        if (!isAlreadyExists(error)) throw error;
      }
      return;
    case "patch":
      await client.patch(write.resource, write.key, write.patch, options);
      return;
    case "delete":
      try {
        await client.delete(write.resource, write.key, { preconditions: { uid: write.uid }, propagationPolicy: "Background", signal });
      } catch (error) {
        // Gone, or replaced by another object of that name: not ours to delete.
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
  }
}
