/**
 * The executor: what becomes of a run, as a pure function of the objects. When it asks for actions, the caller performs
 * them, journals what must not happen twice, and asks again with the results; only an answer without actions is written.
 */
import type { Workflow, WorkflowRun, WorkflowRunStatus } from "@slipway/api";
import type { Condition } from "@slipway/kube";
import { setCondition } from "@slipway/kube";
import { cloneJson, formatTimestamp } from "@slipway/std";
import type { WorkflowInstance } from "../instance/instance.ts";
import { generateInstance } from "../instance/instance.ts";
import { ContextStore } from "../model/context-store.ts";
import type { ActionRequest, ActionResult, StepLanguage, WaitingFor } from "../model/step-run.ts";
import type { RunPhase } from "../status/step-status.ts";
import { allStatuses, isFinished } from "../status/step-status.ts";
import { runSteps } from "./engine.ts";
import { Visit } from "./visit.ts";

export interface DecideInput {
  readonly run: WorkflowRun;
  /** What `spec.workflowRef` names. */
  readonly workflow: Workflow | undefined;
  /** Template text by step type, for those that were found; `suspend` and `step-group` need none. */
  readonly templates: ReadonlyMap<string, string>;
  /** Data of the context ConfigMap; empty when there is none yet. */
  readonly contextData: Readonly<Record<string, string>>;
  /** What the actions of this look came to, by `ActionRequest.key`. */
  readonly results: ReadonlyMap<string, ActionResult>;
  readonly nowMs: number;
  readonly language: StepLanguage;
}

export interface RunEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: "Generate" | "Execute";
  readonly message: string;
}

export interface Decision {
  /**
   * Non-empty: perform these and ask again. Before an action that changes something, `contextData` and the steps of
   * `status` must be stored: what was read on the way to it may not be true any more after it.
   */
  readonly actions: readonly ActionRequest[];
  readonly status: WorkflowRunStatus;
  readonly contextData: Readonly<Record<string, string>>;
  readonly waitingFor: readonly WaitingFor[];
  readonly debug: readonly { readonly stepId: string; readonly text: string }[];
  readonly events: readonly RunEvent[];
  /** When to look again without being told, milliseconds since the epoch. */
  readonly wakeAtMs?: number;
}

const builtInTypes: ReadonlySet<string> = new Set(["suspend", "step-group"]);
/** How often a run that cannot begin is looked at; definitions are watched, so this only catches what is not. */
const generateRetryMs = 60_000;

/** Step types for which templates are wanted. */
export function stepTypes(run: WorkflowRun, workflow: Workflow | undefined): readonly string[] {
  const generated = generateInstance(run, workflow);
  if (!generated.ok) return [];
  const types = generated.instance.steps.flatMap((step) => [step.type, ...(step.subSteps ?? []).map((sub) => sub.type)]);
  return [...new Set(types)].filter((type) => !builtInTypes.has(type));
}

export function decide(input: DecideInput): Decision {
  const { run, nowMs } = input;
  const store = new ContextStore(input.contextData, (text) => input.language.parseVariables(text));
  const nothing = { actions: [], contextData: store.data, waitingFor: [], debug: [], events: [] };
  const present = run.status;
  if (present?.finished === true) return { ...nothing, status: present };
  const generated = generateInstance(run, input.workflow);
  if (!generated.ok) return initializing(present, generated.message, nowMs, nothing);
  const { instance } = generated;
  const status = initialise(present, instance, nowMs);
  const unknown = unknownType(instance, input.templates);
  if (unknown !== undefined) return initializing(status, unknown, nowMs, nothing);

  const settled = settle(status, instance);
  if (settled !== undefined) return { ...nothing, ...ended(status, settled, nowMs) };
  const suspendedByEngine = allStatuses(status).some((step) => step.reason === "Suspend" && step.phase === "suspending");
  if (status.suspend && !suspendedByEngine) {
    status.status = "suspending";
    const waitingFor = allStatuses(status)
      .filter((step) => step.phase === "suspending" && step.type !== "step-group")
      .map((step) => ({ step: step.name ?? "", condition: "to be resumed", unblock: `slipway workflow resume ${instance.name}` }));
    return { ...nothing, status: withWaiting(status, waitingFor), waitingFor };
  }

  const visit = new Visit({ ...input, instance, status, store });
  runSteps(visit, instance.steps, status.mode.steps === "DAG");
  // Also on the way to an action: a hold whose time is over would else be stored as one that a person asked for.
  status.suspend = visit.suspending;
  if (visit.actions.length > 0) {
    status.status = "executing";
    return { ...nothing, actions: visit.actions, status, contextData: store.data, debug: visit.debug };
  }
  const after = { ...nothing, contextData: store.data, debug: visit.debug };
  const now = settle(status, instance);
  if (now !== undefined) return { ...after, ...ended(status, now, nowMs) };
  status.status = status.suspend ? "suspending" : "executing";
  const { waitingFor, wakeAtMs } = visit;
  return { ...after, status: withWaiting(status, waitingFor), waitingFor, ...(wakeAtMs === undefined ? {} : { wakeAtMs }) };
}

function initialise(present: WorkflowRunStatus | undefined, instance: WorkflowInstance, nowMs: number): WorkflowRunStatus {
  if (present !== undefined && (present.startTime !== undefined || (present.steps ?? []).length > 0)) return cloneJson(present);
  return {
    finished: false,
    terminated: false,
    suspend: false,
    status: "",
    mode: { ...instance.mode },
    startTime: formatTimestamp(nowMs),
  };
}

function unknownType(instance: WorkflowInstance, templates: ReadonlyMap<string, string>): string | undefined {
  for (const [index, step] of instance.steps.entries()) {
    const at = `spec.workflowSpec.steps[${String(index)}]`;
    const all = [{ step, at }, ...(step.subSteps ?? []).map((sub, sub0) => ({ step: sub, at: `${at}.subSteps[${String(sub0)}]` }))];
    for (const each of all) {
      const { name = "", type } = each.step;
      if (builtInTypes.has(type) || templates.has(type)) continue;
      return `fail to generate workflow runners: ${each.at}.type: step ${name}: can't find task generator: ${type}; no WorkflowStepDefinition of that name in ${instance.namespace} or vela-system`;
    }
  }
  return undefined;
}

type Nothing = Pick<Decision, "actions" | "contextData" | "waitingFor" | "debug">;

/** A run that cannot begin (or, when a definition went away, cannot go on) says why and is looked at again. */
function initializing(present: WorkflowRunStatus | undefined, message: string, nowMs: number, nothing: Nothing): Decision {
  const status = cloneJson(present) ?? { finished: false, terminated: false, suspend: false, status: "", mode: {} };
  status.status = "initializing" satisfies RunPhase;
  condition(status, { type: "WorkflowRun", status: "False", reason: "ReconcileError", message }, nowMs);
  const known = present?.conditions?.some((each) => each.message === message) === true;
  return {
    ...nothing,
    status,
    wakeAtMs: nowMs + generateRetryMs,
    events: known ? [] : [{ type: "Warning", reason: "Generate", message }],
  };
}

/** The phase in which the run ends now, or nothing when it goes on (contract §2.5, 1-2 and 5). */
function settle(status: WorkflowRunStatus, instance: WorkflowInstance): RunPhase | undefined {
  const recorded = instance.steps.map((step) => status.steps?.find((each) => each.name === step.name));
  if (!recorded.every(isFinished)) return undefined;
  if (status.terminated) {
    const failed = recorded.filter((step) => step?.phase === "failed");
    return failed.length > 0 && failed.every((step) => step?.reason === "Terminate") ? "terminated" : "failed";
  }
  // A step that failed for good ends the run as failed even where nothing marked the run; upstream would poll for ever.
  return recorded.every((step) => step?.phase === "succeeded" || step?.phase === "skipped") ? "succeeded" : "failed";
}

function ended(status: WorkflowRunStatus, phase: RunPhase, nowMs: number): Pick<Decision, "status" | "events"> {
  status.status = phase;
  status.finished = true;
  status.suspend = false;
  status.endTime = formatTimestamp(nowMs);
  delete status.slipway;
  if (phase === "succeeded") condition(status, { type: "WorkflowRun", status: "True", reason: "Available" }, nowMs);
  const how = phase === "succeeded" ? "successfully" : `with ${phase === "failed" ? "failure" : "termination"}`;
  return { status, events: [{ type: "Normal", reason: "Execute", message: `WorkflowRun finished ${how}` }] };
}

function condition(status: WorkflowRunStatus, next: Condition & { readonly reason: string }, nowMs: number): void {
  const conditions = setCondition(status.conditions as Condition[] | undefined, next, nowMs);
  status.conditions = conditions as unknown as NonNullable<WorkflowRunStatus["conditions"]>;
}

function withWaiting(status: WorkflowRunStatus, waitingFor: readonly WaitingFor[]): WorkflowRunStatus {
  if (waitingFor.length === 0) delete status.slipway;
  else status.slipway = { waitingFor: waitingFor.map((each) => ({ ...each })) };
  return status;
}
