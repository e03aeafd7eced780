/** Reading and filling of untyped objects. */
export type Fields = Record<string, unknown>;

/** The object at `key`, or an empty one that is not attached. */
export function child(object: unknown, ...path: readonly string[]): Fields {
  const found = valueAt(object, path);
  return isFields(found) ? found : {};
}

export function valueAt(object: unknown, path: readonly string[]): unknown {
  let at = object;
  for (const part of path) {
    if (!isFields(at) || !Object.hasOwn(at, part)) return undefined;
    at = at[part];
  }
  return at;
}

/** The object at `key`, created and attached when it is absent or null. */
export function ensure(object: Fields, key: string): Fields {
  const found = object[key];
  if (isFields(found)) return found;
  const made: Fields = {};
  if (found === undefined || found === null) object[key] = made;
  return made;
}

/** Writes a default: absent and null count as unset. */
export function fill(object: Fields, key: string, value: unknown): void {
  if (object[key] === undefined || object[key] === null) object[key] = value;
}

/** As `fill` for fields where Go cannot tell zero from unset. */
export function fillZero(object: Fields, key: string, value: unknown): void {
  const now = object[key];
  if (now === undefined || now === null || now === "" || now === 0) object[key] = value;
}

/** The objects of a list; anything else counts as empty. */
export function items(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

export function count(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
