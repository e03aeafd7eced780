/** A JSON Schema or OpenAPI document as a CUE file. */
import type { CueError } from "../../api.ts";
import { jsonString } from "../../encoding/json.ts";
import { parseFile } from "../../syntax/parser.ts";
import { Document } from "./schema-node.ts";
import type { SchemaNode } from "./schema-node.ts";
import type { SchemaOptions } from "./schema-writer.ts";
import { SchemaWriter, definitionPath } from "./schema-writer.ts";

export type SchemaKind = "jsonschema" | "openapi";

/** The parts of a file, so that they can be put where `--path` says. */
export interface SchemaFile {
  /** Lines before the package clause, without `//`. */
  readonly comments: readonly string[];
  readonly imports: readonly string[];
  /** Declarations. */
  readonly body: string;
  readonly errors: readonly CueError[];
}

/** What a document says it is; undefined where it is plain data. `text` is CUE. */
export function detectSchema(filename: string, text: string): SchemaKind | undefined {
  const doc = new Document(parseFile(text, filename).file);
  const schema = doc.string(doc.field(doc.root, "$schema"));
  if (schema !== undefined && /^https?:\/\/json-schema\.org\//.test(schema)) return "jsonschema";
  const version = doc.string(doc.field(doc.root, "openapi"));
  return version !== undefined && /^3\.\d/.test(version) && doc.field(doc.root, "info") !== undefined ? "openapi" : undefined;
}

/** `tags` are those of the file's type: `strict`, `strictKeywords`, … */
export function schemaFile(filename: string, text: string, kind: SchemaKind, tags: ReadonlyMap<string, string>): SchemaFile {
  const doc = new Document(parseFile(text, filename).file);
  const on = (name: string): boolean => tags.has(name) && !/^(false|0)$/.test(tags.get(name) ?? "");
  const version = doc.string(doc.field(doc.root, "openapi")) ?? "";
  const options: SchemaOptions = {
    // OpenAPI 3.0 allows no others in any case.
    strictKeywords: on("strict") || on("strictKeywords") || (kind === "openapi" && version.startsWith("3.0")),
    strictFeatures: on("strict") || on("strictFeatures"),
    openOnlyWhenExplicit: on("openOnlyWhenExplicit"),
  };
  const writer = new SchemaWriter(doc, options);
  const lines = kind === "openapi" ? openapiLines(doc, writer) : schemaLines(doc, writer);
  const comments = kind === "openapi" ? [] : writer.comments(doc.root);
  return { comments, imports: [...writer.imports].sort(), body: `${lines.join("\n")}\n`, errors: writer.errors };
}

function openapiLines(doc: Document, writer: SchemaWriter): readonly string[] {
  const lines: string[] = [];
  const info = doc.field(doc.root, "info");
  const fields = info === undefined ? [] : (doc.fields(info) ?? []).filter(([name]) => name === "title" || name === "version");
  if (fields.length > 0) lines.push("info: {", ...fields.map(([name, node]) => `\t${name}: *${doc.text(node)} | string`), "}");
  const components = doc.field(doc.root, "components");
  const schemas = components === undefined ? undefined : doc.field(components, "schemas");
  lines.push(...definitionLines(schemas, doc, writer));
  return lines;
}

function schemaLines(doc: Document, writer: SchemaWriter): readonly string[] {
  const lines: string[] = [];
  const schema = doc.string(doc.field(doc.root, "$schema"));
  const id = doc.string(doc.field(doc.root, "$id")) ?? doc.string(doc.field(doc.root, "id"));
  if (schema !== undefined) lines.push(`@jsonschema(schema=${jsonString(schema)})`);
  if (id !== undefined) lines.push(`@jsonschema(id=${jsonString(id)})`);
  const declarations = writer.objectDeclarations(doc.root, "");
  if (lines.length > 0) lines.push("");
  if (declarations === undefined) lines.push(writer.expression(doc.root));
  else lines.push(...declarations);
  for (const name of ["definitions", "$defs"]) lines.push(...definitionLines(doc.field(doc.root, name), doc, writer));
  return lines;
}

function definitionLines(node: SchemaNode | undefined, doc: Document, writer: SchemaWriter): readonly string[] {
  const lines: string[] = [];
  for (const [name, schema] of node === undefined ? [] : (doc.fields(node) ?? [])) {
    const comments = writer.comments(schema);
    if (comments.length > 0 && lines.length > 0) lines.push("");
    for (const line of comments) lines.push(`//${line === "" ? "" : ` ${line}`}`);
    const declarations = writer.objectDeclarations(schema, "\t");
    const only = declarations?.length === 1 && declarations[0]?.trim() === "...";
    const text = declarations === undefined ? writer.expression(schema) : only ? "{...}" : `{\n${declarations.join("\n")}\n}`;
    lines.push(`${definitionPath(name).replace(/^_#defs\./, "_#defs: ")}: ${text}`);
  }
  return lines;
}
