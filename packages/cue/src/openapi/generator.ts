/** Turns definitions into OpenAPI schemas (the rules are those of upstream `encoding/openapi`, its builder of components). */
import type { JsonValue } from "@slipway/std";
import type { CueError } from "../api.ts";
import { arcOptional } from "../engine/expr.ts";
import type { Engine } from "../engine/instance.ts";
import { boolKind, bytesKind, floatKind, intKind, listKind, nullKind, numberKind, stringKind, structKind } from "../engine/kind.ts";
import type { Label } from "../engine/label.ts";
import { isDefinition, isHidden, isInt, isLet, labelName } from "../engine/label.ts";
import { kindOf } from "../engine/value.ts";
import type { Vertex } from "../engine/vertex.ts";
import { orderedArcs } from "../print/field-order.ts";
import { exportJson } from "../value/export.ts";
import type { Instance } from "../value/cue-value.ts";
import { settle } from "../value/cue-value.ts";
import { toCueErrors } from "../value/cue-error.ts";
import type { Schema } from "./builder.ts";
import { Builder } from "./builder.ts";
import { constrain, lengthOf } from "./constraints.ts";
import { deprecationOf, descriptionOf } from "./documentation.ts";
import { formatOf } from "./formats.ts";
import type { Node } from "./node.ts";
import { Nodes } from "./node.ts";
import { Subsumption } from "./subsumption.ts";

export interface GeneratorOptions {
  /** Everything in place, without `$ref`. A schema that leads to itself is then an error. Default false. */
  readonly expandReferences?: boolean;
  /** Of OpenAPI; from 3.1 on exclusive limits are numbers. Default `3.0.0`. */
  readonly version?: string;
  /** The name of a schema; `path` is that of the definition, without `#`. Default: the path with dots. */
  readonly nameOf?: (path: readonly string[]) => string;
  /** Instead of the doc comments. */
  readonly describe?: (vertex: Vertex) => string;
  /** Constraints to leave out, told as `Schema/minimum`. */
  readonly omits?: (constraint: string) => boolean;
}

/** In a path: every further field or element. */
const anyName = "*";

type Handler = (builder: Builder, node: Node) => void;

export class Generator {
  readonly options: GeneratorOptions;
  readonly schemas: Map<string, Schema> = new Map<string, Schema>();
  readonly errors: CueError[] = [];
  readonly isExpanding: boolean;
  readonly #engine: Engine;
  readonly #nodes: Nodes;
  readonly #subsumption: Subsumption;
  readonly #root: Vertex;
  /** Schemas of other packages that are referred to. */
  readonly #foreign = new Map<string, { readonly vertex: Vertex; readonly path: readonly string[] }>();
  #path: readonly string[] = [];
  readonly #open: Vertex[] = [];

  constructor(instance: Instance, options: GeneratorOptions) {
    this.options = options;
    this.isExpanding = options.expandReferences === true;
    this.#engine = instance.engine;
    this.#root = instance.root;
    this.#subsumption = new Subsumption(instance);
    this.#nodes = new Nodes(instance.engine, this.#subsumption);
  }

  /** The definitions of the root, and all that they refer to. */
  definitions(): void {
    this.#engine.finalize(this.#root);
    for (const arc of orderedArcs(this.#root)) {
      if (!isDefinition(arc.label) || isHidden(arc.label) || isInternal(arc.label)) continue;
      this.schemas.set(this.nameOf([plainName(arc.label)]), this.schema(undefined, plainName(arc.label), this.#nodes.of(arc)));
    }
    for (let done = 0; done < this.#foreign.size;) {
      const [name, { vertex, path }] = [...this.#foreign][done++] ?? ["", { vertex: this.#root, path: [] }];
      if (this.schemas.has(name)) continue;
      this.#path = path.slice(0, -1);
      this.schemas.set(name, this.schema(undefined, path.at(-1) ?? "", this.#nodes.of(vertex)));
    }
  }

  /** The schema of one value. */
  valueSchema(vertex: Vertex): Schema {
    return this.schema(undefined, undefined, this.#nodes.of(vertex));
  }

  nameOf(path: readonly string[]): string {
    return this.options.nameOf?.(path) ?? path.join(".");
  }

  schema(core: Builder | undefined, name: string | undefined, node: Node): Schema {
    return this.#within(name, () => {
      const builder = new Builder(this, core);
      if (core === undefined && this.isExpanding) {
        if (name === anyName) this.#buildPattern(builder, node);
        else this.#buildCore(builder, node);
        this.#coreSchema(builder);
      }
      return this.#fill(builder, node);
    });
  }

  #within(name: string | undefined, build: () => Schema): Schema {
    const before = this.#path;
    if (name !== undefined) this.#path = [...before, name];
    const schema = build();
    this.#path = before;
    return schema;
  }

  #fill(builder: Builder, node: Node): Schema {
    if (builder.finished !== undefined) return builder.finished;
    const { core } = builder;
    if (core === undefined) builder.type ||= typeName(kindOf(node.vertex));
    builder.format = formatOf(node.vertex) ?? "";
    if (deprecationOf(node.vertex)) builder.setSingle("deprecated", true);
    if (core === undefined || (this.#coreValues.get(core) ?? []).length > 1) {
      if (this.value(builder, node, undefined)) builder.type = "";
      else if (!this.isExpanding) this.#describe(builder, node);
    }
    const schema = builder.finish();
    // The format says as much.
    if (builder.format !== "") for (const key of ["minimum", "maximum"]) delete schema[key];
    builder.finished = schema;
    return schema;
  }

  #describe(builder: Builder, node: Node): void {
    const text = this.options.describe?.(node.vertex) ?? descriptionOf(node.vertex);
    if (text !== "") builder.setSingle("description", text);
  }

  /** True when it is nothing but a reference. */
  value(builder: Builder, node: Node, handler: Handler | undefined): boolean {
    let rest: Node | undefined;
    let isReference = false;
    let hasReferences = false;
    if (this.isExpanding || builder.format !== "") {
      rest = this.#nodes.dereferenced(node);
      if (!this.#enter(builder, rest)) return false;
    } else {
      const names = new Set<string>();
      const others: Node[] = [];
      for (const part of this.#nodes.split(node, "&")) {
        const target = this.#nodes.target(part);
        const name = target === undefined ? undefined : this.#referenceName(target);
        if (name === undefined) others.push(target === undefined ? part : this.#nodes.of(target));
        else if (!names.has(name)) {
          names.add(name);
          hasReferences = true;
          builder.add({ $ref: `#/components/schemas/${name}` });
        }
      }
      isReference = others.length === 0 && names.size === 1;
      const [only] = others;
      if (others.length === 1) rest = only;
      else if (others.length > 1) rest = this.#nodes.joined(others, node.vertex);
    }
    if (rest !== undefined) this.#parts(builder, rest, handler);
    if (!hasReferences) this.#default(builder, node);
    if (this.isExpanding || builder.format !== "") this.#open.pop();
    return isReference;
  }

  /** False where the value is being written already. */
  #enter(builder: Builder, node: Node): boolean {
    if (this.#open.length > 200 || (node.vertex.conjuncts.length > 0 && this.#open.filter((each) => each === node.vertex).length > 1)) {
      const { ctx } = this.#engine;
      const saved = ctx.vertex;
      ctx.vertex = node.vertex;
      this.errors.push(...toCueErrors(ctx.newBottom("eval", "a schema that leads to itself cannot be written out in place", [])));
      ctx.vertex = saved;
      builder.type = "";
      return false;
    }
    this.#open.push(node.vertex);
    return true;
  }

  #parts(builder: Builder, node: Node, handler: Handler | undefined): void {
    const kind = kindOf(node.vertex);
    const isComposite = (kind & (structKind | listKind)) !== 0;
    for (const part of this.#nodes.split(isComposite ? node : this.#nodes.evaluated(node), "&")) {
      const constant = this.#constant(part);
      if (constant !== undefined) {
        this.#dispatch(builder, part, handler);
        if (builder.core === undefined) builder.set("enum", [constant]);
        continue;
      }
      const alternatives = this.#nodes.split(part, "|");
      const [first] = alternatives;
      if (alternatives.length > 1) this.#disjunction(builder, alternatives, handler);
      else if (first !== undefined) this.#dispatch(builder, first, handler);
    }
  }

  #default(builder: Builder, node: Node): void {
    if (builder.core !== undefined) return;
    const vertex = node.vertex.derefValue();
    if (vertex.base?.type !== "disjunction" || vertex.base.defaults === 0) return;
    const json = exportJson(this.#engine, settle(this.#engine, vertex));
    if (!json.ok || (Array.isArray(json.value) && json.value.length === 0)) return;
    builder.set("default", json.value);
  }

  #disjunction(builder: Builder, alternatives: readonly Node[], handler: Handler | undefined): void {
    const constants: JsonValue[] = [];
    const others: Node[] = [];
    for (const each of alternatives) {
      const constant = this.#constant(each);
      if (kindOf(each.vertex) === nullKind) builder.isNullable = true;
      else if (constant !== undefined) constants.push(constant);
      else others.push(each);
    }
    if (builder.isNullable) builder.setSingle("nullable", true);
    const [only] = others;
    if (others.length === 0 || (others.length === 1 && constants.length === 0)) {
      if (only !== undefined) this.value(builder, only, handler);
      if (constants.length > 0 && builder.core === undefined) builder.set("enum", constants);
      return;
    }
    const schemas: Schema[] = [];
    for (const each of others) {
      const next = builder.beside();
      this.value(next, each, handler);
      const schema = next.finish();
      // Anything goes.
      if (Object.keys(schema).length === 0 && next.type === "") return;
      schemas.push(schema);
    }
    const oneOf: JsonValue[] = constants.length > 0 ? [{ enum: constants }] : [];
    others.forEach((each, i) => {
      const covered = schemas.filter((_, j) => {
        const other = others[j];
        return i !== j && other !== undefined && this.#subsumption.covers(each, other, "schema");
      });
      const schema = schemas[i] ?? {};
      if (covered.length === 0) {
        oneOf.push(schema);
        return;
      }
      const excluded: Schema = { not: { anyOf: covered } };
      oneOf.push(Object.keys(schema).length === 0 ? excluded : { allOf: [schema, excluded] });
    });
    builder.set("oneOf", oneOf);
  }

  #dispatch(builder: Builder, node: Node, handler: Handler | undefined): void {
    if (handler !== undefined) {
      handler(builder, node);
      return;
    }
    const kind = kindOf(node.vertex);
    if (kind === nullKind) builder.setSingle("nullable", true);
    const type = typeName(kind);
    if (type === "") return;
    builder.setType(type);
    if (type === "object") this.#object(builder, node);
    else if (type === "array") this.#array(builder, node);
    else constrain(builder, node.vertex);
  }

  #object(builder: Builder, node: Node): void {
    if (constrain(builder, node.vertex)) return;
    const vertex = node.vertex.derefValue();
    const arcs = orderedArcs(vertex).filter(
      (arc) => arc.arc <= arcOptional && !isLet(arc.label) && !isHidden(arc.label) && !isInt(arc.label),
    );
    const required = arcs.filter((arc) => arc.arc < arcOptional && !isDefinition(arc.label)).map((arc) => labelName(arc.label));
    if (required.length > 0) builder.setConstraint("required", required);
    const known = builder.fields();
    const properties: Schema = known ?? {};
    for (const arc of arcs) {
      if (isInternal(arc.label)) continue;
      const name = plainName(arc.label);
      const core = builder.core?.properties.get(name);
      const path = [...this.#path, name];
      const schema = this.schema(core, name, this.#nodes.of(arc));
      if (isDefinition(arc.label)) this.schemas.set(this.nameOf(path), schema);
      else if (builder.core === undefined || Object.keys(schema).length > 0) properties[name] = schema;
    }
    if (known === undefined && Object.keys(properties).length > 0) builder.setSingle("properties", properties);
    const further = anyField(vertex);
    if (further === undefined || builder.core?.items !== undefined) return;
    const schema = this.schema(undefined, anyName, this.#nodes.of(further));
    if (Object.keys(schema).length > 0) builder.setSingle("additionalProperties", schema);
  }

  #array(builder: Builder, node: Node): void {
    if (constrain(builder, node.vertex)) return;
    const vertex = node.vertex.derefValue();
    const elements = vertex.elements();
    const items = elements.map((each, i) => this.schema(undefined, String(i), this.#nodes.of(each)));
    if (items.length > 0) builder.set("items", items);
    lengthOf(builder, vertex);
    const further = anyElement(vertex);
    if (further === undefined) return;
    const schema = this.schema(builder.core?.items, anyName, this.#nodes.of(further));
    if (items.length > 0) builder.setConstraint("additionalItems", schema);
    else if (builder.core === undefined || Object.keys(schema).length > 0) builder.setSingle("items", schema);
  }

  /** The JSON of a value that can only be that; structs never. */
  #constant(node: Node): JsonValue | undefined {
    const vertex = node.vertex.derefValue();
    const { base } = vertex;
    switch (base?.type) {
      case "bool":
      case "int":
      case "float":
      case "string":
      case "bytes":
      case "listMarker": {
        if (
          base.type === "listMarker" &&
          (base.isOpen || vertex.elements().some((each) => this.#constant(this.#nodes.of(each)) === undefined))
        )
          return undefined;
        const json = exportJson(this.#engine, vertex);
        return json.ok ? json.value : undefined;
      }
      default:
        return undefined;
    }
  }

  /** Undefined for what has no schema of its own. */
  #referenceName(target: Vertex): string | undefined {
    const labels = target.path();
    if (labels.length === 0 || labels.some((label) => isLet(label) || isInt(label) || isHidden(label))) return undefined;
    let root = target;
    while (root.parent !== undefined) root = root.parent;
    const path = labels.map(plainName);
    const name = this.nameOf(path);
    const isKnown = root === this.#root && labels.every((label, i) => isDefinition(label) || i > 0) && isDefinition(labels[0] ?? "");
    if (!isKnown) this.#foreign.set(name, { vertex: target, path });
    return name;
  }

  readonly #coreValues = new Map<Builder, Node[]>();

  /** The comments of what a pattern or an ellipsis refers to are not told, as by upstream. */
  #buildPattern(builder: Builder, node: Node): void {
    this.#describe(builder, node);
    this.#buildCore(builder, node, false);
  }

  #buildCore(builder: Builder, given: Node, describes = true): void {
    const node = this.#nodes.dereferenced(given);
    const values = this.#coreValues.get(builder) ?? [];
    this.#coreValues.set(builder, values);
    if (!this.#enter(builder, node)) return;
    if (describes) this.#describe(builder, given);
    const format = formatOf(node.vertex);
    if (format !== undefined) builder.format = format;
    else {
      const vertex = node.vertex.derefValue();
      const kind = kindOf(vertex);
      const further = kind === structKind ? anyField(vertex) : kind === listKind ? anyElement(vertex) : undefined;
      if (further !== undefined) {
        builder.items ??= new Builder(this, undefined);
        this.#buildPattern(builder.items, this.#nodes.of(further));
      }
      if (kind === structKind) this.#buildCoreStruct(builder, node, describes);
    }
    this.#open.pop();
    if (!values.some((each) => this.#subsumption.covers(each, node, "none") && this.#subsumption.covers(node, each, "none")))
      values.push(node);
    builder.type = typeName(values.reduce((kind, each) => kind | kindOf(each.vertex), 0));
  }

  #buildCoreStruct(builder: Builder, node: Node, describes: boolean): void {
    for (const operator of ["&", "|"] as const) {
      const parts = this.#nodes.split(node, operator);
      if (parts.length > 1) for (const part of parts) this.#buildCore(builder, part, describes);
    }
    for (const arc of orderedArcs(node.vertex.derefValue())) {
      if (arc.arc > arcOptional || isLet(arc.label) || isHidden(arc.label) || isDefinition(arc.label) || isInt(arc.label)) continue;
      const name = labelName(arc.label);
      let field = builder.properties.get(name);
      if (field === undefined) builder.properties.set(name, (field = new Builder(this, undefined)));
      this.#buildCore(field, this.#nodes.of(arc));
    }
  }

  #coreSchema(builder: Builder): Schema {
    const { type, items } = builder;
    if (type === "array" && items !== undefined)
      builder.setSingle(
        "items",
        this.#within(anyName, () => this.#coreSchema(items)),
      );
    if (type === "object" && builder.properties.size > 0) {
      const properties: Schema = {};
      for (const [name, field] of builder.properties) properties[name] = this.#within(name, () => this.#coreSchema(field));
      builder.setSingle("properties", properties);
    }
    if (type === "object" && items !== undefined)
      builder.setSingle(
        "additionalProperties",
        this.#within(anyName, () => this.#coreSchema(items)),
      );
    // With a single value, there are no alternatives: all that it says holds.
    const [only, ...others] = this.#coreValues.get(builder) ?? [];
    return only !== undefined && others.length === 0 ? this.#fill(builder, only) : builder.finish();
  }
}

function typeName(given: number): string {
  switch (given & ~nullKind) {
    case boolKind:
      return "boolean";
    case floatKind:
    case numberKind:
      return "number";
    case intKind:
      return "integer";
    case stringKind:
    case bytesKind:
      return "string";
    case structKind:
      return "object";
    case listKind:
      return "array";
    default:
      return "";
  }
}

function plainName(label: Label): string {
  return labelName(label).replace(/^#/, "");
}

/** Values of enumerations that were made from other languages. */
function isInternal(label: Label): boolean {
  return isDefinition(label) && labelName(label).endsWith("_value");
}

/** What a field of any name must be. */
function anyField(vertex: Vertex): Vertex | undefined {
  return vertex.patterns?.find(({ pattern }) => pattern.type === "basicType" && pattern.kind === stringKind)?.constraint;
}

/** What a further element must be. */
function anyElement(vertex: Vertex): Vertex | undefined {
  const isOpen = vertex.base?.type === "listMarker" && vertex.base.isOpen;
  return isOpen ? vertex.patterns?.find(({ pattern }) => (kindOf(pattern) & intKind) !== 0)?.constraint : undefined;
}
