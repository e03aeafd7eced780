/**
 * The structs that are being written, and the names that each makes visible. Literals that become one struct bring fields
 * into each other's scopes, and quoted labels may lose their quotes: a name that would mean another field then gets an alias.
 */
import type { Field, StructLit } from "../engine/expr.ts";
import { isString, labelName } from "../engine/label.ts";
import type { Label } from "../engine/label.ts";
import type { Environment, Vertex } from "../engine/vertex.ts";
import type * as ast from "../syntax/ast.ts";
import { isIdentifierLabel } from "../syntax/quote.ts";
import type { UniqueNames } from "./unique-names.ts";

interface Names {
  readonly nameOf: (label: Label) => string;
}

export interface Scope {
  /** What stands for the struct in the environments of its expressions. */
  readonly vertices: Set<Vertex>;
  readonly names: Set<string>;
  readonly aliases: Map<Label, string>;
  /** Names of aliases that the source gives, by what they are written as: those of the value, and of computed fields. */
  readonly sourceAliases: Map<string, string>;
}

export function newScope(literals: readonly StructLit[]): Scope {
  const names = new Set<string>();
  for (const { decls } of literals)
    for (const decl of decls) {
      if (decl.type === "letField") names.add(decl.name);
      else if (decl.type === "field" && !isQuoted(decl)) names.add(labelName(decl.label));
      if ((decl.type === "field" || decl.type === "dynamicField") && decl.source.alias !== undefined) names.add(decl.source.alias);
    }
  return { vertices: new Set(), names, aliases: new Map(), sourceAliases: new Map() };
}

/** Whether the label is written in quotes: a quoted one keeps them where it has an alias, else where it needs them. */
export function isQuoted({ label, source }: Field): boolean {
  if (source.alias !== undefined && source.label.type === "StringLabel") return true;
  return isString(label) && !isIdentifierLabel(labelName(label));
}

export function namesScope(names: readonly string[], vertex: Vertex): Scope {
  return { vertices: new Set([vertex]), names: new Set(names), aliases: new Map(), sourceAliases: new Map() };
}

/** The name by which a field is meant at this place. */
export function visibleName(
  { scopes, names, nameOf }: Names & { readonly scopes: readonly Scope[]; readonly names: UniqueNames },
  env: Environment | undefined,
  up: number,
  label: Label,
  name: string,
): string {
  let at = env;
  for (let i = 0; i < up && at !== undefined; i++) at = at.up;
  const { vertex } = at ?? {};
  const index = vertex === undefined ? -1 : scopes.findLastIndex((scope) => scope.vertices.has(vertex));
  const scope = scopes[index];
  const isAlias = name !== labelName(label);
  const plain = isAlias ? name : nameOf(label);
  if (scope === undefined) return plain;
  const known = scope.aliases.get(label);
  if (known !== undefined) return known;
  // An alias of the source is kept, and is no label.
  if (isAlias || !scopes.slice(index + 1).some((inner) => inner.names.has(name))) return plain;
  const alias = names.alias(name);
  scope.aliases.set(label, alias);
  scope.names.add(alias);
  return alias;
}

/** How an alias of the source that stands for a value or a computed field of the scope `up` is written. */
export function writtenAlias(scopes: readonly Scope[], env: Environment | undefined, up: number, name: string): string {
  let at = env;
  for (let i = 0; i < up && at !== undefined; i++) at = at.up;
  const { vertex } = at ?? {};
  const scope = vertex === undefined ? undefined : scopes.findLast((each) => each.vertices.has(vertex));
  return scope?.sourceAliases.get(name) ?? scopes.findLast((each) => each.sourceAliases.has(name))?.sourceAliases.get(name) ?? name;
}

/** The declarations with the aliases that expressions needed. */
export function withAliases<T extends ast.Declaration>(decls: readonly T[], scope: Scope, { nameOf }: Names): readonly T[] {
  if (scope.aliases.size === 0) return decls;
  const aliases = new Map([...scope.aliases].map(([label, alias]) => [nameOf(label), alias]));
  return decls.map((decl) => {
    if (decl.type !== "Field" || decl.alias !== undefined) return decl;
    const { label } = decl;
    const alias =
      label.type === "IdentLabel" ? aliases.get(label.name) : label.type === "StringLabel" ? aliases.get(label.value) : undefined;
    if (alias === undefined) return decl;
    aliases.delete(label.type === "IdentLabel" ? label.name : label.type === "StringLabel" ? label.value : "");
    return { ...decl, alias };
  });
}
