import type { KubeObject, WatchEvent } from "@slipway/kube";
import { formatKey, keyOf } from "@slipway/kube";

const initialEventsEnd = "k8s.io/initial-events-end";

/** Gathers a streamed state until the bookmark that completes it. */
export class InitialStream {
  readonly order: number;
  readonly #objects = new Map<string, KubeObject>();

  constructor(order: number) {
    this.order = order;
  }

  /** The whole state, once it is complete. */
  add(type: WatchEvent["type"], object: KubeObject): KubeObject[] | undefined {
    if (type === "BOOKMARK") return object.metadata.annotations?.[initialEventsEnd] === "true" ? [...this.#objects.values()] : undefined;
    const key = formatKey(keyOf(object));
    if (type === "DELETED") this.#objects.delete(key);
    else this.#objects.set(key, object);
    return undefined;
  }
}
