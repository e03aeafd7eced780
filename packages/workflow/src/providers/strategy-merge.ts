/**
 * Merging by patch comments (contract §3.7): plain unification, except where the patch says `+patchKey=` or
 * `+patchStrategy=`. On JSON: the comments come as marks at places of the patch.
 *
 * Not as upstream: a patch is data here, so constraints and defaults in it count as the values that they have.
 */
import type { PathElement, Value } from "@slipway/cue";
import type { JsonObject, JsonValue } from "@slipway/std";
import { deepEqual, isJsonObject } from "@slipway/std";

/** What the comments at one place of a patch say. */
export interface PatchMark {
  readonly path: readonly (string | number)[];
  /** Names by which elements of lists from here on are told apart; several are alternatives, each may be dotted. */
  readonly patchKey?: string;
  /** `replace` or `retainKeys`; others mean nothing. */
  readonly patchStrategy?: string;
  /** A list that ends in `...`. */
  readonly open?: boolean;
}

export type Merged = { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly message: string };

/** The marks of a patch, from the comments of its fields. */
export function patchMarks(patch: Value): PatchMark[] {
  const marks: PatchMark[] = [];
  const walk = (value: Value, path: readonly (string | number)[]): void => {
    const kind = value.incompleteKind();
    const mark: { patchKey?: string; patchStrategy?: string; open?: boolean } = {};
    for (const { text } of value.docs()) Object.assign(mark, commentMark(text));
    const elements = kind === "list" ? value.elements() : [];
    if (kind === "list" && value.allows(elements.length)) mark.open = true;
    if (Object.keys(mark).length > 0) marks.push({ path, ...mark });
    for (const [index, element] of elements.entries()) walk(element, [...path, index]);
    if (kind === "struct") for (const field of value.fields()) walk(field.value, [...path, labelOf(field.element)]);
  };
  walk(patch, []);
  return marks;
}

/** `// +patchKey=name`; one token after the sign, else it is any comment. */
export function commentMark(text: string): { readonly patchKey?: string; readonly patchStrategy?: string } {
  const match = /^\/\/\s*\+\s*(patchKey|patchStrategy)\s*=\s*(\S+)\s*$/.exec(text);
  if (match === null) return {};
  return match[1] === "patchKey" ? { patchKey: match[2] ?? "" } : { patchStrategy: match[2] ?? "" };
}

function labelOf(element: PathElement): string {
  return typeof element === "string" ? element : "";
}

/** `base` and `patch` as one; a message that names the place where they disagree. */
export function mergeByStrategy(base: JsonValue, patch: JsonValue, marks: readonly PatchMark[]): Merged {
  const byPath = new Map(marks.map((mark) => [JSON.stringify(mark.path), mark]));
  try {
    return { ok: true, value: new Merge(byPath).unify(base, patch, [], undefined) };
  } catch (error) {
    if (error instanceof Disagreement) return { ok: false, message: error.message };
    throw error;
  }
}

/** Ends a merge from any depth; never leaves this file. */
class Disagreement extends Error {}

type Path = readonly (string | number)[];

class Merge {
  readonly #marks: ReadonlyMap<string, PatchMark>;

  constructor(marks: ReadonlyMap<string, PatchMark>) {
    this.#marks = marks;
  }

  #mark(path: Path): PatchMark | undefined {
    return this.#marks.get(JSON.stringify(path));
  }

  unify(base: JsonValue, patch: JsonValue, path: Path, inheritedKey: string | undefined): JsonValue {
    const mark = this.#mark(path);
    const key = mark?.patchKey ?? inheritedKey;
    if (Array.isArray(patch) && Array.isArray(base)) return this.#list(base, patch, path, key);
    if (mark?.patchStrategy === "retainKeys" && path.length > 0) return clean(patch);
    if (isJsonObject(patch) && isJsonObject(base)) {
      const result: JsonObject = { ...base };
      for (const [name, value] of Object.entries(patch)) {
        if (name.startsWith("_")) continue;
        const present = Object.hasOwn(base, name) ? base[name] : undefined;
        result[name] = present === undefined ? clean(value) : this.unify(present, value, [...path, name], key);
      }
      return result;
    }
    if (deepEqual(base, patch)) return base;
    throw new Disagreement(`${pathText(path)}conflicting values ${JSON.stringify(patch)} and ${JSON.stringify(base)}`);
  }

  #list(base: readonly JsonValue[], patch: readonly JsonValue[], path: Path, key: string | undefined): JsonValue {
    const mark = this.#mark(path);
    if (mark?.patchStrategy === "replace") return clean([...patch]);
    const places = key === undefined ? undefined : placesByKey(base, patch, key.split(","));
    if (places === undefined) {
      if (base.length > patch.length && mark?.open !== true)
        throw new Disagreement(`${pathText(path)}incompatible list lengths (${String(patch.length)} and ${String(base.length)})`);
      const both = [...patch].map((item, index) => {
        const present = base[index];
        return present === undefined ? clean(item) : this.unify(present, item, [...path, index], key);
      });
      return [...both, ...base.slice(patch.length)];
    }
    const result: JsonValue[] = [...base];
    for (const [index, item] of patch.entries()) {
      const place = places.get(index);
      const present = place === undefined ? undefined : base[place];
      if (place === undefined || present === undefined) result.push(clean(item));
      else result[place] = mark?.patchStrategy === "retainKeys" ? clean(item) : this.unify(present, item, [...path, index], key);
    }
    return result;
  }
}

/** Index in the patch → index in the base, by the first key that an element has; nothing when none has any. */
function placesByKey(base: readonly JsonValue[], patch: readonly JsonValue[], keys: readonly string[]): Map<number, number> | undefined {
  const places = new Map<number, number>();
  let keyed = false;
  for (const [index, item] of patch.entries()) {
    for (const key of keys) {
      const value = scalarAt(item, key);
      if (value === undefined) continue;
      keyed = true;
      const place = base.findIndex((each) => scalarAt(each, key) === value);
      if (place >= 0 && !places.has(index)) places.set(index, place);
    }
  }
  return keyed ? places : undefined;
}

function scalarAt(value: JsonValue, key: string): string | number | boolean | undefined {
  let at: JsonValue | undefined = value;
  for (const name of key.trim().split(".")) at = isJsonObject(at ?? null) ? (at as JsonObject)[name] : undefined;
  return typeof at === "string" || typeof at === "number" || typeof at === "boolean" ? at : undefined;
}

/** Without the fields that only serve the patch. */
function clean(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(clean);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !name.startsWith("_"))
      .map(([name, item]) => [name, clean(item)]),
  );
}

function pathText(path: Path): string {
  return path.length === 0 ? "" : `${path.join(".")}: `;
}
