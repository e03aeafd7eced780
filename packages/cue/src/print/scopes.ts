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

export interface Scope {
  /** What stands for the struct in the environments of its expressions. */
  readonly vertices: Set<Vertex>;
  readonly names: Set<string>;
  readonly aliases: Map<Label, string>;
}

export function newScope(literals: readonly StructLit[]): Scope {
  const names = new Set<string>();
  for (const { decls } of literals)
    for (const decl of decls) {
      if (decl.type === "letField") names.add(decl.name);
      else if (decl.type === "field" && !isQuoted(decl)) names.add(labelName(decl.label));
      if ((decl.type === "field" || decl.type === "dynamicField") && decl.source.alias !== undefined) names.add(decl.source.alias);
    }
  return { vertices: new Set(), names, aliases: new Map() };
}

/** Whether the label is written in quotes: a quoted one keeps them where it has an alias, else where it needs them. */
export function isQuoted({ label, source }: Field): boolean {
  if (source.alias !== undefined && source.label.type === "StringLabel") return true;
  return isString(label) && !isIdentifierLabel(labelName(label));
}

export function namesScope(names: readonly string[], vertex: Vertex): Scope {
  return { vertices: new Set([vertex]), names: new Set(names), aliases: new Map() };
}

/** The name by which a field is meant at this place. */
export function visibleName(scopes: readonly Scope[], env: Environment | undefined, up: number, label: Label, name: string): string {
  let at = env;
  for (let i = 0; i < up && at !== undefined; i++) at = at.up;
  const { vertex } = at ?? {};
  const index = vertex === undefined ? -1 : scopes.findLastIndex((scope) => scope.vertices.has(vertex));
  const scope = scopes[index];
  if (scope === undefined) return name;
  const known = scope.aliases.get(label);
  if (known !== undefined) return known;
  // An alias of the source is kept, and is no label.
  if (name !== labelName(label) || !scopes.slice(index + 1).some((inner) => inner.names.has(name))) return name;
  let alias = name;
  for (let i = 1; scopes.some((each) => each.names.has(alias)); i++) alias = `${name.replace(/^[_#]+/, "")}_${i}`;
  scope.aliases.set(label, alias);
  scope.names.add(alias);
  return alias;
}

/** The declarations with the aliases that expressions needed. */
export function withAliases<T extends ast.Declaration>(decls: readonly T[], scope: Scope): readonly T[] {
  if (scope.aliases.size === 0) return decls;
  const aliases = new Map([...scope.aliases].map(([label, alias]) => [labelName(label), alias]));
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
