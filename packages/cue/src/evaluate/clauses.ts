/** The clauses of a comprehension: an environment for each time that it yields. */
import type * as ast from "../syntax/ast.ts";
import { formatAtom, intAtom, stringAtom } from "./atom.ts";
import type { Atom } from "./atom.ts";
import type { Bottom } from "./bottom.ts";
import type { Evaluator } from "./evaluator.ts";
import { isRegular, labelText } from "./label.ts";
import type { Environment } from "./vertex.ts";
import { Vertex } from "./vertex.ts";

/** Adds to `into`; what is not known yet is the answer, and then nothing of it counts. */
export function runClauses(
  e: Evaluator,
  v: Vertex,
  clauses: readonly ast.Clause[],
  index: number,
  env: Environment,
  into: Environment[],
): Bottom | undefined {
  const clause = clauses[index];
  if (clause === undefined) {
    into.push(env);
    return undefined;
  }
  const clauseEnv = (variables: ReadonlyMap<string, Vertex>): Environment => ({
    up: env,
    vertex: undefined,
    decls: [],
    lets: new Map(),
    variables,
    package: env.package,
  });
  if (clause.type === "If") {
    const condition = e.atom(clause.condition, env);
    if ("category" in condition) return condition;
    if (condition.kind !== "bool")
      return e.bottom("eval", v, `cannot use ${formatAtom(condition)} (type ${condition.kind}) as type bool`, clause.condition, env);
    return condition.value === true ? runClauses(e, v, clauses, index + 1, env, into) : undefined;
  }
  if (clause.type === "LetIn")
    return runClauses(e, v, clauses, index + 1, clauseEnv(new Map([[clause.name, e.scratch(clause.value, env)]])), into);
  const source = e.value(clause.source, env);
  if (!(source instanceof Vertex)) return source;
  const error = e.errorOf(source);
  if (error !== undefined) return error;
  if (source.pending !== undefined) return source.pending;
  const each = (key: Atom, value: Vertex): Bottom | undefined => {
    const variables = new Map([[clause.value, value]]);
    if (clause.key !== undefined) {
      const label = new Vertex(undefined, "");
      label.conjuncts.push({ term: { type: "atom", atom: key }, groups: [] });
      variables.set(clause.key, label);
    }
    return runClauses(e, v, clauses, index + 1, clauseEnv(variables), into);
  };
  if (source.items !== undefined) {
    for (const [position, item] of source.items.entries()) {
      const blocked = each(intAtom(position), item);
      if (blocked !== undefined) return blocked;
    }
    return undefined;
  }
  if (!source.isStruct) return e.bottom("eval", v, `cannot range over ${e.describe(source)}, want list or struct`, clause.source, env);
  for (const [key, arc] of source.arcs) {
    if (!isRegular(key) || arc.constraint === "optional") continue;
    const blocked = each(stringAtom(labelText(key)), arc);
    if (blocked !== undefined) return blocked;
  }
  return undefined;
}
