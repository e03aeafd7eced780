/** Values from outside: fields marked `@tag(name,type=…,short=…,var=…)`, set by `-t` (`cue help injection`). */
import type { JsonValue } from "@slipway/std";
import type { CueError, PathElement } from "../api.ts";
import type { Attribute, Declaration, Expression, Label } from "../syntax/ast.ts";
import { positionAt } from "../syntax/position.ts";
import { loadError } from "./load-error.ts";
import type { PackageFile, PackageFiles } from "./package-files.ts";

export interface Injection {
  readonly path: readonly PathElement[];
  readonly value: JsonValue;
}

interface Tag {
  readonly path: readonly PathElement[];
  readonly name: string;
  readonly type: string;
  readonly short: readonly string[];
  readonly variable: string;
}

export interface Injected {
  readonly injections: readonly Injection[];
  readonly errors: readonly CueError[];
}

export interface TagValues {
  /** `name=value`, or a short form. */
  readonly tags: readonly string[];
  /** Values of `var=`; undefined where they are not injected. */
  readonly variables: Readonly<Record<string, string>> | undefined;
}

/** What the tags set in the files of the packages that were asked for. */
export function injectTags(packages: readonly PackageFiles[], values: TagValues): readonly Injected[] {
  const used = new Set<string>();
  const results = packages.map(({ files }) => {
    const errors: CueError[] = [];
    const tags = files.flatMap((file) => tagsIn(file, errors));
    const injections: Injection[] = [];
    const set = new Set<Tag>();
    for (const text of values.tags) {
      const equals = text.indexOf("=");
      const name = equals < 0 ? text : text.slice(0, equals);
      const chosen = tags.filter((tag) => (equals < 0 ? tag.short.includes(name) : tag.name === name));
      for (const tag of chosen) {
        const value = convert(equals < 0 ? name : text.slice(equals + 1), equals < 0 ? "string" : tag.type);
        if (value === undefined) errors.push(loadError(`invalid value ${JSON.stringify(text.slice(equals + 1))} for ${tag.type} tag`));
        else injections.push({ path: tag.path, value });
        set.add(tag);
      }
      if (chosen.length > 0) used.add(text);
    }
    for (const tag of tags) {
      const value = values.variables?.[tag.variable];
      if (tag.variable === "" || set.has(tag) || values.variables === undefined) continue;
      if (value === undefined) errors.push(loadError(`tag variable '${tag.variable}' not found`));
      else injections.push({ path: tag.path, value: convert(value, tag.type) ?? value });
    }
    return { injections, errors };
  });
  const first = results[0];
  if (first === undefined || results.some((each) => each.errors.length > 0)) return results;
  const build = new Set(packages.flatMap((each) => each.tags));
  for (const text of values.tags) {
    const name = text.split("=")[0] ?? text;
    if (used.has(text) || build.has(text)) continue;
    first.errors.push(
      loadError(text.includes("=") ? `no tag for ${JSON.stringify(name)}` : `tag ${JSON.stringify(name)} not used in any file`),
    );
  }
  return results;
}

function convert(text: string, type: string): JsonValue | undefined {
  switch (type) {
    case "int":
      return /^[+-]?\d[\d_]*$/.test(text) ? Number(text.replaceAll("_", "")) : undefined;
    case "number":
      return /^[+-]?(\d[\d_]*)?(\.\d*)?([eE][+-]?\d+)?$/.test(text) && /\d/.test(text) ? Number(text.replaceAll("_", "")) : undefined;
    case "bool":
      return text === "true" || text === "false" ? text === "true" : undefined;
    default:
      return text;
  }
}

interface Place {
  /** Undefined: what lies here cannot be set. */
  readonly path: readonly PathElement[] | undefined;
  /** Why a tag is not allowed here. */
  readonly within: string | undefined;
}

function tagsIn({ path: name, text, file }: PackageFile, errors: CueError[]): readonly Tag[] {
  const found: Tag[] = [];
  const collect = (attribute: Attribute, place: Place): void => {
    if (attribute.name !== "tag") return;
    if (place.within !== undefined) {
      errors.push(loadError(`@tag not allowed within ${place.within}`, [{ file: name, ...positionAt(text, attribute.start) }]));
      return;
    }
    const tag = place.path === undefined ? undefined : readTag(attribute.body, place.path);
    if (tag !== undefined) found.push(tag);
  };
  const declarations = (decls: readonly Declaration[], place: Place): void => {
    for (const decl of decls) {
      if (decl.type === "Field") {
        const element = elementOf(decl.label);
        const constraint = decl.constraint !== "none" || decl.label.type === "PatternLabel";
        const inner: Place = {
          path: place.path === undefined || element === undefined ? undefined : [...place.path, element],
          within: place.within ?? (constraint ? "field constraint" : undefined),
        };
        for (const attribute of decl.attributes) collect(attribute, inner);
        expression(decl.value, inner);
      } else if (decl.type === "Embedding") expression(decl.expr, place);
      else if (decl.type === "Comprehension") {
        const inner = { path: undefined, within: place.within ?? "comprehension" };
        declarations(decl.value.decls, inner);
      }
    }
  };
  const expression = (expr: Expression, place: Place): void => {
    // Operators of one level nest to the left; walked by a list, they may be many.
    const pending: Expression[] = [expr];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next.type === "Binary") pending.push(next.right, next.left);
      else if (next.type === "Paren") pending.push(next.expr);
      else if (next.type === "StructLit") declarations(next.decls, place);
      else if (next.type === "ListLit") {
        const inner = { path: undefined, within: place.within ?? "lists" };
        for (const element of next.elements) {
          if (element.type === "Comprehension") declarations(element.value.decls, inner);
          else if (element.type !== "Ellipsis") expression(element, inner);
        }
      }
    }
  };
  declarations(file.decls, { path: [], within: undefined });
  return found;
}

function elementOf(label: Label): PathElement | undefined {
  if (label.type === "StringLabel") return label.value;
  if (label.type !== "IdentLabel") return undefined;
  if (label.name.startsWith("_")) return { hidden: label.name };
  return label.name.startsWith("#") ? { definition: label.name } : label.name;
}

function readTag(body: string, path: readonly PathElement[]): Tag {
  const [name = "", ...options] = body.split(",").map((part) => part.trim());
  const option = (key: string): string => {
    const found = options.find((each) => each.startsWith(`${key}=`));
    return found === undefined ? "" : found.slice(key.length + 1).replace(/^"(.*)"$/, "$1");
  };
  const short = option("short");
  return { path, name, type: option("type"), short: short === "" ? [] : short.split("|"), variable: option("var") };
}
