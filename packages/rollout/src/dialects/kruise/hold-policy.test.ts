/** The conditions of the policy, evaluated by a CEL implementation, against the decision of the webhook. */
import { evaluate } from "@marcbachmann/cel-js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Rollout } from "@slipway/api";
import type { KubeObject } from "@slipway/kube";
import { webObjects } from "../../testing/simulated-cluster.ts";
import { holdDeployment, rolloutFor } from "./hold-deployment.ts";
import { holdDeploymentPolicy } from "./hold-policy.ts";

const [deployment] = webObjects([{ replicas: 1 }]) as [KubeObject];

interface Template {
  readonly image: string;
  readonly annotations?: Record<string, string>;
  readonly labels: Record<string, string>;
}

function templateOf({ image, annotations, labels }: Template): object {
  return { metadata: { labels, ...(annotations === undefined ? {} : { annotations }) }, spec: { containers: [{ name: "web", image }] } };
}

const templates = fc.record(
  {
    image: fc.constantFrom("web:1", "web:2"),
    annotations: fc.constantFrom({ a: "1" }, { a: "2" }),
    labels: fc.constantFrom<Record<string, string>[]>({ app: "web" }, { app: "web", "pod-template-hash": "x" }, { app: "web", a: "1" }),
  },
  { requiredKeys: ["image", "labels"] },
);

const releases = fc.record({
  old: templates,
  next: templates,
  ids: fc.tuple(fc.constantFrom("", "a"), fc.constantFrom("", "a", "b")),
  marked: fc.boolean(),
  paused: fc.constantFrom(undefined, false, true),
  replicas: fc.constantFrom(0, 5),
  /** Pods of the old template, and of one before it. */
  pods: fc.constantFrom([0, 0], [5, 0], [3, 2], [0, 5]),
  routed: fc.boolean(),
  rollout: fc.record({
    name: fc.constantFrom("web", "other"),
    phase: fc.constantFrom("Initial", "Healthy", "Progressing", "Disabled"),
    deleting: fc.boolean(),
    detached: fc.boolean(),
    style: fc.constantFrom("canary", "partition"),
  }),
});

type Case = typeof releases extends fc.Arbitrary<infer T> ? T : never;

function objectOf(world: Case, template: Template, id: string): KubeObject {
  const [updated = 0, others = 0] = world.pods;
  const annotations = {
    ...(id === "" ? {} : { "rollouts.kruise.io/rollout-id": id }),
    ...(world.marked ? { "rollouts.kruise.io/in-progressing": "{}" } : {}),
  };
  return {
    ...deployment,
    metadata: { ...deployment.metadata, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    spec: {
      ...(deployment["spec"] as object),
      replicas: world.replicas,
      template: templateOf(template),
      ...(world.paused === undefined ? {} : { paused: world.paused }),
    },
    // As the API server leaves out what is zero.
    status: { ...(updated + others === 0 ? {} : { replicas: updated + others }), ...(updated === 0 ? {} : { updatedReplicas: updated }) },
  };
}

function rolloutOf({ rollout, routed }: Case): Rollout {
  const object = webObjects([{ replicas: 1 }], { routed })[3] as Rollout;
  const canary = { ...object.spec?.strategy.canary, enableExtraWorkloadForCanary: rollout.style === "canary" };
  const refused = rollout.style === "canary" ? [] : [{ type: "Progressing", status: "False", reason: "Unsupported", message: "" }];
  return {
    ...object,
    metadata: {
      ...object.metadata,
      finalizers: ["rollouts.kruise.io/rollout"],
      ...(rollout.deleting ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
      ...(rollout.detached ? { annotations: { "slipway.dev/detach": "true" } } : {}),
    },
    spec: { ...object.spec, workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: rollout.name }, strategy: { canary } },
    status: { phase: rollout.phase, conditions: refused },
  } as Rollout;
}

function byPolicy(object: KubeObject, oldObject: KubeObject, params: Rollout): boolean {
  return holdDeploymentPolicy.matchConditions.every(({ expression }) => evaluate(expression, { object, oldObject, params }) === true);
}

function byWebhook(object: KubeObject, old: KubeObject, rollout: Rollout, world: Case): boolean {
  const [updated = 0, others = 0] = world.pods;
  const replicaSet = (name: string, template: object, replicas: number): KubeObject => ({
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name },
    spec: { replicas, template },
  });
  const replicaSets = [
    replicaSet("before", templateOf({ image: "web:0", labels: { app: "web" } }), others),
    replicaSet("old", templateOf(world.old), updated),
  ];
  return holdDeployment(object, old, rolloutFor(object, [rollout]), replicaSets).patch.length > 0;
}

describe("the guard as a policy of the API server", () => {
  it("holds what the webhook holds", () => {
    fc.assert(
      fc.property(releases, (world) => {
        // Of one active revision that is not the old template the status does not tell; the webhook looks at ReplicaSets.
        fc.pre(world.pods[0] !== 0 || world.pods[1] === 0);
        const [object, old] = [objectOf(world, world.next, world.ids[1]), objectOf(world, world.old, world.ids[0])];
        const rollout = rolloutOf(world);
        expect(byPolicy(object, old, rollout)).toBe(byWebhook(object, old, rollout, world));
      }),
      { numRuns: 1000 },
    );
  });

  it("holds nothing of a Rollout that the controller has not seen", () => {
    const world = fc.sample(releases, { seed: 1, numRuns: 1 })[0] as Case;
    const settled: Case = { ...world, marked: false, paused: undefined, replicas: 5, pods: [5, 0], routed: false, ids: ["", ""] };
    const rollout = rolloutOf({
      ...settled,
      rollout: { name: "web", phase: "Healthy", deleting: false, detached: false, style: "canary" },
    });
    const [object, old] = [objectOf(settled, { image: "web:2", labels: {} }, ""), objectOf(settled, { image: "web:1", labels: {} }, "")];
    expect(byPolicy(object, old, rollout)).toBe(true);
    expect(byPolicy(object, old, { ...rollout, metadata: { name: "web", namespace: "default" } })).toBe(false);
    const { status: _status, ...unseen } = rollout;
    expect(byPolicy(object, old, unseen as Rollout)).toBe(false);
  });
});
