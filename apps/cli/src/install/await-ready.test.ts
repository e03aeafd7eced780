import type { KubeClient, KubeObject } from "@slipway/kube";
import { createVirtualClock } from "@slipway/std/node";
import { describe, expect, it } from "vitest";
import { awaitAll, crdsNotEstablished, managerNotAvailable } from "./await-ready.ts";

const { signal } = new AbortController();
const deployment = (status: object): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "slipway-manager", namespace: "slipway-system", generation: 2 },
  spec: { replicas: 2 },
  status: { observedGeneration: 2, ...status },
});
const cluster = (object: KubeObject, others: readonly KubeObject[] = []): KubeClient =>
  ({
    get: () => Promise.resolve(object),
    list: () => Promise.resolve({ apiVersion: "v1", kind: "List", metadata: {}, items: others }),
  }) as unknown as KubeClient;
const at = "deployment slipway-system/slipway-manager";

describe("an installation is ready", () => {
  it.each([
    [
      { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
      [`${at}: its controller has not seen the change yet`],
    ],
    [{ replicas: 3, updatedReplicas: 1, availableReplicas: 3 }, [`${at}: 1 of 2 replicas are of this version`]],
    [{ replicas: 2, updatedReplicas: 2, availableReplicas: 1 }, [`${at}: 1 of 2 replicas are available`]],
    [{ replicas: 3, updatedReplicas: 2, availableReplicas: 2 }, [`${at}: 1 replicas of the version before are still there`]],
    [{ replicas: 2, updatedReplicas: 2, availableReplicas: 2 }, []],
  ])("when its Deployment is (%j)", async (status, missing) => {
    expect(await managerNotAvailable(cluster(deployment(status)), "slipway-system", signal)).toEqual(missing);
  });

  it("when no replica of the version before is left to act", async () => {
    const old: KubeObject = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "slipway-manager-old", deletionTimestamp: "2026-01-01T00:00:00Z" },
    };
    const rolled = deployment({ replicas: 2, updatedReplicas: 2, availableReplicas: 2 });
    expect(await managerNotAvailable(cluster(rolled, [old]), "slipway-system", signal)).toEqual([
      "pod slipway-system/slipway-manager-old: of the version before, is ending",
    ]);
  });

  it("and says what keeps its pods", async () => {
    const waiting = { reason: "ErrImagePull", message: "no such image" };
    const pod: KubeObject = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "slipway-manager-x" },
      status: { containerStatuses: [{ state: { waiting } }] },
    };
    expect(await managerNotAvailable(cluster(deployment({}), [pod]), "slipway-system", signal)).toContain(
      "pod slipway-manager-x: ErrImagePull: no such image",
    );
  });

  it("when its CRDs are served", async () => {
    const crd = (name: string, status: object): KubeObject => ({ apiVersion: "v1", kind: "CRD", metadata: { name }, status });
    const conditions = [{ type: "NamesAccepted", status: "False", reason: "X", message: '"rollouts" is already in use' }];
    const there = [crd("a", { conditions: [{ type: "Established", status: "True", reason: "X", message: "" }] }), crd("b", { conditions })];
    expect(await crdsNotEstablished(cluster(deployment({}), there), ["a", "b", "c"], signal)).toEqual([
      'customresourcedefinition b: not established: "rollouts" is already in use',
      "customresourcedefinition c: not established",
    ]);
  });

  it("or the deadline passes, with what was missing", async () => {
    const clock = createVirtualClock({ startMs: 0, speed: 0 });
    const told: string[] = [];
    const waiting = awaitAll({ clock, signal, deadlineMs: 10_000, onWait: (lines) => void told.push(...lines) }, "look yourself", () =>
      Promise.resolve([clock.now() < 5000 ? "the first" : "the second"]),
    );
    const ended = expect(waiting).rejects.toThrow("gave up after 10s:\n  the second\nlook yourself");
    await clock.advance(11_000);
    await ended;
    expect(told).toEqual(["the first", "the second"]);
    clock.stop();
  });
});
