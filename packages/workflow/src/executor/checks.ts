/** What is checked before a step runs: pending, skip, `if`, timeout (contract §2.6). */
import type { StepStatus, WorkflowStepBase } from "@slipway/api";
import type { JsonObject, JsonValue } from "@slipway/std";
import { parseGoDuration, parseTimestamp } from "@slipway/std";
import { getPath, parsePath, withPath } from "../model/paths.ts";
import { allStatuses, isFinished } from "../status/step-status.ts";
import type { Group, Visit } from "./visit.ts";

/** Statuses by step name, and by the names that steps may be called by in dependsOn. */
export function statusByName(visit: Visit): ReadonlyMap<string, StepStatus> {
  const map = new Map<string, StepStatus>();
  for (const status of allStatuses(visit.status)) map.set(status.name ?? "", status);
  const names = new Set(visit.instance.steps.flatMap((step) => [step.name, ...(step.subSteps ?? []).map((sub) => sub.name)]));
  for (const step of visit.instance.steps) {
    const status = map.get(step.name ?? "");
    for (const alias of [step.properties?.["name"], step.properties?.["component"]]) {
      if (status !== undefined && typeof alias === "string" && !names.has(alias) && !map.has(alias)) map.set(alias, status);
    }
  }
  return map;
}

export function contextOf(visit: Visit, step: WorkflowStepBase, group: Group | undefined): JsonObject {
  const id = visit.idOf(step, group);
  return {
    name: visit.instance.name,
    namespace: visit.instance.namespace,
    workflowName: "",
    publishVersion: "",
    stepName: step.name ?? "",
    stepSessionID: id,
    spanID: `i-${visit.instance.uid.slice(0, 8)}.${id}`,
    ...(group === undefined ? {} : { stepGroupName: group.step.name ?? "" }),
    ...visit.instance.context,
  };
}

export function resolveInput(visit: Visit, step: WorkflowStepBase, group: Group | undefined, from: string): JsonValue | undefined {
  const found = visit.store.variable(from);
  if (found !== undefined) return found;
  const path = parsePath(from);
  const parameter = (step.properties ?? {}) as JsonObject;
  return path === undefined ? undefined : getPath({ context: contextOf(visit, step, group), parameter }, path);
}

/** The message of a pending step, or nothing when it may run. */
export function pendingOn(visit: Visit, step: WorkflowStepBase, group: Group | undefined): string | undefined {
  const statuses = statusByName(visit);
  for (const name of step.dependsOn ?? []) if (!isFinished(statuses.get(name))) return `Pending on DependsOn: ${name}`;
  for (const input of step.inputs ?? []) {
    if (resolveInput(visit, step, group, input.from) === undefined) return `Pending on Input: ${input.from}`;
  }
  return undefined;
}

/** Whether a step without `if` is skipped because of what came before. */
function skippedByOthers(visit: Visit, step: WorkflowStepBase, siblings: readonly WorkflowStepBase[], dag: boolean): boolean {
  const statuses = statusByName(visit);
  const dependsOn = step.dependsOn ?? [];
  if (dependsOn.length > 0) {
    const seen = new Set<string>();
    const unsuccessful = (names: readonly string[]): boolean =>
      names.some((name) => {
        if (seen.has(name)) return false;
        seen.add(name);
        if (statuses.get(name)?.phase !== "succeeded") return true;
        return unsuccessful(siblings.find((each) => each.name === name)?.dependsOn ?? []);
      });
    return unsuccessful(dependsOn);
  }
  if (dag) return false;
  const before = siblings.slice(0, siblings.indexOf(step)).map((each) => statuses.get(each.name ?? "")?.phase);
  return before.some((phase) => phase !== "succeeded" && phase !== "skipped");
}

export type Check = { readonly type: "run" } | { readonly type: "skip"; readonly message: string };

export function checkIf(
  visit: Visit,
  step: WorkflowStepBase,
  siblings: readonly WorkflowStepBase[],
  group: Group | undefined,
  dag: boolean,
): Check {
  if (group?.skipped === true) return { type: "skip", message: "" };
  const text = step.if ?? "";
  if (text === "") return skippedByOthers(visit, step, siblings, dag) ? { type: "skip", message: "" } : { type: "run" };
  if (text === "always") return { type: "run" };
  const status: JsonObject = {};
  for (const [name, each] of statusByName(visit)) status[name] = describe(each);
  const inputs: JsonObject = {};
  for (const { from } of step.inputs ?? []) {
    const value = resolveInput(visit, step, group, from);
    if (value !== undefined) inputs[from] = value;
  }
  const parameter = step.type === "step-group" ? {} : ((step.properties ?? {}) as JsonObject);
  const result = visit.language.condition(text, { status, inputs, context: contextOf(visit, step, group), parameter });
  if (!result.ok) return { type: "skip", message: `pre check error: ${result.message}` };
  return result.value ? { type: "run" } : { type: "skip", message: "" };
}

/** A step's status as `if` expressions see it. */
function describe(status: StepStatus): JsonObject {
  const { id, name = "", type = "", phase = "", message = "", reason = "", firstExecuteTime = "", lastExecuteTime = "" } = status;
  return {
    id,
    name,
    type,
    phase,
    message,
    reason,
    firstExecuteTime,
    lastExecuteTime,
    failed: phase === "failed",
    succeeded: phase === "succeeded",
    skipped: phase === "skipped",
    timeout: reason === "Timeout",
    failedAfterRetries: reason === "FailedAfterRetries",
    terminate: reason === "Terminate",
  };
}

export type Deadline = { readonly ok: true; readonly atMs: number | undefined } | { readonly ok: false; readonly message: string };

/** The earlier of the step's own deadline and its group's. The clock runs from the first record. */
export function deadlineOf(visit: Visit, step: WorkflowStepBase, group: Group | undefined): Deadline {
  const own = step.timeout ?? "";
  let atMs = group?.deadlineMs;
  if (own !== "") {
    const timeoutMs = parseGoDuration(own);
    if (timeoutMs === undefined) return { ok: false, message: `pre check error: time: invalid duration ${JSON.stringify(own)}` };
    const since = parseTimestamp(visit.find(step, group)?.firstExecuteTime) ?? visit.nowMs;
    atMs = Math.min(atMs ?? Infinity, since + timeoutMs);
  }
  return { ok: true, atMs };
}

/** Properties with the inputs written in, over what stood there. */
export function parameterOf(visit: Visit, step: WorkflowStepBase, group: Group | undefined): JsonObject {
  let parameter: JsonValue = (step.properties ?? {}) as JsonObject;
  for (const { from, parameterKey } of step.inputs ?? []) {
    const path = parsePath(parameterKey ?? "");
    const value = resolveInput(visit, step, group, from);
    if (path !== undefined && value !== undefined) parameter = withPath(parameter, path, value);
  }
  return parameter as JsonObject;
}
