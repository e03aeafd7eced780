/** Calls of functions, and functions used as validators by leaving out their first argument. */
import { CallFailure, ValidationFailure } from "../builtins/contract.ts";
import type { Bottom, Message } from "./bottom.ts";
import { combineErrors } from "./bottom.ts";
import { predeclaredFunctions, predeclaredRawFunctions } from "./builtin-functions.ts";
import { concreteKnown, disjunctionTask, fieldSetKnown } from "./conditions.ts";
import type { Flags } from "./conditions.ts";
import type { Context } from "./context.ts";
import { addNodePositions } from "./context.ts";
import { equalValues } from "./equality.ts";
import { evalState, evalWithClose, valueOf } from "./evaluate.ts";
import type { Call, Position } from "./expr.ts";
import { builtinName, formatValue } from "./format.ts";
import { CallArguments } from "./call-arguments.ts";
import { fromResult } from "./call-result.ts";
import { BadArgument } from "./handle.ts";
import { boolKind, funcKind, kindText } from "./kind.ts";
import type { Builtin, BuiltinValidator, Value } from "./value.ts";
import { boolValue, isConcrete, isScalar, kindOf, unwrap } from "./value.ts";
import { Vertex } from "./vertex.ts";

export interface BuiltinCall {
  readonly builtin: Builtin;
  readonly args: readonly Value[];
  readonly position: Position | undefined;
  readonly isValidator: boolean;
}

/** A predeclared function that looks at its arguments before they are evaluated. */
export type RawFunction = (ctx: Context, call: Call, builtin: Builtin) => Value | undefined;

/** Predeclared functions work on values as they are; those of packages get data. */
export type PredeclaredFunction = (ctx: Context, call: BuiltinCall) => Value | undefined;

function isValidatorUse(builtin: Builtin, count: number): boolean {
  return count === builtin.parameters.length - 1 && (builtin.result & ~boolKind) === 0 && defaultOf(builtin, count) === undefined;
}

/** What stands for an argument that is left out. */
function defaultOf(builtin: Builtin, index: number): Value | undefined {
  const choices = builtin.choices?.get(index);
  return choices?.hasDefaults === true ? choices.values[0] : undefined;
}

export function callBuiltin(ctx: Context, call: Call, flags: Flags): Value | undefined {
  const callee = valueOf(ctx, call.callee, { condition: concreteKnown, mode: "yield" });
  if (callee === undefined) return undefined;
  switch (callee.type) {
    case "bottom":
      return callee;
    case "builtin":
      return rawCall(ctx, callee, call, flags);
    case "validator":
      if (callee.call !== undefined) return ctx.newBottom("eval", "cannot call previously called validator %s", [call.callee]);
      if (isValidatorUse(callee.builtin, call.args.length)) return { ...callee, call };
      return rawCall(ctx, callee.builtin, call, flags);
    default: {
      const kind = kindOf(callee);
      if (!isConcrete(callee) && (kind & funcKind) !== 0)
        ctx.fail("incomplete", call.callee.position, "cannot call non-concrete value %s (type %s)", call.callee, kindText(kind));
      else ctx.fail("eval", ctx.source, "cannot call non-function %s (type %s)", call.callee, kindText(kind));
      return undefined;
    }
  }
}

function rawCall(ctx: Context, builtin: Builtin, call: Call, flags: Flags): Value | undefined {
  const raw = builtin.run === undefined ? predeclaredRawFunctions[builtin.name] : undefined;
  if (raw !== undefined && call.args.length === builtin.parameters.length) return raw(ctx, call, builtin);
  const saved = ctx.close;
  // What is passed is open.
  ctx.close = { ...saved, fromDefinition: false, fromEmbedding: false };
  const args: Value[] = [];
  for (const arg of call.args) {
    const before = ctx.errors;
    ctx.errors = undefined;
    const value = builtin.nonConcrete
      ? evalState(ctx, arg, flags)
      : valueOf(ctx, arg, { ...flags, condition: flags.condition | fieldSetKnown | concreteKnown | disjunctionTask });
    if (value === undefined) {
      if (ctx.errors === undefined) ctx.fail("incomplete", arg.position, "argument %s to function %s is incomplete", arg, call.callee);
    } else if (value.type === "bottom") ctx.errors = combineErrors(ctx.errors, value);
    else args.push(value);
    const failed = ctx.takeErrors();
    // The elements of a list are looked at by the function itself.
    const isInside = failed !== undefined && builtin.run === undefined && arg.type === "listLit";
    ctx.errors = combineErrors(before, isInside ? wrapped(ctx, builtin, call.position, failed) : failed);
  }
  ctx.close = saved;
  if (ctx.errors !== undefined) return undefined;
  if (isValidatorUse(builtin, args.length)) return { type: "validator", call, builtin, args, position: call.position };
  const result = invoke(ctx, { builtin, args, position: call.position, isValidator: false });
  if (result === undefined) return undefined;
  if (result.type === "bottom") return result;
  const evaluated = evalWithClose(ctx, result, { condition: flags.condition, mode: flags.mode });
  ctx.close = evaluated.close;
  return evaluated.value;
}

/** With the defaults of what is left out; undefined where there are too many or too few, which the context then tells. */
function completed(ctx: Context, call: BuiltinCall): BuiltinCall | undefined {
  const { builtin, args } = call;
  const want = builtin.parameters.length;
  const have = args.length;
  if (have === want) return call;
  const all = [...args];
  for (let value = defaultOf(builtin, all.length); value !== undefined; value = defaultOf(builtin, all.length)) all.push(value);
  if (all.length === want && have < want) return { ...call, args: all };
  const which = have > want ? "too many" : "not enough";
  const name = builtinName(builtin);
  ctx.fail("eval", call.position, "%s arguments in call to %s (have %s, want %s)", which, name, String(have), String(want));
  return undefined;
}

/** Whether the arguments are of the kinds and among the values that the parameters take; the context tells what is not. */
function argumentsFit(ctx: Context, { builtin, args }: BuiltinCall): boolean {
  for (const [i, arg] of args.entries()) {
    const wanted = builtin.parameters[i] ?? 0;
    const kind = kindOf(unwrap(arg) ?? arg);
    const place = [String(i + 1), builtinName(builtin)];
    if ((kind & wanted) === 0) {
      ctx.fail("eval", arg.position, "cannot use %s (type %s) as %s in argument %s to %s", arg, kindText(kind), kindText(wanted), ...place);
      return false;
    }
    const choices = builtin.choices?.get(i);
    const value = unwrap(arg) ?? arg;
    if (choices !== undefined && isScalar(value) && !choices.values.some((choice) => equalValues(ctx, choice, value, false))) {
      ctx.fail("eval", arg.position, "cannot use %s as %s in argument %s to %s", arg, choices, ...place);
      return false;
    }
  }
  return true;
}

/** The result; an error of the call itself is in the context. */
export function invoke(ctx: Context, given: BuiltinCall): Value | undefined {
  const call = completed(ctx, given);
  if (call === undefined) return undefined;
  const { builtin, args } = call;
  for (const arg of args) {
    const value = arg instanceof Vertex ? arg.value() : arg;
    if (value?.type === "bottom") return value;
  }
  if (!argumentsFit(ctx, call)) return undefined;
  const saved = ctx.close;
  ctx.close = { ...saved, fromDefinition: false, fromEmbedding: false };
  ctx.inCall++;
  try {
    const predeclared = builtin.run === undefined ? predeclaredFunctions[builtin.name] : undefined;
    if (predeclared !== undefined) {
      const result = predeclared(ctx, call);
      return result?.type === "bottom" && !call.isValidator ? wrapped(ctx, builtin, call.position, result) : result;
    }
    if (builtin.run === undefined) return undefined;
    return fromResult(ctx, builtin.run(new CallArguments(ctx, call)), call.position);
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    const bottom = error instanceof BadArgument ? error.bottom : failureBottom(ctx, error, args);
    // What a validator says is told as the reason why the value does not satisfy it.
    if (call.isValidator) return bottom;
    return error instanceof ValidationFailure ? boolValue(false, call.position) : wrapped(ctx, builtin, call.position, bottom);
  } finally {
    ctx.inCall--;
    ctx.close = saved;
  }
}

function failureBottom(ctx: Context, failure: CallFailure, args: readonly Value[]): Bottom {
  const bottom = ctx.newBottom(failure.incomplete ? "incomplete" : "eval", "%s", [failure.message], undefined);
  const position = failure.argument === undefined ? undefined : args[failure.argument]?.position;
  if (position !== undefined) bottom.messages[0]?.positions.push(position);
  return bottom;
}

/** Each message says in which call it came up. */
function wrapped(ctx: Context, builtin: Builtin, position: Position | undefined, bottom: Bottom): Bottom {
  const name = builtinName(builtin);
  const causes = bottom.messages.length === 0 ? [undefined] : bottom.messages.map((cause) => [cause]);
  const messages = causes.map((cause) => ({ ...ctx.newMessage(position, "error in call to %s", [name]), cause }));
  return { ...bottom, messages, node: ctx.vertex };
}

/** Why `value` does not satisfy the validator. */
export function validateWithBuiltin(ctx: Context, validator: BuiltinValidator, value: Value): Bottom | undefined {
  const { builtin } = validator;
  const position = validator.call?.position ?? validator.position;
  const before = ctx.errors;
  ctx.errors = undefined;
  ctx.validating++;
  let result: Value | undefined;
  try {
    result = invoke(ctx, { builtin, args: [value, ...validator.args], position, isValidator: true });
  } finally {
    ctx.validating--;
  }
  const failed = ctx.errors;
  ctx.errors = before;
  if (failed !== undefined && result === undefined) return failed;
  let code: Bottom["code"] = "eval";
  let cause: readonly Message[] | undefined;
  if (result === undefined) return undefined;
  if (result.type === "bool") {
    if (result.value) return undefined;
  } else if (result.type === "bottom") {
    code = result.code;
    cause = result.messages;
  } else return ctx.newBottom("eval", "invalid validator %s", [builtinName(builtin)]);
  const own = unwrap(value);
  if (own?.type === "bottom") return own;
  const shown =
    !builtin.nonConcrete && builtin.parameters.length > 1 ? `(${validator.args.map((arg) => formatValue(arg)).join(", ")})` : "";
  const message: Message = {
    ...ctx.newMessage(position, "invalid value %s (does not satisfy %s)", [value, builtinName(builtin) + shown]),
    cause,
  };
  for (const arg of [value, ...validator.args]) {
    // The schemas of a predeclared validator are told by what they find wrong.
    if (arg !== value && arg instanceof Vertex && builtin.run === undefined) continue;
    addNodePositions(arg, (at) => {
      if (at !== undefined) message.positions.push(at);
    });
  }
  return { type: "bottom", position, code, messages: [message], node: ctx.vertex, literal: false };
}
