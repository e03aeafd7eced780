/** Handles on the places of an instance. */
import type { JsonValue } from "@slipway/std";
import type { CueError, CuePath, FieldInfo, Kind, PathElement, Value } from "../api.ts";
import { formatAtom, kinds } from "../evaluate/atom.ts";
import type { Bottom } from "../evaluate/bottom.ts";
import { isIncomplete, toCueError } from "../evaluate/bottom.ts";
import type { Evaluator } from "../evaluate/evaluator.ts";
import { exportJson } from "../evaluate/export.ts";
import { identKey, isDefinition, isHidden, isRegular, labelText, regularKey } from "../evaluate/label.ts";
import type { Term } from "../evaluate/vertex.ts";
import { Vertex } from "../evaluate/vertex.ts";
import type { Attribute, Comment } from "../syntax/ast.ts";
import { parsePath } from "./path.ts";

type Refill = (terms: readonly Term[]) => Value;

export class CueValue implements Value {
  readonly path: readonly PathElement[];
  readonly #e: Evaluator;
  readonly #vertex: Vertex | undefined;
  readonly #refill: Refill;
  readonly #missing: Bottom | undefined;
  readonly #rootVertex: Vertex | undefined;

  constructor(evaluator: Evaluator, vertex: Vertex | Bottom, path: readonly PathElement[], refill: Refill, rootVertex?: Vertex) {
    this.#e = evaluator;
    this.#vertex = vertex instanceof Vertex ? vertex : undefined;
    this.#missing = vertex instanceof Vertex ? undefined : vertex;
    this.path = path;
    this.#refill = refill;
    this.#rootVertex = rootVertex ?? this.#vertex;
  }

  /** The place itself, for values of the same package. */
  get vertex(): Vertex | undefined {
    return this.#vertex;
  }

  get root(): Value {
    return this.#rootVertex === undefined ? this : this.#at(this.#rootVertex, []);
  }

  #at(vertex: Vertex | Bottom, path: readonly PathElement[]): CueValue {
    return new CueValue(this.#e, vertex, path, this.#refill, this.#rootVertex);
  }

  #settled(): Vertex | undefined {
    return this.#vertex === undefined ? undefined : this.#e.settle(this.#vertex);
  }

  #error(): Bottom | undefined {
    const settled = this.#settled();
    return settled === undefined ? this.#missing : this.#e.errorOf(settled);
  }

  exists(): boolean {
    const vertex = this.#vertex;
    return vertex !== undefined && (vertex.constraint === "none" || vertex.parent === undefined);
  }

  kind(): Kind {
    const settled = this.#settled();
    if (settled === undefined || this.#e.errorOf(settled) !== undefined) return "bottom";
    return settled.atom?.kind ?? (settled.items === undefined ? "struct" : "list");
  }

  incompleteKind(): Kind {
    const settled = this.#settled();
    if (settled === undefined || settled.bottom !== undefined) return "bottom";
    if (settled.atom !== undefined) return settled.atom.kind;
    if (settled.items !== undefined) return "list";
    if (settled.isStruct) return "struct";
    const mask =
      settled.candidates === undefined ? settled.kinds : settled.candidates.reduce((union, each) => union | this.#maskOf(each.vertex), 0);
    if (mask === (kinds.int | kinds.float)) return "number";
    for (const [name, bit] of Object.entries(kinds)) if (mask === bit) return name as Kind;
    return "top";
  }

  #maskOf(vertex: Vertex): number {
    return vertex.isStruct ? kinds.struct : vertex.kinds;
  }

  isConcrete(): boolean {
    return this.#vertex !== undefined && this.#error() === undefined;
  }

  error(): CueError | undefined {
    const error = this.#error();
    return error === undefined
      ? undefined
      : toCueError({ ...error, path: error.path.length > 0 ? error.path : this.path.map(elementText) });
  }

  lookup(path: CuePath): Value {
    const elements = typeof path === "string" ? parsePath(path) : path;
    if (elements === undefined) return this.#at(this.#absent([String(path)]), [...this.path, String(path)]);
    let at: Vertex | undefined = this.#vertex;
    const full = [...this.path];
    for (const element of elements) {
      full.push(element);
      const settled: Vertex | undefined = at === undefined ? undefined : this.#e.settle(at);
      if (typeof element === "number") at = settled?.items?.[element];
      else at = settled === undefined ? undefined : (settled.arcs.get(keyOf(element)) ?? this.#hidden(settled, element));
      if (at === undefined) return this.#at(settled?.bottom ?? this.#absent(full.map(elementText)), full);
    }
    if (at === undefined) return this;
    return at.constraint === "none" || at.parent === undefined ? this.#at(at, full) : this.#at(at, full);
  }

  /** A hidden field of whatever package, when one of that name is there. */
  #hidden(vertex: Vertex, element: PathElement): Vertex | undefined {
    if (typeof element === "string" || typeof element === "number" || !("hidden" in element)) return undefined;
    for (const [key, arc] of vertex.arcs) if (isHidden(key) && labelText(key) === element.hidden) return arc;
    return undefined;
  }

  #absent(path: readonly string[]): Bottom {
    return { category: "incomplete", message: `field not found: ${path.join(".")}`, at: [], path };
  }

  fields(options: { readonly optional?: boolean; readonly hidden?: boolean; readonly definitions?: boolean } = {}): readonly FieldInfo[] {
    const settled = this.#settled();
    if (settled === undefined) return [];
    const fields: FieldInfo[] = [];
    for (const [key, arc] of settled.arcs) {
      const hidden = isHidden(key);
      if (hidden && options.hidden !== true) continue;
      if (!hidden && isDefinition(key) && options.definitions !== true) continue;
      if (arc.constraint !== "none" && options.optional !== true) continue;
      const label = labelText(key);
      const element: PathElement = isRegular(key) ? label : hidden ? { hidden: label } : { definition: label };
      fields.push({ label, element, constraint: arc.constraint, value: this.#at(arc, [...this.path, element]) });
    }
    return fields;
  }

  elements(): readonly Value[] {
    return (this.#settled()?.items ?? []).map((item, index) => this.#at(item, [...this.path, index]));
  }

  toJson(): ReturnType<Value["toJson"]> {
    if (this.#vertex === undefined) return { ok: false, errors: this.#missing === undefined ? [] : [toCueError(this.#missing)] };
    const exported = exportJson(this.#e, this.#vertex);
    return exported.ok ? exported : { ok: false, errors: exported.errors.map(toCueError) };
  }

  validate(options: { readonly concrete?: boolean } = {}): readonly CueError[] {
    const errors: Bottom[] = [];
    if (this.#vertex === undefined) {
      if (this.#missing !== undefined) errors.push(this.#missing);
    } else this.#collect(this.#vertex, options.concrete === true, errors);
    return errors.map(toCueError);
  }

  #collect(vertex: Vertex, concrete: boolean, errors: Bottom[]): void {
    const settled = this.#e.settle(vertex);
    const own = this.#e.errorOf(settled) ?? settled.pending;
    if (own !== undefined && (concrete || !isIncomplete(own))) errors.push(own);
    if (settled.bottom !== undefined && !isIncomplete(settled.bottom) && settled.bottom.category !== "closed") return;
    for (const [key, arc] of settled.arcs) {
      if (arc.constraint === "optional") continue;
      if (arc.constraint === "required") {
        if (concrete) errors.push(this.#e.bottom("incomplete", arc, "field is required but not present"));
        continue;
      }
      this.#collect(arc, concrete && isRegular(key), errors);
    }
    for (const item of settled.items ?? []) this.#collect(item, concrete, errors);
  }

  fill(path: CuePath, data: JsonValue | Value): Value {
    const elements = (typeof path === "string" ? parsePath(path) : path) ?? [];
    const keys = elements.map((element) => (typeof element === "number" ? element : keyOf(element)));
    const term: Term =
      data instanceof CueValue
        ? data.vertex === undefined
          ? { type: "any" }
          : { type: "vertex", vertex: data.vertex }
        : { type: "json", value: data as JsonValue };
    return this.#refill([keys.length === 0 ? term : { type: "path", keys, term }]);
  }

  unify(other: Value): Value {
    const both = new Vertex(undefined, "");
    both.constraint = "none";
    for (const value of [this as Value, other]) {
      if (value instanceof CueValue && value.vertex !== undefined)
        both.conjuncts.push({ term: { type: "vertex", vertex: value.vertex }, groups: [] });
    }
    return new CueValue(this.#e, both, [], this.#refill);
  }

  subsumes(other: Value): boolean {
    const both = this.unify(other);
    if (both.validate().length > 0) return false;
    const [unified, own] = [both.toJson(), other.toJson()];
    return unified.ok && own.ok ? JSON.stringify(unified.value) === JSON.stringify(own.value) : both.print() === other.print();
  }

  attributes(): readonly Attribute[] {
    return (this.#vertex?.declared ?? []).flatMap((field) => field.attributes);
  }

  docs(): readonly Comment[] {
    return (this.#vertex?.declared ?? []).flatMap((field) => field.comments.filter((comment) => comment.placement === "doc"));
  }

  default(): Value {
    const settled = this.#settled();
    return settled === undefined ? this : this.#at(settled, this.path);
  }

  print(options: { readonly definitions?: boolean; readonly hidden?: boolean; readonly optional?: boolean } = {}): string {
    return this.#vertex === undefined ? "_|_" : this.#print(this.#vertex, options, "");
  }

  #print(
    vertex: Vertex,
    options: { readonly definitions?: boolean; readonly hidden?: boolean; readonly optional?: boolean },
    indent: string,
  ): string {
    const settled = this.#e.settle(vertex);
    if (settled.bottom !== undefined && !isIncomplete(settled.bottom)) return `_|_ // ${settled.bottom.message}`;
    if (settled.atom !== undefined) return formatAtom(settled.atom);
    if (settled.items !== undefined) return `[${settled.items.map((item) => this.#print(item, options, indent)).join(", ")}]`;
    if (!settled.isStruct) return this.#e.describe(settled);
    const inner = `${indent}\t`;
    const lines: string[] = [];
    for (const [key, arc] of settled.arcs) {
      if ((isHidden(key) && options.hidden !== true) || (!isHidden(key) && isDefinition(key) && options.definitions !== true)) continue;
      if (arc.constraint === "optional" && options.optional !== true) continue;
      const label = labelText(key);
      const mark = arc.constraint === "none" ? "" : arc.constraint === "optional" ? "?" : "!";
      const shown = isRegular(key) && !/^[A-Za-z$][A-Za-z0-9_$]*$/.test(label) ? JSON.stringify(label) : label;
      lines.push(`${inner}${shown}${mark}: ${this.#print(arc, options, inner)}`);
    }
    return lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n${indent}}`;
  }
}

function keyOf(element: Exclude<PathElement, number>): string {
  if (typeof element === "string") return regularKey(element);
  return "definition" in element ? identKey(element.definition, "") : identKey(element.hidden, "");
}

function elementText(element: PathElement): string {
  if (typeof element === "string") return element;
  if (typeof element === "number") return String(element);
  return "definition" in element ? element.definition : element.hidden;
}
