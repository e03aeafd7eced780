/** The ways out of a release: a plan of leave steps, each done when the world shows it. */
import type { Exit, LeaveStep } from "../model/plan.ts";
import type { ReleaseState } from "../model/state.ts";
import { assertNever, invariant } from "@slipway/std";
import type { Look, Pass, Rest } from "./pass.ts";
import { act, ensure, move, restFor } from "./pass.ts";

const routeSteps: ReadonlySet<LeaveStep> = new Set(["unpin", "restore-routes", "drop-backend"]);

export function beginLeaving(look: Look, state: ReleaseState, exit: Exit): ReleaseState {
  const phase = exit === "supersede" ? "superseding" : "leaving";
  return { ...state, phase, since: look.now, exit, leaveStep: sequence(look, exit)[0] ?? "end" };
}

export function leave(look: Look, state: ReleaseState): Pass {
  const { exit, leaveStep } = state;
  invariant(exit !== undefined, "a release that is left has an exit");
  const steps = sequence(look, exit);
  if (leaveStep === "end") return (exit === "deleted" ? disown(look, state) : undefined) ?? move(left(look, state, exit));
  // No step, or one that the plan does not know (any more): from the start; every step may be repeated.
  const index = leaveStep === undefined ? 0 : Math.max(0, steps.indexOf(leaveStep));
  const step = steps[index];
  const unfinished = step && perform(look, state, exit, step);
  return unfinished ?? move({ ...state, leaveStep: steps[index + 1] ?? "end" });
}

/** Takes our label off the workload, last of all: until then the guard must know it. `undefined` when it is off. */
export function disown(look: Look, state: ReleaseState): Rest | undefined {
  return look.world.workload?.adopted === true ? act(look, state, { type: "disown" }) : undefined;
}

function sequence(look: Look, exit: Exit): readonly LeaveStep[] {
  return look.plan.leaving[exit].filter((step) => look.world.routes !== undefined || !routeSteps.has(step));
}

/** `undefined` when the step is done. */
function perform(look: Look, state: ReleaseState, exit: Exit, step: LeaveStep): Rest | undefined {
  const { workload, routes } = look.world;
  switch (step) {
    case "unmark":
      return workload?.marked === true ? act(look, state, { type: "unmark" }) : undefined;
    case "unpin":
      return routes && ensure(look, state, "unpin", routes.pinned === undefined, { type: "unpin" }, routes.backendRef);
    case "restore-routes":
      return routes && ensure(look, state, "restore-routes", !routes.routed, { type: "restore-routes" }, routes.routeRef);
    case "drop-backend": {
      const isSo = routes?.candidateBackend === undefined;
      return routes && ensure(look, state, "drop-backend", isSo, { type: "drop-backend" }, routes.backendRef);
    }
    case "resume":
      return resume(look, state, exit);
    case "release":
      return release(look, state);
    default:
      return assertNever(step);
  }
}

function resume(look: Look, state: ReleaseState, exit: Exit): Rest | undefined {
  const { workload } = look.world;
  if (workload === undefined) return undefined;
  const begun = state.acted.resume !== undefined;
  const endsInIdle = exit === "success" || exit === "rollback";
  if (endsInIdle && workload.held && (workload.marked || (!begun && workload.revision !== state.attempt?.candidate))) {
    // A newer revision came while we were leaving: it stays held, and its own release begins when this one has ended.
    return workload.marked ? undefined : act(look, state, { type: "hold" });
  }
  if (workload.held) return act(look, state, { type: "resume" }, "resume");
  if (exit !== "success" || workload.rolledOut) return undefined;
  const condition = ["the new revision replaces the old one", ...workload.problems.slice(0, 1)].join("; ");
  return restFor(look, state, workload.ref, condition, state.acted.resume ?? state.since);
}

function release(look: Look, state: ReleaseState): Rest | undefined {
  const { ownPods, workload } = look.world;
  if (ownPods === "none") return undefined;
  if (ownPods === "present") return act(look, state, { type: "release" });
  return restFor(look, state, workload?.candidate?.ref ?? workload?.ref ?? "the candidate's workload", "its deletion ends", state.since);
}

function left(look: Look, state: ReleaseState, exit: Exit): ReleaseState {
  const { exit: _exit, leaveStep: _leaveStep, ...kept } = state;
  const attempt = kept.attempt === undefined ? {} : { attempt: { ...kept.attempt, next: -1, stepState: "done" as const } };
  const base = { ...kept, since: look.now, acted: {} };
  switch (exit) {
    case "success":
    case "rollback":
      return { ...base, ...attempt, phase: "idle" };
    case "supersede": {
      const { attempt: _attempt, ...fresh } = base;
      return { ...fresh, phase: "starting" };
    }
    case "disabled":
      return { ...base, ...attempt, phase: "off" };
    case "deleted":
      return { ...base, ...attempt, phase: "gone" };
    case "orphaned": {
      const { attempt: _attempt, ...fresh } = base;
      return { ...fresh, phase: "unbound" };
    }
    default:
      return assertNever(exit);
  }
}
