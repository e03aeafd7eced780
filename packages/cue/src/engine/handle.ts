/** Values of the program as the functions of built-in packages see them. */
import type { Call, Data, Handle, Result, Scalar as Plain } from "../builtins/contract.ts";
import { CallFailure } from "../builtins/contract.ts";
import { Decimal, decimalOf } from "../number/decimal.ts";
import type { Bottom } from "./bottom.ts";
import type { BuiltinCall } from "./call.ts";
import type { Context } from "./context.ts";
import { equalValues } from "./equality.ts";
import { getDefault } from "./evaluate.ts";
import { arcMember, arcRequired } from "./expr.ts";
import type { Position } from "./expr.ts";
import { builtinName, formatValue } from "./format.ts";
import { kindText, listKind, structKind } from "./kind.ts";
import { isString, labelName, regularLabel, selectorText } from "./label.ts";
import { finalize, newInlineVertex } from "./unify.ts";
import type { Scalar, Value } from "./value.ts";
import { intValue, isConcrete, isScalar, kindOf, structMarker, unwrap } from "./value.ts";
import { rootCloseInfo, Vertex } from "./vertex.ts";

/** An argument that is not concrete all through: what it waits for. */
export class IncompleteArgument extends Error {
  readonly bottom: Bottom;
  constructor(bottom: Bottom) {
    super("incomplete argument");
    this.bottom = bottom;
  }
}

export function plain(value: Scalar): Plain {
  return value.type === "null" ? null : value.value;
}

export class ValueHandle implements Handle {
  readonly handle = true as const;
  readonly #ctx: Context;
  readonly value: Value;

  constructor(ctx: Context, value: Value) {
    this.#ctx = ctx;
    this.value = value;
  }

  #settled(): Value {
    const ctx = this.#ctx;
    if (this.value instanceof Vertex) finalize(ctx, this.value);
    const before = ctx.errors;
    ctx.errors = undefined;
    const chosen = getDefault(ctx, this.value);
    const error = ctx.errors as Bottom | undefined;
    ctx.errors = before;
    if (!chosen.ok || chosen.value === undefined) throw new IncompleteArgument(error ?? this.#incomplete(this.value));
    const value = unwrap(chosen.value) ?? chosen.value;
    if (value.type === "bottom") throw new IncompleteArgument(value);
    return value;
  }

  #incomplete(value: Value): Bottom {
    const path = value instanceof Vertex ? value.path().map(selectorText) : [];
    void path;
    return this.#ctx.newBottom("incomplete", "non-concrete value %s", [value]);
  }

  kinds(): number {
    return kindOf(unwrap(this.value) ?? this.value);
  }

  scalar(): Plain {
    const value = this.#settled();
    if (isScalar(value)) return plain(value);
    if (!isConcrete(value)) throw new IncompleteArgument(this.#incomplete(value));
    throw new CallFailure(`cannot use value ${formatValue(value)} (type ${kindText(kindOf(value))}) as scalar`);
  }

  elements(): readonly Handle[] {
    const value = this.#settled();
    if (!(value instanceof Vertex) || (kindOf(value) & listKind) === 0) throw new CallFailure(`cannot use ${formatValue(value)} as list`);
    return value.elements().map((element) => new ValueHandle(this.#ctx, element));
  }

  fields(): readonly { readonly label: string; readonly value: Handle }[] {
    const value = this.#settled();
    if (!(value instanceof Vertex) || (kindOf(value) & structKind) === 0) throw new CallFailure(`cannot use ${formatValue(value)} as struct`);
    return value
      .derefValue()
      .arcs.filter((arc) => isString(arc.label) && arc.arc === arcMember)
      .map((arc) => ({ label: labelName(arc.label), value: new ValueHandle(this.#ctx, arc) }));
  }

  data(): Data {
    const value = this.#settled();
    if (isScalar(value)) return plain(value);
    if (!(value instanceof Vertex)) throw new IncompleteArgument(this.#incomplete(value));
    if (value.isList()) return value.elements().map((element) => new ValueHandle(this.#ctx, element).data());
    if (!value.isStruct()) throw new IncompleteArgument(this.#incomplete(value));
    const fields = new Map<string, Data>();
    for (const arc of value.arcs) {
      if (!isString(arc.label)) continue;
      if (arc.arc === arcRequired)
        throw new IncompleteArgument(this.#ctx.newBottom("incomplete", "field is required but not present: %s", [selectorText(arc.label)]));
      if (arc.arc === arcMember) fields.set(labelName(arc.label), new ValueHandle(this.#ctx, arc).data());
    }
    return fields;
  }

  equals(other: Handle): boolean {
    return other instanceof ValueHandle && equalValues(this.#ctx, this.#finished(), other.#finished(), false);
  }

  #finished(): Value {
    if (this.value instanceof Vertex) finalize(this.#ctx, this.value);
    return this.value;
  }

  text(): string {
    return formatValue(this.#finished());
  }

  unifies(other: Handle, final: boolean): boolean {
    if (!(other instanceof ValueHandle)) return false;
    const both = newInlineVertex(this.#ctx, [
      { env: undefined, elem: this.value, close: rootCloseInfo },
      { env: undefined, elem: other.value, close: rootCloseInfo },
    ]);
    finalize(this.#ctx, both);
    if (both.isError()) return false;
    if (!final) return true;
    try {
      new ValueHandle(this.#ctx, both).data();
      return true;
    } catch (error) {
      if (error instanceof IncompleteArgument || error instanceof CallFailure) return false;
      throw error;
    }
  }

  fill(fields: Readonly<Record<string, Handle>>): Handle {
    const data = new Vertex(undefined, "");
    data.base = structMarker;
    data.isData = true;
    for (const [name, value] of Object.entries(fields)) {
      if (!(value instanceof ValueHandle)) continue;
      const arc = new Vertex(data, regularLabel(name));
      arc.conjuncts = [{ env: undefined, elem: value.value, close: rootCloseInfo }];
      arc.base = value.value;
      data.addArc(arc);
    }
    data.status = "finalized";
    const both = newInlineVertex(this.#ctx, [{ env: undefined, elem: this.value, close: rootCloseInfo }]);
    for (const arc of data.arcs) {
      const holder = new Vertex(undefined, "");
      holder.base = structMarker;
      holder.isData = true;
      holder.addArc(arc);
      holder.status = "finalized";
      both.conjuncts.push({ env: undefined, elem: holder, close: rootCloseInfo });
    }
    finalize(this.#ctx, both);
    return new ValueHandle(this.#ctx, both);
  }

  lookup(label: string): Handle | undefined {
    const value = this.#settled();
    if (!(value instanceof Vertex)) return undefined;
    const arc = value.lookup(regularLabel(label));
    return arc === undefined || arc.arc !== arcMember ? undefined : new ValueHandle(this.#ctx, arc);
  }
}

export class CallArguments implements Call {
  readonly count: number;
  readonly #ctx: Context;
  readonly #call: BuiltinCall;

  constructor(ctx: Context, call: BuiltinCall) {
    this.#ctx = ctx;
    this.#call = call;
    this.count = call.args.length;
  }

  value(index: number): Handle {
    const arg = this.#call.args[index];
    if (arg === undefined) throw new CallFailure(`argument ${index + 1} is missing`);
    return new ValueHandle(this.#ctx, arg);
  }

  #scalar(index: number, wanted: string): Plain {
    const handle = this.value(index);
    const value = handle.scalar();
    const kind =
      value === null
        ? "null"
        : typeof value === "boolean"
          ? "bool"
          : typeof value === "bigint"
            ? "int"
            : typeof value === "string"
              ? "string"
              : value instanceof Decimal
                ? "float"
                : "bytes";
    const fits = wanted === "number" ? kind === "int" || kind === "float" : wanted === "text" ? kind === "string" || kind === "bytes" : kind === wanted;
    if (fits) return value;
    throw new CallFailure(
      `cannot use ${handle.text()} (type ${kind}) as ${wanted === "text" ? "(string|bytes)" : wanted} in argument ${index + 1} to ${builtinName(this.#call.builtin)}`,
    );
  }

  string(index: number): string {
    const value = this.#scalar(index, "text");
    return value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value);
  }
  bool(index: number): boolean {
    return this.#scalar(index, "bool") === true;
  }
  int(index: number): bigint {
    const value = this.#scalar(index, "number");
    if (typeof value === "bigint") return value;
    throw new CallFailure(`cannot use ${this.value(index).text()} (type float) as int in argument ${index + 1} to ${builtinName(this.#call.builtin)}`);
  }
  integer(index: number): number {
    const value = this.int(index);
    if (value > 0x7fffffffffffffffn || value < -0x8000000000000000n)
      throw new CallFailure(
        `cannot use ${String(value)} (type int) as int in argument ${index + 1} to ${builtinName(this.#call.builtin)}: int ${value < 0n ? "underflows" : "overflows"} int64`.replace(/: int/, ": value was rounded down"),
      );
    return Number(value);
  }
  decimal(index: number): Decimal {
    const value = this.#scalar(index, "number");
    return typeof value === "bigint" ? decimalOf(value) : (value as Decimal);
  }
  bytes(index: number): Uint8Array {
    const value = this.#scalar(index, "text");
    return typeof value === "string" ? new TextEncoder().encode(value) : (value as Uint8Array);
  }
  list(index: number): readonly Handle[] {
    return this.value(index).elements();
  }
  strings(index: number): readonly string[] {
    return this.list(index).map((element, i) => {
      const value = element.scalar();
      if (typeof value !== "string")
        throw new CallFailure(
          `invalid list element ${i} in argument ${index} to call: cannot use value ${element.text()} (${kindText(element.kinds())}) as string`,
        );
      return value;
    });
  }
}

/** A value of the program from what a function returned. */
export function fromResult(ctx: Context, result: Result, position: Position | undefined): Value {
  if (result === null) return { type: "null", position };
  switch (typeof result) {
    case "boolean":
      return { type: "bool", value: result, position };
    case "string":
      return { type: "string", value: result, position };
    case "bigint":
      return intValue(result, position);
    default:
  }
  if (result instanceof Decimal) return { type: "float", value: result, position };
  if (result instanceof Uint8Array) return { type: "bytes", value: result, position };
  if (result instanceof ValueHandle) return result.value;
  if ("handle" in result) return fromResult(ctx, (result as Handle).data(), position);
  const vertex = new Vertex(undefined, "");
  vertex.isDynamic = true;
  vertex.isData = true;
  if (isMap(result)) {
    vertex.base = structMarker;
    for (const [name, each] of result) addData(ctx, vertex, regularLabel(name), each, position);
  } else {
    vertex.base = { type: "listMarker", isOpen: false };
    result.forEach((each, i) => {
      addData(ctx, vertex, i, each, position);
    });
  }
  vertex.status = "finalized";
  return vertex;
}

function isMap(result: object): result is ReadonlyMap<string, Result> {
  return result instanceof Map;
}

function addData(ctx: Context, parent: Vertex, label: string | number, result: Result, position: Position | undefined): void {
  const value = fromResult(ctx, result, position);
  const arc = new Vertex(parent, label);
  if (value instanceof Vertex && value.status === "finalized" && value.isData) {
    arc.base = value.base;
    arc.isData = true;
    arc.setArcs(value.arcs);
    for (const each of value.arcs) each.parent = arc;
    arc.status = "finalized";
  } else if (value instanceof Vertex) arc.conjuncts = [{ env: undefined, elem: value, close: rootCloseInfo }];
  else {
    arc.base = value;
    arc.isData = true;
    arc.status = "finalized";
  }
  parent.addArc(arc);
}
