/** Operators over concrete values, interpolation, and the comparison with bottom. */
import type * as ast from "../syntax/ast.ts";
import { utf8Length } from "../syntax/position.ts";
import type { Atom } from "./atom.ts";
import { atomsEqual, boolAtom, compareAtoms, floatAtom, formatAtom, formatNumber, intAtom, isNumber } from "./atom.ts";
import type { Bottom } from "./bottom.ts";
import type { Evaluator, Outcome } from "./evaluator.ts";
import { matchesPattern } from "./regexp.ts";
import type { Environment } from "./vertex.ts";
import { Vertex } from "./vertex.ts";

export function evaluateOperator(e: Evaluator, expr: ast.Expression, env: Environment): Outcome {
  switch (expr.type) {
    case "Interpolation":
      return interpolate(e, expr, env);
    case "Unary":
      return unary(e, expr, env);
    case "Binary":
      return binary(e, expr, env);
    case "Slice":
      return slice(e, expr, env);
    default:
      return { bottom: e.bottom("eval", undefined, `unexpected ${expr.type}`, expr, env) };
  }
}

function interpolate(e: Evaluator, expr: ast.Interpolation, env: Environment): Outcome {
  let text = expr.parts[0] ?? "";
  for (const [index, part] of expr.exprs.entries()) {
    const atom = e.atom(part, env);
    if ("category" in atom) return { bottom: atom };
    if (atom.kind === "null")
      return { bottom: e.bottom("eval", undefined, "invalid interpolation: cannot use null (type null) as type string", part, env) };
    text += (isNumber(atom) ? formatNumber(atom) : String(atom.value)) + (expr.parts[index + 1] ?? "");
  }
  return { atom: { kind: expr.kind, value: text } };
}

function unary(e: Evaluator, expr: ast.Unary, env: Environment): Outcome {
  const atom = e.atom(expr.operand, env);
  if ("category" in atom) return { bottom: atom };
  if (expr.op === "!" && atom.kind === "bool") return { atom: boolAtom(atom.value !== true) };
  if ((expr.op === "-" || expr.op === "+") && isNumber(atom)) {
    if (expr.op === "+") return { atom };
    return { atom: atom.kind === "int" ? intAtom(-BigInt(atom.value as number | bigint)) : floatAtom(-(atom.value as number)) };
  }
  return { bottom: e.bottom("eval", undefined, `invalid operation ${expr.op}${formatAtom(atom)} (${expr.op} ${atom.kind})`, expr, env) };
}

function binary(e: Evaluator, expr: ast.Binary, env: Environment): Outcome {
  if (expr.op === "==" || expr.op === "!=") {
    const other = isBottomLiteral(expr.right) ? expr.left : isBottomLiteral(expr.left) ? expr.right : undefined;
    if (other !== undefined) {
      const defined = isDefined(e, other, env);
      return typeof defined === "boolean" ? { atom: boolAtom(defined === (expr.op === "!=")) } : { bottom: defined };
    }
  }
  if (expr.op === "&&" || expr.op === "||") return logical(e, expr, env);
  const left = e.value(expr.left, env);
  if (!(left instanceof Vertex)) return { bottom: left };
  const right = e.value(expr.right, env);
  if (!(right instanceof Vertex)) return { bottom: right };
  const error = e.errorOf(left) ?? e.errorOf(right);
  if (error !== undefined) return { bottom: error.at.length > 0 ? error : { ...error, at: [env.package.position(expr)] } };
  if (expr.op === "==" || expr.op === "!=") {
    const equal = deepEquals(e, left, right);
    return typeof equal === "boolean" ? { atom: boolAtom(equal === (expr.op === "==")) } : { bottom: equal };
  }
  if (left.items !== undefined || right.items !== undefined) return listOperator(e, expr, left, right, env);
  const a = left.atom;
  const b = right.atom;
  if (a === undefined || b === undefined) return { bottom: invalid(e, expr, left, right, env) };
  return atomOperator(e, expr, a, b, env);
}

function invalid(e: Evaluator, expr: ast.Binary, left: Vertex, right: Vertex, env: Environment): Bottom {
  const kind = (vertex: Vertex): string => vertex.atom?.kind ?? (vertex.items === undefined ? "struct" : "list");
  return e.bottom(
    "eval",
    undefined,
    `invalid operands ${e.describe(left)} and ${e.describe(right)} to '${expr.op}' (type ${kind(left)} and ${kind(right)})`,
    expr,
    env,
  );
}

function logical(e: Evaluator, expr: ast.Binary, env: Environment): Outcome {
  const left = e.atom(expr.left, env);
  if ("category" in left) return { bottom: left };
  if (left.kind === "bool" && left.value === (expr.op === "||")) return { atom: left };
  const right = e.atom(expr.right, env);
  if ("category" in right) return { bottom: right };
  if (left.kind !== "bool" || right.kind !== "bool") {
    return {
      bottom: e.bottom(
        "eval",
        undefined,
        `invalid operands ${formatAtom(left)} and ${formatAtom(right)} to '${expr.op}' (type ${left.kind} and ${right.kind})`,
        expr,
        env,
      ),
    };
  }
  return { atom: right };
}

/** Lists join with `+` and repeat with `*`: gone from the language since v0.11, but stored definitions rely on it. */
function listOperator(e: Evaluator, expr: ast.Binary, left: Vertex, right: Vertex, env: Environment): Outcome {
  if (expr.op === "+" && left.items !== undefined && right.items !== undefined)
    return { term: { type: "list", items: [...left.items, ...right.items] } };
  const list = left.items ?? right.items;
  const times = left.items === undefined ? left.atom : right.atom;
  if (expr.op === "*" && list !== undefined && times?.kind === "int" && Number(times.value) >= 0) {
    return { term: { type: "list", items: Array.from({ length: Number(times.value) }, () => list).flat() } };
  }
  return { bottom: invalid(e, expr, left, right, env) };
}

function atomOperator(e: Evaluator, expr: ast.Binary, a: Atom, b: Atom, env: Environment): Outcome {
  const fail = (message: string): Outcome => ({ bottom: e.bottom("eval", undefined, message, expr, env) });
  const mismatch = (): Outcome =>
    fail(`invalid operands ${formatAtom(a)} and ${formatAtom(b)} to '${expr.op}' (type ${a.kind} and ${b.kind})`);
  switch (expr.op) {
    case "<":
    case "<=":
    case ">":
    case ">=": {
      const order = compareAtoms(a, b);
      if (order === undefined) return mismatch();
      return { atom: boolAtom({ "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0 }[expr.op]) };
    }
    case "=~":
    case "!~": {
      if (a.kind !== "string" || b.kind !== "string") return mismatch();
      const matched = matchesPattern(String(b.value), String(a.value));
      return typeof matched === "boolean" ? { atom: boolAtom(matched === (expr.op === "=~")) } : fail(matched.message);
    }
    default:
  }
  if (isNumber(a) && isNumber(b)) return arithmetic(expr.op, a, b, fail) ?? mismatch();
  if (expr.op === "+" && a.kind === b.kind && (a.kind === "string" || a.kind === "bytes"))
    return { atom: { kind: a.kind, value: String(a.value) + String(b.value) } };
  if (expr.op === "*") {
    const [text, times] = a.kind === "int" ? [b, a] : [a, b];
    if (times.kind === "int" && (text.kind === "string" || text.kind === "bytes")) {
      const count = Number(times.value);
      if (count < 0) return fail("cannot convert negative number to uint64");
      if (utf8Length(String(text.value)) * count > 10_000_000) return fail("the repeated text is too long");
      return { atom: { kind: text.kind, value: String(text.value).repeat(count) } };
    }
  }
  return mismatch();
}

export function arithmetic(op: string, a: Atom, b: Atom, fail: (message: string) => Outcome): Outcome | undefined {
  if (op === "/") {
    if (Number(b.value) === 0) return fail("division by zero");
    return { atom: floatAtom(Number(a.value) / Number(b.value)) };
  }
  if (a.kind === "int" && b.kind === "int") {
    const x = BigInt(a.value as number | bigint);
    const y = BigInt(b.value as number | bigint);
    if (["div", "mod", "quo", "rem"].includes(op) && y === 0n) return fail("division by zero");
    switch (op) {
      case "+":
        return { atom: intAtom(x + y) };
      case "-":
        return { atom: intAtom(x - y) };
      case "*":
        return { atom: intAtom(x * y) };
      case "quo":
        return { atom: intAtom(x / y) };
      case "rem":
        return { atom: intAtom(x % y) };
      case "div":
      case "mod": {
        // Euclidean: the remainder is never negative.
        let rest = x % y;
        if (rest < 0n) rest += y < 0n ? -y : y;
        return { atom: intAtom(op === "mod" ? rest : (x - rest) / y) };
      }
      default:
        return undefined;
    }
  }
  const x = Number(a.value);
  const y = Number(b.value);
  switch (op) {
    case "+":
      return { atom: floatAtom(x + y) };
    case "-":
      return { atom: floatAtom(x - y) };
    case "*":
      return { atom: floatAtom(x * y) };
    default:
      return undefined;
  }
}

function isBottomLiteral(expr: ast.Expression): boolean {
  return expr.type === "Bottom" || (expr.type === "Paren" && isBottomLiteral(expr.expr));
}

/** Whether there is something: the left side of `x != _|_`. A cycle is the only answer that is not yes or no. */
function isDefined(e: Evaluator, expr: ast.Expression, env: Environment): boolean | Bottom {
  const value = e.value(expr, env);
  if (!(value instanceof Vertex)) return value.category === "cycle" ? value : false;
  if (value.state === "busy") return e.bottom("cycle", value, "cycle error", expr, env);
  if (value.bottom !== undefined) return value.bottom.category === "cycle" ? value.bottom : false;
  if (value.atom !== undefined) return true;
  if (value.isStruct || value.items !== undefined) return e.fatalBelow(value) === undefined;
  return false;
}

/** Equality of concrete values; what is not concrete is the answer's bottom. */
export function deepEquals(e: Evaluator, a: Vertex, b: Vertex): boolean | Bottom {
  const left = e.settle(a);
  const right = e.settle(b);
  const error = e.errorOf(left) ?? e.errorOf(right);
  if (error !== undefined) return error;
  if (left.atom !== undefined || right.atom !== undefined)
    return left.atom !== undefined && right.atom !== undefined && atomsEqual(left.atom, right.atom);
  if (left.items !== undefined || right.items !== undefined) {
    if (left.items?.length !== right.items?.length) return false;
    for (const [index, item] of (left.items ?? []).entries()) {
      const other = right.items?.[index];
      const equal = other === undefined ? false : deepEquals(e, item, other);
      if (equal !== true) return equal;
    }
    return true;
  }
  const regular = (vertex: Vertex): [string, Vertex][] =>
    [...vertex.arcs].filter(([key, arc]) => key.startsWith(".") && arc.constraint !== "optional");
  const leftArcs = regular(left);
  if (leftArcs.length !== regular(right).length) return false;
  for (const [key, arc] of leftArcs) {
    const other = right.arcs.get(key);
    const equal = other === undefined || other.constraint === "optional" ? false : deepEquals(e, arc, other);
    if (equal !== true) return equal;
  }
  return true;
}

function slice(e: Evaluator, expr: ast.Slice, env: Environment): Outcome {
  const value = e.value(expr.operand, env);
  if (!(value instanceof Vertex)) return { bottom: value };
  const error = e.errorOf(value);
  if (error !== undefined) return { bottom: error };
  const length = value.items?.length ?? (value.atom?.kind === "bytes" ? String(value.atom.value).length : undefined);
  if (length === undefined) return { bottom: e.bottom("eval", value, `cannot slice ${e.describe(value)}`, expr, env) };
  const limits: number[] = [];
  for (const [part, fallback] of [
    [expr.low, 0],
    [expr.high, length],
  ] as const) {
    const limit = part === undefined ? intAtom(fallback) : e.atom(part, env);
    if ("category" in limit) return { bottom: limit };
    limits.push(Number(limit.value));
  }
  const [low = 0, high = length] = limits;
  if (low < 0 || high > length || low > high)
    return { bottom: e.bottom("eval", value, `slice bounds out of range [${low}:${high}] with length ${length}`, expr, env) };
  if (value.items !== undefined) return { term: { type: "list", items: value.items.slice(low, high) } };
  return { atom: { kind: "bytes", value: String(value.atom?.value).slice(low, high) } };
}
