/**
 * kube: the Kubernetes object model and the client contract. Pure; transports live in `@slipway/kube/node`.
 */
export type { GroupVersionKind, KubeList, KubeObject, ObjectKey, ObjectMeta, OwnerReference, Resource } from "./object.ts";
export { controllerOf, formatApiVersion, formatKey, keyOf, parseApiVersion, parseKey } from "./object.ts";
export { resources } from "./resources.ts";
export type { KubeStatus } from "./status.ts";
export { apiError, apiErrorCode, apiStatusOf, isAlreadyExists, isConflict, isGone, isInvalid, isNotFound } from "./status.ts";
export type {
  DeleteOptions,
  KubeClient,
  ListOptions,
  PatchBody,
  RawRequest,
  RawResponse,
  ReadOptions,
  Selectors,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "./client.ts";
