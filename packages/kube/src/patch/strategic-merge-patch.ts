/**
 * Strategic merge patch (sig-api-machinery/strategic-merge-patch): a merge patch that knows which lists are maps.
 *
 * A list whose schema names a `mergeKey` is merged item by item; one with `mergeSet` is a set of scalars; every other
 * list is replaced. Directives: `$patch: merge | replace | delete` in an object or list item, `$retainKeys`,
 * `$deleteFromPrimitiveList/<field>` and `$setElementOrder/<field>` beside a field.
 *
 * Order of a merged list: the items that the patch (or `$setElementOrder`) names come in its order; the others keep
 * their order among themselves and are placed by the position that both had before.
 *
 * Where a field is absent in the target, its patch is merged into an empty value, so that directives never end up in
 * the result (upstream copies them).
 */
import { AppError, cloneJson, deepEqual } from "@slipway/std";
import { getOwn, isRecord, setOwn } from "../own-property.ts";

/** What the type of a field says about patching it. Without a schema, objects merge and lists are replaced. */
export interface PatchSchema {
  /** Schemas of an object's fields. */
  readonly fields?: Readonly<Record<string, PatchSchema>>;
  /** Schema of a list's items. */
  readonly items?: PatchSchema;
  /** A list of objects, told apart by this field. */
  readonly mergeKey?: string;
  /** A list of scalars that is a set. */
  readonly mergeSet?: true;
  /** An object that a patch replaces as a whole. */
  readonly replace?: true;
  /** A union: a three-way patch lists the keys to keep, so that the fields of another variant go. */
  readonly retainKeys?: true;
}

const deletePrefix = "$deleteFromPrimitiveList/";
const orderPrefix = "$setElementOrder/";

/** The patched object; inputs stay as they were and share nothing with it. Throws `KUBE_PATCH_MALFORMED`. */
export function applyStrategicMergePatch<T extends object>(target: T, patch: object, schema: PatchSchema | undefined): T {
  return mergeObject(target as Record<string, unknown>, patch as Record<string, unknown>, schema, "") as T;
}

function malformed(path: string, why: string): AppError {
  return new AppError("KUBE_PATCH_MALFORMED", `strategic merge patch at ${path === "" ? "the root" : path}: ${why}`, { retry: "never" });
}

function mergeObject(
  target: Record<string, unknown>,
  patch: Record<string, unknown>,
  schema: PatchSchema | undefined,
  path: string,
): Record<string, unknown> {
  const directive = getOwn(patch, "$patch");
  if (directive === "delete") return {};
  if (directive !== undefined && directive !== "replace" && directive !== "merge")
    throw malformed(path, `unknown $patch ${JSON.stringify(directive)}`);
  const result: Record<string, unknown> = directive === "replace" ? {} : cloneJson(target);
  retainKeys(result, patch, path);

  for (const field of listFieldsOf(patch)) {
    const at = path === "" ? field : `${path}.${field}`;
    const fieldSchema = getOwn(schema?.fields ?? {}, field) as PatchSchema | undefined;
    const value = getOwn(patch, field);
    const present = getOwn(result, field);
    const removals = directiveList(patch, deletePrefix + field, at);
    const order = directiveList(patch, orderPrefix + field, at);
    if (value === null) delete result[field];
    else if (isRecord(value)) {
      const base = isRecord(present) && fieldSchema?.replace !== true ? present : {};
      setOwn(result, field, mergeObject(base, value, fieldSchema, at));
    } else if (Array.isArray(value) || removals !== undefined || order !== undefined) {
      const list = Array.isArray(value) ? (value as unknown[]) : undefined;
      if (list === undefined && !Array.isArray(present)) continue;
      setOwn(result, field, mergeList(Array.isArray(present) ? present : [], list, removals, order, fieldSchema, at));
    } else if (value !== undefined) setOwn(result, field, value);
  }
  return result;
}

/** The fields that a patch speaks of, directly or through a list directive. */
function listFieldsOf(patch: Record<string, unknown>): Set<string> {
  const fields = new Set<string>();
  for (const key of Object.keys(patch)) {
    if (key === "$patch" || key === "$retainKeys") continue;
    if (key.startsWith(deletePrefix)) fields.add(key.slice(deletePrefix.length));
    else if (key.startsWith(orderPrefix)) fields.add(key.slice(orderPrefix.length));
    else fields.add(key);
  }
  return fields;
}

function retainKeys(result: Record<string, unknown>, patch: Record<string, unknown>, path: string): void {
  const keep = getOwn(patch, "$retainKeys");
  if (keep === undefined) return;
  if (!Array.isArray(keep) || !keep.every((key) => typeof key === "string"))
    throw malformed(path, "$retainKeys must be a list of field names");
  for (const field of listFieldsOf(patch)) {
    if (getOwn(patch, field) !== null && !keep.includes(field)) throw malformed(path, `${field} is patched but not in $retainKeys`);
  }
  for (const key of Object.keys(result)) if (!keep.includes(key)) delete result[key];
}

function directiveList(patch: Record<string, unknown>, key: string, path: string): unknown[] | undefined {
  const list = getOwn(patch, key);
  if (list === undefined || list === null) return undefined;
  if (!Array.isArray(list)) throw malformed(path, `${key} must be a list`);
  return list as unknown[];
}

function mergeList(
  target: readonly unknown[],
  patch: readonly unknown[] | undefined,
  removals: readonly unknown[] | undefined,
  order: readonly unknown[] | undefined,
  schema: PatchSchema | undefined,
  path: string,
): unknown[] {
  if (schema?.mergeSet === true) {
    const wanted = (patch ?? []).filter((item) => typeof item !== "object");
    const merged = [...new Set([...target, ...wanted])].filter((item) => removals?.includes(item) !== true);
    return arrange(merged, order ?? wanted, target, (item) => item);
  }
  if (schema?.mergeKey === undefined) return cloneJson([...(patch ?? target)]);

  const key = schema.mergeKey;
  const keyOf = (item: unknown): unknown => {
    const value = isRecord(item) ? getOwn(item, key) : undefined;
    if (value === undefined) throw malformed(path, `an item lacks its merge key ${JSON.stringify(key)}`);
    return value;
  };
  const sets: Record<string, unknown>[] = [];
  const deletes = new Set<unknown>();
  let replace = false;
  for (const item of patch ?? []) {
    if (!isRecord(item)) throw malformed(path, "an item is not an object");
    const directive = getOwn(item, "$patch");
    if (directive === "delete") deletes.add(keyOf(item));
    else if (directive === "replace") replace = true;
    else if (directive === undefined) sets.push(item);
    else throw malformed(path, `unknown $patch ${JSON.stringify(directive)} in a list`);
  }
  const kept = replace
    ? []
    : target.filter((item) => !deletes.has(isRecord(item) ? getOwn(item, key) : undefined)).map((item) => cloneJson(item));
  const merged: unknown[] = kept;
  for (const item of sets) {
    const wanted = keyOf(item);
    const index = merged.findIndex((other) => isRecord(other) && getOwn(other, key) === wanted);
    const base = index < 0 ? {} : (merged[index] as Record<string, unknown>);
    const result = mergeObject(base, item, schema.items, `${path}[${key}=${String(wanted)}]`);
    if (index < 0) merged.push(result);
    else merged[index] = Object.hasOwn(result, key) ? result : { [key]: wanted, ...result };
  }
  return arrange(merged, order ?? sets, target, (item) => (isRecord(item) ? getOwn(item, key) : undefined));
}

/** Puts the items named by `order` in that order and weaves the others in, by the position that both had in `before`. */
function arrange(
  items: readonly unknown[],
  order: readonly unknown[],
  before: readonly unknown[],
  idOf: (item: unknown) => unknown,
): unknown[] {
  const rank = new Map(order.map((item, index) => [idOf(item), index]));
  const place = new Map(before.map((item, index) => [idOf(item), index]));
  const named = items.filter((item) => rank.has(idOf(item))).sort((a, b) => (rank.get(idOf(a)) ?? 0) - (rank.get(idOf(b)) ?? 0));
  const others = items.filter((item) => !rank.has(idOf(item)));
  const result: unknown[] = [];
  while (named.length > 0 && others.length > 0) {
    const left = place.get(idOf(named[0]));
    const right = place.get(idOf(others[0]));
    const takeNamed = left !== undefined && right !== undefined && left < right;
    result.push((takeNamed ? named : others).shift());
  }
  return [...result, ...named, ...others];
}

/**
 * What a client-side apply sends for a built-in kind: `modified` (the manifest) compared with `current` (the live
 * object), plus removals of what `original` (the manifest applied last) had and `modified` has not.
 */
export function threeWayStrategicPatch(
  original: object | undefined,
  modified: object,
  current: object,
  schema: PatchSchema | undefined,
): Record<string, unknown> {
  return diffObject(
    (original ?? {}) as Record<string, unknown>,
    modified as Record<string, unknown>,
    current as Record<string, unknown>,
    schema,
  );
}

function diffObject(
  original: Record<string, unknown>,
  modified: Record<string, unknown>,
  current: Record<string, unknown>,
  schema: PatchSchema | undefined,
): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  const isAbsent = (value: unknown): boolean => value === null || value === undefined;
  for (const key of new Set([...Object.keys(original), ...Object.keys(modified)])) {
    if (isAbsent(getOwn(modified, key)) && !isAbsent(getOwn(current, key))) setOwn(patch, key, null);
  }
  for (const [key, value] of Object.entries(modified)) {
    if (isAbsent(value)) continue;
    const now = getOwn(current, key);
    const before = getOwn(original, key);
    const fieldSchema = getOwn(schema?.fields ?? {}, key) as PatchSchema | undefined;
    if (deepEqual(now, value)) continue;
    if (isRecord(value) && isRecord(now)) {
      if (fieldSchema?.replace === true) setOwn(patch, key, { $patch: "replace", ...cloneJson(value) });
      else {
        const inner = diffObject(isRecord(before) ? before : {}, value, now, fieldSchema);
        if (Object.keys(inner).length > 0) setOwn(patch, key, inner);
      }
    } else if (Array.isArray(value) && Array.isArray(now) && (fieldSchema?.mergeKey !== undefined || fieldSchema?.mergeSet === true)) {
      diffList(patch, key, Array.isArray(before) ? before : [], value, now, fieldSchema);
    } else setOwn(patch, key, cloneJson(value));
  }
  // A patch that only removes needs no list of what stays: what another writer added is not ours.
  const changes = Object.keys(patch).some((key) => patch[key] !== null);
  if (schema?.retainKeys === true && changes)
    patch["$retainKeys"] = Object.keys(modified)
      .filter((key) => !isAbsent(modified[key]))
      .sort();
  return patch;
}

function diffList(
  patch: Record<string, unknown>,
  field: string,
  original: readonly unknown[],
  modified: readonly unknown[],
  current: readonly unknown[],
  schema: PatchSchema,
): void {
  const key = schema.mergeKey;
  const idOf = (item: unknown): unknown => (key === undefined ? item : isRecord(item) ? getOwn(item, key) : undefined);
  const find = (list: readonly unknown[], id: unknown): unknown => list.find((item) => idOf(item) === id);
  const wanted = new Set(modified.map(idOf));
  const gone = [...new Set(original.map(idOf))].filter((id) => !wanted.has(id) && current.some((item) => idOf(item) === id));
  const changes: unknown[] = [];
  for (const item of modified) {
    const id = idOf(item);
    const now = find(current, id);
    if (now === undefined) changes.push(cloneJson(item));
    else if (key !== undefined && isRecord(item) && isRecord(now)) {
      const before = find(original, id);
      const inner = diffObject(isRecord(before) ? before : {}, item, now, schema.items);
      if (Object.keys(inner).length > 0) changes.push({ [key]: id, ...inner });
    }
  }
  if (key === undefined) {
    if (gone.length > 0) patch[deletePrefix + field] = gone;
  } else for (const id of gone) changes.push({ $patch: "delete", [key]: id });

  const orderNow = current.map(idOf).filter((id) => wanted.has(id));
  const reordered = !deepEqual(
    orderNow,
    [...wanted].filter((id) => orderNow.includes(id)),
  );
  if (changes.length === 0 && gone.length === 0 && !reordered) return;
  if (changes.length > 0) setOwn(patch, field, changes);
  patch[orderPrefix + field] = key === undefined ? [...modified] : [...wanted].map((id) => ({ [key]: id }));
}
