/** Unification of evaluated values: kinds, scalars, bounds and validators. */
import { binaryOp } from "./operators.ts";
import type { Elem } from "./expr.ts";
import { arcMember } from "./expr.ts";
import { insertArc } from "./fields.ts";
import { bottomKind, compositeKind, kindText, topKind } from "./kind.ts";
import { addNodePositions } from "./context.ts";
import { reportConflict } from "./node-errors.ts";
import { scheduleTask, scheduleVertexConjuncts, isDataVertex } from "./schedule.ts";
import { scheduleDisjunction } from "./disjunction.ts";
import { simplifyBounds, simplifyValidator } from "./simplify.ts";
import type { NodeState } from "./state.ts";
import { hasTopFlag, openValidatorFlag } from "./state.ts";
import { addResolver, updateConjunctInfo } from "./typocheck.ts";
import { setOptional, updateCyclicStatus } from "./cycle.ts";
import type { BaseValue, BoundValue, Builtin, BuiltinValidator, Scalar, Value } from "./value.ts";
import { isScalar, kindOf } from "./value.ts";
import { scalarKnown } from "./conditions.ts";
import { signal } from "./scheduler.ts";
import type { CloseInfo, Conjunct, Environment } from "./vertex.ts";

/** False when the kinds exclude each other, which is then an error of the vertex. */
export function updateNodeType(n: NodeState, kind: number, elem: Elem, close: CloseInfo): boolean {
  updateConjunctInfo(n, kind, close, 0);
  const both = n.kind & kind;
  if (n.kind === bottomKind || kind === bottomKind) return false;
  if (both === bottomKind) {
    // That it is a struct comes out last.
    if (n.kindElem !== undefined && elem === n.struct && n.structIsFirst)
      reportConflict(n, elem, n.kindElem, kind, n.kind, n.kindClose, close);
    else if (n.kindElem !== undefined) reportConflict(n, n.kindElem, elem, n.kind, kind, n.kindClose, close);
    else
      n.addBottom(n.ctx.newBottom("eval", "conflicting value %s (mismatched types %s and %s)", [elem, kindText(n.kind), kindText(kind)]));
  }
  if (n.kind !== both || n.kindElem === undefined) n.kindElem = elem;
  n.kind = both;
  n.kindClose = close;
  return both !== bottomKind;
}

/** `strings.ToUpper` is a function; a function of one argument that says yes or no is a validator as it stands. */
export function bareValidator(builtin: Builtin): BuiltinValidator | undefined {
  if (builtin.parameters.length !== 1 || (builtin.result & ~2) !== 0) return undefined;
  return { type: "validator", call: undefined, builtin, args: [], position: builtin.position };
}

export function insertValue(n: NodeState, env: Environment | undefined, value: Value, given: CloseInfo): void {
  let close = given;
  updateConjunctInfo(n, topKind, close, 0);
  switch (value.type) {
    case "vertex":
      if (value.closedOnce) {
        n.node.closedOnce = true;
        if (!value.isDisjunct) close = addResolver(n, value, close, false, value.position);
      }
      if (value.base?.type === "structMarker") {
        n.structIsFirst ||= n.struct === undefined && n.kindElem === undefined;
        n.struct = value;
        n.structClose = close;
      }
      if (!isDataVertex(value)) {
        updateCyclicStatus(n, close);
        scheduleVertexConjuncts(n, { env, elem: value, close }, value, close);
        return;
      }
      insertData(n, env, value, value.base, close);
      return;
    case "bottom":
      n.addBottom(value);
      return;
    case "builtin": {
      const validator = bareValidator(value);
      if (validator !== undefined) {
        insertValue(n, env, validator, close);
        return;
      }
      break;
    }
    default:
  }
  if (!updateNodeType(n, kindOf(value), value, close)) return;
  switch (value.type) {
    case "disjunction":
      updateCyclicStatus(n, close);
      scheduleDisjunction(n, {
        env,
        close: setOptional(close),
        source: value,
        alternatives: value.values.map((each, i) => ({
          value: each,
          mode: value.hasDefaults ? (i < value.defaults ? ("is" as const) : ("not" as const)) : ("maybe" as const),
        })),
        errors: [],
      });
      break;
    case "conjunction":
      for (const each of value.values) insertValue(n, env, each, close);
      break;
    case "top":
      updateCyclicStatus(n, close);
      n.hasTop = true;
      updateConjunctInfo(n, topKind, close, hasTopFlag);
      break;
    case "basicType":
      updateCyclicStatus(n, close);
      updateConjunctInfo(n, topKind, close, hasTopFlag);
      break;
    case "bound":
      updateCyclicStatus(n, close);
      if (insertBound(n, env, value, close)) return;
      break;
    case "validator":
      insertValidator(n, env, value, close);
      break;
    default:
      insertScalar(n, value, close);
  }
  if (!n.isScheduling) combineBounds(n, env, close);
}

/** A lower and an upper bound may leave one value, or none. */
export function combineBounds(n: NodeState, env: Environment | undefined, close: CloseInfo): void {
  const { lowerBound, upperBound } = n;
  if (lowerBound === undefined || upperBound === undefined) return;
  const simpler = simplifyBounds(n.ctx, n.kind, lowerBound, upperBound);
  if (simpler === undefined) return;
  addPositions(simpler, [lowerBound, upperBound]);
  n.lowerBound = undefined;
  n.upperBound = undefined;
  insertValue(n, env, simpler, close);
}

function addPositions(value: Value, elems: readonly Elem[]): void {
  const message = value.type === "bottom" ? value.messages[0] : undefined;
  if (message === undefined) return;
  for (const elem of elems)
    addNodePositions(elem, (at) => {
      if (at !== undefined) message.positions.push(at);
    });
}

function insertData(
  n: NodeState,
  env: Environment | undefined,
  vertex: Extract<Value, { type: "vertex" }>,
  base: BaseValue,
  close: CloseInfo,
): void {
  if (base === undefined) return;
  switch (base.type) {
    case "listMarker":
      updateCyclicStatus(n, close);
      scheduleTask(n, "listVertex", env, vertex, close);
      return;
    case "structMarker":
      updateCyclicStatus(n, close);
      n.hasStruct = true;
      for (const arc of vertex.arcs)
        if (arc.arc === arcMember) insertArc(n, arc.label, arcMember, { env: undefined, elem: arc, close }, close, true);
      n.node.structs.push(...vertex.structs);
      return;
    default:
      insertValue(n, env, base, close);
  }
}

/** True when nothing is left to do with it. */
function insertBound(n: NodeState, env: Environment | undefined, value: BoundValue, close: CloseInfo): boolean {
  const { ctx } = n;
  // What a struct is compared with tells no fields that it may have.
  if ((kindOf(value.value) & compositeKind) !== 0) updateConjunctInfo(n, topKind, close, hasTopFlag);
  switch (value.op) {
    case "<":
    case "<=":
    case ">":
    case ">=": {
      const upper = value.op.startsWith("<");
      const known = upper ? n.upperBound : n.lowerBound;
      if (known === undefined) {
        if (upper) n.upperBound = value;
        else n.lowerBound = value;
        return false;
      }
      const simpler = simplifyBounds(ctx, n.kind, value, known) ?? value;
      addPositions(simpler, [value, known]);
      if (upper) n.upperBound = undefined;
      else n.lowerBound = undefined;
      insertValue(n, env, simpler, close);
      return true;
    }
    default: {
      let match = false;
      const kept: Conjunct[] = [];
      for (const check of n.checks) {
        const known = check.elem;
        if (known.type === "bound") {
          const simpler = simplifyBounds(ctx, n.kind, value, known);
          if (simpler === known) match = true;
          else if (simpler === value) continue;
        }
        kept.push(check);
      }
      n.checks = kept;
      if (!match) n.checks.push({ env, elem: value, close });
      return true;
    }
  }
}

function insertValidator(n: NodeState, env: Environment | undefined, value: BuiltinValidator, close: CloseInfo): void {
  const kind = kindOf(value);
  if ((kind & compositeKind) !== 0)
    updateConjunctInfo(n, topKind, close, value.builtin.nonConcrete ? openValidatorFlag | hasTopFlag : hasTopFlag);
  const conjunct: Conjunct = { env, elem: value, close };
  for (const check of n.checks) if (check.elem.type === "validator" && simplifyValidator(n.ctx, value, check.elem)) return;
  n.checks.push(conjunct);
  if (kind === topKind) n.hasTop = true;
  updateNodeType(n, kind, value, close);
}

function insertScalar(n: NodeState, value: Scalar | Builtin, close: CloseInfo): void {
  updateCyclicStatus(n, close);
  if (!isScalar(value)) {
    n.checks.push({ env: undefined, elem: value, close });
    return;
  }
  const known = n.scalar;
  if (known !== undefined) {
    if (known === value) return;
    const equal = kindOf(known) === kindOf(value) ? binaryOp(n.ctx, "==", value, known, undefined) : undefined;
    if (equal?.type !== "bool" || !equal.value) reportConflict(n, value, known, kindOf(value), kindOf(known), n.scalarClose, close);
    return;
  }
  n.scalar = value;
  n.scalarClose = close;
  signal(n, scalarKnown);
}
