/**
 * Who may manage which object. A controller claims an object when the object's controller reference names its UID, adopts an
 * orphan that its selector matches, and releases one of its own that the selector no longer matches. An object of another
 * controller is never touched, whatever the labels say: two owners with one selector do not steal from each other.
 */
import type { ReconcileContext } from "@slipway/controller";
import type { KubeObject, LabelSelector, OwnerReference, Resource } from "@slipway/kube";
import { controllerOf, isInvalid, isNotFound, keyOf, matchesLabels } from "@slipway/kube";

export function controllerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name ?? "",
    uid: owner.metadata.uid ?? "",
    controller: true,
    blockOwnerDeletion: true,
  };
}

export interface ClaimRequest<T extends KubeObject> {
  readonly owner: KubeObject;
  readonly ownerResource: Resource;
  readonly selector: LabelSelector;
  readonly resource: Resource;
  readonly candidates: readonly T[];
}

/** The objects that `owner` controls after adoption and release; writes ownerReferences where they must change. */
export async function claim<T extends KubeObject>(context: ReconcileContext, request: ClaimRequest<T>): Promise<T[]> {
  const { owner, selector, resource } = request;
  const claimed: T[] = [];
  let mayAdopt: boolean | undefined;
  for (const candidate of request.candidates) {
    const controller = controllerOf(candidate);
    const matches = matchesLabels(selector, candidate.metadata.labels);
    if (controller !== undefined) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (matches) claimed.push(candidate);
      else if (owner.metadata.deletionTimestamp === undefined) await release(context, resource, candidate, controller.uid);
      continue;
    }
    if (!matches || owner.metadata.deletionTimestamp !== undefined || candidate.metadata.deletionTimestamp !== undefined) continue;
    mayAdopt ??= await isStillOurs(context, request.ownerResource, owner);
    if (!mayAdopt) continue;
    const adopted = await adopt(context, resource, candidate, owner);
    if (adopted !== undefined) claimed.push(adopted);
  }
  return claimed;
}

/** The cache may be behind a deletion and re-creation of the owner: ask the server before adopting. */
async function isStillOurs(context: ReconcileContext, resource: Resource, owner: KubeObject): Promise<boolean> {
  try {
    const fresh = await context.client.get(resource, keyOf(owner), { signal: context.signal });
    return fresh.metadata.uid === owner.metadata.uid && fresh.metadata.deletionTimestamp === undefined;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

async function adopt<T extends KubeObject>(
  context: ReconcileContext,
  resource: Resource,
  object: T,
  owner: KubeObject,
): Promise<T | undefined> {
  const ownerReferences = [...(object.metadata.ownerReferences ?? []), controllerReference(owner)];
  return await writeOwners<T>(context, resource, object, ownerReferences);
}

async function release(context: ReconcileContext, resource: Resource, object: KubeObject, ownerUid: string): Promise<void> {
  const ownerReferences = (object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== ownerUid);
  await writeOwners(context, resource, object, ownerReferences);
}

async function writeOwners<T extends KubeObject>(
  context: ReconcileContext,
  resource: Resource,
  object: KubeObject,
  ownerReferences: readonly OwnerReference[],
): Promise<T | undefined> {
  // The resourceVersion makes the read and the write one step: a racing owner loses with 409 and looks again.
  const metadata = { uid: object.metadata.uid, resourceVersion: object.metadata.resourceVersion, ownerReferences };
  try {
    return await context.client.patch<T>(resource, keyOf(object), { type: "merge", body: { metadata } }, { signal: context.signal });
  } catch (error) {
    if (isNotFound(error) || isInvalid(error)) return undefined;
    throw error;
  }
}
