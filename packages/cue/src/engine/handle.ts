/** Values of the program as the functions of built-in packages see them. */
import type { Data, Demand, Handle, IncompleteWording, Scalar as Plain } from "../builtins/contract.ts";
import { CallFailure } from "../builtins/contract.ts";
import type { Bottom } from "./bottom.ts";
import { checkFailure } from "./check.ts";
import type { Context } from "./context.ts";
import { addNodePositions } from "./context.ts";
import { fromData } from "./data.ts";
import { equalValues } from "./equality.ts";
import { getDefault } from "./evaluate.ts";
import { arcMember, arcRequired } from "./expr.ts";
import { errorAt, findErrors } from "./find-errors.ts";
import { formatMessage, formatValue } from "./format.ts";
import { kindText, listKind, structKind } from "./kind.ts";
import { isRegular, isString, labelName, regularLabel } from "./label.ts";
import { finalize, newInlineVertex } from "./unify.ts";
import type { Scalar, Value } from "./value.ts";
import { isConcrete, isIncomplete, isScalar, kindOf, structMarker, unwrap } from "./value.ts";
import { rootCloseInfo, Vertex } from "./vertex.ts";

/** An argument that a function cannot use, as an error value. */
export class BadArgument extends CallFailure {
  readonly bottom: Bottom;
  constructor(bottom: Bottom) {
    const [first] = bottom.messages;
    super(first === undefined ? "cycle" : formatMessage(first), { incomplete: isIncomplete(bottom) });
    this.bottom = bottom;
  }
}

export function plain(value: Scalar): Plain {
  return value.type === "null" ? null : value.value;
}

/** Data that nests deeper is refused: its readers would overflow the stack. */
const maxDataDepth = 1000;

export class ValueHandle implements Handle {
  readonly handle = true as const;
  readonly #ctx: Context;
  readonly value: Value;

  constructor(ctx: Context, value: Value) {
    this.#ctx = ctx;
    this.value = value;
  }

  /** With the default chosen; undefined, with the reason, where there are several alternatives. */
  #chosen(): { readonly value: Value | undefined; readonly error: Bottom | undefined } {
    const ctx = this.#ctx;
    const given = this.#finished();
    const before = ctx.errors;
    ctx.errors = undefined;
    const chosen = getDefault(ctx, given);
    const error = ctx.errors as Bottom | undefined;
    ctx.errors = before;
    return { value: chosen.ok ? chosen.value : undefined, error };
  }

  #finished(): Value {
    if (this.value instanceof Vertex) finalize(this.#ctx, this.value);
    return this.value;
  }

  #settled(): Value {
    const { value, error } = this.#chosen();
    const settled = unwrap(value);
    if (settled?.type === "bottom") throw new BadArgument(settled);
    if (settled === undefined) throw new BadArgument(error ?? this.#incomplete("non-concrete value %s", this.value));
    return settled;
  }

  #incomplete(format: string, ...args: unknown[]): Bottom {
    return this.#placed(this.#ctx.newBottom("incomplete", format, args));
  }

  /** With the places that this value comes from. */
  #placed(bottom: Bottom): Bottom {
    const [message] = bottom.messages;
    addNodePositions(this.value, (at) => {
      if (at !== undefined) message?.positions.push(at);
    });
    return bottom;
  }

  /** The error of a value that is not of the kind that is needed, or not concrete. */
  #unfit(value: Value, wanted: string, wantedKinds: number): BadArgument {
    const kind = kindOf(value);
    if ((kind & wantedKinds) !== 0) return new BadArgument(this.#incomplete("non-concrete value %s", kindText(kind)));
    return new BadArgument(this.#ctx.newBottom("eval", "cannot use value %s (type %s) as %s", [value, kindText(kind), wanted]));
  }

  kinds(): number {
    return kindOf(unwrap(this.value) ?? this.value);
  }

  isConcrete(): boolean {
    const value = this.#finished();
    // An error is told by what reads the value.
    return isConcrete(value) || unwrap(value)?.type === "bottom";
  }

  isFinal(): boolean {
    return isFinal(this.#finished(), false);
  }

  isOpen(): boolean {
    const value = this.#settled();
    return value instanceof Vertex && value.base?.type === "listMarker" && value.base.isOpen;
  }

  withDefault(): Handle {
    const { value } = this.#chosen();
    return value === undefined || value === this.value ? this : new ValueHandle(this.#ctx, value);
  }

  scalar(): Plain {
    const value = this.#settled();
    if (isScalar(value)) return plain(value);
    throw this.#unfit(value, "scalar", isConcrete(value) ? 0 : kindOf(value));
  }

  elements(): readonly Handle[] {
    const value = this.#settled();
    if (!(value instanceof Vertex) || !value.isList()) throw this.#unfit(value, "list", listKind);
    return value.elements().map((element) => new ValueHandle(this.#ctx, element));
  }

  fields(): readonly { readonly label: string; readonly value: Handle }[] {
    const value = this.#settled();
    if (!(value instanceof Vertex) || !value.isStruct()) throw this.#unfit(value, "struct", structKind);
    return value.arcs
      .filter((arc) => isString(arc.label) && arc.arc === arcMember)
      .map((arc) => ({ label: labelName(arc.label), value: new ValueHandle(this.#ctx, arc) }));
  }

  data(incomplete: IncompleteWording = { message: (text) => `incomplete value ${text}`, place: "value" }): Data {
    return this.#data(incomplete, 0);
  }

  #data(incomplete: IncompleteWording, depth: number): Data {
    const ctx = this.#ctx;
    if (ctx.step() && ctx.exhausted !== undefined) throw new BadArgument(ctx.exhausted);
    if (depth > maxDataDepth) throw new BadArgument(ctx.newBottom("eval", "value nests too deeply", []));
    const given = this.#finished();
    // The errors below rather than that there are some.
    const bottom = given instanceof Vertex ? given.bottom() : undefined;
    if (bottom?.childError === true && given instanceof Vertex) {
      const below = findErrors(ctx, given, { demand: "consistent" });
      if (below !== undefined) throw new BadArgument(below);
    }
    const { value: chosen } = this.#chosen();
    const value = unwrap(chosen);
    if (value?.type === "bottom") throw new BadArgument(value);
    if (value !== undefined && isScalar(value)) return plain(value);
    if (value instanceof Vertex && value.isList())
      return value.elements().map((element) => new ValueHandle(ctx, element).#data(incomplete, depth + 1));
    if (!(value instanceof Vertex) || !value.isStruct()) {
      const shown = unwrap(given) ?? given;
      const failed = ctx.newBottom("incomplete", "%s", [incomplete.message(formatValue(shown))]);
      const field = given instanceof Vertex ? given.derefValue().conjuncts.find(({ elem }) => elem.type === "field")?.elem : undefined;
      const place = (incomplete.place === "field" ? field : undefined) ?? shown;
      if (place.position !== undefined) failed.messages[0]?.positions.push(place.position);
      throw new BadArgument(failed);
    }
    const fields = new Map<string, Data>();
    for (const arc of value.arcs) {
      if (!isString(arc.label)) continue;
      if (arc.arc === arcRequired) throw new BadArgument(errorAt(ctx, arc, "field is required but not present", []));
      if (arc.arc === arcMember) fields.set(labelName(arc.label), new ValueHandle(ctx, arc).#data(incomplete, depth + 1));
    }
    return fields;
  }

  require(demand: Demand): void {
    const ctx = this.#ctx;
    const given = this.#finished();
    const failed = given instanceof Vertex ? findErrors(ctx, given, { demand }) : undefined;
    if (failed !== undefined) throw new BadArgument(failed);
  }

  equals(other: Handle): boolean {
    return other instanceof ValueHandle && equalValues(this.#ctx, this.#finished(), other.#finished(), false);
  }

  text(): string {
    return formatValue(this.#finished());
  }

  unifies(other: Handle, demand: Demand): boolean {
    return other instanceof ValueHandle && checkFailure(this.#ctx, other.value, this.value, { demand, first: true }) === undefined;
  }

  check(data: Data, demand: Demand): void {
    const failed = checkFailure(this.#ctx, fromData(data), this.value, { demand, paths: this.#ctx.validating === 0 });
    if (failed === undefined) return;
    // The data will not become more concrete.
    throw new BadArgument(demand === "concrete" && isIncomplete(failed) ? { ...failed, code: "eval" } : failed);
  }

  fill(fields: Readonly<Record<string, Handle>>): Handle {
    const both = newInlineVertex(this.#ctx, []);
    for (const [name, value] of Object.entries(fields)) {
      if (!(value instanceof ValueHandle)) continue;
      const holder = new Vertex(undefined, "");
      holder.base = structMarker;
      holder.isData = true;
      const arc = new Vertex(holder, regularLabel(name));
      arc.conjuncts = [{ env: undefined, elem: value.value, close: rootCloseInfo }];
      arc.base = value.value;
      holder.addArc(arc);
      holder.status = "finalized";
      both.conjuncts.push({ env: undefined, elem: holder, close: rootCloseInfo });
    }
    both.conjuncts.push({ env: undefined, elem: this.value, close: rootCloseInfo });
    finalize(this.#ctx, both);
    return new ValueHandle(this.#ctx, both);
  }

  lookup(label: string): Handle | undefined {
    const value = this.#chosen().value;
    const arc = value instanceof Vertex ? value.lookup(regularLabel(label)) : undefined;
    return arc === undefined || arc.arc !== arcMember ? undefined : new ValueHandle(this.#ctx, arc);
  }
}

/** Nothing that may still be added makes it another value. */
function isFinal(value: Value, isClosed: boolean): boolean {
  if (!(value instanceof Vertex)) return value.type === "bottom" ? !isIncomplete(value) : isConcrete(value);
  const closed = isClosed || value.closedOnce || value.closedRecursive;
  const { base } = value;
  if (base === undefined) return false;
  if (base.type === "listMarker") {
    if (base.isOpen) return false;
  } else if (base.type === "structMarker") {
    if (!closed || value.hasEllipsis) return false;
  } else return isFinal(base, closed);
  return value.arcs.every((arc) => {
    if (!isRegular(arc.label)) return true;
    if (arc.arc !== arcMember) return arc.bottom() !== undefined;
    return isFinal(arc, false);
  });
}
