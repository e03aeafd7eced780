/**
 * rollout: releases, step by step. Pure and isomorphic: the same code decides in the controller, in tests and in a browser.
 *
 *   objects ─► dialects/ (plan, state) + styles/ and traffic/ (world) ─► engine/decide ─► state' and actions ─► writes
 *
 * Start reading at `engine/decide.ts` and `model/`; `dialects/kruise/release.ts` shows the whole way of one Rollout.
 */
export type { Action, Decision, Happening, Unblock, WaitingFor } from "./model/decision.ts";
export type { Exit, Gate, LeaveStep, ReleasePlan, RouteTarget, StepPlan } from "./model/plan.ts";
export type { ActName, Attempt, Guard, Phase, ReleaseState, StepState } from "./model/state.ts";
export type { CandidateView, PodCounts, RoutesView, WorkloadView, World } from "./model/world.ts";
export type { Write } from "./model/write.ts";
export { decide, freshState } from "./engine/decide.ts";
export type { CanaryObjects } from "./styles/canary.ts";
export type { RouterObjects } from "./traffic/router.ts";
export {
  canaryDeploymentLabel,
  detachAnnotation,
  inProgressingAnnotation,
  releaseAnnotation,
  rolloutFinalizer,
  rolloutIdKey,
  workloadTypeLabel,
} from "./names.ts";
export { convertRollout } from "./dialects/kruise/convert.ts";
export type { HoldAnswer } from "./dialects/kruise/hold-deployment.ts";
export { holdDeployment, rolloutFor } from "./dialects/kruise/hold-deployment.ts";
export { holdDeploymentPolicy } from "./dialects/kruise/hold-policy.ts";
export { planOf, refusal, rollingStyle } from "./dialects/kruise/plan.ts";
export type { ReleaseEvent, ReleaseOptions, RolloutObjects, RolloutReads, RolloutResult } from "./dialects/kruise/release.ts";
export { lookAtRollout, readsOf, worldOf } from "./dialects/kruise/release.ts";
export { validateRollout } from "./dialects/kruise/validate.ts";
export type { Approval } from "./view/approve.ts";
export { approval } from "./view/approve.ts";
export { explainRollout } from "./view/explain.ts";
export type { RevisionSummary, RolloutSummary, StepSummary } from "./view/summary.ts";
export { summarize } from "./view/summary.ts";
