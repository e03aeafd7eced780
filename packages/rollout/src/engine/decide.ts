/**
 * decide: what a release does next. A pure function of plan, remembered state, seen world and time; it knows no dialect,
 * no kind of workload and no router by name.
 *
 *   1. what happened: deleted, disabled or detached, a new revision, a rollback, an edited plan, an asked-for jump
 *   2. in a step (step.ts): capacity, then routes, then gates
 *   3. on the way out (leave.ts): a plan of leave steps
 *   4. each action passes the governor (governor.ts); a held action is a wait
 *
 * The state moves on until there is an action to do or something to wait for. Its caller stores the state, then does the
 * actions, and looks again when the cluster changed: so a process that dies anywhere leaves what another one goes on from.
 * Not here: metric verdicts, rollback in batches, queueing of newer revisions.
 */
import { assertNever, invariant } from "@slipway/std";
import type { Decision, Happening } from "../model/decision.ts";
import type { ReleasePlan } from "../model/plan.ts";
import type { Attempt, ReleaseState } from "../model/state.ts";
import type { WorkloadView, World } from "../model/world.ts";
import { beginLeaving, disown, leave } from "./leave.ts";
import type { Look, Pass } from "./pass.ts";
import { act, move, rest, restFor, restUntil } from "./pass.ts";
import { replan } from "./replan.ts";
import { jumpTo, naturalNext, obstacle, runStep } from "./step.ts";

/** More moves without an act or a wait than any plan has: a bug. */
const mostMoves = 1000;

/** The state of a release that nothing is known of. */
export const freshState: ReleaseState = { phase: "unbound", since: 0, acted: {} };

export function decide(plan: ReleasePlan, state: ReleaseState, world: World, now: number): Decision {
  const look: Look = { plan, world, now };
  const happenings: Happening[] = [];
  let current = state;
  for (let moves = 0; moves < mostMoves; moves++) {
    const pass = once(look, current);
    if (pass.type === "rest") return { ...pass.decision, happenings: [...happenings, ...pass.decision.happenings] };
    current = pass.state;
    if (pass.happening !== undefined) happenings.push(pass.happening);
  }
  invariant(false, `a release does not come to rest in phase ${current.phase}`);
}

function once(look: Look, state: ReleaseState): Pass {
  const { plan, world } = look;
  const active = isActive(state.phase);
  const marked = world.workload?.marked === true;
  if (plan.deleting && state.phase !== "gone" && state.exit !== "deleted") {
    if (active || marked) return move(beginLeaving(look, state, "deleted"));
    // The finalizer goes with the move: nothing may be left to do after it.
    return disown(look, state) ?? move({ ...state, phase: "gone", since: look.now });
  }
  if (plan.disabled && !plan.deleting && state.phase !== "off" && state.exit !== "disabled") {
    return move(active || marked ? beginLeaving(look, state, "disabled") : { ...state, phase: "off", since: look.now });
  }
  if (world.workload === undefined && (active || state.phase === "idle") && state.phase !== "leaving") {
    return move(active ? beginLeaving(look, state, "orphaned") : { phase: "unbound", since: look.now, acted: {} });
  }
  switch (state.phase) {
    case "unbound":
      return world.workload === undefined ? rest(state) : move({ phase: "idle", since: look.now, acted: {} });
    case "off": {
      const { attempt: _attempt, ...kept } = state;
      // Caught by a guard that had not heard of it yet.
      if (plan.disabled && marked) return move(beginLeaving(look, state, "disabled"));
      if (plan.detached) return disown(look, state) ?? rest(state);
      return plan.disabled ? rest(state) : move({ ...kept, phase: "unbound", since: look.now });
    }
    case "gone":
      return rest(state);
    case "idle":
      invariant(world.workload !== undefined, "an idle release has a workload");
      return idle(look, state, world.workload);
    case "starting":
      invariant(world.workload !== undefined, "a starting release has a workload");
      return starting(look, state, world.workload);
    case "rolling":
    case "frozen":
      invariant(world.workload !== undefined && state.attempt !== undefined, "a rolling release has a workload and an attempt");
      return rolling(look, state, state.attempt, world.workload);
    case "superseding":
    case "leaving":
      return leave(look, state);
    default:
      return assertNever(state.phase);
  }
}

function isActive(phase: ReleaseState["phase"]): boolean {
  return phase === "starting" || phase === "rolling" || phase === "frozen" || phase === "superseding" || phase === "leaving";
}

function idle(look: Look, state: ReleaseState, workload: WorkloadView): Pass {
  if (workload.marked) {
    const { attempt: _attempt, ...kept } = state;
    return move({ ...kept, guard: state.guard ?? "admission", phase: "starting", since: look.now, acted: {} });
  }
  if (!workload.adopted) return act(look, state, { type: "adopt" });
  if (state.attempt === undefined) return workload.settled ? move(recorded(look, state, workload)) : rest(state);
  if (workload.revision === state.attempt.candidate) return rest(state.guard === undefined ? state : withoutGuard(state));
  if (workload.unguarded) {
    const clamped = act(look, { ...state, guard: "late" }, { type: "hold" });
    return { ...clamped, decision: { ...clamped.decision, happenings: [{ type: "unguarded" }] } };
  }
  // The user's template went by without a release (no pods, or several revisions at once): it is the stable one now.
  return workload.settled && workload.rolledOut ? move(recorded(look, state, workload)) : rest(state);
}

function withoutGuard(state: ReleaseState): ReleaseState {
  const { guard: _guard, ...kept } = state;
  return kept;
}

/** As after a finished release: what runs is what was released. */
function recorded(look: Look, state: ReleaseState, workload: WorkloadView): ReleaseState {
  const attempt: Attempt = { ...newAttempt(look, workload), step: look.plan.steps.length, next: -1, stepState: "done" };
  return { ...withoutGuard(state), attempt: { ...attempt, candidatePods: workload.stableRevision } };
}

function newAttempt(look: Look, workload: WorkloadView): Attempt {
  return {
    stable: workload.stableRevision,
    candidate: workload.revision,
    candidatePods: "",
    planHash: look.plan.hash,
    id: workload.releaseId ?? workload.revision,
    step: 1,
    next: naturalNext(1, look.plan.steps.length),
    stepState: "prepare",
    since: look.now,
  };
}

function starting(look: Look, state: ReleaseState, workload: WorkloadView): Pass {
  const holding = keepHeld(look, state, workload);
  if (holding !== undefined) return holding;
  const { attempt } = state;
  if (attempt === undefined || attempt.candidate !== workload.revision || attempt.stable !== workload.stableRevision) {
    const blocked = workload.settled ? undefined : obstacle(look, state, workload);
    return blocked ?? move({ ...state, since: look.now, attempt: newAttempt(look, workload) });
  }
  if (workload.atStable) return move(beginLeaving(look, state, "rollback"), { type: "rolled-back" });
  const blocked = obstacle(look, state, workload);
  if (blocked !== undefined) return blocked;
  const startAt = state.since + look.plan.startDelayMs;
  if (look.now < startAt) return restUntil(state, startAt, workload.ref, "a moment for a change of the plan", state.since);
  const begun: Attempt = { ...newAttempt(look, workload), planHash: look.plan.hash };
  return move({ ...state, phase: "rolling", since: look.now, attempt: begun });
}

/** Whoever let the native controller loose in mid-release: it is held again before anything else. */
function keepHeld(look: Look, state: ReleaseState, workload: WorkloadView): Pass | undefined {
  return workload.held && workload.marked ? undefined : act(look, state, { type: "hold" });
}

function rolling(look: Look, state: ReleaseState, attempt: Attempt, workload: WorkloadView): Pass {
  const { plan } = look;
  const holding = keepHeld(look, state, workload);
  if (holding !== undefined) return holding;
  if (!workload.settled) return restFor(look, state, workload.ref, "its controller sees the last change", attempt.since);
  if (workload.revision !== attempt.candidate) {
    const changed = { ...state, attempt: { ...attempt, candidate: workload.revision } };
    if (workload.atStable) return move(beginLeaving(look, changed, "rollback"), { type: "rolled-back" });
    if (state.phase === "rolling") return move(beginLeaving(look, state, "supersede"), { type: "superseded" });
  }
  const missing = look.world.routes?.missing[0];
  if (missing !== undefined) return rest(state, { object: missing, condition: "it exists", since: attempt.since, unblock: "edit" });
  if (plan.frozen !== (state.phase === "frozen")) {
    return move({ ...state, phase: plan.frozen ? "frozen" : "rolling", since: look.now });
  }
  if (state.phase === "frozen") return frozen(look, state, attempt, workload);
  if (attempt.planHash !== plan.hash) return move(replanned(look, state, attempt, workload));
  const natural = naturalNext(attempt.step, plan.steps.length);
  if (attempt.next !== natural) {
    if (attempt.next > 0 && attempt.next <= plan.steps.length) return move(jumpTo(look, state, attempt.next));
    return move({ ...state, attempt: { ...attempt, next: natural } });
  }
  return runStep(look, state, attempt, workload);
}

function frozen(look: Look, state: ReleaseState, attempt: Attempt, workload: WorkloadView): Pass {
  // Scaling is not a step forward: the candidate follows its workload while frozen, as in any other state.
  const running = attempt.stepState !== "prepare" && attempt.stepState !== "done" && workload.candidate !== undefined;
  if (running) {
    const pass = runStep(look, state, { ...attempt, stepState: "capacity" }, workload);
    if (pass.type === "rest" && pass.decision.actions.length > 0) return { ...pass, decision: { ...pass.decision, state } };
  }
  return rest(state, { object: workload.ref, condition: "the release is paused by its spec", since: state.since, unblock: "edit" });
}

function replanned(look: Look, state: ReleaseState, attempt: Attempt, workload: WorkloadView): ReleaseState {
  const { steps, hash } = look.plan;
  const step = replan(steps, attempt.step, workload.candidate?.desired ?? 0, workload.replicas);
  const edited = { ...state, attempt: { ...attempt, planHash: hash } };
  if (step === naturalNext(attempt.step, steps.length)) {
    return { ...edited, attempt: { ...edited.attempt, next: step, stepState: "ready", since: look.now } };
  }
  return jumpTo(look, edited, step);
}
