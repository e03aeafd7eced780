/** Handles on the places of an instance. */
import type { JsonValue } from "@slipway/std";
import type { CueError, CuePath, FieldInfo, Kind, PathElement, SubsumptionMode, Value } from "../api.ts";
import type { Data } from "../builtins/contract.ts";
import type { Bottom } from "../engine/bottom.ts";
import { atPath, fromData, fromJson } from "../engine/data.ts";
import { arcMember, arcOptional, arcRequired } from "../engine/expr.ts";
import type { Elem } from "../engine/expr.ts";
import { acceptsField } from "../engine/field-error.ts";
import { formatValue } from "../engine/format.ts";
import type { Engine } from "../engine/instance.ts";
import { newRoot } from "../engine/instance.ts";
import { numberKind, stringKind, structKind, topKind } from "../engine/kind.ts";
import type { Label } from "../engine/label.ts";
import { identLabel, isDefinition, isHidden, isInt, isLet, isString, labelName, regularLabel } from "../engine/label.ts";
import { newInlineVertex } from "../engine/unify.ts";
import type { Value as EngineValue } from "../engine/value.ts";
import { isConcrete, isIncomplete, isScalar, kindOf } from "../engine/value.ts";
import type { Conjunct } from "../engine/vertex.ts";
import { rootCloseInfo, Vertex } from "../engine/vertex.ts";
import type { StructLit, Expr } from "../engine/expr.ts";
import type { Attribute, Comment } from "../syntax/ast.ts";
import { subsumptionRules, vertexSubsumes } from "../subsume/subsumer.ts";
import { orderedArcs } from "../print/field-order.ts";
import { toCueError, toCueErrors } from "./cue-error.ts";
import { dependenciesOf } from "./dependencies.ts";
import { exportData, exportJson } from "./export.ts";
import { parsePath } from "./path.ts";
import type { Dependents } from "../compile/dependents.ts";
import { validateVertex } from "./validate.ts";

/** What a value needs to make another root. */
export interface Instance {
  readonly engine: Engine;
  readonly literals: readonly StructLit[];
  /** What was filled in, and the field of the root that it is in. */
  readonly filled: readonly { readonly conjunct: Conjunct; readonly label: Label | undefined }[];
  readonly root: Vertex;
  readonly dependents: Dependents;
  readonly compileExpression: (text: string, filename: string) => { readonly expr: Expr; readonly errors: readonly CueError[] };
}

const kindNames: readonly (readonly [number, Kind])[] = [
  [1, "null"],
  [2, "bool"],
  [4, "int"],
  [8, "float"],
  [numberKind, "number"],
  [16, "string"],
  [32, "bytes"],
  [64, "struct"],
  [128, "list"],
];

export class CueValue implements Value {
  readonly path: readonly PathElement[];
  readonly instance: Instance;
  /** The place; absent where nothing is. */
  readonly vertex: Vertex | undefined;
  readonly #missing: Bottom | undefined;

  constructor(instance: Instance, found: Vertex | Bottom, path: readonly PathElement[]) {
    this.instance = instance;
    this.vertex = found instanceof Vertex ? found : undefined;
    this.#missing = found instanceof Vertex ? undefined : found;
    this.path = path;
  }

  get root(): Value {
    return new CueValue(this.instance, this.instance.root, []);
  }

  #at(found: Vertex | Bottom, path: readonly PathElement[]): CueValue {
    return new CueValue(this.instance, found, path);
  }

  /** The finished vertex, with its default taken where it has one. */
  settled(): Vertex | undefined {
    if (this.vertex === undefined) return undefined;
    this.instance.engine.finalize(this.instance.root);
    this.instance.engine.finalize(this.vertex);
    return settle(this.instance.engine, this.vertex);
  }

  /** The finished vertex as it is. */
  finished(): Vertex | undefined {
    if (this.vertex === undefined) return undefined;
    this.instance.engine.finalize(this.instance.root);
    this.instance.engine.finalize(this.vertex);
    return this.vertex.derefValue();
  }

  #error(): Bottom | undefined {
    const settled = this.settled();
    if (settled === undefined) return this.#missing;
    const own = settled.bottom();
    if (own !== undefined) return own;
    if (isConcrete(settled)) return undefined;
    const { ctx } = this.instance.engine;
    const message = settled.base?.type === "disjunction" ? "unresolved disjunction %s" : "incomplete value %s";
    return { ...ctx.newBottom("incomplete", message, [settled.value() ?? settled], undefined), node: settled };
  }

  exists(): boolean {
    if (this.vertex === undefined) return false;
    this.instance.engine.finalize(this.instance.root);
    return this.vertex.arc === arcMember;
  }

  kind(): Kind {
    const settled = this.settled();
    if (settled === undefined || settled.isError() || !isConcrete(settled)) return "bottom";
    return kindName(kindOf(settled));
  }

  incompleteKind(): Kind {
    const finished = this.finished();
    if (finished === undefined) return "bottom";
    const own = finished.bottom();
    if (own !== undefined) return "bottom";
    return kindName(kindOf(finished));
  }

  isConcrete(): boolean {
    return this.vertex !== undefined && this.#error() === undefined;
  }

  error(): CueError | undefined {
    const error = this.#error();
    return error === undefined ? undefined : toCueError(error);
  }

  lookup(path: CuePath): Value {
    const elements = typeof path === "string" ? parsePath(path) : path;
    if (elements === undefined) return this.#at(this.#absent(String(path)), [...this.path, String(path)]);
    let at: Vertex | undefined = this.vertex;
    const full = [...this.path];
    this.instance.engine.finalize(this.instance.root);
    for (const element of elements) {
      full.push(element);
      if (at === undefined) break;
      this.instance.engine.finalize(at);
      const settled: Vertex = settle(this.instance.engine, at);
      at = find(settled, element);
      if (at === undefined) {
        const own = settled.bottom();
        return this.#at(own ?? this.#absent(full.map(elementText).join(".")), full);
      }
    }
    return at === undefined ? this.#at(this.#missing ?? this.#absent(full.map(elementText).join(".")), full) : this.#at(at, full);
  }

  #absent(path: string): Bottom {
    return { ...this.instance.engine.ctx.newBottom("incomplete", `field not found: ${path}`, [], undefined), node: undefined };
  }

  fields(options: { readonly optional?: boolean; readonly hidden?: boolean; readonly definitions?: boolean } = {}): readonly FieldInfo[] {
    const settled = this.settled();
    if (settled === undefined) return [];
    const fields: FieldInfo[] = [];
    for (const arc of orderedArcs(settled)) {
      const { label } = arc;
      if (isInt(label) || isLet(label) || arc.arc > arcOptional) continue;
      const hidden = isHidden(label);
      if (hidden && options.hidden !== true) continue;
      if (!hidden && isDefinition(label) && options.definitions !== true) continue;
      if (arc.arc !== arcMember && options.optional !== true) continue;
      const name = labelName(label);
      const element: PathElement = isString(label) ? name : hidden ? { hidden: name } : { definition: name };
      const constraint = arc.arc === arcMember ? "none" : arc.arc === arcRequired ? "required" : "optional";
      fields.push({ label: name, element, constraint, value: this.#at(arc, [...this.path, element]) });
    }
    return fields;
  }

  elements(): readonly Value[] {
    return (this.settled()?.elements() ?? []).map((item, index) => this.#at(item, [...this.path, index]));
  }

  toJson(): ReturnType<Value["toJson"]> {
    if (this.vertex === undefined) return { ok: false, errors: this.#missing === undefined ? [] : toCueErrors(this.#missing) };
    const exported = exportJson(this.instance.engine, this.finishedOwn());
    return exported.ok ? exported : { ok: false, errors: exported.errors.flatMap(toCueErrors) };
  }

  toData(): { readonly ok: true; readonly value: Data } | { readonly ok: false; readonly errors: readonly CueError[] } {
    if (this.vertex === undefined) return { ok: false, errors: this.#missing === undefined ? [] : toCueErrors(this.#missing) };
    const exported = exportData(this.instance.engine, this.finishedOwn());
    return exported.ok ? exported : { ok: false, errors: exported.errors.flatMap(toCueErrors) };
  }

  private finishedOwn(): Vertex {
    this.finished();
    return this.vertex ?? this.instance.root;
  }

  validate(options: { readonly concrete?: boolean } = {}): readonly CueError[] {
    if (this.vertex === undefined) return this.#missing === undefined ? [] : toCueErrors(this.#missing);
    this.finished();
    const errors = validateVertex(this.instance.engine, this.vertex, options.concrete === true);
    return errors.flatMap(toCueErrors);
  }

  fill(path: CuePath, data: JsonValue | Value): Value {
    const elements = (typeof path === "string" ? parsePath(path) : path) ?? [];
    const labels = elements.map(elementLabel);
    let value: EngineValue;
    if (data instanceof CueValue) {
      data.finished();
      value = data.vertex ?? { type: "top", position: undefined };
    } else value = fromJson(data as JsonValue);
    return this.#refilled(labels, { env: undefined, elem: atPath(labels, value), close: rootCloseInfo });
  }

  /** As `fill`, with exact numbers and bytes. */
  fillData(path: CuePath, data: Data): Value {
    const elements = (typeof path === "string" ? parsePath(path) : path) ?? [];
    const labels = elements.map(elementLabel);
    return this.#refilled(labels, { env: undefined, elem: atPath(labels, fromData(data)), close: rootCloseInfo });
  }

  /** Fields that neither are filled nor depend on what is filled keep the values that they have. */
  #refilled(labels: readonly Label[], conjunct: Conjunct): Value {
    const { literals, root: before } = this.instance;
    // A program that does not compile is bottom, whatever is filled in.
    if (before.bottom()?.diagnostics !== undefined) return this.root;
    const filled = [...this.instance.filled, { conjunct, label: labels[0] }];
    const [first] = labels;
    const changed = first === undefined || before.status !== "finalized" ? undefined : this.instance.dependents([first]);
    const isKept = (label: Label | undefined): boolean => changed !== undefined && label !== undefined && !changed.has(label);
    const known = before.arcs.filter((arc) => arc.status === "finalized" && isKept(arc.label));
    const labelsKnown = new Set(known.map((arc) => arc.label));
    const pending = filled.filter((each) => each.label === undefined || !labelsKnown.has(each.label));
    const root = newRoot(
      literals,
      pending.map((each) => each.conjunct),
      known,
    );
    return new CueValue({ ...this.instance, filled, root }, root, []);
  }

  unify(other: Value): Value {
    const conjuncts: Conjunct[] = [];
    // Messages tell data before the schema that it is unified with.
    for (const value of [other, this as Value]) {
      if (!(value instanceof CueValue) || value.vertex === undefined) continue;
      value.finished();
      conjuncts.push({ env: undefined, elem: value.vertex, close: rootCloseInfo });
    }
    const both = newRoot([], conjuncts);
    const filled = conjuncts.map((conjunct) => ({ conjunct, label: undefined }));
    return new CueValue({ ...this.instance, literals: [], filled, root: both, dependents: () => undefined }, both, []);
  }

  /** An expression in the scope of the instance's root. */
  evaluate(text: string, filename = "expression"): Value {
    const { expr, errors } = this.instance.compileExpression(text, filename);
    const [problem] = errors;
    if (problem !== undefined) {
      const bottom = this.instance.engine.ctx.newBottom("eval", "%s", [problem.message], undefined);
      return this.#at(bottom, []);
    }
    this.instance.engine.finalize(this.instance.root);
    const env = { up: undefined, vertex: this.instance.root, dynamicLabel: undefined, cache: undefined };
    const vertex = newInlineVertex(this.instance.engine.ctx, [{ env, elem: expr, close: rootCloseInfo }]);
    this.instance.engine.finalize(vertex);
    return this.#at(vertex, []);
  }

  subsumes(other: Value, options: { readonly mode?: SubsumptionMode } = {}): boolean {
    if (!(other instanceof CueValue) || this.finished() === undefined || other.finished() === undefined) return false;
    const [own, against] = [this.vertex, other.vertex];
    if (own === undefined || against === undefined) return false;
    return vertexSubsumes(this.instance.engine, own, other.instance.engine, against, subsumptionRules[options.mode ?? "none"]);
  }

  /** Whether a field of that label, or with a number one more element, may be added. */
  allows(element: PathElement): boolean {
    const finished = this.finished();
    return finished !== undefined && acceptsField(this.instance.engine.ctx, finished, elementLabel(element));
  }

  allowsAnyField(): boolean {
    const finished = this.finished();
    if (finished === undefined || (finished.kind() & structKind) === 0) return false;
    if (finished.isOpenStruct()) return true;
    // A pattern allows any name when it says nothing but that names are strings.
    return (finished.patterns ?? []).some(({ pattern }) => {
      const type = pattern instanceof Vertex ? pattern.derefValue().value() : pattern;
      return type?.type === "top" || (type?.type === "basicType" && (type.kind & stringKind) !== 0);
    });
  }

  /** No regular field may be added that is not declared. */
  isClosed(): boolean {
    const finished = this.finished();
    return finished !== undefined && (finished.isList() ? finished.isClosedList() : finished.isClosedStruct());
  }

  dependencies(): readonly (readonly PathElement[])[] {
    if (this.finished() === undefined || this.vertex === undefined) return [];
    return dependenciesOf(this.instance, this.vertex, this.instance.root, this.path.map(elementLabel));
  }

  #sources(): readonly Extract<Elem, { type: "field" | "dynamicField" | "patternField" }>[] {
    this.finished();
    return (this.vertex?.conjuncts ?? []).flatMap(({ elem }) =>
      elem.type === "field" || elem.type === "dynamicField" || elem.type === "patternField" ? [elem] : [],
    );
  }

  attributes(): readonly Attribute[] {
    return this.#sources().flatMap((field) => field.source.attributes);
  }

  docs(): readonly Comment[] {
    return this.#sources().flatMap((field) => field.source.comments.filter((comment) => comment.placement === "doc"));
  }

  default(): Value {
    const settled = this.settled();
    if (settled === undefined) return this;
    const { base } = settled;
    if (base?.type !== "disjunction" || base.defaults === 0) return this.#at(settled, this.path);
    // Several defaults: what is left is a choice of these.
    const chosen = new Vertex(settled.parent, settled.label);
    chosen.status = "finalized";
    chosen.base = { ...base, values: base.values.slice(0, base.defaults), defaults: 0, hasDefaults: false };
    return this.#at(chosen, this.path);
  }

  describe(): string {
    const finished = this.finished();
    return finished === undefined ? "_|_" : formatValue(finished);
  }
}

function kindName(mask: number): Kind {
  if (mask === topKind) return "top";
  return kindNames.find(([bit]) => bit === mask)?.[1] ?? (mask === 0 ? "bottom" : "top");
}

/** Through shared values and single defaults. */
export function settle(engine: Engine, vertex: Vertex): Vertex {
  let at = vertex.derefValue();
  for (;;) {
    const base: Vertex["base"] = at.base;
    if (base?.type !== "disjunction" || base.defaults !== 1) return at;
    const [chosen] = base.values;
    if (!(chosen instanceof Vertex)) return at;
    engine.finalize(chosen);
    at = chosen.derefValue();
  }
}

function find(settled: Vertex, element: PathElement): Vertex | undefined {
  if (typeof element === "object" && "hidden" in element)
    return settled.arcs.find((arc) => isHidden(arc.label) && labelName(arc.label) === element.hidden);
  const arc = settled.lookupRaw(elementLabel(element));
  return arc !== undefined && arc.arc <= arcOptional ? arc : undefined;
}

export function elementLabel(element: PathElement): Label {
  if (typeof element === "number") return element;
  if (typeof element === "string") return regularLabel(element);
  return "definition" in element ? identLabel(element.definition, "") : identLabel(element.hidden, "");
}

function elementText(element: PathElement): string {
  if (typeof element === "string") return element;
  if (typeof element === "number") return String(element);
  return "definition" in element ? element.definition : element.hidden;
}

export { isIncomplete, isScalar };
