/** One write to the cluster, ready for a client. All are safe to repeat. */
import type { KubeObject, ObjectKey, PatchBody, Resource } from "@slipway/kube";

export type Write =
  | { readonly verb: "create"; readonly resource: Resource; readonly object: KubeObject }
  | { readonly verb: "patch"; readonly resource: Resource; readonly key: ObjectKey; readonly patch: PatchBody }
  /** Deletes this very object (by uid), or nothing. */
  | { readonly verb: "delete"; readonly resource: Resource; readonly key: ObjectKey; readonly uid: string };
