/** A vertex whose only conjunct is a reference may share the value of its target instead of computing a copy. */
import { noCycle, cyclic, Vertex } from "./vertex.ts";
import type { CloseInfo, Conjunct } from "./vertex.ts";
import { isLet } from "./label.ts";
import { scheduleVertexConjuncts } from "./schedule.ts";
import type { NodeState } from "./state.ts";
import { finalize, stateOf } from "./unify.ts";
import { topKind } from "./kind.ts";
import { updateConjunctInfo } from "./typocheck.ts";
import type { BaseValue } from "./value.ts";

export function unshare(n: NodeState): void {
  n.noSharing = true;
  if (!n.isShared) return;
  n.isShared = false;
  n.node.isShared = false;
  const target = n.node.base;
  n.node.base = n.originalBase;
  const { shared } = n;
  const closes = n.sharedBy;
  n.sharedBy = [];
  if (target?.type !== "vertex" || shared === undefined) return;
  for (const close of closes) scheduleVertexConjuncts(n, shared, target, close);
}

export function bindSharing(n: NodeState, close: CloseInfo): void {
  if (n.sharedBy.length === 0 || n.shareCycle < close.cycle) n.shareCycle = close.cycle;
  n.sharedBy.push(close);
  updateConjunctInfo(n, topKind, close, 0);
}

export function shareIfPossible(n: NodeState, c: Conjunct, arc: Vertex, close: CloseInfo): boolean {
  if (close.cycle === cyclic && (n.node.nonRooted || n.node.isDynamic)) return false;
  if (n.noSharing || n.isShared || n.ctx.errors !== undefined) return false;
  if (n.node.closedRecursive && !arc.closedRecursive) return false;
  if (isLet(arc.label) || close.opened) return false;
  n.originalBase = n.node.base;
  n.node.base = arc;
  n.node.isShared = true;
  n.isShared = true;
  n.shared = c;
  bindSharing(n, close);
  if (arc.isDetached() && arc.mayAttach()) {
    const state = stateOf(n.ctx, arc);
    if (state !== undefined) state.parent = n.node;
  }
  return true;
}

/** Once it is sure that the vertex shares. */
export function finalizeSharing(n: NodeState): void {
  n.sharedBy = [];
  if (!n.isShared) return;
  const target = n.node.base;
  if (target?.type !== "vertex") return;
  if (n.shareCycle === noCycle) finalize(n.ctx, target);
  // A value that was computed in place is where it is shared: errors get that path.
  if (target.state?.parent !== undefined) {
    standIn(target);
    target.parent = target.state.parent.parent;
    target.label = target.state.parent.label;
    n.isShared = false;
  }
}

/** What is beside `target` in the value that it was computed in still finds it there by its name. */
function standIn(target: Vertex): void {
  const { parent } = target;
  const at = parent?.arcs.indexOf(target) ?? -1;
  if (parent === undefined || at < 0) return;
  const copy = new Vertex(parent, target.label);
  copy.base = target;
  copy.status = "finalized";
  copy.arc = target.arc;
  copy.conjuncts = target.conjuncts;
  copy.isShared = true;
  parent.setArcs(parent.arcs.map((arc) => (arc === target ? copy : arc)));
}

/** Sets the value; what shares does not any more. */
export function setBaseValue(n: NodeState, value: BaseValue): void {
  n.node.base = value;
}
