/** A Rollout and its objects as plain facts, for `rollout get|status` and `explain`; how they look is the CLI's business. */
import type { Rollout, RolloutWaitingFor } from "@slipway/api";
import { planOf } from "../dialects/kruise/plan.ts";
import type { RolloutObjects } from "../dialects/kruise/release.ts";
import { worldOf } from "../dialects/kruise/release.ts";

export interface StepSummary {
  /** 1-based. */
  readonly step: number;
  readonly replicas: number | string;
  /** Percent; absent when the step routes by matches only, or nothing. */
  readonly weight?: number;
  readonly pause: "approval" | "none" | { readonly seconds: number };
  readonly progress: "done" | "present" | "ahead";
}

export interface RevisionSummary {
  readonly role: "stable" | "candidate";
  /** What its pods carry; empty when there are none. */
  readonly revision: string;
  readonly ready: number;
  readonly desired: number;
  /** Percent of requests; absent when nothing is routed by us. */
  readonly share?: number;
}

export interface RolloutSummary {
  readonly phase: string;
  readonly message: string;
  /** Of the present step; empty while no release is in progress. */
  readonly state: string;
  readonly steps: readonly StepSummary[];
  readonly revisions: readonly RevisionSummary[];
  readonly waitingFor?: RolloutWaitingFor;
  /** `healthy`: nothing in progress; `failed`: the last release was taken back. */
  readonly verdict: "healthy" | "progressing" | "failed" | "disabled" | "unbound" | "deleting";
}

export function summarize(rollout: Rollout, objects: RolloutObjects): RolloutSummary {
  const { status } = rollout;
  const phase = status?.phase ?? "";
  const progressing = phase === "Progressing";
  const present = status?.canaryStatus?.currentStepIndex ?? 0;
  const finished = !progressing && status?.canaryStatus?.currentStepState === "Completed";
  const plan = planOf(rollout);
  const { workload, routes } = worldOf(rollout, objects);
  const steps = plan.steps.map((step, index): StepSummary => {
    const gate = step.gates[0];
    const weight = step.route?.weight;
    const done = finished || (progressing && index + 1 < present);
    return {
      step: index + 1,
      replicas: step.capacity,
      ...(weight === undefined ? {} : { weight }),
      pause: gate === undefined ? "none" : gate.type === "approval" ? "approval" : { seconds: gate.durationMs / 1000 },
      progress: done ? "done" : progressing && index + 1 === present ? "present" : "ahead",
    };
  });
  const revisions: RevisionSummary[] = [];
  if (workload !== undefined) {
    const { stable, candidate } = workload;
    const share = (percent: number): object => (routes === undefined ? {} : { share: percent });
    revisions.push({
      role: "stable",
      revision: workload.stableRevision,
      ready: stable.ready,
      desired: workload.replicas,
      ...share(100 - (routes?.share ?? 0)),
    });
    if (candidate !== undefined)
      revisions.push({
        role: "candidate",
        revision: candidate.revision,
        ready: candidate.ready,
        desired: candidate.desired,
        ...share(routes?.share ?? 0),
      });
  }
  return {
    phase,
    message: status?.message ?? "",
    state: progressing ? (status?.canaryStatus?.currentStepState ?? "") : "",
    steps,
    revisions,
    ...(status?.slipway?.waitingFor === undefined ? {} : { waitingFor: status.slipway.waitingFor }),
    verdict: verdictOf(rollout),
  };
}

function verdictOf({ status }: Rollout): RolloutSummary["verdict"] {
  switch (status?.phase) {
    case "Healthy": {
      const succeeded = status.conditions?.find((each) => each.type === "Succeeded");
      return succeeded?.status === "False" ? "failed" : "healthy";
    }
    case "Progressing":
      return "progressing";
    case "Disabled":
    case "Disabling":
      return "disabled";
    case "Terminating":
      return "deleting";
    default:
      return "unbound";
  }
}
