/** The context ConfigMap of a run: found, created, patched by what changed. */
import type { KubeClient, KubeObject, OwnerReference } from "@slipway/kube";
import { createMergePatch, isAlreadyExists, resources } from "@slipway/kube";
import type { Cache } from "@slipway/controller";
import { at } from "@slipway/std";
import { stepId } from "@slipway/workflow";

export class ContextMapStore {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #owner: OwnerReference;
  readonly #name: string;
  readonly #signal: AbortSignal;
  #object: KubeObject | undefined;

  constructor(options: {
    readonly client: KubeClient;
    readonly cache: Cache;
    readonly namespace: string;
    readonly owner: OwnerReference;
    readonly signal: AbortSignal;
  }) {
    this.#client = options.client;
    this.#namespace = options.namespace;
    this.#owner = options.owner;
    this.#signal = options.signal;
    const name = `workflow-${options.owner.name}-context`;
    const plain = options.cache.get({ namespace: this.#namespace, name });
    // Someone else's, e.g. of an earlier run of that name that is not collected yet.
    const foreign = plain !== undefined && plain.metadata.ownerReferences?.some((each) => each.uid === this.#owner.uid) !== true;
    this.#name = foreign ? `${name}-${stepId(this.#owner.uid, "context").slice(0, 5)}` : name;
    this.#object = foreign ? options.cache.get({ namespace: this.#namespace, name: this.#name }) : plain;
  }

  get object(): KubeObject | undefined {
    return this.#object;
  }

  get data(): Readonly<Record<string, string>> {
    return { vars: "", ...(this.#object?.["data"] as Readonly<Record<string, string>> | undefined) };
  }

  /** Writes what differs; nothing when nothing does. */
  async write(data: Readonly<Record<string, string>>, nowMs: number): Promise<void> {
    const options = { fieldManager: "slipway-workflow", signal: this.#signal };
    const key = { namespace: this.#namespace, name: this.#name };
    if (this.#object === undefined) {
      const object: KubeObject = {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: {
          ...key,
          annotations: { "vela.io/startTime": at(nowMs).toISOString() },
          ownerReferences: [this.#owner],
        },
        data,
      };
      try {
        this.#object = await this.#client.create(resources.configMaps, object, options);
        return;
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
        this.#object = await this.#client.get(resources.configMaps, key, { signal: this.#signal });
      }
    }
    const patch = createMergePatch(this.data, data) as object;
    if (Object.keys(patch).length === 0) return;
    this.#object = await this.#client.patch(resources.configMaps, key, { type: "merge", body: { data: patch } }, options);
  }
}
