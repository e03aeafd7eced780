/** JSON Schema as CUE constraints. What the language cannot say is left out, unless the caller is strict. */
import { jsonString } from "../../encoding/json.ts";
import type { CueError } from "../../api.ts";
import { loadError } from "../load-error.ts";
import { keywordKind, numberFormats, stringFormats, textKeywords } from "./keywords.ts";
import type { Document, SchemaNode } from "./schema-node.ts";

export interface SchemaOptions {
  /** Keywords that are not known are errors. */
  readonly strictKeywords: boolean;
  /** Keywords that are known and have no effect are errors. */
  readonly strictFeatures: boolean;
  /** Structs are open only where the schema says so. */
  readonly openOnlyWhenExplicit: boolean;
}

/** Schemas inside one another beyond this are anything. */
const maxDepth = 200;

const coreTypes = ["null", "boolean", "number", "string", "array", "object"] as const;
type CoreType = (typeof coreTypes)[number];

const allNames: Readonly<Record<CoreType, string>> = {
  null: "null",
  boolean: "bool",
  number: "number",
  string: "string",
  array: "[...]",
  object: "{...}",
};

export class SchemaWriter {
  readonly imports: Set<string> = new Set();
  readonly errors: CueError[] = [];
  readonly #doc: Document;
  readonly #options: SchemaOptions;

  constructor(document: Document, options: SchemaOptions) {
    this.#doc = document;
    this.#options = options;
  }

  /** Doc comment lines of a schema, without `//`. */
  comments(schema: SchemaNode): readonly string[] {
    const [title, description] = [
      this.#doc.string(this.#doc.field(schema, "title")),
      this.#doc.string(this.#doc.field(schema, "description")),
    ];
    const lines = [title, description].filter((each) => each !== undefined && each !== "").map((each) => (each ?? "").split("\n"));
    return lines.flatMap((each, index) => (index > 0 ? ["", ...each] : each));
  }

  /** The declarations of a struct where the schema is one of objects; undefined for any other. */
  objectDeclarations(schema: SchemaNode, indent: string): readonly string[] | undefined {
    const types = this.#types(schema);
    const plain = !["allOf", "anyOf", "oneOf", "not", "if", "enum", "const", "$ref"].some(
      (name) => this.#doc.field(schema, name) !== undefined,
    );
    if (!plain || types?.length !== 1 || types[0] !== "object") return undefined;
    this.#checkKeywords(schema);
    return this.#objectLines(schema, indent, 0).lines;
  }

  /** Any schema as an expression; `indent` begins the lines of what is written over several. */
  expression(schema: SchemaNode, indent = "", depth = 0): string {
    const doc = this.#doc;
    const allowed = doc.bool(schema);
    if (allowed !== undefined) return allowed ? "_" : "_|_";
    if (doc.fields(schema) === undefined || depth > maxDepth) return "_";
    this.#checkKeywords(schema);
    const parts: string[] = [];
    const reference = doc.string(doc.field(schema, "$ref"));
    if (reference !== undefined) parts.push(referenceText(reference));
    const values = this.#values(schema);
    if (values !== undefined) parts.push(values);
    else parts.push(...this.#typed(schema, indent, depth));
    parts.push(...this.#combined(schema, indent, depth));
    const [only = "_"] = parts;
    if (parts.length <= 1) return only;
    return parts.map((part) => (/ \| /.test(part) && !/^[[({]/.test(part) ? `(${part})` : part)).join(" & ");
  }

  #checkKeywords(schema: SchemaNode): void {
    for (const [name, node] of this.#doc.fields(schema) ?? []) {
      const kind = keywordKind(name);
      if (textKeywords.has(name) && this.#doc.string(node) === undefined) this.errors.push(loadError("invalid string", [node.keyAt]));
      if (kind === "unknown" && this.#options.strictKeywords)
        this.errors.push(loadError(`unknown keyword ${JSON.stringify(name)}`, [node.keyAt]));
      if (kind === "unsupported" && this.#options.strictFeatures)
        this.errors.push(loadError(`keyword ${JSON.stringify(name)} not yet implemented`, [node.keyAt]));
    }
  }

  #types(schema: SchemaNode): readonly string[] | undefined {
    const node = this.#doc.field(schema, "type");
    if (node === undefined) return undefined;
    const one = this.#doc.string(node);
    const list = one === undefined ? this.#doc.elements(node)?.flatMap((each) => this.#doc.string(each) ?? []) : [one];
    return this.#doc.bool(this.#doc.field(schema, "nullable")) === true ? ["null", ...(list ?? [])] : list;
  }

  /** `enum` and `const`: they say more than the type. */
  #values(schema: SchemaNode): string | undefined {
    const single = this.#doc.field(schema, "const");
    if (single !== undefined) return this.#doc.text(single);
    const node = this.#doc.field(schema, "enum");
    const list = node === undefined ? undefined : this.#doc.elements(node);
    return list === undefined || list.length === 0 ? undefined : list.map((each) => this.#doc.text(each)).join(" | ");
  }

  /** The alternatives by type, each with the constraints that apply to it. */
  #typed(schema: SchemaNode, indent: string, depth: number): readonly string[] {
    const types = this.#types(schema);
    const found = new Map<CoreType, string>();
    for (const core of coreTypes) {
      const own = core === "number" && types?.includes("integer") === true && !types.includes("number");
      if (types !== undefined && !types.includes(core) && !own) continue;
      const text = this.#ofType(core, schema, own, indent, depth);
      found.set(core, text ?? (own ? "int" : allNames[core]));
      if (text === undefined && types === undefined) found.set(core, allNames[core]);
    }
    const unconstrained = types === undefined && [...found].every(([core, text]) => text === allNames[core]);
    return unconstrained || found.size === 0 ? [] : [[...found.values()].join(" | ")];
  }

  #ofType(core: CoreType, schema: SchemaNode, integer: boolean, indent: string, depth: number): string | undefined {
    if (core === "number") return this.#number(schema, integer);
    if (core === "string") return this.#string(schema);
    if (core === "array") return this.#array(schema, indent, depth);
    return core === "object" ? this.#object(schema, indent, depth) : undefined;
  }

  #number(schema: SchemaNode, integer: boolean): string | undefined {
    const doc = this.#doc;
    const format = doc.string(doc.field(schema, "format")) ?? "";
    let type = integer ? (numberFormats.has(format) ? format : "int") : "";
    const bounds: string[] = [];
    // Before draft 6 `exclusiveMinimum` was a flag on `minimum`.
    for (const [name, exclusive, sign] of [
      ["minimum", "exclusiveMinimum", ">"],
      ["maximum", "exclusiveMaximum", "<"],
    ] as const) {
      const value = doc.number(doc.field(schema, name));
      const flag = doc.bool(doc.field(schema, exclusive)) === true;
      if (value !== undefined && name === "minimum" && value === "0" && type === "int" && !flag) type = "uint";
      else if (value !== undefined) bounds.push(`${sign}${flag ? "" : "="}${value}`);
      const strict = doc.number(doc.field(schema, exclusive));
      if (strict !== undefined) bounds.push(`${sign}${strict}`);
    }
    const multiple = doc.number(doc.field(schema, "multipleOf"));
    if (multiple !== undefined) bounds.push(this.#call("math", `MultipleOf(${multiple})`));
    const parts = [...(type === "" ? [] : [type]), ...bounds];
    return parts.length === 0 ? undefined : parts.join(" & ");
  }

  #string(schema: SchemaNode): string | undefined {
    const doc = this.#doc;
    const parts: string[] = [];
    const pattern = doc.string(doc.field(schema, "pattern"));
    if (pattern !== undefined) parts.push(`=~${jsonString(pattern)}`);
    const [shortest, longest] = [doc.number(doc.field(schema, "minLength")), doc.number(doc.field(schema, "maxLength"))];
    if (shortest !== undefined) parts.push(this.#call("strings", `MinRunes(${shortest})`));
    if (longest !== undefined) parts.push(this.#call("strings", `MaxRunes(${longest})`));
    const format = stringFormats[doc.string(doc.field(schema, "format")) ?? ""];
    if (format !== undefined) {
      this.imports.add(format.package);
      parts.push(format.text);
    }
    return parts.length === 0 ? undefined : parts.join(" & ");
  }

  #array(schema: SchemaNode, indent: string, depth: number): string | undefined {
    const doc = this.#doc;
    const parts: string[] = [];
    const items = doc.field(schema, "items");
    const tuple = doc.field(schema, "prefixItems") ?? (items !== undefined && doc.elements(items) !== undefined ? items : undefined);
    const rest = tuple === items ? doc.field(schema, "additionalItems") : items;
    const first = tuple === undefined ? undefined : doc.elements(tuple);
    const element = rest === undefined ? "" : this.expression(rest, indent, depth + 1);
    if (first !== undefined) {
      const leading = first.map((each) => this.expression(each, indent, depth + 1));
      parts.push(`[${[...leading, ...(element === "_|_" ? [] : [`...${element === "_" ? "" : element}`])].join(", ")}]`);
    } else if (rest !== undefined) parts.push(element === "_|_" ? "[]" : `[...${element === "_" ? "" : element}]`);
    const [fewest, most] = [doc.number(doc.field(schema, "minItems")), doc.number(doc.field(schema, "maxItems"))];
    if (fewest !== undefined) parts.push(this.#call("list", `MinItems(${fewest})`));
    if (most !== undefined) parts.push(this.#call("list", `MaxItems(${most})`));
    if (doc.bool(doc.field(schema, "uniqueItems")) === true) parts.push(this.#call("list", "UniqueItems()"));
    const contains = doc.field(schema, "contains");
    if (contains !== undefined) {
      const least = doc.number(doc.field(schema, "minContains")) ?? "1";
      const greatest = doc.number(doc.field(schema, "maxContains"));
      const count = greatest === undefined ? `>=${least}` : `>=${least} & <=${greatest}`;
      parts.push(this.#call("list", `MatchN(${count}, ${this.expression(contains, indent, depth + 1)})`));
    }
    return parts.length === 0 ? undefined : parts.join(" & ");
  }

  #object(schema: SchemaNode, indent: string, depth: number): string | undefined {
    const { lines, closed, calls } = this.#objectLines(schema, `${indent}\t`, depth);
    const asked = ["properties", "required", "additionalProperties", "patternProperties"].some(
      (name) => this.#doc.field(schema, name) !== undefined,
    );
    if (!asked && calls.length === 0) return undefined;
    const body =
      lines.length === 0 || (lines.length === 1 && lines[0]?.trim() === "...")
        ? `{${lines.length === 0 ? "" : "..."}}`
        : `{\n${lines.join("\n")}\n${indent}}`;
    return [closed ? `close(${body})` : body, ...calls].join(" & ");
  }

  #objectLines(
    schema: SchemaNode,
    indent: string,
    depth: number,
  ): { readonly lines: readonly string[]; readonly closed: boolean; readonly calls: readonly string[] } {
    const doc = this.#doc;
    const propertiesNode = doc.field(schema, "properties");
    const properties = propertiesNode === undefined ? [] : (doc.fields(propertiesNode) ?? []);
    const requiredNode = doc.field(schema, "required");
    const required = new Set(requiredNode === undefined ? [] : (doc.elements(requiredNode) ?? []).map((each) => doc.string(each) ?? ""));
    const lines: string[] = [];
    for (const [name, property] of properties) {
      const comments = this.comments(property);
      if (comments.length > 0 && lines.length > 0) lines.push("");
      for (const line of comments) lines.push(`${indent}//${line === "" ? "" : ` ${line}`}`);
      lines.push(`${indent}${labelText(name)}${required.has(name) ? "!" : "?"}: ${this.expression(property, indent, depth + 1)}`);
    }
    const known = new Set(properties.map(([name]) => name));
    for (const name of required) if (!known.has(name)) lines.push(`${indent}${labelText(name)}!: _`);
    const patternsNode = doc.field(schema, "patternProperties");
    const patterns = patternsNode === undefined ? [] : (doc.fields(patternsNode) ?? []);
    for (const [pattern, property] of patterns)
      lines.push(`${indent}{[=~${jsonString(pattern)}]: ${this.expression(property, indent, depth + 1)}}`);
    const additional = doc.field(schema, "additionalProperties");
    const more = additional === undefined ? undefined : this.expression(additional, indent, depth + 1);
    if (more === undefined || more === "_") {
      if (more === "_" || !this.#options.openOnlyWhenExplicit) lines.push(`${indent}...`);
    } else if (more !== "_|_") {
      const others = [
        ...(known.size === 0
          ? []
          : [`!~${jsonString(`^(${[...known].map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})$`)}`]),
        ...patterns.map(([pattern]) => `!~${jsonString(pattern)}`),
      ];
      lines.push(others.length === 0 ? `${indent}[string]: ${more}` : `${indent}{[${others.join(" & ")}]: ${more}}`);
    }
    const [fewest, most] = [doc.number(doc.field(schema, "minProperties")), doc.number(doc.field(schema, "maxProperties"))];
    const calls = [
      ...(fewest === undefined ? [] : [this.#call("struct", `MinFields(${fewest})`)]),
      ...(most === undefined ? [] : [this.#call("struct", `MaxFields(${most})`)]),
    ];
    return { lines, closed: more === "_|_", calls };
  }

  /** `allOf`, `anyOf`, `oneOf`, `not` and `if`. */
  #combined(schema: SchemaNode, indent: string, depth: number): readonly string[] {
    const doc = this.#doc;
    const parts: string[] = [];
    for (const [name, count] of [
      ["allOf", undefined],
      ["anyOf", ">=1"],
      ["oneOf", "1"],
    ] as const) {
      const node = doc.field(schema, name);
      const list = node === undefined ? undefined : doc.elements(node);
      if (list === undefined || list.length === 0) continue;
      const texts = list.map((each) => this.expression(each, indent, depth + 1));
      const [first = "_"] = texts;
      parts.push(texts.length === 1 ? first : `matchN(${count ?? texts.length}, [${texts.join(", ")}])`);
    }
    const not = doc.field(schema, "not");
    if (not !== undefined) parts.push(`matchN(0, [${this.expression(not, indent, depth + 1)}])`);
    const condition = doc.field(schema, "if");
    if (condition !== undefined) {
      const branch = (name: string): string => {
        const node = doc.field(schema, name);
        return node === undefined ? "_" : this.expression(node, indent, depth + 1);
      };
      parts.push(`matchIf(${this.expression(condition, indent, depth + 1)}, ${branch("then")}, ${branch("else")})`);
    }
    return parts;
  }

  #call(package_: string, call: string): string {
    this.imports.add(package_);
    return `${package_}.${call}`;
  }
}

export function labelText(name: string): string {
  return /^[A-Za-z$][\w$]*$/.test(name) ? name : jsonString(name);
}

/** Where a definition of that name is found. */
export function definitionPath(name: string): string {
  return /^[A-Za-z$][\w$]*$/.test(name) ? `#${name}` : `_#defs.${jsonString(name)}`;
}

function referenceText(reference: string): string {
  const match = /^#\/(?:definitions|\$defs|components\/schemas)\/([^/]+)$/.exec(reference);
  const name = match?.[1]?.replaceAll("~1", "/").replaceAll("~0", "~");
  return name === undefined ? "_" : definitionPath(name);
}
