import { describe, expect, it } from "vitest";
import { drive } from "../testing/drive.ts";
import type { SimulatedCluster } from "../testing/simulated-cluster.ts";
import { createSimulatedCluster, setImage, webObjects } from "../testing/simulated-cluster.ts";
import { approval } from "./approve.ts";
import { explainRollout } from "./explain.ts";
import { summarize } from "./summary.ts";

function inStepOne(): SimulatedCluster {
  const cluster = createSimulatedCluster(webObjects([{ traffic: "20%", replicas: "20%", pause: {} }, { replicas: "100%" }]));
  for (let turn = 0; turn < 4; turn++) cluster.native();
  drive(cluster);
  cluster.edit(setImage("web:2"));
  drive(cluster);
  return cluster;
}

describe("what the CLI shows of a Rollout", () => {
  it("sums up steps, revisions and shares", () => {
    const cluster = inStepOne();
    const { stableRevision, podTemplateHash } = cluster.rollout().status?.canaryStatus ?? {};
    expect(summarize(cluster.rollout(), cluster.objects())).toMatchObject({
      phase: "Progressing",
      verdict: "progressing",
      state: "StepPaused",
      steps: [
        { step: 1, replicas: "20%", weight: 20, pause: "approval", progress: "present" },
        { step: 2, replicas: "100%", pause: "none", progress: "ahead" },
      ],
      revisions: [
        { role: "stable", revision: stableRevision, ready: 5, desired: 5, share: 80 },
        { role: "candidate", revision: podTemplateHash, ready: 1, desired: 1, share: 20 },
      ],
      waitingFor: { condition: "approval", unblock: "slipway rollout approve web -n default" },
    });
  });

  it("approves the paused step, and nothing else", () => {
    const cluster = inStepOne();
    const { resourceVersion } = cluster.rollout().metadata;
    expect(approval(cluster.rollout())).toEqual({
      type: "patch",
      step: 1,
      body: { metadata: { resourceVersion }, status: { canaryStatus: { currentStepState: "StepReady" } } },
    });
    drive(cluster, { approve: true });
    expect(approval(cluster.rollout())).toEqual({ type: "refused", why: "no need to approve: no release is in progress" });
    expect(summarize(cluster.rollout(), cluster.objects())).toMatchObject({
      verdict: "healthy",
      steps: [{ progress: "done" }, { progress: "done" }],
    });
  });

  it("explains what is waited for, and what comes next", () => {
    const cluster = inStepOne();
    cluster.now += 5000;
    expect(explainRollout(cluster.rollout(), cluster.objects(), cluster.now)).toEqual([
      "Rollout default/web is Progressing: Rollout is in step(1/2), and you need manually confirm to enter the next step",
      expect.stringMatching(/^it waits for step 1 of 2: approval, for \d+ s$/),
      "to go on: slipway rollout approve web -n default",
    ]);
    cluster.edit(setImage("web:1"));
    cluster.native();
    expect(explainRollout(cluster.rollout(), cluster.objects(), cluster.now)).toContain("next: take the mark off the workload");
  });
});
