import { describe, expect, it } from "vitest";
import type { Rollout } from "@slipway/api";
import { formatDiagnostic } from "@slipway/std";
import { validateRollout } from "./validate.ts";

const workloadRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const routing = { service: "web", ingress: { name: "web" } };

interface Parts {
  steps?: object[];
  canary?: object;
  ref?: object;
  strategy?: object;
  name?: string;
  phase?: string;
}

function beta({ steps = [{ replicas: 1 }], canary = {}, ref = workloadRef, strategy, name = "web", phase }: Parts = {}): Rollout {
  const spec = { workloadRef: ref, strategy: strategy ?? { canary: { enableExtraWorkloadForCanary: true, steps, ...canary } } };
  const object = { apiVersion: "rollouts.kruise.io/v1beta1", kind: "Rollout", metadata: { name, namespace: "default" }, spec };
  return { ...object, ...(phase === undefined ? {} : { status: { phase } }) } as Rollout;
}

function alpha(spec: object, annotations = {}): Rollout {
  const metadata = { name: "web", namespace: "default", annotations };
  return { apiVersion: "rollouts.kruise.io/v1alpha1", kind: "Rollout", metadata, spec } as unknown as Rollout;
}

function problems(object: Rollout, old?: Rollout, others: Rollout[] = []): string[] {
  return validateRollout(object, old, others).map(formatDiagnostic);
}

const partition = { enableExtraWorkloadForCanary: false };

describe("validation of Rollout v1beta1", () => {
  it.each<[string, Parts, string | undefined]>([
    ["a plain one", {}, undefined],
    ["an unknown workload kind", { ref: { ...workloadRef, kind: "Job" } }, "WorkloadRef kind is not supported"],
    ["no strategy", { strategy: {} }, "Canary and BlueGreen cannot both be empty"],
    ["two strategies", { strategy: { canary: {}, blueGreen: {} } }, "Canary and BlueGreen cannot both be set"],
    [
      "blue-green of a StatefulSet",
      { ref: { ...workloadRef, kind: "StatefulSet" }, strategy: { blueGreen: {} } },
      "WorkloadRef kind is not supported for bluegreen style",
    ],
    ["no steps", { steps: [] }, "The number of Canary.Steps cannot be empty"],
    ["a step without replicas", { steps: [{ traffic: "5%" }] }, "replicas cannot be empty"],
    ["replicas 0%", { steps: [{ replicas: "0%" }] }, "replicas must be positive number"],
    ["replicas 101%", { steps: [{ replicas: "101%" }] }, "replicas must be positive number"],
    ["replicas as a bare string", { steps: [{ replicas: "50" }] }, "replicas must be positive number"],
    ["traffic 0%", { steps: [{ replicas: 1, traffic: "0%" }] }, '"0%" < traffic <= "100%" in canary strategy'],
    ["traffic 101%", { steps: [{ replicas: 1, traffic: "101%" }] }, '"0%" < traffic <= "100%" in canary strategy'],
    ["traffic %5", { steps: [{ replicas: 1, traffic: "%5" }] }, '"0%" < traffic <= "100%" in canary strategy'],
    [
      "fewer replicas later",
      { steps: [{ replicas: "20%" }, { replicas: "10%" }] },
      "Steps.CanaryReplicas must be a non decreasing sequence",
    ],
    ["numbers and percentages mixed", { steps: [{ replicas: "20%" }, { replicas: 1 }] }, undefined],
    [
      "less traffic later",
      {
        steps: [
          { replicas: 1, traffic: "20%" },
          { replicas: 1, traffic: "10%" },
        ],
      },
      undefined,
    ],
    [
      "partition with much traffic",
      { steps: [{ replicas: "60%", traffic: "5%" }], canary: partition },
      "step[0].replicas must not greater than partition-percent-limit if traffic specified",
    ],
    ["partition with much and no traffic", { steps: [{ replicas: "60%" }], canary: partition }, undefined],
    ["two routings", { canary: { trafficRoutings: [routing, routing] } }, "Rollout currently only support single TrafficRouting."],
    ["negative grace", { canary: { trafficRoutings: [{ ...routing, gracePeriodSeconds: -1 }] } }, "GracePeriodSeconds cannot be negative"],
    ["no service", { canary: { trafficRoutings: [{ ...routing, service: "" }] } }, "TrafficRouting.Service cannot be empty"],
    ["no router", { canary: { trafficRoutings: [{ service: "web" }] } }, "TrafficRoutings are not set"],
    [
      "no ingress name",
      { canary: { trafficRoutings: [{ service: "web", ingress: { name: "" } }] } },
      "TrafficRouting.Ingress.Ingress cannot be empty",
    ],
    ["no route name", { canary: { trafficRoutings: [{ service: "web", gateway: {} }] } }, "must set the name of HTTPRoute"],
  ])("%s", (_what, parts, message) => {
    const found = problems(beta(parts));
    if (message === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringContaining(message)]);
  });

  it("names the field", () => {
    expect(problems(beta({ steps: [{ replicas: 1 }, { replicas: "0%" }] }))[0]).toMatch(/^spec\.strategy\.canary\.steps\[1\]\.replicas: /);
  });

  it("allows one Rollout a workload, whatever version is spelled", () => {
    const other = beta({ name: "other", ref: { ...workloadRef, apiVersion: "apps/v1beta2" } });
    expect(problems(beta(), undefined, [other])[0]).toContain("This rollout conflict with Rollout(default/other)");
    expect(problems(beta(), undefined, [beta()])).toEqual([]);
  });

  it("freezes workload, routing, style and number of steps while a release is in progress", () => {
    const old = beta({ phase: "Progressing", canary: { trafficRoutings: [routing] } });
    const changed = beta({ ref: { ...workloadRef, name: "b" }, steps: [{ replicas: 1 }, { replicas: 2 }], canary: partition });
    expect(problems(changed, old).map((each) => each.replace(/^[^:]*: /, ""))).toEqual([
      "Rollout 'ObjectRef' field is immutable",
      "Rollout 'Strategy.Canary.TrafficRoutings' field is immutable",
      "Rollout style and enableExtraWorkloadForCanary are immutable",
      "Amount of Rollout steps are immutable",
    ]);
    expect(problems(changed, beta({ phase: "Healthy" }))).toEqual([]);
  });
});

describe("validation of Rollout v1alpha1", () => {
  const steps = [{ weight: 5 }, { weight: 40 }];
  it.each<[string, object, object, string | undefined]>([
    ["a plain one", { objectRef: { workloadRef }, strategy: { canary: { steps } } }, {}, undefined],
    ["no workload", { strategy: { canary: { steps } } }, {}, "WorkloadRef is required"],
    ["no canary", { objectRef: { workloadRef }, strategy: {} }, {}, "Canary cannot be empty"],
    [
      "an empty step",
      { objectRef: { workloadRef }, strategy: { canary: { steps: [{}] } } },
      {},
      "weight and replicas cannot be empty at the same time",
    ],
    [
      "another style",
      { objectRef: { workloadRef }, strategy: { canary: { steps } } },
      { "rollouts.kruise.io/rolling-style": "other" },
      "Rolling style must be 'Canary', 'Partition' or empty",
    ],
    [
      "falling weights with routes",
      {
        objectRef: { workloadRef },
        strategy: {
          canary: {
            steps: [
              { weight: 9, replicas: 1 },
              { weight: 5, replicas: 1 },
            ],
            trafficRoutings: [routing],
          },
        },
      },
      {},
      "Steps.Weight must be a non decreasing sequence",
    ],
  ])("%s", (_what, spec, annotations, message) => {
    const found = problems(alpha(spec, annotations));
    if (message === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringContaining(message)]);
  });

  it("warns of the older spelling, and accepts it", () => {
    const spec = { strategy: { objectRef: { workloadRef }, canary: { steps, trafficRoutings: [{ ...routing, type: "nginx" }] } } };
    expect(validateRollout(alpha(spec), undefined, []).map((each) => [each.severity, formatDiagnostic(each)])).toEqual([
      ["warning", "spec.strategy.objectRef: is an older spelling: write spec.objectRef (v1beta1: spec.workloadRef)"],
      ["warning", "spec.strategy.canary.trafficRoutings[0].type: is an older spelling: write ingress.classType in the same entry"],
    ]);
  });
});
