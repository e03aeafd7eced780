/**
 * sandbox: an embedded Kubernetes that `kubectl` can use, with nothing but Node.
 *
 * Pipeline: HTTP or in-process client → registry (decode, default, admit, validate) → MVCC store → watches. Workload
 * controllers, the simulated kubelet and the gateway work through the same client as everybody else. Start reading at
 * `server/api-server.ts`, then `server/object-writer.ts`.
 */
export type { ApiServer, ApiServerOptions, ClusterIpAllocator, ListenOptions, PodLogRequest, PodLogs } from "./server.ts";
export { createApiServer } from "./server.ts";
export type { Sandbox, SandboxOptions } from "./sandbox.ts";
export { startSandbox } from "./sandbox.ts";
export type { RequestCount } from "./network/gateway/request-counts.ts";
export type { ContainerContext, ContainerImage, ContainerProcess, ImageRegistry } from "./images/image.ts";
