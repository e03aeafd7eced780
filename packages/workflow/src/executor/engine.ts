/** Walks the steps of a run, one after another or as a graph, at the top and inside groups (contract §2.6). */
import type { StepStatus, WorkflowStep, WorkflowStepBase } from "@slipway/api";
import { isFinished } from "../status/step-status.ts";
import { checkIf, deadlineOf, pendingOn } from "./checks.ts";
import type { Ended } from "./run-step.ts";
import { finish, runStep } from "./run-step.ts";
import type { Group, Visit } from "./visit.ts";

type Steps = readonly (WorkflowStep | WorkflowStepBase)[];

export function runSteps(visit: Visit, steps: Steps, dag: boolean, group?: Group): void {
  if (dag) runGraph(visit, steps, group);
  else runSequence(visit, steps, group);
}

function runSequence(visit: Visit, steps: Steps, group: Group | undefined): void {
  for (const step of steps) {
    if (isFinished(visit.find(step, group))) continue;
    const pending = pendingOn(visit, step, group);
    if (pending !== undefined) {
      recordPending(visit, step, group, pending);
      return;
    }
    if (visitStep(visit, step, steps, group, false) !== "finished") return;
  }
}

/** Waiting steps hold up only those that depend on them; what one look finishes lets others run in the same look. */
function runGraph(visit: Visit, steps: Steps, group: Group | undefined): void {
  const visited = new Set<WorkflowStepBase>();
  let progress = true;
  while (progress) {
    progress = false;
    for (const step of steps) {
      if (visited.has(step) || isFinished(visit.find(step, group)) || pendingOn(visit, step, group) !== undefined) continue;
      visited.add(step);
      if (visitStep(visit, step, steps, group, true) === "finished") progress = true;
    }
    // What suspends stops the run after what could run beside it.
    if (visit.suspending) return;
  }
  for (const step of steps) {
    const pending = visited.has(step) || isFinished(visit.find(step, group)) ? undefined : pendingOn(visit, step, group);
    if (pending !== undefined) recordPending(visit, step, group, pending);
  }
}

function recordPending(visit: Visit, step: WorkflowStepBase, group: Group | undefined, message: string): void {
  visit.record(step, group, "pending", "", message);
  visit.waitingFor.push({ step: step.name ?? "", condition: message.replace("Pending on ", "") });
}

function visitStep(visit: Visit, step: WorkflowStep | WorkflowStepBase, siblings: Steps, group: Group | undefined, dag: boolean): Ended {
  const recorded = visit.find(step, group);
  // Suspended by hand: held as it is until it is resumed.
  if (recorded?.phase === "suspending" && recorded.reason !== "Suspend" && visit.wasSuspended && step.type !== "step-group") {
    visit.suspending = true;
    visit.waitingFor.push({ step: step.name ?? "", condition: "to be resumed", unblock: `slipway workflow resume ${visit.instance.name}` });
    return "suspending";
  }
  const started = recorded !== undefined && recorded.phase !== "pending";
  const check = started && step.type !== "step-group" ? { type: "run" as const } : checkIf(visit, step, siblings, group, dag);
  if (check.type === "skip") {
    visit.record(step, group, "skipped", "Skip", check.message);
    if (step.type === "step-group") skipChildren(visit, step as WorkflowStep);
    return finish(visit, step, group, undefined, true);
  }
  const ended = step.type === "step-group" ? runGroup(visit, step as WorkflowStep) : runStep(visit, step, group);
  if (ended === "suspending") visit.suspending = true;
  return ended;
}

function skipChildren(visit: Visit, step: WorkflowStep): void {
  const group: Group = { step, id: visit.idOf(step, undefined), deadlineMs: undefined, skipped: true };
  for (const sub of step.subSteps ?? []) {
    if (isFinished(visit.find(sub, group))) continue;
    visit.record(sub, group, "skipped", "Skip");
    finish(visit, sub, group, undefined, true);
  }
}

function runGroup(visit: Visit, step: WorkflowStep): Ended {
  const deadline = deadlineOf(visit, step, undefined);
  if (!deadline.ok) {
    visit.record(step, undefined, "skipped", "Skip", deadline.message);
    skipChildren(visit, step);
    return finish(visit, step, undefined, undefined, true);
  }
  const timedOut = visit.find(step, undefined) !== undefined && deadline.atMs !== undefined && deadline.atMs <= visit.nowMs;
  if (visit.find(step, undefined) === undefined) visit.record(step, undefined, "running", "");
  const group: Group = { step, id: visit.idOf(step, undefined), deadlineMs: deadline.atMs, skipped: false };
  const mode = step.mode !== undefined && step.mode !== null && step.mode !== "" ? step.mode : visit.instance.groupMode;
  const children = step.subSteps ?? [];
  const acting = visit.actions.length;
  runSteps(visit, children, mode !== "StepByStep", group);
  if (visit.actions.length > acting) return "acting";
  if (timedOut) {
    for (const sub of children) {
      const status = visit.find(sub, group);
      if (status !== undefined && !isFinished(status)) visit.record(sub, group, "failed", "Timeout", status.message);
    }
    visit.record(step, undefined, "failed", "Timeout");
    visit.status.terminated = true;
    return finish(visit, step, undefined, undefined, false);
  }
  const { phase, reason } = aggregate(
    children.map((sub) => visit.find(sub, group)).filter((status) => status !== undefined),
    children.length,
  );
  const status = visit.record(step, undefined, phase, reason);
  visit.wakeAt(deadline.atMs);
  if (phase === "suspending") return "suspending";
  return isFinished(status) ? finish(visit, step, undefined, undefined, phase === "skipped") : "unfinished";
}

const failureReasons = ["FailedAfterRetries", "Timeout", "Action", "Terminate"];

/** The phase of a group from its children's, first match (contract §2.6). */
export function aggregate(
  statuses: readonly StepStatus[],
  expected: number,
): { readonly phase: "suspending" | "running" | "failed" | "skipped" | "succeeded"; readonly reason: string } {
  const some = (phase: string): boolean => statuses.some((status) => status.phase === phase);
  if (some("suspending")) return { phase: "suspending", reason: "" };
  if (statuses.length < expected || some("running") || some("pending")) return { phase: "running", reason: "" };
  if (some("failed")) {
    const reasons = statuses.filter((status) => status.phase === "failed").map((status) => status.reason ?? "");
    return { phase: "failed", reason: failureReasons.find((reason) => reasons.includes(reason)) ?? "" };
  }
  if (expected > 0 && statuses.every((status) => status.phase === "skipped")) return { phase: "skipped", reason: "Skip" };
  return { phase: "succeeded", reason: "" };
}
