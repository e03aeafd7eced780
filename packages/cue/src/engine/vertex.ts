/**
 * A place in an instance, the conjuncts that stand there, and what they come to.
 *
 * A reference adds the target's conjuncts, not its value, to the place that refers; each conjunct keeps the environment in
 * which its names mean something. A struct literal gets an environment of its own at every place it is put, which is how
 * `base & {name: "x"}` sees the new name inside `base`.
 */
import type { Bottom } from "./bottom.ts";
import type { ArcType, Elem, Expr, Resolver } from "./expr.ts";
import { arcMember, arcNotPresent, arcPending, arcRequired, exprOf } from "./expr.ts";
import type { Label } from "./label.ts";
import { isDefinition, isHidden, isInt, isLet, isString } from "./label.ts";
import { bottomKind, listKind, structKind, topKind } from "./kind.ts";
import type { NodeState } from "./state.ts";
import type { BaseValue, Value } from "./value.ts";
import { isCyclePlaceholder, kindOf } from "./value.ts";

/** The chain of scopes that names are looked up in. */
export interface Environment {
  readonly up: Environment | undefined;
  readonly vertex: Vertex;
  /** Set when a pattern made the field: the label that matched. */
  readonly dynamicLabel: Label | undefined;
  /** Values of lets that have one an environment. */
  cache: Map<unknown, Vertex> | undefined;
}

export function spawn(up: Environment | undefined, vertex: Vertex): Environment {
  return { up, vertex, dynamicLabel: undefined, cache: undefined };
}

/** 0: none. 1: behind something optional. 2: a cycle was met there once. 3: a structural cycle. */
export type CycleType = 0 | 1 | 2 | 3;
export const noCycle = 0;
export const optionalCycle = 1;
export const maybeCyclic = 2;
export const cyclic = 3;

/** The references that led to a conjunct. */
export interface ReferenceNode {
  readonly reference: Resolver | Expr;
  readonly arc: Vertex;
  readonly node: Vertex;
  readonly next: ReferenceNode | undefined;
  readonly depth: number;
}

/** Where a conjunct came from, for closedness and for cycles. Immutable. */
export interface CloseInfo {
  readonly fromDefinition: boolean;
  readonly fromEmbedding: boolean;
  /** The conjunct of a definition that is a root of its own. */
  readonly topDefinition: boolean;
  /** Opened by `...` after the reference. */
  readonly opened: boolean;
  /** Group that the fields of this conjunct vouch for. */
  readonly group: number;
  readonly embedding: number;
  readonly outer: number;
  readonly cycle: CycleType;
  readonly references: ReferenceNode | undefined;
}

export const rootCloseInfo: CloseInfo = {
  fromDefinition: false,
  fromEmbedding: false,
  topDefinition: false,
  opened: false,
  group: 0,
  embedding: 0,
  outer: 0,
  cycle: noCycle,
  references: undefined,
};

export interface Conjunct {
  readonly env: Environment | undefined;
  readonly elem: Elem;
  readonly close: CloseInfo;
}

export function conjunctExpr(conjunct: Conjunct): Expr | Extract<Elem, { type: "comprehension" }> {
  return exprOf(conjunct.elem);
}

export interface PatternConstraint {
  readonly pattern: Value;
  readonly constraint: Vertex;
}

/** A struct literal that took part, for the order of fields. */
export interface StructInfo {
  readonly elem: Elem;
  readonly env: Environment;
}

export type Status = "unprocessed" | "evaluating" | "finalized";

export class Vertex {
  readonly type = "vertex" as const;
  readonly position: undefined = undefined;
  parent: Vertex | undefined;
  label: Label;
  state: NodeState | undefined = undefined;
  status: Status = "unprocessed";
  /** Data from outside: only its arcs count. */
  isData = false;
  closedRecursive = false;
  closedOnce = false;
  /** In a definition, but below an ellipsis: what is said of it there closes nothing. */
  isFree = false;
  hasEllipsis = false;
  multipleLets = false;
  /** Made while an expression was computed; no path leads to it. */
  isDynamic = false;
  isPattern = false;
  nonRooted = false;
  anonymous = false;
  isDisjunct = false;
  isShared = false;
  arc: ArcType = arcMember;
  base: BaseValue = undefined;
  childErrors: Bottom | undefined = undefined;
  arcs: Vertex[] = [];
  /** By label, once there are many. */
  index: Map<Label, Vertex> | undefined = undefined;
  patterns: PatternConstraint[] | undefined = undefined;
  conjuncts: Conjunct[] = [];
  structs: StructInfo[] = [];
  overlay: Vertex | undefined = undefined;
  /** The patterns of its parent have been applied. */
  patternsMatched = false;

  constructor(parent: Vertex | undefined, label: Label) {
    this.parent = parent;
    this.label = label;
  }

  isFinal(): boolean {
    return this.status === "finalized";
  }
  isInProgress(): boolean {
    return this.status !== "finalized" && this.state !== undefined && this.state.isInitialized;
  }
  isDefined(): boolean {
    return this.arc === arcMember;
  }
  isRooted(): boolean {
    return !this.nonRooted && !this.isDynamic && !isLet(this.label);
  }
  isDetached(): boolean {
    for (let at: Vertex | undefined = this; at !== undefined; at = at.state?.parent ?? at.parent) if (at.isRooted()) return false;
    return true;
  }
  mayAttach(): boolean {
    return !isLet(this.label) && !this.anonymous;
  }

  /** The vertex whose value this one has: through disjuncts, shared structs and variables. */
  derefValue(): Vertex {
    let at: Vertex = this;
    while (at.base?.type === "vertex") at = at.base;
    return at;
  }
  derefDisjunct(): Vertex {
    let at: Vertex = this;
    while (at.base?.type === "vertex" && at.base.isDisjunct) at = at.base;
    return at;
  }
  derefNonDisjunct(): Vertex {
    let at: Vertex = this;
    while (at.base?.type === "vertex" && !at.base.isDisjunct) at = at.base;
    return at;
  }
  derefNonRooted(): Vertex {
    let at: Vertex = this;
    for (;;) {
      const base: BaseValue = at.base;
      if (base?.type !== "vertex" || base.isDisjunct || (at.isShared && !isLet(base.label))) return at;
      at = base;
    }
  }
  derefNonShared(): Vertex {
    if (this.state?.isShared === true) return this;
    return this.derefValue();
  }

  /** The value itself where it is one, this vertex where it is a struct or a list. */
  value(): Value | undefined {
    const base = this.base;
    if (base === undefined) return undefined;
    return base.type === "structMarker" || base.type === "listMarker" ? this : base;
  }

  bottom(): Bottom | undefined {
    const base = this.derefValue().base;
    return base?.type === "bottom" ? base : undefined;
  }
  isError(): boolean {
    return this.bottom() !== undefined;
  }

  kind(): number {
    if (this.state?.kind === bottomKind) return bottomKind;
    const base = this.base;
    if (isCyclePlaceholder(base)) return this.state?.kind ?? topKind;
    return base === undefined ? topKind : base.type === "vertex" ? base.kind() : kindOf(base);
  }

  isList(): boolean {
    return this.base?.type === "listMarker";
  }
  isClosedList(): boolean {
    return this.base?.type === "listMarker" && !this.base.isOpen;
  }
  isStruct(): boolean {
    return this.base?.type === "structMarker";
  }
  isClosedStruct(): boolean {
    const base = this.base;
    if (base?.type === "vertex") return this.closedRecursive && !this.hasEllipsis;
    if (base?.type === "structMarker" || base?.type === "disjunction")
      return (this.closedRecursive && !this.hasEllipsis) || this.closedOnce;
    return false;
  }
  isOpenStruct(): boolean {
    if (this.hasEllipsis) return true;
    if (this.closedOnce) return false;
    return !this.isClosedStruct();
  }

  elements(): Vertex[] {
    return this.derefValue().arcs.filter((arc) => isInt(arc.label));
  }

  lookupRaw(label: Label): Vertex | undefined {
    if (this.index !== undefined) return this.index.get(label);
    for (const arc of this.arcs) if (arc.label === label) return arc;
    return undefined;
  }

  /** A present arc, for readers of a finished value. */
  lookup(label: Label): Vertex | undefined {
    const arc = this.derefValue().lookupRaw(label);
    return arc !== undefined && arc.arc <= arcRequired + 1 ? arc : undefined;
  }

  addArc(arc: Vertex): void {
    this.arcs.push(arc);
    if (this.index !== undefined) this.index.set(arc.label, arc);
    else if (this.arcs.length > 12) {
      this.index = new Map();
      for (const each of this.arcs) this.index.set(each.label, each);
    }
  }
  setArcs(arcs: Vertex[]): void {
    this.arcs = arcs;
    this.index = undefined;
    if (arcs.length > 12) {
      this.index = new Map();
      for (const each of arcs) this.index.set(each.label, each);
    }
  }
  dropAbsentArcs(): void {
    if (this.arcs.some((arc) => arc.arc === arcNotPresent)) this.setArcs(this.arcs.filter((arc) => arc.arc !== arcNotPresent));
  }

  /** Whether a field may be added: by kind, closedness and patterns. */
  accepts(label: Label, matches: (pattern: Value, label: Label) => boolean): boolean {
    if (isDefinition(label) || isHidden(label) || isLet(label)) return true;
    const at = this.derefValue();
    const base = at.base;
    if (base?.type === "disjunction") return base.values.some((value) => value.type === "vertex" && value.accepts(label, matches));
    if (isInt(label)) {
      if (base?.type === "listMarker") return label < at.elements().length || base.isOpen;
      return (at.kind() & listKind) !== 0;
    }
    const kind = at.kind();
    if ((kind & structKind) === 0 && isString(label) && (kind !== bottomKind || at.structs.length === 0)) return false;
    if (at.isOpenStruct()) return true;
    const known = at.lookupRaw(label);
    if (known !== undefined && known.arc < arcPending) return true;
    return at.patterns?.some((each) => matches(each.pattern, label)) ?? false;
  }

  /** Labels from the root. */
  path(): Label[] {
    const labels: Label[] = [];
    for (let at: Vertex | undefined = this; at?.parent !== undefined; at = at.parent) labels.push(at.label);
    return labels.reverse();
  }
}

/** The vertex that stands for all overlays of one. */
export function deref(vertex: Vertex): Vertex {
  const at = vertex.derefValue();
  return at.state === undefined ? at : at.state.underlying;
}
export function equalDeref(a: Vertex, b: Vertex): boolean {
  return deref(a) === deref(b);
}
