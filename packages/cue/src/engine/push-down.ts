/**
 * Makes a comprehension a task of the fields that it may add, instead of one that blocks its whole struct: a field that
 * another comprehension asks for is then settled by running just the comprehensions that may produce it.
 */
import { allTasksCompleted, fieldConjunctsKnown, valueKnown } from "./conditions.ts";
import { arcPending } from "./expr.ts";
import type { Declaration, Expr } from "./expr.ts";
import { getArc } from "./fields.ts";
import type { NodeState } from "./state.ts";
import type { Task } from "./task.ts";
import { bareState } from "./unify.ts";
import { isValue } from "./value.ts";

/** What is left for the struct itself to wait for. */
export function pushDown(n: NodeState, task: Task, elem: Declaration | Expr): number {
  let completes = 0;
  switch (elem.type) {
    case "comprehension":
      completes = pushDown(n, task, elem.value);
      if (elem.fallback !== undefined) completes |= pushDown(n, task, elem.fallback);
      break;
    case "structLit":
      for (const decl of elem.decls) completes |= ofDeclaration(n, task, decl);
      break;
    default:
      completes = valueKnown | fieldConjunctsKnown;
  }
  return completes | allTasksCompleted;
}

function ofDeclaration(n: NodeState, task: Task, decl: Declaration): number {
  switch (decl.type) {
    case "field": {
      const arc = getArc(n, decl.label, arcPending, decl.position);
      const state = bareState(n.ctx, arc);
      if (state !== undefined) {
        state.parentTasks.push(task);
        pushDown(state, task, decl.value);
      }
      return 0;
    }
    case "patternField":
    case "ellipsis":
    case "dynamicField":
      return fieldConjunctsKnown;
    case "letField":
      n.node.multipleLets = true;
      return fieldConjunctsKnown;
    default:
      return isValue(decl) ? valueKnown : pushDown(n, task, decl);
  }
}
