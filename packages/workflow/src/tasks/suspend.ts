/** The built-in `suspend` step, and the rule of `#Suspend` that it shares (contract §3.5). */
import type { StepStatus } from "@slipway/api";
import { formatTimestamp, parseGoDuration, parseTimestamp } from "@slipway/std";
import type { StepInvocation, StepRun } from "../model/step-run.ts";
import { noOutput } from "../model/step-run.ts";

export interface SuspendInput {
  readonly id: string;
  /** Label of the field that suspends. */
  readonly field: string;
  readonly duration: string | undefined;
  readonly recorded: StepStatus | undefined;
  readonly key: (name: string) => string | undefined;
  readonly nowMs: number;
}

export type SuspendResult =
  | { readonly type: "go" }
  | { readonly type: "suspend"; readonly keys: Readonly<Record<string, string>>; readonly resumeAtMs: number | undefined }
  | { readonly type: "error"; readonly message: string };

/** A resume by hand holds even before the time of a timed suspend; upstream suspends again. */
export function suspendAction(input: SuspendInput): SuspendResult {
  const { id, field, duration, recorded, key, nowMs } = input;
  const sinceKey = `${id}.${field}.suspendTimeStamp`;
  const resumeKey = `${id}.resumeTimeStamp`;
  const resumeAt = parseTimestamp(key(resumeKey));
  if (resumeAt !== undefined && resumeAt <= nowMs) return { type: "go" };
  if (key(sinceKey) !== undefined && recorded?.phase === "running") return { type: "go" };
  const keys: Record<string, string> = {};
  let resumeAtMs = resumeAt;
  if (resumeAtMs === undefined && duration !== undefined && duration !== "") {
    const durationMs = parseGoDuration(duration);
    if (durationMs === undefined)
      return { type: "error", message: `failed to parse duration: invalid duration ${JSON.stringify(duration)}` };
    // Kept in whole seconds: round up, so that it never ends early.
    resumeAtMs = Math.ceil((nowMs + durationMs) / 1000) * 1000;
    keys[resumeKey] = formatTimestamp(resumeAtMs);
  }
  if (key(sinceKey) === undefined) keys[sinceKey] = formatTimestamp(nowMs);
  return { type: "suspend", keys, resumeAtMs };
}

export function runSuspendStep(invocation: StepInvocation): StepRun {
  const { duration } = invocation.parameter;
  const result = suspendAction({
    id: invocation.id,
    field: "suspend",
    duration: typeof duration === "string" ? duration : undefined,
    recorded: invocation.recorded,
    key: invocation.key,
    nowMs: invocation.nowMs,
  });
  const nothing = { actions: [], keys: {}, variables: {}, output: noOutput };
  switch (result.type) {
    case "go":
      return {
        ...nothing,
        state: "succeeded",
        ...(invocation.recorded?.message === undefined ? {} : { message: invocation.recorded.message }),
      };
    case "error":
      return { ...nothing, state: "error", message: result.message };
    case "suspend":
      return {
        ...nothing,
        state: "suspended",
        keys: result.keys,
        message: "Suspended by field suspend",
        ...(result.resumeAtMs === undefined ? {} : { resumeAtMs: result.resumeAtMs }),
      };
  }
}
