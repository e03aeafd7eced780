/** Copies a vertex that is being evaluated, with everything below it, so that an alternative can be tried on the copy. */
import type { Context } from "./context.ts";
import { NodeState } from "./state.ts";
import type { Task } from "./task.ts";
import type { Environment } from "./vertex.ts";
import { Vertex } from "./vertex.ts";

export interface Overlay {
  readonly root: NodeState;
  readonly map: ReadonlyMap<Vertex, Vertex>;
  /** The environment as the copy sees it. */
  readonly mapEnvironment: (env: Environment | undefined) => Environment | undefined;
}

export function cloneForDisjunct(ctx: Context, n: NodeState): Overlay {
  const map = new Map<Vertex, Vertex>();
  const environments = new Map<Environment, Environment>();
  const cloned: NodeState[] = [];
  const tasks = new Map<Task, Task>();
  const mapEnvironment = (env: Environment | undefined): Environment | undefined => {
    if (env === undefined) return undefined;
    const known = environments.get(env);
    if (known !== undefined) return known;
    const up = mapEnvironment(env.up);
    const vertex = map.get(env.vertex);
    const result = vertex === undefined && up === env.up ? env : { ...env, up, vertex: vertex ?? env.vertex, cache: undefined };
    environments.set(env, result);
    return result;
  };
  const clone = cloneVertex(ctx, n.node, { map, cloned, tasks });
  clone.isDisjunct = true;
  for (const state of cloned) {
    for (const task of state.tasks) rewrite(ctx, task, map);
    state.parentTasks = state.parentTasks.map((task) => tasks.get(task) ?? task);
  }
  const root = clone.state;
  if (root === undefined) throw new Error("the copy of a vertex under evaluation has no state");
  return { root, map, mapEnvironment };
}

function rewrite(ctx: Context, task: Task, map: ReadonlyMap<Vertex, Vertex>): void {
  if (task.blockedOn === undefined) return;
  const target = map.get(task.blockedOn.node)?.state;
  if (target === undefined) return;
  task.blockedOn = target;
  target.blocking.push(task);
  ctx.blocking.push(task);
  target.needs |= task.blockCondition;
}

interface Copies {
  readonly map: Map<Vertex, Vertex>;
  readonly cloned: NodeState[];
  readonly tasks: Map<Task, Task>;
}

function cloneVertex(ctx: Context, vertex: Vertex, copies: Copies): Vertex {
  const { map, cloned, tasks } = copies;
  const known = map.get(vertex);
  if (known !== undefined) return known;
  const copy = new Vertex(vertex.parent, vertex.label);
  map.set(vertex, copy);
  copy.status = vertex.status;
  copy.isData = vertex.isData;
  copy.closedRecursive = vertex.closedRecursive;
  copy.closedOnce = vertex.closedOnce;
  copy.hasEllipsis = vertex.hasEllipsis;
  copy.multipleLets = vertex.multipleLets;
  copy.isDynamic = vertex.isDynamic;
  copy.isPattern = vertex.isPattern;
  copy.nonRooted = vertex.nonRooted;
  copy.anonymous = vertex.anonymous;
  copy.isDisjunct = vertex.isDisjunct;
  copy.isShared = vertex.isShared;
  copy.arc = vertex.arc;
  copy.base = vertex.base?.type === "listMarker" ? { ...vertex.base } : vertex.base;
  copy.childErrors = vertex.childErrors;
  copy.conjuncts = [...vertex.conjuncts];
  copy.structs = [...vertex.structs];
  copy.patternsMatched = vertex.patternsMatched;
  copy.setArcs(
    vertex.arcs.map((arc) => {
      const child = cloneVertex(ctx, arc, copies);
      child.parent = copy;
      return child;
    }),
  );
  if (vertex.patterns !== undefined)
    copy.patterns = vertex.patterns.map((each) => ({ pattern: each.pattern, constraint: cloneVertex(ctx, each.constraint, copies) }));
  if (vertex.state !== undefined) {
    const state = cloneState(ctx, vertex.state, copy, tasks);
    copy.state = state;
    cloned.push(state);
  }
  return copy;
}

/** Field by field: this runs once an alternative, and a copy of all fields at once costs several times as much. */
function cloneState(ctx: Context, n: NodeState, node: Vertex, tasks: Map<Task, Task>): NodeState {
  const copy = new NodeState(ctx, node);
  copy.parent = n.parent;
  copy.underlying = n.underlying;
  copy.scheduling = n.scheduling;
  copy.completed = n.completed;
  copy.needs = n.needs;
  copy.provided = n.provided;
  copy.counters = [...n.counters];
  copy.parentTasks = [...n.parentTasks];
  copy.seenArcs = [...n.seenArcs];
  copy.sharedBy = [...n.sharedBy];
  copy.requirements = n.requirements.map((each) => ({ ...each }));
  copy.replacements = [...n.replacements];
  copy.conjunctInfos = n.conjunctInfos.map((each) => ({ ...each }));
  copy.checks = [...n.checks];
  copy.disjunctions = [...n.disjunctions];
  copy.isInitialized = n.isInitialized;
  copy.toComplete = n.toComplete;
  copy.runMode = n.runMode;
  copy.evalDepth = n.evalDepth;
  copy.hasTop = n.hasTop;
  copy.hasAnyCyclicConjunct = n.hasAnyCyclicConjunct;
  copy.hasAncestorCycle = n.hasAncestorCycle;
  copy.hasNonCycle = n.hasNonCycle;
  copy.hasNonCyclic = n.hasNonCyclic;
  copy.hasStruct = n.hasStruct;
  copy.isDefinition = n.isDefinition;
  copy.isShared = n.isShared;
  copy.noSharing = n.noSharing;
  copy.shared = n.shared;
  copy.shareCycle = n.shareCycle;
  copy.originalBase = n.originalBase;
  copy.depth = n.depth;
  copy.defaultMode = n.defaultMode;
  copy.originalDefaultMode = n.originalDefaultMode;
  copy.hasFieldValue = n.hasFieldValue;
  copy.defaultAttemptInCycle = n.defaultAttemptInCycle;
  copy.kind = n.kind;
  copy.kindElem = n.kindElem;
  copy.kindClose = n.kindClose;
  copy.scalar = n.scalar;
  copy.scalarClose = n.scalarClose;
  copy.struct = n.struct;
  copy.structIsFirst = n.structIsFirst;
  copy.structClose = n.structClose;
  copy.listIsClosed = n.listIsClosed;
  copy.maxListLength = n.maxListLength;
  copy.lowerBound = n.lowerBound;
  copy.upperBound = n.upperBound;
  copy.errors = n.errors;
  n.blocking = [];
  for (const task of n.tasks) {
    // This one makes the copies.
    if (task.state === "running" && task.kind === "disjunctions") continue;
    if (task.state !== "waiting" && task.state !== "ready" && task.state !== "running") continue;
    task.defunct = true;
    const cloned: Task = { ...task, node: copy, defunct: false };
    if (task.state === "running") cloned.state = "ready";
    copy.tasks.push(cloned);
    tasks.set(task, cloned);
  }
  return copy;
}
