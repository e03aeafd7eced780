/** What the versions of JSON Schema and of OpenAPI write differently. */
export interface Dialect {
  /** The value of `$schema`; absent in OpenAPI. */
  readonly schema: string | undefined;
  /** Where shared schemas are. */
  readonly definitions: string;
  /** `const` is known; else an enumeration of one. */
  readonly hasConst: boolean;
  /** Beside `$ref`, other keywords count. */
  readonly refHasSiblings: boolean;
  /** The elements of a tuple are `prefixItems`; else a list of `items`. */
  readonly hasPrefixItems: boolean;
  /** Null is a type; else `nullable`. */
  readonly hasNullType: boolean;
  /** Exclusive limits are numbers; else marks beside the limit. */
  readonly hasExclusiveNumbers: boolean;
  /** Sized numbers have a format. */
  readonly hasNumberFormats: boolean;
}

const newest: Dialect = {
  schema: "https://json-schema.org/draft/2020-12/schema",
  definitions: "#/$defs/",
  hasConst: true,
  refHasSiblings: true,
  hasPrefixItems: true,
  hasNullType: true,
  hasExclusiveNumbers: true,
  hasNumberFormats: false,
};

export const dialects: Readonly<Record<"2020-12" | "draft-07" | "openapi-3.0" | "openapi-3.1", Dialect>> = {
  "2020-12": newest,
  "draft-07": {
    ...newest,
    schema: "http://json-schema.org/draft-07/schema#",
    definitions: "#/definitions/",
    refHasSiblings: false,
    hasPrefixItems: false,
  },
  "openapi-3.0": {
    schema: undefined,
    definitions: "#/components/schemas/",
    hasConst: false,
    refHasSiblings: false,
    hasPrefixItems: false,
    hasNullType: false,
    hasExclusiveNumbers: false,
    hasNumberFormats: true,
  },
  "openapi-3.1": { ...newest, schema: undefined, definitions: "#/components/schemas/" },
};
