/** Who owns whom, by UID, over all watched kinds. */
import type { KubeObject, ObjectKey, OwnerReference, Resource } from "@slipway/kube";
import { formatKey, keyOf } from "@slipway/kube";

export interface OwnedObject {
  readonly resource: Resource;
  readonly key: ObjectKey;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly owners: readonly OwnerReference[];
  readonly finalizers: readonly string[];
  readonly deleting: boolean;
}

export class OwnerGraph {
  readonly #byUid = new Map<string, OwnedObject>();
  readonly #byKey = new Map<string, OwnedObject>();
  readonly #dependents = new Map<string, Set<string>>();

  put(resource: Resource, object: KubeObject): OwnedObject {
    const node: OwnedObject = {
      resource,
      key: keyOf(object),
      uid: object.metadata.uid ?? "",
      resourceVersion: object.metadata.resourceVersion ?? "",
      owners: object.metadata.ownerReferences ?? [],
      finalizers: object.metadata.finalizers ?? [],
      deleting: object.metadata.deletionTimestamp !== undefined,
    };
    const before = this.#byUid.get(node.uid);
    if (before !== undefined) this.#unlink(before);
    this.#byUid.set(node.uid, node);
    this.#byKey.set(keyText(resource, node.key), node);
    for (const owner of node.owners) {
      let dependents = this.#dependents.get(owner.uid);
      if (dependents === undefined) this.#dependents.set(owner.uid, (dependents = new Set()));
      dependents.add(node.uid);
    }
    return node;
  }

  remove(node: OwnedObject): void {
    this.#unlink(node);
    this.#byUid.delete(node.uid);
    if (this.#byKey.get(keyText(node.resource, node.key))?.uid === node.uid) this.#byKey.delete(keyText(node.resource, node.key));
  }

  get(uid: string): OwnedObject | undefined {
    return this.#byUid.get(uid);
  }

  at(resource: Resource, key: ObjectKey): OwnedObject | undefined {
    return this.#byKey.get(keyText(resource, key));
  }

  dependentsOf(uid: string): OwnedObject[] {
    return [...(this.#dependents.get(uid) ?? [])].flatMap((dependent) => this.#byUid.get(dependent) ?? []);
  }

  #unlink(node: OwnedObject): void {
    for (const owner of node.owners) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(node.uid);
      if (dependents?.size === 0) this.#dependents.delete(owner.uid);
    }
  }
}

function keyText(resource: Resource, key: ObjectKey): string {
  return `${resource.group}/${resource.plural}/${formatKey(key)}`;
}
