/** Whole OpenAPI documents: what stands under `#` is a schema, all else is as it is (upstream `encoding/openapi`, its newer generator). */
import type { JsonValue } from "@slipway/std";
import type { Value } from "../api.ts";
import { arcMember } from "../engine/expr.ts";
import type { Engine } from "../engine/instance.ts";
import { isDefinition, isHidden, isLet, isString, labelName } from "../engine/label.ts";
import type { Vertex } from "../engine/vertex.ts";
import { dialects } from "../jsonschema/dialect.ts";
import { SchemaGenerator } from "../jsonschema/generator.ts";
import type { NameOf } from "../jsonschema/names.ts";
import { orderedArcs } from "../print/field-order.ts";
import { CueValue } from "../value/cue-value.ts";
import { exportJson } from "../value/export.ts";
import type { Generated } from "./index.ts";

export interface DocumentOptions {
  /** Default: what the field `openapi` says. */
  readonly version?: string;
  readonly nameOf?: NameOf;
  readonly describe?: () => string;
  /** Definitions that nothing refers to, too. */
  readonly allSchemas?: boolean;
}

/** The document, with every schema that is referred to under `components.schemas`. */
export function generateOpenApiDocument(value: Value, options: DocumentOptions = {}): Generated {
  const errors = value.validate();
  if (!(value instanceof CueValue) || errors.length > 0) return { ok: false, errors };
  const told = value.lookup("openapi").toJson();
  const version = options.version ?? (told.ok && typeof told.value === "string" ? told.value : "3.0.0");
  const dialect = /^3\.0(\.|$)/.test(version) ? dialects["openapi-3.0"] : dialects["openapi-3.1"];
  const generator = new SchemaGenerator(value.instance, { dialect, nameOf: options.nameOf, describe: options.describe });
  const { engine, root } = value.instance;
  engine.finalize(root);
  if (options.allSchemas === true) {
    for (const arc of orderedArcs(root)) if (isDefinition(arc.label) && !isHidden(arc.label) && arc.arc === arcMember) generator.share(arc);
  }
  const document = documentOf(engine, generator, root);
  const finished = generator.finish(document);
  const whole = finished.value as { readonly [key: string]: JsonValue };
  if (Object.keys(finished.shared).length === 0) return { ok: true, value: whole };
  const given = whole["components"];
  const components = typeof given === "object" && given !== null && !Array.isArray(given) ? given : {};
  return { ok: true, value: { ...whole, components: { ...components, schemas: finished.shared } } };
}

function documentOf(engine: Engine, generator: SchemaGenerator, given: Vertex): JsonValue {
  engine.finalize(given);
  const schema = given.derefValue().arcs.find((arc) => isDefinition(arc.label) && labelName(arc.label) === "#");
  if (schema !== undefined) return generator.schemaOf(schema);
  const vertex = given.derefValue();
  if (vertex.isList()) return vertex.elements().map((each) => documentOf(engine, generator, each));
  if (vertex.base?.type !== "structMarker") {
    const json = exportJson(engine, vertex);
    return json.ok ? json.value : null;
  }
  const fields = orderedArcs(vertex).filter((arc) => arc.arc === arcMember && isString(arc.label) && !isLet(arc.label));
  return Object.fromEntries(fields.map((arc) => [labelName(arc.label), documentOf(engine, generator, arc)]));
}
