import type { StepPlan } from "../model/plan.ts";
import { plannedPods } from "./capacity.ts";

/**
 * The step (1-based) at which a release goes on when its steps were edited: the present one if it still wants as many
 * candidate pods as there are, else the first that does, else the last. No pod is taken back.
 */
export function replan(steps: readonly StepPlan[], presentStep: number, candidatePods: number, replicas: number): number {
  const wants = (step: StepPlan | undefined): boolean => step !== undefined && plannedPods(step, replicas) >= candidatePods;
  if (wants(steps[presentStep - 1])) return presentStep;
  const first = steps.findIndex(wants);
  return first < 0 ? steps.length : first + 1;
}
