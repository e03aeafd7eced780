import type { JsonObject, JsonValue } from "@slipway/std";
import { describe, expect, it } from "vitest";
import { judgeMetric } from "./metric-check.ts";

/** Looks at samples in turn, one a minute, keeping the moments. */
function look(samples: readonly JsonValue[], params: JsonObject = {}): unknown[] {
  const keys: Record<string, string> = {};
  return samples.map((sample, minute) => {
    const verdict = judgeMetric({
      params: { condition: ">=0.95", duration: "2m", failDuration: "2m", ...params },
      sample: typeof sample === "string" ? { value: sample } : sample,
      prefix: "step.check",
      key: (name) => keys[name],
      nowMs: 1_000_000 + minute * 60_000,
    });
    if (!verdict.ok) return verdict.message;
    Object.assign(keys, verdict.keys);
    return verdict.returns["result"] === true ? "passed" : verdict.returns["failed"] === true ? "failed" : "open";
  });
}

describe("a metric check", () => {
  it.each<[string, JsonValue[], string[]]>([
    ["passes once the condition held for the duration", ["1", "0.99", "0.96"], ["open", "open", "passed"]],
    ["begins anew when it did not hold", ["1", "0.5", "1", "1", "1"], ["open", "open", "open", "open", "passed"]],
    ["fails once it did not hold for the fail duration", ["0.1", "0.1", "0.1"], ["open", "open", "failed"]],
    ["proves nothing without an answer", ["1", { problem: "away" }, "1", "1", "1"], ["open", "open", "open", "open", "passed"]],
    ["does not fail without an answer", ["0", { problem: "away" }, "0", "0"], ["open", "open", "open", "open"]],
    ["holds on no number", ["NaN", "+Inf", "NaN", "NaN"], ["open", "open", "open", "open"]],
    ["reads exponents", ["1.5e+06", "1e+06", "1e+06"], ["open", "open", "passed"]],
  ])("%s", (_what, samples, expected) => expect(look(samples)).toEqual(expected));

  it("refuses what is no comparison, and no duration", () => {
    expect(look(["1"], { condition: "much" })).toEqual(['the condition "much" is no comparison; write one as ">=0.95"']);
    expect(look(["1"], { duration: "1 day" })).toEqual(["failed to parse duration 1 day"]);
  });

  it("says what it saw, as upstream", () => {
    const at = (value: string, keys: Record<string, string> = {}): unknown => {
      const params = { condition: "<1", duration: "5m", failDuration: "2m" };
      const verdict = judgeMetric({ params, sample: { value }, prefix: "p", key: (name) => keys[name], nowMs: 100_000 });
      return verdict.ok ? [verdict.returns["message"], verdict.keys, verdict.lookAgainAtMs] : verdict.message;
    };
    expect(at("0.5")).toEqual([
      "The healthy condition should be <1, and the query result is 0.5, indicating success.",
      { "p.metrics.success.time": "100", "p.metrics.fail.time": "0" },
      124_000,
    ]);
    expect(at("2", { "p.metrics.fail.time": "40" })).toEqual([
      "The healthy condition should be <1, but the query result is 2, indicating failure, with the failure duration being 1m0s.",
      { "p.metrics.success.time": "0", "p.metrics.fail.time": "40" },
      124_000,
    ]);
  });
});
