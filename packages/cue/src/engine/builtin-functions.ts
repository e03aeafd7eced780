/** The predeclared functions: they look at values as they are, concrete or not. */
import type { Bottom } from "./bottom.ts";
import type { BuiltinCall, PredeclaredFunction } from "./call.ts";
import type { Context } from "./context.ts";
import { evalState } from "./evaluate.ts";
import { arcMember, arcOptional, arcRequired } from "./expr.ts";
import type { DisjunctionExpr } from "./expr.ts";
import { formatValue } from "./format.ts";
import { boolKind, bytesKind, intKind, kindText, listKind, stringKind, structKind, topKind } from "./kind.ts";
import { isLet, isRegular, isString } from "./label.ts";
import { binaryOp } from "./operators.ts";
import { completeArcsOnly, finalize, newInlineVertex } from "./unify.ts";
import { utf8Length } from "../syntax/position.ts";
import { concreteKnown } from "./conditions.ts";
import type { Builtin, Value } from "./value.ts";
import { boolValue, intValue, isConcrete, isIncomplete, kindOf, top, unwrap } from "./value.ts";
import { cyclic, rootCloseInfo, Vertex } from "./vertex.ts";

function builtin(name: string, parameters: readonly number[], result: number, nonConcrete = false): Builtin {
  return { type: "builtin", packageName: "", name, parameters, result, nonConcrete, run: undefined, position: undefined };
}

export const predeclaredBuiltins: Readonly<Record<string, Builtin>> = {
  len: builtin("len", [stringKind | bytesKind | listKind | structKind], intKind),
  close: builtin("close", [structKind], structKind),
  and: builtin("and", [listKind], topKind),
  or: builtin("or", [listKind], topKind),
  div: builtin("div", [intKind, intKind], intKind),
  mod: builtin("mod", [intKind, intKind], intKind),
  quo: builtin("quo", [intKind, intKind], intKind),
  rem: builtin("rem", [intKind, intKind], intKind),
  error: builtin("error", [stringKind], 0x1ff & ~boolKind),
  matchN: builtin("matchN", [topKind, intKind, listKind], boolKind, true),
  matchIf: builtin("matchIf", [topKind, topKind, topKind, topKind], boolKind, true),
};

export const predeclaredFunctions: Readonly<Record<string, PredeclaredFunction>> = {
  len,
  close,
  and,
  or,
  div: arithmetic,
  mod: arithmetic,
  quo: arithmetic,
  rem: arithmetic,
  error: (ctx, { args: [message] }) => {
    const text = unwrap(message);
    const shown = text?.type === "string" ? text.value : formatValue(text);
    return { ...ctx.newBottom("user", "%s", [shown]), code: "user" };
  },
  matchN,
  matchIf,
};

function len(ctx: Context, { args: [arg] }: BuiltinCall): Value | undefined {
  const value = unwrap(arg);
  if (value === undefined) return undefined;
  if (value.type === "string") return intValue(utf8Length(value.value));
  if (value.type === "bytes") return intValue(value.value.length);
  if (value instanceof Vertex) {
    completeArcsOnly(ctx, value);
    if (value.isList()) return intValue(value.elements().length);
    if (value.isStruct()) return intValue(value.arcs.filter((arc) => isString(arc.label) && arc.arc === arcMember).length);
  }
  const kind = kindOf(value);
  return ctx.newBottom(isConcrete(value) ? "eval" : "incomplete", "invalid argument type %s", [kindText(kind)]);
}

function close(ctx: Context, { args: [arg] }: BuiltinCall): Value | undefined {
  if (!(arg instanceof Vertex)) return arg;
  const vertex = newInlineVertex(ctx, [{ env: undefined, elem: arg, close: rootCloseInfo }]);
  vertex.closedOnce = true;
  completeArcsOnly(ctx, vertex);
  return vertex;
}

function elementsOf(ctx: Context, arg: Value | undefined): readonly Vertex[] | undefined {
  const value = unwrap(arg);
  if (!(value instanceof Vertex) || !value.isList()) {
    if (value !== undefined) ctx.fail("incomplete", value.position, "incomplete list: %s", value);
    return undefined;
  }
  return value.elements();
}

function and(ctx: Context, { args: [list] }: BuiltinCall): Value | undefined {
  const elements = elementsOf(ctx, list);
  if (elements === undefined) return undefined;
  if (elements.length === 0) return top;
  return { type: "conjunction", values: elements, position: undefined };
}

function or(ctx: Context, { args: [list] }: BuiltinCall): Value | undefined {
  const elements = elementsOf(ctx, list);
  if (elements === undefined) return undefined;
  if (elements.length === 0) return ctx.newBottom("incomplete", "empty list in call to or", []);
  const disjunction: DisjunctionExpr = {
    type: "disjunctionExpr",
    alternatives: elements.map((value) => ({ value, isDefault: false })),
    hasDefaults: false,
    position: undefined,
  };
  const vertex = newInlineVertex(ctx, [{ env: ctx.env, elem: disjunction, close: ctx.close }]);
  finalize(ctx, vertex);
  return vertex;
}

function arithmetic(ctx: Context, call: BuiltinCall): Value | undefined {
  const [a, b] = call.args;
  const name = call.builtin.name;
  if (a === undefined || b === undefined) return undefined;
  if (name === "div" || name === "mod" || name === "quo" || name === "rem") return binaryOp(ctx, name, a, b, call.position);
  return undefined;
}

/** Errors of a value and below, most severe first; `final`: what is not concrete counts as incomplete. */
export function findError(ctx: Context, vertex: Vertex, final: boolean): Bottom | undefined {
  finalize(ctx, vertex);
  const at = vertex.derefValue();
  const own = at.bottom();
  if (own !== undefined) return own;
  let incomplete: Bottom | undefined;
  if (at.base?.type === "disjunction") {
    if (!final) return undefined;
    const [first] = at.base.values;
    if (at.base.defaults === 1 && first instanceof Vertex) return findError(ctx, first, final);
    return ctx.newBottom("incomplete", "incomplete value %s", [at]);
  }
  if (final && at.arcs.length === 0 && !isConcrete(at)) incomplete = ctx.newBottom("incomplete", "incomplete value %s", [at]);
  for (const arc of at.arcs) {
    if (isLet(arc.label) || arc.arc >= arcOptional) continue;
    if (arc.arc === arcRequired) {
      if (final) incomplete ??= ctx.newBottom("incomplete", "field is required but not present", []);
      continue;
    }
    const error = findError(ctx, arc, final && isString(arc.label));
    if (error === undefined) continue;
    if (!isIncomplete(error)) return error;
    incomplete ??= error;
  }
  return incomplete;
}

function tryUnify(ctx: Context, self: Value, check: Value): Bottom | undefined {
  const both = newInlineVertex(ctx, [
    { env: undefined, elem: self, close: rootCloseInfo },
    { env: undefined, elem: check, close: rootCloseInfo },
  ]);
  return findError(ctx, both, true);
}

/** The value without its constraints: what a validator looks at must not lead to the validator again. */
function dataOnly(ctx: Context, value: Value): Value {
  if (!(value instanceof Vertex)) return value;
  finalize(ctx, value);
  return copyData(value, undefined);
}

function copyData(given: Vertex, parent: Vertex | undefined): Vertex {
  const vertex = given.derefValue();
  const copy = new Vertex(parent, given.label);
  copy.isData = true;
  copy.status = "finalized";
  const { base } = vertex;
  copy.base = base?.type === "bottom" && base.childError === true ? { type: "structMarker" } : base;
  if (base?.type === "disjunction") {
    const [first] = base.values;
    if (base.defaults === 1 && first instanceof Vertex) return copyData(first, parent);
  }
  for (const arc of vertex.arcs)
    if (arc.arc === arcMember && isRegular(arc.label)) copy.addArc(copyData(arc, copy));
  return copy;
}

function onlyValidator(ctx: Context, call: BuiltinCall): Bottom | undefined {
  if (call.isValidator) return undefined;
  const { name } = call.builtin;
  return ctx.newBottom("eval", `${name} is a validator and should not be used as a function`, []);
}

function matchN(ctx: Context, call: BuiltinCall): Value | undefined {
  const misuse = onlyValidator(ctx, call);
  if (misuse !== undefined) return misuse;
  const [self, bound, list] = call.args;
  if (self === undefined || bound === undefined) return undefined;
  if (ctx.close.cycle === cyclic) return boolValue(true);
  const data = dataOnly(ctx, self);
  const elements = elementsOf(ctx, list);
  if (elements === undefined) return undefined;
  let count = 0;
  let possible = 0;
  const errors: Bottom[] = [];
  for (const element of elements) {
    const error = tryUnify(ctx, data, element);
    if (error === undefined) count++;
    else {
      if (isIncomplete(error)) possible++;
      errors.push(error);
    }
  }
  const fits = (value: number): boolean => tryUnify(ctx, intValue(value), bound) === undefined;
  if (fits(count)) return boolValue(true);
  let code: Bottom["code"] = "eval";
  for (let i = 1; i <= possible; i++) if (fits(count + i)) code = "incomplete";
  const message = ctx.newMessage(undefined, "%s matched, expected %s", [String(count), unwrap(bound) ?? bound]);
  return { type: "bottom", position: undefined, code, messages: [message], node: ctx.vertex, literal: false };
}

function matchIf(ctx: Context, call: BuiltinCall): Value | undefined {
  const misuse = onlyValidator(ctx, call);
  if (misuse !== undefined) return misuse;
  const [self, condition, then, otherwise] = call.args;
  if (self === undefined || condition === undefined || then === undefined || otherwise === undefined) return undefined;
  const data = dataOnly(ctx, self);
  const failed = tryUnify(ctx, data, condition);
  if (failed !== undefined && isIncomplete(failed)) return failed;
  const error = tryUnify(ctx, data, failed === undefined ? then : otherwise);
  if (error === undefined) return boolValue(true);
  return {
    type: "bottom",
    position: undefined,
    code: isIncomplete(error) ? "incomplete" : "eval",
    messages: error.messages,
    node: ctx.vertex,
    literal: false,
  };
}

export { concreteKnown, evalState };
