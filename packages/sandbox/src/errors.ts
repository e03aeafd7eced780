/**
 * Codes of the AppErrors that this package throws. What the API server answers keeps its own (`KUBE_API`).
 *
 * - `REPLICASET_COLLISION`: a ReplicaSet's name is taken by a stranger; the next hash is tried.
 * - `SANDBOX_ADDRESSES`: no loopback address is left.
 * - `SANDBOX_LISTEN`: the port asked for the API server or the gateway cannot be used.
 * - `STORE_FORMAT`: the file of the durable store was written by another version.
 * - `STORE_LOCKED`: the store's file is in use by another process.
 * - `STORE_OPEN`: the store's file cannot be opened.
 * - `WEBHOOK_CALL`: an admission or conversion webhook could not be called.
 */
export type SandboxErrorCode =
  "REPLICASET_COLLISION" | "SANDBOX_ADDRESSES" | "SANDBOX_LISTEN" | "STORE_FORMAT" | "STORE_LOCKED" | "STORE_OPEN" | "WEBHOOK_CALL";
