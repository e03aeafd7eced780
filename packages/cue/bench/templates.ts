/** The templates with their data, as both implementations take them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonValue } from "@slipway/std";
import type { Program, Value } from "../src/api.ts";
import { compile } from "../src/index.ts";

const folder = join(import.meta.dirname, "templates");

interface Entry {
  readonly paths: readonly string[];
  /** The case that both implementations can do. */
  readonly bench: string;
  readonly context: JsonValue;
  readonly cases: Readonly<Record<string, { readonly parameter: JsonValue; readonly expect: Readonly<Record<string, JsonValue>> }>>;
}

export interface Template {
  readonly name: string;
  readonly text: string;
  readonly paths: readonly string[];
  readonly context: JsonValue;
  readonly parameter: JsonValue;
}

export function readTemplates(): readonly Template[] {
  const entries = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8")) as Readonly<Record<string, Entry>>;
  return Object.entries(entries).map(([name, entry]) => ({
    name,
    text: readFileSync(join(folder, `${name}.cue`), "utf8"),
    paths: entry.paths,
    context: entry.context,
    parameter: entry.cases[entry.bench]?.parameter ?? null,
  }));
}

export function compileTemplate(template: Template): Program {
  return compile([
    { filename: `${template.name}.cue`, text: template.text },
    { filename: "data.cue", text: "context: _\nparameter: _" },
  ]);
}

/** As `compileTemplate`, with the data as text. */
export function compileWithData(template: Template): Program {
  return compile(`${template.text}\n${dataText(template)}`);
}

export function fillTemplate(template: Template, program: Program): Value {
  return program.instance().fill(["context"], template.context).fill(["parameter"], template.parameter);
}

/** What is read of the value; the messages where that fails. */
export function readPaths(template: Template, value: Value): readonly string[] {
  return template.paths.map((path) => {
    const json = value.lookup(path).toJson();
    return json.ok ? JSON.stringify(json.value) : `error: ${json.errors[0]?.message ?? ""}`;
  });
}

/** One program whose export is what is read: the template below a hidden field, since its other fields may be incomplete. */
export function wholeProgram(template: Template): string {
  const imports = /^import (?:\([\s\S]*?\n\)|"[^"]*")$/m.exec(template.text)?.[0] ?? "";
  const body = template.text.replace(imports, "");
  const outputs = template.paths.map((path, i) => `out${i}: _template.${path.replace(/\.(\$\w+)$/, '["$1"]')}`);
  return `${imports}\n_template: {\n${body}\n${dataText(template)}\n}\n${outputs.join("\n")}\n`;
}

function dataText(template: Template): string {
  return `context: ${JSON.stringify(template.context)}\nparameter: ${JSON.stringify(template.parameter)}`;
}
