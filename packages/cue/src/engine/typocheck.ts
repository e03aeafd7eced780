/**
 * Closedness: finds fields that a definition or `close()` does not allow.
 *
 * Each reference to a closed struct opens a group with a number of its own. The conjuncts that come from it carry the
 * number, and so do the fields that they make. Once a vertex is complete, every regular field needs, for each group that
 * closes the vertex, a conjunct that carries it or a number that is part of it. An embedded definition vouches for the
 * struct around it instead of closing it, but closes that struct for those who use it.
 */
import type { Context } from "./context.ts";
import { arcNotPresent, arcRequired } from "./expr.ts";
import type { Declaration, Position, StructLit } from "./expr.ts";
import { bottomKind } from "./kind.ts";
import { isDefinition, isHidden, isLet } from "./label.ts";
import type { Label } from "./label.ts";
import { addChildError } from "./node-errors.ts";
import type { ConjunctInfo, NodeState, RequirementSet } from "./state.ts";
import { hasEllipsisFlag, hasStructFlag, hasTopFlag, openValidatorFlag } from "./state.ts";
import type { Bottom } from "./bottom.ts";
import { combineErrors } from "./bottom.ts";
import { Groups } from "./groups.ts";
import type { CloseInfo, Vertex } from "./vertex.ts";

type Mutable = { -readonly [K in keyof RequirementSet]: RequirementSet[K] };

function addReplacement(n: NodeState, from: number, to: number): void {
  if (from === to) return;
  const { containments } = n.ctx;
  if (from < to && containments[to] === 0) {
    containments[to] = from;
    return;
  }
  n.requirementSets = undefined;
  n.replacements.push({ from, to });
}

export function updateConjunctInfo(n: NodeState, kind: number, close: CloseInfo, flags: number): void {
  for (const info of n.conjunctInfos) {
    if (info.id !== close.group) continue;
    info.kind &= kind;
    info.flags |= flags;
    return;
  }
  n.conjunctInfos.push({ id: close.group, embedding: close.embedding, kind, flags });
}

/** Opens the group of a vertex that is referred to, or gives the one that it has here. */
export function addResolver(n: NodeState, vertex: Vertex, close: CloseInfo, forceIgnore: boolean, place: Position | undefined): CloseInfo {
  const closeOuter = (close.fromDefinition && close.fromEmbedding) || vertex.closedOnce;
  if (closeOuter && !forceIgnore) {
    let outer = close.outer;
    for (let i = n.requirements.length - 1; i >= 0; i--) {
      const each = n.requirements[i];
      if (each === undefined || each.id !== outer || outer === 0) continue;
      each.ignore = false;
      if (vertex.closedRecursive) each.isRecursive = true;
      outer = each.parent;
    }
  }
  let ignore: boolean;
  if (forceIgnore) ignore = true;
  else if (close.embedding !== 0 || close.outer === 0) ignore = !(close.fromDefinition || vertex.closedOnce);
  else ignore = close.fromEmbedding;
  let id = n.requirements.find((each) => each.vertex === vertex)?.id ?? 0;
  if (id === 0 || close.embedding !== 0) {
    const next = n.ctx.newGroup(place);
    if (id !== 0) addReplacement(n, next, id);
    id = next;
    n.requirements.push({
      vertex,
      id,
      parent: close.outer,
      ignore,
      kind: "reference",
      embedding: close.embedding,
      isRecursive: vertex.closedRecursive,
    });
    n.requirementSets = undefined;
  }
  addReplacement(n, close.group, id);
  return { ...close, group: id };
}

export function subField(close: CloseInfo): CloseInfo {
  return close.fromEmbedding ? { ...close, fromEmbedding: false } : close;
}

function newRequirement(n: NodeState, close: CloseInfo, kind: "embedding" | "struct", place: Position | undefined): CloseInfo {
  const id = n.ctx.newGroup(place);
  addReplacement(n, close.group, id);
  const parent = close.group;
  const next: CloseInfo = { ...close, group: id, ...(kind === "embedding" ? { embedding: id } : { outer: id }) };
  n.requirements.push({
    vertex: undefined,
    id,
    parent,
    embedding: next.embedding,
    ignore: true,
    kind,
    isRecursive: close.fromDefinition,
  });
  n.requirementSets = undefined;
  return next;
}

/** A scope for what is embedded: `#A & #B` in a struct must fit each other. */
export function embedNode(n: NodeState, decl: Declaration, close: CloseInfo): CloseInfo {
  const embedded: CloseInfo = { ...close, fromEmbedding: true };
  if (decl.type === "binary" && decl.op !== "&") return embedded;
  return newRequirement(n, embedded, "embedding", decl.type === "structLit" ? undefined : decl.position);
}

/** A scope for a struct with embeddings, which is closed as a whole when one of them is. */
export function splitStruct(n: NodeState, literal: StructLit, close: CloseInfo): CloseInfo {
  // The files of a package are one struct; whoever refers to the package as a whole meets it closed by what it embeds.
  if (close.outer !== 0 || close.fromEmbedding || (literal.isFile && close.group === 0)) return close;
  return newRequirement(n, close, "struct", literal.isFile ? undefined : literal.position);
}

function allowedInClosed(label: Label): boolean {
  return isHidden(label) || isDefinition(label) || isLet(label);
}

export function checkTypos(n: NodeState): void {
  const vertex = n.node.derefValue();
  if (vertex.arcs.length === 0) return;
  if (vertex.base?.type === "bottom" && vertex.base.closeCheck !== true) return;
  const base = requirementSets(n);
  if (base.length === 0) return;
  let errors: Bottom | undefined;
  const groups = new Groups(n);
  const required = base.map((set) => (parentEllipsis(groups, set, n.conjunctInfos) === 0 ? set : opened(groups, set, n.conjunctInfos)));
  for (const each of vertex.arcs) {
    if (n.ctx.step()) return;
    const arc = each.derefDisjunct();
    const state = arc.state;
    if (state === undefined) continue;
    if (arc.base?.type === "bottom" && arc.base.closeCheck !== true) continue;
    if (allowedInClosed(each.label)) continue;
    const own = state.replacements.length === 0 && arc.parent === n.node ? groups : new Groups(state);
    if (hasEvidenceForAll(own, required, state.conjunctInfos)) continue;
    if (arc.arc <= arcRequired) errors = combineErrors(errors, notAllowed(n.ctx, arc));
    else {
      // A constraint on a field that cannot be: it says nothing.
      arc.arc = arcNotPresent;
      each.arc = arcNotPresent;
    }
  }
  vertex.dropAbsentArcs();
  if (errors !== undefined) addChildError(n, errors);
}

function notAllowed(ctx: Context, arc: Vertex): Bottom {
  const saved = ctx.vertex;
  ctx.vertex = arc;
  const positions = arc.conjuncts.map((conjunct) => conjunct.elem);
  const before = ctx.positions;
  ctx.positions = [...before, ...positions];
  const bottom: Bottom = { ...ctx.newBottom("eval", "field not allowed", [], undefined), closeCheck: true };
  ctx.positions = before;
  ctx.vertex = saved;
  arc.base = bottom;
  if (arc.state !== undefined) arc.state.kind = bottomKind;
  return bottom;
}

function hasEvidenceForAll(groups: Groups, sets: readonly RequirementSet[], conjuncts: readonly ConjunctInfo[]): boolean {
  for (const set of sets) if (!set.ignored && !set.removed && !hasEvidence(groups, sets, set, conjuncts)) return false;
  return true;
}

function hasEvidence(groups: Groups, all: readonly RequirementSet[], set: RequirementSet, conjuncts: readonly ConjunctInfo[]): boolean {
  for (const info of conjuncts) if (groups.contains(set.id, info.id)) return true;
  const embedding = lookupSet(all, set.embedding);
  if (embedding === undefined) return false;
  const outer = lookupSet(all, set.parent);
  // An ellipsis opens what is embedded beside it, not what meets it inside the same embedding.
  if (outer?.removed === true && outer.openedFrom.some((scope) => !groups.contains(embedding.id, scope))) return true;
  for (const info of conjuncts) {
    if (groups.contains(embedding.id, info.embedding)) continue;
    if (outer === undefined || set.parent === 0) return true;
    if (groups.contains(outer.id, info.id)) return true;
  }
  return false;
}

function lookupSet(all: readonly RequirementSet[], id: number): RequirementSet | undefined {
  return id === 0 ? undefined : all.find((each) => each.id === id);
}

/** The groups that close this vertex: its own, and those of its ancestors that close what is below them. */
function requirementSets(n: NodeState | undefined): readonly RequirementSet[] {
  if (n === undefined) return [];
  if (n.requirementSets !== undefined) return n.requirementSets;
  const sets: Mutable[] = [];
  const { parent } = n.node;
  if (parent !== undefined) for (const set of requirementSets(parent.state)) sets.push({ ...set, ignored: set.ignored || set.once });
  const known = new Set(sets.map((set) => set.id));
  const last = sets.length - 1;
  for (const each of n.requirements) {
    if (each.ignore && each.kind === "reference") continue;
    if (known.has(each.id)) continue;
    known.add(each.id);
    let once = false;
    if (each.kind !== "embedding") {
      once = each.vertex?.closedOnce ?? false;
      if (!each.ignore && !each.isRecursive) once = true;
    }
    sets.push({
      id: each.id,
      parent: each.parent,
      once,
      ignored: each.ignore,
      removed: false,
      openedFrom: [],
      embedding: each.embedding,
      kind: each.kind,
    });
    if (each.parent === 0 || each.ignore) continue;
    let outer = each.parent;
    for (let i = last; i >= 0 && outer !== 0; i--) {
      const set = sets[i];
      if (set === undefined || set.id !== outer) continue;
      set.once = set.ignored ? !each.isRecursive : set.once && !each.isRecursive;
      set.ignored = false;
      outer = set.parent;
    }
  }
  let kept = sets;
  const groups = new Groups(n);
  if (allowedInClosed(n.node.label)) kept = kept.filter((set) => n.conjunctInfos.some((info) => groups.contains(set.id, info.id)));
  kept = kept.filter((set) => keepSet(n, groups, set, parent?.state?.conjunctInfos ?? []));
  n.requirementSets = kept;
  return kept;
}

/** Whether all that would close the vertex is opened by an ellipsis above. */
export function isOpenedFromAbove(n: NodeState): boolean {
  const sets = requirementSets(n);
  return sets.some((set) => set.removed) && sets.every((set) => set.ignored || set.removed);
}

/** A set goes where its conjuncts are top or open the value themselves. */
function keepSet(n: NodeState, groups: Groups, set: Mutable, parentConjuncts: readonly ConjunctInfo[]): boolean {
  let flags = 0;
  let hasAny = false;
  for (const info of n.conjunctInfos) {
    if (!groups.contains(set.id, info.id)) continue;
    hasAny = true;
    flags |= info.id < set.id ? info.flags & ~hasStructFlag : info.flags;
  }
  if (((flags & hasTopFlag) !== 0 && (flags & hasStructFlag) === 0) || (flags & openValidatorFlag) !== 0) return false;
  if (hasAny && set.kind !== "struct") return true;
  const id = parentEllipsis(groups, set, parentConjuncts);
  if (id === 0) return true;
  if (!hasAny || (set.kind === "struct" && !n.conjunctInfos.some((info) => groups.contains(id, info.id))))
    Object.assign(set, opened(groups, set, parentConjuncts));
  return true;
}

/** The set, removed for the ellipses among the conjuncts. */
function opened(groups: Groups, set: RequirementSet, conjuncts: readonly ConjunctInfo[]): RequirementSet {
  const openedFrom = conjuncts
    .filter((info) => (info.flags & hasEllipsisFlag) !== 0 && groups.contains(set.id, info.id))
    .map((info) => info.embedding);
  return { ...set, removed: true, openedFrom };
}

function parentEllipsis(groups: Groups, set: RequirementSet, conjuncts: readonly ConjunctInfo[]): number {
  for (const info of conjuncts) if ((info.flags & hasEllipsisFlag) !== 0 && groups.contains(set.id, info.id)) return info.id;
  return 0;
}

/** Adds to `target` what `source`, an equal disjunct that is dropped, vouches for. */
export function mergeCloseInfo(target: NodeState, source: NodeState): void {
  for (const info of source.conjunctInfos)
    if (!target.conjunctInfos.some((each) => each.id === info.id)) target.conjunctInfos.push({ ...info });
  for (const each of source.replacements)
    if (!target.replacements.some((known) => known.from === each.from && known.to === each.to)) target.replacements.push(each);
  for (const arc of source.node.arcs) {
    const own = target.node.lookupRaw(arc.label);
    if (own?.state !== undefined && arc.state !== undefined) mergeCloseInfo(own.state, arc.state);
  }
}
