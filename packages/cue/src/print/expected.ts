/**
 * Compares a value with CUE text that says what it should be: fields of every kind, default marks and bounds must be the
 * same; patterns and hidden fields count only where the text has some; `_|_` stands for any error. For tests and for
 * conformance vectors.
 */
import type { Value } from "../api.ts";
import { builtinPackages } from "../builtins/all-packages.ts";
import { compile } from "../compile/complete.ts";
import { arcOptional, arcRequired } from "../engine/expr.ts";
import { builtinName, formatValue } from "../engine/format.ts";
import type { Engine } from "../engine/instance.ts";
import type { Label } from "../engine/label.ts";
import { identLabel, isHidden, isInt, isLet, labelName, regularLabel } from "../engine/label.ts";
import type { BaseValue, BuiltinValidator } from "../engine/value.ts";
import { isIncomplete } from "../engine/value.ts";
import { Vertex } from "../engine/vertex.ts";
import { compare, parseDecimal } from "../number/decimal.ts";
import type * as ast from "../syntax/ast.ts";
import { parseExpression } from "../syntax/parser.ts";
import { CueValue } from "../value/cue-value.ts";

export function equalsExpected(value: Value, expected: string): boolean | "unsupported" {
  if (!(value instanceof CueValue)) return "unsupported";
  const parsed = parseExpression(expected, "expected");
  if (parsed.diagnostics.length > 0) return "unsupported";
  const vertex = value.finished();
  if (vertex === undefined) return parsed.expr.type === "Bottom";
  finishArguments(value.instance.engine, vertex);
  return matches(parsed.expr, vertex);
}

/** The arguments of checks are evaluated where they are called only. */
function finishArguments(engine: Engine, root: Vertex): void {
  const seen = new Set<Vertex>();
  const open: BaseValue[] = [root];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next instanceof Vertex) {
      const vertex = next.derefValue();
      if (seen.has(vertex)) continue;
      seen.add(vertex);
      engine.finalize(vertex);
      open.push(...vertex.arcs, vertex.base);
    } else if ("type" in next && next.type === "validator") open.push(...next.args);
  }
}

function matches(expected: ast.Expression, given: Vertex): boolean {
  const vertex = given.derefValue();
  const { base } = vertex;
  if (isIncomplete(vertex.bottom()) && isUnresolved(expected)) return true;
  if (expected.type === "Call" && base?.type === "validator" && base.args.some((arg) => arg instanceof Vertex)) {
    return matchesCall(expected, base);
  }
  switch (expected.type) {
    case "Paren":
      return matches(expected.expr, vertex);
    case "Bottom":
      return vertex.isError();
    case "StructLit":
      return matchesStruct(expected, vertex);
    case "ListLit":
      return matchesList(expected, vertex);
    case "Binary":
      if (expected.op === "|") return matchesDisjunction(expected, base);
      if (expected.op === "&") return matchesConjunction(expected, vertex);
      break;
    default:
  }
  if (base?.type === "disjunction" || base?.type === "structMarker" || base?.type === "listMarker") return false;
  return sameText(textOf(expected), sorted(formatValue(base)));
}

/** A check by its name and by what its arguments are worth. */
function matchesCall(expected: ast.Call, given: BuiltinValidator): boolean {
  const name = builtinName(given.builtin).split("/").at(-1);
  return (
    printed(expected.callee) === name &&
    expected.args.length === given.args.length &&
    expected.args.every((arg, i) => {
      const value = given.args[i];
      return value instanceof Vertex ? matches(arg, value) : value !== undefined && textOf(arg) === sorted(formatValue(value));
    })
  );
}

/** What could not be computed yet is told by its expression. */
function isUnresolved(expr: ast.Expression): boolean {
  switch (expr.type) {
    case "Call":
    case "Selector":
    case "Index":
      return true;
    case "Paren":
      return isUnresolved(expr.expr);
    case "Binary":
      return isUnresolved(expr.left) || isUnresolved(expr.right);
    default:
      return false;
  }
}

/** Floats are compared by size. */
function sameText(a: string, b: string): boolean {
  if (a === b) return true;
  const x = /[.E]/.test(a) ? parseDecimal(a) : undefined;
  const y = /[.E]/.test(b) ? parseDecimal(b) : undefined;
  return x !== undefined && y !== undefined && compare(x, y) === 0;
}

function sorted(text: string): string {
  return text.split(" & ").sort().join(" & ");
}

function textOf(expected: ast.Expression): string {
  const text = (expected as { source?: string }).source ?? printed(expected);
  const imports = builtinPackages
    .map((each) => each.path)
    .filter((path) => new RegExp(`(^|[^\\w.])${path.split("/").at(-1) ?? path}\\.`).test(text))
    .map((path) => `import ${JSON.stringify(path)}\n`)
    .join("");
  const value = compile(`${imports}x: ${text}`, { unusedImports: "ignore" }).instance().lookup("x");
  return value instanceof CueValue ? sorted(value.describe()) : "";
}

/** Expressions of expectations are short: they are written back plainly. */
function printed(expr: ast.Expression): string {
  switch (expr.type) {
    case "Ident":
      return expr.name;
    case "BasicLit":
    case "Interpolation":
      return expr.raw;
    case "Unary":
      return `${expr.op}${printed(expr.operand)}`;
    case "Binary":
      return `(${printed(expr.left)} ${expr.op} ${printed(expr.right)})`;
    case "Paren":
      return printed(expr.expr);
    case "Selector":
      return `${printed(expr.operand)}.${expr.label.type === "IdentLabel" ? expr.label.name : expr.label.raw}`;
    case "Call":
      return `${printed(expr.callee)}(${expr.args.map(printed).join(", ")})`;
    case "ListLit":
      return `[${expr.elements.map((each) => (each.type === "Ellipsis" ? `...${each.value === undefined ? "" : printed(each.value)}` : each.type === "Comprehension" ? "" : printed(each))).join(", ")}]`;
    case "StructLit":
      return `{${expr.decls
        .map((decl) => {
          if (decl.type === "Embedding") return printed(decl.expr);
          if (decl.type === "Ellipsis") return "...";
          if (decl.type !== "Field") return "";
          const { label } = decl;
          const name =
            label.type === "IdentLabel"
              ? label.name
              : label.type === "StringLabel"
                ? label.raw
                : label.type === "PatternLabel"
                  ? `[${printed(label.expr)}]`
                  : "x";
          return `${name}${decl.constraint === "optional" ? "?" : decl.constraint === "required" ? "!" : ""}: ${printed(decl.value)}`;
        })
        .join(", ")}}`;
    case "Bottom":
      return "_|_";
    default:
      return "_";
  }
}

interface ExpectedField {
  readonly arc: number;
  readonly value: ast.Expression;
}

function matchesStruct(expected: ast.StructLit, vertex: Vertex): boolean {
  const fields = new Map<string, ExpectedField>();
  let embedded: ast.Expression | undefined;
  for (const decl of expected.decls) {
    if (decl.type === "Embedding") embedded = decl.expr;
    if (decl.type !== "Field") continue;
    const { label } = decl;
    let name: Label;
    if (label.type === "IdentLabel") name = identLabel(label.name, "");
    else if (label.type === "StringLabel") name = regularLabel(label.value);
    else continue;
    const arc = decl.constraint === "none" ? 0 : decl.constraint === "required" ? arcRequired : arcOptional;
    fields.set(labelKey(name), { arc, value: decl.value });
  }
  const { base } = vertex;
  if (embedded === undefined) {
    if (base?.type !== "structMarker" && !(base?.type === "bottom" && (vertex.arcs.length > 0 || base.childError === true))) return false;
  } else if (!matchesEmbedded(embedded, vertex)) return false;
  // A constraint that nothing satisfies need not be told.
  const isTold = (arc: Vertex): boolean => arc.arc !== arcOptional || !arc.isError() || fields.has(labelKey(arc.label));
  const tellsHidden = [...fields.keys()].some((key) => key.startsWith("_"));
  const arcs = vertex.arcs.filter(
    (arc) => !isLet(arc.label) && !isInt(arc.label) && arc.arc <= arcOptional && isTold(arc) && (tellsHidden || !isHidden(arc.label)),
  );
  if (arcs.length !== fields.size) return false;
  return arcs.every((arc) => {
    const field = fields.get(labelKey(arc.label));
    return field !== undefined && field.arc === arc.arc && matches(field.value, arc);
  });
}

function labelKey(label: Label): string {
  // The package of a hidden field may be told after a dollar sign.
  return isHidden(label) ? `_${labelName(label).replace(/\$.*$/, "")}` : String(label);
}

function matchesEmbedded(expected: ast.Expression, vertex: Vertex): boolean {
  if (expected.type === "Bottom") return vertex.isError();
  if (expected.type === "StructLit" || expected.type === "ListLit") return matches(expected, vertex);
  if (expected.type === "Binary" && expected.op === "|") return matchesDisjunction(expected, vertex.base);
  return sameText(textOf(expected), sorted(formatValue(vertex.base)));
}

function matchesList(expected: ast.ListLit, vertex: Vertex): boolean {
  const { base } = vertex;
  if (base?.type !== "listMarker" && !(base?.type === "bottom" && (base.childError === true || vertex.arcs.length > 0))) return false;
  const items = expected.elements.filter((each) => each.type !== "Ellipsis" && each.type !== "Comprehension");
  const isOpen = items.length < expected.elements.length;
  if (isOpen && base.type === "listMarker" && !base.isOpen) return false;
  const elements = vertex.elements();
  return (
    items.length === elements.length &&
    items.every((item, i) => {
      const element = elements[i];
      return element !== undefined && matches(item, element);
    })
  );
}

function terms(expr: ast.Expression, op: "|" | "&"): ast.Expression[] {
  if (expr.type === "Binary" && expr.op === op) return [...terms(expr.left, op), ...terms(expr.right, op)];
  return [expr];
}

function matchesDisjunction(expected: ast.Binary, base: BaseValue): boolean {
  if (base?.type !== "disjunction") return false;
  const wanted = terms(expected, "|").map((term) =>
    term.type === "Unary" && term.op === "*" ? { isDefault: true, expr: term.operand } : { isDefault: false, expr: term },
  );
  const flat = wanted.flatMap((term) =>
    term.expr.type === "Paren" ? terms(term.expr.expr, "|").map((expr) => ({ isDefault: term.isDefault, expr })) : [term],
  );
  if (flat.length !== base.values.length) return false;
  const left = base.values.map((value, i) => ({ value, isDefault: i < base.defaults }));
  return flat.every((term) => {
    const found = left.findIndex(
      (each) => each.isDefault === term.isDefault && each.value instanceof Vertex && matches(term.expr, each.value),
    );
    const scalar =
      found >= 0
        ? found
        : left.findIndex(
            (each) =>
              each.isDefault === term.isDefault && !(each.value instanceof Vertex) && textOf(term.expr) === sorted(formatValue(each.value)),
          );
    if (scalar < 0) return false;
    left.splice(scalar, 1);
    return true;
  });
}

function matchesConjunction(expected: ast.Binary, vertex: Vertex): boolean {
  const parts = terms(expected, "&").map((term) => (term.type === "Paren" ? term.expr : term));
  const composite = parts.find((part) => part.type === "StructLit" || part.type === "ListLit");
  if (composite !== undefined) return matches(composite, vertex);
  const { base } = vertex;
  if (base === undefined) return false;
  const got = (base.type === "conjunction" ? base.values : [base]).map((value) => formatValue(value)).sort();
  return (
    got.join(" & ") ===
    parts
      .map(textOf)
      .flatMap((text) => text.split(" & "))
      .sort()
      .join(" & ")
  );
}
