/**
 * `@embed(file=…)` and `@embed(glob=…)` in files that begin with `@extern(embed)` (`cue help embed`). The attribute gives
 * way to the data, on its own line, so that everything after it stays on its line.
 */
import type { SourcePosition } from "@slipway/std";
import type { CueError } from "../api.ts";
import { JsonSyntaxError, decodeJson, decodeJsonStream, encodeJson, jsonProblem } from "../encoding/json.ts";
import { TomlError, decodeToml } from "../encoding/toml-decode.ts";
import { YamlError, decodeYaml } from "../encoding/yaml-decode.ts";
import type { Attribute, Declaration, Expression } from "../syntax/ast.ts";
import { positionAt } from "../syntax/position.ts";
import type { FileSystem } from "./file-system.ts";
import { cleanPath, joinPath, parentOf } from "./file-system.ts";
import type { FileType } from "./file-type.ts";
import { fileType } from "./file-type.ts";
import type { SchemaKind } from "./json-schema/schema-file.ts";
import { schemaFile } from "./json-schema/schema-file.ts";
import { loadError } from "./load-error.ts";
import { findModuleRoot } from "./module-file.ts";
import type { PackageFile } from "./package-files.ts";
import { cueText } from "./yaml-layout.ts";

/** The text with what it embeds. */
export function embedFiles(fs: FileSystem, { path, text, file }: PackageFile, errors: CueError[]): string {
  const extern = file.attributes.some((each) => each.name === "extern" && each.body.trim() === "embed");
  if (!extern) return text;
  const found: { readonly attribute: Attribute; readonly value: Expression | undefined }[] = [];
  for (const attribute of file.attributes)
    if (file.package === undefined || attribute.start > file.package.start) found.push({ attribute, value: undefined });
  findAttributes(file.decls, found);
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  const imports = new Set<string>();
  for (const { attribute, value } of found.sort((a, b) => a.attribute.start - b.attribute.start)) {
    if (attribute.name !== "embed") continue;
    const embedded = readEmbedded(fs, parentOf(path), attribute.body);
    if (!embedded.ok) {
      errors.push(loadError(`@embed: ${embedded.message}`, [{ file: path, ...positionAt(text, attribute.start) }, ...(embedded.at ?? [])]));
      continue;
    }
    for (const each of embedded.imports ?? []) imports.add(each);
    const { start, end } = attribute;
    if (value === undefined) edits.push({ start, end, text: embedded.text });
    else {
      edits.push({ start, end, text: ` & ${embedded.text}` });
      if (value.type === "Binary")
        edits.push({ start: value.start, end: value.start, text: "(" }, { start: value.end, end: value.end, text: ")" });
    }
  }
  for (const spec of file.imports) if (spec.alias === undefined) imports.delete(spec.path);
  if (imports.size > 0) {
    const clause = [...imports].map((each) => `import ${encodeJson(each)}`).join(", ");
    const end = file.package?.end;
    edits.push(end === undefined ? { start: 0, end: 0, text: `${clause}, ` } : { start: end, end, text: `, ${clause}` });
  }
  let result = "";
  let at = 0;
  for (const edit of edits.sort((a, b) => a.start - b.start)) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/** Attributes of fields with the field's value, and of structs, wherever they are. */
function findAttributes(decls: readonly Declaration[], found: { attribute: Attribute; value: Expression | undefined }[]): void {
  const pending: (Declaration | Expression)[] = [...decls];
  // A tree may be deep and wide: a list instead of recursion.
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    switch (next.type) {
      case "Attribute":
        if (!found.some((each) => each.attribute === next)) found.push({ attribute: next, value: undefined });
        break;
      case "Field":
        for (const attribute of next.attributes) found.push({ attribute, value: next.value });
        pending.push(next.value);
        break;
      case "Embedding":
      case "Paren":
        pending.push(next.expr);
        break;
      case "Let":
        pending.push(next.value);
        break;
      case "Comprehension":
        pending.push(...next.value.decls, ...(next.fallback?.decls ?? []));
        break;
      case "StructLit":
        pending.push(...next.decls);
        break;
      case "ListLit":
        for (const element of next.elements) if (element.type !== "Ellipsis") pending.push(element);
        break;
      case "Selector":
      case "Index":
      case "Slice":
      case "Unary":
      case "PostfixEllipsis":
        pending.push(next.operand);
        break;
      case "Call":
        pending.push(next.callee, ...next.args);
        break;
      case "Binary":
        pending.push(next.left, next.right);
        break;
      case "Ellipsis":
        if (next.value !== undefined) pending.push(next.value);
        break;
      case "Ident":
      case "BasicLit":
      case "Interpolation":
      case "Bottom":
      case "Bad":
        break;
    }
  }
}

type Embedded =
  | { readonly ok: true; readonly text: string; readonly imports?: readonly string[] }
  | { readonly ok: false; readonly message: string; readonly at?: readonly SourcePosition[] };

function readEmbedded(fs: FileSystem, directory: string, body: string): Embedded {
  const options = new Map<string, string>();
  for (const part of body.match(/[^,"]*(?:"(?:[^"\\]|\\.)*")?[^,"]*/g) ?? []) {
    const [name = "", value] = part.trim().split(/=(.*)/s) as [string, string?];
    if (name !== "") options.set(name.trim(), unquote((value ?? "").trim()));
  }
  const [file, glob] = [options.get("file"), options.get("glob")];
  const type = options.get("type") ?? "";
  const mayBeEmpty = options.has("allowEmptyGlob");
  if (file !== undefined && glob !== undefined) return refuse("attribute cannot have both file and glob field");
  if (mayBeEmpty && glob === undefined) return refuse("allowEmptyGlob must be specified with a glob field");
  if (file === undefined && glob === undefined) return refuse("attribute must have file or glob field");
  const wanted = file ?? glob ?? "";
  if (wanted.startsWith("/")) return refuse("only relative files are allowed");
  const clean = cleanPath(wanted);
  if (clean === ".." || clean.startsWith("../")) return refuse("cannot refer to parent directory");
  if (clean !== wanted) return refuse(`path not normalized, use ${JSON.stringify(clean)} instead`);
  return file === undefined ? embedGlob(fs, directory, wanted, type, mayBeEmpty) : embedFile(fs, directory, file, type);
}

function unquote(text: string): string {
  return text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1).replace(/\\(.)/gs, "$1") : text;
}

function refuse(message: string): Embedded {
  return { ok: false, message };
}

function embedGlob(fs: FileSystem, directory: string, pattern: string, type: string, mayBeEmpty: boolean): Embedded {
  if (pattern.split("/").includes("**"))
    return refuse(`invalid glob pattern ${JSON.stringify(pattern)}: '**' is not supported in patterns as of yet`);
  if (/\[[^\]]*$/.test(pattern)) return refuse(`invalid glob pattern ${JSON.stringify(pattern)}: syntax error in pattern`);
  if (type === "" && !/\.[A-Za-z0-9]+$/.test(pattern)) return refuse("extension not fully specified; type argument required");
  const matches = globMatches(fs, directory, pattern.split("/"));
  const files = matches.filter((name) => fs.list(joinPath(directory, name)) === undefined);
  // Directories match, and are passed over.
  if (matches.length === 0 && !mayBeEmpty) return refuse(`no matches for glob pattern ${JSON.stringify(pattern)}`);
  const fields: string[] = [];
  for (const name of files) {
    const one = embedFile(fs, directory, name, type);
    if (!one.ok) return one;
    fields.push(`${encodeJson(name)}: ${one.text}`);
  }
  return { ok: true, text: `{${fields.join(", ")}}` };
}

/** Element by element; `*` does not match a leading dot unless it is written. */
function globMatches(fs: FileSystem, directory: string, parts: readonly string[]): readonly string[] {
  let found = [""];
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    const test = globTest(part);
    found = found.flatMap((prefix) =>
      (fs.list(joinPath(directory, prefix === "" ? "." : prefix)) ?? [])
        .filter((entry) => (last || entry.directory) && test(entry.name) && (part.startsWith(".") || !entry.name.startsWith(".")))
        .map((entry) => (prefix === "" ? entry.name : `${prefix}/${entry.name}`)),
    );
  }
  return found.sort();
}

function globTest(part: string): (name: string) => boolean {
  const source = part
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  try {
    const expression = new RegExp(`^${source}$`, "su");
    return (name) => expression.test(name);
  } catch {
    return (name) => name === part;
  }
}

function embedFile(fs: FileSystem, directory: string, name: string, qualifier: string): Embedded {
  if (fs.list(joinPath(directory, name)) !== undefined) return refuse("cannot embed directories");
  const type = fileType(name, qualifier);
  if (!type.ok) return refuse(type.message);
  const { encoding, interpretation } = type.type;
  // A file below another module's root is not ours.
  if (findModuleRoot(fs, parentOf(joinPath(directory, name))) !== findModuleRoot(fs, directory))
    return refuse(`cannot embed file ${JSON.stringify(name)}: in different module`);
  const text = fs.readFile(joinPath(directory, name));
  if (text === undefined) return refuse(`open ${name}: no such file or directory`);
  if (interpretation === "jsonschema" || interpretation === "openapi") return embedSchema(name, text, type.type, interpretation);
  try {
    switch (encoding) {
      case "json": {
        const values = decodeJsonStream(text);
        return values.length > 1 ? streaming : one(cueText(decodeJson(text)));
      }
      case "yaml": {
        const values = decodeYaml(text);
        return values.length > 1 ? streaming : one(cueText(values[0] ?? null));
      }
      case "toml":
        return one(cueText(decodeToml(text)));
      case "text":
        return one(encodeJson(text.replace(/^\ufeff/, "")));
      case "binary":
        return one(cueText(new TextEncoder().encode(text)));
      case "jsonl":
        if (decodeJsonStream(text).length > 1) return streaming;
        return refuse(`encoding "jsonl" not (yet) supported: requires support for streaming`);
      case "textproto":
        return refuse(`encoding "textproto" not (yet) supported: requires support for schema-guided decoding`);
      default:
        return refuse(`encoding ${JSON.stringify(encoding)} not (yet) supported`);
    }
  } catch (error) {
    if (error instanceof JsonSyntaxError || error instanceof YamlError || error instanceof TomlError)
      return refuse(`invalid ${encoding}: ${error.message}`);
    throw error;
  }
}

/** A schema on one line; the packages it needs are imported by the file. */
function embedSchema(name: string, text: string, type: FileType, kind: SchemaKind): Embedded {
  let source = text;
  if (type.encoding === "yaml") source = cueText(decodeYaml(text)[0] ?? null);
  else {
    const problem = jsonProblem(text);
    if (problem !== undefined) return refuse(`invalid JSON: ${problem.message}`);
  }
  const schema = schemaFile(name, source, kind, type.tags);
  const [problem] = schema.errors;
  if (problem !== undefined) return { ok: false, message: problem.message, at: problem.at };
  const lines = schema.body
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("//"));
  const body = lines.join(", ").replaceAll("{, ", "{").replaceAll(", }", "}");
  return { ok: true, text: `{${body}}`, imports: schema.imports };
}

const streaming = refuse("streaming not implemented: found more than one value in file");

function one(text: string): Embedded {
  return { ok: true, text };
}
