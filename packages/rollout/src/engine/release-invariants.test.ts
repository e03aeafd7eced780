import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { CanaryStep } from "@slipway/api";
import { plannedPods, podsForShare } from "./capacity.ts";
import type { Write } from "../model/write.ts";
import { planOf } from "../dialects/kruise/plan.ts";
import { detachAnnotation } from "../names.ts";
import { deploymentSpec } from "../workloads/deployment.ts";
import { drive } from "../testing/drive.ts";
import type { SimulatedCluster } from "../testing/simulated-cluster.ts";
import { Conflict, canaryWeight, createSimulatedCluster, readyBehind, setImage, webObjects } from "../testing/simulated-cluster.ts";

const percents = fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 5 }).map((list) => list.sort((a, b) => a - b));
/** Steps as admission lets them through; some without routes, some with fewer pods than their share. */
const plans: fc.Arbitrary<CanaryStep[]> = percents.chain((list) =>
  fc
    .tuple(...list.map(() => fc.record({ routed: fc.boolean(), timed: fc.boolean(), thrift: fc.integer({ min: 1, max: 3 }) })))
    .map((marks) => {
      let most = 0;
      return list.map((percent, index) => {
        const { routed = true, timed = true, thrift = 1 } = marks[index] ?? {};
        most = Math.max(most, Math.ceil(percent / thrift));
        return { ...(routed ? { traffic: `${percent}%` } : {}), replicas: `${most}%`, pause: timed ? { duration: 7 } : {} };
      });
    }),
);

type Disturbance =
  | { readonly type: "revision"; readonly image: string; readonly guard: "present" | "away" }
  | { readonly type: "scale"; readonly replicas: number }
  | { readonly type: "jump"; readonly to: number }
  | { readonly type: "freeze" | "thaw" | "approve" };
const disturbances: fc.Arbitrary<Disturbance> = fc.oneof(
  fc.record({
    type: fc.constant("revision" as const),
    image: fc.constantFrom("web:1", "web:2", "web:3", "broken:4"),
    guard: fc.constantFrom("present" as const, "present" as const, "away" as const),
  }),
  fc.record({ type: fc.constant("scale" as const), replicas: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ type: fc.constant("jump" as const), to: fc.integer({ min: -1, max: 6 }) }),
  fc.record({ type: fc.constantFrom("freeze" as const, "thaw" as const, "approve" as const) }),
);

function disturb(cluster: SimulatedCluster, disturbance: Disturbance): void {
  switch (disturbance.type) {
    case "revision":
      cluster.edit(setImage(disturbance.image), disturbance.guard);
      break;
    case "scale":
      cluster.edit((spec) => {
        spec.replicas = disturbance.replicas;
      });
      break;
    case "jump":
      cluster.patchRolloutStatus((status) => {
        if (status.canaryStatus !== undefined) status.canaryStatus.nextStepIndex = disturbance.to;
      });
      break;
    case "approve":
      cluster.patchRolloutStatus((status) => {
        if (status.canaryStatus?.currentStepState === "StepPaused") status.canaryStatus.currentStepState = "StepReady";
      });
      break;
    case "freeze":
    case "thaw":
      cluster.editRollout((rollout) => {
        if (rollout.spec !== undefined) rollout.spec.strategy.paused = disturbance.type === "freeze";
      });
  }
}

/** What must hold after every write, whatever happened before. */
function watchInvariants(cluster: SimulatedCluster): void {
  let weight = 0;
  cluster.onWrite = (write?: Write): void => {
    expect(JSON.stringify(write ?? {})).not.toContain("Recreate");
    const now = canaryWeight(cluster);
    const replicas = deploymentSpec(cluster.get("Deployment", "web") ?? { apiVersion: "", kind: "", metadata: {} }).replicas ?? 0;
    const behind = readyBehind(cluster, "web-canary");
    if (now > 0) expect(behind, "a share goes where pods are ready").toBeGreaterThan(0);
    if (now > weight) {
      const rollout = cluster.rollout();
      const step = planOf(rollout).steps[(rollout.status?.canaryStatus?.currentStepIndex ?? 1) - 1];
      const planned = step === undefined ? 0 : plannedPods(step, replicas);
      expect(behind, "a weight rises only with the pods that carry it").toBeGreaterThanOrEqual(
        Math.min(planned, podsForShare(now, replicas)),
      );
    }
    // The stable Service always has someone to answer.
    expect(readyBehind(cluster, "web"), "the stable Service has ready pods").toBeGreaterThan(0);
    weight = now;
  };
}

function begun(steps: CanaryStep[], replicas: number): SimulatedCluster {
  const cluster = createSimulatedCluster(webObjects(steps, { replicas }));
  for (let turn = 0; turn < 4; turn++) cluster.native();
  drive(cluster);
  watchInvariants(cluster);
  return cluster;
}

/** Some turns of everything, with the process dying after `crashes[i]` writes of a look. */
function live(cluster: SimulatedCluster, turns: number, crashes: readonly number[]): void {
  for (let turn = 0; turn < turns; turn++) {
    cluster.native(1 + (turn % 3));
    try {
      const { wakeAt } = cluster.reconcile(crashes[turn % Math.max(1, crashes.length)]);
      if (wakeAt !== undefined && turn % 2 === 1) cluster.now = Math.max(cluster.now, wakeAt);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
    cluster.now += 500;
  }
}

function settle(cluster: SimulatedCluster): void {
  cluster.editRollout((rollout) => {
    if (rollout.spec !== undefined) rollout.spec.strategy.paused = false;
  });
  drive(cluster, { approve: true });
  for (let turn = 0; turn < 30; turn++) cluster.native();
  drive(cluster, { approve: true });
}

/** Nothing of the release is left, and the Deployment's spec is the user's. */
function expectClean(cluster: SimulatedCluster, userSpec: string): void {
  expect(cluster.list("Deployment").map((each) => each.metadata.name)).toEqual(["web"]);
  expect(cluster.list("Service").map((each) => each.metadata.name)).toEqual(["web"]);
  expect(cluster.list("Ingress").map((each) => each.metadata.name)).toEqual(["web"]);
  expect((cluster.get("Service", "web")?.["spec"] as { selector: object }).selector).toEqual({ app: "web" });
  expect(JSON.stringify(cluster.get("Deployment", "web")?.["spec"])).toBe(userSpec);
  expect(cluster.get("Deployment", "web")?.metadata.annotations ?? {}).toEqual({});
}

function userSpecOf(cluster: SimulatedCluster): string {
  const { paused: _paused, ...spec } = deploymentSpec(cluster.get("Deployment", "web") ?? { apiVersion: "", kind: "", metadata: {} });
  return JSON.stringify(spec);
}

const runs = 150;

it("keeps requests where ready pods are, through new revisions, scaling, jumps, freezes and crashes, and ends clean", () => {
  fc.assert(
    fc.property(
      plans,
      fc.integer({ min: 2, max: 10 }),
      fc.array(fc.tuple(disturbances, fc.integer({ min: 0, max: 14 })), { maxLength: 8 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 5 }),
      (steps, replicas, events, crashes) => {
        const cluster = begun(steps, replicas);
        cluster.edit(setImage("web:2"));
        for (const [event, turns] of events) {
          live(cluster, turns, [...crashes, 9]);
          disturb(cluster, event);
        }
        // The last word of the user is a revision that works.
        disturb(cluster, { type: "thaw" });
        cluster.edit(setImage("web:5"));
        const userSpec = userSpecOf(cluster);
        settle(cluster);
        expect(cluster.rollout().status?.phase).toBe("Healthy");
        expectClean(cluster, userSpec);
        expect(cluster.get("Deployment", "web")?.["status"]).toMatchObject({
          updatedReplicas: deploymentSpec(cluster.get("Deployment", "web") as never).replicas,
        });
        expect(cluster.reconcile().wrote, "an idle Rollout makes no writes").toBe(0);
      },
    ),
    { numRuns: runs },
  );
});

it("goes back to stable from any moment of a release, and to the same end wherever the process dies", () => {
  fc.assert(
    fc.property(
      plans,
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 0, max: 60 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 }),
      (steps, replicas, turns, crashes) => {
        const cluster = begun(steps, replicas);
        const stable = cluster.list("ReplicaSet").map((each) => each.metadata.uid);
        const userSpec = userSpecOf(cluster);
        cluster.edit(setImage("web:2"));
        live(cluster, turns, []);
        // Once the promotion runs natively there is nothing to go back from.
        const promoting = (): boolean => (cluster.get("Deployment", "web")?.["spec"] as { paused?: boolean }).paused !== true;
        fc.pre(!promoting());
        cluster.edit(setImage("web:1"));
        drive(cluster, { crashes, approve: true });
        settle(cluster);
        expectClean(cluster, userSpec);
        expect(cluster.list("ReplicaSet").filter((each) => stable.includes(each.metadata.uid))).toHaveLength(1);
        expect(cluster.list("ReplicaSet")).toHaveLength(1);
      },
    ),
    { numRuns: runs },
  );
});

it("goes on natively and leaves nothing behind when deleted, disabled or detached at any moment", () => {
  fc.assert(
    fc.property(
      plans,
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 0, max: 80 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 }),
      fc.constantFrom("deleted", "disabled", "detached"),
      (steps, replicas, turns, crashes, how) => {
        const cluster = begun(steps, replicas);
        cluster.edit(setImage("web:2"));
        const userSpec = userSpecOf(cluster);
        live(cluster, turns, []);
        if (how === "deleted") cluster.deleteRollout();
        else
          cluster.editRollout((rollout) => {
            if (how === "detached") rollout.metadata.annotations = { ...rollout.metadata.annotations, [detachAnnotation]: "true" };
            else if (rollout.spec !== undefined) rollout.spec.disabled = true;
          });
        drive(cluster, { crashes });
        for (let turn = 0; turn < 40; turn++) cluster.native();
        expectClean(cluster, userSpec);
        expect(cluster.get("Deployment", "web")?.["status"]).toMatchObject({ updatedReplicas: replicas, availableReplicas: replicas });
        expect(cluster.get("Rollout", "web") === undefined).toBe(how === "deleted");
        if (how !== "deleted") expect(cluster.rollout().status?.phase).toBe("Disabled");
        if (how === "disabled") return;
        expect(cluster.get("Deployment", "web")?.metadata.labels).toEqual({ app: "web" });
        if (how === "deleted") return;
        expect(cluster.rollout().metadata.finalizers).toEqual([]);
        expect(cluster.reconcile().wrote, "a detached Rollout makes no writes").toBe(0);
      },
    ),
    { numRuns: runs },
  );
});
