/** Steps in CUE (contract §3): templates and `if` expressions. A visit of a template is in `run-template.ts`. */
import type { Program } from "@slipway/cue";
import { compile } from "@slipway/cue";
import type { JsonObject } from "@slipway/std";
import { formatDiagnostic, isJsonObject } from "@slipway/std";
import type { ConditionScope, Evaluated, StepLanguage } from "../model/step-run.ts";
import { runTemplate } from "./run-template.ts";
import { compileTemplate } from "./template.ts";

const cacheSize = 200;

export function createStepLanguage(): StepLanguage {
  const programs = new Map<string, Program>();
  const compiled = (template: string, type: string): Program => {
    const key = `${type}\n${template}`;
    let program = programs.get(key);
    if (program === undefined) {
      program = compileTemplate(template, type);
      if (programs.size >= cacheSize) programs.clear();
      programs.set(key, program);
    }
    return program;
  };
  return {
    run: (invocation) => runTemplate(compiled(invocation.template ?? "", invocation.step.type), invocation),
    condition,
    parseVariables,
  };
}

function condition(text: string, scope: ConditionScope): Evaluated<boolean> {
  const program = compile([
    { filename: "if", text: `if_: ${text}` },
    { filename: "data", text: "status: _\ninputs: _\ncontext: _\nparameter: _" },
  ]);
  const [problem] = program.diagnostics;
  if (problem !== undefined) return { ok: false, message: `invalid if value: ${formatDiagnostic(problem)}` };
  let value = program.instance();
  for (const [name, data] of Object.entries(scope)) value = value.fill([name], data as JsonObject);
  const json = value.lookup(["if_"]).toJson();
  if (!json.ok) return { ok: false, message: `invalid if value: ${json.errors.map(formatDiagnostic).join("; ")}` };
  if (typeof json.value !== "boolean") return { ok: false, message: `invalid if value: ${JSON.stringify(json.value)} is no bool` };
  return { ok: true, value: json.value };
}

function parseVariables(text: string): JsonObject | undefined {
  const json = compile(text.trim().startsWith("{") ? `vars: ${text}` : `vars: {\n${text}\n}`)
    .instance()
    .lookup(["vars"])
    .toJson();
  return json.ok && isJsonObject(json.value) ? json.value : undefined;
}
