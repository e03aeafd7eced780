/**
 * What the executor and the runners of steps say to each other. A step run performs nothing: it asks for actions, and is
 * run again when their results are there.
 */
import type { StepStatus, WorkflowStepBase } from "@slipway/api";
import type { JsonObject, JsonValue } from "@slipway/std";

/**
 * - `observe`: reads, made anew on each visit of an unfinished step
 * - `apply`: writes an object declaratively; once per parameters, later visits only read the object again
 * - `effect`: anything else with an effect outside; once per step, its result is journaled
 */
export type ActionMode = "observe" | "apply" | "effect";

export interface ActionRequest {
  /** `<step id>/<path>`: under which intent and result are journaled, and the idempotency key of calls. */
  readonly key: string;
  readonly stepId: string;
  readonly stepName: string;
  /** Where the action stands in the template, e.g. `app.apply`. */
  readonly path: string;
  readonly mode: ActionMode;
  readonly provider: string;
  readonly fn: string;
  readonly params: JsonObject;
}

export type ActionResult =
  | { readonly ok: true; readonly value: JsonValue }
  /** The text becomes the message of the step: which failed, or with `notYet` waits. */
  | { readonly ok: false; readonly message: string; readonly notYet?: true };

/** What a step, and so the run, waits for; `explain` prints it. Times are RFC 3339. */
export interface WaitingFor {
  readonly step: string;
  /** `Application default/web`, where an object is waited for. */
  readonly object?: string;
  readonly condition: string;
  readonly since?: string;
  readonly deadline?: string;
  readonly unblock?: string;
}

export interface StepInvocation {
  readonly step: WorkflowStepBase;
  readonly id: string;
  readonly template: string | undefined;
  /** `spec.context` and what the engine adds. */
  readonly context: JsonObject;
  /** Properties with the inputs written in. */
  readonly parameter: JsonObject;
  /** The status recorded last, if any. */
  readonly recorded: StepStatus | undefined;
  /** A value of the context ConfigMap. */
  readonly key: (name: string) => string | undefined;
  readonly variable: (path: string) => JsonValue | undefined;
  /** The result of an action: of this visit, or journaled. */
  readonly result: (action: ActionRequest) => ActionResult | undefined;
  readonly nowMs: number;
}

export interface StepRun {
  readonly state: "succeeded" | "acting" | "waiting" | "suspended" | "broken" | "failed" | "error" | "unrenderable";
  /** Of `acting`: what must be done before the step can go on. All of them may be done at once. */
  readonly actions: readonly ActionRequest[];
  readonly message?: string;
  /** Changed keys of the context ConfigMap. */
  readonly keys: Readonly<Record<string, string>>;
  /** Variables that the template wrote. */
  readonly variables: Readonly<Record<string, JsonValue>>;
  /** Of `waiting` and `suspended`: on what. */
  readonly waitingFor?: Omit<WaitingFor, "step">;
  /** Of `suspended`: when it ends by itself, milliseconds since the epoch. */
  readonly resumeAtMs?: number;
  /** Of `waiting`: when to look again at the latest, milliseconds since the epoch. */
  readonly lookAgainAtMs?: number;
  /** Evaluates the `valueFrom` of an output. */
  readonly output: (expression: string) => Evaluated<JsonValue>;
  /** The evaluated template, for the debug ConfigMap. */
  readonly debugText?: string;
}

export type Evaluated<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

export interface ConditionScope {
  readonly status: JsonObject;
  readonly inputs: JsonObject;
  readonly context: JsonObject;
  readonly parameter: JsonObject;
}

/** The CUE side, as the executor sees it; tests stand in for it. */
export interface StepLanguage {
  run(invocation: StepInvocation): StepRun;
  /** An `if` expression; its message begins `invalid if value: `. */
  condition(text: string, scope: ConditionScope): Evaluated<boolean>;
  /** The `vars` text of a context ConfigMap written by others: CUE, with or without braces. */
  parseVariables(text: string): JsonObject | undefined;
}

export function noOutput(): Evaluated<JsonValue> {
  return { ok: false, message: "the step has no value" };
}
