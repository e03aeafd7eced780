/** Doc comments and attributes of the declarations that made a field. */
import type { Elem, StructLit } from "../engine/expr.ts";
import type { Conjunct, Environment } from "../engine/vertex.ts";
import { spawn, Vertex } from "../engine/vertex.ts";
import type * as ast from "../syntax/ast.ts";

/** A place for scopes that nothing is looked up in. */
const nowhere = new Vertex(undefined, "");

function sourceField(elem: Elem): ast.Field | undefined {
  return elem.type === "field" || elem.type === "dynamicField" || elem.type === "patternField" ? elem.source : undefined;
}

/** The doc comments of all declarations, each text once, apart by an empty line; as comments without source. */
export function docComments(elems: readonly Elem[]): ast.Comment[] {
  const seen = new Set<string>();
  const found: ast.Comment[] = [];
  for (const elem of elems) {
    const docs = commentsOf(elem).filter((comment) => comment.placement === "doc");
    const text = docs.map((comment) => comment.text).join("\n");
    if (docs.length === 0 || seen.has(text)) continue;
    seen.add(text);
    if (found.length > 0) found.push({ text: "", start: -1, placement: "doc" });
    for (const [i, comment] of docs.entries()) {
      const isApart = i === 0 && found.length === 0 && standsApart(elem, comment);
      found.push({ text: comment.text, start: -1, placement: "doc", ...(isApart ? { gap: "section" } : {}) });
    }
  }
  return found;
}

/** The comments of a field. Those of `a: b: c` belong to the innermost label. */
function commentsOf(elem: Elem): readonly ast.Comment[] {
  const field = sourceField(elem);
  const file = elem.position?.file;
  if (field === undefined || file === undefined) return field?.comments ?? [];
  if (innerField(field, file) !== undefined) return [];
  let chains = chainComments.get(file);
  if (chains === undefined) chainComments.set(file, (chains = findChains(file)));
  return chains.get(field) ?? field.comments;
}

const chainComments = new WeakMap<ast.File, ReadonlyMap<ast.Field, readonly ast.Comment[]>>();

/** The next label of a chain, unless it is a pattern. */
function innerField({ value }: ast.Field, file: ast.File): ast.Field | undefined {
  if (value.type !== "StructLit" || file.source[value.start] === "{") return undefined;
  const [inner] = value.decls;
  return inner?.type === "Field" && inner.label.type !== "PatternLabel" ? inner : undefined;
}

/** The comments above each chain, by its innermost field. */
function findChains(file: ast.File): ReadonlyMap<ast.Field, readonly ast.Comment[]> {
  const found = new Map<ast.Field, readonly ast.Comment[]>();
  const inside = new Set<ast.Field>();
  const pending: object[] = [file];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if ("type" in at && at.type === "Field" && !inside.has(at as ast.Field)) {
      let last = at as ast.Field;
      for (let inner = innerField(last, file); inner !== undefined; inner = innerField(last, file)) {
        inside.add(inner);
        last = inner;
      }
      if (last !== at) found.set(last, [...(at as ast.Field).comments, ...last.comments]);
    }
    for (const child of Object.values(at) as unknown[]) if (typeof child === "object" && child !== null) pending.push(child);
  }
  return found;
}

/** A blank line precedes it. */
function standsApart(elem: Elem, comment: ast.Comment): boolean {
  const source = elem.position?.file.source;
  return (
    source !== undefined && comment.start > 0 && /\n[ \t\r]*\n[ \t\r]*$/.test(source.slice(Math.max(0, comment.start - 400), comment.start))
  );
}

/** Doc comments as comments without source. */
export function withoutPlaces(comments: readonly ast.Comment[]): ast.Comment[] {
  return comments.map(({ text }) => ({ text, start: -1, placement: "doc" }));
}

/** The attributes after fields, each once. */
export function fieldAttributes(elems: readonly Elem[]): ast.Attribute[] {
  return distinct(elems.flatMap((elem) => sourceField(elem)?.attributes ?? []));
}

/** The attributes that stand as declarations of their own in the literals of a value. */
export function declaredAttributes(conjuncts: readonly Conjunct[]): ast.Attribute[] {
  return distinct(conjuncts.flatMap(({ elem }) => literalsOf(elem).flatMap((literal) => attributesOf(literal))));
}

/** The attributes that a literal declares, without source but for whether they stand on a line of their own. */
export function attributesOf({ source, position }: StructLit): readonly ast.Attribute[] {
  const text = position?.file.source ?? "";
  const declared = [...(source.type === "File" ? source.attributes : []), ...source.decls.filter((decl) => decl.type === "Attribute")];
  return declared.map((attribute) => {
    const isFirst = /\n[ \t\r]*$/.test(text.slice(Math.max(0, attribute.start - 400), attribute.start));
    return { ...attribute, start: -1, end: -1, comments: [], gap: isFirst || source.type === "File" ? "line" : "blank" };
  });
}

/** The struct literals that an expression is the conjunction of. */
export function literalsOf(elem: Elem): readonly StructLit[] {
  return scopedLiterals(elem, undefined, nowhere).map(({ literal }) => literal);
}

interface ScopedLiteral {
  readonly literal: StructLit;
  /** Where its declarations are evaluated. */
  readonly inside: Environment;
}

/** The same literals, and their scopes at a place. */
export function scopedLiterals(elem: Elem, env: Environment | undefined, place: Vertex): readonly ScopedLiteral[] {
  const found: ScopedLiteral[] = [];
  const pending: { readonly at: Elem; readonly outside: Environment | undefined }[] = [{ at: elem, outside: env }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { at, outside } = next;
    if (at.type === "field" || at.type === "dynamicField" || at.type === "patternField") pending.push({ at: at.value, outside });
    else if (at.type === "structLit") {
      const inside = spawn(outside, place);
      found.push({ literal: at, inside });
      const embedded = at.decls.filter((decl) => decl.type === "structLit");
      for (const decl of embedded.reverse()) pending.push({ at: decl, outside: inside });
    } else if (at.type === "binary" && at.op === "&") pending.push({ at: at.right, outside }, { at: at.left, outside });
  }
  return found;
}

function distinct(attributes: readonly ast.Attribute[]): ast.Attribute[] {
  const seen = new Set<string>();
  return attributes.flatMap((attribute) => {
    const text = `${attribute.name}(${attribute.body})`;
    if (seen.has(text)) return [];
    seen.add(text);
    return [{ ...attribute, start: -1, end: -1, comments: [] as const }];
  });
}
