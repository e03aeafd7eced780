/**
 * The end of an evaluation: what patterns add, how long lists are, which alternatives are left, and whether the value
 * keeps to its bounds, its validators and its closedness.
 */
import type * as ast from "../syntax/ast.ts";
import type { Atom } from "./atom.ts";
import { compareAtoms, formatAtom, kinds, stringAtom } from "./atom.ts";
import type { Bottom } from "./bottom.ts";
import { isIncomplete } from "./bottom.ts";
import type { Evaluator } from "./evaluator.ts";
import { isRegular, labelText } from "./label.ts";
import { matchesPattern } from "./regexp.ts";
import type { Environment } from "./vertex.ts";
import { Vertex } from "./vertex.ts";

/** The vertex under evaluation, and how it fails. */
export interface Place {
  readonly e: Evaluator;
  readonly v: Vertex;
  readonly fail: (category: Bottom["category"], message: string, node?: ast.Node, env?: Environment) => void;
  readonly failWith: (bottom: Bottom) => void;
}

export function applyPatterns(at: Place): void {
  const { e, v } = at;
  if (v.patterns.length === 0) return;
  for (const [key, arc] of v.arcs) {
    if (!isRegular(key)) continue;
    for (const pattern of v.patterns) {
      const label = stringAtom(labelText(key));
      if (pattern.label !== undefined && matchLabel(e, pattern.label, pattern.env, label) !== true) continue;
      if (pattern.label === undefined && arc.conjuncts.some((conjunct) => conjunct.groups.some((group) => pattern.groups.includes(group))))
        continue;
      const name = new Vertex(undefined, "");
      name.conjuncts.push({ term: { type: "atom", atom: label }, groups: [] });
      const variables = pattern.alias === undefined ? new Map<string, Vertex>() : new Map([[pattern.alias, name]]);
      const env: Environment =
        pattern.label === undefined
          ? pattern.env
          : { up: pattern.env, vertex: undefined, decls: [], lets: new Map(), variables, package: pattern.env.package };
      if (arc.state === "done") arc.reset();
      arc.conjuncts.push({ term: { type: "expr", expr: pattern.value, env }, groups: pattern.groups.filter((group) => group.recursive) });
    }
  }
}

export function finishList(at: Place): void {
  const { v } = at;
  if (v.lists.length === 0) {
    if (v.pending !== undefined && v.kinds === kinds.list) at.failWith(v.pending);
    return;
  }
  if (v.pending !== undefined) {
    at.failWith(v.pending);
    return;
  }
  const length = Math.max(...v.lists.map((list) => list.items.length));
  const closed = v.lists.filter((list) => list.rest === "none");
  for (const list of closed) {
    if (list.items.length < length) {
      at.fail("eval", `incompatible list lengths (${list.items.length} and ${length})`);
      return;
    }
  }
  v.listOpen = closed.length === 0;
  v.items = Array.from({ length }, (_, index) => {
    const item = new Vertex(v, index);
    item.constraint = "none";
    for (const list of v.lists) {
      const conjunct = list.items[index] ?? (typeof list.rest === "object" ? list.rest : undefined);
      if (conjunct !== undefined) item.conjuncts.push(conjunct);
    }
    return item;
  });
}

export function choose(at: Place): void {
  const { e, v } = at;
  const disjunction = v.disjunctions[0];
  if (disjunction === undefined) return;
  const position = v.choices.length;
  const hasMarks = disjunction.alternatives.some((alternative) => alternative.marked);
  const kept: { vertex: Vertex; isDefault: boolean; key: string }[] = [];
  let firstError: Bottom | undefined;
  let errors = 0;
  for (const [index, alternative] of disjunction.alternatives.entries()) {
    const candidate = new Vertex(v.parent, v.key, [...v.choices.slice(0, position), index]);
    candidate.constraint = v.constraint;
    candidate.declared.push(...v.declared);
    candidate.conjuncts.push(...v.conjuncts);
    e.evaluate(candidate);
    const fatal = candidate.candidates === undefined ? e.fatalBelow(candidate) : candidate.bottom;
    if (fatal !== undefined && !isIncomplete(fatal)) {
      firstError ??= fatal;
      errors++;
      continue;
    }
    const results = candidate.candidates ?? [{ vertex: candidate, isDefault: true }];
    for (const result of results) {
      const key = e.describe(result.vertex);
      const isDefault = (!hasMarks || alternative.marked) && result.isDefault;
      const same =
        result.vertex.isStruct || result.vertex.bottom !== undefined
          ? undefined
          : kept.find((other) => other.key === key && !other.vertex.isStruct);
      if (same === undefined) kept.push({ vertex: result.vertex, isDefault, key });
      else same.isDefault ||= isDefault;
    }
  }
  if (kept.length === 0) {
    at.fail("eval", `${errors} errors in empty disjunction: ${firstError?.message ?? ""}`);
    return;
  }
  // Where no marked alternative is left, none of the rest is a default.
  if (!kept.some((candidate) => candidate.isDefault)) for (const candidate of kept) candidate.isDefault = true;
  v.candidates = kept;
  if (kept.length === 1 && kept[0] !== undefined) v.candidates = [{ vertex: kept[0].vertex, isDefault: true }];
}

export function finish(at: Place): void {
  const { v } = at;
  if (v.atom !== undefined && v.isStruct)
    at.fail("eval", `conflicting values ${formatAtom(v.atom)} and {...} (mismatched types ${v.atom.kind} and struct)`);
  if (v.kinds === 255 && v.arcs.size > 0 && v.atom === undefined && v.items === undefined) v.isStruct = true;
  if (v.bottom === undefined && v.atom !== undefined) checkBounds(at, v.atom);
  if (v.bottom === undefined && v.atom === undefined && v.bounds.length > 0 && v.items === undefined && !v.isStruct) singleValue(at);
  if (v.bottom === undefined && (v.atom !== undefined || v.items !== undefined || v.isStruct)) {
    for (const validator of v.validators) {
      const why = validator.check(v);
      if (why !== undefined) at.fail("eval", why);
    }
  }
  if (v.bottom === undefined && v.isStruct) checkClosed(at);
}

function checkBounds(at: Place, atom: Atom): void {
  const { v } = at;
  for (const bound of v.bounds) {
    const text = `${bound.op}${formatAtom(bound.limit)}`;
    if (bound.op === "=~" || bound.op === "!~") {
      const matched = matchesPattern(String(bound.limit.value), String(atom.value));
      if (typeof matched !== "boolean") at.fail("eval", matched.message, bound.node, bound.env);
      else if (matched !== (bound.op === "=~"))
        at.fail("eval", `invalid value ${formatAtom(atom)} (out of bound ${text})`, bound.node, bound.env);
      continue;
    }
    const order = compareAtoms(atom, bound.limit);
    const equal = order === undefined ? atom.kind === bound.limit.kind && atom.value === bound.limit.value : order === 0;
    const holds =
      bound.op === "!=" ? !equal : order !== undefined && { "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0 }[bound.op];
    if (!holds) at.fail("eval", `invalid value ${formatAtom(atom)} (out of bound ${text})`, bound.node, bound.env);
  }
}

/** `>=5 & <=5` is 5 for integers; bounds that exclude each other are a conflict. */
function singleValue(at: Place): void {
  const { v } = at;
  const low = v.bounds.find((bound) => bound.op === ">" || bound.op === ">=");
  const high = v.bounds.find((bound) => bound.op === "<" || bound.op === "<=");
  if (low === undefined || high === undefined) return;
  const order = compareAtoms(low.limit, high.limit);
  if (order !== undefined && (order > 0 || (order === 0 && (low.op === ">" || high.op === "<")))) {
    at.fail(
      "eval",
      `incompatible number bounds ${low.op}${formatAtom(low.limit)} and ${high.op}${formatAtom(high.limit)}`,
      high.node,
      high.env,
    );
  }
}

function checkClosed(at: Place): void {
  const { e, v } = at;
  for (const group of v.groups) {
    if (v.openGroups.has(group)) continue;
    for (const [key, arc] of v.arcs) {
      if (!isRegular(key) || arc.constraint === "optional") continue;
      const allowed =
        arc.conjuncts.some((conjunct) => conjunct.groups.includes(group)) ||
        arc.allowedBy.has(group) ||
        v.patterns.some(
          (pattern) =>
            pattern.groups.includes(group) &&
            (pattern.label === undefined || matchLabel(e, pattern.label, pattern.env, stringAtom(labelText(key))) === true),
        );
      if (!allowed) {
        arc.state = "done";
        arc.bottom = e.bottom("closed", arc, "field not allowed");
        at.failWith(arc.bottom);
      }
    }
  }
}

/** Whether a label satisfies the constraint of a pattern. */
function matchLabel(e: Evaluator, label: ast.Expression, env: Environment, name: Atom): boolean {
  const probe = new Vertex(undefined, "");
  probe.conjuncts.push({ term: { type: "expr", expr: label, env }, groups: [] }, { term: { type: "atom", atom: name }, groups: [] });
  const settled = e.settle(probe);
  return settled.bottom === undefined;
}
