/** The API server as a function from request to answer; every failure becomes a Status. */
import type { ApiCore } from "./api-core.ts";
import { methodNotAllowed, noSuchResource, unauthorized } from "./api-errors.ts";
import { createDiscovery } from "./discovery.ts";
import type { ApiRequest, ApiResponse } from "./http-message.ts";
import { errorResponse, jsonResponse, textResponse } from "./http-message.ts";
import { createOpenApi } from "./openapi.ts";
import { parseResourcePath, splitPath } from "./request-path.ts";
import { handleResource } from "./resource-handler.ts";
import { serverVersion } from "./server-version.ts";

export type RequestHandler = (request: ApiRequest) => Promise<ApiResponse>;

const healthPaths = new Set(["healthz", "readyz", "livez"]);

/** With a `token`, requests must carry it as a bearer token, except for health checks. */
export function createRequestHandler(core: ApiCore, token: string | undefined): RequestHandler {
  const discovery = createDiscovery(core.registry);
  const openApi = createOpenApi(core.registry);

  const route = async (request: ApiRequest): Promise<ApiResponse> => {
    const parts = splitPath(request.path);
    const [root] = parts;
    if (root !== undefined && healthPaths.has(root)) return textResponse("ok", "text/plain; charset=utf-8");
    if (token !== undefined && request.headers["authorization"] !== `Bearer ${token}`) throw unauthorized();
    const isResource = (root === "api" && parts.length > 2) || (root === "apis" && parts.length > 3);
    if (isResource) return handleResource(core, request, parseResourcePath(parts, core.registry));
    if (request.method !== "GET" && request.method !== "HEAD") throw methodNotAllowed(request.method);
    if (root === "version") return jsonResponse(serverVersion);
    if (root === "openapi") return openApi(parts.slice(1), request.headers["accept"]);
    if (root === "api" || root === "apis") return discovery(parts, request.headers["accept"]);
    if (root === undefined)
      return jsonResponse({ paths: ["/api", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"] });
    throw noSuchResource();
  };

  return async (request) => {
    const done = core.activity?.begin();
    try {
      const response = await route(request);
      // Whoever reads a lasting stream decides when it ends; that is not work to wait for.
      return response;
    } catch (error) {
      return errorResponse(error, core.log);
    } finally {
      done?.();
    }
  };
}
