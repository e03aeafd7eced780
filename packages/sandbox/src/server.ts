/** The API server's public face, and what the rest of the sandbox builds on. */
export type { ApiServer, ApiServerOptions } from "./server/api-server.ts";
export { createApiServer } from "./server/api-server.ts";
export type { PodLogRequest, PodLogs } from "./server/api-core.ts";
export type { ClusterIpAllocator } from "./server/kind-hooks.ts";
export type { ListenOptions } from "./server/http-listener.ts";
