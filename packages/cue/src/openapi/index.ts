/** OpenAPI from definitions. */
import type { JsonValue } from "@slipway/std";
import type { CueError, Value } from "../api.ts";
import { CueValue } from "../value/cue-value.ts";
import { titleOf, usageOf } from "./documentation.ts";
import type { GeneratorOptions } from "./generator.ts";
import { Generator } from "./generator.ts";

export type { GeneratorOptions } from "./generator.ts";

export type Generated =
  | { readonly ok: true; readonly value: { readonly [key: string]: JsonValue } }
  | { readonly ok: false; readonly errors: readonly CueError[] };

/**
 * An OpenAPI document whose `components.schemas` are the definitions of the value's root. Title and version come from the
 * fields `info` and `$version`, else from the first comment of the file.
 */
export function generateOpenApi(value: Value, options: GeneratorOptions = {}): Generated {
  if (!(value instanceof CueValue)) return { ok: false, errors: value.validate() };
  const errors = value.validate();
  if (errors.length > 0) return { ok: false, errors };
  const generator = new Generator(value.instance, options);
  generator.definitions();
  if (generator.errors.length > 0) return { ok: false, errors: generator.errors };
  const given = value.lookup("info").toJson();
  const info = given.ok && typeof given.value === "object" && given.value !== null && !Array.isArray(given.value) ? given.value : {};
  const version = value.lookup(["$version"]).toJson();
  const schemas = Object.fromEntries([...generator.schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    ok: true,
    value: {
      openapi: options.version ?? "3.0.0",
      info: { title: titleOf(value.instance.literals), version: version.ok ? version.value : "no version", ...info },
      paths: {},
      components: { schemas },
    },
  };
}

/**
 * The schema of a definition's `parameter`, for forms and for admission: everything in place, no `$ref`; what KubeVela
 * writes after `+usage=` is the description.
 */
export function parameterSchema(parameter: Value): Generated {
  if (!(parameter instanceof CueValue) || parameter.vertex === undefined) return { ok: false, errors: parameter.validate() };
  const errors = parameter.validate();
  if (errors.length > 0) return { ok: false, errors };
  const generator = new Generator(parameter.instance, { expandReferences: true, describe: usageOf });
  parameter.finished();
  const schema = generator.valueSchema(parameter.vertex);
  return generator.errors.length > 0 ? { ok: false, errors: generator.errors } : { ok: true, value: schema };
}
