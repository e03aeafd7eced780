/** Requests on resources: which verb a method and path mean, and the answer in the form that the client wants. */
import type { KubeObject, ObjectKey } from "@slipway/kube";
import { formatApiVersion } from "@slipway/kube";
import { isJsonObject } from "@slipway/std";
import { child, items, text } from "../schema/fields.ts";
import type { ApiCore } from "./api-core.ts";
import { badRequest, internalError, methodNotAllowed, noSuchResource, notServedYet, unsupportedMediaType } from "./api-errors.ts";
import type { ApiRequest, ApiResponse } from "./http-message.ts";
import { jsonResponse, textResponse } from "./http-message.ts";
import type { ObjectForm } from "./media-types.ts";
import { contentType, negotiateForm } from "./media-types.ts";
import type { ListRequest, ServedObject } from "./object-reader.ts";
import type { DeleteRequest, WriteContext } from "./object-writer.ts";
import { applyRefusal, patchTypes } from "./patch-object.ts";
import { logsResponse } from "./pod-logs.ts";
import { parseBody, parseJson } from "./request-body.ts";
import type { ResourcePath } from "./request-path.ts";
import type { IncludeObject, TableMetadata } from "./table.ts";
import { toPartialMetadata, toTable } from "./table.ts";
import { watchResponse } from "./watch-response.ts";

export async function handleResource(core: ApiCore, request: ApiRequest, path: ResourcePath): Promise<ApiResponse> {
  const { served, name, subresource } = path;
  checkSubresource(path);
  if (served.definition.virtual === true) return review(core, request, path);
  if (name === undefined) {
    switch (request.method) {
      case "GET":
      case "HEAD":
        return isTrue(request.query.get("watch")) ? watchResponse(core, request, path) : list(core, request, path);
      case "POST":
        return create(core, request, path);
      case "DELETE":
        return deleteCollection(core, request, path);
      default:
        throw methodNotAllowed(request.method);
    }
  }
  if (subresource === "log") return logsResponse(core, request, keyOf(path));
  if (subresource === "eviction" || subresource === "binding") return podAction(core, request, path);
  switch (request.method) {
    case "GET":
    case "HEAD":
      return isTrue(request.query.get("watch")) ? watchResponse(core, request, path) : get(core, request, path);
    case "PUT":
      return replace(core, request, path);
    case "PATCH":
      return patch(core, request, path);
    case "DELETE":
      return remove(core, request, path);
    default:
      throw methodNotAllowed(request.method);
  }
}

export function isTrue(value: string | null): boolean {
  return value === "true" || value === "1" || value === "True" || value === "TRUE" || value === "t" || value === "T";
}

/** Subresources that need an upgraded connection. */
const streamed: ReadonlySet<string> = new Set(["exec", "attach", "portforward"]);

function checkSubresource({ served, subresource, name }: ResourcePath): void {
  if (subresource === undefined) return;
  const known = (served.definition.subresources ?? []) as readonly string[];
  if (name !== undefined && known.includes(subresource)) return;
  if (served.group === "" && served.kind === "Pod" && streamed.has(subresource))
    throw notServedYet(`${subresource} of pods is not served by the sandbox yet`);
  throw noSuchResource();
}

function keyOf(path: ResourcePath): ObjectKey {
  return { namespace: path.namespace ?? "", name: path.name ?? "" };
}

export function includeObject(request: ApiRequest): IncludeObject {
  const asked = request.query.get("includeObject");
  if (asked === null || asked === "" || asked === "Metadata") return "Metadata";
  if (asked === "None" || asked === "Object") return asked;
  throw badRequest(`includeObject must be None, Metadata or Object, not "${asked}"`);
}

export function listRequestOf(request: ApiRequest, path: ResourcePath): ListRequest {
  const query = (name: string): string | undefined => request.query.get(name) ?? undefined;
  const limit = query("limit");
  if (limit !== undefined && !/^\d+$/.test(limit)) throw badRequest(`limit must be a whole number, not "${limit}"`);
  return {
    namespace: path.namespace,
    labelSelector: query("labelSelector"),
    fieldSelector: query("fieldSelector"),
    limit: limit === undefined ? undefined : Number(limit),
    continue: query("continue"),
    resourceVersion: query("resourceVersion"),
    resourceVersionMatch: query("resourceVersionMatch"),
  };
}

async function list(core: ApiCore, request: ApiRequest, path: ResourcePath): Promise<ApiResponse> {
  const { served } = path;
  const form = negotiateForm(request.headers["accept"]);
  const result = await core.reader.list(served, listRequestOf(request, path));
  const metadata: TableMetadata = {
    resourceVersion: String(result.revision),
    ...(result.continue === undefined ? {} : { continue: result.continue }),
    ...(result.remaining === undefined ? {} : { remainingItemCount: result.remaining }),
  };
  if (form === "table") {
    const objects = result.items.map((item) => item.object);
    return jsonResponse(toTable(served, objects, core.clock.now(), includeObject(request), metadata));
  }
  if (form === "metadata") {
    const partial = result.items.map((item) => toPartialMetadata(item.object));
    return jsonResponse({ kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1", metadata, items: partial });
  }
  // The items' texts are cached: a large list is a concatenation, not a serialization.
  const head = JSON.stringify({ kind: served.listKind, apiVersion: formatApiVersion(served), metadata });
  const opening = `${head.slice(0, -1)},"items":[`;
  if (result.items.length <= itemsAtOnce) return textResponse(`${opening}${result.items.map((item) => item.json()).join(",")}]}`);
  return { ...textResponse(""), body: streamItems(opening, result.items) };
}

const itemsAtOnce = 500;

/** A large list in pieces: others get their turn in between, and a slow reader does not pile it up in memory. */
async function* streamItems(opening: string, items: readonly ServedObject[]): AsyncGenerator<string> {
  yield opening;
  for (let start = 0; start < items.length; start += itemsAtOnce) {
    const piece = items.slice(start, start + itemsAtOnce).map((item) => item.json());
    yield `${start === 0 ? "" : ","}${piece.join(",")}`;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  yield "]}";
}

function render(
  core: ApiCore,
  request: ApiRequest,
  path: ResourcePath,
  item: ServedObject,
  form: ObjectForm,
  status: number,
  warnings: readonly string[],
): ApiResponse {
  if (form === "table" && path.subresource === undefined) {
    const metadata = { resourceVersion: item.object.metadata.resourceVersion ?? "" };
    return jsonResponse(toTable(path.served, [item.object], core.clock.now(), includeObject(request), metadata), status, warnings);
  }
  if (form === "metadata") return jsonResponse(toPartialMetadata(item.object), status, warnings);
  return textResponse(item.json(), undefined, status, warnings);
}

function renderObject(
  core: ApiCore,
  request: ApiRequest,
  path: ResourcePath,
  object: KubeObject,
  status: number,
  warnings: readonly string[],
): ApiResponse {
  const form = negotiateForm(request.headers["accept"]);
  return render(core, request, path, { object, json: () => JSON.stringify(object) }, form, status, warnings);
}

async function get(core: ApiCore, request: ApiRequest, path: ResourcePath): Promise<ApiResponse> {
  const form = negotiateForm(request.headers["accept"]);
  const item = await core.reader.get(path.served, keyOf(path));
  if (path.subresource === "scale") return renderObject(core, request, path, core.scaleOf(path.served, item.object), 200, []);
  return render(core, request, path, item, form, 200, []);
}

function writeContext(request: ApiRequest, duplicates: readonly string[], warnings: string[]): WriteContext {
  const dryRun = request.query.getAll("dryRun");
  if (dryRun.some((value) => value !== "All" && value !== ""))
    throw badRequest(`dryRun: Unsupported value: ${JSON.stringify(dryRun[0])}: supported values: "All"`);
  return {
    dryRun: dryRun.includes("All"),
    fieldManager: request.query.get("fieldManager") ?? "",
    fieldValidation: fieldValidationOf(request),
    duplicates,
    warnings,
  };
}

function fieldValidationOf(request: ApiRequest): WriteContext["fieldValidation"] {
  const asked = request.query.get("fieldValidation");
  if (asked === null || asked === "") return "Warn";
  if (asked === "Ignore" || asked === "Warn" || asked === "Strict") return asked;
  throw badRequest(`fieldValidation: Unsupported value: ${JSON.stringify(asked)}: supported values: "Ignore", "Strict", "Warn"`);
}

async function create(core: ApiCore, request: ApiRequest, path: ResourcePath): Promise<ApiResponse> {
  if (path.served.namespaced && path.namespace === undefined) throw methodNotAllowed("POST");
  negotiateForm(request.headers["accept"]);
  const body = parseBody(request, fieldValidationOf(request) !== "Ignore");
  const warnings: string[] = [];
  const context = writeContext(request, body.duplicates, warnings);
  const object = await core.writer.create(path.served, path.namespace ?? "", body.value, context);
  return renderObject(core, request, path, object, 201, warnings);
}

async function replace(core: ApiCore, request: ApiRequest, path: ResourcePath): Promise<ApiResponse> {
  const body = parseBody(request, fieldValidationOf(request) !== "Ignore");
  const warnings: string[] = [];
  const context = writeContext(request, body.duplicates, warnings);
  const object = await core.writer.update(path.served, keyOf(path), path.subresource, () => body.value, context);
  return renderObject(core, request, path, object, 200, warnings);
}

async function patch(core: ApiCore, request: ApiRequest, path: ResourcePath): Promise<ApiResponse> {
  const mediaType = contentType(request.headers["content-type"]);
  if (mediaType.startsWith("application/apply-patch+")) throw notServedYet(applyRefusal);
  const type = patchTypes[mediaType];
  if (type === undefined) throw unsupportedMediaType(mediaType, Object.keys(patchTypes));
  const body = parseJson(request.body, fieldValidationOf(request) !== "Ignore");
  const warnings: string[] = [];
  const context = writeContext(request, body.duplicates, warnings);
  const object = await core.patch(path.served, keyOf(path), path.subresource, { type, body: body.value }, context);
  return renderObject(core, request, path, object, 200, warnings);
}

/** DeleteOptions come in the body, in the query, or both; the body wins. */
function deleteRequestOf(request: ApiRequest): { readonly options: DeleteRequest; readonly dryRun: boolean } {
  const body = request.body.length > 0 ? parseBody(request, false).value : {};
  const options = isJsonObject(body) ? body : {};
  const number = (value: unknown): number | undefined =>
    typeof value === "number" ? value : typeof value === "string" && /^\d+$/.test(value) ? Number(value) : undefined;
  const preconditions = child(options, "preconditions");
  const orphan = options["orphanDependents"] ?? request.query.get("orphanDependents");
  const dryRun = options["dryRun"];
  return {
    options: {
      propagationPolicy: text(options["propagationPolicy"]) || (request.query.get("propagationPolicy") ?? undefined),
      gracePeriodSeconds: number(options["gracePeriodSeconds"] ?? request.query.get("gracePeriodSeconds")),
      orphanDependents: orphan === true || orphan === "true" ? true : orphan === false || orphan === "false" ? false : undefined,
      uid: text(preconditions["uid"]) || undefined,
      resourceVersion: text(preconditions["resourceVersion"]) || undefined,
    },
    dryRun: Array.isArray(dryRun) && dryRun.includes("All"),
  };
}

async function remove(core: ApiCore, request: ApiRequest, path: ResourcePath): Promise<ApiResponse> {
  if (path.subresource !== undefined) throw methodNotAllowed("DELETE");
  const { served } = path;
  const { options, dryRun } = deleteRequestOf(request);
  const warnings: string[] = [];
  const context = writeContext(request, [], warnings);
  const result = await core.writer.remove(served, keyOf(path), options, { ...context, dryRun: context.dryRun || dryRun });
  if (!result.gone) return renderObject(core, request, path, result.object, 200, warnings);
  const details = {
    name: path.name,
    ...(served.group === "" ? {} : { group: served.group }),
    kind: served.plural,
    uid: result.object.metadata.uid,
  };
  return jsonResponse({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details }, 200, warnings);
}

async function deleteCollection(core: ApiCore, request: ApiRequest, path: ResourcePath): Promise<ApiResponse> {
  const { served } = path;
  if (served.namespaced && path.namespace === undefined) throw methodNotAllowed("DELETE");
  const { options, dryRun } = deleteRequestOf(request);
  const warnings: string[] = [];
  const context = writeContext(request, [], warnings);
  const removed = await core.deleteCollection(served, listRequestOf(request, path), options, {
    ...context,
    dryRun: context.dryRun || dryRun,
  });
  const metadata = { resourceVersion: String(core.store.revision) };
  return jsonResponse({ kind: served.listKind, apiVersion: formatApiVersion(served), metadata, items: removed }, 200, warnings);
}

/** Pod eviction and binding: writes that come as an object of another kind. */
async function podAction(core: ApiCore, request: ApiRequest, path: ResourcePath): Promise<ApiResponse> {
  if (request.method !== "POST") throw methodNotAllowed(request.method);
  const body = parseBody(request, false).value;
  const warnings: string[] = [];
  const context = writeContext(request, [], warnings);
  if (path.subresource === "eviction") {
    const grace = child(body, "deleteOptions")["gracePeriodSeconds"];
    await core.writer.remove(path.served, keyOf(path), { gracePeriodSeconds: typeof grace === "number" ? grace : undefined }, context);
  } else {
    const nodeName = text(child(body, "target")["name"]);
    if (nodeName === "") throw badRequest("target.name must name the node");
    await core.writer.update(
      path.served,
      keyOf(path),
      undefined,
      (pod) => ({ ...pod, spec: { ...child(pod, "spec"), nodeName } }),
      context,
    );
  }
  return jsonResponse({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 }, 201, warnings);
}

/** SelfSubjectAccessReview: there is no authorization here, everything is allowed. */
function review(core: ApiCore, request: ApiRequest, path: ResourcePath): ApiResponse {
  if (request.method !== "POST") throw methodNotAllowed(request.method);
  const { value } = parseBody(request, false);
  if (!isJsonObject(value)) throw internalError(`${path.served.kind}: the body must be an object`);
  const attributes = items([child(value, "spec")["resourceAttributes"]]);
  core.log.debug("access review", { attributes: attributes[0] });
  return jsonResponse(
    {
      ...value,
      kind: path.served.kind,
      apiVersion: formatApiVersion(path.served),
      metadata: { creationTimestamp: null },
      status: { allowed: true, reason: "the sandbox does not restrict its user" },
    },
    201,
  );
}
