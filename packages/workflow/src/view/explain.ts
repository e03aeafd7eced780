/** What a run waits for and what comes next, for people. */
import type { Workflow, WorkflowRun } from "@slipway/api";
import { generateInstance } from "../instance/instance.ts";
import { isFinished } from "../status/step-status.ts";

export interface RunExplanation {
  readonly phase: string;
  /** One line a wait. */
  readonly waitsFor: readonly string[];
  /** Steps that did not run yet, in the order of the spec. */
  readonly next: readonly string[];
}

export function explainRun(run: WorkflowRun, workflow?: Workflow): RunExplanation {
  const phase = run.status?.status ?? "initializing";
  if (run.status?.finished === true) return { phase, waitsFor: [], next: [] };
  const failure = run.status?.conditions?.find((each) => each.status === "False" && phase === "initializing");
  const waits = (run.status?.slipway?.waitingFor ?? []).map((each) => {
    const object = each.object === undefined ? "" : ` of ${each.object}`;
    const until = each.deadline === undefined ? "" : `, until ${each.deadline}`;
    const unblock = each.unblock === undefined ? "" : `; run: ${each.unblock}`;
    return `${each.step} waits for ${each.condition}${object}${until}${unblock}`;
  });
  const generated = generateInstance(run, workflow);
  const steps = generated.ok ? generated.instance.steps : [];
  const recorded = run.status?.steps ?? [];
  const next = steps.filter((step) => {
    const status = recorded.find((each) => each.name === step.name);
    return status === undefined || (status.phase === "pending" && !isFinished(status));
  });
  return {
    phase,
    waitsFor: failure?.message === undefined ? waits : [failure.message, ...waits],
    next: next.map((step) => `${step.name ?? ""} (${step.type})${step.if === undefined ? "" : ` if ${step.if}`}`),
  };
}
