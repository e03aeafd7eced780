import { describe, expect, it } from "vitest";
import type { Condition } from "./conditions.ts";
import { getCondition, isConditionTrue, setCondition } from "./conditions.ts";

const t0 = "1970-01-01T00:00:00Z";
const ready: Condition = { type: "Ready", status: "False", reason: "Starting", message: "m", lastTransitionTime: t0, lastUpdateTime: t0 };
const other: Condition = { type: "Other", status: "True" };

describe("conditions", () => {
  it("are added with their time", () => {
    const list = setCondition(undefined, { type: "Ready", status: "True" }, 5000);
    expect(list).toEqual([{ type: "Ready", status: "True", lastTransitionTime: "1970-01-01T00:00:05Z" }]);
    expect([isConditionTrue(list, "Ready"), isConditionTrue(list, "Other"), getCondition(list, "Other")]).toEqual([true, false, undefined]);
  });

  it("stay the same list when only times would differ", () => {
    const list = [ready, other];
    expect(setCondition(list, { type: "Ready", status: "False", reason: "Starting", message: "m" }, 9000, { withUpdateTime: true })).toBe(
      list,
    );
  });

  it("move the transition time with the status only, and keep their place", () => {
    const list = [ready, other];
    const reworded = setCondition(list, { type: "Ready", status: "False", reason: "Waiting" }, 5000, { withUpdateTime: true });
    expect(reworded).toEqual([
      { type: "Ready", status: "False", reason: "Waiting", lastTransitionTime: t0, lastUpdateTime: "1970-01-01T00:00:05Z" },
      other,
    ]);
    const turned = setCondition(list, { type: "Ready", status: "True" }, 5000);
    expect(turned).toEqual([{ type: "Ready", status: "True", lastTransitionTime: "1970-01-01T00:00:05Z" }, other]);
    expect(list[0]).toBe(ready);
  });
});
