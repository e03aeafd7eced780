/** From a stored CustomResourceDefinition to the resources that are served for it, one for each served version. */
import type { KubeObject, StructuralSchema } from "@slipway/kube";
import {
  applySchemaDefaults,
  compileJsonPath,
  formatApiVersion,
  formatFieldPath,
  labelSelectorFromObject,
  validateBySchema,
} from "@slipway/kube";
import { formatAge, parseTimestamp } from "@slipway/std";
import { ageColumn, nameColumn } from "../schema/columns.ts";
import type { FieldProblem } from "../schema/field-problem.ts";
import type { Fields } from "../schema/fields.ts";
import { child, isFields, items, text, valueAt } from "../schema/fields.ts";
import type { KindDefinition, ScalePaths, SubresourceName, TableColumn } from "../schema/kind-definition.ts";
import type { CustomResourceConverter } from "./conversion-webhook.ts";
import { decodeCustom } from "./decode-object.ts";
import type { ServedResource } from "./served-resource.ts";

export function servedVersionsOf(crd: KubeObject, converter: CustomResourceConverter): readonly ServedResource[] {
  const established = items(child(crd, "status")["conditions"]).find((condition) => condition["type"] === "Established");
  if (established?.["status"] !== "True") return [];
  const spec = child(crd, "spec");
  const names = child(spec, "names");
  const versions = items(spec["versions"]);
  const storageVersion = text(versions.find((version) => version["storage"] === true)?.["name"]);
  const group = text(spec["group"]);
  return versions
    .filter((version) => version["served"] === true)
    .map((version): ServedResource => {
      const name = text(version["name"]);
      const schema = child(version, "schema", "openAPIV3Schema") as StructuralSchema;
      const definition = definitionOf(spec, names, version, schema);
      const apiVersion = formatApiVersion({ group, version: name });
      const storageApiVersion = formatApiVersion({ group, version: storageVersion });
      const isStorage = name === storageVersion;
      return {
        definition,
        group,
        version: name,
        kind: definition.kind,
        plural: definition.plural,
        namespaced: definition.namespaced,
        singular: definition.singular ?? definition.kind.toLowerCase(),
        shortNames: definition.shortNames ?? [],
        categories: definition.categories ?? [],
        listKind: text(names["listKind"]) || `${definition.kind}List`,
        bucket: `${group}/${definition.plural}`,
        storedAsServed: isStorage,
        schema,
        decode: (input) => decodeCustom(input, schema),
        async present(objects): Promise<readonly KubeObject[]> {
          // An object stored before the storage version moved still carries its old version.
          if (objects.every((object) => object.apiVersion === apiVersion)) return objects;
          const converted = await converter.convert(crd, objects, apiVersion);
          return converted.map((object) => applySchemaDefaults(schema, object));
        },
        async store(object): Promise<KubeObject> {
          if (isStorage) return object;
          return (await converter.convert(crd, [object], storageApiVersion))[0] ?? object;
        },
      };
    });
}

function definitionOf(spec: Fields, names: Fields, version: Fields, schema: StructuralSchema): KindDefinition {
  const subresources = child(version, "subresources");
  const served: SubresourceName[] = [];
  if (isFields(subresources["status"])) served.push("status");
  const scale = subresources["scale"];
  if (isFields(scale)) served.push("scale");
  const hasStatus = served.includes("status");
  const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(text) : []);
  return {
    group: text(spec["group"]),
    version: text(version["name"]),
    kind: text(names["kind"]),
    plural: text(names["plural"]),
    singular: text(names["singular"]),
    namespaced: spec["scope"] === "Namespaced",
    shortNames: strings(names["shortNames"]),
    categories: strings(names["categories"]),
    subresources: served,
    selectableFields: items(version["selectableFields"]).map((field) => text(field["jsonPath"]).replace(/^\./, "")),
    ...(isFields(scale) ? { scale: scalePaths(scale) } : {}),
    columns: columnsOf(items(version["additionalPrinterColumns"])),
    setDefaults: (object) => {
      const filled = applySchemaDefaults(schema, object);
      if (filled !== object) Object.assign(object, filled);
    },
    prepareCreate: (object) => {
      if (hasStatus) delete object["status"];
    },
    validate: (object) => validateCustom(object, schema),
  };
}

function validateCustom(object: KubeObject, schema: StructuralSchema): FieldProblem[] {
  const { metadata: _, ...rest } = object;
  return validateBySchema(schema, rest).map((finding) => ({
    reason: (finding.args?.["reason"] as FieldProblem["reason"] | undefined) ?? "FieldValueInvalid",
    field: formatFieldPath(finding.path),
    message: finding.message,
  }));
}

const parts = (path: unknown): readonly string[] =>
  text(path)
    .split(".")
    .filter((part) => part !== "");

function scalePaths(scale: Fields): ScalePaths {
  return {
    specReplicas: parts(scale["specReplicasPath"]),
    statusReplicas: parts(scale["statusReplicasPath"]),
    selector: text(scale["labelSelectorPath"]) === "" ? undefined : parts(scale["labelSelectorPath"]),
  };
}

function columnsOf(declared: readonly Fields[]): readonly TableColumn[] {
  if (declared.length === 0) return [nameColumn, ageColumn];
  return [
    nameColumn,
    ...declared.map((column): TableColumn => {
      const type = text(column["type"]) as TableColumn["type"];
      const read = firstMatch(text(column["jsonPath"]));
      return {
        name: text(column["name"]),
        type,
        ...(column["format"] === undefined ? {} : { format: text(column["format"]) }),
        ...(column["description"] === undefined ? {} : { description: text(column["description"]) }),
        priority: typeof column["priority"] === "number" ? column["priority"] : 0,
        value: (object, nowMs) => cell(read(object), type, nowMs),
      };
    }),
  ];
}

/** A reader of the first value at `path`; a path that does not parse reads nothing, as the column is only decoration. */
function firstMatch(path: string): (object: KubeObject) => unknown {
  try {
    const select = compileJsonPath(path);
    return (object) => select(object)[0];
  } catch {
    return () => undefined;
  }
}

/** A CRD column's cell, by its declared type: dates become ages, absent values stay empty. */
function cell(value: unknown, type: TableColumn["type"], nowMs: number): unknown {
  if (value === undefined || value === null) return null;
  if (type === "date") {
    const at = typeof value === "string" ? parseTimestamp(value) : undefined;
    return at === undefined ? "<invalid>" : formatAge(nowMs - at);
  }
  if (type === "integer" || type === "number") return typeof value === "number" ? value : null;
  if (type === "boolean") return typeof value === "boolean" ? value : null;
  return typeof value === "object" ? JSON.stringify(value) : String(value as string | number | boolean);
}

/** The selector text that `/scale` shows: a string field as it is, a LabelSelector object written out. */
export function scaleSelectorText(
  object: KubeObject,
  paths: ScalePaths,
  write: (selector: ReturnType<typeof labelSelectorFromObject>) => string,
): string {
  const value = paths.selector === undefined ? undefined : valueAt(object, paths.selector);
  if (typeof value === "string") return value;
  return isFields(value) ? write(labelSelectorFromObject(value)) : "";
}
