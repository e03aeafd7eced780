/** JSON Schema from values. */
import type { JsonValue } from "@slipway/std";
import type { CueError, Value } from "../api.ts";
import { packageDescription } from "../openapi/documentation.ts";
import { CueValue } from "../value/cue-value.ts";
import { dialects } from "./dialect.ts";
import { SchemaGenerator } from "./generator.ts";

export interface JsonSchemaOptions {
  /** Default `2020-12`. */
  readonly version?: "2020-12" | "draft-07";
}

/** A schema that allows what the value allows, as far as JSON Schema can tell; what it cannot tell is left out. */
export function generateJsonSchema(
  value: Value,
  options: JsonSchemaOptions = {},
):
  | { readonly ok: true; readonly value: { readonly [key: string]: JsonValue } }
  | { readonly ok: false; readonly errors: readonly CueError[] } {
  const errors = value.validate();
  if (!(value instanceof CueValue) || value.vertex === undefined || errors.length > 0) return { ok: false, errors };
  const dialect = dialects[options.version ?? "2020-12"];
  const generator = new SchemaGenerator(value.instance, { dialect });
  const { vertex } = value;
  value.finished();
  const isRoot = vertex === value.instance.root;
  const schema = generator.schemaOf(vertex);
  const description = isRoot ? packageDescription(value.instance.literals) : "";
  const whole = typeof schema === "object" && schema !== null && !Array.isArray(schema) ? schema : { not: {} };
  const finished = generator.finish(description === "" ? whole : { ...whole, description });
  const own = finished.value as { readonly [key: string]: JsonValue };
  const definitions = Object.keys(finished.shared).length === 0 ? {} : { [dialect.definitions.slice(2, -1)]: finished.shared };
  return { ok: true, value: { $schema: dialect.schema ?? "", ...definitions, ...own } };
}
