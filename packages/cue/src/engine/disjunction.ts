/**
 * Disjunctions. Everything else of a vertex is processed first. Then each alternative is tried on a copy of the vertex (an
 * overlay), alone or, with several disjunctions, in every combination; what fails falls away, equal results become one.
 * One result is the value; several stay a disjunction, with those that the default marks prefer first.
 */
import type { Bottom, Message } from "./bottom.ts";
import { maxMessages, severityOf } from "./bottom.ts";
import type { RunMode } from "./conditions.ts";
import { allKnown } from "./conditions.ts";
import type { Context } from "./context.ts";
import { equalNodes, equalValues } from "./equality.ts";
import type { Elem } from "./expr.ts";
import { arcMember, arcOptional, arcRequired } from "./expr.ts";
import { isLet, selectorText } from "./label.ts";
import { cloneForDisjunct } from "./overlay.ts";
import { scheduleConjunct, scheduleTask } from "./schedule.ts";
import { signal } from "./scheduler.ts";
import { reportConflict } from "./node-errors.ts";
import { setBaseValue } from "./share.ts";
import type { DefaultMode, NodeState, PendingDisjunction } from "./state.ts";
import { mergeCloseInfo } from "./typocheck.ts";
import { completeNodeTasks, stateOf, unify } from "./unify.ts";
import type { Disjunction, Scalar } from "./value.ts";
import { isCyclePlaceholder, isScalar, isValue, kindOf } from "./value.ts";
import { rootCloseInfo } from "./vertex.ts";
import type { CloseInfo, Conjunct, Vertex } from "./vertex.ts";

export function scheduleDisjunction(n: NodeState, disjunction: PendingDisjunction): void {
  if (n.disjunctions.length === 0) scheduleTask(n, "disjunctions", undefined, undefined, rootCloseInfo);
  n.disjunctions.push(disjunction);
  n.hasDisjunction = true;
}

/** Schedules what is below, so that a copy is one of everything. False when something is known to fail. */
function initArcs(ctx: Context, vertex: Vertex): boolean {
  let ok = true;
  for (const arc of vertex.arcs) {
    const state = stateOf(ctx, arc);
    if (state?.errors !== undefined) {
      ok = false;
      if (arc.isDefined()) break;
    } else if (!initArcs(ctx, arc)) ok = false;
  }
  return ok;
}

export function processDisjunctions(ctx: Context, n: NodeState): Bottom | undefined {
  const all = n.disjunctions;
  n.disjunctions = [];
  if (!initArcs(ctx, n.node)) {
    const error = nodeError(n);
    if (error !== undefined) return error;
  }
  let outerMode: RunMode | undefined;
  for (let at: Vertex | undefined = n.node; at !== undefined; at = at.parent)
    if (at.isDisjunct) {
      outerMode = at.state === undefined ? "finalize" : at.state.runMode;
      break;
    }
  let cross: NodeState[] = [n];
  for (let i = 0; i < all.length; i++) {
    const disjunction = all[i];
    if (disjunction === undefined) continue;
    let mode: RunMode = "attempt";
    if (i === all.length - 1) mode = outerMode ?? "finalize";
    cross = crossProduct(ctx, n, cross, disjunction, mode);
    if (cross.length === 0) return ctx.exhausted ?? collectErrors(n, disjunction);
  }
  if (cross.length === 1) {
    const [only] = cross;
    if (only === undefined) return undefined;
    setBaseValue(n, only.node);
    if (n.defaultMode === "maybe") n.defaultMode = only.defaultMode;
    if (n.defaultAttemptInCycle !== undefined && n.defaultMode !== "is") {
      const bottom = cycleThroughDefault(ctx, n, "ambiguous default elimination by referencing %s");
      setBaseValue(n, bottom);
      return bottom;
    }
  } else n.disjuncts.push(...cross);
  const defaults = n.disjuncts.filter((each) => each.defaultMode === "is");
  const chosen = n.disjuncts.length === 1 ? n.disjuncts[0] : defaults.length === 1 ? defaults[0] : undefined;
  if (chosen !== undefined) signal(n, chosen.completed);
  return undefined;
}

function cycleThroughDefault(ctx: Context, n: NodeState, format: string): Bottom {
  const by = n.defaultAttemptInCycle;
  const saved = ctx.positions;
  if (by !== undefined) ctx.positions = [...saved, by];
  const bottom = ctx.newBottom("cycle", format, [by?.path().map(selectorText).join(".") ?? ""]);
  ctx.positions = saved;
  return bottom;
}

function crossProduct(
  ctx: Context,
  n: NodeState,
  cross: readonly NodeState[],
  disjunction: PendingDisjunction,
  mode: RunMode,
): NodeState[] {
  const savedDepth = n.evalDepth;
  n.evalDepth = ctx.evalDepth;
  const results: NodeState[] = [];
  let leftDropsDefault = true;
  let rightDropsDefault = true;
  try {
    for (const left of cross) {
      initArcs(ctx, left.node);
      disjunction.alternatives.forEach((alternative, i) => {
        if (ctx.step()) {
          disjunction.errors[i] = ctx.exhausted;
          return;
        }
        const conjunct: Conjunct = { env: disjunction.env, elem: alternative.value, close: disjunction.close };
        const tried = tryDisjunct(ctx, left, conjunct, alternative.mode, mode, n.node);
        if ("type" in tried) {
          disjunction.errors[i] = tried;
          return;
        }
        results.push(tried);
        if (left.defaultMode === "is" || left.originalDefaultMode === "is") leftDropsDefault = false;
        if (alternative.mode === "is") rightDropsDefault = false;
      });
    }
  } finally {
    n.evalDepth = savedDepth;
  }
  const kept: NodeState[] = [];
  const keys = new Map<string, NodeState[]>();
  let hasNonMaybe = false;
  for (const result of results) {
    if (result.disjuncts.length === 0) {
      result.defaultMode = combineDefaults(
        leftDropsDefault ? "maybe" : result.defaultMode,
        rightDropsDefault ? "maybe" : result.originalDefaultMode,
      );
      appendDisjunct(ctx, kept, keys, result);
      continue;
    }
    for (const nested of result.disjuncts) {
      const own = combineDefaults(result.originalDefaultMode, nested.defaultMode);
      nested.defaultMode = combineDefaults(leftDropsDefault ? "maybe" : result.defaultMode, own);
      if (nested.defaultMode !== "maybe") hasNonMaybe = true;
      appendDisjunct(ctx, kept, keys, nested);
    }
  }
  if (hasNonMaybe) for (const each of kept) if (each.defaultMode === "maybe") each.defaultMode = "not";
  return kept;
}

const order: Readonly<Record<DefaultMode, number>> = { maybe: 0, is: 1, not: 2 };

function combineDefaults(a: DefaultMode, b: DefaultMode): DefaultMode {
  return order[a] > order[b] ? a : b;
}

/** A literal against a scalar that is known needs no copy to be found in conflict; nor does a struct with such a field. */
function foreseenConflict(ctx: Context, n: NodeState, elem: Elem, close: CloseInfo): Bottom | undefined {
  if (elem.type === "structLit") {
    if (elem.hasEmbedding) return undefined;
    for (const decl of elem.decls) {
      if (decl.type !== "field" || decl.arc > arcRequired || !isValue(decl.value)) continue;
      const arc = n.node.lookupRaw(decl.label);
      const error = arc?.arc !== arcMember || arc.state === undefined ? undefined : foreseenConflict(ctx, arc.state, decl.value, close);
      if (error !== undefined) return error;
    }
    return undefined;
  }
  const { scalar } = n;
  if (scalar === undefined || !isValue(elem) || !isScalar(elem) || n.errors !== undefined) return undefined;
  if (kindOf(scalar) === kindOf(elem) && equalValues(ctx, scalar, elem, true)) return undefined;
  const saved = ctx.vertex;
  ctx.vertex = n.node;
  // As it is told where the kinds, then where the values are compared.
  if (kindOf(elem) === kindOf(scalar)) reportConflict(n, elem, scalar, kindOf(elem), kindOf(scalar), n.scalarClose, close);
  else reportConflict(n, scalar, elem, kindOf(scalar), kindOf(elem), n.scalarClose, close);
  ctx.vertex = saved;
  const error = n.errors;
  n.errors = undefined;
  return error;
}

/** The vertex with one alternative, or why that fails. `original` is where the disjunction stands. */
function tryDisjunct(
  ctx: Context,
  n: NodeState,
  conjunct: Conjunct,
  alternativeMode: DefaultMode,
  mode: RunMode,
  original: Vertex,
): NodeState | Bottom {
  completeNodeTasks(n, mode);
  const foreseen = foreseenConflict(ctx, n, conjunct.elem, conjunct.close);
  if (foreseen !== undefined) return foreseen;
  n.blocking = [];
  const savedBlocking = ctx.blocking;
  ctx.blocking = [];
  const savedBase = original.base;
  const savedNodeBase = n.node.base;
  const overlayCount = ctx.overlays.length;
  const stateCount = ctx.states.length;
  const { root: clone, map, mapEnvironment } = cloneForDisjunct(ctx, n);
  try {
    if (!original.isDisjunct) original.base = clone.node;
    ctx.overlays.push({ root: n.node, map });
    clone.runMode = mode;
    const placed: Conjunct = { ...conjunct, env: mapEnvironment(conjunct.env) };
    n.node.base = clone.node;
    clone.node.status = "unprocessed";
    scheduleConjunct(clone, placed, placed.close);
    clone.defaultMode = n.defaultMode;
    clone.originalDefaultMode = alternativeMode;
    unify(ctx, clone.node, { condition: allKnown, mode, checkTypos: true });
    const error = errorBelow(ctx, clone);
    if (error !== undefined) {
      forget(ctx, stateCount, clone.node);
      return error;
    }
    const result = clone.node.derefDisjunct().state;
    if (result === undefined) return clone;
    result.originalDefaultMode = clone.originalDefaultMode;
    return result;
  } finally {
    ctx.overlays.length = overlayCount;
    n.node.base = savedNodeBase;
    if (!original.isDisjunct) original.base = savedBase;
    ctx.blocking = savedBlocking;
  }
}

/** A copy that failed is not kept for the sake of its states. */
function forget(ctx: Context, from: number, copy: Vertex): void {
  const since = ctx.states.splice(from);
  for (const state of since) {
    let at: Vertex | undefined = state.node;
    while (at !== undefined && at !== copy) at = at.parent;
    if (at === undefined) ctx.states.push(state);
  }
}

function nodeError(n: NodeState): Bottom | undefined {
  const own = n.node.bottom();
  if (own !== undefined && !isCyclePlaceholder(own)) return own;
  return n.node.childErrors ?? n.errors ?? n.ctx.errors;
}

function errorBelow(ctx: Context, n: NodeState): Bottom | undefined {
  const own = nodeError(n);
  if (own !== undefined) return own;
  for (const arc of n.node.arcs) {
    if (arc.arc > arcRequired || isLet(arc.label)) return undefined;
    const state = stateOf(ctx, arc);
    const error = state === undefined ? undefined : errorBelow(ctx, state);
    if (error !== undefined) return error;
  }
  return undefined;
}

/**
 * Equal results have equal keys: kinds, labels and scalars a few levels down. So each result is compared with few others,
 * however many there are.
 */
function resultKey(n: NodeState): string {
  const vertex = n.node.derefValue();
  return keyOf(vertex.status === "finalized" ? vertex : n.node, 3);
}

function keyOf(given: Vertex, depth: number): string {
  const vertex = given.status === "finalized" ? given.derefValue() : given;
  const scalar = vertex.status === "finalized" ? vertex.base : vertex.state?.scalar;
  const own = isScalar(scalar) ? scalarKey(scalar) : "";
  if (vertex.arcs.length === 0 || depth === 0) return own;
  const arcs = vertex.arcs.filter((arc) => arc.arc <= arcOptional && !isLet(arc.label)).map((arc) => [String(arc.label), arc] as const);
  arcs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `${own}{${arcs.map(([label, arc]) => `${JSON.stringify(label)}:${keyOf(arc, depth - 1)}`).join(",")}}`;
}

function scalarKey(scalar: Scalar): string {
  switch (scalar.type) {
    case "string":
      return JSON.stringify(scalar.value);
    case "int":
    case "bool":
      return String(scalar.value);
    default:
      // Floats and bytes are equal by more than their text.
      return scalar.type;
  }
}

/** Adds a result unless an equal one is there. */
function appendDisjunct(ctx: Context, kept: NodeState[], keys: Map<string, NodeState[]>, n: NodeState): void {
  const key = resultKey(n);
  let bucket = keys.get(key);
  if (bucket === undefined) keys.set(key, (bucket = []));
  for (const known of bucket) {
    if (known === n || ctx.step()) return;
    if (!equalNodes(ctx, known, n)) continue;
    if (n.defaultMode === "is") known.defaultMode = "is";
    mergeCloseInfo(known, n);
    return;
  }
  bucket.push(n);
  kept.push(n);
}

/** Nothing is left: all reasons, or those that the author gave. */
function collectErrors(n: NodeState, disjunction: PendingDisjunction): Bottom {
  let code: Bottom["code"] = "eval";
  let errors = n.disjunctErrors;
  let hasUserError = false;
  for (const error of disjunction.errors) {
    if (error === undefined) continue;
    if (severityOf(error.code) > severityOf(code)) code = error.code;
    if (error.code === "user") {
      if (!hasUserError) errors = [];
      hasUserError = true;
    } else if (hasUserError) continue;
    errors.push(error);
  }
  n.disjunctErrors = errors;
  return { ...emptyDisjunction(n, code), node: n.node };
}

function emptyDisjunction(n: NodeState, code: Bottom["code"]): Bottom {
  const errors = n.disjunctErrors;
  n.disjunctErrors = [];
  const messages = distinct(n.ctx, errors);
  if (messages.length === 0) return n.ctx.newBottom(code, "empty disjunction", []);
  if (messages.length === 1 || errors.every((error) => error.code === "user"))
    return { type: "bottom", position: undefined, code, messages, node: n.node, literal: false };
  const head = n.ctx.newBottom(code, "%s errors in empty disjunction:", [String(messages.length)]);
  return { ...head, messages: [...head.messages, ...messages] };
}

/** The same complaint about the same places is one, though several alternatives meet it. */
function distinct(ctx: Context, errors: readonly Bottom[]): Message[] {
  const found = new Set<Message>();
  const places = new Set<string>();
  for (const { messages } of errors) {
    for (const message of messages) {
      // Alternatives within alternatives have very many errors together.
      if (found.size >= maxMessages || ctx.step()) return [...found];
      const key = placesOf(message);
      if (key !== undefined && places.has(key)) continue;
      if (key !== undefined) places.add(key);
      found.add(message);
    }
  }
  return [...found];
}

function placesOf(message: Message): string | undefined {
  const places = [message.position, ...message.positions].filter((each) => each !== undefined);
  if (places.length === 0) return undefined;
  return [message.format, message.vertex?.path().join("."), ...places.map((at) => `${at.file.filename}:${at.offset}`).sort()].join("|");
}

/** What is left, as the value of the vertex. */
export function finalizeDisjunctions(n: NodeState): void {
  if (n.disjuncts.length === 0) return;
  let failed = 0;
  for (const each of n.disjuncts) {
    each.node.conjuncts = [];
    const error = each.takeErrors();
    if (error === undefined) continue;
    n.disjunctErrors.push(error);
    failed++;
  }
  if (failed === n.disjuncts.length) {
    setBaseValue(n, emptyDisjunction(n, "eval"));
    return;
  }
  const preferred = n.disjuncts.filter((each) => each.defaultMode === "is");
  const others = n.disjuncts.filter((each) => each.defaultMode !== "is");
  const disjunction: Disjunction = {
    type: "disjunction",
    values: [...preferred, ...others].map((each) => each.node),
    defaults: preferred.length,
    hasDefaults: n.disjuncts.some((each) => each.defaultMode !== "maybe"),
    position: undefined,
  };
  if (n.defaultAttemptInCycle === undefined || disjunction.defaults === 1) setBaseValue(n, disjunction);
  else setBaseValue(n, cycleThroughDefault(n.ctx, n, "cycle across unresolved disjunction referenced by %s"));
  n.node.setArcs([]);
  n.node.childErrors = undefined;
}
