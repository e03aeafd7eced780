/** The predeclared functions: they look at values as they are, concrete or not. */
import { utf8Length } from "../syntax/position.ts";
import type { Bottom } from "./bottom.ts";
import type { BuiltinCall, PredeclaredFunction, RawFunction } from "./call.ts";
import { concreteKnown } from "./conditions.ts";
import type { Context } from "./context.ts";
import { valueOf } from "./evaluate.ts";
import { arcMember } from "./expr.ts";
import type { Call, DisjunctionExpr } from "./expr.ts";
import { boolKind, bytesKind, intKind, kindText, listKind, stringKind, structKind, topKind } from "./kind.ts";
import { isString } from "./label.ts";
import { matchIf, matchN } from "./match.ts";
import { binaryOp } from "./operators.ts";
import { completeArcsOnly, finalize, newInlineVertex } from "./unify.ts";
import type { Builtin, Value } from "./value.ts";
import { intValue, kindOf, top, unwrap } from "./value.ts";
import { rootCloseInfo, Vertex } from "./vertex.ts";

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
  error: builtin("error", [stringKind], topKind & ~boolKind),
  __closeAll: builtin("__closeAll", [topKind], topKind),
  __reclose: builtin("__reclose", [topKind], topKind),
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
  matchN,
  matchIf,
};

/** These look at their arguments before they are evaluated. */
export const predeclaredRawFunctions: Readonly<Record<string, RawFunction>> = {
  error: userError,
  __closeAll: explicitOpenOnly,
  __reclose: explicitOpenOnly,
};

/** What cannot be computed stands in the message as its expression. */
function userError(ctx: Context, call: Call): Bottom | undefined {
  const [message] = call.args;
  if (message === undefined) return undefined;
  const parts = message.type === "interpolation" ? message.parts : [message];
  const args = parts.map((part) => {
    const before = ctx.errors;
    ctx.errors = undefined;
    const value = valueOf(ctx, part, { condition: concreteKnown, mode: "yield" });
    const failed = ctx.errors !== undefined || value === undefined || value.type === "bottom";
    ctx.errors = before;
    if (failed) return part;
    return value.type === "string" ? value.value : value;
  });
  return ctx.newBottom("user", args.map(() => "%s").join(""), args, call.position);
}

function explicitOpenOnly(ctx: Context, call: Call, builtin: Builtin): Bottom {
  const [arg] = call.args;
  const isLiteral = arg?.type === "structLit" || arg?.type === "listLit";
  const reason = isLiteral ? `${builtin.name} may only be used when explicitopen is enabled` : "argument must be a struct or list literal";
  const cause = [ctx.newMessage(call.position, reason, [])];
  const bottom = ctx.newBottom("eval", "error in call to %s", [builtin.name], call.position);
  return { ...bottom, messages: bottom.messages.map((message) => ({ ...message, cause })) };
}

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
  return ctx.newBottom("incomplete", "incomplete argument %s (type %s)", [value, kindText(kindOf(value))]);
}

function close(ctx: Context, { args: [arg] }: BuiltinCall): Value | undefined {
  if (!(arg instanceof Vertex)) return arg;
  const vertex = newInlineVertex(ctx, [{ env: undefined, elem: arg, close: rootCloseInfo }]);
  vertex.closedOnce = true;
  completeArcsOnly(ctx, vertex);
  return vertex;
}

export function elementsOf(ctx: Context, arg: Value | undefined): readonly Vertex[] | undefined {
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
