/** Schemas that all hold, as few as can be. */
import type { JsonValue } from "@slipway/std";
import type { Dialect } from "./dialect.ts";
import type { Keywords } from "./keywords.ts";

/** One schema for all: a keyword that is there twice with different values takes `allOf`. */
export function merged(schemas: readonly Keywords[], dialect: Dialect): Keywords {
  const groups: Keywords[] = [];
  for (const schema of schemas) {
    if ("$ref" in schema && !dialect.refHasSiblings) continue;
    for (const [key, value] of Object.entries(schema)) put(groups, key, value);
  }
  const references = dialect.refHasSiblings ? [] : schemas.filter((schema) => "$ref" in schema);
  const [first] = groups;
  if (references.length === 0 && groups.length <= 1) return first ?? {};
  const all = [...references, ...groups.reverse()];
  const [only, ...others] = all;
  if (only !== undefined && others.length === 0) return only;
  return { allOf: all };
}

function put(groups: Keywords[], key: string, value: JsonValue): void {
  for (const group of groups) {
    if (!Object.hasOwn(group, key)) {
      group[key] = value;
      return;
    }
    const known = group[key] ?? null;
    if (JSON.stringify(known) === JSON.stringify(value)) return;
    if (key === "required" && Array.isArray(known) && Array.isArray(value)) {
      group[key] = [...new Set([...known, ...value])];
      return;
    }
  }
  groups.push({ [key]: value });
}
