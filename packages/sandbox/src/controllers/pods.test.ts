import { describe, expect, it } from "vitest";
import type { Pod } from "./kinds.ts";
import { isActive, untilAvailableMs } from "./pods.ts";

const readyAt = Date.UTC(2026, 0, 1);

function pod(ready: "True" | "False", fields: { phase?: string; deletionTimestamp?: string } = {}): Pod {
  const { phase = "Running", ...metadata } = fields;
  const conditions = [{ type: "Ready", status: ready, lastTransitionTime: "2026-01-01T00:00:00Z" }];
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "p", ...metadata }, status: { phase, conditions } };
}

describe("availability", () => {
  it.each([
    ["not ready", "False", 0, 60_000, undefined],
    ["no minReadySeconds", "True", 0, 0, 0],
    ["too early", "True", 10, 4000, 6001],
    // The native comparison is strict.
    ["at minReadySeconds", "True", 10, 10_000, 1],
    ["an instant later", "True", 10, 10_001, 0],
    ["never", "True", 2147483646, 60_000, 2147483646 * 1000 + 1 - 60_000],
  ] as const)("%s", (_name, ready, minReadySeconds, sinceMs, expected) => {
    expect(untilAvailableMs(pod(ready), minReadySeconds, readyAt + sinceMs)).toBe(expected);
  });
});

describe("active pods", () => {
  it.each([
    [{}, true],
    [{ phase: "Pending" }, true],
    [{ phase: "Succeeded" }, false],
    [{ phase: "Failed" }, false],
    [{ deletionTimestamp: "2026-01-01T00:00:00Z" }, false],
  ])("%j → %s", (fields, expected) => expect(isActive(pod("True", fields))).toBe(expected));
});
