/** The release's state in Kruise's status fields, and back. What they have no place for is in `release-annotation.ts`. */
import type { CanaryStatus, Rollout, RolloutCondition, RolloutStatus } from "@slipway/api";
import { getCondition } from "@slipway/kube";
import { assertNever, formatTimestamp, parseTimestamp } from "@slipway/std";
import type { Decision, WaitingFor } from "../../model/decision.ts";
import type { Exit, LeaveStep } from "../../model/plan.ts";
import type { Attempt, Guard, Phase, ReleaseState, StepState } from "../../model/state.ts";
import type { World } from "../../model/world.ts";
import { unsupportedReason } from "../../names.ts";
import type { Remembered } from "./release-annotation.ts";

const stepStateNames: Readonly<Record<StepState, string>> = {
  prepare: "BeforeStepUpgrade",
  capacity: "StepUpgrade",
  route: "StepTrafficRouting",
  analyse: "StepMetricsAnalysis",
  gate: "StepPaused",
  ready: "StepReady",
  done: "Completed",
};
const leaveStepNames: Readonly<Record<LeaveStep | "end", string>> = {
  unmark: "",
  unpin: "RestoreStableService",
  "restore-routes": "FinalisingStepRouteTrafficToStable",
  "drop-backend": "RemoveCanaryService",
  resume: "ResumeWorkload",
  release: "ReleaseWorkloadControl",
  end: "END",
};

function keyOfValue<K extends string>(table: Readonly<Record<K, string>>, value: string): K | undefined {
  return (Object.keys(table) as K[]).find((key) => table[key] === value);
}

export function stateOf(rollout: Rollout, remembered: Remembered): ReleaseState {
  const status = rollout.status ?? {};
  const progressing = getCondition(status.conditions as RolloutConditions, "Progressing");
  const sub = status.canaryStatus;
  const [phase, exit] = phaseOf(status, progressing?.reason ?? "", remembered);
  const leaveStep = sub === undefined ? undefined : keyOfValue(leaveStepNames, sub.finalisingStep);
  const since = parseTimestamp(progressing?.lastUpdateTime) ?? parseTimestamp(sub?.lastUpdateTime) ?? 0;
  return {
    phase,
    since,
    acted: remembered.acted,
    ...(remembered.guard === undefined ? {} : { guard: remembered.guard }),
    ...(sub === undefined || phase === "unbound" ? {} : { attempt: attemptOf(sub) }),
    ...(exit === undefined ? {} : { exit }),
    ...(exit === undefined || leaveStep === undefined ? {} : { leaveStep }),
  };
}

type RolloutConditions = (RolloutCondition & { status: "True" | "False" | "Unknown" })[] | undefined;

function phaseOf(status: RolloutStatus, reason: string, remembered: Remembered): [Phase, Exit?] {
  if (remembered.exit !== undefined) return ["leaving", remembered.exit];
  switch (status.phase) {
    case "Healthy":
      return ["idle"];
    case "Disabled":
      return ["off"];
    case "Disabling":
      return ["leaving", "disabled"];
    case "Terminating": {
      const terminating = getCondition(status.conditions as RolloutConditions, "Terminating");
      return terminating?.status === "False" ? ["gone"] : ["leaving", "deleted"];
    }
    case "Progressing":
      switch (reason) {
        case "InRolling":
          return (status.canaryStatus?.finalisingStep ?? "") === "" ? ["rolling"] : ["superseding", "supersede"];
        case "Paused":
          return ["frozen"];
        case "Cancelling":
          return ["leaving", "rollback"];
        case "Finalising":
          return ["leaving", "success"];
        case "Completed":
          return ["idle"];
        default:
          return ["starting"];
      }
    default:
      return ["unbound"];
  }
}

function attemptOf(sub: CanaryStatus): Attempt {
  return {
    stable: sub.stableRevision ?? "",
    candidate: sub.canaryRevision,
    candidatePods: sub.podTemplateHash,
    planHash: sub.rolloutHash ?? "",
    id: sub.observedRolloutID ?? "",
    step: sub.currentStepIndex ?? 1,
    next: sub.nextStepIndex,
    stepState: keyOfValue(stepStateNames, sub.currentStepState) ?? "prepare",
    since: parseTimestamp(sub.lastUpdateTime) ?? 0,
  };
}

export interface StatusInput {
  readonly rollout: Rollout;
  readonly previous: ReleaseState;
  readonly decision: Decision;
  readonly world: World;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** In force when no release says otherwise. */
  readonly guard: Guard;
  readonly stepCount: number;
}

/** The whole status. Equal input gives an equal status, so that nothing is written while nothing happens. */
export function statusOf(input: StatusInput): RolloutStatus {
  const { rollout, decision, now, guard } = input;
  const { state } = decision;
  const message = messageOf(input);
  const waitingFor = decision.waitingFor === undefined ? undefined : waitingStatus(decision.waitingFor, rollout, now);
  const status: RolloutStatus = { observedGeneration: rollout.metadata.generation ?? 0, phase: phaseName(state), message };
  if (state.attempt !== undefined) status.canaryStatus = subStatus(input, state.attempt);
  const conditions = state.phase === "unbound" ? [] : conditionsOf(input, now);
  if (conditions.length > 0) status.conditions = conditions;
  if (status.canaryStatus !== undefined) {
    status.currentStepIndex = status.canaryStatus.currentStepIndex ?? 0;
    status.currentStepState = status.canaryStatus.currentStepState;
  } else {
    status.currentStepIndex = 0;
    status.currentStepState = "";
  }
  status.slipway = { guard: state.guard ?? guard, ...(waitingFor === undefined ? {} : { waitingFor }) };
  return status;
}

/** The status of a Rollout that is not run at all. */
export function refusedStatus(rollout: Rollout, why: string, now: number): RolloutStatus {
  const conditions = withCondition(rollout.status?.conditions ?? [], "Progressing", "False", unsupportedReason, why, now);
  const observedGeneration = rollout.metadata.generation ?? 0;
  return { observedGeneration, phase: "Initial", message: why, conditions, currentStepIndex: 0, currentStepState: "" };
}

function phaseName(state: ReleaseState): string {
  switch (state.phase) {
    case "unbound":
      return "Initial";
    case "idle":
      return "Healthy";
    case "off":
      return "Disabled";
    case "gone":
      return "Terminating";
    case "leaving":
      return state.exit === "deleted" ? "Terminating" : state.exit === "disabled" ? "Disabling" : "Progressing";
    default:
      return "Progressing";
  }
}

function subStatus({ rollout, decision, world }: StatusInput, attempt: Attempt): CanaryStatus {
  const { state } = decision;
  const { workload } = world;
  const before = rollout.status?.canaryStatus;
  const current = workload?.revision === attempt.candidate;
  const generation = current ? workload.generation : before?.observedWorkloadGeneration;
  const upgrading = attempt.stepState === "prepare" || attempt.stepState === "capacity";
  const step = `rollout-id ${attempt.id}, step ${attempt.step}`;
  return {
    ...(generation === undefined ? {} : { observedWorkloadGeneration: generation }),
    observedRolloutID: attempt.id,
    rolloutHash: attempt.planHash,
    stableRevision: attempt.stable,
    podTemplateHash: attempt.candidatePods,
    currentStepIndex: attempt.step,
    nextStepIndex: attempt.next,
    finalisingStep:
      state.exit === undefined ? (attempt.stepState === "done" ? leaveStepNames.end : "") : leaveStepNames[state.leaveStep ?? "unmark"],
    currentStepState: stepStateNames[attempt.stepState],
    ...(workload?.candidate === undefined ? {} : { message: `BatchRelease is at state ${upgrading ? "Upgrading" : "Ready"}, ${step}` }),
    lastUpdateTime: formatTimestamp(attempt.since),
    canaryRevision: attempt.candidate,
    canaryReplicas: workload?.candidate?.total ?? 0,
    canaryReadyReplicas: workload?.candidate?.ready ?? 0,
  };
}

const completed = "Rollout progressing has been completed";
const canceled = "Rollout progressing has been canceled";

function messageOf({ rollout, previous, decision, stepCount, world }: StatusInput): string {
  const { state } = decision;
  const before = rollout.status?.message ?? "";
  switch (state.phase) {
    case "unbound":
      return world.workload === undefined ? "Workload Not Found" : "Rollout is initializing";
    case "idle":
      if (previous.phase === "leaving" && previous.exit === "success") return completed;
      if (previous.phase === "leaving" && previous.exit === "rollback") return canceled;
      if (state.attempt !== undefined && state.attempt !== previous.attempt) return "workload deployment is completed";
      return previous.phase === "idle" && before !== "" ? before : "rollout is healthy";
    case "off":
      return "Rollout is disabled";
    case "gone":
      return "Rollout is in terminating";
    case "starting":
    case "superseding":
      return progressing(state, previous)[1];
    case "rolling":
      return rollingMessage(state, stepCount, decision) ?? (before === "" ? "Rollout is in Progressing" : before);
    case "frozen":
      return progressing(state, previous)[1];
    case "leaving":
      if (state.exit === "deleted") return "Rollout is in terminating";
      if (state.exit === "disabled") return "Disabling rollout, release resources";
      if (state.exit === "orphaned") return "Workload Not Found";
      return progressing(state, previous)[1];
    default:
      return assertNever(state.phase);
  }
}

function rollingMessage(state: ReleaseState, stepCount: number, decision: Decision): string | undefined {
  const { attempt } = state;
  if (attempt === undefined) return undefined;
  const at = `Rollout is in step(${attempt.step}/${stepCount})`;
  if (attempt.stepState === "capacity" || attempt.stepState === "prepare") return `${at}, and upgrade workload to new version`;
  if (attempt.stepState === "gate") {
    const { waitingFor } = decision;
    if (waitingFor?.unblock === "approve") return `${at}, and you need manually confirm to enter the next step`;
    if (waitingFor?.deadline !== undefined)
      return `${at}, and wait duration(${(waitingFor.deadline - waitingFor.since) / 1000} seconds) to enter the next step`;
  }
  return undefined;
}

/** Reason and message of the condition Progressing. */
function progressing(state: ReleaseState, previous: ReleaseState): [string, string] {
  switch (state.phase) {
    case "starting":
      return previous.phase === "superseding"
        ? ["Initializing", "Workload is continuous release"]
        : ["Initializing", "Rollout is in Progressing"];
    case "superseding":
      return ["InRolling", "Workload is continuous release"];
    case "frozen":
      return ["Paused", "Rollout has been paused, you can resume it by kube-cli"];
    case "leaving":
      if (state.exit === "success") return ["Finalising", "Rollout has been completed and some closing work is being done"];
      return ["Cancelling", "The workload has been rolled back and the rollout process will be canceled"];
    default:
      return ["InRolling", "Rollout is in Progressing"];
  }
}

function conditionsOf({ rollout, previous, decision }: StatusInput, now: number): RolloutCondition[] {
  const { state } = decision;
  let list: readonly RolloutCondition[] = rollout.status?.conditions ?? [];
  const set = (type: string, status: string, reason: string, message: string, at: number): void => {
    list = withCondition(list, type, status, reason, message, at);
  };
  switch (state.phase) {
    case "starting":
    case "rolling":
    case "frozen":
    case "superseding": {
      const [reason, message] = progressing(state, previous);
      const before = list.find((each) => each.type === "Progressing");
      // A start that goes on says what it said.
      const kept = before?.reason === reason && reason === "Initializing" && state.since === previous.since ? before.message : message;
      set("Progressing", "True", reason, kept, state.since);
      list = list.filter((each) => each.type !== "Succeeded");
      break;
    }
    case "leaving":
      if (state.exit === "deleted") set("Terminating", "True", "InTerminating", "Rollout is in terminating", state.since);
      else if (state.exit === "success" || state.exit === "rollback") {
        const [reason, message] = progressing(state, previous);
        set("Progressing", "True", reason, message, state.since);
      }
      break;
    case "gone":
      set("Terminating", "False", "Completed", "Rollout is terminated", state.since);
      break;
    case "idle":
      if (previous.phase === "leaving" && (previous.exit === "success" || previous.exit === "rollback")) {
        set("Progressing", "False", "Completed", previous.exit === "success" ? completed : canceled, state.since);
        set("Succeeded", previous.exit === "success" ? "True" : "False", "", "", now);
      }
      break;
    default:
      break;
  }
  return [...list];
}

function withCondition(
  list: readonly RolloutCondition[],
  type: string,
  status: string,
  reason: string,
  message: string,
  at: number,
): RolloutCondition[] {
  const before = list.find((each) => each.type === type);
  const time = formatTimestamp(at);
  const same = before !== undefined && before.status === status && before.reason === reason && before.message === message;
  if (same && (before.lastUpdateTime === time || type !== "Progressing" || status !== "True")) return [...list];
  const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? time) : time;
  const next: RolloutCondition = { type, status, reason, message, lastUpdateTime: time, lastTransitionTime };
  return before === undefined ? [...list, next] : list.map((each) => (each === before ? next : each));
}

function waitingStatus(
  waitingFor: WaitingFor,
  rollout: Rollout,
  now: number,
): NonNullable<NonNullable<RolloutStatus["slipway"]>["waitingFor"]> {
  const { name = "", namespace = "" } = rollout.metadata;
  const unblock = {
    approve: `slipway rollout approve ${name} -n ${namespace}`,
    time: "passes by itself",
    cluster: "goes on by itself when that is so",
    edit: "a change of the Rollout, or of the named object",
  }[waitingFor.unblock];
  return {
    object: waitingFor.object,
    condition: waitingFor.condition,
    since: formatTimestamp(waitingFor.since),
    ...(waitingFor.deadline === undefined ? {} : { deadline: formatTimestamp(waitingFor.deadline) }),
    ...(waitingFor.deadline !== undefined && now >= waitingFor.deadline ? { overdue: true } : {}),
    unblock,
  };
}
