/** Doc comments and attributes of the declarations that made a field. */
import type { Elem, Expr } from "../engine/expr.ts";
import type { Conjunct } from "../engine/vertex.ts";
import type * as ast from "../syntax/ast.ts";

function sourceField(elem: Elem): ast.Field | undefined {
  return elem.type === "field" || elem.type === "dynamicField" || elem.type === "patternField" ? elem.source : undefined;
}

/** The doc comments of all declarations, each text once, apart by an empty line; as comments without source. */
export function docComments(elems: readonly Elem[]): ast.Comment[] {
  const seen = new Set<string>();
  const found: ast.Comment[] = [];
  for (const elem of elems) {
    const docs = sourceField(elem)?.comments.filter((comment) => comment.placement === "doc") ?? [];
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

/** A blank line precedes it. */
function standsApart(elem: Elem, comment: ast.Comment): boolean {
  const source = elem.position?.file.source;
  return (
    source !== undefined && comment.start > 0 && /\n[ \t\r]*\n[ \t\r]*$/.test(source.slice(Math.max(0, comment.start - 400), comment.start))
  );
}

/** The attributes after fields, each once. */
export function fieldAttributes(elems: readonly Elem[]): ast.Attribute[] {
  return distinct(elems.flatMap((elem) => sourceField(elem)?.attributes ?? []));
}

/** The attributes that stand as declarations of their own in the literals of a value. */
export function declaredAttributes(conjuncts: readonly Conjunct[]): ast.Attribute[] {
  return distinct(conjuncts.flatMap(({ elem }) => literalsOf(elem).flatMap((literal) => attributesOf(literal.source))));
}

export function attributesOf(source: ast.StructLit | ast.File): readonly ast.Attribute[] {
  const declared = source.decls.filter((decl) => decl.type === "Attribute");
  return source.type === "File" ? [...source.attributes, ...declared] : declared;
}

/** The struct literals that an expression is the conjunction of. */
export function literalsOf(elem: Elem): Extract<Expr, { type: "structLit" }>[] {
  const found: Extract<Expr, { type: "structLit" }>[] = [];
  const pending: Elem[] = [elem];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (at.type === "field" || at.type === "dynamicField" || at.type === "patternField") pending.push(at.value);
    else if (at.type === "structLit") found.push(at);
    else if (at.type === "binary" && at.op === "&") pending.push(at.right, at.left);
  }
  return found;
}

function distinct(attributes: readonly ast.Attribute[]): ast.Attribute[] {
  const seen = new Set<string>();
  return attributes.flatMap((attribute) => {
    const text = `${attribute.name}(${attribute.body})`;
    if (seen.has(text)) return [];
    seen.add(text);
    return [{ ...attribute, start: -1, end: -1, comments: [] }];
  });
}
