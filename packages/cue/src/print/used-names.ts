/** The names that the declarations and references of a place use, but for those of `let` clauses. */
import type { Clause, Elem, Expr } from "../engine/expr.ts";
import { labelName } from "../engine/label.ts";
import type { Vertex } from "../engine/vertex.ts";

export function usedNames(root: Vertex): Set<string> {
  const names = new Set<string>();
  const pending: Elem[] = root.isData ? [] : root.conjuncts.map(({ elem }) => elem);
  const seen = new Set<Vertex>([root]);
  for (let elem = pending.pop(); elem !== undefined; elem = pending.pop()) {
    if (elem.type === "field" || elem.type === "fieldReference") names.add(labelName(elem.label));
    else if (elem.type === "selector") names.add(labelName(elem.label));
    else if (elem.type === "valueReference" || elem.type === "importReference") names.add(elem.name);
    if (elem.type === "vertex") {
      if (seen.has(elem) || elem.isData) continue;
      seen.add(elem);
      pending.push(...elem.conjuncts.map((each) => each.elem));
    } else {
      if (elem.type === "comprehension") for (const clause of elem.clauses) for (const name of namesOf(clause)) names.add(name);
      pending.push(...partsOf(elem));
    }
  }
  return names;
}

function namesOf(clause: Clause): string[] {
  const labels = clause.type === "for" ? [clause.key, clause.value] : clause.type === "let" ? [clause.label] : [];
  return labels.flatMap((label) => (label === undefined ? [] : [labelName(label)]));
}

/** What an expression or declaration is made of. */
function partsOf(elem: Elem): readonly Elem[] {
  switch (elem.type) {
    case "field":
    case "letField":
      return [elem.value];
    case "patternField":
      return [elem.filter, elem.value];
    case "dynamicField":
      return [elem.key, elem.value];
    case "ellipsis":
      return present(elem.value);
    case "comprehension":
      return [...elem.clauses.flatMap(expressionsOf), elem.value, ...present(elem.fallback)];
    case "structLit":
      return elem.decls;
    case "listLit":
      return elem.elements;
    case "selector":
      return [elem.operand];
    case "index":
      return [elem.operand, elem.index];
    case "slice":
      return [elem.operand, ...present(elem.low), ...present(elem.high)];
    case "interpolation":
      return elem.parts;
    case "boundExpr":
    case "unary":
    case "openExpr":
      return [elem.operand];
    case "binary":
      return [elem.left, elem.right];
    case "call":
      return [elem.callee, ...elem.args];
    case "disjunctionExpr":
      return elem.alternatives.map(({ value }) => value);
    default:
      return [];
  }
}

/** What a `for` goes through does not count, as with the reference. */
function expressionsOf(clause: Clause): readonly Expr[] {
  return clause.type === "for" ? [] : [clause.type === "if" ? clause.condition : clause.value];
}

function present<T>(part: T | undefined): readonly T[] {
  return part === undefined ? [] : [part];
}
