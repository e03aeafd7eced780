/**
 * Data files as CUE text, so that what is wrong with data is told at its place in the file. JSON is CUE already; YAML is
 * laid out anew with every value on its line and, where there is room, in its column.
 */
import { JsonSyntaxError, decodeJson, decodeJsonStream, encodeJson } from "../encoding/json.ts";
import { TomlError, decodeToml } from "../encoding/toml-decode.ts";
import { YamlError, decodeYaml } from "../encoding/yaml-decode.ts";
import type { SourcePosition } from "@slipway/std";
import type { CueError, SourceFile, Value } from "../api.ts";
import { parseFile } from "../syntax/parser.ts";
import { positionAt } from "../syntax/position.ts";
import { loadError } from "./load-error.ts";
import { detectSchema, schemaFile } from "./json-schema/schema-file.ts";
import type { SchemaFile } from "./json-schema/schema-file.ts";
import type { DataFile } from "./load.ts";
import { TextProtoError, decodeTextProto } from "./text-proto.ts";
import { XmlError, decodeKoala } from "./xml-koala.ts";
import { cueText, layoutYaml } from "./yaml-layout.ts";

/** The texts, or why there are none. */
export type DataSources =
  | { readonly ok: true; readonly values: readonly SourceFile[]; readonly schema: SchemaFile | undefined }
  | { readonly ok: false; readonly errors: readonly CueError[] };

export interface DataOptions {
  /** As files rather than as expressions. */
  readonly files: boolean;
  /** What the values are for, where their format does not tell types. */
  readonly schema?: () => Value | undefined;
}

/** One CUE text for each value of the file, or a schema. Data of protobuf in JSON is left as it is: see `rewriteProtoJson`. */
export function dataSources(file: DataFile, options: DataOptions): DataSources {
  const { interpretation, tags } = file.type;
  const texts = dataTexts(file, options);
  if (!Array.isArray(texts)) return { ok: false, errors: [texts as CueError] };
  const [first = ""] = texts as readonly string[];
  const kind =
    interpretation === "" || interpretation === "pb"
      ? undefined
      : interpretation === "auto"
        ? detectSchema(file.path, first)
        : interpretation;
  if (kind !== undefined && texts.length === 1) {
    const schema = schemaFile(file.path, first, kind, tags);
    if (schema.errors.length > 0) return { ok: false, errors: schema.errors };
    return { ok: true, values: [{ filename: file.path, text: schemaText(schema) }], schema };
  }
  return { ok: true, values: (texts as readonly string[]).map((text) => ({ filename: file.path, text })), schema: undefined };
}

/** A schema as the text of a file, below the labels given; with the package's clause and comments where it is written out. */
export function schemaText(schema: SchemaFile, labels: readonly string[] = [], written?: { readonly package: string | undefined }): string {
  const imports = schema.imports.map((path) => `import ${encodeJson(path)}\n`).join("");
  const nested = schema.body.replace(/^(?=.)/gm, "\t");
  const body = labels.length === 0 ? schema.body : `${labels.map((label) => `${label}: `).join("")}{\n${nested}}\n`;
  if (written === undefined) return `${imports}${body}`;
  const comments = schema.comments.map((line) => `//${line === "" ? "" : ` ${line}`}\n`).join("");
  const clause = written.package === undefined ? "" : `package ${written.package}\n`;
  return [comments, clause, imports, body].filter((part) => part !== "").join("\n");
}

/** The values as CUE texts, or why there are none. */
function dataTexts(file: DataFile, options: DataOptions): readonly string[] | CueError {
  const { encoding } = file.type;
  try {
    switch (encoding) {
      case "json":
        return jsonTexts(file.text, false);
      case "jsonl":
        return jsonTexts(file.text, true);
      case "yaml":
        return yamlTexts(file.text, options.files);
      case "toml":
        return [cueText(decodeToml(file.text))];
      case "textproto":
        return [cueText(decodeTextProto(file.text, options.schema?.()))];
      case "xml":
        return [cueText(decodeKoala(file.text))];
      case "text":
        return [encodeJson(file.text)];
      default:
        return loadError(`unsupported encoding ${JSON.stringify(encoding)}`);
    }
  } catch (error) {
    const at = (offset: number): SourcePosition[] => [{ file: file.path, ...positionAt(file.text, offset) }];
    if (error instanceof JsonSyntaxError) return loadError(`invalid JSON: ${error.message}`, at(error.offset));
    if (error instanceof TextProtoError) return loadError(`invalid text format: ${error.message}`, at(error.offset));
    if (error instanceof XmlError) return loadError(`invalid XML: ${error.message}`, at(error.offset));
    if (error instanceof TomlError) return loadError(`invalid TOML: ${error.message}`, at(error.offset));
    if (error instanceof YamlError) return yamlError(file.path, error.message);
    throw error;
  }
}

/** Each value with the lines before it, so that positions hold. */
function jsonTexts(text: string, stream: boolean): readonly string[] {
  const decoded = stream ? decodeJsonStream(text) : [decodeJson(text)];
  const spans = stream ? spansOf(text) : [[0, text.length] as const];
  return decoded.map((data, index) => {
    const [start, end] = spans[index] ?? [0, 0];
    const own = text.slice(0, start).replace(/[^\n]/g, " ") + text.slice(start, end);
    // JSON that is laid out as CUE does not allow (a comma at the beginning of a line) is written anew.
    return spans.length === decoded.length && parseFile(own, "").diagnostics.length === 0 ? own : encodeJson(data);
  });
}

/** Where the values of a JSON stream are. The text is valid. */
function spansOf(text: string): readonly (readonly [number, number])[] {
  const spans: [number, number][] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gsu;
  let depth = 0;
  let start = 0;
  for (const match of text.matchAll(token)) {
    const [part] = match;
    if (depth === 0) start = match.index;
    if (part === "{" || part === "[") depth++;
    if (part === "}" || part === "]") depth--;
    if (depth === 0) spans.push([start, match.index + part.length]);
  }
  return spans;
}

/** Its message begins with the line, where that is known. */
function yamlError(path: string, message: string): CueError {
  const [, line, text] = /^:?(\d+): ([^]*)$/.exec(message) ?? [];
  if (line === undefined || text === undefined) return loadError(`${path}: ${message}`);
  return loadError(`invalid YAML: ${text}`, [{ file: path, line: Number(line), column: 1 }]);
}

function yamlTexts(text: string, files: boolean): readonly string[] {
  const decoded = decodeYaml(text);
  // A file without content stands for null, or for whatever it is unified with.
  return decoded.length === 0 ? ["*null | _"] : layoutYaml(text, decoded, files);
}
