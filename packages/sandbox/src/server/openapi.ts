/**
 * OpenAPI: v3 in full depth from the message table and the CRD schemas (`kubectl explain`, and the marks that let
 * `kubectl apply` use server-side validation); v2 only as the empty document that satisfies older clients.
 */
import { createHash } from "node:crypto";
import type { MessageField, ScalarType } from "../schema/message-types.ts";
import { messageType } from "../schema/message-types.ts";
import { noSuchResource } from "./api-errors.ts";
import type { ApiResponse } from "./http-message.ts";
import { jsonResponse, textResponse } from "./http-message.ts";
import type { ResourceRegistry, ServedResource } from "./served-resource.ts";

// Asked for with an `@` before the version, which Go's own media type parser does not take in an answer.
const protobufV2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/** `parts` follow `/openapi`: `v2`, `v3`, or `v3` and a group version. */
export function createOpenApi(registry: ResourceRegistry): (parts: readonly string[], accept: string | undefined) => ApiResponse {
  const documents = new Map<string, { readonly generation: number; readonly text: string; readonly hash: string }>();

  const documentOf = (prefix: string, served: readonly ServedResource[]): { readonly text: string; readonly hash: string } => {
    const known = documents.get(prefix);
    if (known?.generation === registry.generation) return known;
    const text = JSON.stringify(buildDocument(served));
    const made = {
      generation: registry.generation,
      text,
      hash: createHash("sha256").update(text).digest("hex").slice(0, 32).toUpperCase(),
    };
    documents.set(prefix, made);
    return made;
  };
  const byPrefix = (): Map<string, ServedResource[]> => {
    const groups = new Map<string, ServedResource[]>();
    for (const served of registry.all()) {
      const prefix = served.group === "" ? `api/${served.version}` : `apis/${served.group}/${served.version}`;
      const list = groups.get(prefix);
      if (list === undefined) groups.set(prefix, [served]);
      else list.push(served);
    }
    return groups;
  };

  return (parts, accept) => {
    const [version, ...rest] = parts;
    if (version === "v2") {
      return (accept ?? "").includes("protobuf")
        ? textResponse(emptyV2(), protobufV2)
        : jsonResponse({ swagger: "2.0", info: { title: "Slipway sandbox", version: "v1.34.0" }, paths: {} });
    }
    if (version !== "v3") throw noSuchResource();
    const groups = byPrefix();
    if (rest.length === 0) {
      const paths = Object.fromEntries(
        [...groups].map(([prefix, served]) => [
          prefix,
          { serverRelativeURL: `/openapi/v3/${prefix}?hash=${documentOf(prefix, served).hash}` },
        ]),
      );
      return jsonResponse({ paths });
    }
    const prefix = rest.join("/");
    const served = groups.get(prefix);
    if (served === undefined) throw noSuchResource();
    return textResponse(documentOf(prefix, served).text);
  };
}

/** An OpenAPI v2 protobuf document that says only `swagger: "2.0"` and its title: unknown kinds skip client-side checks. */
function emptyV2(): Uint8Array {
  const field = (number: number, bytes: Uint8Array): Uint8Array => Uint8Array.from([(number << 3) | 2, bytes.length, ...bytes]);
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const info = Uint8Array.from([...field(1, text("Slipway sandbox")), ...field(2, text("v1.34.0"))]);
  return Uint8Array.from([...field(1, text("2.0")), ...field(2, info), ...field(8, new Uint8Array())]);
}

function buildDocument(resources: readonly ServedResource[]): object {
  const schemas: Record<string, object> = {};
  const paths: Record<string, object> = {};
  for (const served of resources) {
    const name = addKindSchema(schemas, served);
    const root = served.group === "" ? `/api/${served.version}` : `/apis/${served.group}/${served.version}`;
    const collection = served.namespaced ? `${root}/namespaces/{namespace}/${served.plural}` : `${root}/${served.plural}`;
    const gvk = { group: served.group, version: served.version, kind: served.kind };
    const operation = (action: string, withBody: boolean): object => ({
      "x-kubernetes-action": action,
      "x-kubernetes-group-version-kind": gvk,
      parameters: withBody ? writeParameters : [],
      responses: { "200": { description: "OK", content: { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } } } },
    });
    paths[collection] = { get: operation("list", false), post: operation("post", true) };
    if (served.definition.virtual !== true) {
      paths[`${collection}/{name}`] = {
        get: operation("get", false),
        put: operation("put", true),
        patch: operation("patch", true),
        delete: operation("delete", false),
      };
    }
  }
  return { openapi: "3.0.0", info: { title: "Slipway sandbox", version: "v1.34.0" }, paths, components: { schemas } };
}

const writeParameters = ["dryRun", "fieldManager", "fieldValidation"].map((name) => ({
  name,
  in: "query",
  schema: { type: "string", uniqueItems: true },
}));

const metaName = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const typeFields = {
  apiVersion: { type: "string", description: "The group and version of this object's schema." },
  kind: { type: "string", description: "The kind of this object." },
};

function addKindSchema(schemas: Record<string, object>, served: ServedResource): string {
  const gvk = [{ group: served.group, version: served.version, kind: served.kind }];
  const message = served.definition.message;
  if (message !== undefined) {
    const name = addMessage(schemas, message);
    const base = schemas[name] as { properties?: object };
    schemas[name] = { ...base, properties: { ...typeFields, ...base.properties }, "x-kubernetes-group-version-kind": gvk };
    return name;
  }
  addMessage(schemas, "meta.ObjectMeta");
  const name = `${served.group.split(".").reverse().join(".")}.${served.version}.${served.kind}`;
  const schema = (served.schema ?? { type: "object", "x-kubernetes-preserve-unknown-fields": true }) as { properties?: object };
  schemas[name] = {
    ...schema,
    properties: { ...schema.properties, ...typeFields, metadata: { allOf: [{ $ref: `#/components/schemas/${metaName}` }], default: {} } },
    "x-kubernetes-group-version-kind": gvk,
  };
  return name;
}

const packages: Readonly<Record<string, string>> = {
  meta: "io.k8s.apimachinery.pkg.apis.meta.v1",
  intstr: "io.k8s.apimachinery.pkg.util.intstr",
};

function schemaName(message: string): string {
  const [group = "", kind = ""] = message.split(".");
  return `${packages[group] ?? `io.k8s.api.${group}.v1`}.${kind}`;
}

/** Adds the message and everything it refers to. */
function addMessage(schemas: Record<string, object>, message: string): string {
  const name = schemaName(message);
  if (schemas[name] !== undefined) return name;
  const properties: Record<string, object> = {};
  schemas[name] = { type: "object", properties };
  for (const [key, field] of messageType(message)?.byName ?? []) properties[key] = fieldSchema(schemas, field);
  return name;
}

function fieldSchema(schemas: Record<string, object>, field: MessageField): object {
  const single = field.scalar
    ? scalarSchema(schemas, field.type as ScalarType)
    : { $ref: `#/components/schemas/${addMessage(schemas, field.type)}` };
  if (field.container === "list") return { type: "array", items: single };
  if (field.container === "map") return { type: "object", additionalProperties: single };
  // A reference with siblings has to stand in an allOf, or explain shows nothing beside it.
  return "$ref" in single ? { allOf: [single], ...(field.scalar ? {} : { default: {} }) } : single;
}

/** Scalars that upstream's documents name, so that `explain` shows their names. */
const namedScalars: Partial<Record<ScalarType, readonly [name: string, schema: object]>> = {
  intorstring: [
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] },
  ],
  quantity: ["io.k8s.apimachinery.pkg.api.resource.Quantity", { oneOf: [{ type: "string" }, { type: "number" }] }],
  time: ["io.k8s.apimachinery.pkg.apis.meta.v1.Time", { type: "string", format: "date-time" }],
  microtime: ["io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime", { type: "string", format: "date-time" }],
  raw: ["io.k8s.apimachinery.pkg.runtime.RawExtension", { type: "object" }],
  fields: ["io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1", { type: "object" }],
};

const plainScalars: Partial<Record<ScalarType, object>> = {
  i: { type: "integer", format: "int32" },
  b: { type: "boolean" },
  d: { type: "number", format: "double" },
  y: { type: "string", format: "byte" },
};

function scalarSchema(schemas: Record<string, object>, type: ScalarType): object {
  const named = namedScalars[type];
  if (named === undefined) return plainScalars[type] ?? { type: "string" };
  const [name, schema] = named;
  schemas[name] = schema;
  return { $ref: `#/components/schemas/${name}` };
}
