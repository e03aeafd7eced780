/** One visit of one step that is no group (contract §2.7). */
import type { WorkflowStepBase } from "@slipway/api";
import { formatTimestamp, parseTimestamp } from "@slipway/std";
import { hashParams, journaledResult } from "../model/context-store.ts";
import type { ActionRequest, ActionResult, StepRun } from "../model/step-run.ts";
import { noOutput } from "../model/step-run.ts";
import { runSuspendStep } from "../tasks/suspend.ts";
import { maxRetryTimes, pollDelayMs, retryDelayMs } from "./backoff.ts";
import { contextOf, deadlineOf, parameterOf } from "./checks.ts";
import type { Group, Visit } from "./visit.ts";

/** `acting`: nothing is recorded, the step goes on when its actions are done. */
export type Ended = "finished" | "unfinished" | "suspending" | "acting";

export function runStep(visit: Visit, step: WorkflowStepBase, group: Group | undefined): Ended {
  const id = visit.idOf(step, group);
  const recorded = visit.find(step, group);
  const deadline = deadlineOf(visit, step, group);
  if (!deadline.ok) {
    visit.record(step, group, "skipped", "Skip", deadline.message);
    return finish(visit, step, group, undefined, true);
  }
  const timedOut = recorded !== undefined && deadline.atMs !== undefined && deadline.atMs <= visit.nowMs;
  const retry = visit.store.retry(id);
  if (!timedOut && retry !== undefined && recorded?.phase === "failed") {
    const nextMs = retry.atMs + retryDelayMs(retry.failures);
    if (nextMs > visit.nowMs) {
      visit.wakeAt(Math.min(nextMs, deadline.atMs ?? Infinity));
      wait(visit, step, { condition: `retry after: ${recorded.message ?? "an error"}`, deadline: formatTimestamp(nextMs) });
      return "unfinished";
    }
  }
  const run = evaluate(visit, step, group, id, timedOut);
  for (const [name, value] of Object.entries(run.keys)) if (!timedOut) visit.store.setKey(name, value);
  if (visit.instance.debug && run.debugText !== undefined && run.state !== "acting") visit.debug.push({ stepId: id, text: run.debugText });
  if (timedOut) {
    // The template is read once more for its outputs; what it would do is not done.
    visit.record(step, group, "failed", "Timeout", recorded.message);
    visit.status.terminated = true;
    return finish(visit, step, group, run, false);
  }
  const message = run.message ?? "";
  switch (run.state) {
    case "acting":
      visit.actions.push(...run.actions);
      return "acting";
    case "waiting":
      visit.record(step, group, "running", "Wait", message);
      waitFor(visit, step, group, run, deadline.atMs);
      return "unfinished";
    case "suspended":
      visit.record(step, group, "suspending", "Suspend", message);
      visit.wakeAt(run.resumeAtMs);
      waitFor(visit, step, group, run, deadline.atMs);
      return "suspending";
    case "succeeded":
      writeVariables(visit, run);
      visit.record(step, group, "succeeded", "", message);
      return finish(visit, step, group, run, false);
    case "broken":
      visit.record(step, group, "succeeded", "Terminate", message);
      visit.status.terminated = true;
      return finish(visit, step, group, run, false);
    case "failed":
      visit.record(step, group, "failed", "Action", message);
      visit.status.terminated = true;
      return finish(visit, step, group, run, false);
    case "unrenderable":
    case "error":
      return fail(visit, step, group, id, run);
  }
}

function evaluate(visit: Visit, step: WorkflowStepBase, group: Group | undefined, id: string, readOnly: boolean): StepRun {
  const invocation = {
    step,
    id,
    template: visit.templates.get(step.type),
    context: contextOf(visit, step, group),
    parameter: parameterOf(visit, step, group),
    recorded: visit.find(step, group),
    key: (name: string) => visit.store.key(name),
    variable: (path: string) => visit.store.variable(path),
    result: (action: ActionRequest) => resultOf(visit, action),
    nowMs: visit.nowMs,
  };
  const run = step.type === "suspend" ? runSuspendStep(invocation) : visit.language.run(invocation);
  if (run.state !== "acting") return run;
  // An object that was applied already is read again, not applied again.
  const actions = run.actions.map((action) => {
    const applied = visit.store.journal(action.stepId, action.path);
    if (action.mode !== "apply" || applied?.paramsHash !== hashParams(action.params)) return action;
    return { ...action, mode: "observe" as const };
  });
  return readOnly ? { ...run, actions: [], output: run.output } : { ...run, actions };
}

function resultOf(visit: Visit, action: ActionRequest): ActionResult | undefined {
  return visit.results.get(action.key) ?? journaledResult(visit.store.journal(action.stepId, action.path));
}

function fail(visit: Visit, step: WorkflowStepBase, group: Group | undefined, id: string, run: StepRun): Ended {
  const failures = (visit.store.retry(id)?.failures ?? 0) + 1;
  visit.store.setRetry(id, { failures, atMs: visit.nowMs });
  const message = run.message ?? "";
  if (failures > maxRetryTimes) {
    visit.record(step, group, "failed", "FailedAfterRetries", message);
    visit.status.terminated = true;
    return finish(visit, step, group, run, false);
  }
  visit.record(step, group, "failed", "Execute", message);
  const nextMs = visit.nowMs + retryDelayMs(failures);
  visit.wakeAt(nextMs);
  wait(visit, step, { condition: `retry after: ${message}`, deadline: formatTimestamp(nextMs) });
  return "unfinished";
}

function writeVariables(visit: Visit, run: StepRun): void {
  for (const [path, value] of Object.entries(run.variables)) visit.store.setVariable(path, value);
}

/** A finished step defines all its outputs: with null where there is no value. */
export function finish(visit: Visit, step: WorkflowStepBase, group: Group | undefined, run: StepRun | undefined, skipped: boolean): Ended {
  const status = visit.find(step, group);
  const output = run?.output ?? noOutput;
  let problems = "";
  for (const { name, valueFrom } of step.outputs ?? []) {
    const value = skipped ? undefined : output(valueFrom);
    if (value?.ok === false) problems += `failed to get output from ${valueFrom}: ${value.message}\n`;
    const set = visit.store.setVariable(name, value?.ok === true ? value.value : null);
    if (!set.ok) problems += `failed to set output ${name}: ${set.message}\n`;
  }
  if (problems !== "" && status !== undefined) status.message = problems;
  visit.store.setRetry(visit.idOf(step, group), undefined);
  return "finished";
}

function waitFor(visit: Visit, step: WorkflowStepBase, group: Group | undefined, run: StepRun, deadlineMs: number | undefined): void {
  const status = visit.find(step, group);
  const sinceMs = parseTimestamp(status?.lastExecuteTime) ?? visit.nowMs;
  if (run.state === "waiting") visit.wakeAt(visit.nowMs + pollDelayMs(visit.nowMs - sinceMs));
  visit.wakeAt(run.lookAgainAtMs);
  visit.wakeAt(deadlineMs);
  const end = run.resumeAtMs === undefined ? deadlineMs : Math.min(run.resumeAtMs, deadlineMs ?? Infinity);
  wait(visit, step, {
    condition: run.state === "suspended" ? "to be resumed" : "the condition of the step",
    since: formatTimestamp(sinceMs),
    ...(end === undefined ? {} : { deadline: formatTimestamp(end) }),
    ...(run.state === "suspended" ? { unblock: `slipway workflow resume ${visit.instance.name}` } : {}),
    ...run.waitingFor,
  });
}

function wait(visit: Visit, step: WorkflowStepBase, waiting: { readonly condition: string; readonly deadline?: string }): void {
  visit.waitingFor.push({ step: step.name ?? "", ...waiting });
}
