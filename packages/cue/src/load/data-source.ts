/**
 * Data files as CUE text, so that what is wrong with data is told at its place in the file. JSON is CUE already; YAML is
 * laid out anew with every value on its line and, where there is room, in its column.
 */
import { JsonSyntaxError, decodeJson, decodeJsonStream, encodeJson } from "../encoding/json.ts";
import { TomlError, decodeToml } from "../encoding/toml-decode.ts";
import { YamlError, decodeYaml } from "../encoding/yaml-decode.ts";
import type { CueError, SourceFile } from "../api.ts";
import { parseFile } from "../syntax/parser.ts";
import { positionAt } from "../syntax/position.ts";
import { loadError } from "./load-error.ts";
import type { DataFile } from "./load.ts";
import { cueText, layoutYaml } from "./yaml-layout.ts";

/** The texts, or why there are none. */
export type DataSources = { readonly ok: true; readonly values: readonly SourceFile[] } | { readonly ok: false; readonly error: CueError };

/** One CUE text for each value of the file. `files`: as files rather than as expressions. */
export function dataSources(file: DataFile, files: boolean): DataSources {
  const { encoding, interpretation, tags } = file.type;
  if (interpretation === "jsonschema" || interpretation === "openapi" || interpretation === "pb")
    return refuse(`unsupported interpretation ${JSON.stringify(interpretation)} for input`);
  if (tags.has("koala")) return refuse(`unsupported encoding "xml"`);
  try {
    switch (encoding) {
      case "json":
        return values(file, jsonTexts(file.text, false));
      case "jsonl":
        return values(file, jsonTexts(file.text, true));
      case "yaml":
        return values(file, yamlTexts(file.text, files));
      case "toml":
        return values(file, [cueText(decodeToml(file.text))]);
      case "text":
        return values(file, [encodeJson(file.text)]);
      default:
        return refuse(`unsupported encoding ${JSON.stringify(encoding)}`);
    }
  } catch (error) {
    if (error instanceof JsonSyntaxError)
      return {
        ok: false,
        error: loadError(`invalid JSON: ${error.message}`, [{ file: file.path, ...positionAt(file.text, error.offset) }]),
      };
    if (error instanceof TomlError)
      return {
        ok: false,
        error: loadError(`invalid TOML: ${error.message}`, [{ file: file.path, ...positionAt(file.text, error.offset) }]),
      };
    if (error instanceof YamlError) return { ok: false, error: loadError(`${file.path}:${error.message.replace(/^:/, "")}`) };
    throw error;
  }
}

function refuse(message: string): DataSources {
  return { ok: false, error: loadError(message) };
}

function values(file: DataFile, texts: readonly string[]): DataSources {
  return { ok: true, values: texts.map((text) => ({ filename: file.path, text })) };
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

function yamlTexts(text: string, files: boolean): readonly string[] {
  const decoded = decodeYaml(text);
  // A file without content stands for null, or for whatever it is unified with.
  return decoded.length === 0 ? ["*null | _"] : layoutYaml(text, decoded, files);
}
