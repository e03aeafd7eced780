/** Removal of fields that a structural schema does not specify. */
import { cloneJson } from "@slipway/std";
import { getOwn, isRecord, setOwn } from "../own-property.ts";
import type { FieldPath, StructuralSchema } from "./structural-schema.ts";

export interface PruneResult<T> {
  /** A copy without the unknown fields. */
  readonly value: T;
  /** Where unknown fields stood, in document order. */
  readonly pruned: readonly FieldPath[];
}

/**
 * `apiVersion`, `kind` and `metadata` survive at the root of a resource (`isResource`, default true) and of embedded
 * resources. `x-kubernetes-preserve-unknown-fields` keeps the unknown fields of its object; specified ones inside are
 * still pruned.
 */
export function pruneBySchema<T>(schema: StructuralSchema, value: T, isResource = true): PruneResult<T> {
  const pruned: FieldPath[] = [];
  return { value: prune(schema, value, isResource, [], pruned) as T, pruned };
}

function prune(schema: StructuralSchema, value: unknown, isResource: boolean, path: FieldPath, pruned: FieldPath[]): unknown {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items === undefined) return cloneJson(value) as unknown;
    return value.map((item: unknown, index) =>
      prune(items, item, items["x-kubernetes-embedded-resource"] === true, [...path, index], pruned),
    );
  }
  if (!isRecord(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value)) {
    if (child === undefined) continue;
    const at = [...path, key];
    const known = getOwn(schema.properties ?? {}, key) as StructuralSchema | undefined;
    if (isResource && (key === "apiVersion" || key === "kind" || key === "metadata")) setOwn(result, key, cloneJson(child));
    else if (known !== undefined) setOwn(result, key, prune(known, child, known["x-kubernetes-embedded-resource"] === true, at, pruned));
    else if (typeof schema.additionalProperties === "object") {
      const values = schema.additionalProperties;
      setOwn(result, key, prune(values, child, values["x-kubernetes-embedded-resource"] === true, at, pruned));
    } else if (schema.additionalProperties === true || schema["x-kubernetes-preserve-unknown-fields"] === true)
      setOwn(result, key, cloneJson(child));
    else pruned.push(at);
  }
  return result;
}
