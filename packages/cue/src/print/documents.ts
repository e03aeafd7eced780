/** Values as whole files: with the package clause and the imports that they need. */
import type * as ast from "../syntax/ast.ts";
import type { Vertex } from "../engine/vertex.ts";
import type { CueValue } from "../value/cue-value.ts";
import { literalsOf, withoutPlaces } from "./annotations.ts";
import { Exporter } from "./exporter.ts";
import { mergedExpr } from "./merge.ts";
import { resolveStatically } from "./dependencies.ts";
import * as nodes from "./nodes.ts";
import { Pivot } from "./pivot.ts";
import type { Profile } from "./profile.ts";
import { vertexExpr } from "./values.ts";

/** What a value comes to. */
export function valueFile(value: CueValue, profile: Profile, packageName?: string): ast.File {
  const { vertex, instance } = value;
  const e = new Exporter(profile, instance.engine, vertex);
  if (vertex === undefined) return fileOf(e, nodes.bottom(), undefined);
  instance.engine.finalize(instance.root);
  const place = placeOf(e, vertex);
  const pivot = pivotOf(e, place);
  return fileOf(e, vertexExpr(e, place), packageName === undefined ? undefined : nodes.packageClause(packageName), pivot);
}

/** What declares a value. A definition that is not closed by its own declarations becomes one of the name `_#def`. */
export function definitionFile(value: CueValue, profile: Profile, packageName?: string): ast.File {
  const { vertex, instance } = value;
  const e = new Exporter(profile, instance.engine, vertex);
  if (vertex === undefined) return fileOf(e, nodes.bottom(), undefined);
  instance.engine.finalize(instance.root);
  const place = placeOf(e, vertex);
  const pivot = pivotOf(e, place);
  const clause = packageClause(place, profile, packageName);
  if (place.closedRecursive) e.definitions++;
  const expr = mergedExpr(e, undefined, place);
  if (place.closedRecursive) e.definitions--;
  if (!place.closedRecursive || !place.isStruct()) return fileOf(e, expr, clause, pivot);
  if (expr.type === "StructLit" && expr.decls.some((decl) => decl.type === "Embedding" && namesDefinition(decl.expr)))
    return fileOf(e, expr, clause, pivot);
  const name = nodes.ident("_#def");
  const field = nodes.field({ label: { start: -1, end: -1, type: "IdentLabel", name: "_#def" }, value: expr });
  return fileOf(e, nodes.struct([nodes.embedding(name), field]), clause, pivot);
}

/** The place itself where a value is but a reference to it. */
function placeOf(e: Exporter, vertex: Vertex): Vertex {
  const place = e.finalize(vertex);
  const [conjunct, another] = place.conjuncts;
  if (place.parent !== undefined || conjunct === undefined || another !== undefined) return place;
  const { elem, env } = conjunct;
  const target =
    elem.type === "fieldReference" || elem.type === "selector" || elem.type === "index" ? resolveStatically(e, env, elem) : undefined;
  return target === undefined ? place : e.finalize(target);
}

function pivotOf(e: Exporter, place: Vertex): Pivot | undefined {
  if (place.parent === undefined && !e.profile.inlineImports) return undefined;
  const pivot = new Pivot(e, place);
  e.pivot = pivot;
  return pivot;
}

function namesDefinition(expr: ast.Expression): boolean {
  switch (expr.type) {
    case "Ident":
      return /^_?#/.test(expr.name);
    case "Selector":
      return (expr.label.type === "IdentLabel" && /^_?#/.test(expr.label.name)) || namesDefinition(expr.operand);
    case "Index":
      return namesDefinition(expr.operand);
    default:
      return false;
  }
}

function packageClause(vertex: Vertex, profile: Profile, given: string | undefined): ast.PackageClause | undefined {
  const clauses = vertex.conjuncts.flatMap(({ elem }) =>
    literalsOf(elem).flatMap(({ source }) => (source.type === "File" ? (source.package ?? []) : [])),
  );
  const last = clauses.at(-1);
  const name = given ?? last?.name;
  if (name === undefined) return undefined;
  const docs = profile.docs ? clauses.flatMap((clause) => clause.comments.filter((comment) => comment.placement === "doc")) : [];
  return nodes.packageClause(name, withoutPlaces(docs));
}

function fileOf(e: Exporter, expr: ast.Expression, clause: ast.PackageClause | undefined, pivot?: Pivot): ast.File {
  const decls = expr.type === "StructLit" ? expr.decls : [nodes.embedding(expr)];
  const clauses = pivot?.clauses() ?? [];
  return nodes.file({ package: clause, imports: e.imports(), decls: [...decls, ...clauses] });
}
