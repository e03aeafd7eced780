/**
 * Runs the tasks of a vertex. A task that needs what another vertex does not know yet leaves by `yieldSignal` and is run
 * again when that is known. Where tasks wait for each other, what blocks them is declared final (frozen), and they run
 * once more: first what waits for kinds and field sets, then the rest, which then ends in incomplete or cycle errors.
 */
import { combineErrors } from "./bottom.ts";
import type { RunMode } from "./conditions.ts";
import {
  allAncestorsProcessed,
  allTasksCompleted,
  arcTypeKnown,
  autoUnblock,
  childConjunctsDone,
  concreteKnown,
  counterMask,
  fieldConjunctsKnown,
  fieldSetKnown,
  needFieldConjunctsKnown,
  needTasksDone,
  scalarKnown,
  subFieldsProcessed,
  valueKnown,
} from "./conditions.ts";
import { hasOnlyCyclicConjuncts } from "./cycle.ts";
import { arcMember, arcNotPresent, arcPending } from "./expr.ts";
import { isLet } from "./label.ts";
import { pushDown } from "./push-down.ts";
import type { NodeState } from "./state.ts";
import type { Task } from "./task.ts";
import { completions, isDone, yieldSignal } from "./task.ts";
import { runners } from "./tasks.ts";
import { completeArcsShallow, completeNodeTasks, stateOf } from "./unify.ts";
import type { Vertex } from "./vertex.ts";

const allTasksIndex = 6;
const fieldConjunctsIndex = 4;

export function allTasksFinished(n: NodeState): boolean {
  return n.tasks.every((task) => isDone(task));
}
export function allTasksStarted(n: NodeState): boolean {
  return !n.tasks.some((task) => task.state === "ready");
}
export function hasActiveParentTask(n: NodeState): boolean {
  return n.parentTasks.some((task) => !isDone(task));
}

export function blockOn(n: NodeState, condition: number): void {
  n.provided |= condition;
}

export function insertTask(n: NodeState, task: Task): void {
  let completes = completions[task.kind];
  if (task.kind === "comprehension" && task.elem?.type === "comprehension") completes = pushDown(n, task, task.elem);
  n.provided |= completes;
  task.completes = completes;
  for (let i = 0; i < 9; i++) if ((completes & counterMask & (1 << i)) !== 0) n.counters[i] = (n.counters[i] ?? 0) + 1;
  // Disjunctions come last.
  if (task.kind !== "disjunctions" && n.tasks.length > 0) {
    let at = n.tasks.length;
    while (at > 0 && n.tasks[at - 1]?.kind === "disjunctions") at--;
    n.tasks.splice(at, 0, task);
  } else n.tasks.push(task);
}

function decrementCounts(n: NodeState, completes: number): void {
  let completed = 0;
  for (let i = 0; i < 9; i++) {
    const bit = 1 << i;
    if ((completes & counterMask & bit) === 0) continue;
    const left = (n.counters[i] ?? 0) - 1;
    n.counters[i] = left;
    if (left === 0) completed |= bit;
  }
  signal(n, completed);
}

/** What follows from what is complete. */
function complete(n: NodeState): number {
  let x = n.completed;
  const vertex = n.node;
  if ((x & allAncestorsProcessed) !== 0) {
    x |= counterMask & ~n.provided;
    if ((x & subFieldsProcessed) !== 0) x |= arcTypeKnown;
  }
  if (vertex.arc === arcMember || vertex.arc === arcNotPresent) x |= arcTypeKnown;
  else if ((x & arcTypeKnown) !== 0 && vertex.arc === arcPending && !hasActiveParentTask(n)) vertex.arc = arcNotPresent;
  if ((x & valueKnown) !== 0 && (vertex.arc === arcMember || vertex.arc === arcNotPresent)) x |= scalarKnown;
  const needs = needFieldConjunctsKnown | needTasksDone;
  if ((x & needs) === needs) {
    if ((n.counters[allTasksIndex] ?? 0) > 0 || (n.counters[fieldConjunctsIndex] ?? 0) > 0) return x;
    if ((x & subFieldsProcessed) === 0) for (const arc of vertex.arcs) if (arc.arc === arcPending) return x;
    x |= fieldSetKnown;
  }
  return x;
}

export function signal(n: NodeState, completed: number): void {
  if ((n.completed & n.frozen & completed) === completed) return;
  const was = n.completed;
  n.completed |= completed;
  n.frozen |= deferFieldSet(n, completed);
  if (was === n.completed) return;
  n.completed |= complete(n);
  for (let i = 0; i < n.blocking.length; i++) {
    const task = n.blocking[i];
    if (task === undefined || task.blockedOn !== n || (task.blockCondition & n.completed) !== task.blockCondition) continue;
    task.blockedOn = undefined;
    runTask(task, "attempt");
  }
}

export function freeze(n: NodeState, condition: number): void {
  n.frozen |= deferFieldSet(n, condition);
  n.completed |= condition;
  n.completed |= complete(n);
}

/** A field set is not frozen while a task that runs may still add to it. */
function deferFieldSet(n: NodeState, condition: number): number {
  if ((condition & fieldSetKnown) === 0) return condition;
  const current = n.ctx.current();
  for (const task of n.parentTasks) if (!isDone(task) && task !== current) return condition & ~fieldSetKnown;
  for (const task of n.tasks) {
    if ((completions[task.kind] & fieldConjunctsKnown) === 0) continue;
    if (task.state === "ready" || (task.state === "running" && task.kind !== "comprehension")) return condition & ~fieldSetKnown;
  }
  return condition;
}

/** Processes the ancestors until they add nothing more to this vertex. */
function processAncestors(n: NodeState, mode: RunMode): boolean {
  if (n.meets(allAncestorsProcessed)) return true;
  const vertex = n.node;
  let done = true;
  const parent = vertex.parent?.state;
  if (parent !== undefined && (parent.completed & childConjunctsDone) === 0) {
    done = processAncestors(parent, mode);
    if ((parent.counters[fieldConjunctsIndex] ?? 0) > 0) process(parent, fieldConjunctsKnown, mode);
    if (done && (parent.counters[fieldConjunctsIndex] ?? 0) === 0) parent.completed |= childConjunctsDone;
  }
  if (vertex.isDynamic || isLet(vertex.label) || allChildConjunctsKnown(n, vertex.parent)) signal(n, allAncestorsProcessed);
  return done;
}

export function allChildConjunctsKnown(n: NodeState, vertex: Vertex | undefined): boolean {
  if (vertex === undefined) return true;
  const state = stateOf(n.ctx, vertex);
  return state === undefined || state.meets(fieldConjunctsKnown | allAncestorsProcessed);
}

/** Runs the tasks that contribute to `needs`. */
export function process(n: NodeState, needs: number, mode: RunMode): boolean {
  const { ctx } = n;
  signal(n, complete(n));
  if (!n.meets(needs)) processAncestors(n, mode);
  let ranParent = false;
  for (const task of n.parentTasks)
    if (task.state === "ready") {
      runTask(task, mode);
      ranParent = true;
    }
  if (ranParent && !n.meets(needs)) processAncestors(n, mode);
  if (n.node.arc === arcPending && mode === "finalize") n.tasks = [];
  n.scheduling = "running";
  let select = needs;
  if ((needs & concreteKnown) !== 0) select |= valueKnown;
  if ((needs & fieldSetKnown) !== 0) select |= fieldConjunctsKnown;
  let hasRunning = false;
  let hasInserting = false;
  let hasDisjunction = false;
  for (const task of n.tasks) {
    if (task.state === "running" && task.kind === "comprehension") {
      hasRunning = true;
      if (task.inserting) hasInserting = true;
    }
    if (task.state === "ready" && task.kind === "disjunctions") hasDisjunction = true;
  }
  let at = 0;
  for (;;) {
    while (at < n.tasks.length) {
      const task = n.tasks[at++];
      if (task === undefined || task.state !== "ready" || (task.completes & select) === 0) continue;
      if (hasRunning && task.kind === "comprehension") continue;
      if (hasInserting && task.kind === "resolver") continue;
      if (hasDisjunction && task.kind === "comprehension" && task.completes === allTasksCompleted) continue;
      runTask(task, mode);
    }
    if (mode === "attempt" || mode === "ignore") return n.meets(needs);
    if (mode === "yield") {
      if (n.meets(needs)) return true;
      const current = ctx.current();
      if (current !== undefined) waitFor(current, n, needs);
    }
    if (
      (n.node.isRooted() || ctx.inCall > 0) &&
      at >= n.tasks.length &&
      n.tasks.every((task) => task.state !== "ready" && task.state !== "waiting")
    )
      return true;
    if (!unblock(n)) return true;
    if (at < n.tasks.length) continue;
    ctx.blocking = [];
    // What looked for a field that could still come is to look for good.
    at = n.tasks.findIndex((task) => task.state === "ready" && (task.completes & select) !== 0 && task.kind === "resolver");
    if (at < 0) return true;
  }
}

/** Declares final what tasks wait for, and runs them. False when there is nothing that waits. */
function unblock(n: NodeState): boolean {
  const { ctx } = n;
  if (ctx.blocking.length === 0) return false;
  for (;;) {
    for (const task of [...ctx.blocking]) if (task.blockedOn !== undefined) signal(task.blockedOn, autoUnblock);
    for (const task of [...ctx.blocking]) if (task.blockedOn !== undefined) freeze(task.blockedOn, task.blockCondition);
    const blocked = ctx.blocking.length;
    for (let i = 0; i < ctx.blocking.length; i++) {
      const task = ctx.blocking[i];
      if (task?.blockedOn === undefined || task.defunct) continue;
      const { blockedOn, blockCondition } = task;
      task.blockedOn = undefined;
      signal(blockedOn, blockCondition);
      runTask(task, "attempt");
    }
    if (blocked >= ctx.blocking.length) return true;
  }
}

/** Leaves the current task until `n` meets `needs`. */
export function waitFor(task: Task, n: NodeState, needs: number): never {
  n.needs |= needs;
  task.state = "waiting";
  task.blockCondition = needs;
  task.blockedOn = n;
  n.blocking.push(task);
  n.ctx.blocking.push(task);
  throw yieldSignal;
}

export function runTask(task: Task, mode: RunMode): void {
  if (task.defunct) {
    task.state = "cancelled";
    return;
  }
  const n = task.node;
  const { ctx } = n;
  if (n.hasAncestorCycle) {
    if ((task.kind === "comprehension" && hasOnlyCyclicConjuncts(n)) || task.kind === "disjunctions") {
      task.state = "success";
      return;
    }
  }
  if (isDone(task)) return;
  if (ctx.step()) {
    task.state = "cancelled";
    n.addBottom(ctx.exhausted);
    return;
  }
  const savedVertex = ctx.vertex;
  const overlays = ctx.overlays.length;
  const { evalDepth, inDetached, inValidator, depth, positions } = ctx;
  ctx.vertex = n.node;
  ctx.stack.push(task);
  const frame =
    task.env !== undefined && task.elem !== undefined ? ctx.pushConjunct({ env: task.env, elem: task.elem, close: task.close }) : undefined;
  const height = ctx.stack.length;
  let yielded = false;
  task.state = "running";
  task.error = undefined;
  try {
    runners[task.kind](ctx, task, mode);
    finishTask(task);
  } catch (error) {
    if (error !== yieldSignal) throw error;
    yielded = true;
    // What was pushed on the way to the place that waits.
    ctx.stack.length = height;
    ctx.overlays.length = overlays;
    ctx.evalDepth = evalDepth;
    ctx.inDetached = inDetached;
    ctx.inValidator = inValidator;
    ctx.depth = depth;
    ctx.positions = positions;
    ctx.errors = undefined;
  }
  if (frame !== undefined) ctx.pop(frame);
  ctx.stack.pop();
  ctx.vertex = savedVertex;
  if (n.toComplete) {
    n.toComplete = false;
    completeNodeTasks(n, "attempt");
  }
  if (yielded && (task.state as Task["state"]) === "running") task.state = task.error === undefined ? "success" : "failed";
}

function finishTask(task: Task): void {
  const n = task.node;
  const { ctx } = n;
  const errors = ctx.takeErrors();
  for (const each of n.deferred) {
    completeArcsShallow(ctx, each.node);
    if (each.node.base?.type === "bottom") n.addBottom(each.node.base);
  }
  if (task.retry && task.state === "running") {
    task.retry = false;
    task.state = "ready";
    return;
  }
  if (task.state === "waiting") return;
  task.blockedOn = undefined;
  task.error = combineErrors(task.error, errors);
  task.state = task.error === undefined ? "success" : "failed";
  n.addBottom(task.error);
  decrementCounts(n, task.completes);
  task.completes = 0;
}
