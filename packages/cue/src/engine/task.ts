/** A step of evaluating a vertex that may have to wait. */
import type { Bottom } from "./bottom.ts";
import { allTasksCompleted, fieldConjunct, fieldConjunctsKnown, genericConjunct, genericDisjunction, valueKnown } from "./conditions.ts";
import type { Elem } from "./expr.ts";
import type { NodeState } from "./state.ts";
import type { CloseInfo, Environment, Vertex } from "./vertex.ts";

export type TaskKind = "expr" | "resolver" | "dynamic" | "pattern" | "comprehension" | "list" | "listVertex" | "disjunctions";
export type TaskStatus = "ready" | "running" | "waiting" | "success" | "failed" | "cancelled";

export interface Task {
  readonly kind: TaskKind;
  state: TaskStatus;
  completes: number;
  /** Copied into a disjunct before it ran: no longer of use here. */
  defunct: boolean;
  blockedOn: NodeState | undefined;
  blockCondition: number;
  error: Bottom | undefined;
  node: NodeState;
  env: Environment | undefined;
  close: CloseInfo;
  elem: Elem | Vertex | undefined;
  /** A comprehension that is past its clauses. */
  inserting: boolean;
  retry: boolean;
}

/** What a task of the kind may contribute to. */
export const completions: Readonly<Record<TaskKind, number>> = {
  expr: genericConjunct,
  resolver: genericConjunct,
  dynamic: fieldConjunct,
  pattern: allTasksCompleted | fieldConjunctsKnown,
  comprehension: valueKnown | allTasksCompleted | fieldConjunctsKnown,
  list: fieldConjunct,
  listVertex: fieldConjunct,
  disjunctions: genericDisjunction,
};

export function isDone(task: Task): boolean {
  return task.state === "success" || task.state === "failed" || task.state === "cancelled";
}

export function newTask(
  kind: TaskKind,
  node: NodeState,
  env: Environment | undefined,
  elem: Elem | Vertex | undefined,
  close: CloseInfo,
): Task {
  return {
    kind,
    state: "ready",
    completes: 0,
    defunct: false,
    blockedOn: undefined,
    blockCondition: 0,
    error: undefined,
    node,
    env,
    close,
    elem,
    inserting: false,
    retry: false,
  };
}

/** Thrown to leave a task that waits; caught where the task was started. Never seen outside. */
export const yieldSignal: Error = new Error("a task waits");
