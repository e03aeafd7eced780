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

/** A client that hands everything to another one; what adds a rule overrides only the verbs it is about. */
export class ForwardingClient implements KubeClient {
  protected readonly inner: KubeClient;

  constructor(inner: KubeClient) {
    this.inner = inner;
  }

  get<T extends KubeObject>(resource: Resource, key: ObjectKey, options?: ReadOptions & { readonly subresource?: string }): Promise<T> {
    return this.inner.get<T>(resource, key, options);
  }
  list<T extends KubeObject>(resource: Resource, options?: ListOptions): Promise<KubeList<T>> {
    return this.inner.list<T>(resource, options);
  }
  create<T extends KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T> {
    return this.inner.create<T>(resource, object, options);
  }
  replace<T extends KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T> {
    return this.inner.replace<T>(resource, object, options);
  }
  patch<T extends KubeObject>(resource: Resource, key: ObjectKey, patch: PatchBody, options?: WriteOptions): Promise<T> {
    return this.inner.patch<T>(resource, key, patch, options);
  }
  delete(resource: Resource, key: ObjectKey, options?: DeleteOptions): Promise<void> {
    return this.inner.delete(resource, key, options);
  }
  deleteCollection(resource: Resource, options: Selectors & { readonly namespace?: string } & DeleteOptions): Promise<void> {
    return this.inner.deleteCollection(resource, options);
  }
  watch(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent> {
    return this.inner.watch(resource, options);
  }
  raw(request: RawRequest): Promise<RawResponse> {
    return this.inner.raw(request);
  }
  resourceFor(gvk: GroupVersionKind, options?: ReadOptions): Promise<Resource | undefined> {
    return this.inner.resourceFor(gvk, options);
  }
  close(): Promise<void> {
    return this.inner.close();
  }
}
