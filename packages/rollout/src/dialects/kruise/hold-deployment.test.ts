import { describe, expect, it } from "vitest";
import type { Rollout } from "@slipway/api";
import type { KubeObject } from "@slipway/kube";
import { applyJsonPatch } from "@slipway/kube";
import { webObjects } from "../../testing/simulated-cluster.ts";
import { holdDeployment, rolloutFor } from "./hold-deployment.ts";

const [deployment, , , rollout] = webObjects([{ replicas: 1 }]) as [KubeObject, KubeObject, KubeObject, Rollout];

function withImage(image: string, extra: { spec?: object; metadata?: object } = {}): KubeObject {
  const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image }] } };
  return {
    ...deployment,
    metadata: { ...deployment.metadata, ...extra.metadata },
    spec: { ...(deployment["spec"] as object), template, ...extra.spec },
  };
}

function replicaSet(image: string, replicas = 5): KubeObject {
  const { template } = withImage(image)["spec"] as { template: object };
  return { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: image }, spec: { replicas, template } };
}

const marked = { annotations: { "rollouts.kruise.io/in-progressing": '{"rolloutName":"web"}' } };
const id = (value: string): object => ({ annotations: { "rollouts.kruise.io/rollout-id": value } });
const one = [replicaSet("web:1")];

describe("the guard of Deployments", () => {
  it.each<[string, KubeObject, KubeObject, KubeObject[], boolean]>([
    ["holds a new template", withImage("web:2"), withImage("web:1"), one, true],
    ["lets a change of scale pass", withImage("web:1", { spec: { replicas: 9 } }), withImage("web:1"), one, false],
    ["lets a Deployment of no pods pass", withImage("web:2", { spec: { replicas: 0 } }), withImage("web:1"), one, false],
    ["lets a Deployment that never ran pass", withImage("web:2"), withImage("web:1"), [], false],
    ["lets a return to what runs pass", withImage("web:1"), withImage("web:2"), one, false],
    [
      "takes the same release id for no release",
      withImage("web:2", { metadata: id("a") }),
      withImage("web:1", { metadata: id("a") }),
      one,
      false,
    ],
    [
      "takes another release id for a release",
      withImage("web:2", { metadata: id("b") }),
      withImage("web:1", { metadata: id("a") }),
      one,
      true,
    ],
    [
      "keeps a release in progress held",
      withImage("web:2", { metadata: marked, spec: { paused: false } }),
      withImage("web:2", { metadata: marked }),
      one,
      true,
    ],
  ])("%s", (_what, next, old, replicaSets, held) => {
    const { patch, warnings } = holdDeployment(next, old, rollout, replicaSets);
    const result = applyJsonPatch(next, patch) as KubeObject;
    expect((result["spec"] as { paused?: boolean }).paused === true).toBe(held);
    expect(result.metadata.annotations?.["rollouts.kruise.io/in-progressing"] !== undefined).toBe(held);
    expect(warnings).toEqual([]);
  });

  it("says when it cannot control a change, since several revisions have pods", () => {
    const several = [replicaSet("web:0"), replicaSet("web:1")];
    const { patch, warnings } = holdDeployment(withImage("web:2"), withImage("web:1"), rollout, several);
    expect(patch).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining("still has pods of 2 revisions; it rolls natively")]);
  });

  it("knows the Rollout of a Deployment", () => {
    expect(rolloutFor(deployment, [rollout])).toBe(rollout);
    expect(rolloutFor(deployment, [{ ...rollout, status: { phase: "Disabled" } }])).toBeUndefined();
    expect(rolloutFor({ ...deployment, metadata: { ...deployment.metadata, name: "other" } }, [rollout])).toBeUndefined();
    expect(holdDeployment(withImage("web:2"), withImage("web:1"), undefined, one).patch).toEqual([]);
  });
});
