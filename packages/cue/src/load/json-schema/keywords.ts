/** What is known of each keyword (JSON Schema drafts 4 to 2020-12, OpenAPI 3.0 and 3.1). */

/** Turned into constraints. */
const constraints = [
  "$defs",
  "$ref",
  "additionalItems",
  "additionalProperties",
  "allOf",
  "anyOf",
  "const",
  "contains",
  "definitions",
  "dependentRequired",
  "else",
  "enum",
  "exclusiveMaximum",
  "exclusiveMinimum",
  "format",
  "if",
  "items",
  "maxContains",
  "maxItems",
  "maxLength",
  "maxProperties",
  "maximum",
  "minContains",
  "minItems",
  "minLength",
  "minProperties",
  "minimum",
  "multipleOf",
  "not",
  "nullable",
  "oneOf",
  "pattern",
  "patternProperties",
  "prefixItems",
  "properties",
  "propertyNames",
  "required",
  "then",
  "type",
  "uniqueItems",
];
/** Say nothing about instances. */
const annotations = [
  "$anchor",
  "$comment",
  "$id",
  "$schema",
  "$vocabulary",
  "contentEncoding",
  "contentMediaType",
  "default",
  "deprecated",
  "description",
  "example",
  "examples",
  "externalDocs",
  "id",
  "readOnly",
  "title",
  "writeOnly",
];
/** Known, and without an effect here. */
const unsupported = [
  "$dynamicAnchor",
  "$dynamicRef",
  "$recursiveAnchor",
  "$recursiveRef",
  "contentSchema",
  "dependencies",
  "dependentSchemas",
  "discriminator",
  "unevaluatedItems",
  "unevaluatedProperties",
  "xml",
];

export type KeywordKind = "constraint" | "annotation" | "unsupported" | "unknown";

const kinds = new Map<string, KeywordKind>([
  ...constraints.map((name) => [name, "constraint"] as const),
  ...annotations.map((name) => [name, "annotation"] as const),
  ...unsupported.map((name) => [name, "unsupported"] as const),
]);

export function keywordKind(name: string): KeywordKind {
  // Extensions are anybody's.
  return name.startsWith("x-") ? "annotation" : (kinds.get(name) ?? "unknown");
}

/** Hold a string. */
export const textKeywords: ReadonlySet<string> = new Set(["$id", "$ref", "$schema", "description", "format", "pattern", "title"]);

/** String formats that the packages of the language can check. */
export const stringFormats: Readonly<Record<string, { readonly text: string; readonly package: string }>> = {
  "date-time": { text: "time.Time", package: "time" },
  date: { text: 'time.Format("2006-01-02")', package: "time" },
  time: { text: 'time.Format("15:04:05")', package: "time" },
  uri: { text: "net.AbsURL", package: "net" },
  "uri-reference": { text: "net.URL", package: "net" },
  regex: { text: "regexp.Valid", package: "regexp" },
};

/** Formats of numbers that are types of the language. */
export const numberFormats: ReadonlySet<string> = new Set(["int32", "int64", "uint8", "int8", "uint16", "int16", "uint32", "uint64"]);
