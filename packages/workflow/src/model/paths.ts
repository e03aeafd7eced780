/** Paths into JSON as workflows write them: `a.b`, `a["b.c"]`, `a[0].b`. */
import type { JsonObject, JsonValue } from "@slipway/std";
import { cloneJson, isJsonObject } from "@slipway/std";

export function parsePath(text: string): readonly (string | number)[] | undefined {
  const path: (string | number)[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const match = /^(?:\.?([A-Za-z0-9_$#-]+)|\.?"((?:[^"\\]|\\.)*)"|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\])/.exec(rest);
    if (match === null || (path.length > 0 && match[1] !== undefined && !rest.startsWith("."))) return undefined;
    const quoted = match[2] ?? match[4];
    if (match[3] !== undefined) path.push(Number(match[3]));
    else path.push(quoted === undefined ? (match[1] ?? "") : unquote(quoted));
    rest = rest.slice(match[0].length);
  }
  return path.length === 0 ? undefined : path;
}

function unquote(text: string): string {
  return text.replace(/\\(.)/g, "$1");
}

export function getPath(value: JsonValue | undefined, path: readonly (string | number)[]): JsonValue | undefined {
  let current = value;
  for (const part of path) {
    if (typeof part === "number") current = Array.isArray(current) ? current[part] : undefined;
    else current = isJsonObject(current) && Object.hasOwn(current, part) ? current[part] : undefined;
    if (current === undefined) return undefined;
  }
  return current;
}

/** A copy with `item` at `path`; missing structs and lists on the way are made, what stood there is overwritten. */
export function withPath(value: JsonValue | undefined, path: readonly (string | number)[], item: JsonValue): JsonValue {
  const [part, ...rest] = path;
  if (part === undefined) return cloneJson(item);
  if (typeof part === "number") {
    const list: JsonValue[] = Array.isArray(value) ? [...value] : [];
    while (list.length <= part) list.push({});
    list[part] = withPath(list[part], rest, item);
    return list;
  }
  const object: JsonObject = isJsonObject(value) ? { ...value } : {};
  object[part] = withPath(Object.hasOwn(object, part) ? object[part] : undefined, rest, item);
  return object;
}
