/**
 * `metrics.#PromCheck` (contract §3.8): a condition that must hold for `duration` without a break, and a failure when it
 * does not hold for `failDuration`. The two moments are kept in the context ConfigMap. No answer proves nothing: both
 * counts begin anew.
 */
import { compile } from "@slipway/cue";
import type { JsonObject, JsonValue } from "@slipway/std";
import { formatGoDuration, parseGoDuration } from "@slipway/std";
import type { Evaluated } from "../model/step-run.ts";

export interface MetricCheck {
  readonly params: JsonObject;
  /** `{value}` of the query, or `{problem}` when there is none at the moment. */
  readonly sample: JsonValue;
  /** `<step id>.<path>`: of the keys below which the moments are kept. */
  readonly prefix: string;
  readonly key: (name: string) => string | undefined;
  readonly nowMs: number;
}

export type MetricVerdict =
  | {
      readonly ok: true;
      readonly returns: JsonObject;
      readonly keys: Readonly<Record<string, string>>;
      /** The next look, milliseconds since the epoch. */
      readonly lookAgainAtMs: number;
    }
  | { readonly ok: false; readonly message: string };

const longestTickMs = 30_000;

export function judgeMetric({ params, sample, prefix, key, nowMs }: MetricCheck): MetricVerdict {
  const condition = String(params["condition"] ?? "");
  const durationMs = parseGoDuration(String(params["duration"] ?? "5m"));
  const failDurationMs = parseGoDuration(String(params["failDuration"] ?? "2m"));
  if (durationMs === undefined || failDurationMs === undefined)
    return {
      ok: false,
      message: `failed to parse duration ${String(durationMs === undefined ? params["duration"] : params["failDuration"])}`,
    };
  const successKey = `${prefix}.metrics.success.time`;
  const failKey = `${prefix}.metrics.fail.time`;
  // A fifth of what is still to be proven, so that a short break cannot hide between two looks.
  const tickMs = Math.min(longestTickMs, Math.max(1000, Math.min(durationMs, failDurationMs) / 5));
  const verdict = (
    result: boolean,
    failed: boolean,
    message: string,
    successMs: number,
    failMs: number,
    restMs: number,
  ): MetricVerdict => ({
    ok: true,
    returns: { result, failed, message },
    keys: { [successKey]: seconds(successMs), [failKey]: seconds(failMs) },
    lookAgainAtMs: nowMs + Math.min(tickMs, Math.max(1000, restMs)),
  });
  const { value, problem } = sample as { readonly value?: string; readonly problem?: string };
  if (value === undefined) return verdict(false, false, problem ?? "", 0, 0, tickMs);
  if (!Number.isFinite(Number(value))) return verdict(false, false, `the query result is ${value}, which proves nothing`, 0, 0, tickMs);
  const holds = evaluate(value, condition);
  if (!holds.ok) return holds;
  if (holds.value) {
    const since = moment(key(successKey));
    if (since === undefined) return verdict(false, false, healthy(condition, value), nowMs, 0, durationMs);
    const restMs = durationMs - (nowMs - since);
    if (restMs > 0) return verdict(false, false, healthy(condition, value), since, 0, restMs);
    return verdict(true, false, "The metric check has passed successfully.", since, 0, tickMs);
  }
  const since = moment(key(failKey));
  const failingMs = since === undefined ? 0 : Math.max(0, nowMs - since);
  const message = `${unhealthy(condition, value, failingMs)}${since === undefined ? " This is first failed checking." : ""}`;
  return verdict(false, failingMs >= failDurationMs, message, 0, since ?? nowMs, failDurationMs - failingMs);
}

function healthy(condition: string, value: string): string {
  return `The healthy condition should be ${condition}, and the query result is ${value}, indicating success.`;
}

function unhealthy(condition: string, value: string, failingMs: number): string {
  const duration = formatGoDuration(failingMs);
  return `The healthy condition should be ${condition}, but the query result is ${value}, indicating failure, with the failure duration being ${duration}.`;
}

function evaluate(value: string, condition: string): Evaluated<boolean> {
  const json = compile([{ filename: "condition", text: `holds: ${value} ${condition}` }])
    .instance()
    .lookup(["holds"])
    .toJson();
  if (json.ok && typeof json.value === "boolean") return { ok: true, value: json.value };
  return { ok: false, message: `the condition ${JSON.stringify(condition)} is no comparison; write one as ">=0.95"` };
}

/** Unix seconds as text, rounded up so that nothing is proven early; `0` is none. */
function seconds(ms: number): string {
  return String(Math.ceil(ms / 1000));
}

function moment(text: string | undefined): number | undefined {
  const value = Number(text ?? "0") * 1000;
  return Number.isFinite(value) && value > 0 ? value : undefined;
}
