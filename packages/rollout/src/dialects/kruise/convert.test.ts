import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KubeObject } from "@slipway/kube";
import { convertRollout } from "./convert.ts";

const alpha = "rollouts.kruise.io/v1alpha1";
const beta = "rollouts.kruise.io/v1beta1";
const workloadRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };

function rollout(apiVersion: string, spec: unknown, annotations?: Record<string, string>, status?: unknown): KubeObject {
  const metadata = { name: "web", namespace: "default", ...(annotations === undefined ? {} : { annotations }) };
  return { apiVersion, kind: "Rollout", metadata, spec, ...(status === undefined ? {} : { status }) };
}

/** The seed document's older spelling. */
const older = rollout(alpha, {
  strategy: {
    objectRef: { workloadRef },
    canary: {
      steps: [
        { weight: 5, pause: {}, replicas: 1 },
        { weight: 40, pause: { duration: 600 } },
      ],
      trafficRoutings: [{ service: "web", type: "nginx", ingress: { name: "web" } }],
    },
  },
});

describe("conversion of Rollout", () => {
  it("reads the older spelling as the same release", () => {
    expect(convertRollout(older, beta)["spec"]).toEqual({
      workloadRef,
      strategy: {
        canary: {
          enableExtraWorkloadForCanary: true,
          steps: [
            { traffic: "5%", replicas: 1, pause: {} },
            { traffic: "40%", replicas: "40%", pause: { duration: 600 } },
          ],
          trafficRoutings: [{ service: "web", ingress: { classType: "nginx", name: "web" } }],
        },
      },
    });
  });

  it.each([
    ["the older spelling", older],
    ["a release id", rollout(alpha, { objectRef: { workloadRef }, rolloutID: "r1", strategy: { canary: { steps: [{ weight: 20 }] } } })],
    [
      "no canary service",
      rollout(alpha, { objectRef: { workloadRef }, strategy: { canary: { steps: [], disableGenerateCanaryService: true } } }),
    ],
    [
      "the partition style",
      rollout(
        alpha,
        { objectRef: { workloadRef }, strategy: { canary: { steps: [] } } },
        { "rollouts.kruise.io/rolling-style": "Partition" },
      ),
    ],
    ["no workload at all", rollout(alpha, { strategy: {} })],
  ])("gives back a v1alpha1 object with %s unchanged", (_what, object) => {
    expect(convertRollout(convertRollout(object, beta), alpha)).toEqual(object);
  });

  it.each([
    ["blue-green", { workloadRef, strategy: { blueGreen: { steps: [{ traffic: "0%", replicas: "50%" }] } } }],
    ["path and query matches", { workloadRef, strategy: { canary: { steps: [{ replicas: 1, matches: [{ path: { value: "/a" } }] }] } } }],
    ["a reference to a TrafficRouting", { workloadRef, strategy: { canary: { steps: [], trafficRoutingRef: "edge" } } }],
    ["the partition style", { workloadRef, strategy: { canary: { steps: [{ replicas: "10%" }] } } }],
  ])("gives back a v1beta1 object with %s unchanged", (_what, spec) => {
    const object = rollout(beta, spec);
    expect(convertRollout(convertRollout(object, alpha), beta)).toEqual(object);
  });

  it("lets an edit of the other version win over what was carried", () => {
    const stored = convertRollout(older, beta);
    const edited = { ...stored, spec: { ...(stored["spec"] as object), disabled: true } };
    expect(convertRollout(edited, alpha)["spec"]).toMatchObject({ disabled: true, objectRef: { workloadRef } });
  });

  it("keeps the newer status, not the one that was carried", () => {
    const status = { phase: "Healthy", currentStepIndex: 2, currentStepState: "Completed" };
    const object = { ...convertRollout(older, beta), status };
    expect(convertRollout(object, alpha)["status"]).toEqual({ phase: "Healthy" });
  });

  it("carries a blue-green status through the older version, beside what changed there", () => {
    const spec = { workloadRef, strategy: { blueGreen: { steps: [{ replicas: 1 }] } } };
    const blueGreenStatus = { currentStepIndex: 2, currentStepState: "StepPaused" };
    const object = rollout(beta, spec, undefined, { phase: "Progressing", blueGreenStatus, currentStepIndex: 2 });
    const older = convertRollout(object, alpha);
    expect(convertRollout(older, beta)).toEqual(object);
    const moved = { ...older, status: { phase: "Healthy" } };
    expect(convertRollout(moved, beta)["status"]).toEqual({ phase: "Healthy", blueGreenStatus, currentStepIndex: 2 });
  });

  it("gives back any canary spec of v1beta1", () => {
    const step = fc.record(
      {
        traffic: fc.integer({ min: 1, max: 100 }).map((percent) => `${percent}%`),
        replicas: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom("5%", "100%")),
        pause: fc.record({ duration: fc.nat(100) }, { requiredKeys: [] }),
        matches: fc.array(
          fc.record({ headers: fc.constant([{ name: "a", value: "b" }]), path: fc.constant({ value: "/x" }) }, { requiredKeys: [] }),
        ),
      },
      { requiredKeys: [] },
    );
    const canary = fc.record(
      {
        steps: fc.array(step),
        enableExtraWorkloadForCanary: fc.boolean(),
        disableGenerateCanaryService: fc.boolean(),
        trafficRoutingRef: fc.constant("t"),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(canary, fc.boolean(), (strategy, paused) => {
        const object = rollout(beta, { workloadRef, strategy: { paused, canary: strategy } });
        expect(convertRollout(convertRollout(object, alpha), beta)).toEqual(object);
      }),
    );
  });

  it("refuses a version that it does not know", () => {
    expect(() => convertRollout(older, "rollouts.kruise.io/v2")).toThrow(
      "cannot convert Rollout from rollouts.kruise.io/v1alpha1 to rollouts.kruise.io/v2",
    );
  });
});
