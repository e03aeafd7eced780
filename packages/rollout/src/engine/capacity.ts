import { scaleIntOrPercent } from "@slipway/kube";
import type { StepPlan } from "../model/plan.ts";

/** Pods of the candidate that a step wants: percentages round up, never more than the workload has. */
export function plannedPods(step: StepPlan, replicas: number): number {
  return Math.max(0, Math.min(scaleIntOrPercent(step.capacity, replicas, "up"), replicas));
}

/** Pods that a share of all requests needs, when `replicas` pods carry all of them. */
export function podsForShare(sharePercent: number, replicas: number): number {
  return Math.ceil((sharePercent * replicas) / 100);
}
