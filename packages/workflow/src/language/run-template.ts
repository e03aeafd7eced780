/**
 * One visit of a step's template: the walk for actions, and what becomes of each. What the engine knows itself it answers
 * (`flow-control.ts`, `../providers/calculate.ts`); for the rest it asks, and waits for what is not there yet.
 */
import type { CueError, Program } from "@slipway/cue";
import type { JsonObject, JsonValue } from "@slipway/std";
import { formatDiagnostic, isJsonObject } from "@slipway/std";
import type { ActionRequest, Evaluated, StepInvocation, StepRun } from "../model/step-run.ts";
import { calculate } from "../providers/calculate.ts";
import { legacyResult } from "../providers/legacy.ts";
import { judgeMetric } from "../providers/metric-check.ts";
import { SecretValues } from "../providers/secret-values.ts";
import { logConfig } from "../providers/step-log.ts";
import { patchMarks } from "../providers/strategy-merge.ts";
import type { Found } from "./find-actions.ts";
import { findAction } from "./find-actions.ts";
import { flowControl } from "./flow-control.ts";
import { modeOf } from "./modes.ts";
import { evaluateOutput } from "./output.ts";
import type { Fill } from "./template.ts";
import { instantiate } from "./template.ts";

/** More actions than this in one template are a loop. */
const maxActions = 500;

export function runTemplate(program: Program, invocation: StepInvocation): StepRun {
  return new TemplateWalk(program, invocation).run();
}

class TemplateWalk {
  readonly #program: Program;
  readonly #invocation: StepInvocation;
  readonly #fills: Fill[];
  readonly #keys: Record<string, string> = {};
  readonly #variables: Record<string, JsonValue> = {};
  readonly #secrets = new SecretValues();
  #message = "";
  /** What the last action was about: most likely what is waited for. */
  #object: string | undefined;
  #lookAgainAtMs: number | undefined;

  constructor(program: Program, invocation: StepInvocation) {
    this.#program = program;
    this.#invocation = invocation;
    this.#fills = [
      { path: ["context"], data: invocation.context },
      { path: ["parameter"], data: invocation.parameter },
    ];
    this.#secrets.learn(invocation.parameter);
  }

  run(): StepRun {
    const [problem] = this.#program.diagnostics;
    if (problem !== undefined) {
      const message = `invalid cue task for evaluation: ${formatDiagnostic(problem)}`;
      return { ...this.#end(problem.code === "CUE_SYNTAX" ? "unrenderable" : "error", { message }), debugText: "" };
    }
    const executed = new Set<string>();
    for (let count = 0; count < maxActions; count++) {
      const root = instantiate(this.#program, this.#fills);
      const action = findAction(root, executed);
      if (action === undefined) {
        const [fatal] = root.validate().filter((error) => !isWaiting(error));
        return fatal === undefined ? this.#end("succeeded") : this.#end("error", { message: formatDiagnostic(fatal) });
      }
      executed.add(action.key);
      const ended = this.#answer(action);
      if (ended !== undefined) return ended;
    }
    return this.#end("error", { message: `the template performs more than ${String(maxActions)} actions` });
  }

  /** Fills in what the action comes to; or, when the walk ends in it, how. */
  #answer(action: Found): StepRun | undefined {
    const params = paramsOf(action);
    if (params.type === "fatal") return this.#end("error", { message: formatDiagnostic(params.error) });
    if (params.type === "unknown" && action.fn !== "wait") return this.#end("waiting", this.#waitingFor(params.error));
    const values = params.type === "known" ? params.value : {};
    const flow = flowControl(action, values, this.#invocation);
    if (flow !== undefined) {
      Object.assign(this.#keys, flow.keys);
      if (flow.message !== undefined) this.#message = flow.message;
      if (flow.variable !== undefined) this.#variables[flow.variable.path] = flow.variable.value;
      if (flow.state === "waiting") return this.#end("waiting", this.#waitingFor(params.type === "unknown" ? params.error : undefined));
      if (flow.state !== undefined) return this.#end(flow.state, flow.resumeAtMs === undefined ? {} : { resumeAtMs: flow.resumeAtMs });
      if (flow.result !== undefined) this.#fills.push({ path: action.returns, data: flow.result });
      return undefined;
    }
    const result = calculate(`${action.provider}.${action.fn}`, values, action.params) ?? this.#perform(action, values);
    if ("state" in result) return result;
    if (!result.ok) return this.#end("error", { message: result.message });
    // Nothing to tell: where a definition has no results, there is no place for an empty one either.
    if (isJsonObject(result.value) && Object.keys(result.value).length === 0) return undefined;
    this.#fills.push({ path: action.returns, data: action.legacy ? legacyResult(action, values, result.value) : result.value });
    return undefined;
  }

  /** The result of an action that somebody else performs; ends the walk to ask for it. */
  #perform(action: Found, values: JsonObject): StepRun | Evaluated<JsonValue> {
    const { id, step, key } = this.#invocation;
    this.#secrets.learn(values);
    if (action.provider === "config") this.#secrets.learnAll(values["config"]);
    const request: ActionRequest = {
      key: `${id}/${action.key}`,
      stepId: id,
      stepName: step.name ?? "",
      path: action.key,
      mode: modeOf(action.provider, action.fn, values),
      provider: action.provider,
      fn: action.fn,
      params: this.#paramsToSend(action, values),
    };
    this.#object = objectOf(values) ?? this.#object;
    const result = this.#invocation.result(request);
    if (result === undefined) return this.#end("acting", { actions: [request] });
    if (!result.ok) {
      if (result.notYet !== true) return result;
      this.#message = result.message;
      return this.#end("waiting", this.#waitingFor());
    }
    this.#secrets.learn(result.value);
    if (action.provider === "util" && action.fn === "log")
      Object.assign(
        this.#keys,
        logConfig(values, request.stepName, (name) => this.#keys[name] ?? key(name)),
      );
    return action.provider === "metrics" ? this.#judge(action, values, result.value) : result;
  }

  #paramsToSend(action: Found, values: JsonObject): JsonObject {
    switch (`${action.provider}.${action.fn}`) {
      case "kube.patch":
        // What the comments of the patch say would be lost in JSON.
        return { ...values, marks: patchMarks(action.params.lookup(["patch"])) as unknown as JsonValue };
      case "util.log":
        return this.#secrets.hideIn(values) as JsonObject;
      default:
        return values;
    }
  }

  #judge(action: Found, params: JsonObject, sample: JsonValue): Evaluated<JsonValue> {
    const { id, key, nowMs } = this.#invocation;
    const verdict = judgeMetric({ params, sample, prefix: `${id}.${action.key}`, key, nowMs });
    if (!verdict.ok) return verdict;
    Object.assign(this.#keys, verdict.keys);
    this.#lookAgainAtMs = Math.min(this.#lookAgainAtMs ?? Infinity, verdict.lookAgainAtMs);
    return { ok: true, value: verdict.returns };
  }

  #waitingFor(error?: CueError): Pick<StepRun, "waitingFor"> {
    const condition = error === undefined ? "the condition of the step" : `what is not there yet: ${formatDiagnostic(error)}`;
    return { waitingFor: { condition: this.#secrets.hide(condition), ...(this.#object === undefined ? {} : { object: this.#object }) } };
  }

  #end(state: StepRun["state"], more: Partial<Pick<StepRun, "actions" | "message" | "waitingFor" | "resumeAtMs">> = {}): StepRun {
    const { template = "", step } = this.#invocation;
    const fills = [...this.#fills];
    return {
      state,
      actions: [],
      keys: this.#keys,
      variables: this.#variables,
      output: (expression) => {
        const value = evaluateOutput({ template, type: step.type, fills }, expression);
        return value.ok ? value : { ok: false, message: this.#secrets.hide(value.message) };
      },
      debugText: this.#secrets.hide(instantiate(this.#program, fills).describe()),
      ...(this.#lookAgainAtMs === undefined ? {} : { lookAgainAtMs: this.#lookAgainAtMs }),
      ...more,
      message: this.#secrets.hide(more.message ?? this.#message),
    };
  }
}

type Params =
  /** What is no struct stands under the empty name. */
  | { readonly type: "known"; readonly value: JsonObject }
  /** Something in them may still come. */
  | { readonly type: "unknown"; readonly error: CueError }
  | { readonly type: "fatal"; readonly error: CueError };

function paramsOf(action: Found): Params {
  const json = action.params.toJson();
  if (json.ok) return { type: "known", value: isJsonObject(json.value) ? json.value : { "": json.value } };
  const fatal = json.errors.find((error) => !isWaiting(error));
  if (fatal !== undefined) return { type: "fatal", error: fatal };
  const [error] = json.errors;
  return error === undefined ? { type: "known", value: {} } : { type: "unknown", error };
}

function isWaiting(error: CueError): boolean {
  return error.category === "incomplete" || error.category === "cycle";
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
