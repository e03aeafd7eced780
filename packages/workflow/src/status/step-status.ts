/** Reading and writing `status.steps[]` (contract §1.4, §1.5). */
import type { StepStatus, WorkflowRunStatus, WorkflowStepStatus } from "@slipway/api";
import { createSeededRandom, randomString } from "@slipway/std";

export type StepPhase = "succeeded" | "failed" | "skipped" | "running" | "pending" | "suspending";
export type RunPhase = "initializing" | "executing" | "suspending" | "terminated" | "failed" | "succeeded";

const alphabet = "abcdefghijklmnopqrstuvwxyz123456789";

/**
 * The id of a step: ten characters that follow from the run and the step's name, so that a crash before the first status
 * write does not orphan what was journaled under it. Upstream draws them at random; nobody can tell.
 */
export function stepId(runUid: string, stepName: string): string {
  let hash = 2166136261;
  for (const char of `${runUid}/${stepName}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619);
  return randomString(createSeededRandom(hash), 10, alphabet);
}

/** `failed` with an empty reason or `Execute` is tried again; everything else that ended is finished. */
export function isFinished(status: Pick<StepStatus, "phase" | "reason"> | undefined): boolean {
  if (status === undefined) return false;
  if (status.phase === "succeeded" || status.phase === "skipped") return true;
  return status.phase === "failed" && (status.reason ?? "") !== "" && status.reason !== "Execute";
}

export function allStatuses(status: WorkflowRunStatus): readonly StepStatus[] {
  return (status.steps ?? []).flatMap((step) => [step as StepStatus, ...(step.subSteps ?? [])]);
}

export function findStatus(status: WorkflowRunStatus, name: string, group?: string): StepStatus | undefined {
  if (group === undefined) return status.steps?.find((step) => step.name === name);
  return status.steps?.find((step) => step.name === group)?.subSteps?.find((step) => step.name === name);
}

/** Records a step in a draft. Times move only when something else does, so that an unchanged step is no write. */
export function recordStep(
  draft: WorkflowRunStatus,
  next: {
    readonly id: string;
    readonly name: string;
    readonly type: string;
    readonly phase: StepPhase;
    readonly reason: string;
    readonly message: string;
  },
  now: string,
  group?: { readonly id: string; readonly name: string },
): StepStatus {
  draft.steps ??= [];
  let list: StepStatus[] | WorkflowStepStatus[] = draft.steps;
  if (group !== undefined) {
    let parent = draft.steps.find((step) => step.name === group.name);
    if (parent === undefined) {
      parent = { id: group.id, name: group.name, type: "step-group", phase: "running", firstExecuteTime: now, lastExecuteTime: now };
      draft.steps.push(parent);
    }
    list = parent.subSteps ??= [];
  }
  const present = list.find((step) => step.name === next.name);
  const same =
    present !== undefined &&
    present.phase === next.phase &&
    (present.reason ?? "") === next.reason &&
    (present.message ?? "") === next.message;
  if (same) return present;
  const step: StepStatus = present ?? { id: next.id };
  step.name = next.name;
  step.type = next.type;
  step.phase = next.phase;
  setText(step, "reason", next.reason);
  setText(step, "message", next.message);
  step.firstExecuteTime ??= now;
  step.lastExecuteTime = now;
  if (present === undefined) list.push(step);
  return step;
}

function setText(step: StepStatus, field: "reason" | "message", text: string): void {
  if (text === "") delete step[field];
  else step[field] = text;
}
