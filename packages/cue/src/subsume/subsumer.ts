/**
 * Subsumption of finished values: whether every instance of one value is an instance of another.
 *
 * As the reference, it tells from the shape of both values and gives up where that would need a search: a `false` may stand
 * for "not known" (patterns that are not the same, regular expressions, several alternatives that only together cover
 * one). A `true` is one.
 */
import type { SubsumptionMode } from "../api.ts";
import type { Context } from "../engine/context.ts";
import { equalValues } from "../engine/equality.ts";
import { arcMember, arcOptional, arcRequired } from "../engine/expr.ts";
import { acceptsField } from "../engine/field-error.ts";
import type { Engine } from "../engine/instance.ts";
import { isInt, isLet, isRegular } from "../engine/label.ts";
import { isDataVertex } from "../engine/schedule.ts";
import { finalize } from "../engine/unify.ts";
import { validate } from "../engine/validate.ts";
import type { BuiltinValidator, Disjunction, Value } from "../engine/value.ts";
import { isConcrete, isIncomplete, kindOf } from "../engine/value.ts";
import type { Environment, PatternConstraint } from "../engine/vertex.ts";
import { rootCloseInfo, Vertex } from "../engine/vertex.ts";
import { boundSubsumes } from "./bounds.ts";
import { constraintAt, isClosedStruct, isPresent, isUnconstrained, samePattern, sameValidator, singleKinds } from "./shape.ts";

/** What of the values counts. */
export interface SubsumptionRules {
  /** The subsumed value is data: definitions, hidden fields, constraints on fields and open ends of it do not count. */
  readonly data: boolean;
  /** The subsumed value stands for its defaults; open lists end after their elements. */
  readonly defaults: boolean;
  /** A closed struct is as good as an open one. */
  readonly ignoreClosedness: boolean;
}

export const subsumptionRules: Readonly<Record<SubsumptionMode, SubsumptionRules>> = {
  none: { data: false, defaults: false, ignoreClosedness: false },
  defaults: { data: false, defaults: true, ignoreClosedness: false },
  final: { data: true, defaults: true, ignoreClosedness: false },
  schema: { data: false, defaults: false, ignoreClosedness: true },
};

/** Whether `x`, a value of the engine `own`, subsumes `y`, one of the engine `other`. Both are finished. */
export function vertexSubsumes(own: Engine, x: Vertex, other: Engine, y: Vertex, rules: SubsumptionRules): boolean {
  // Where the stack ends, an engine marks the vertex it works on: this one, not the value.
  const place = new Vertex(undefined, "");
  const compare = (): boolean => new Subsumer(own.ctx, other.ctx, rules).vertices(x, y);
  return own.run(
    place,
    () =>
      other.run(
        place,
        () => compare(),
        () => false,
      ),
    () => false,
  );
}

class Subsumer {
  readonly #ctx: Context;
  readonly #otherCtx: Context;
  readonly #rules: SubsumptionRules;
  /** Pairs that hold unless what is being compared shows otherwise; in the order in which they were met. */
  readonly #assumed: readonly Map<Vertex, Set<Vertex>>[] = [new Map(), new Map(), new Map(), new Map()];
  readonly #order: { readonly known: Set<Vertex>; readonly target: Vertex }[] = [];

  constructor(ctx: Context, otherCtx: Context, rules: SubsumptionRules) {
    this.#ctx = ctx;
    this.#otherCtx = otherCtx;
    this.#rules = rules;
  }

  /** A struct may lead to itself: what is being compared already holds if nothing else speaks against it. */
  vertices(x: Vertex, given: Vertex): boolean {
    if (x === given) return true;
    finalize(this.#ctx, x);
    finalize(this.#otherCtx, given);
    const y = this.#rules.defaults ? this.#withDefault(given) : given;
    if (!(y instanceof Vertex)) return this.values(x, y);
    const known = this.#assumptions(x, y);
    const target = y.derefValue();
    if (known.has(target)) return true;
    if (this.#ctx.step()) return false;
    known.add(target);
    const before = this.#order.push({ known, target }) - 1;
    if (this.#compare(x, y)) return true;
    // What was found to hold in between may rest on this.
    for (const each of this.#order.splice(before)) each.known.delete(each.target);
    return false;
  }

  /**
   * Whether `y` has all conjuncts of `x`, in scopes that `x`'s scopes are taken to subsume: expressions come to no more
   * where their operands do not.
   */
  #sharesSource(x: Vertex, y: Vertex): boolean {
    const others = y.derefValue().conjuncts;
    const own = x.derefValue().conjuncts;
    return own.length > 0 && own.every((a) => others.some((b) => a.elem === b.elem && this.#scopesMatch(a.env, b.env)));
  }

  #scopesMatch(x: Environment | undefined, y: Environment | undefined): boolean {
    let [a, b] = [x, y];
    for (; a !== b; a = a.up, b = b.up) {
      if (a === undefined || b === undefined || a.dynamicLabel !== b.dynamicLabel) return false;
      const [own, other] = [a.vertex.derefValue(), b.vertex.derefValue()];
      if (own !== other && !this.#assumed.some((known) => known.get(own)?.has(other))) return false;
    }
    return true;
  }

  /** What `x` is taken to subsume. A place may be closed where that whose value it shares is not. */
  #assumptions(x: Vertex, y: Vertex): Set<Vertex> {
    const byClosedness = this.#assumed[(isClosedStruct(x) ? 1 : 0) + (isClosedStruct(y) ? 2 : 0)] ?? new Map<Vertex, Set<Vertex>>();
    const own = x.derefValue();
    const known = byClosedness.get(own) ?? new Set();
    byClosedness.set(own, known);
    return known;
  }

  #compare(x: Vertex, y: Vertex): boolean {
    const a = x.derefValue();
    const b = y.derefValue();
    if (a === b || isUnconstrained(a)) return true;
    const error = b.bottom();
    if (error !== undefined && !isIncomplete(error)) return true;
    // What is not known yet is known to come from the same expressions.
    if (isIncomplete(a.bottom())) return this.#sharesSource(x, y);
    if (error !== undefined) return false;
    if (a.base === undefined || b.base === undefined) return false;
    switch (a.base.type) {
      case "bottom":
        return false;
      case "structMarker":
      case "listMarker":
        if (b.base.type === "disjunction") return b.base.values.every((each) => this.values(x, each));
        if (b.base.type !== a.base.type) return false;
        return (a.base.type === "structMarker" || this.#lists(a, b)) && this.#fields(x, y);
      default: {
        const value = b.value();
        if (value === undefined || !this.values(a.base, value)) return false;
        // Alternatives hold their fields themselves. What is embedded in a scalar is no data.
        return a.base.type === "disjunction" || this.#isData(b) || this.#fields(x, y);
      }
    }
  }

  values(given: Value, other: Value): boolean {
    if (given === other) return true;
    if (given instanceof Vertex && other instanceof Vertex) return this.vertices(given, other);
    if (this.#ctx.step()) return false;
    const x = given instanceof Vertex ? given.derefValue().value() : given;
    const settled = this.#rules.defaults ? this.#withDefault(other) : other;
    const y = settled instanceof Vertex ? settled.derefValue().value() : settled;
    if (x === undefined || y === undefined) return false;
    if (x.type === "top") return true;
    if (y.type === "bottom") return !isIncomplete(y);
    if (y.type === "disjunction")
      return x.type === "disjunction" ? this.#disjunctions(x, y) : y.values.every((each) => this.values(x, each));
    switch (x.type) {
      case "disjunction":
        return this.#alternatives(x, y);
      case "conjunction":
        return x.values.every((each) => this.values(each, y));
      case "bound":
        if (boundSubsumes(this.#ctx, x, y)) return true;
        break;
      case "validator":
        if (this.#validator(x, y)) return true;
        break;
      default:
    }
    if (y.type === "conjunction") return y.values.some((each) => this.values(x, each));
    switch (x.type) {
      case "basicType":
        return (kindOf(y) & ~x.kind) === 0;
      case "builtin":
        return y.type === "builtin" && x.packageName === y.packageName && x.name === y.name;
      case "vertex":
        return y instanceof Vertex && this.vertices(x, y);
      case "bottom":
      case "bound":
      case "validator":
        return false;
      default:
        return equalValues(this.#ctx, x, y, false);
    }
  }

  /** One default where there is one, the choice of several where there are. */
  #withDefault(value: Value): Value {
    let at = value;
    for (;;) {
      if (at instanceof Vertex) finalize(this.#otherCtx, at);
      const own: Value | undefined = at instanceof Vertex ? at.derefValue().value() : at;
      if (own?.type !== "disjunction" || own.defaults === 0) return at;
      const [first] = own.values;
      if (own.defaults > 1 || first === undefined)
        return { ...own, values: own.values.slice(0, own.defaults), defaults: 0, hasDefaults: false };
      at = first;
    }
  }

  /** Each alternative lies within one; a default within a default. Without any, all alternatives of `x` are as good as defaults. */
  #disjunctions(x: Disjunction, y: Disjunction): boolean {
    const preferred = x.defaults === 0 ? x.values : x.values.slice(0, x.defaults);
    return y.values.every((each, i) => (i < y.defaults ? preferred : x.values).some((alternative) => this.values(alternative, each)));
  }

  #alternatives(x: Disjunction, y: Value): boolean {
    if (x.values.some((each) => this.values(each, y))) return true;
    if (y.type === "conjunction") return y.values.some((each) => this.values(x, each));
    if (y.type !== "basicType") return false;
    const kinds = singleKinds(y);
    return kinds.length > 1 && kinds.every((each) => this.values(x, each));
  }

  #validator(x: BuiltinValidator, y: Value): boolean {
    if (y.type === "validator") return sameValidator(this.#ctx, x, y);
    return isConcrete(y) && validate(this.#ctx, { env: undefined, elem: x, close: rootCloseInfo }, y) === undefined;
  }

  #isData(y: Vertex): boolean {
    return this.#rules.data || isDataVertex(y);
  }

  #fields(given: Vertex, other: Vertex): boolean {
    const x = given.derefValue();
    const y = other.derefValue();
    const isData = this.#isData(y);
    const isClosed = isClosedStruct(other);
    const endsHere = this.#rules.defaults || isData || (isClosed && !this.#rules.ignoreClosedness);
    if (!this.#rules.ignoreClosedness && isClosedStruct(given) && !endsHere) return false;
    for (const a of x.arcs) if (this.#counts(a, false) && !this.#field(a, y, isData)) return false;
    for (const b of y.arcs) if (this.#counts(b, true) && !isPresent(x.lookupRaw(b.label)) && !this.#added(x, b)) return false;
    return isData || x.isList() || this.#patterns(x, y, isClosed);
  }

  #counts(arc: Vertex, isSubsumed: boolean): boolean {
    const { label } = arc;
    if (!isPresent(arc) || isLet(label) || isInt(label)) return false;
    return !this.#rules.data || (isRegular(label) && (!isSubsumed || arc.arc === arcMember));
  }

  /** A field of the subsuming struct. */
  #field(a: Vertex, y: Vertex, isData: boolean): boolean {
    finalize(this.#ctx, a);
    if (a.arc === arcOptional && isUnconstrained(a.derefValue())) return true;
    const found = y.lookupRaw(a.label);
    const b = isPresent(found) && this.#counts(found, true) ? found : undefined;
    if (b !== undefined) return a.arc >= b.arc && this.vertices(a, b);
    if (a.arc === arcMember || a.arc === arcRequired) return false;
    // A field that cannot be there meets every constraint.
    if (isData || !acceptsField(this.#otherCtx, y, a.label)) return true;
    const constraint = constraintAt(this.#otherCtx, y, a.label);
    return constraint !== undefined && this.vertices(a, constraint);
  }

  /** A field that only the subsumed struct names. */
  #added(x: Vertex, b: Vertex): boolean {
    finalize(this.#otherCtx, b);
    const error = b.bottom();
    if (b.arc === arcOptional && error !== undefined && !isIncomplete(error)) return true;
    if (!acceptsField(this.#ctx, x, b.label)) return this.#rules.ignoreClosedness;
    const constraint = constraintAt(this.#ctx, x, b.label);
    return constraint === undefined || this.vertices(constraint, b);
  }

  #patterns(x: Vertex, y: Vertex, isClosed: boolean): boolean {
    const binding = (x.patterns ?? []).filter((each) => !isUnconstrained(this.#constraint(this.#ctx, each)));
    const patterns = y.patterns ?? [];
    if (patterns.length === 0) return isClosed || binding.length === 0;
    return binding.every((each) => {
      const same = patterns.find(({ pattern }) => samePattern(this.#ctx, each.pattern, pattern));
      if (same === undefined) return false;
      return this.#sharesSource(each.constraint, same.constraint) || this.vertices(each.constraint, this.#constraint(this.#otherCtx, same));
    });
  }

  #constraint(ctx: Context, { constraint }: PatternConstraint): Vertex {
    finalize(ctx, constraint);
    return constraint;
  }

  #lists(x: Vertex, y: Vertex): boolean {
    const xs = x.elements();
    const ys = y.elements();
    const endsHere = y.isClosedList() || this.#rules.defaults || this.#isData(y);
    if (xs.length > ys.length || (x.isClosedList() && (!endsHere || xs.length < ys.length))) return false;
    for (const [i, a] of xs.entries()) {
      const b = ys[i];
      if (b === undefined || !this.vertices(a, b)) return false;
    }
    if (x.isClosedList()) return true;
    const constraint = constraintAt(this.#ctx, x, ys.length);
    if (constraint === undefined || isUnconstrained(constraint)) return true;
    if (!ys.slice(xs.length).every((b) => this.vertices(constraint, b))) return false;
    if (endsHere) return true;
    const further = constraintAt(this.#otherCtx, y, ys.length);
    return further !== undefined && this.vertices(constraint, further);
  }
}
