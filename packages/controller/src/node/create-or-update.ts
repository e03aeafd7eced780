import type { KubeClient, KubeObject, Resource } from "@slipway/kube";
import { isAlreadyExists, isConflict, isNotFound } from "@slipway/kube";
import { AppError } from "@slipway/std";

const attempts = 5;

/**
 * Brings one cluster-scoped object to what `wanted` makes of it, against replicas that do the same at the same time.
 * `wanted` answers `undefined` to leave it as it is, also not there. Answers the object as the server has it then.
 * Throws `WEBHOOK_REGISTRATION` when others keep writing it, else the API server's error.
 */
export async function createOrUpdate(
  client: KubeClient,
  resource: Resource,
  name: string,
  signal: AbortSignal,
  wanted: (present: KubeObject | undefined) => KubeObject | undefined,
): Promise<KubeObject | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      const present = await find(client, resource, name, signal);
      const next = wanted(present);
      if (next === undefined) return present;
      return await (present === undefined ? client.create(resource, next, { signal }) : client.replace(resource, next, { signal }));
    } catch (error) {
      if (!isConflict(error) && !isAlreadyExists(error)) throw error;
      if (attempt === attempts)
        throw new AppError("WEBHOOK_REGISTRATION", "webhook registration keeps conflicting with another writer", { cause: error });
    }
  }
}

async function find(client: KubeClient, resource: Resource, name: string, signal: AbortSignal): Promise<KubeObject | undefined> {
  try {
    return await client.get(resource, { namespace: "", name }, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
