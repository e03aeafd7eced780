/** Where data goes in CUE: `--path`, `--list`, `--with-context` (`cue help import`). */
import type { SourceFile } from "../api.ts";
import { compile } from "../compile/complete.ts";
import { jsonString } from "../encoding/json.ts";
import { cueText } from "../load/yaml-layout.ts";
import { parseExpression, parseFile } from "../syntax/parser.ts";
import type { Flags } from "./arguments.ts";
import { CommandFailure } from "./failure.ts";

/** One element of the path: a label as written, or an expression over the data. */
type Part = { readonly label: string } | { readonly expression: string };

export interface Placement {
  readonly used: boolean;
  readonly list: boolean;
  readonly context: boolean;
  readonly path: readonly Part[];
}

export function parsePlacement(flags: Flags): Placement {
  const path = (flags.path ?? []).flatMap(partsOf);
  const list = flags.list === true;
  const context = flags.withContext === true;
  const used = list || path.length > 0;
  if (!used && context) throw new CommandFailure(`flag "with-context" must be used with at least one of flag "path", "list", or "files"`);
  if (used && flags.schema !== undefined) throw new CommandFailure(`cannot combine --schema flag with flag "path", "list", or "files"`);
  return { used, list, context, path };
}

/** `a` and `strings.ToLower(kind)` are expressions; `a: "b":` is a path of labels. */
function partsOf(text: string): readonly Part[] {
  const expression = parseExpression(text, "--path");
  if (expression.diagnostics.length === 0) {
    if (/\*/.test(text) && text.includes("|")) throw new CommandFailure(`expression is not a valid label: ${text}`);
    return [{ expression: text }];
  }
  const parsed = parseFile(`${text}_`, "--path");
  const parts: Part[] = [];
  let [decl] = parsed.file.decls;
  if (parsed.diagnostics.length > 0 || parsed.file.decls.length !== 1)
    throw new CommandFailure(
      `labels must be expressions (-l foo -l 'strings.ToLower(bar)') or full paths (-l '"foo": "\\(strings.ToLower(bar))":) : ${parsed.diagnostics[0]?.message ?? ""}`,
    );
  while (decl?.type === "Field") {
    const { label, value } = decl;
    const written = parsed.file.source.slice(label.start, label.end);
    if (label.type === "DynamicLabel") parts.push({ expression: written.slice(1, -1) });
    else if (label.type === "InterpolationLabel") parts.push({ expression: written });
    else parts.push({ label: written });
    decl = value.type === "StructLit" ? value.decls[0] : undefined;
  }
  return parts;
}

/** The values of one file at their places. Labels go on the line of the value, so its positions hold as far as they can. */
export function placeValues(
  values: readonly SourceFile[],
  placement: Placement,
  name: string,
  adapt: (source: SourceFile, labels: readonly string[]) => SourceFile = (source) => source,
): readonly SourceFile[] {
  const lists = new Map<string, string[]>();
  const placed: SourceFile[] = [];
  for (const [index, { filename, text }] of values.entries()) {
    const context = `{data: ${text.trim()}, filename: ${jsonString(name)}, index: ${index}, recordCount: ${values.length}}`;
    const scope = placement.context ? context : text;
    const labels = placement.path.map((part) => ("label" in part ? part.label : labelOf(part.expression, scope)));
    const data = adapt({ filename, text }, labels).text;
    if (placement.list) {
      const key = labels.map((label) => `${label}: `).join("");
      lists.set(key, [...(lists.get(key) ?? []), data]);
      continue;
    }
    if (labels.length === 0) placed.push({ filename, text: data });
    else placed.push({ filename, text: labelled(labels, data) });
  }
  const [first] = values;
  for (const [prefix, elements] of lists)
    if (first !== undefined)
      placed.push({ filename: first.filename, text: `${prefix}[${elements.map((each) => each.trim()).join(", ")}]\n` });
  return placed;
}

/** Labels that do not depend on the value, for what has none. */
export function writtenLabels(placement: Placement): readonly string[] {
  return placement.path.map((part) => {
    if ("label" in part) return part.label;
    throw new CommandFailure(`cannot evaluate label ${part.expression}: a schema has no value`);
  });
}

/** The labels in the white space before the value where there is enough, else before it. */
function labelled(labels: readonly string[], text: string): string {
  const prefix = labels.map((label) => `${label}: `).join("");
  const lines = /^\s*/.exec(text)?.[0] ?? "";
  return `${lines}${prefix}${text.slice(lines.length)}`;
}

/** The expression's value as a label. */
function labelOf(expression: string, data: string): string {
  // As a field of a file: only there are imports in scope.
  const text = `${importsOf(expression)}${scopeOf(data)}\n_placementLabel: (${expression})\n`;
  const program = compile([{ filename: "--path", text }]);
  const [problem] = program.diagnostics;
  if (problem !== undefined) throw new CommandFailure(`error evaluating label ${expression}: ${problem.message}`);
  const value = program.instance().lookup([{ hidden: "_placementLabel" }]);
  const json = value.toJson();
  if (json.ok && typeof json.value === "string") return jsonString(json.value);
  if (json.ok) throw new CommandFailure(`error evaluating label ${expression}: ${JSON.stringify(json.value)}`);
  throw new CommandFailure(`error evaluating label ${expression}: ${json.errors[0]?.message ?? "not concrete"}`);
}

/** The fields of data as a file that expressions can refer to. */
function scopeOf(data: string): string {
  const decoded = compile([{ filename: "data", text: data }])
    .instance()
    .toData();
  if (!decoded.ok || !(decoded.value instanceof Map)) return data;
  return cueText(decoded.value).slice(1, -1);
}

/** Expressions of the command line may name packages of the language without importing them. */
function importsOf(expression: string): string {
  const names = new Set([...expression.matchAll(/(?<![\w.])([a-z]\w*)\./g)].map((match) => match[1]));
  return builtinPaths
    .filter((path) => names.has(path.slice(path.lastIndexOf("/") + 1)))
    .map((path) => `import ${jsonString(path)}\n`)
    .join("");
}

const builtinPaths = [
  "encoding/base64",
  "encoding/csv",
  "encoding/hex",
  "encoding/json",
  "encoding/yaml",
  "list",
  "math",
  "path",
  "regexp",
  "strconv",
  "strings",
  "struct",
  "time",
];
