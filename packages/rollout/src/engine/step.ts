/** One step of a release: candidate pods first, then routes, then gates. */
import type { StepPlan } from "../model/plan.ts";
import type { WaitingFor } from "../model/decision.ts";
import type { Attempt, ReleaseState, StepState } from "../model/state.ts";
import type { RoutesView, WorkloadView } from "../model/world.ts";
import { scaleIntOrPercent } from "@slipway/kube";
import { assertNever, invariant } from "@slipway/std";
import { plannedPods } from "./capacity.ts";
import { beginLeaving } from "./leave.ts";
import type { Look, Pass, Rest } from "./pass.ts";
import { act, ensure, move, rest, restFor, restUntil } from "./pass.ts";

/** What `next` is when nobody asked for another. */
export function naturalNext(step: number, count: number): number {
  return step < count ? step + 1 : -1;
}

/** The state at the beginning of `step`; routes only, when the candidate already has the pods for it. */
export function jumpTo(look: Look, state: ReleaseState, step: number): ReleaseState {
  const { attempt } = state;
  const plan = look.plan.steps[step - 1];
  invariant(attempt !== undefined && plan !== undefined, "a jump needs a release and a step");
  const { workload } = look.world;
  const sized = workload !== undefined && plannedPods(plan, workload.replicas) === workload.candidate?.total;
  const stepState = sized && plan.route !== undefined ? "route" : "prepare";
  return {
    ...state,
    attempt: { ...attempt, step, next: naturalNext(step, look.plan.steps.length), stepState, since: look.now },
  };
}

export function runStep(look: Look, state: ReleaseState, attempt: Attempt, workload: WorkloadView): Pass {
  const step = look.plan.steps[attempt.step - 1];
  if (step === undefined) return enter(look, state, attempt, "done");
  if (attempt.stepState !== "prepare" && attempt.stepState !== "done") {
    // The workload may be scaled in any step state; the candidate follows, never down.
    const growing = grow(look, state, step, workload);
    if (growing !== undefined) return growing;
  }
  const { routes } = look.world;
  switch (attempt.stepState) {
    case "prepare":
      return prepare(look, state, attempt, step, routes) ?? enter(look, state, attempt, "capacity");
    case "capacity": {
      const unready = waitForPods(look, state, attempt, step, workload);
      if (unready !== undefined) return unready;
      const candidatePods = workload.candidate?.revision ?? attempt.candidatePods;
      const upgraded = { ...state, attempt: { ...attempt, candidatePods, stepState: "route" as const, since: look.now } };
      return move(upgraded, { type: "step-upgraded", step: attempt.step });
    }
    case "route":
      return route(look, state, attempt, step, workload, routes) ?? enter(look, state, attempt, "analyse");
    case "analyse":
      return enter(look, state, attempt, "gate");
    case "gate":
      return gate(look, state, attempt, step) ?? enter(look, state, attempt, "ready");
    case "ready": {
      const count = look.plan.steps.length;
      if (attempt.step >= count) return enter(look, state, attempt, "done");
      const next = attempt.step + 1;
      const begun: Attempt = { ...attempt, step: next, next: naturalNext(next, count), stepState: "prepare", since: look.now };
      return move({ ...state, attempt: begun });
    }
    case "done":
      return move(beginLeaving(look, state, "success"));
    default:
      return assertNever(attempt.stepState);
  }
}

function enter(look: Look, state: ReleaseState, attempt: Attempt, stepState: StepState): Pass {
  return move({ ...state, attempt: { ...attempt, stepState, since: look.now } });
}

/** Before new pods: with routes, they must not get requests through the stable backend; without, ours are taken back. */
function prepare(look: Look, state: ReleaseState, attempt: Attempt, step: StepPlan, routes: RoutesView | undefined): Rest | undefined {
  if (routes === undefined) return undefined;
  if (step.route === undefined) {
    return (
      ensure(look, state, "restore-routes", !routes.routed, { type: "restore-routes" }, routes.routeRef) ??
      ensure(look, state, "unpin", routes.pinned === undefined, { type: "unpin" }, routes.backendRef) ??
      ensure(look, state, "drop-backend", routes.candidateBackend === undefined, { type: "drop-backend" }, routes.backendRef)
    );
  }
  if (!look.plan.ownBackend) return undefined;
  const pinned = routes.pinned === attempt.stable;
  return ensure(look, state, "pin", pinned, { type: "pin", revision: attempt.stable }, routes.backendRef);
}

function grow(look: Look, state: ReleaseState, step: StepPlan, workload: WorkloadView): Rest | undefined {
  const { candidate } = workload;
  const wanted = plannedPods(step, workload.replicas);
  if (candidate === undefined) return act(look, state, { type: "create-candidate" });
  return candidate.desired < wanted ? act(look, state, { type: "scale-candidate", to: wanted }) : undefined;
}

function waitForPods(look: Look, state: ReleaseState, attempt: Attempt, step: StepPlan, workload: WorkloadView): Rest | undefined {
  const wanted = plannedPods(step, workload.replicas);
  const { candidate } = workload;
  if (candidate === undefined) return restFor(look, state, workload.ref, "its second workload appears", attempt.since);
  const tolerated = scaleIntOrPercent(look.plan.failureThreshold, candidate.total, "up");
  const enough =
    candidate.settled &&
    (wanted === 0 ||
      (candidate.total >= wanted && candidate.ready + tolerated >= wanted && candidate.ready > 0 && candidate.revision !== ""));
  if (enough) return undefined;
  const condition = [`${candidate.ready} of ${wanted} pods are ready`, ...workload.problems.slice(0, 1)].join("; ");
  return restFor(look, state, candidate.ref, condition, attempt.since);
}

function route(
  look: Look,
  state: ReleaseState,
  attempt: Attempt,
  step: StepPlan,
  workload: WorkloadView,
  routes: RoutesView | undefined,
): Rest | undefined {
  const target = step.route;
  if (routes === undefined || target === undefined) return undefined;
  const candidate = workload.candidate?.revision ?? "";
  const settledAt = attempt.since + look.plan.graceMs;
  if (!routes.carries(target) && look.now < settledAt)
    return restUntil(state, settledAt, routes.backendRef, "the data plane learns of the new pods", attempt.since);
  if (look.plan.ownBackend && workload.replicas > 0) {
    if (candidate === "") return restFor(look, state, workload.ref, "the candidate's pods get their revision", attempt.since);
    const pin = { type: "pin", revision: attempt.stable } as const;
    const backend = { type: "backend", revision: candidate } as const;
    const waiting =
      ensure(look, state, "pin", routes.pinned === attempt.stable, pin, routes.backendRef) ??
      ensure(look, state, "backend", routes.candidateBackend === candidate, backend, routes.backendRef);
    if (waiting !== undefined) return waiting;
  }
  return routes.carries(target) ? undefined : act(look, state, { type: "route", target });
}

function gate(look: Look, state: ReleaseState, attempt: Attempt, step: StepPlan): Rest | undefined {
  const object = `step ${attempt.step} of ${look.plan.steps.length}`;
  for (const each of step.gates) {
    if (each.type === "approval") {
      const waitingFor: WaitingFor = { object, condition: "approval", since: attempt.since, unblock: "approve" };
      return rest(state, waitingFor);
    }
    const until = attempt.since + each.durationMs;
    if (look.now < until) return restUntil(state, until, object, `its pause of ${each.durationMs / 1000} s`, attempt.since);
  }
  return undefined;
}

/** Why the cluster keeps the release from beginning, if it does. */
export function obstacle(look: Look, state: ReleaseState, workload: WorkloadView): Rest | undefined {
  if (!workload.settled) return restFor(look, state, workload.ref, "its controller sees the last change", state.since);
  if (workload.stableRevision === "" && workload.replicas > 0)
    return restFor(look, state, workload.ref, "it has pods of a stable revision", state.since);
  const missing = look.world.routes?.missing[0];
  if (missing !== undefined) {
    const deadline = state.since + look.plan.progressDeadlineMs;
    return rest(state, { object: missing, condition: "it exists", since: state.since, deadline, unblock: "edit" });
  }
  return undefined;
}
