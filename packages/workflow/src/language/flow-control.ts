/** What the engine does itself: waiting, suspending, ending, messages and variables (contract §3.5). */
import type { JsonObject, JsonValue } from "@slipway/std";
import type { StepInvocation, StepRun } from "../model/step-run.ts";
import { suspendAction } from "../tasks/suspend.ts";
import type { Found } from "./find-actions.ts";

export interface Flow {
  /** The walk ends in it; absent: it goes on. */
  readonly state?: StepRun["state"];
  readonly message?: string;
  readonly keys?: Readonly<Record<string, string>>;
  readonly resumeAtMs?: number;
  readonly result?: JsonValue;
  readonly variable?: { readonly path: string; readonly value: JsonValue };
}

/** `undefined` for an action that somebody else performs. */
export function flowControl(action: Found, params: JsonObject, invocation: StepInvocation): Flow | undefined {
  if (action.provider !== "builtin") return undefined;
  const said = typeof params["message"] === "string" ? { message: params["message"] } : {};
  switch (action.fn) {
    case "wait":
      return params["continue"] === true ? {} : { state: "waiting", ...said };
    case "suspend":
      return suspend(action, params, invocation);
    case "break":
      return { state: "broken", ...said };
    case "fail":
      return { state: "failed", ...said };
    case "message":
      return said;
    case "var":
      return variable(params, invocation);
    default:
      return undefined;
  }
}

function suspend(action: Found, params: JsonObject, invocation: StepInvocation): Flow {
  const { duration } = params;
  const result = suspendAction({
    id: invocation.id,
    field: action.label,
    duration: typeof duration === "string" ? duration : undefined,
    recorded: invocation.recorded,
    key: invocation.key,
    nowMs: invocation.nowMs,
  });
  switch (result.type) {
    case "go":
      return {};
    case "error":
      return { state: "error", message: result.message };
    case "suspend":
      return {
        state: "suspended",
        keys: result.keys,
        message: `Suspended by field ${action.label}`,
        ...(result.resumeAtMs === undefined ? {} : { resumeAtMs: result.resumeAtMs }),
      };
  }
}

function variable(params: JsonObject, invocation: StepInvocation): Flow {
  const path = String(params["path"] ?? "");
  if (params["method"] === "Put") return { variable: { path, value: params["value"] ?? null } };
  const value = invocation.variable(path);
  if (value === undefined) return { state: "error", message: `var ${path} not found` };
  return { result: { value } };
}
