/** Turns values into JSON Schema, with `$ref` for what they refer to (after upstream `encoding/jsonschema`: Generate). */
import type { JsonValue } from "@slipway/std";
import { arcMember, arcOptional, arcRequired, exprOf } from "../engine/expr.ts";
import { builtinName, formatValue } from "../engine/format.ts";
import { bytesKind, listKind, nullKind, stringKind, structKind, topKind } from "../engine/kind.ts";
import { isDefinition, isHidden, isInt, isLet, labelName } from "../engine/label.ts";
import type { BuiltinValidator } from "../engine/value.ts";
import { kindOf } from "../engine/value.ts";
import { Vertex } from "../engine/vertex.ts";
import type { Node } from "../openapi/node.ts";
import { Nodes } from "../openapi/node.ts";
import { descriptionOf } from "../openapi/documentation.ts";
import { Subsumption } from "../openapi/subsumption.ts";
import { orderedArcs } from "../print/field-order.ts";
import type { Instance } from "../value/cue-value.ts";
import { exportJson } from "../value/export.ts";
import type { Dialect } from "./dialect.ts";
import type { Keywords } from "./keywords.ts";
import { boundKeywords, constant, literalOf, typeKeywords, validatorKeywords } from "./keywords.ts";
import { merged } from "./merge.ts";
import type { NameOf } from "./names.ts";
import { SchemaNames } from "./names.ts";

export interface SchemaOptions {
  readonly dialect: Dialect;
  readonly nameOf?: NameOf | undefined;
  readonly describe?: ((vertex: Vertex) => string) | undefined;
}

/** Stands for the name of a shared schema until all are known. */
const placeholder = /^\u0000(\d+)$/;

export class SchemaGenerator {
  readonly names: SchemaNames;
  readonly #instance: Instance;
  readonly #options: SchemaOptions;
  readonly #dialect: Dialect;
  readonly #nodes: Nodes;
  /** What is referred to, in the order in which it was met; each with its schema once that is written. */
  readonly #shared = new Map<Vertex, JsonValue | undefined>();

  constructor(instance: Instance, options: SchemaOptions) {
    this.#instance = instance;
    this.#options = options;
    this.#dialect = options.dialect;
    this.#nodes = new Nodes(instance.engine, new Subsumption(instance));
    this.names = new SchemaNames(instance.engine, instance.root);
  }

  schemaOf(vertex: Vertex): JsonValue {
    return this.#schema(this.#nodes.of(vertex), this.#description(vertex));
  }

  /** A schema that others may refer to. */
  share(vertex: Vertex): void {
    if (this.#shared.has(vertex)) return;
    this.#shared.set(vertex, undefined);
    this.#shared.set(vertex, this.schemaOf(vertex));
  }

  /** The shared schemas by their names, sorted, and `value` with the references to them. */
  finish(value: JsonValue): { readonly value: JsonValue; readonly shared: Keywords } {
    const targets = [...this.#shared.keys()];
    const names = this.names.of(targets, this.#options.nameOf);
    const named = (json: JsonValue): JsonValue => {
      if (Array.isArray(json)) return json.map(named);
      if (typeof json !== "object" || json === null) return json;
      return Object.fromEntries(
        Object.entries(json).map(([key, each]) => {
          const index = key === "$ref" && typeof each === "string" ? placeholder.exec(each)?.[1] : undefined;
          if (index === undefined) return [key, named(each)];
          return [key, this.#dialect.definitions + encodeURIComponent(names[Number(index)] ?? "").replaceAll("%2F", "~1")];
        }),
      );
    };
    const entries = targets.map((target, i): [string, JsonValue] => [names[i] ?? "", named(this.#shared.get(target) ?? {})]);
    return { value: named(value), shared: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) };
  }

  #description(vertex: Vertex): string {
    return this.#options.describe?.(vertex) ?? descriptionOf(vertex);
  }

  #schema(node: Node, description = ""): JsonValue {
    const told = description === "" ? [] : [{ description }];
    const parts = this.#parts(node);
    if (parts.length === 1 && typeof parts[0] === "boolean" && told.length === 0) return parts[0];
    if (parts.length === 0 && told.length === 0) return {};
    const schemas = parts.filter((part): part is Keywords => typeof part === "object" && part !== null && !Array.isArray(part));
    const isReference = schemas.some((schema) => "$ref" in schema);
    if (isReference && !this.#dialect.refHasSiblings && told.length > 0) return { description, allOf: schemas };
    return merged([...told, ...schemas], this.#dialect);
  }

  /** What all must hold. */
  #parts(node: Node): JsonValue[] {
    const value = this.#constant(node);
    if (value !== undefined && this.#nodes.target(node) === undefined) return [value];
    const format = this.#numberFormat(node);
    if (format !== undefined) return [format];
    const kind = kindOf(node.vertex);
    const isComposite = (kind & (structKind | listKind)) !== 0;
    const split = this.#nodes.split(node, "&");
    const references = split.flatMap((part) => this.#reference(part) ?? []);
    const rest = split.filter((part) => this.#reference(part) === undefined);
    if (rest.length === 0) return references;
    const structs = isComposite ? rest.filter((part) => this.#isStruct(part)) : [];
    const others = rest.filter((part) => !structs.includes(part));
    const [first] = structs;
    const joined = structs.length > 1 ? this.#nodes.joined(structs, node.vertex) : first;
    return [...references, ...(joined === undefined ? [] : [this.#struct(joined)]), ...others.flatMap((part) => this.#part(part))];
  }

  #isStruct(part: Node): boolean {
    return part.vertex.derefValue().base?.type === "structMarker" && this.#nodes.split(part, "|").length === 1;
  }

  #part(part: Node): JsonValue[] {
    const alternatives = this.#nodes.split(part, "|");
    if (alternatives.length > 1) return [this.#alternatives(alternatives)];
    const node = alternatives[0] ?? part;
    const value = this.#constant(node);
    if (value !== undefined) return [value];
    const { base } = node.vertex.derefValue();
    switch (base?.type) {
      case "structMarker":
        return [this.#struct(node)];
      case "listMarker":
        return [this.#list(node.vertex.derefValue())];
      case "bound":
        return [boundKeywords(base, this.#dialect)];
      case "validator":
        return this.#validator(base);
      case "conjunction":
        return base.values.flatMap((each) => this.#part(this.#nodes.value(each)));
      case "disjunction":
        return [this.#alternatives(base.values.map((each) => this.#nodes.value(each)))];
      case "bottom":
        return base.code === "incomplete" || base.code === "cycle" ? [] : [false];
      case "basicType":
      case "top":
      case undefined:
        return this.#type(kindOf(node.vertex));
      default:
        return [];
    }
  }

  #type(kind: number): JsonValue[] {
    if (kind === topKind) return [];
    const types = typeKeywords(kind, this.#dialect);
    const [first, ...others] = types ?? [];
    if (first === undefined) return [];
    return others.length === 0 ? [first] : [{ anyOf: [first, ...others] }];
  }

  #validator(validator: BuiltinValidator): JsonValue[] {
    if (builtinName(validator.builtin) !== "matchN") {
      const keywords = validatorKeywords(validator);
      return keywords === undefined ? this.#type(kindOf(validator)) : [keywords];
    }
    const [count, list] = validator.args;
    if (count === undefined || !(list instanceof Vertex)) return [];
    this.#instance.engine.finalize(list);
    const schemas = list.elements().map((each) => this.#schema(this.#nodes.of(each)));
    const wanted = formatValue(count);
    const [only] = schemas;
    if (wanted === "0" && schemas.length === 1 && only !== undefined) return [{ not: only }];
    if (wanted === "1") return [{ oneOf: schemas }];
    if (wanted === ">=1") return [{ anyOf: schemas }];
    if (wanted !== String(schemas.length)) return [];
    const objects = schemas.filter((each): each is Keywords => typeof each === "object" && each !== null && !Array.isArray(each));
    const together = merged(objects, this.#dialect);
    return ["allOf" in together ? together : { allOf: schemas }];
  }

  #alternatives(nodes: readonly Node[]): JsonValue {
    const constants: JsonValue[] = [];
    const schemas: JsonValue[] = [];
    let isNullable = false;
    for (const node of nodes) {
      const value = this.#constant(node, true);
      if (kindOf(node.vertex) === nullKind) isNullable = true;
      else if (value !== undefined)
        constants.push(
          ...Object.values(value as Keywords).flatMap((each) => (Array.isArray(each) && !("const" in (value as Keywords)) ? each : [each])),
        );
      else schemas.push(this.#schema(node));
    }
    if (isNullable && this.#dialect.hasNullType) schemas.push({ type: "null" });
    if (constants.length > 0) schemas.push({ enum: constants });
    const [only, ...others] = schemas;
    const nullable = isNullable && !this.#dialect.hasNullType ? { nullable: true } : {};
    if (others.length === 0 && typeof only === "object" && only !== null && !Array.isArray(only)) return { ...nullable, ...only };
    return { ...nullable, anyOf: schemas };
  }

  #reference(part: Node): JsonValue | undefined {
    this.#noteImports(part);
    const target = this.#nodes.target(part);
    if (target === undefined) return undefined;
    const labels = target.path();
    // Places in the same struct and data are written where they are used.
    if (labels.length === 0 || labels.some((label) => isLet(label) || isInt(label))) return undefined;
    const { base } = target.derefValue();
    if (base?.type === "builtin" || base?.type === "validator") return undefined;
    this.share(target);
    return { $ref: `\u0000${[...this.#shared.keys()].indexOf(target)}` };
  }

  #noteImports(part: Node): void {
    for (const { elem } of part.conjuncts) {
      let expr = exprOf(elem);
      while (!(expr instanceof Vertex) && (expr.type === "selector" || expr.type === "index")) expr = expr.operand;
      if (!(expr instanceof Vertex) && expr.type === "importReference") this.names.imported(expr.path);
    }
  }

  #struct(node: Node): JsonValue {
    const vertex = node.vertex.derefValue();
    const schema: Keywords = { type: "object" };
    const arcs = orderedArcs(vertex).filter(
      ({ arc, label }) => arc <= arcOptional && !isLet(label) && !isHidden(label) && !isInt(label) && !isDefinition(label),
    );
    const properties = arcs.map((arc): [string, JsonValue] => [labelName(arc.label), this.schemaOf(arc)]);
    const patterns = (vertex.patterns ?? []).map(({ pattern, constraint }) => ({
      pattern,
      schema: this.#schema(this.#nodes.of(constraint)),
    }));
    const [pattern] = patterns;
    const isAny =
      pattern !== undefined &&
      (pattern.pattern.type === "top" || kindOf(pattern.pattern) === stringKind) &&
      pattern.pattern.type !== "bound";
    if (patterns.length === 1 && isAny && arcs.length === 0) schema["additionalProperties"] = pattern.schema;
    else {
      if (vertex.hasEllipsis) schema["additionalProperties"] = true;
      else if (vertex.isClosedStruct()) schema["additionalProperties"] = false;
      if (patterns.length > 0)
        schema["patternProperties"] = Object.fromEntries(patterns.map((each) => [patternText(each.pattern), each.schema]));
    }
    if (properties.length > 0) schema["properties"] = Object.fromEntries(properties);
    const required = arcs
      .filter((arc) => arc.arc === arcRequired || (arc.arc === arcMember && !this.#isComplete(arc)))
      .map((arc) => labelName(arc.label));
    if (required.length > 0) schema["required"] = required.sort();
    return schema;
  }

  /** Data that is there anyway need not be given. */
  #isComplete(vertex: Vertex): boolean {
    const json = exportJson(this.#instance.engine, vertex);
    return json.ok && !isChoice(vertex);
  }

  #list(vertex: Vertex): JsonValue {
    const schema: Keywords = { type: "array" };
    const items = vertex.elements().map((each) => this.schemaOf(each));
    const isOpen = vertex.base?.type === "listMarker" && vertex.base.isOpen;
    const further = isOpen ? (vertex.patterns ?? [])[0]?.constraint : undefined;
    if (items.length > 0) schema[this.#dialect.hasPrefixItems ? "prefixItems" : "items"] = items;
    if (further !== undefined && kindOf(this.#nodes.of(further).vertex) !== topKind)
      schema[items.length > 0 && !this.#dialect.hasPrefixItems ? "additionalItems" : "items"] = this.schemaOf(further);
    if (!isOpen) schema["maxItems"] = items.length;
    if (items.length > 0) schema["minItems"] = items.length;
    return schema;
  }

  /** The schema of a value that can only be that. */
  #constant(node: Node, isAlternative = false): JsonValue | undefined {
    const vertex = node.vertex.derefValue();
    if (kindOf(vertex) === nullKind) return this.#dialect.hasNullType ? { type: "null" } : { nullable: true, enum: [null] };
    if (kindOf(vertex) === bytesKind) return undefined;
    const value = this.#literal(vertex);
    return value === undefined ? undefined : isAlternative ? { const: value } : constant(value, this.#dialect);
  }

  #literal(given: Vertex): JsonValue | undefined {
    this.#instance.engine.finalize(given);
    const vertex = given.derefValue();
    const { base } = vertex;
    switch (base?.type) {
      case "null":
      case "bool":
      case "int":
      case "float":
      case "string":
        return literalOf(base);
      case "bound":
        return base.op === "==" ? literalOf(base.value) : undefined;
      case "listMarker": {
        if (base.isOpen) return undefined;
        const items = vertex.elements().map((each) => this.#literal(each));
        return items.every((each) => each !== undefined) ? items : undefined;
      }
      case "structMarker": {
        if (!vertex.closedOnce || vertex.arcs.length === 0 || (vertex.patterns ?? []).length > 0) return undefined;
        const fields: [string, JsonValue][] = [];
        for (const arc of orderedArcs(vertex)) {
          const value = arc.arc <= arcRequired && !isHidden(arc.label) && !isDefinition(arc.label) ? this.#literal(arc) : undefined;
          if (value === undefined) return undefined;
          fields.push([labelName(arc.label), value]);
        }
        return Object.fromEntries(fields);
      }
      default:
        return undefined;
    }
  }

  #numberFormat(node: Node): Keywords | undefined {
    if (!this.#dialect.hasNumberFormats) return undefined;
    const { base } = node.vertex.derefValue();
    const name = base?.type === "conjunction" && this.#nodes.target(node) === undefined ? formatValue(base) : "";
    return numberFormats[name];
  }
}

const numberFormats: Readonly<Record<string, Keywords>> = {
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  float32: { type: "number", format: "float" },
  float64: { type: "number", format: "double" },
};

function isChoice(vertex: Vertex): boolean {
  return vertex.derefValue().base?.type === "disjunction";
}

function patternText(pattern: Parameters<typeof kindOf>[0]): string {
  return pattern?.type === "bound" && pattern.op === "=~" && pattern.value.type === "string" ? pattern.value.value : "";
}
