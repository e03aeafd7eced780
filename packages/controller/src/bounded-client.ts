/** A client whose requests all end with a signal: one reconcile's deadline, without passing it by hand. */
import type {
  DeleteOptions,
  GroupVersionKind,
  KubeClient,
  KubeList,
  KubeObject,
  ListOptions,
  ObjectKey,
  PatchBody,
  RawRequest,
  RawResponse,
  ReadOptions,
  Resource,
  Selectors,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "@slipway/kube";
import { ForwardingClient } from "./forwarding-client.ts";

export function boundedClient(client: KubeClient, signal: AbortSignal): KubeClient {
  return new BoundedClient(client, signal);
}

class BoundedClient extends ForwardingClient {
  readonly #signal: AbortSignal;

  constructor(inner: KubeClient, signal: AbortSignal) {
    super(inner);
    this.#signal = signal;
  }

  override get<T extends KubeObject>(
    resource: Resource,
    key: ObjectKey,
    options?: ReadOptions & { readonly subresource?: string },
  ): Promise<T> {
    return super.get<T>(resource, key, this.#bound(options));
  }
  override list<T extends KubeObject>(resource: Resource, options?: ListOptions): Promise<KubeList<T>> {
    return super.list<T>(resource, this.#bound(options));
  }
  override create<T extends KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T> {
    return super.create<T>(resource, object, this.#bound(options));
  }
  override replace<T extends KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T> {
    return super.replace<T>(resource, object, this.#bound(options));
  }
  override patch<T extends KubeObject>(resource: Resource, key: ObjectKey, patch: PatchBody, options?: WriteOptions): Promise<T> {
    return super.patch<T>(resource, key, patch, this.#bound(options));
  }
  override delete(resource: Resource, key: ObjectKey, options?: DeleteOptions): Promise<void> {
    return super.delete(resource, key, this.#bound(options));
  }
  override deleteCollection(resource: Resource, options: Selectors & { readonly namespace?: string } & DeleteOptions): Promise<void> {
    return super.deleteCollection(resource, this.#bound(options));
  }
  override watch(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent> {
    return super.watch(resource, this.#bound(options));
  }
  override raw(request: RawRequest): Promise<RawResponse> {
    return super.raw(this.#bound(request));
  }
  override resourceFor(gvk: GroupVersionKind, options?: ReadOptions): Promise<Resource | undefined> {
    return super.resourceFor(gvk, this.#bound(options));
  }

  #bound<Options extends { readonly signal?: AbortSignal }>(options: Options | undefined): Options & { readonly signal: AbortSignal } {
    const own = options?.signal;
    return { ...options, signal: own === undefined ? this.#signal : AbortSignal.any([own, this.#signal]) } as Options & {
      readonly signal: AbortSignal;
    };
  }
}
