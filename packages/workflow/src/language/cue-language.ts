/**
 * Steps in CUE (contract §3). A visit walks the template for actions, in order: each whose parameters are known is asked
 * for, its result is filled in, and the walk begins again on the new value, so that what depends on it appears. What is
 * not known yet is waited for; upstream counts it as an error.
 */
import type { CueError, Program } from "@slipway/cue";
import { compile } from "@slipway/cue";
import type { JsonObject, JsonValue } from "@slipway/std";
import { formatDiagnostic, isJsonObject } from "@slipway/std";
import type { ActionRequest, ConditionScope, Evaluated, StepInvocation, StepLanguage, StepRun } from "../model/step-run.ts";
import type { Found } from "./find-actions.ts";
import { findAction } from "./find-actions.ts";
import { flowControl } from "./flow-control.ts";
import { modeOf } from "./modes.ts";
import { evaluateOutput } from "./output.ts";
import type { Fill } from "./template.ts";
import { compileTemplate, instantiate } from "./template.ts";

/** More actions than this in one template are a loop. */
const maxActions = 500;
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

function runTemplate(program: Program, invocation: StepInvocation): StepRun {
  const { context, parameter } = invocation;
  const fills: Fill[] = [
    { path: ["context"], data: context },
    { path: ["parameter"], data: parameter },
  ];
  const keys: Record<string, string> = {};
  const variables: Record<string, JsonValue> = {};
  let message = "";
  let lastObject: string | undefined;
  const end = (state: StepRun["state"], more: Partial<StepRun> = {}): StepRun => ({
    state,
    actions: [],
    message,
    keys,
    variables,
    output: (expression) => evaluateOutput({ template: invocation.template ?? "", type: invocation.step.type, fills }, expression),
    debugText: instantiate(program, fills).describe(),
    ...more,
  });
  const [problem] = program.diagnostics;
  if (problem !== undefined) {
    const state = problem.code === "CUE_SYNTAX" ? "unrenderable" : "error";
    return { ...end(state), debugText: "", message: `invalid cue task for evaluation: ${formatDiagnostic(problem)}` };
  }
  const executed = new Set<string>();
  for (let count = 0; count < maxActions; count++) {
    const root = instantiate(program, fills);
    const action = findAction(root, executed);
    if (action === undefined) {
      const [fatal] = root.validate().filter((error) => !isWaiting(error));
      if (fatal !== undefined) return end("error", { message: formatDiagnostic(fatal) });
      return end("succeeded");
    }
    executed.add(action.key);
    const params = paramsOf(action);
    if (params.type === "fatal") return end("error", { message: formatDiagnostic(params.error) });
    if (params.type === "unknown" && action.fn !== "wait") return end("waiting", waitOn(lastObject, params.error));
    const values = params.type === "known" ? params.value : {};
    const flow = flowControl(action, values, invocation);
    if (flow !== undefined) {
      Object.assign(keys, flow.keys);
      if (flow.message !== undefined) message = flow.message;
      if (flow.variable !== undefined) variables[flow.variable.path] = flow.variable.value;
      if (flow.state !== undefined) {
        const waiting = params.type === "unknown" ? waitOn(lastObject, params.error) : waitOn(lastObject);
        return end(
          flow.state,
          flow.state === "suspended"
            ? flow.resumeAtMs === undefined
              ? {}
              : { resumeAtMs: flow.resumeAtMs }
            : flow.state === "waiting"
              ? waiting
              : {},
        );
      }
      if (flow.result !== undefined) fills.push({ path: action.returns, data: flow.result });
      continue;
    }
    const request: ActionRequest = {
      key: `${invocation.id}/${action.key}`,
      stepId: invocation.id,
      stepName: invocation.step.name ?? "",
      path: action.key,
      mode: modeOf(action.provider, action.fn),
      provider: action.provider,
      fn: action.fn,
      params: values,
    };
    lastObject = objectOf(values) ?? lastObject;
    const result = invocation.result(request);
    if (result === undefined) return end("acting", { actions: [request] });
    if (!result.ok) return end("error", { message: result.message });
    fills.push({ path: action.returns, data: result.value });
  }
  return end("error", { message: `the template performs more than ${maxActions} actions` });
}

type Params =
  | { readonly type: "known"; readonly value: JsonObject }
  /** Something in them may still come. */
  | { readonly type: "unknown"; readonly error: CueError }
  | { readonly type: "fatal"; readonly error: CueError };

function paramsOf(action: Found): Params {
  const json = action.params.toJson();
  if (json.ok) return { type: "known", value: isJsonObject(json.value) ? json.value : {} };
  const fatal = json.errors.find((error) => !isWaiting(error));
  if (fatal !== undefined) return { type: "fatal", error: fatal };
  const [error] = json.errors;
  return error === undefined ? { type: "known", value: {} } : { type: "unknown", error };
}

function isWaiting(error: CueError): boolean {
  return error.category === "incomplete" || error.category === "cycle";
}

function waitOn(object: string | undefined, error?: CueError): Partial<StepRun> {
  const condition = error === undefined ? "the condition of the step" : `what is not there yet: ${formatDiagnostic(error)}`;
  return { waitingFor: { condition, ...(object === undefined ? {} : { object }) } };
}

/** `Application default/web` of parameters that name an object. */
function objectOf(params: JsonObject): string | undefined {
  const { value } = params;
  if (!isJsonObject(value)) return undefined;
  const { kind, metadata } = value;
  if (typeof kind !== "string" || !isJsonObject(metadata ?? null)) return undefined;
  const { name, namespace } = metadata as JsonObject;
  return typeof name === "string" ? `${kind} ${typeof namespace === "string" ? namespace : "default"}/${name}` : undefined;
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
