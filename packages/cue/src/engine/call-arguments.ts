/** The arguments of a call as the functions of built-in packages take them. */
import type { Call, Handle, Scalar as Plain, StructSummary } from "../builtins/contract.ts";
import { Decimal, decimalOf } from "../number/decimal.ts";
import type { BuiltinCall } from "./call.ts";
import type { Context } from "./context.ts";
import { getDefault } from "./evaluate.ts";
import { arcMember } from "./expr.ts";
import { builtinName } from "./format.ts";
import { BadArgument, ValueHandle } from "./handle.ts";
import { kindText, listKind, numberKind, stringKind, structKind } from "./kind.ts";
import { isRegular, isString } from "./label.ts";
import { completeArcsOnly, finalize } from "./unify.ts";
import type { Scalar, Value } from "./value.ts";
import { isScalar, kindOf, unwrap } from "./value.ts";
import { Vertex } from "./vertex.ts";

const int64 = { low: -(1n << 63n), high: (1n << 63n) - 1n };

export class CallArguments implements Call {
  readonly count: number;
  readonly isValidator: boolean;
  readonly #ctx: Context;
  readonly #call: BuiltinCall;

  constructor(ctx: Context, call: BuiltinCall) {
    this.#ctx = ctx;
    this.#call = call;
    this.count = call.args.length;
    this.isValidator = call.isValidator;
  }

  #argument(index: number): Value {
    const arg = this.#call.args[index];
    if (arg === undefined) throw this.#fatal("argument %s is missing", String(index + 1));
    return arg;
  }

  #fatal(format: string, ...args: unknown[]): BadArgument {
    return new BadArgument(this.#ctx.newBottom("eval", format, args));
  }
  #incomplete(format: string, ...args: unknown[]): BadArgument {
    return new BadArgument(this.#ctx.newBottom("incomplete", format, args));
  }

  schema(index: number): Handle {
    return new ValueHandle(this.#ctx, this.#argument(index));
  }

  value(index: number): Handle {
    const handle = this.schema(index);
    if (!handle.isConcrete()) throw this.#incomplete("non-concrete argument %s", String(index));
    return handle;
  }

  #scalar(index: number, wanted: string, fits: (value: Plain) => boolean): Plain {
    const arg = this.#argument(index);
    const value = new ValueHandle(this.#ctx, arg).scalar();
    if (fits(value)) return value;
    const kind = kindText(kindOf(unwrap(arg)));
    throw this.#fatal(
      "cannot use %s (type %s) as %s in argument %s to %s",
      arg,
      kind,
      wanted,
      String(index),
      builtinName(this.#call.builtin),
    );
  }

  string(index: number): string {
    const value = this.#scalar(index, "string", (each) => typeof each === "string" || each instanceof Uint8Array);
    return value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value);
  }
  bool(index: number): boolean {
    return this.#scalar(index, "bool", (each) => typeof each === "boolean") === true;
  }
  int(index: number): bigint {
    return BigInt(this.#scalar(index, "int", (each) => typeof each === "bigint") as bigint);
  }
  integer(index: number): number {
    const value = this.int(index);
    if (value >= int64.low && value <= int64.high) return Number(value);
    throw this.#fatal("int %s overflows int64 in argument %s in call to %s", String(value), String(index), builtinName(this.#call.builtin));
  }
  decimal(index: number): Decimal {
    const value = this.#scalar(index, "Decimal", (each) => typeof each === "bigint" || each instanceof Decimal);
    return typeof value === "bigint" ? decimalOf(value) : (value as Decimal);
  }
  bytes(index: number): Uint8Array {
    const value = this.#scalar(index, "bytes", (each) => typeof each === "string" || each instanceof Uint8Array);
    return typeof value === "string" ? new TextEncoder().encode(value) : (value as Uint8Array);
  }

  list(index: number): readonly Handle[] {
    return this.schema(index).elements();
  }

  strings(index: number): readonly string[] {
    return this.#scalars(index, "string", stringKind).map((element) => (element.type === "string" ? element.value : ""));
  }

  decimals(index: number): readonly Decimal[] {
    return this.#scalars(index, "number", numberKind).map((element) => {
      if (element.type === "float") return element.value;
      return decimalOf(element.type === "int" ? element.value : 0n);
    });
  }

  /** The elements of a list whose kinds must be among `wanted`. */
  #scalars(index: number, name: string, wanted: number): readonly Scalar[] {
    const arg = this.#argument(index);
    const list = unwrap(arg);
    if (!(list instanceof Vertex) || !list.isList()) {
      if (list?.type === "bottom") throw new BadArgument(list);
      if (list === undefined || (kindOf(list) & listKind) !== 0) throw this.#incomplete("non-concrete list for argument %s", String(index));
      throw this.#fatal(
        "cannot use %s (type %s) as list in argument %s to %s",
        arg,
        kindText(kindOf(list)),
        String(index),
        builtinName(this.#call.builtin),
      );
    }
    finalize(this.#ctx, list);
    return list.elements().map((element, at) => this.#element(element, at, { index, name, wanted }));
  }

  #element(element: Vertex, at: number, list: { readonly index: number; readonly name: string; readonly wanted: number }): Scalar {
    const ctx = this.#ctx;
    finalize(ctx, element);
    const before = ctx.errors;
    const value = unwrap(getDefault(ctx, element).value);
    ctx.errors = before;
    if (value !== undefined && isScalar(value) && (kindOf(value) & list.wanted) !== 0) return value;
    if (value?.type === "bottom") throw new BadArgument(value);
    const kind = element.kind();
    if ((kind & list.wanted) === 0) {
      throw this.#fatal(
        "invalid list element %s in argument %s to call: cannot use value %s (%s) as %s",
        String(at),
        String(list.index),
        element,
        kindText(kind),
        list.name,
      );
    }
    throw this.#incomplete(
      "non-concrete value %s for element %s of %s list argument %s",
      element,
      String(at),
      list.name,
      String(list.index),
    );
  }

  struct(index: number): StructSummary {
    const ctx = this.#ctx;
    const arg = this.#argument(index);
    const struct = arg instanceof Vertex ? arg.derefValue() : arg;
    if (struct instanceof Vertex && !struct.isList() && (struct.kind() & structKind) !== 0) {
      completeArcsOnly(ctx, struct);
      return {
        fieldCount: struct.arcs.filter((arc) => isString(arc.label) && arc.arc === arcMember).length,
        constraintCount: struct.arcs.filter((arc) => isRegular(arc.label) && arc.arc !== arcMember).length,
        isOpen: struct.isOpenStruct() || (struct.patterns?.length ?? 0) > 0,
      };
    }
    const value = unwrap(arg);
    if (value?.type === "bottom") throw new BadArgument(value);
    if ((kindOf(value) & structKind) !== 0) throw this.#incomplete("non-concrete struct for argument %s", String(index));
    throw this.#fatal(
      "cannot use %s (type %s) as struct in argument %s to %s",
      arg,
      kindText(kindOf(value)),
      String(index),
      builtinName(this.#call.builtin),
    );
  }
}
