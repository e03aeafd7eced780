import type { WorkflowRun, WorkflowRunStatus, WorkflowStep } from "@slipway/api";
import type { JsonObject, JsonValue } from "@slipway/std";
import { describe, expect, it } from "vitest";
import type { StepLanguage, StepRun } from "../model/step-run.ts";
import { resumeRun, suspendRun, terminateRun } from "../status/operations.ts";
import { decide } from "./decide.ts";

const start = Date.UTC(2026, 0, 1);

const action = { path: "act", mode: "apply", provider: "kube", fn: "apply", params: {} } as const;

/** Stands in for CUE: `properties.do` names the outcome, an `if` reads `<step>.<flag>` or is `true` / `false`. */
const language: StepLanguage = {
  run({ parameter, id, step }): StepRun {
    const output = (path: string): { ok: true; value: JsonValue } | { ok: false; message: string } => {
      const value = parameter[path];
      return value === undefined ? { ok: false, message: `${path} not exist` } : { ok: true, value };
    };
    const base = { actions: [], keys: {}, variables: {}, output };
    switch (parameter["do"]) {
      case "wait":
        return { ...base, state: "waiting", message: "not yet" };
      case "error":
        return { ...base, state: "error", message: "broken" };
      case "act":
        return { ...base, state: "acting", actions: [{ ...action, stepId: id, stepName: step.name ?? "", key: `${id}/act` }] };
      case "fail":
        return { ...base, state: "failed", message: "refused" };
      default:
        return { ...base, state: "succeeded" };
    }
  },
  condition(text, { status }) {
    if (text === "true" || text === "false") return { ok: true, value: text === "true" };
    const [step = "", flag = ""] = text.split(".");
    const found = status[step] as JsonObject | undefined;
    if (found === undefined) return { ok: false, message: `invalid if value: ${step} not found` };
    return { ok: true, value: found[flag] === true };
  },
  parseVariables: () => undefined,
};

class World {
  run: WorkflowRun;
  contextData: Readonly<Record<string, string>> = {};
  nowMs = start;
  wakeAtMs: number | undefined;
  readonly templates = new Map([["t", ""]]);

  constructor(steps: WorkflowStep[], mode?: { steps?: string; subSteps?: string }) {
    this.run = {
      apiVersion: "core.oam.dev/v1alpha1",
      kind: "WorkflowRun",
      metadata: { name: "r", namespace: "default", uid: "u-1" },
      spec: { workflowSpec: { steps }, ...(mode === undefined ? {} : { mode }) },
    };
  }

  look(): WorkflowRunStatus {
    const { run, contextData, nowMs, templates } = this;
    const decision = decide({ run, workflow: undefined, templates, contextData, results: new Map(), nowMs, language });
    this.run = { ...run, status: decision.status };
    this.contextData = decision.contextData;
    this.wakeAtMs = decision.wakeAtMs;
    return decision.status;
  }

  /** `a:succeeded`, `b:failed/Timeout`, `g:running[c:pending]`. */
  steps(): string[] {
    const text = (step: { name?: string; phase?: string; reason?: string }): string =>
      `${step.name ?? ""}:${step.phase ?? ""}${step.reason === undefined ? "" : `/${step.reason}`}`;
    return (this.run.status?.steps ?? []).map((step) =>
      step.subSteps === undefined ? text(step) : `${text(step)}[${step.subSteps.map(text).join(" ")}]`,
    );
  }

  set(name: string, properties: JsonObject): void {
    const steps = this.run.spec?.workflowSpec?.steps ?? [];
    for (const step of steps.flatMap((each) => [each, ...(each.subSteps ?? [])])) if (step.name === name) step.properties = properties;
  }
}

function step(name: string, what = "ok", rest: Partial<WorkflowStep> = {}): WorkflowStep {
  return { name, type: "t", properties: { do: what }, ...rest };
}
function group(name: string, subSteps: WorkflowStep[], rest: Partial<WorkflowStep> = {}): WorkflowStep {
  return { name, type: "step-group", subSteps, ...rest };
}

describe("phases of one look", () => {
  const dag = { steps: "DAG" };
  const table: [string, WorkflowStep[], { steps?: string } | undefined, string, string[]][] = [
    ["no steps", [], undefined, "succeeded", []],
    ["all in one look", [step("a"), step("b")], undefined, "succeeded", ["a:succeeded", "b:succeeded"]],
    ["stops at a wait", [step("a", "wait"), step("b")], undefined, "executing", ["a:running/Wait"]],
    ["a graph goes on beside a wait", [step("a", "wait"), step("b")], dag, "executing", ["a:running/Wait", "b:succeeded"]],
    ["#Fail skips the rest", [step("a", "fail"), step("b")], undefined, "failed", ["a:failed/Action", "b:skipped/Skip"]],
    [
      "always runs after a failure",
      [step("a", "fail"), step("b", "ok", { if: "always" })],
      undefined,
      "failed",
      ["a:failed/Action", "b:succeeded"],
    ],
    ["if reads status", [step("a"), step("b", "ok", { if: "a.failed" })], undefined, "succeeded", ["a:succeeded", "b:skipped/Skip"]],
    ["if of a step not recorded", [step("a", "ok", { if: "x.failed" })], undefined, "succeeded", ["a:skipped/Skip"]],
    [
      "a skipped dependency skips in a graph",
      [step("b", "ok", { dependsOn: ["a"] }), step("a", "ok", { if: "false" })],
      dag,
      "succeeded",
      ["a:skipped/Skip", "b:skipped/Skip"],
    ],
    [
      "a graph orders by inputs",
      [step("b", "ok", { inputs: [{ from: "x" }] }), step("a", "ok", { outputs: [{ name: "x", valueFrom: "do" }] })],
      dag,
      "succeeded",
      ["a:succeeded", "b:succeeded"],
    ],
    ["pending on input", [step("b", "ok", { inputs: [{ from: "x" }] })], undefined, "executing", ["b:pending"]],
    ["group", [group("g", [step("c"), step("d")])], undefined, "succeeded", ["g:succeeded[c:succeeded d:succeeded]"]],
    ["empty group", [group("g", [])], undefined, "succeeded", ["g:succeeded"]],
    [
      "skipped group",
      [group("g", [step("c", "ok", { if: "always" })], { if: "false" })],
      undefined,
      "succeeded",
      ["g:skipped/Skip[c:skipped/Skip]"],
    ],
    [
      "group fails with its child",
      [group("g", [step("c", "fail")]), step("b")],
      undefined,
      "failed",
      ["g:failed/Action[c:failed/Action]", "b:skipped/Skip"],
    ],
    ["suspend", [{ name: "s", type: "suspend" }, step("b")], undefined, "suspending", ["s:suspending/Suspend"]],
  ];
  it.each(table)("%s", (_name, steps, mode, phase, expected) => {
    const world = new World(steps, mode);
    expect(world.look().status).toBe(phase);
    expect(world.steps()).toEqual(expected);
    expect(world.run.status?.finished).toBe(["succeeded", "failed"].includes(phase));
  });

  it("does not change the status of a run that waits, so nothing is written", () => {
    const world = new World([step("a", "wait")]);
    const first = world.look();
    world.nowMs += 30_000;
    expect(world.look()).toEqual(first);
  });
});

describe("time", () => {
  it("fails for good at the eleventh failure, after 52 seconds", () => {
    const world = new World([step("a", "error"), step("b")]);
    for (let failure = 1; failure <= 10; failure++) {
      expect(world.look().status).toBe("executing");
      expect(world.steps()).toEqual(["a:failed/Execute"]);
      world.nowMs = world.wakeAtMs ?? 0;
    }
    expect(world.nowMs - start).toBe(52_000);
    expect(world.look().status).toBe("failed");
    expect(world.steps()).toEqual(["a:failed/FailedAfterRetries", "b:skipped/Skip"]);
  });

  it("spends no retry when looked at early", () => {
    const world = new World([step("a", "error")]);
    world.look();
    const before = world.contextData;
    world.look();
    expect(world.contextData).toEqual(before);
  });

  it("times out a wait and wakes for it", () => {
    const world = new World([step("a", "wait", { timeout: "3s" }), step("b", "ok", { if: "a.timeout" })]);
    world.look();
    while (world.run.status?.finished !== true) {
      world.nowMs = world.wakeAtMs ?? Number.NaN;
      world.look();
    }
    expect(world.nowMs - start).toBe(3000);
    expect(world.steps()).toEqual(["a:failed/Timeout", "b:succeeded"]);
    expect(world.run.status.status).toBe("failed");
  });

  it("resumes a timed suspend inside a group on time", () => {
    const world = new World([group("g", [{ name: "s", type: "suspend", properties: { duration: "10s" } }]), step("b")]);
    expect(world.look().status).toBe("suspending");
    expect(world.wakeAtMs).toBe(start + 10_000);
    world.nowMs = start + 9_999;
    expect(world.look().status).toBe("suspending");
    world.nowMs = start + 10_000;
    expect(world.look().status).toBe("succeeded");
  });
});

describe("a hold whose time is over", () => {
  it("is no suspension by hand when the next step has to act first", () => {
    const world = new World([{ name: "hold", type: "suspend", properties: { duration: "5s" } }, step("a", "act")]);
    expect(world.look()).toMatchObject({ status: "suspending", suspend: true });
    world.nowMs = start + 6000;
    // Stored as it is before the action is performed; the next look must ask for the action again.
    for (let looks = 0; looks < 2; looks++) {
      expect(world.look()).toMatchObject({ status: "executing", suspend: false });
      expect(world.steps()).toEqual(["hold:succeeded"]);
    }
    world.set("a", { do: "ok" });
    expect(world.look().status).toBe("succeeded");
  });
});

describe("operators", () => {
  it("resumes a suspend step, also a timed one before its time", () => {
    for (const properties of [{}, { duration: "1h" }]) {
      const world = new World([{ name: "s", type: "suspend", properties }, step("b")]);
      world.look();
      expect(world.look().steps?.[0]?.message).toBe("Suspended by field suspend");
      const resumed = resumeRun(world.run);
      expect(resumed).toMatchObject({ ok: true, message: "Successfully resume workflow: r" });
      if (resumed.ok) world.run = { ...world.run, status: resumed.status };
      expect(world.look().status).toBe("succeeded");
    }
  });

  it("holds a run that was suspended by hand until it is resumed", () => {
    const world = new World([step("a", "wait"), step("b")]);
    world.look();
    const suspended = suspendRun(world.run);
    if (suspended.ok) world.run = { ...world.run, status: suspended.status };
    world.set("a", { do: "ok" });
    expect(world.look().status).toBe("suspending");
    expect(world.steps()).toEqual(["a:suspending/Wait"]);
    const resumed = resumeRun(world.run);
    if (resumed.ok) world.run = { ...world.run, status: resumed.status };
    expect(world.look().status).toBe("succeeded");
  });

  it("terminates: the rest is skipped and the phase is terminated", () => {
    const world = new World([step("a", "wait"), step("b")]);
    world.look();
    const terminated = terminateRun(world.run);
    if (terminated.ok) world.run = { ...world.run, status: terminated.status };
    expect(world.look().status).toBe("terminated");
    expect(world.steps()).toEqual(["a:failed/Terminate", "b:skipped/Skip"]);
    expect(suspendRun(world.run)).toMatchObject({ ok: false, message: "can not suspend a terminated workflow" });
  });

  it("says which step type is unknown and stays initializing", () => {
    const world = new World([step("a"), { name: "b", type: "nope" }]);
    expect(world.look().status).toBe("initializing");
    expect(world.run.status?.conditions).toMatchObject([{ type: "WorkflowRun", status: "False", reason: "ReconcileError" }]);
    expect(world.run.status?.conditions?.[0]?.message).toContain(
      "spec.workflowSpec.steps[1].type: step b: can't find task generator: nope",
    );
    expect(world.steps()).toEqual([]);
    world.templates.set("nope", "");
    expect(world.look().status).toBe("succeeded");
  });
});
