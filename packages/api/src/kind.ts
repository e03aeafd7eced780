/**
 * The one source of truth of a kind of ours: a schema value from which the TypeScript type and the CRD are generated
 * (`npm run generate`) and by which objects are defaulted and validated.
 */
import type { KubeObject, Resource } from "@slipway/kube";
import type { JsonValue } from "@slipway/std";

/** A structural schema (apiextensions.k8s.io/v1 `JSONSchemaProps`), plus `typeName` for the generated type. */
export interface Schema {
  /** Name of the generated TypeScript interface; without it the type is written in place. Not part of the CRD. */
  readonly typeName?: string;
  readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  readonly description?: string;
  readonly format?: string;
  readonly nullable?: boolean;
  readonly default?: JsonValue;
  readonly enum?: readonly JsonValue[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly "x-kubernetes-preserve-unknown-fields"?: true;
  readonly "x-kubernetes-int-or-string"?: true;
  readonly "x-kubernetes-embedded-resource"?: true;
  readonly "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
}

/** A column of `kubectl get`; `priority` 1 shows it only with `-o wide`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly jsonPath: string;
  readonly description?: string;
  readonly priority?: number;
}

export interface KindVersion {
  /** `v1beta1`. */
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  /** The whole object; `apiVersion`, `kind` and `metadata` are added. `typeName` is required here. */
  readonly schema: Schema & { readonly typeName: string };
  /** Whether `/status` exists. */
  readonly statusSubresource: boolean;
  readonly printerColumns: readonly PrinterColumn[];
}

export interface KindDefinition {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly versions: readonly KindVersion[];
}

/** The REST resource of a served version; without a version, of the storage version. */
export function resourceOf(kind: KindDefinition, version?: string): Resource {
  const found = kind.versions.find((candidate) => (version === undefined ? candidate.storage : candidate.name === version));
  if (found === undefined) throw new Error(`${kind.kind} has no version ${version ?? "to store"}`);
  return { group: kind.group, version: found.name, kind: kind.kind, plural: kind.plural, namespaced: true };
}

/** The CustomResourceDefinition object of a kind. A kind of several versions is converted by webhook. */
export function crdOf(kind: KindDefinition): KubeObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${kind.plural}.${kind.group}` },
    spec: {
      group: kind.group,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        ...(kind.shortNames.length > 0 ? { shortNames: [...kind.shortNames] } : {}),
        ...(kind.categories.length > 0 ? { categories: [...kind.categories] } : {}),
      },
      scope: "Namespaced",
      versions: kind.versions.map((version) => ({
        name: version.name,
        served: version.served,
        storage: version.storage,
        schema: { openAPIV3Schema: crdSchema(withObjectFields(version.schema)) },
        ...(version.statusSubresource ? { subresources: { status: {} } } : {}),
        ...(version.printerColumns.length > 0 ? { additionalPrinterColumns: version.printerColumns.map((column) => ({ ...column })) } : {}),
      })),
    },
  };
}

function withObjectFields(schema: Schema): Schema {
  return {
    ...schema,
    properties: { apiVersion: { type: "string" }, kind: { type: "string" }, metadata: { type: "object" }, ...schema.properties },
  };
}

/** The schema as a CRD carries it: without `typeName`. */
function crdSchema(schema: Schema): JsonValue {
  const { typeName: _typeName, properties, items, additionalProperties, ...plain } = schema;
  const result: Record<string, unknown> = { ...plain };
  if (properties !== undefined) {
    result["properties"] = Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, crdSchema(property)]));
  }
  if (items !== undefined) result["items"] = crdSchema(items);
  if (additionalProperties !== undefined) {
    result["additionalProperties"] = typeof additionalProperties === "boolean" ? additionalProperties : crdSchema(additionalProperties);
  }
  return result as JsonValue;
}
