import type { IntOrString } from "@slipway/kube";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Deployment, ReplicaSet } from "../kinds.ts";
import {
  availableOf,
  fenceposts,
  isScalingEvent,
  maxSurge,
  maxUnavailable,
  newReplicaSetSize,
  replicasOf,
  scaleDownOld,
  scaleProportionally,
  sumAvailable,
  sumReplicas,
} from "./rolling.ts";

function deployment(replicas: number, surge: IntOrString, unavailable: IntOrString): Deployment {
  const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec: { replicas, strategy } };
}

/** `age` 0 is the oldest. */
function replicaSet(age: number, size: number, available: number, sizedFor?: { desired: number; max: number }): ReplicaSet {
  const annotations =
    sizedFor === undefined
      ? {}
      : {
          "deployment.kubernetes.io/desired-replicas": String(sizedFor.desired),
          "deployment.kubernetes.io/max-replicas": String(sizedFor.max),
        };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: `web-${age}`, uid: `uid-${age}`, creationTimestamp: `2026-01-01T00:0${age}:00Z`, annotations },
    spec: { replicas: size },
    status: { replicas: size, availableReplicas: available },
  };
}

describe("fenceposts", () => {
  it.each([
    [10, "25%", "25%", 3, 2],
    [1, "25%", "25%", 1, 0],
    [5, 0, 0, 0, 1],
    [10, "0%", "5%", 0, 1],
    [4, 2, "50%", 2, 2],
  ] as const)("of %d replicas with surge %s and unavailable %s are %d and %d", (replicas, surge, unavailable, s, u) => {
    expect(fenceposts(deployment(replicas, surge, unavailable))).toEqual({ surge: s, unavailable: u });
  });
});

describe("the new ReplicaSet's size", () => {
  it.each([
    // replicas, surge, old, new → new
    [10, 0, 10, 0, 0],
    [10, 2, 10, 0, 2],
    [10, 2, 5, 0, 7],
    [10, 0, 10, 2, 2],
    [10, 5, 5, 10, 10],
  ])("replicas %d surge %d old %d new %d → %d", (replicas, surge, old, size, expected) => {
    const all = [replicaSet(0, old, old), replicaSet(1, size, size)];
    expect(newReplicaSetSize(deployment(replicas, surge, 1), all, size)).toBe(expected);
  });
});

describe("scaling old ReplicaSets down", () => {
  it.each([
    // replicas, unavailable, old size/available, new size/available → old
    [10, 0, 10, 10, 0, 0, 10],
    [10, 2, 10, 10, 0, 0, 8],
    [10, 2, 10, 8, 0, 0, 8],
    [10, 2, 10, 7, 0, 0, 8],
    [10, 2, 10, 0, 2, 2, 6],
    [10, 0, 10, 10, 3, 3, 7],
    [10, 0, 10, 10, 3, 0, 10],
  ])("replicas %d unavailable %d old %d/%d new %d/%d → %d", (replicas, unavailable, old, oldUp, size, up, expected) => {
    const newer = replicaSet(1, size, up);
    const scaled = scaleDownOld(deployment(replicas, 3, unavailable), newer, [replicaSet(0, old, oldUp)]);
    expect(scaled[0]?.replicas ?? old).toBe(expected);
  });
});

describe("proportional scaling", () => {
  it.each([
    // from, to, sizes old→new before, after
    [10, 12, [10], [12]],
    [10, 5, [10], [5]],
    [5, 10, [3, 2], [6, 4]],
    [5, 3, [3, 2], [2, 1]],
    [9, 4, [1, 8], [0, 4]],
    [7, 10, [2, 3, 2], [3, 4, 3]],
    [13, 8, [3, 8, 2], [2, 5, 1]],
    [3, 4, [1, 1, 1], [1, 1, 2]],
    [5, 0, [2, 3], [0, 0]],
    [0, 6, [0, 0], [0, 6]],
  ] as const)("from %d to %d: %j → %j", (from, to, before, after) => {
    const sets = before.map((size, age) => replicaSet(age, size, size, { desired: from, max: from }));
    const newer = sets.at(-1);
    const scaled = scaleProportionally(deployment(to, 0, 1), newer, sets.slice(0, -1));
    const sizes = sets.map((set) => scaled.find((scaling) => scaling.replicaSet === set)?.replicas ?? replicasOf(set));
    expect(sizes).toEqual(after);
  });

  it("is an event only while an active ReplicaSet was sized for another count", () => {
    expect(isScalingEvent(deployment(5, 1, 1), [replicaSet(0, 3, 3, { desired: 5, max: 6 })])).toBe(false);
    expect(isScalingEvent(deployment(6, 1, 1), [replicaSet(0, 3, 3, { desired: 5, max: 6 })])).toBe(true);
    expect(isScalingEvent(deployment(6, 1, 1), [replicaSet(0, 0, 0, { desired: 5, max: 6 })])).toBe(false);
  });
});

describe("a rolling update, move by move, in any order of readiness", () => {
  const bound = fc.oneof(
    fc.integer({ min: 0, max: 6 }),
    fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
  );

  it("keeps its bounds and comes to an end", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        bound,
        bound,
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 40 }),
        (replicas, surge, unavailable, luck) => {
          const spec = deployment(replicas, surge, unavailable);
          const limit = replicas + maxSurge(spec);
          const floor = replicas - maxUnavailable(spec);
          let old = replicaSet(0, replicas, replicas);
          let newer = replicaSet(1, 0, 0);
          for (let move = 0; move < 200 && !(replicasOf(old) === 0 && availableOf(newer) === replicas); move++) {
            const wished = newReplicaSetSize(spec, [old, newer], replicasOf(newer));
            newer = replicaSet(1, wished, availableOf(newer));
            const scaled = scaleDownOld(spec, newer, [old])[0]?.replicas ?? replicasOf(old);
            // Of the pods that go, unavailable ones go first.
            old = replicaSet(0, scaled, Math.min(availableOf(old), scaled));
            expect(sumReplicas([old, newer])).toBeLessThanOrEqual(limit);
            expect(sumAvailable([old, newer])).toBeGreaterThanOrEqual(floor);
            // Some new pods become available; after a while all do.
            const unready = replicasOf(newer) - availableOf(newer);
            const share = move < luck.length ? (luck[move] ?? 0) / 100 : 1;
            newer = replicaSet(1, replicasOf(newer), availableOf(newer) + Math.ceil(unready * share));
          }
          expect([replicasOf(old), replicasOf(newer), availableOf(newer)]).toEqual([0, replicas, replicas]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
