/** Calls: the predeclared functions, and those of the built-in packages. */
import type { JsonValue } from "@slipway/std";
import type * as ast from "../syntax/ast.ts";
import { utf8Length } from "../syntax/position.ts";
import { builtinPackage } from "../builtins/packages.ts";
import type { Atom } from "./atom.ts";
import { floatAtom, intAtom, stringAtom } from "./atom.ts";
import type { Bottom } from "./bottom.ts";
import type { Evaluator, Outcome } from "./evaluator.ts";
import { exportJson } from "./export.ts";
import { arithmetic } from "./operators.ts";
import type { Alternative, CloseGroup, Environment, Term } from "./vertex.ts";
import { Vertex } from "./vertex.ts";

export type CallOutcome =
  | Outcome
  | { readonly validator: { readonly text: string; readonly check: (vertex: Vertex) => string | undefined } }
  | { readonly terms: readonly Term[]; readonly groups: readonly CloseGroup[] }
  | { readonly alternatives: readonly Alternative[] };

export function callFunction(e: Evaluator, call: ast.Call, env: Environment, at: Vertex): CallOutcome {
  const fail = (message: string): CallOutcome => ({ bottom: e.bottom("eval", at, message, call, env) });
  const { callee, args } = call;
  if (callee.type === "Ident") {
    const resolution = env.package.resolution(callee);
    if (resolution?.type === "predeclared") return predeclaredCall(e, resolution.name, call, env, at);
  }
  if (callee.type === "Selector" && callee.operand.type === "Ident") {
    const resolution = env.package.resolution(callee.operand);
    if (resolution?.type === "import") {
      const library = builtinPackage(resolution.path);
      const name = callee.label.type === "IdentLabel" ? callee.label.name : callee.label.value;
      const function_ = library?.functions[name];
      if (library !== undefined && function_ === undefined) return fail(`cannot call non-function ${callee.operand.name}.${name}`);
      if (function_ !== undefined) return libraryCall(e, `${callee.operand.name}.${name}`, function_, args, env, call, at);
    }
  }
  return fail("cannot call non-function");
}

function predeclaredCall(e: Evaluator, name: string, call: ast.Call, env: Environment, at: Vertex): CallOutcome {
  const fail = (message: string): CallOutcome => ({ bottom: e.bottom("eval", at, message, call, env) });
  const [first, second] = call.args;
  if (first === undefined) return fail(`not enough arguments in call to ${name}`);
  switch (name) {
    case "close":
      return { terms: [{ type: "expr", expr: first, env }], groups: [{ recursive: false }] };
    case "len":
      return length(e, first, env, at);
    case "and":
    case "or": {
      const list = e.value(first, env);
      if (!(list instanceof Vertex)) return { bottom: list };
      const error = e.errorOf(list);
      if (error !== undefined) return { bottom: error };
      if (list.items === undefined) return fail(`cannot use ${e.describe(list)} as list in argument 1 to ${name}`);
      const terms = list.items.map((vertex): Term => ({ type: "vertex", vertex }));
      if (name === "and") return { terms, groups: [] };
      if (terms.length === 0) return { bottom: e.bottom("incomplete", at, "empty list in call to or", call, env) };
      return { alternatives: terms.map((term) => ({ term, marked: false })) };
    }
    case "error": {
      const message = e.atom(first, env);
      return { bottom: "category" in message ? message : e.bottom("user", at, String(message.value), call, env) };
    }
    case "div":
    case "mod":
    case "quo":
    case "rem": {
      const a = e.atom(first, env);
      if ("category" in a) return { bottom: a };
      const b = second === undefined ? undefined : e.atom(second, env);
      if (b === undefined) return fail(`not enough arguments in call to ${name}`);
      if ("category" in b) return { bottom: b };
      return (
        arithmetic(name, a, b, (message): Outcome => ({ bottom: e.bottom("eval", at, message, call, env) })) ??
        fail(`invalid operands to ${name}`)
      );
    }
    default:
      return fail(`cannot call non-function ${name}`);
  }
}

function length(e: Evaluator, expr: ast.Expression, env: Environment, at: Vertex): CallOutcome {
  const value = e.value(expr, env);
  if (!(value instanceof Vertex)) return { bottom: value };
  const error = e.errorOf(value);
  if (error !== undefined) return { bottom: error };
  if (value.pending !== undefined) return { bottom: value.pending };
  if (value.items !== undefined) return { atom: intAtom(value.items.length) };
  if (value.isStruct)
    return { atom: intAtom([...value.arcs].filter(([key, arc]) => key.startsWith(".") && arc.constraint !== "optional").length) };
  if (value.atom?.kind === "string") return { atom: intAtom(utf8Length(String(value.atom.value))) };
  if (value.atom?.kind === "bytes") return { atom: intAtom(String(value.atom.value).length) };
  return { bottom: e.bottom("eval", at, `invalid argument type ${value.atom?.kind ?? "_"}`, expr, env) };
}

/** What a built-in function gets and gives: JSON, with big integers and bytes told apart. */
export type Plain = JsonValue | bigint | { readonly bytes: string } | { readonly float: number };

export interface LibraryFunction {
  /** Number of arguments; with one fewer it is a validator of the value. */
  readonly arity: number;
  /** Throws an Error whose message says why the arguments do not do. */
  readonly call: (args: readonly Plain[]) => Plain;
  readonly validator?: boolean;
}

function libraryCall(
  e: Evaluator,
  name: string,
  function_: LibraryFunction,
  args: readonly ast.Expression[],
  env: Environment,
  call: ast.Call,
  at: Vertex,
): CallOutcome {
  const plain: Plain[] = [];
  for (const arg of args) {
    const value = e.value(arg, env);
    const converted = value instanceof Vertex ? toPlain(e, value) : value;
    if (isBottom(converted)) return { bottom: converted.at.length > 0 ? converted : { ...converted, at: [env.package.position(call)] } };
    plain.push(converted);
  }
  const run = (all: readonly Plain[]): Plain | Error => {
    try {
      return function_.call(all);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };
  if (plain.length === function_.arity - 1 && function_.validator === true) {
    return {
      validator: {
        text: name,
        check: (vertex) => {
          const value = toPlain(e, vertex);
          if (isBottom(value)) return undefined;
          const result = run([value, ...plain]);
          if (result instanceof Error) return `invalid value ${e.describe(vertex)} (does not satisfy ${name}): ${result.message}`;
          return result === false
            ? `invalid value ${e.describe(vertex)} (does not satisfy ${name}(${plain.map((item) => JSON.stringify(item)).join(", ")}))`
            : undefined;
        },
      },
    };
  }
  if (plain.length !== function_.arity)
    return {
      bottom: e.bottom(
        "eval",
        at,
        `${plain.length < function_.arity ? "not enough" : "too many"} arguments in call to ${name} (have ${plain.length}, want ${function_.arity})`,
        call,
        env,
      ),
    };
  const result = run(plain);
  if (result instanceof Error) return { bottom: e.bottom("eval", at, `error in call to ${name}: ${result.message}`, call, env) };
  return fromPlain(result);
}

function isBottom(value: unknown): value is Bottom {
  return typeof value === "object" && value !== null && "category" in value && "message" in value && "at" in value;
}

function toPlain(e: Evaluator, vertex: Vertex): Plain | Bottom {
  const settled = e.settle(vertex);
  const error = e.errorOf(settled);
  if (error !== undefined) return error;
  if (settled.atom?.kind === "bytes") return { bytes: String(settled.atom.value) };
  if (settled.atom?.kind === "float") return { float: settled.atom.value as number };
  if (settled.atom?.kind === "int" && typeof settled.atom.value === "bigint") return settled.atom.value;
  const exported = exportJson(e, settled);
  return exported.ok ? exported.value : (exported.errors[0] ?? e.bottom("incomplete", settled, "incomplete value"));
}

function fromPlain(value: Plain): Outcome {
  const atom = plainAtom(value);
  if (atom !== undefined) return { atom };
  return { term: { type: "json", value: value as JsonValue } };
}

function plainAtom(value: Plain): Atom | undefined {
  if (typeof value === "string") return stringAtom(value);
  if (typeof value === "bigint") return intAtom(value);
  if (typeof value === "number") return Number.isInteger(value) ? intAtom(value) : floatAtom(value);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    if ("bytes" in value && typeof value["bytes"] === "string" && Object.keys(value).length === 1)
      return { kind: "bytes", value: value["bytes"] };
    if ("float" in value && typeof value["float"] === "number" && Object.keys(value).length === 1) return floatAtom(value["float"]);
  }
  return undefined;
}
