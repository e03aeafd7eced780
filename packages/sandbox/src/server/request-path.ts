/** From a URL path to what it names. */
import { badRequest, noSuchResource } from "./api-errors.ts";
import type { ResourceRegistry, ServedResource } from "./served-resource.ts";

export interface ResourcePath {
  readonly served: ServedResource;
  /** Absent: all namespaces, or a cluster-scoped resource. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** The parts of a path, decoded. Throws 400 for bad escapes and for parts that name no object (`.`, `..`, a slash). */
export function splitPath(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.map((part) => {
    let decoded: string;
    try {
      decoded = decodeURIComponent(part);
    } catch {
      throw badRequest(`the path segment "${part}" is not validly escaped`);
    }
    if (decoded === "." || decoded === ".." || decoded.includes("/")) throw badRequest(`the path segment "${decoded}" is not a name`);
    return decoded;
  });
}

/** `parts` begin with `api` or `apis` and name a resource below a group and version. Throws 404 when nothing is served there. */
export function parseResourcePath(parts: readonly string[], registry: ResourceRegistry): ResourcePath {
  const core = parts[0] === "api";
  const group = core ? "" : (parts[1] ?? "");
  const version = core ? (parts[1] ?? "") : (parts[2] ?? "");
  const rest = parts.slice(core ? 2 : 3);
  const find = (plural: string | undefined): ServedResource | undefined =>
    plural === undefined ? undefined : registry.find(group, version, plural);

  if (rest[0] === "namespaces" && rest.length >= 3) {
    const served = find(rest[2]);
    if (served?.namespaced === true) {
      if (rest.length > 5) throw noSuchResource();
      return { served, namespace: rest[1], name: rest[3], subresource: rest[4] };
    }
  }
  const served = find(rest[0]);
  if (served === undefined || rest.length > 3) throw noSuchResource();
  if (served.namespaced && rest.length > 1) throw noSuchResource();
  return { served, namespace: undefined, name: rest[1], subresource: rest[2] };
}
