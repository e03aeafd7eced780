/** Copies a vertex that is being evaluated, with everything below it, so that an alternative can be tried on the copy. */
import type { Context } from "./context.ts";
import { NodeState } from "./state.ts";
import type { Task } from "./task.ts";
import { stateOf } from "./unify.ts";
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
  const clone = cloneVertex(ctx, n.node, map, cloned);
  clone.isDisjunct = true;
  for (const state of cloned) {
    for (const task of state.tasks) rewrite(ctx, task, map);
    state.parentTasks = state.parentTasks.map((task) => cloneOf.get(task) ?? task);
  }
  cloneOf.clear();
  const root = clone.state;
  if (root === undefined) throw new Error("the copy of a vertex under evaluation has no state");
  return { root, map, mapEnvironment };
}

/** The copies of tasks, while one vertex is copied. */
const cloneOf = new Map<Task, Task>();

function rewrite(ctx: Context, task: Task, map: ReadonlyMap<Vertex, Vertex>): void {
  if (task.blockedOn === undefined) return;
  const target = map.get(task.blockedOn.node)?.state;
  if (target === undefined) return;
  task.blockedOn = target;
  target.blocking.push(task);
  ctx.blocking.push(task);
  target.needs |= task.blockCondition;
}

function cloneVertex(ctx: Context, vertex: Vertex, map: Map<Vertex, Vertex>, cloned: NodeState[]): Vertex {
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
      const child = cloneVertex(ctx, arc, map, cloned);
      child.parent = copy;
      return child;
    }),
  );
  if (vertex.patterns !== undefined)
    copy.patterns = vertex.patterns.map((each) => ({ pattern: each.pattern, constraint: cloneVertex(ctx, each.constraint, map, cloned) }));
  if (vertex.state !== undefined) {
    const state = cloneState(ctx, vertex.state, copy);
    copy.state = state;
    cloned.push(state);
  }
  return copy;
}

function cloneState(ctx: Context, n: NodeState, node: Vertex): NodeState {
  stateOf(ctx, n.node);
  const copy = new NodeState(ctx, node);
  Object.assign(copy, n);
  copy.node = node;
  copy.underlying = n.underlying;
  (copy as { counters: number[] }).counters = [...n.counters];
  copy.parentTasks = [...n.parentTasks];
  copy.blocking = [];
  copy.deferred = [];
  copy.seenArcs = [...n.seenArcs];
  copy.notify = [];
  copy.sharedBy = [...n.sharedBy];
  copy.cyclicConjuncts = [];
  copy.requirements = n.requirements.map((each) => ({ ...each }));
  copy.replacements = [...n.replacements];
  copy.conjunctInfos = n.conjunctInfos.map((each) => ({ ...each }));
  copy.requirementSets = undefined;
  copy.checks = [...n.checks];
  copy.postChecks = [];
  copy.disjunctions = [...n.disjunctions];
  copy.disjuncts = [];
  copy.disjunctErrors = [];
  copy.hasDisjunction = false;
  copy.frozen = 0;
  copy.isCompleting = false;
  copy.tasks = [];
  n.blocking = [];
  for (const task of n.tasks) {
    // This one makes the copies.
    if (task.state === "running" && task.kind === "disjunctions") continue;
    if (task.state !== "waiting" && task.state !== "ready" && task.state !== "running") continue;
    task.defunct = true;
    const cloned: Task = { ...task, node: copy, defunct: false };
    if (task.state === "running") cloned.state = "ready";
    copy.tasks.push(cloned);
    cloneOf.set(task, cloned);
  }
  return copy;
}
