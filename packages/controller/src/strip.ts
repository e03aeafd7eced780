import type { KubeObject } from "@slipway/kube";

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * An object as caches hold it: without `managedFields` and kubectl's copy of what was applied. Together they are more
 * than half of many objects, and nobody here decides by them. Who needs them reads the object from the server; that is
 * also why a cached object must never be written back whole.
 */
export function stripped(object: KubeObject): KubeObject {
  const { managedFields: _dropped, ...metadata } = object.metadata;
  if (metadata.annotations?.[lastApplied] !== undefined) {
    const { [lastApplied]: _applied, ...annotations } = metadata.annotations;
    metadata.annotations = annotations;
  }
  return { ...object, metadata };
}
