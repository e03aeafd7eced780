import type { KubeObject } from "@slipway/kube";

export interface Health {
  readonly healthy: boolean;
  /** Empty when there is nothing to say. */
  readonly message: string;
}

/** A Deployment is healthy when all its pods are of the present template and available; other kinds when they exist. */
export function healthOf(object: KubeObject | undefined): Health {
  if (object === undefined) return { healthy: false, message: "not created yet" };
  if (object.kind !== "Deployment") return { healthy: true, message: "" };
  const { replicas = 1 } = (object["spec"] ?? {}) as { readonly replicas?: number };
  const status = (object["status"] ?? {}) as {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly readyReplicas?: number;
  };
  const healthy =
    (status.observedGeneration ?? 0) >= (object.metadata.generation ?? 0) &&
    (status.updatedReplicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas;
  return { healthy, message: `Ready:${status.readyReplicas ?? 0}/${replicas}` };
}
