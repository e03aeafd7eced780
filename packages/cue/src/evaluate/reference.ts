/** Where references lead: identifiers, selectors and indices, followed place by place. */
import type * as ast from "../syntax/ast.ts";
import type { Bottom } from "./bottom.ts";
import type { Evaluator } from "./evaluator.ts";
import { identKey, labelText, regularKey } from "./label.ts";
import type { Environment } from "./vertex.ts";
import { Vertex } from "./vertex.ts";

/** A place, why there is none, or `undefined` when the expression is not a reference. */
export type Reached = Vertex | Bottom | undefined;

export function follow(e: Evaluator, expr: ast.Expression, env: Environment): Reached {
  switch (expr.type) {
    case "Paren":
      return follow(e, expr.expr, env);
    case "Ident":
      return followIdent(e, expr, env);
    case "Selector": {
      const { label } = expr;
      const key = label.type === "IdentLabel" ? identKey(label.name, env.package.path) : regularKey(label.value);
      return select(e, expr, expr.operand, key, env);
    }
    case "Index":
      return followIndex(e, expr, env);
    default:
      return undefined;
  }
}

function followIdent(e: Evaluator, expr: ast.Ident, env: Environment): Reached {
  const resolution = env.package.resolution(expr);
  if (resolution === undefined) return e.bottom("eval", undefined, `reference ${JSON.stringify(expr.name)} not found`, expr, env);
  switch (resolution.type) {
    case "predeclared":
      return undefined;
    case "import":
      return e.importRoot(resolution.path);
    default:
  }
  const scope = e.scopeAt(env, resolution.up);
  switch (resolution.type) {
    case "field": {
      const found = scope.vertex === undefined ? undefined : field(e, scope.vertex, resolution.key);
      return found ?? missing(e, resolution.key, expr, env);
    }
    case "variable":
      return scope.variables.get(resolution.name) ?? missing(e, resolution.name, expr, env);
    case "let":
      return letValue(scope, resolution.name) ?? missing(e, resolution.name, expr, env);
    case "alias": {
      const { label } = resolution.field;
      if (label.type === "IdentLabel")
        return scope.vertex === undefined
          ? undefined
          : (scope.vertex.arcs.get(identKey(label.name, env.package.path)) ?? missing(e, label.name, expr, env));
      if (label.type === "StringLabel") return scope.vertex?.arcs.get(regularKey(label.value)) ?? missing(e, label.value, expr, env);
      if (label.type === "PatternLabel") return missing(e, expr.name, expr, env);
      const name = e.atom(label.expr, scope);
      if ("category" in name) return name;
      return scope.vertex?.arcs.get(regularKey(String(name.value))) ?? missing(e, String(name.value), expr, env);
    }
  }
}

/** The arc of a struct that may still be under evaluation; an optional field that nobody set counts as missing. */
function field(e: Evaluator, vertex: Vertex, key: string): Vertex | undefined {
  const known = vertex.arcs.get(key);
  if (known !== undefined && vertex.state === "busy") return known.constraint === "optional" ? undefined : known;
  const settled = e.settle(vertex);
  const arc = settled.arcs.get(key) ?? vertex.arcs.get(key);
  return arc === undefined || arc.constraint === "optional" ? undefined : arc;
}

function letValue(scope: Environment, name: string): Vertex | undefined {
  const cached = scope.lets.get(name);
  if (cached !== undefined) return cached;
  const decl = scope.decls.find((candidate): candidate is ast.LetClause => candidate.type === "Let" && candidate.name === name);
  if (decl === undefined) return undefined;
  const vertex = new Vertex(undefined, "");
  vertex.constraint = "none";
  vertex.conjuncts.push({ term: { type: "expr", expr: decl.value, env: scope }, groups: [] });
  scope.lets.set(name, vertex);
  return vertex;
}

function missing(e: Evaluator, key: string, node: ast.Node, env: Environment): Bottom {
  return e.bottom("incomplete", undefined, `undefined field: ${labelText(key)}`, node, env);
}

function baseOf(e: Evaluator, operand: ast.Expression, env: Environment): Vertex | Bottom {
  const reached = follow(e, operand, env) ?? e.scratch(operand, env);
  return reached instanceof Vertex ? reached : reached;
}

function select(e: Evaluator, expr: ast.Expression, operand: ast.Expression, key: string, env: Environment): Reached {
  const base = baseOf(e, operand, env);
  if (!(base instanceof Vertex)) return base;
  const found = field(e, base, key);
  if (found !== undefined) return found;
  const settled = e.settle(base);
  if (settled.state === "busy") return missing(e, key, expr, env);
  if (settled.bottom !== undefined) return settled.bottom;
  if (settled.atom !== undefined || settled.items !== undefined) {
    return e.bottom(
      "eval",
      settled,
      `invalid operand ${e.describe(settled)} (found ${settled.atom?.kind ?? "list"}, want struct)`,
      operand,
      env,
    );
  }
  return missing(e, key, expr, env);
}

function followIndex(e: Evaluator, expr: ast.Index, env: Environment): Reached {
  const base = baseOf(e, expr.operand, env);
  if (!(base instanceof Vertex)) return base;
  const index = e.atom(expr.index, env);
  if ("category" in index) return index;
  if (index.kind === "string") return field(e, base, regularKey(String(index.value))) ?? errorOr(e, base, String(index.value), expr, env);
  const settled = e.settle(base);
  if (settled.state === "busy") return e.bottom("cycle", settled, "cycle error", expr, env);
  if (settled.items === undefined) {
    const error = e.errorOf(settled);
    return error ?? e.bottom("eval", settled, `invalid index ${e.describe(settled)}: want list or struct`, expr, env);
  }
  if (index.kind !== "int") return e.bottom("eval", settled, `invalid list index: ${String(index.value)}`, expr.index, env);
  const position = Number(index.value);
  if (position < 0) return e.bottom("eval", settled, `invalid negative index ${position}`, expr.index, env);
  return (
    settled.items[position] ??
    e.bottom(
      settled.listOpen ? "incomplete" : "incomplete",
      settled,
      `index out of range [${position}] with length ${settled.items.length}`,
      expr.index,
      env,
    )
  );
}

function errorOr(e: Evaluator, base: Vertex, key: string, expr: ast.Expression, env: Environment): Bottom {
  const settled = e.settle(base);
  return settled.bottom ?? missing(e, `.${key}`, expr, env);
}
