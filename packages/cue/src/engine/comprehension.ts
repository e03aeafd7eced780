/** The environments that the clauses of a comprehension yield, one for each of its results. */
import type { Bottom } from "./bottom.ts";
import { arcTypeKnown, fieldSetKnown, needFieldSetKnown, scalarKnown } from "./conditions.ts";
import type { RunMode } from "./conditions.ts";
import type { Context } from "./context.ts";
import { addNodePositions } from "./context.ts";
import { getDefault, valueOf } from "./evaluate.ts";
import { formatExpression } from "./format.ts";
import { arcMember, arcPending, arcRequired } from "./expr.ts";
import type { Clause, Comprehension, Expr } from "./expr.ts";
import { boolKind, kindText, listKind, structKind } from "./kind.ts";
import { isRegular, selectorText } from "./label.ts";
import { labelValue } from "./pattern.ts";
import { unifyOperand } from "./resolve.ts";
import { freeze, process } from "./scheduler.ts";
import { stateOf, unify } from "./unify.ts";
import { isConcrete, isCyclePlaceholder, kindOf, unwrap } from "./value.ts";
import type { Environment } from "./vertex.ts";
import { rootCloseInfo, spawn, Vertex } from "./vertex.ts";

export function yieldComprehension(
  ctx: Context,
  node: Vertex | undefined,
  env: Environment,
  comprehension: Comprehension,
  mode: RunMode,
): { readonly environments: readonly Environment[]; readonly error: Bottom | undefined } {
  const environments: Environment[] = [];
  const savedVertex = ctx.vertex;
  if (node !== undefined) ctx.vertex = node;
  const error = runClause(ctx, comprehension.clauses, 0, env, environments);
  ctx.vertex = savedVertex;
  void mode;
  return { environments, error };
}

function runClause(ctx: Context, clauses: readonly Clause[], at: number, env: Environment, found: Environment[]): Bottom | undefined {
  const clause = clauses[at];
  if (clause === undefined) {
    found.push(env);
    return undefined;
  }
  const frame = ctx.push(env, clause.position);
  switch (clause.type) {
    case "if":
      if (condition(ctx, clause.condition)) ctx.addBottom(runClause(ctx, clauses, at + 1, env, found));
      break;
    case "let": {
      const scope = new Vertex(undefined, "");
      const arc = new Vertex(undefined, clause.label);
      arc.isDynamic = true;
      arc.anonymous = true;
      arc.conjuncts = [{ env, elem: clause.value, close: ctx.close }];
      scope.addArc(arc);
      scope.status = "finalized";
      ctx.addBottom(runClause(ctx, clauses, at + 1, spawn(env, scope), found));
      break;
    }
    case "for":
      ctx.addBottom(runFor(ctx, clause, clauses, at, env, found));
      break;
  }
  return ctx.pop(frame);
}

function condition(ctx: Context, expr: Expr): boolean {
  const value = valueOf(ctx, expr, { condition: scalarKnown, mode: "yield" });
  if (value === undefined || value.type === "bottom") return false;
  if (value.type === "bool") return value.value;
  const kind = kindOf(value);
  if (value.type === "top") ctx.fail("incomplete", "nowhere", "incomplete bool: _");
  else if (!isConcrete(value) && (kind & boolKind) !== 0) ctx.fail("incomplete", value.position ?? "nowhere", "incomplete bool: %s", value);
  else ctx.fail("eval", ctx.source, "cannot use %s (type %s) as type bool", value, kindText(kind));
  return false;
}

function runFor(
  ctx: Context,
  clause: Extract<Clause, { type: "for" }>,
  clauses: readonly Clause[],
  at: number,
  env: Environment,
  found: Environment[],
): Bottom | undefined {
  const source = forSource(ctx, clause.source);
  if (source === undefined) return undefined;
  const state = stateOf(ctx, source);
  if (state !== undefined) freeze(state, fieldSetKnown);
  const parent = ctx.envVertex(env);
  for (const arc of [...source.arcs]) {
    if (!isRegular(arc.label)) continue;
    const arcState = stateOf(ctx, arc);
    if (arcState !== undefined) process(arcState, arcTypeKnown, "attempt");
    if (arc.arc === arcRequired) {
      ctx.addBottom(missingRequired(ctx, clause, arc));
      continue;
    }
    if (arc.arc !== arcMember) continue;
    const scope = new Vertex(parent, "");
    scope.status = "finalized";
    scope.isDynamic = true;
    scope.anonymous = true;
    if (clause.value !== undefined) {
      const value = new Vertex(undefined, clause.value);
      value.base = arc;
      value.status = "finalized";
      value.isDynamic = true;
      value.anonymous = true;
      value.arc = arcPending;
      scope.addArc(value);
    }
    if (clause.key !== undefined) {
      const key = new Vertex(undefined, clause.key);
      key.isDynamic = true;
      key.anonymous = true;
      key.base = labelValue(arc.label);
      key.conjuncts = [{ env: undefined, elem: key.base, close: rootCloseInfo }];
      key.status = "finalized";
      scope.addArc(key);
    }
    const error = runClause(ctx, clauses, at + 1, spawn(env, scope), found);
    if (error !== undefined) return error;
    if (ctx.errors !== undefined || ctx.step()) break;
  }
  return ctx.exhausted;
}

function missingRequired(ctx: Context, clause: Extract<Clause, { type: "for" }>, arc: Vertex): Bottom {
  const bottom = ctx.newBottom("incomplete", "missing required field in for comprehension: %s", [selectorText(arc.label)]);
  const positions = bottom.messages[0]?.positions;
  if (clause.position !== undefined) positions?.push(clause.position);
  for (const conjunct of arc.conjuncts)
    if (conjunct.elem.type === "field")
      addNodePositions(conjunct.elem, (position) => {
        if (position !== undefined) positions?.push(position);
      });
  if (clause.source.position !== undefined) positions?.push(clause.source.position);
  return bottom;
}

function forSource(ctx: Context, expr: Expr): Vertex | undefined {
  ctx.inDetached++;
  const found = unifyOperand(ctx, expr, { condition: needFieldSetKnown, mode: "attempt" });
  ctx.inDetached--;
  if (found instanceof Vertex) unify(ctx, found, { condition: needFieldSetKnown, mode: "finalize", checkTypos: true });
  const chosen = getDefault(ctx, found);
  if (!chosen.ok) return undefined;
  let { value } = chosen;
  const unwrapped = unwrap(value);
  if (!isCyclePlaceholder(unwrapped)) value = unwrapped;
  const node = value instanceof Vertex ? value : undefined;
  if (node !== undefined && !isCyclePlaceholder(node.base)) value = node.value();
  if (value === undefined) {
    ctx.fail("incomplete", expr.position, "cannot range over %s (incomplete)", formatExpression(expr));
    return undefined;
  }
  if (value.type === "bottom") {
    ctx.addBottom(value);
    return undefined;
  }
  const kind = kindOf(value);
  if (!(value instanceof Vertex)) {
    if ((kind & (structKind | listKind)) !== 0)
      ctx.fail("incomplete", expr.position, "cannot range over %s (incomplete type %s)", formatExpression(expr), kindText(kind));
    else if (node === undefined)
      ctx.fail("eval", expr.position, "cannot range over %s (found %s, want list or struct)", formatExpression(expr), kindText(kind));
    return undefined;
  }
  if ((kind & (structKind | listKind)) !== 0 && kind !== structKind && kind !== listKind) {
    ctx.fail("incomplete", expr.position, "cannot range over %s (incomplete type %s)", formatExpression(expr), kindText(kind));
    return undefined;
  }
  return node;
}
