/** JSON Merge Patch, RFC 7396, and the three-way form that a client-side apply of custom resources uses. */
import { cloneJson, deepEqual } from "@slipway/std";
import { getOwn, isRecord, setOwn } from "../own-property.ts";

/** The patched value; neither input is changed and nothing is shared with the result. `null` in the patch removes. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return cloneJson(patch);
  const result: Record<string, unknown> = isRecord(target) ? cloneJson(target) : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) delete result[key];
    else setOwn(result, key, isRecord(value) ? applyMergePatch(getOwn(result, key), value) : cloneJson(value));
  }
  return result;
}

/**
 * The smallest merge patch that makes `to` of `from`: `{}` when they are equal. A merge patch cannot write a `null`
 * field, so a `null` in an object of `to` counts as absent.
 */
export function createMergePatch(from: unknown, to: unknown): unknown {
  return isRecord(from) && isRecord(to) ? diff(from, from, to) : withoutNulls(to);
}

/**
 * What a client-side apply sends: `modified` (the manifest) compared with `current` (the live object), plus removals of
 * what `original` (the manifest applied last) had and `modified` has not. Fields that only `current` has stay.
 */
export function threeWayMergePatch(original: object | undefined, modified: object, current: object): Record<string, unknown> {
  return diff((original ?? {}) as Record<string, unknown>, current as Record<string, unknown>, modified as Record<string, unknown>);
}

function diff(
  original: Record<string, unknown>,
  current: Record<string, unknown>,
  modified: Record<string, unknown>,
): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  // An explicit null in the manifest removes as well.
  for (const key of new Set([...Object.keys(original), ...Object.keys(modified)])) {
    if (isAbsent(getOwn(modified, key)) && Object.hasOwn(current, key) && current[key] !== undefined) setOwn(patch, key, null);
  }
  for (const [key, value] of Object.entries(modified)) {
    if (isAbsent(value)) continue;
    const now = getOwn(current, key);
    const before = getOwn(original, key);
    if (isRecord(value) && isRecord(now)) {
      const inner = diff(isRecord(before) ? before : {}, now, value);
      if (Object.keys(inner).length > 0) setOwn(patch, key, inner);
    } else if (!deepEqual(now, value)) setOwn(patch, key, withoutNulls(value));
  }
  return patch;
}

function isAbsent(value: unknown): boolean {
  return value === null || value === undefined;
}

function withoutNulls(value: unknown): unknown {
  if (!isRecord(value)) return cloneJson(value);
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) if (!isAbsent(item)) setOwn(result, key, withoutNulls(item));
  return result;
}
