/** Defaults of a structural schema. */
import { cloneJson } from "@slipway/std";
import { getOwn, isRecord, setOwn } from "../own-property.ts";
import type { StructuralSchema } from "./structural-schema.ts";

/**
 * A copy with every absent field that has a default filled in, also inside filled-in values. A `null` in a field that is
 * not nullable counts as absent: it gets the default or, without one, goes. Idempotent.
 */
export function applySchemaDefaults<T>(schema: StructuralSchema, value: T): T {
  return fill(schema, value) as T;
}

function fill(schema: StructuralSchema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = schema.items;
    return items === undefined
      ? cloneJson(value)
      : value.map((item: unknown) => fill(items, isDefaultable(items, item) ? items.default : item));
  }
  if (!isRecord(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value)) {
    const known = getOwn(schema.properties ?? {}, key) as StructuralSchema | undefined;
    const inner = known ?? (typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined);
    if (inner === undefined) setOwn(result, key, cloneJson(child));
    else if (child === null && inner.nullable !== true && inner.default === undefined) continue;
    else if (!isDefaultable(inner, child)) setOwn(result, key, fill(inner, child));
    else if (known === undefined) setOwn(result, key, fill(inner, inner.default));
  }
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (property.default !== undefined && !Object.hasOwn(result, key)) setOwn(result, key, fill(property, property.default));
  }
  return result;
}

function isDefaultable(schema: StructuralSchema, value: unknown): boolean {
  return schema.default !== undefined && (value === undefined || (value === null && schema.nullable !== true));
}
