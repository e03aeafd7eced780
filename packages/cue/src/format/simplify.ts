/** Simplification (`-s`): labels without needless quotes, structs of one field without braces, one `...` at the end. */
import { isIdentifierLabel } from "../syntax/quote.ts";
import { docComment, isField, noGap } from "./tree.ts";
import type * as tree from "./tree.ts";
import { partsOf } from "./walk.ts";

/**
 * Removes the braces around single fields, as far as nothing would move to another field. Below a comment braces stay:
 * the author wanted both. Answers the fields of the chain.
 */
export function unbrace(field: tree.Field): tree.Field[] {
  const chain = [field];
  const documented = docComment(field) !== undefined;
  for (let at = field; ;) {
    const struct = at.value;
    if (at.attributes.length > 0 || struct.type !== "Struct" || struct.items.length !== 1 || struct.comments.length > 0) return chain;
    const [inner] = struct.items;
    if (!isField(inner) || inner.attributes.length > 0 || inner.comments.length > 0) return chain;
    if (struct.braced && (documented || at.comments.some(({ slot }) => slot === "suffix"))) return chain;
    struct.braced = false;
    struct.closeGap = noGap;
    inner.gap = noGap;
    chain.push(inner);
    at = inner;
  }
}

/** `...`, `[string]: _` and `[_]: _` become one `...` at the end, with the comments of all. */
export function mergeEllipses(items: readonly tree.Item[]): tree.Item[] {
  const kept = items.filter((item) => !isOpen(item));
  if (kept.length === items.length) return kept;
  const comments = items.filter(isOpen).flatMap((item) => item.comments);
  return [...kept, { type: "Ellipsis", value: undefined, comments, gap: noGap }];
}

function isOpen(item: tree.Item): boolean {
  if (item.type === "Ellipsis") return item.value === undefined || isTop(item.value);
  if (!isField(item) || item.label.kind !== "term" || item.label.open !== "[") return false;
  const { term } = item.label;
  return isTop(item.value) && term.type === "Leaf" && (term.text === "string" || term.text === "_");
}

function isTop(term: tree.Term): boolean {
  return term.type === "Leaf" && term.text === "_";
}

/** A scope of fields: their names, and whether no reference binds to them. */
interface Scope {
  readonly outer: Scope | undefined;
  readonly free: Map<string, boolean>;
}

/**
 * Turns string labels into identifiers where no reference would bind to them then. A label that is an identifier
 * already shields the outer fields of that name.
 */
export function simplifyLabels(items: readonly tree.Item[]): void {
  const scopes: { readonly scope: Scope; readonly items: readonly tree.Item[] }[] = [];
  const stack: { readonly node: tree.Node; readonly scope: Scope; readonly inLabel: boolean }[] = [];
  const open = (body: readonly tree.Item[], outer: Scope | undefined): void => {
    const scope: Scope = { outer, free: new Map() };
    for (const item of body) {
      if (!isField(item)) continue;
      const name = nameOf(item);
      if (name !== undefined) scope.free.set(name, true);
    }
    scopes.push({ scope, items: body });
    for (const node of body) stack.push({ node, scope, inLabel: false });
  };
  open(items, undefined);
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { node, scope, inLabel } = top;
    if (node.type === "Leaf") bind(node.text, scope);
    if (node.type === "Struct" && !inLabel) open(node.items, scope);
    else for (const part of partsOf(node)) stack.push({ node: part, scope, inLabel: inLabel || (isField(node) && part !== node.value) });
  }
  for (const { scope, items: body } of scopes)
    for (const item of body) {
      if (!isField(item) || item.label.kind !== "string" || item.label.text.startsWith("'")) continue;
      const { value } = item.label;
      if (!isIdentifierLabel(value) || scope.free.get(value) !== true) continue;
      item.label = { kind: "name", text: value };
      if (item.alias === undefined) item.gap = noGap;
    }
}

function nameOf({ label }: tree.Field): string | undefined {
  return label.kind === "name" ? label.text : label.kind === "string" ? label.value : undefined;
}

function bind(name: string, scope: Scope): void {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    if (!at.free.has(name)) continue;
    at.free.set(name, false);
    return;
  }
}
