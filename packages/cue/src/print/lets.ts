/** `let` clauses: kept only where an expression that is written names them. */
import type { Environment, Vertex } from "../engine/vertex.ts";
import type { Elem, LetField } from "../engine/expr.ts";
import type { Label } from "../engine/label.ts";
import { labelName } from "../engine/label.ts";
import type * as ast from "../syntax/ast.ts";
import { scopedLiterals } from "./annotations.ts";
import type { Exporter, KnownLet } from "./exporter.ts";
import { elemExpr } from "./expressions.ts";
import * as nodes from "./nodes.ts";

/** Makes the clauses of the literals known while their struct is written. */
export function usedLets(e: Exporter, vertex: Vertex): readonly KnownLet[] {
  return vertex.conjuncts.flatMap(({ elem, env }) => addLets(e, elem, env, vertex, e.scopes.length));
}

/** `scopes`: how many structs around the clauses see, with their own. */
export function addLets(e: Exporter, elem: Elem, env: Environment | undefined, place: Vertex, scopes: number): readonly KnownLet[] {
  return scopedLiterals(elem, env, place).flatMap(({ literal, inside }) =>
    literal.decls.flatMap((decl) => {
      if (decl.type !== "letField" || e.lets.has(decl.label)) return [];
      const known: KnownLet = { field: decl, env: inside, scopes, name: labelName(decl.label), value: undefined };
      e.lets.set(decl.label, known);
      return [known];
    }),
  );
}

/** The struct with the clauses that were named; the clauses are forgotten. */
export function withLets(e: Exporter, known: readonly KnownLet[], expr: ast.Expression): ast.Expression {
  const clauses = letClauses(e, known);
  if (clauses.length === 0) return expr;
  return nodes.struct([...clauses, ...(expr.type === "StructLit" ? expr.decls : [nodes.embedding(expr)])]);
}

export function letClauses(e: Exporter, known: readonly KnownLet[]): ast.LetClause[] {
  for (const each of known) e.lets.delete(each.field.label);
  return known.flatMap(({ name, value }) => (value === undefined ? [] : [nodes.letClause(name, value)]));
}

/** A reference to a clause: its name where it is written, else what it stands for. */
export function letReference(e: Exporter, env: Environment | undefined, label: Label, up: number): ast.Expression {
  const known = e.lets.get(label);
  if (known !== undefined) {
    if (known.value === undefined) {
      known.name = e.names.free(known.name);
      // Names itself meanwhile, in case it is recursive.
      known.value = nodes.ident("_");
      const inner = e.scopes.splice(known.scopes);
      known.value = elemExpr(e, known.env, known.field.value) ?? nodes.ident("_");
      e.scopes.push(...inner);
    }
    return nodes.ident(known.name);
  }
  const found = declarationOf(env, label, up);
  if (found === undefined || e.expanding.has(label) || e.isFull(undefined)) return nodes.ident(labelName(label));
  e.expanding.add(label);
  const expr = elemExpr(e, found.env, found.field.value) ?? nodes.ident("_");
  e.expanding.delete(label);
  return expr;
}

function declarationOf(
  env: Environment | undefined,
  label: Label,
  up: number,
): { field: LetField; env: Environment | undefined } | undefined {
  let at = env;
  for (let i = 0; i < up && at !== undefined; i++) at = at.up;
  const conjunct = at?.vertex.lookupRaw(label)?.conjuncts[0];
  return conjunct?.elem.type === "letField" ? { field: conjunct.elem, env: conjunct.env } : undefined;
}
