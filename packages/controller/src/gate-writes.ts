/** The fence: a process that may no longer act cannot write, whatever its reconcilers still try. */
import type {
  DeleteOptions,
  KubeClient,
  KubeObject,
  ObjectKey,
  PatchBody,
  RawRequest,
  RawResponse,
  Resource,
  Selectors,
  WriteOptions,
} from "@slipway/kube";
import type { AppError } from "@slipway/std";
import { ForwardingClient } from "./forwarding-client.ts";

/**
 * A client whose writes are refused, before anything is sent, while `refusal` gives an error. Reads pass. A request that
 * left before cannot be called back; the lease's deadlines leave room for it.
 */
export function gateWrites(client: KubeClient, refusal: () => AppError | undefined): KubeClient {
  return new GatedClient(client, refusal);
}

class GatedClient extends ForwardingClient {
  readonly #refusal: () => AppError | undefined;

  constructor(inner: KubeClient, refusal: () => AppError | undefined) {
    super(inner);
    this.#refusal = refusal;
  }

  override async create<T extends KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T> {
    this.#check();
    return super.create<T>(resource, object, options);
  }
  override async replace<T extends KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T> {
    this.#check();
    return super.replace<T>(resource, object, options);
  }
  override async patch<T extends KubeObject>(resource: Resource, key: ObjectKey, patch: PatchBody, options?: WriteOptions): Promise<T> {
    this.#check();
    return super.patch<T>(resource, key, patch, options);
  }
  override async delete(resource: Resource, key: ObjectKey, options?: DeleteOptions): Promise<void> {
    this.#check();
    return super.delete(resource, key, options);
  }
  override async deleteCollection(resource: Resource, options: Selectors & { readonly namespace?: string } & DeleteOptions): Promise<void> {
    this.#check();
    return super.deleteCollection(resource, options);
  }
  override async raw(request: RawRequest): Promise<RawResponse> {
    if (request.method !== "GET" && request.method !== "HEAD") this.#check();
    return super.raw(request);
  }

  #check(): void {
    const error = this.#refusal();
    if (error !== undefined) throw error;
  }
}
