/** Values as whole files: with the package clause and the imports that they need. */
import type * as ast from "../syntax/ast.ts";
import type { Vertex } from "../engine/vertex.ts";
import type { CueValue } from "../value/cue-value.ts";
import { literalsOf } from "./annotations.ts";
import { Exporter } from "./exporter.ts";
import { mergedExpr } from "./merge.ts";
import * as nodes from "./nodes.ts";
import type { Profile } from "./profile.ts";
import { vertexExpr } from "./values.ts";

/** What a value comes to. */
export function valueFile(value: CueValue, profile: Profile, packageName?: string): ast.File {
  const { vertex, instance } = value;
  const e = new Exporter(profile, instance.engine);
  if (vertex === undefined) return fileOf(e, nodes.bottom(), undefined);
  instance.engine.finalize(instance.root);
  return fileOf(e, vertexExpr(e, vertex), packageName === undefined ? undefined : nodes.packageClause(packageName));
}

/** What declares a value. A definition that is not closed by its own declarations becomes one of the name `_#def`. */
export function definitionFile(value: CueValue, profile: Profile, packageName?: string): ast.File {
  const { vertex, instance } = value;
  const e = new Exporter(profile, instance.engine);
  if (vertex === undefined) return fileOf(e, nodes.bottom(), undefined);
  instance.engine.finalize(instance.root);
  const place = e.finalize(vertex);
  const clause = packageClause(place, profile, packageName);
  const expr = mergedExpr(e, undefined, place);
  if (!place.closedRecursive || !place.isStruct()) return fileOf(e, expr, clause);
  if (expr.type === "StructLit" && expr.decls.some((decl) => decl.type === "Embedding" && namesDefinition(decl.expr)))
    return fileOf(e, expr, clause);
  const name = nodes.ident("_#def");
  const field = nodes.field({ label: { start: -1, end: -1, type: "IdentLabel", name: "_#def" }, value: expr });
  return fileOf(e, nodes.struct([nodes.embedding(name), field]), clause);
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
  return nodes.packageClause(
    name,
    docs.map(({ text }) => ({ text, start: -1, placement: "doc" })),
  );
}

function fileOf(e: Exporter, expr: ast.Expression, clause: ast.PackageClause | undefined): ast.File {
  const decls = expr.type === "StructLit" ? expr.decls : [nodes.embedding(expr)];
  return nodes.file({ package: clause, imports: e.imports(), decls });
}
