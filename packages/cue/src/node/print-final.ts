/** Evaluated values as CUE: a syntax tree of what is there, laid out by the formatter. */
import type { FieldInfo, Value } from "../api.ts";
import { formatFile } from "../format/format.ts";
import type * as ast from "../syntax/ast.ts";
import { parseExpression } from "../syntax/parser.ts";
import { jsonString } from "../encoding/json.ts";
import type { PrintOptions } from "./language.ts";

/** Where a node comes from no source. */
const nowhere = { start: -1, end: -1 } as const;

/** Values inside one another beyond this are written as `_`. */
const maxDepth = 400;

export function printFinal(value: Value, options: PrintOptions): string {
  const settled = value.default();
  const decls =
    options.definition === true
      ? asDefinition(settled, options)
      : isStruct(settled)
        ? declarations(settled, options, 0, 1)
        : [embedding(expression(settled, options, 0, 0))];
  const file: ast.File = {
    ...nowhere,
    type: "File",
    filename: "",
    source: "",
    package: options.package === undefined ? undefined : { ...nowhere, type: "Package", name: options.package, comments: [] },
    imports: [],
    attributes: [],
    decls,
    comments: [],
  };
  const text = formatFile(file, { simplify: true });
  const { indent } = options;
  return indent === undefined ? text : text.replace(/^\t+/gm, (tabs) => indent.repeat(tabs.length));
}

/** A definition on its own, so that it stays closed: the file is that definition. */
function asDefinition(value: Value, options: PrintOptions): readonly ast.Declaration[] {
  const name = { ...nowhere, type: "Ident", name: "_#def" } as const;
  const label = { ...nowhere, type: "IdentLabel", name: "_#def" } as const;
  const field = { alias: undefined, valueAlias: undefined, constraint: "none", attributes: [], comments: [] } as const;
  return [embedding(name), { ...nowhere, ...field, type: "Field", label, value: expression(value, options, 0, 1) }];
}

function embedding(expr: ast.Expression): ast.Embedding {
  return { ...nowhere, type: "Embedding", expr, attributes: [], comments: [] };
}

/** A struct whose fields say all: not a disjunction of structs, and no error. */
function isStruct(value: Value): boolean {
  return (
    value.kind() === "struct" || (value.incompleteKind() === "struct" && value.fields(all).length > 0 && !/^\{.*\} \| /.test(value.print()))
  );
}

const all = { optional: true, hidden: true, definitions: true } as const;

function declarations(value: Value, options: PrintOptions, depth: number, indent: number): readonly ast.Declaration[] {
  const shown = value.fields(all).filter(({ label, constraint }) => {
    if (constraint === "optional" && options.optional !== true) return false;
    if (label.startsWith("_")) return options.hidden === true;
    // A concrete value has no definitions.
    return !label.startsWith("#") || (options.style !== "export" && options.concrete !== true);
  });
  const sorted = options.sortFields === true ? [...shown].sort((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : 0)) : shown;
  return sorted.map((field) => declaration(field, options, depth, indent));
}

function declaration({ label, element, constraint, value }: FieldInfo, options: PrintOptions, depth: number, indent: number): ast.Field {
  const regular = typeof element === "string";
  const docs = options.style === "export" ? value.docs() : [];
  return {
    ...nowhere,
    type: "Field",
    label:
      regular && !/^[\p{L}$][\p{L}\p{N}_$]*$/u.test(label)
        ? { ...nowhere, type: "StringLabel", value: label, raw: jsonString(label) }
        : { ...nowhere, type: "IdentLabel", name: label },
    alias: undefined,
    valueAlias: undefined,
    constraint,
    value: expression(value.default(), options, depth + 1, indent),
    attributes: options.attributes === true ? value.attributes() : [],
    comments: docs.map((comment) => ({ ...comment, start: -1 })),
  };
}

/** `indent` is that of the lines of a string. */
function expression(value: Value, options: PrintOptions, depth: number, indent: number): ast.Expression {
  if (depth > maxDepth) return { ...nowhere, type: "Ident", name: "_" };
  if (isStruct(value))
    return {
      ...nowhere,
      type: "StructLit",
      decls: declarations(value, options, depth, value.fields(all).length === 1 ? indent : indent + 1),
      comments: [],
    };
  if (value.kind() === "list" && !/\.\.\.[^,]*\]$/.test(value.print()))
    return {
      ...nowhere,
      type: "ListLit",
      elements: value.elements().map((each) => expression(each.default(), options, depth + 1, indent)),
      comments: [],
    };
  const lines = value.kind() === "string" ? multilineString(value, "\t".repeat(indent)) : undefined;
  if (lines !== undefined) return { ...nowhere, type: "BasicLit", kind: "string", raw: lines };
  const parsed = parseExpression(value.print(), "");
  return parsed.diagnostics.length > 0 ? { ...nowhere, type: "Bottom" } : withoutPlaces(parsed.expr);
}

/** A string of several lines as such; undefined for any other. */
function multilineString(value: Value, indent: string): string | undefined {
  const json = value.toJson();
  if (!json.ok || typeof json.value !== "string" || !json.value.includes("\n")) return undefined;
  const escaped = json.value.split("\n").map((line) => jsonString(line).slice(1, -1).replaceAll('\\"', '"').replaceAll('"""', '\\"""'));
  return `"""\n${escaped.map((line) => (line === "" ? "" : indent + line)).join("\n")}\n${indent}"""`;
}

/** The tree as if it had no source. */
function withoutPlaces<T>(node: T): T {
  if (Array.isArray(node)) return node.map((each: unknown) => withoutPlaces(each)) as T;
  if (typeof node !== "object" || node === null) return node;
  const entries = Object.entries(node).map(([key, item]) => [
    key,
    key === "start" || key === "end" || key === "opStart" ? -1 : withoutPlaces(item as unknown),
  ]);
  return Object.fromEntries(entries) as T;
}
