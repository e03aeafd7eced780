/** What each kind of task does. */
import type { Bottom } from "./bottom.ts";
import { yieldComprehension } from "./comprehension.ts";
import { combineErrors } from "./bottom.ts";
import type { RunMode } from "./conditions.ts";
import { concreteKnown, fieldSetKnown, scalarValue } from "./conditions.ts";
import type { Context } from "./context.ts";
import { detectCycle, setOptional, updateCyclicStatus } from "./cycle.ts";
import { processDisjunctions } from "./disjunction.ts";
import { evalState, evalWithClose, valueOf } from "./evaluate.ts";
import { arcMember, isResolver } from "./expr.ts";
import type { Ellipsis, Expr, ListLit } from "./expr.ts";
import { insertArc, insertPattern } from "./fields.ts";
import { insertValue, updateNodeType } from "./insert-value.ts";
import { bottomKind, kindText, listKind } from "./kind.ts";
import { regularLabel } from "./label.ts";
import { resolve } from "./resolve.ts";
import { scheduleConjunct, scheduleVertexConjuncts } from "./schedule.ts";
import { setBaseValue, unshare } from "./share.ts";
import type { NodeState } from "./state.ts";
import type { Task, TaskKind } from "./task.ts";
import type { Value } from "./value.ts";
import { intValue, isConcrete, kindOf, top } from "./value.ts";
import { cyclic, rootCloseInfo, Vertex } from "./vertex.ts";
import type { CloseInfo } from "./vertex.ts";

type Runner = (ctx: Context, task: Task, mode: RunMode) => void;

export const runners: Readonly<Record<TaskKind, Runner>> = {
  expr: runExpr,
  resolver: runResolver,
  dynamic: runDynamic,
  pattern: runPattern,
  comprehension: runComprehension,
  list: runList,
  listVertex: runListVertex,
  disjunctions: (ctx, task) => {
    task.error = combineErrors(task.error, processDisjunctions(ctx, task.node));
  },
};

function runExpr(ctx: Context, task: Task, mode: RunMode): void {
  const { value, close } = evalWithClose(ctx, task.elem as Expr, { condition: concreteKnown, mode });
  if (close.cycle === cyclic && task.node.node.isPattern) return;
  if (value !== undefined) insertValue(task.node, task.env, value, close);
}

function runResolver(ctx: Context, task: Task, mode: RunMode): void {
  const n = task.node;
  const reference = task.elem;
  if (reference === undefined || reference instanceof Vertex || !isResolver(reference as Expr)) return;
  const resolver = reference as Parameters<typeof resolve>[1];
  ctx.lookupPendingParent = false;
  const found = resolve(ctx, resolver, { condition: fieldSetKnown, mode });
  if (found === undefined) {
    if (ctx.lookupPendingParent && ctx.errors === undefined && mode === "attempt") task.retry = true;
    ctx.lookupPendingParent = false;
    return;
  }
  const arc = found.derefNonDisjunct();
  const disjunct = arc.derefDisjunct();
  const { close, skip } = detectCycle(n, disjunct, task.env, resolver, ctx.close);
  if (skip) {
    unshare(n);
    return;
  }
  if (task.defunct) return;
  if (disjunct.base?.type === "bottom" && disjunct.base.code === "structural") {
    ctx.addBottom(disjunct.base);
    return;
  }
  scheduleVertexConjuncts(n, { env: task.env, elem: resolver, close }, arc, close);
}

function runDynamic(ctx: Context, task: Task, mode: RunMode): void {
  const n = task.node;
  const field = task.elem;
  if (field?.type !== "dynamicField") return;
  const value = valueOf(ctx, field.key, { condition: scalarValue, mode });
  if (value === undefined) return;
  if (!isConcrete(value) || value.type === "bottom") {
    if (value.type === "bottom" && ctx.errors !== undefined) {
      const cause = ctx.takeErrors();
      n.addBottom(keyError(ctx, n, field.key, cause ?? value));
      n.addBottom(cause);
      return;
    }
    n.addBottom(keyError(ctx, n, field.key, value));
    return;
  }
  if (value.type === "int") {
    n.addBottom(ctx.newBottom("eval", "integer fields not supported", [], field.key.position));
    return;
  }
  if (value.type !== "string") {
    const kind = kindOf(value);
    n.addBottom(ctx.newBottom("eval", "invalid index %s (invalid type %s)", [field.key, kindText(kind)], field.key.position));
    return;
  }
  insertArc(n, regularLabel(value.value), field.arc, { env: task.env, elem: field, close: task.close }, task.close, true);
}

function keyError(ctx: Context, n: NodeState, key: Expr, value: Value): Bottom {
  return { ...ctx.newBottom("incomplete", "key value of dynamic field must be concrete, found %s", [value], key.position), node: n.node };
}

function runPattern(ctx: Context, task: Task): void {
  const field = task.elem;
  if (field?.type !== "patternField") return;
  const value = evalState(ctx, field.filter, { condition: scalarValue, mode: "yield" });
  if (value !== undefined) insertPattern(task.node, value, { env: task.env, elem: field, close: task.close });
}

function runComprehension(ctx: Context, task: Task): void {
  const n = task.node;
  const comprehension = task.elem;
  if (comprehension?.type !== "comprehension" || task.env === undefined) return;
  const { environments, error } = yieldComprehension(ctx, n.node, task.env, comprehension, "ignore");
  if (error !== undefined) {
    task.error = combineErrors(task.error, error);
    n.addBottom(error);
    return;
  }
  task.inserting = true;
  const { close } = task;
  try {
    if (environments.length === 0 && comprehension.fallback !== undefined)
      scheduleConjunct(n, { env: task.env, elem: comprehension.fallback, close }, close);
    for (const env of environments) scheduleConjunct(n, { env, elem: comprehension.value, close }, close);
  } finally {
    task.inserting = false;
  }
}

function runList(ctx: Context, task: Task, mode: RunMode): void {
  const n = task.node;
  const list = task.elem as ListLit;
  updateCyclicStatus(n, task.close);
  let ellipsis: Ellipsis | undefined;
  let index = 0;
  let hasComprehension = false;
  const isFull = (): boolean => n.listIsClosed && index >= n.maxListLength;
  for (const element of list.elements) {
    if (element.type === "comprehension") {
      hasComprehension = true;
      if (task.env === undefined) return;
      const { environments, error } = yieldComprehension(ctx, undefined, task.env, element, mode);
      for (const env of environments) {
        if (!isFull()) insertArc(n, index, arcMember, { env, elem: element.value, close: task.close }, task.close, true);
        index++;
      }
      if (error !== undefined) {
        n.addBottom(error);
        return;
      }
    } else if (element.type === "ellipsis") {
      const close = setOptional(task.close);
      insertPattern(
        n,
        { type: "bound", op: ">=", value: intValue(index), position: undefined },
        { env: task.env, elem: element.value ?? top, close },
      );
      ellipsis = element;
    } else {
      if (!isFull()) insertArc(n, index, arcMember, { env: task.env, elem: element, close: task.close }, task.close, true);
      index++;
    }
  }
  if (n.listIsClosed && index > n.maxListLength) {
    invalidLength(n, n.maxListLength, index);
    return;
  }
  const isClosed = ellipsis === undefined;
  const max = n.maxListLength;
  if (index < max) {
    if (isClosed) {
      invalidLength(n, index, max);
      return;
    }
  } else if (index > max || (isClosed && !n.listIsClosed) || (isClosed === n.listIsClosed && !hasComprehension)) {
    n.maxListLength = index;
    n.listIsClosed = isClosed;
  }
  updateListType(n, list, task.close, isClosed);
}

function runListVertex(_ctx: Context, task: Task): void {
  const n = task.node;
  const list = task.elem;
  if (!(list instanceof Vertex)) return;
  const elements = list.elements();
  const isClosed = list.isClosedList();
  const max = n.maxListLength;
  if (elements.length < max) {
    if (isClosed) {
      invalidLength(n, elements.length, max);
      return;
    }
  } else if (elements.length > max) {
    if (n.listIsClosed) {
      invalidLength(n, max, elements.length);
      return;
    }
    n.listIsClosed = isClosed;
    n.maxListLength = elements.length;
  } else if (isClosed) {
    n.listIsClosed = true;
  }
  for (const element of elements) {
    if (element.conjuncts.length === 0) {
      insertArc(n, element.label, arcMember, { env: undefined, elem: element, close: rootCloseInfo }, rootCloseInfo, true);
      continue;
    }
    for (const conjunct of element.conjuncts) insertArc(n, element.label, arcMember, conjunct, task.close, true);
  }
  updateListType(n, list, task.close, isClosed);
}

function invalidLength(n: NodeState, a: number, b: number): void {
  n.addBottom(n.ctx.newBottom("eval", "incompatible list lengths (%s and %s)", [String(a), String(b)]));
}

function updateListType(n: NodeState, list: ListLit | Vertex, close: CloseInfo, isClosed: boolean): void {
  if (n.kind === bottomKind) return;
  const { base } = n.node;
  if (base?.type === "listMarker") base.isOpen = base.isOpen && !isClosed;
  else setBaseValue(n, { type: "listMarker", isOpen: !isClosed });
  if (n.kind !== listKind) updateNodeType(n, listKind, list, close);
}
