import { describe, expect, it } from "vitest";
import type { Action } from "../model/decision.ts";
import type { Exit, LeaveStep, ReleasePlan, StepPlan } from "../model/plan.ts";
import type { Attempt, ReleaseState } from "../model/state.ts";
import type { CandidateView, RoutesView, WorkloadView, World } from "../model/world.ts";
import { decide, freshState } from "./decide.ts";
import { objection } from "./governor.ts";
import { replan } from "./replan.ts";

const now = 1_000_000;
const promotion: LeaveStep[] = ["unmark", "unpin", "restore-routes", "drop-backend", "resume", "release"];
const rollback: LeaveStep[] = ["unmark", "restore-routes", "resume", "release", "unpin", "drop-backend"];
const leaving: Record<Exit, LeaveStep[]> = {
  success: promotion,
  disabled: promotion,
  deleted: promotion,
  rollback,
  supersede: ["restore-routes", "release", "drop-backend"],
  orphaned: ["restore-routes", "release", "unpin", "drop-backend"],
};

function step(weight: number, capacity: number | string, gate: StepPlan["gates"][number] = { type: "approval" }): StepPlan {
  return { capacity, route: { weight }, gates: [gate] };
}

function plan(overrides: Partial<ReleasePlan> = {}): ReleasePlan {
  return {
    steps: [step(20, "20%"), step(60, "60%", { type: "timer", durationMs: 60_000 })],
    hash: "h",
    routed: true,
    ownBackend: true,
    graceMs: 3000,
    startDelayMs: 3000,
    failureThreshold: 0,
    leaving,
    frozen: false,
    disabled: false,
    detached: false,
    deleting: false,
    progressDeadlineMs: 600_000,
    ...overrides,
  };
}

function workload(overrides: Partial<WorkloadView> = {}): WorkloadView {
  return {
    ref: "W",
    generation: 1,
    settled: true,
    replicas: 5,
    maxUnavailable: 1,
    adopted: true,
    marked: true,
    held: true,
    revision: "v2",
    stableRevision: "s",
    atStable: false,
    unguarded: false,
    rolledOut: false,
    stable: { desired: 5, total: 5, ready: 5 },
    problems: [],
    ...overrides,
  };
}

function candidate(pods: number, ready = pods): CandidateView {
  return { ref: "C", revision: "c", settled: true, desired: pods, total: pods, ready };
}

function routes(share: number | undefined, overrides: Partial<RoutesView> = {}): RoutesView {
  return {
    missing: [],
    backendRef: "B",
    routeRef: "R",
    pinned: "s",
    candidateBackend: "c",
    routed: share !== undefined,
    share: share ?? 0,
    carries: (target) => target.weight === share,
    ...overrides,
  };
}

function rolling(attempt: Partial<Attempt> = {}, state: Partial<ReleaseState> = {}): ReleaseState {
  const full: Attempt = {
    stable: "s",
    candidate: "v2",
    candidatePods: "c",
    planHash: "h",
    id: "v2",
    step: 1,
    next: 2,
    stepState: "gate",
    since: now - 10_000,
    ...attempt,
  };
  return { phase: "rolling", since: now - 20_000, acted: {}, attempt: full, ...state };
}

interface Row {
  readonly what: string;
  readonly state: ReleaseState;
  readonly world: Partial<World>;
  readonly plan?: Partial<ReleasePlan>;
  /** Action, or what is waited for. */
  readonly does: Action["type"] | "waits" | "rests";
  readonly then?: string;
  readonly waitsFor?: string;
}

const gone = { routes: routes(undefined, { pinned: undefined as never, candidateBackend: undefined as never }) };
const leavingAt = (leaveStep: LeaveStep, exit: Exit = "success"): ReleaseState => rolling({}, { phase: "leaving", exit, leaveStep });

const rows: Row[] = [
  {
    what: "a workload appears",
    state: freshState,
    world: { workload: workload({ marked: false, held: false, adopted: false }) },
    does: "adopt",
    then: "idle",
  },
  { what: "no workload", state: freshState, world: {}, does: "rests", then: "unbound" },
  {
    what: "disabled while idle",
    state: rolling({}, { phase: "idle" }),
    world: { workload: workload({ marked: false }) },
    plan: { disabled: true },
    does: "rests",
    then: "off",
  },
  {
    what: "enabled again",
    state: { phase: "off", since: 0, acted: {} },
    world: { workload: workload({ marked: false }) },
    does: "rests",
    then: "idle",
  },
  {
    what: "a marked change",
    state: rolling({}, { phase: "idle" }),
    world: { workload: workload() },
    does: "waits",
    then: "starting",
    waitsFor: "a moment for a change of the plan",
  },
  {
    what: "an unguarded change",
    state: rolling({ candidate: "v1" }, { phase: "idle" }),
    world: { workload: workload({ marked: false, held: false, unguarded: true }) },
    does: "hold",
    then: "idle",
  },
  {
    what: "a template that went by",
    state: rolling({ candidate: "v1" }, { phase: "idle" }),
    world: { workload: workload({ marked: false, held: false, rolledOut: true }) },
    does: "rests",
    then: "idle",
  },
  {
    what: "prepare: not pinned",
    state: rolling({ stepState: "prepare" }),
    world: { workload: workload(), routes: routes(undefined, { pinned: undefined as never }) },
    does: "pin",
  },
  {
    what: "prepare: pinned just now",
    state: rolling({ stepState: "prepare" }, { acted: { pin: now - 1000 } }),
    world: { workload: workload(), routes: routes(undefined) },
    does: "waits",
    waitsFor: "the data plane follows the last change",
  },
  {
    what: "prepare: step without routes",
    state: rolling({ stepState: "prepare" }),
    plan: { steps: [{ capacity: 1, gates: [] }] },
    world: { workload: workload({ candidate: candidate(1) }), routes: routes(20) },
    does: "restore-routes",
  },
  {
    what: "capacity: none yet",
    state: rolling({ stepState: "capacity" }),
    world: { workload: workload(), routes: routes(undefined) },
    does: "create-candidate",
  },
  {
    what: "capacity: too few",
    state: rolling({ stepState: "capacity" }),
    world: { workload: workload({ candidate: candidate(0) }), routes: routes(undefined) },
    does: "scale-candidate",
  },
  {
    what: "capacity: not ready",
    state: rolling({ stepState: "capacity" }),
    world: { workload: workload({ candidate: candidate(1, 0), problems: ["pod x: ImagePullBackOff"] }), routes: routes(undefined) },
    does: "waits",
    waitsFor: "0 of 1 pods are ready; pod x: ImagePullBackOff",
  },
  {
    what: "capacity: tolerated",
    state: rolling({ stepState: "capacity", step: 2, next: -1 }),
    plan: { failureThreshold: 1 },
    world: { workload: workload({ candidate: candidate(3, 2) }), routes: routes(20) },
    does: "waits",
    waitsFor: "the data plane learns of the new pods",
  },
  {
    what: "route: no backend",
    state: rolling({ stepState: "route" }),
    world: { workload: workload({ candidate: candidate(1) }), routes: routes(undefined, { candidateBackend: undefined as never }) },
    does: "backend",
  },
  {
    what: "route: not routed",
    state: rolling({ stepState: "route" }),
    world: { workload: workload({ candidate: candidate(1) }), routes: routes(undefined) },
    does: "route",
  },
  {
    what: "route: no pod is ready any more",
    state: rolling({ stepState: "route" }),
    world: { workload: workload({ candidate: candidate(1, 0) }), routes: routes(undefined) },
    does: "waits",
    waitsFor: "0 of 1 pods that 20% of requests need are ready",
  },
  {
    what: "gate: approval",
    state: rolling(),
    world: { workload: workload({ candidate: candidate(1) }), routes: routes(20) },
    does: "waits",
    waitsFor: "approval",
  },
  {
    what: "gate: scaled up",
    state: rolling(),
    world: { workload: workload({ replicas: 10, candidate: candidate(1) }), routes: routes(20) },
    does: "scale-candidate",
  },
  {
    what: "gate: timer",
    state: rolling({ step: 2, next: -1 }),
    world: { workload: workload({ candidate: candidate(3) }), routes: routes(60) },
    does: "waits",
    waitsFor: "its pause of 60 s",
  },
  {
    what: "frozen",
    state: rolling({ stepState: "ready" }),
    plan: { frozen: true },
    world: { workload: workload({ candidate: candidate(1) }), routes: routes(20) },
    does: "waits",
    then: "frozen",
    waitsFor: "the release is paused by its spec",
  },
  { what: "let loose by someone", state: rolling(), world: { workload: workload({ held: false }), routes: routes(20) }, does: "hold" },
  {
    what: "rolled back",
    state: rolling(),
    world: { workload: workload({ revision: "v1", atStable: true }), routes: routes(20) },
    does: "unmark",
    then: "leaving",
  },
  {
    what: "rolled back while frozen",
    state: rolling({}, { phase: "frozen" }),
    plan: { frozen: true },
    world: { workload: workload({ revision: "v1", atStable: true }), routes: routes(20) },
    does: "unmark",
    then: "leaving",
  },
  {
    what: "a newer revision",
    state: rolling(),
    world: { workload: workload({ revision: "v3" }), routes: routes(20) },
    does: "restore-routes",
    then: "superseding",
  },
  {
    what: "the Ingress is gone",
    state: rolling(),
    world: { workload: workload(), routes: routes(20, { missing: ["I"] }) },
    does: "waits",
    waitsFor: "it exists",
  },
  {
    what: "the workload is gone",
    state: rolling(),
    world: { routes: routes(20), ownPods: "present" },
    does: "restore-routes",
    then: "leaving",
  },
  {
    what: "deleted",
    state: rolling(),
    plan: { deleting: true },
    world: { workload: workload(), routes: routes(20) },
    does: "unmark",
    then: "leaving",
  },
  {
    what: "deleted while idle",
    state: rolling({}, { phase: "idle" }),
    plan: { deleting: true },
    world: { workload: workload({ marked: false }) },
    does: "disown",
    then: "idle",
  },
  {
    what: "deleted, and nothing of ours is left",
    state: rolling({}, { phase: "idle" }),
    plan: { deleting: true },
    world: { workload: workload({ marked: false, adopted: false }) },
    does: "rests",
    then: "gone",
  },
  {
    what: "deleted, at the end of the way out",
    state: { ...leavingAt("release", "deleted"), leaveStep: "end" },
    plan: { deleting: true },
    world: { workload: workload({ marked: false }), ...gone },
    does: "disown",
    then: "leaving",
  },
  {
    what: "detached in a release",
    state: rolling(),
    plan: { disabled: true, detached: true },
    world: { workload: workload(), routes: routes(20) },
    does: "unmark",
    then: "leaving",
  },
  {
    what: "detached while idle",
    state: rolling({}, { phase: "idle" }),
    plan: { disabled: true, detached: true },
    world: { workload: workload({ marked: false, held: false }) },
    does: "disown",
    then: "off",
  },
  {
    what: "detached, and nothing of ours is left",
    state: rolling({}, { phase: "off" }),
    plan: { disabled: true, detached: true },
    world: { workload: workload({ marked: false, held: false, adopted: false }) },
    does: "rests",
    then: "off",
  },
  {
    what: "detached while idle, and the user holds the workload himself",
    state: rolling({}, { phase: "idle" }),
    plan: { disabled: true, detached: true },
    world: { workload: workload({ marked: false, held: true, adopted: false }) },
    does: "rests",
    then: "off",
  },
  {
    what: "off, and caught by a late guard",
    state: rolling({}, { phase: "off" }),
    plan: { disabled: true },
    world: { workload: workload() },
    does: "unmark",
    then: "leaving",
  },
  {
    what: "disabled",
    state: rolling(),
    plan: { disabled: true },
    world: { workload: workload(), routes: routes(20) },
    does: "unmark",
    then: "leaving",
  },
  {
    what: "leaving: pinned",
    state: leavingAt("unpin"),
    world: { workload: workload({ marked: false }), routes: routes(20) },
    does: "unpin",
  },
  {
    what: "leaving: backend",
    state: leavingAt("drop-backend"),
    world: { workload: workload({ marked: false }), routes: routes(undefined) },
    does: "drop-backend",
  },
  { what: "leaving: held", state: leavingAt("resume"), world: { workload: workload({ marked: false }), ...gone }, does: "resume" },
  {
    what: "leaving: rolls natively",
    state: leavingAt("resume"),
    world: { workload: workload({ marked: false, held: false }), ...gone, ownPods: "present" },
    does: "waits",
    waitsFor: "the new revision replaces the old one",
  },
  {
    what: "leaving: rolled out",
    state: leavingAt("resume"),
    world: { workload: workload({ marked: false, held: false, rolledOut: true }), ...gone, ownPods: "present" },
    does: "release",
  },
  {
    what: "leaving: a newer revision came, caught",
    state: leavingAt("resume"),
    world: { workload: workload({ revision: "v3" }), ...gone, ownPods: "present" },
    does: "release",
  },
  {
    what: "leaving: a newer revision came, not marked",
    state: leavingAt("resume"),
    world: { workload: workload({ revision: "v3", marked: false }), ...gone },
    does: "hold",
  },
  {
    what: "leaving: still routed",
    state: leavingAt("release", "rollback"),
    world: { workload: workload({ marked: false, held: false, candidate: candidate(1) }), routes: routes(20), ownPods: "present" },
    does: "waits",
    waitsFor: "R still routes requests to it",
  },
  {
    what: "left",
    state: leavingAt("release"),
    world: { workload: workload({ marked: false, held: false, rolledOut: true }), ...gone },
    does: "rests",
    then: "idle",
  },
];

describe("decide", () => {
  it.each(rows.map((row) => [row.what, row] as const))("%s", (_what, row) => {
    const world: World = { ownPods: "none", ...row.world };
    const decision = decide(plan(row.plan), row.state, world, now);
    const does = decision.actions[0]?.type ?? (decision.waitingFor === undefined ? "rests" : "waits");
    expect(does, JSON.stringify(decision)).toBe(row.does);
    if (row.waitsFor !== undefined) expect(decision.waitingFor?.condition).toBe(row.waitsFor);
    if (row.then !== undefined) expect(decision.state.phase).toBe(row.then);
    // Looking again at an unchanged world decides the same.
    expect(decide(plan(row.plan), decision.state, world, now).actions).toEqual(decision.actions);
  });

  it("gives every wait for the cluster a deadline", () => {
    for (const row of rows.filter((each) => each.does === "waits")) {
      const { waitingFor } = decide(plan(row.plan), row.state, { ownPods: "none", ...row.world }, now);
      if (waitingFor?.unblock === "cluster" || waitingFor?.unblock === "time") expect(waitingFor.deadline, row.what).toBeGreaterThan(0);
    }
  });
});

describe("an edited plan", () => {
  const percents = (...list: number[]): StepPlan[] => list.map((each) => ({ capacity: `${each}%`, gates: [] }));
  // Candidate pods of ten replicas; the step that a release of the old plan is at.
  it.each([
    ["40,60,100 at 1 becomes 20,50,100", percents(20, 50, 100), 1, 4, 2],
    ["40,60,100 at 1 becomes 20,40,100", percents(20, 40, 100), 1, 4, 2],
    ["20,40,100 with 40% of pods becomes 40,60,100", percents(40, 60, 100), 1, 4, 1],
    ["20,40,100 at 1 becomes 10,30,100", percents(10, 30, 100), 1, 2, 2],
    ["only routes change", percents(10, 10, 30), 1, 1, 1],
    ["no step is large enough", percents(10, 20), 1, 5, 2],
  ])("%s", (_what, steps, present, pods, expected) => {
    expect(replan(steps, present, pods, 10)).toBe(expected);
  });

  it("goes on at the step that fits, and says nothing was undone", () => {
    const world: World = { ownPods: "present", workload: workload({ candidate: candidate(2) }), routes: routes(20) };
    const edited = plan({ hash: "h2", steps: [step(10, "20%"), step(20, "40%")] });
    const decision = decide(edited, rolling(), world, now);
    expect(decision.state.attempt).toMatchObject({ planHash: "h2", step: 2 });
    expect(decision.actions).toEqual([]);
  });
});

describe("the governor", () => {
  const look = (world: Partial<World>): Parameters<typeof objection>[1] => ({ plan: plan(), world: { ownPods: "present", ...world }, now });
  it.each<[string, Action, Partial<World>, string | undefined]>([
    [
      "a share for too few pods",
      { type: "route", target: { weight: 60 } },
      { workload: workload({ candidate: candidate(3, 0) }), routes: routes(20) },
      "0 of 1 pods",
    ],
    [
      "a share that the pods carry",
      { type: "route", target: { weight: 20 } },
      { workload: workload({ candidate: candidate(1) }), routes: routes(undefined) },
      undefined,
    ],
    [
      "a smaller share than the stable pods carry",
      { type: "route", target: { weight: 20 } },
      { workload: workload({ stable: { desired: 5, total: 5, ready: 1 }, candidate: candidate(3) }), routes: routes(60) },
      "1 of 3 stable pods",
    ],
    [
      "back to stable pods that are not there",
      { type: "restore-routes" },
      { workload: workload({ stable: { desired: 5, total: 5, ready: 2 }, candidate: candidate(3) }), routes: routes(60) },
      "2 of 4 stable pods",
    ],
    [
      "back to stable pods in trouble, from worse",
      { type: "restore-routes" },
      { workload: workload({ stable: { desired: 5, total: 5, ready: 2 }, candidate: candidate(3, 0) }), routes: routes(60) },
      undefined,
    ],
    [
      "deleting pods that requests go to",
      { type: "release" },
      { workload: workload({ candidate: candidate(3) }), routes: routes(60) },
      "still routes",
    ],
    [
      "a workload of no pods",
      { type: "restore-routes" },
      { workload: workload({ replicas: 0, stable: { desired: 0, total: 0, ready: 0 } }), routes: routes(60) },
      undefined,
    ],
  ])("judges %s", (_what, action, world, objects) => {
    const against = objection(action, look(world), rolling());
    if (objects === undefined) expect(against).toBeUndefined();
    else expect(against?.condition).toContain(objects);
  });
});
