/**
 * What an operator does to a run, as transforms of its status (contract §2.9). Pure: the caller writes the result, with
 * the resourceVersion that it read. Messages of success are the CLI's (§5).
 */
import type { StepStatus, WorkflowRun, WorkflowRunStatus, WorkflowStep, WorkflowStepStatus } from "@slipway/api";
import type { JsonObject } from "@slipway/std";
import { cloneJson } from "@slipway/std";
import { ContextStore } from "../model/context-store.ts";

export type OperationResult =
  | { readonly ok: true; readonly status: WorkflowRunStatus; readonly message: string; readonly changed: boolean }
  | { readonly ok: false; readonly code: "TERMINATED" | "STEP_NOT_FOUND" | "STEP_NOT_FAILED"; readonly message: string };

const settled: ReadonlySet<string> = new Set(["succeeded", "failed", "skipped"]);

/** Suspends all running steps, or one. */
export function suspendRun(run: WorkflowRun, step?: string): OperationResult {
  const status = draftOf(run);
  if (status.terminated) return { ok: false, code: "TERMINATED", message: "can not suspend a terminated workflow" };
  let found = step === undefined;
  for (const each of status.steps ?? []) {
    if (each.phase === "running" && (step === undefined || each.name === step)) {
      found = true;
      each.phase = "suspending";
      for (const sub of each.subSteps ?? []) if (!settled.has(sub.phase ?? "")) sub.phase = "suspending";
      continue;
    }
    for (const sub of each.subSteps ?? []) {
      if (sub.phase !== "running" || (step !== undefined && sub.name !== step)) continue;
      found = true;
      sub.phase = "suspending";
    }
  }
  if (!found) return { ok: false, code: "STEP_NOT_FOUND", message: `can not find step ${step ?? ""}` };
  status.suspend = true;
  return succeeded(run, status, "suspend", step);
}

/** Resumes all suspending steps, or one. A run that is not suspended stays as it is. */
export function resumeRun(run: WorkflowRun, step?: string): OperationResult {
  const status = draftOf(run);
  if (status.terminated) return { ok: false, code: "TERMINATED", message: "can not resume a terminated workflow" };
  if (step === undefined && !status.suspend) return succeeded(run, status, "resume", step, false);
  let found = step === undefined;
  for (const each of everyStep(status)) {
    if (each.phase !== "suspending" || (step !== undefined && each.name !== step)) continue;
    found = true;
    each.phase = "running";
  }
  if (!found) return { ok: false, code: "STEP_NOT_FOUND", message: `can not find step ${step ?? ""}` };
  status.suspend = false;
  return succeeded(run, status, "resume", step);
}

export function terminateRun(run: WorkflowRun): OperationResult {
  const status = draftOf(run);
  status.terminated = true;
  status.suspend = false;
  for (const each of everyStep(status)) {
    if (each.phase === "running" || each.phase === "suspending") {
      each.phase = "failed";
      each.reason = "Terminate";
    } else if (each.phase === "failed" && each.reason !== "FailedAfterRetries" && each.reason !== "Timeout") {
      each.reason = "Terminate";
    }
  }
  return succeeded(run, status, "terminate", undefined);
}

/** Begins anew: the caller deletes the context ConfigMap first, then replaces the status by this empty one. */
export function restartRun(run: WorkflowRun): OperationResult {
  return succeeded(run, { finished: false, mode: {}, status: "", suspend: false, terminated: false }, "restart", undefined);
}

export type RestartFromStepResult =
  | (Extract<OperationResult, { readonly ok: true }> & {
      /** The data of the context ConfigMap without what the removed steps left there. */
      readonly contextData: Readonly<Record<string, string>>;
      readonly removed: readonly string[];
    })
  | Extract<OperationResult, { readonly ok: false }>;

/** Runs a failed step, and what depends on it, again. Everything before keeps its status and its variables. */
export function restartFromStep(
  run: WorkflowRun,
  steps: readonly WorkflowStep[],
  step: string,
  contextData: Readonly<Record<string, string>>,
  parseVariables: (text: string) => JsonObject | undefined,
): RestartFromStepResult {
  const status = draftOf(run);
  const recorded = everyStep(status).find((each) => each.name === step);
  const group = steps.find((each) => (each.subSteps ?? []).some((sub) => sub.name === step));
  if (recorded === undefined || (group === undefined && !steps.some((each) => each.name === step))) {
    return { ok: false, code: "STEP_NOT_FOUND", message: `failed step ${step} not found` };
  }
  if (recorded.phase !== "failed") return { ok: false, code: "STEP_NOT_FAILED", message: "can not restart from a non-failed step" };
  const removed = new Set<string>();
  if (group === undefined) removeFrom(steps, step, status.mode.steps !== "DAG", removed);
  else {
    const mode = group.mode ?? run.spec?.mode?.subSteps ?? "DAG";
    removeFrom(group.subSteps ?? [], step, mode === "StepByStep", removed);
    removeFrom(steps, group.name ?? "", status.mode.steps !== "DAG", removed);
    removed.delete(group.name ?? "");
  }
  for (const each of steps) if (removed.has(each.name ?? "")) for (const sub of each.subSteps ?? []) removed.add(sub.name ?? "");
  const store = new ContextStore(contextData, parseVariables);
  for (const each of everyStep(status)) if (removed.has(each.name ?? "")) store.removeStep(each.id);
  const outputs = steps.flatMap((each) => [each, ...(each.subSteps ?? [])]).filter((each) => removed.has(each.name ?? ""));
  store.removeVariables(outputs.flatMap((each) => (each.outputs ?? []).map((output) => output.name)));
  status.steps = (status.steps ?? []).filter((each) => !removed.has(each.name ?? ""));
  for (const each of status.steps) {
    if (each.subSteps !== undefined) each.subSteps = each.subSteps.filter((sub) => !removed.has(sub.name ?? ""));
    if (each.name !== group?.name || group === undefined) continue;
    each.phase = "running";
    delete each.reason;
  }
  status.terminated = false;
  status.suspend = false;
  status.finished = false;
  delete status.endTime;
  const result = succeeded(run, status, "restart", step);
  return { ...result, contextData: store.data, removed: [...removed] };
}

/** `step` and its dependants: all later ones when they run one after another, else those that need it or its outputs. */
function removeFrom(siblings: readonly WorkflowStep[], step: string, sequential: boolean, removed: Set<string>): void {
  removed.add(step);
  const index = siblings.findIndex((each) => each.name === step);
  if (sequential) {
    for (const each of siblings.slice(index + 1)) removed.add(each.name ?? "");
    return;
  }
  const outputs = new Set((siblings[index]?.outputs ?? []).map((output) => output.name));
  for (const each of siblings) {
    if (removed.has(each.name ?? "")) continue;
    const needs = (each.dependsOn ?? []).includes(step) || (each.inputs ?? []).some((input) => outputs.has(input.from));
    if (needs) removeFrom(siblings, each.name ?? "", false, removed);
  }
}

function everyStep(status: WorkflowRunStatus): (StepStatus | WorkflowStepStatus)[] {
  return (status.steps ?? []).flatMap((step) => [step, ...(step.subSteps ?? [])]);
}

function draftOf(run: WorkflowRun): WorkflowRunStatus {
  return cloneJson(run.status) ?? { finished: false, mode: {}, status: "", suspend: false, terminated: false };
}

function succeeded(
  run: WorkflowRun,
  status: WorkflowRunStatus,
  verb: string,
  step: string | undefined,
  changed = true,
): Extract<OperationResult, { readonly ok: true }> {
  const name = run.metadata.name ?? "";
  const message = step === undefined ? `Successfully ${verb} workflow: ${name}` : `Successfully ${verb} workflow ${name} from step ${step}`;
  return { ok: true, status, message, changed };
}
