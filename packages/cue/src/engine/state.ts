/** What the evaluation of one vertex knows so far, and the tasks that are left. */
import type { Bottom } from "./bottom.ts";
import { combineErrors } from "./bottom.ts";
import type { RunMode } from "./conditions.ts";
import type { Context } from "./context.ts";
import type { DisjunctionExpr, Elem, Expr } from "./expr.ts";
import { topKind } from "./kind.ts";
import type { Task } from "./task.ts";
import type { BaseValue, BoundValue, Disjunction, Scalar, Value } from "./value.ts";
import type { CloseInfo, Conjunct, CycleType, Environment, Vertex } from "./vertex.ts";
import { noCycle, rootCloseInfo } from "./vertex.ts";

/** maybe: no default was involved. is / not: chosen by a default mark, or against one. */
export type DefaultMode = "maybe" | "is" | "not";

/** A struct that may close the vertex, and the group that vouches for it. */
export interface Requirement {
  readonly vertex: Vertex | undefined;
  readonly id: number;
  readonly parent: number;
  readonly embedding: number;
  ignore: boolean;
  readonly kind: "reference" | "embedding" | "struct";
  isRecursive: boolean;
}

export interface Replacement {
  readonly from: number;
  readonly to: number;
}

export interface ConjunctInfo {
  readonly id: number;
  readonly embedding: number;
  kind: number;
  flags: number;
}
export const hasEllipsisFlag = 1;
export const hasTopFlag = 2;
export const hasStructFlag = 4;
export const openValidatorFlag = 8;

/** A requirement as it is checked at one vertex. */
export interface RequirementSet {
  readonly id: number;
  readonly parent: number;
  readonly embedding: number;
  readonly kind: Requirement["kind"];
  /** It closes this level only. */
  once: boolean;
  ignored: boolean;
  removed: boolean;
  /** Embeddings that hold the ellipses for which it was removed; 0 for none. */
  openedFrom: readonly number[];
}

export interface PendingDisjunction {
  readonly env: Environment | undefined;
  readonly close: CloseInfo;
  readonly source: DisjunctionExpr | Disjunction;
  readonly alternatives: readonly { readonly value: Expr; readonly mode: DefaultMode }[];
  readonly errors: (Bottom | undefined)[];
}

export interface PostCheck {
  readonly env: Environment;
  readonly expr: Expr;
  readonly expectError: boolean;
}

export class NodeState {
  readonly ctx: Context;
  node: Vertex;
  /** Where a detached vertex is going to be attached. */
  parent: Vertex | undefined = undefined;
  /** The vertex that this one overlays, or its own. */
  underlying: Vertex;

  // The scheduler.
  scheduling: "ready" | "running" = "ready";
  completed = 0;
  needs = 0;
  provided = 0;
  frozen = 0;
  /** Tasks left that contribute to a condition, by bit index. */
  counters: number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  tasks: Task[] = [];
  parentTasks: Task[] = [];
  blocking: Task[] = [];
  deferred: NodeState[] = [];

  seenArcs: Vertex[] = [];
  notify: { readonly vertex: Vertex; readonly close: CloseInfo }[] = [];
  sharedBy: CloseInfo[] = [];
  cyclicConjuncts: { readonly conjunct: Conjunct; readonly arc: Vertex | undefined }[] = [];
  requirements: Requirement[] = [];
  replacements: Replacement[] = [];
  conjunctInfos: ConjunctInfo[] = [];
  requirementSets: readonly RequirementSet[] | undefined = undefined;
  checks: Conjunct[] = [];
  postChecks: PostCheck[] = [];
  disjunctions: PendingDisjunction[] = [];
  disjuncts: NodeState[] = [];
  disjunctErrors: Bottom[] = [];
  hasDisjunction = false;

  isInitialized = false;
  toComplete = false;
  isCompleting = false;
  runMode: RunMode | undefined = undefined;
  evalDepth = 0;
  hasTop = false;
  hasAnyCyclicConjunct = false;
  hasAncestorCycle = false;
  hasNonCycle = false;
  hasNonCyclic = false;
  hasStruct = false;
  isDefinition = false;
  isShared = false;
  noSharing = false;
  shared: Conjunct | undefined = undefined;
  shareCycle: CycleType = noCycle;
  originalBase: BaseValue = undefined;
  depth = 0;
  defaultMode: DefaultMode = "maybe";
  originalDefaultMode: DefaultMode = "maybe";
  hasFieldValue = false;
  /** Who relies on the default of this disjunction while it is open. */
  defaultAttemptInCycle: Vertex | undefined = undefined;

  kind: number = topKind;
  kindElem: Elem | undefined = undefined;
  /** Its first conjuncts are being inserted. */
  isScheduling = false;
  kindClose: CloseInfo = rootCloseInfo;
  scalar: Scalar | undefined = undefined;
  scalarClose: CloseInfo = rootCloseInfo;
  struct: Elem | undefined = undefined;
  /** Nothing else told a kind before it. */
  structIsFirst = false;
  structClose: CloseInfo = rootCloseInfo;
  listIsClosed = false;
  maxListLength = 0;
  lowerBound: BoundValue | undefined = undefined;
  upperBound: BoundValue | undefined = undefined;
  errors: Bottom | undefined = undefined;

  constructor(ctx: Context, node: Vertex) {
    this.ctx = ctx;
    this.node = node;
    this.underlying = node;
    ctx.states.push(this);
  }

  meets(needs: number): boolean {
    const relevant = this.scheduling === "ready" ? needs : needs & this.provided;
    return (this.completed & relevant) === relevant;
  }

  addBottom(bottom: Bottom | undefined): void {
    if (bottom !== undefined) this.errors = combineErrors(this.errors, bottom);
  }

  takeErrors(): Bottom | undefined {
    const { ctx } = this;
    const fromContext = ctx.errors;
    ctx.errors = undefined;
    this.errors = combineErrors(this.errors, fromContext);
    return this.errors;
  }

  /** Sets what the vertex comes to, looking through the disjunct that is being tried in its place. */
  setBase(value: BaseValue): void {
    this.node.base = value;
  }

  getValue(): Value | undefined {
    return this.node.value();
  }
}
