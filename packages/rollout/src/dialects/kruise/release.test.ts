import type { CanaryStrategy } from "@slipway/api";
import { describe, expect, it } from "vitest";
import { detachAnnotation } from "../../names.ts";
import { drive } from "../../testing/drive.ts";
import type { SimulatedCluster } from "../../testing/simulated-cluster.ts";
import { canaryWeight, createSimulatedCluster, readyBehind, setImage, webObjects } from "../../testing/simulated-cluster.ts";

const seedSteps: NonNullable<CanaryStrategy["steps"]> = [
  { traffic: "5%", replicas: 1, pause: {} },
  { traffic: "40%", replicas: "40%", pause: { duration: 600 } },
  { traffic: "60%", replicas: "60%", pause: { duration: 600 } },
  { traffic: "80%", replicas: "80%", pause: { duration: 600 } },
];

function started(steps = seedSteps, options = {}): SimulatedCluster {
  const cluster = createSimulatedCluster(webObjects(steps, options));
  for (let turn = 0; turn < 4; turn++) cluster.native();
  drive(cluster);
  return cluster;
}

function atStep(cluster: SimulatedCluster, step: number, state = "StepPaused"): () => boolean {
  return () => {
    const sub = cluster.rollout().status?.canaryStatus;
    return sub?.currentStepIndex === step && sub.currentStepState === state;
  };
}

function approve(cluster: SimulatedCluster): void {
  cluster.patchRolloutStatus((status) => {
    if (status.canaryStatus !== undefined) status.canaryStatus.currentStepState = "StepReady";
  });
}

/** What is left of a release when it is over. */
function traces(cluster: SimulatedCluster): object {
  const deployment = cluster.get("Deployment", "web");
  return {
    phase: cluster.rollout().status?.phase,
    deployments: cluster.list("Deployment").length,
    services: cluster.list("Service").length,
    ingresses: cluster.list("Ingress").length,
    paused: (deployment?.["spec"] as { paused?: boolean }).paused,
    annotations: deployment?.metadata.annotations ?? {},
    selector: (cluster.get("Service", "web")?.["spec"] as { selector: object }).selector,
    conditions: (cluster.rollout().status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status}/${reason}`),
  };
}

const clean = { phase: "Healthy", deployments: 1, services: 1, ingresses: 1, paused: undefined, annotations: {}, selector: { app: "web" } };

describe("a Rollout of a Deployment, style canary", () => {
  it("adopts the workload with one label and then writes nothing", () => {
    const cluster = started();
    expect(cluster.get("Deployment", "web")?.metadata.labels).toEqual({ app: "web", "rollouts.kruise.io/workload-type": "deployment" });
    expect(cluster.get("Deployment", "web")?.metadata.generation).toBe(1);
    expect(cluster.rollout().status).toMatchObject({
      phase: "Healthy",
      message: "workload deployment is completed",
      canaryStatus: { currentStepIndex: 4, nextStepIndex: -1, currentStepState: "Completed" },
    });
    expect(cluster.reconcile().wrote).toBe(0);
  });

  it("gives the workload back when detached, takes up no change then, and adopts it again when attached", () => {
    const cluster = started();
    const detach = (value: string | undefined): void => {
      cluster.editRollout((rollout) => {
        const { [detachAnnotation]: _before, ...annotations } = rollout.metadata.annotations ?? {};
        rollout.metadata.annotations = value === undefined ? annotations : { ...annotations, [detachAnnotation]: value };
      });
      drive(cluster);
    };
    detach("true");
    expect(cluster.get("Deployment", "web")?.metadata.labels).toEqual({ app: "web" });
    expect(cluster.rollout()).toMatchObject({ metadata: { finalizers: [] }, status: { phase: "Disabled" } });
    cluster.edit(setImage("web:2"));
    drive(cluster);
    expect(cluster.get("Deployment", "web")?.["status"]).toMatchObject({ updatedReplicas: 5 });
    expect(cluster.list("Deployment")).toHaveLength(1);
    detach(undefined);
    expect(cluster.get("Deployment", "web")?.metadata.labels).toMatchObject({ "rollouts.kruise.io/workload-type": "deployment" });
    expect(cluster.rollout()).toMatchObject({ metadata: { finalizers: ["rollouts.kruise.io/rollout"] }, status: { phase: "Healthy" } });
  });

  it.each([
    ["a style", { enableExtraWorkloadForCanary: false }],
    ["a router", { trafficRoutings: [{ service: "web", gateway: { httpRouteName: "web" } }] }],
    ["an Ingress class", { trafficRoutings: [{ service: "web", ingress: { name: "web", classType: "other" } }] }],
  ])("gives the workload back also when it was edited to %s that is not run", (_what, change) => {
    for (const leave of ["detach", "delete"]) {
      const cluster = started();
      cluster.editRollout((rollout) => Object.assign(rollout.spec?.strategy.canary ?? {}, change));
      drive(cluster);
      expect(cluster.rollout().status?.conditions).toMatchObject([{ reason: "Unsupported" }]);
      cluster.editRollout((rollout) => {
        if (leave === "detach") rollout.metadata.annotations = { ...rollout.metadata.annotations, [detachAnnotation]: "true" };
        else rollout.metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
      });
      drive(cluster);
      expect(cluster.get("Deployment", "web")?.metadata.labels, leave).toEqual({ app: "web" });
      if (leave === "detach") expect(cluster.rollout().metadata.finalizers).toEqual([]);
    }
  });

  it("walks the steps with capacity before traffic, and leaves nothing behind", () => {
    const cluster = started();
    cluster.edit(setImage("web:2"));
    const seen: string[] = [];
    for (const step of [1, 2, 3, 4]) {
      drive(cluster, { until: atStep(cluster, step) });
      seen.push(`${canaryWeight(cluster)}% on ${readyBehind(cluster, "web-canary")}, rest on ${readyBehind(cluster, "web")}`);
      approve(cluster);
    }
    expect(seen).toEqual(["5% on 1, rest on 5", "40% on 2, rest on 5", "60% on 3, rest on 5", "80% on 4, rest on 5"]);
    drive(cluster);
    expect(traces(cluster)).toEqual({ ...clean, conditions: ["Progressing=False/Completed", "Succeeded=True/"] });
    expect(cluster.rollout().status?.message).toBe("Rollout progressing has been completed");
    expect(cluster.reconcile().wrote).toBe(0);
  });

  it("waits for approval for ever, and for a duration until it is over", () => {
    const cluster = started();
    cluster.edit(setImage("web:2"));
    drive(cluster, { until: atStep(cluster, 1) });
    cluster.now += 86_400_000;
    expect(cluster.reconcile()).toEqual({ wrote: 0 });
    expect(cluster.rollout().status?.message).toBe("Rollout is in step(1/4), and you need manually confirm to enter the next step");
    expect(cluster.rollout().status?.slipway?.waitingFor?.unblock).toBe("slipway rollout approve web -n default");
    approve(cluster);
    drive(cluster, { until: atStep(cluster, 2) });
    expect(cluster.rollout().status?.message).toBe("Rollout is in step(2/4), and wait duration(600 seconds) to enter the next step");
    cluster.now += 598_000;
    expect(cluster.reconcile().wrote).toBe(0);
    cluster.now += 2000;
    cluster.reconcile();
    expect(cluster.rollout().status?.canaryStatus?.currentStepIndex).toBe(3);
  });

  it.each([1, 2, 4])("goes back to stable when the template is reverted in step %i", (step) => {
    const cluster = started();
    cluster.edit(setImage("web:2"));
    for (let each = 1; each < step; each++) {
      drive(cluster, { until: atStep(cluster, each) });
      approve(cluster);
    }
    drive(cluster, { until: atStep(cluster, step) });
    const before = cluster.list("ReplicaSet").find((each) => each.metadata.name?.startsWith("web-p"))?.metadata.uid;
    cluster.edit(setImage("web:1"));
    drive(cluster);
    expect(traces(cluster)).toEqual({ ...clean, conditions: ["Progressing=False/Completed", "Succeeded=False/"] });
    expect(cluster.rollout().status?.message).toBe("Rollout progressing has been canceled");
    expect(cluster.list("ReplicaSet").map((each) => each.metadata.uid)).toEqual([before]);
  });

  it("starts over at step 1 for a newer revision, keeping the stable one", () => {
    const cluster = started();
    cluster.edit(setImage("web:2"));
    drive(cluster, { until: atStep(cluster, 1) });
    const { stableRevision, canaryRevision } = cluster.rollout().status?.canaryStatus ?? {};
    approve(cluster);
    drive(cluster, { until: atStep(cluster, 2) });
    cluster.edit(setImage("web:3"));
    drive(cluster, { until: atStep(cluster, 1) });
    const sub = cluster.rollout().status?.canaryStatus;
    expect(sub?.stableRevision).toBe(stableRevision);
    expect(sub?.canaryRevision).not.toBe(canaryRevision);
    drive(cluster, { approve: true });
    expect(traces(cluster)).toMatchObject(clean);
    expect(JSON.stringify(cluster.get("Deployment", "web"))).toContain("web:3");
  });

  it("leaves a revision that never gets ready for one that does", () => {
    const cluster = started();
    cluster.edit(setImage("broken:2"));
    drive(cluster, { patienceMs: 5000 });
    expect(cluster.rollout().status?.canaryStatus?.currentStepState).toBe("StepUpgrade");
    expect(canaryWeight(cluster)).toBe(0);
    expect(cluster.rollout().status?.slipway?.waitingFor?.condition).toBe("0 of 1 pods are ready");
    cluster.edit(setImage("web:3"));
    drive(cluster, { approve: true });
    expect(traces(cluster)).toMatchObject({ ...clean, conditions: ["Progressing=False/Completed", "Succeeded=True/"] });
  });

  it("says once that a wait is overdue, and goes on waiting", () => {
    const cluster = started();
    cluster.edit(setImage("broken:2"));
    drive(cluster, { patienceMs: 5000 });
    drive(cluster);
    expect(cluster.rollout().status?.slipway?.waitingFor).toMatchObject({ condition: "0 of 1 pods are ready", overdue: true });
    expect(cluster.events.filter((event) => event.reason === "Overdue")).toHaveLength(1);
    cluster.now += 3_600_000;
    expect(cluster.reconcile()).toEqual({ wrote: 0 });
  });

  it("clamps a change that nobody caught, and says so", () => {
    const cluster = started();
    cluster.edit(setImage("web:2"), "away");
    cluster.native(0);
    cluster.reconcile();
    cluster.reconcile();
    expect(cluster.get("Deployment", "web")?.["spec"]).toMatchObject({ paused: true });
    drive(cluster, { until: atStep(cluster, 1) });
    expect(cluster.rollout().status?.slipway?.guard).toBe("late");
    drive(cluster, { approve: true });
    expect(traces(cluster)).toMatchObject(clean);
  });

  it("freezes where it is, but still goes back", () => {
    const cluster = started();
    cluster.edit(setImage("web:2"));
    drive(cluster, { until: atStep(cluster, 1) });
    cluster.editRollout((rollout) => {
      if (rollout.spec !== undefined) rollout.spec.strategy.paused = true;
    });
    approve(cluster);
    drive(cluster);
    expect(cluster.rollout().status).toMatchObject({
      currentStepIndex: 1,
      message: "Rollout has been paused, you can resume it by kube-cli",
    });
    cluster.edit(setImage("web:1"));
    drive(cluster);
    expect(traces(cluster)).toMatchObject({ ...clean, conditions: ["Progressing=False/Completed", "Succeeded=False/"] });
  });

  it("jumps to a step that a person named, forward and back without taking pods away", () => {
    const cluster = started();
    cluster.edit(setImage("web:2"));
    drive(cluster, { until: atStep(cluster, 1) });
    const jump = (next: number): void =>
      cluster.patchRolloutStatus((status) => {
        if (status.canaryStatus !== undefined) status.canaryStatus.nextStepIndex = next;
      });
    jump(4);
    drive(cluster, { until: atStep(cluster, 4) });
    expect([canaryWeight(cluster), readyBehind(cluster, "web-canary")]).toEqual([80, 4]);
    jump(2);
    drive(cluster, { until: atStep(cluster, 2) });
    expect([canaryWeight(cluster), readyBehind(cluster, "web-canary")]).toEqual([40, 4]);
    jump(99);
    drive(cluster, { patienceMs: 5000 });
    expect(cluster.rollout().status?.canaryStatus).toMatchObject({ currentStepIndex: 2, nextStepIndex: 3 });
  });

  it("grows the candidate with its workload while it waits", () => {
    const cluster = started([{ traffic: "20%", replicas: "20%", pause: {} }]);
    cluster.edit(setImage("web:2"));
    drive(cluster, { until: atStep(cluster, 1) });
    cluster.edit((spec) => {
      spec.replicas = 10;
    });
    drive(cluster);
    expect([readyBehind(cluster, "web"), readyBehind(cluster, "web-canary")]).toEqual([10, 2]);
  });

  it.each([
    ["deleted", undefined],
    ["disabled", "Disabled"],
  ])("goes on natively to the new revision when it is %s in mid-release", (how, phase) => {
    const cluster = started();
    cluster.edit(setImage("web:2"));
    drive(cluster, { until: atStep(cluster, 2, "StepUpgrade"), approve: true });
    if (how === "deleted") cluster.deleteRollout();
    else
      cluster.editRollout((rollout) => {
        if (rollout.spec !== undefined) rollout.spec.disabled = true;
      });
    drive(cluster);
    expect(cluster.get("Rollout", "web") === undefined ? undefined : cluster.rollout().status?.phase).toBe(phase);
    expect(cluster.list("Deployment")).toHaveLength(1);
    expect(cluster.list("Service")).toHaveLength(1);
    expect(cluster.list("Ingress")).toHaveLength(1);
    for (let turn = 0; turn < 10; turn++) cluster.native();
    expect(cluster.get("Deployment", "web")?.["status"]).toMatchObject({ replicas: 5, updatedReplicas: 5 });
  });

  it("cleans up after a workload that went away in mid-release", () => {
    const cluster = started();
    cluster.edit(setImage("web:2"));
    drive(cluster, { until: atStep(cluster, 1) });
    cluster.deleteDeployment();
    drive(cluster);
    expect(cluster.rollout().status).toMatchObject({ phase: "Initial", message: "Workload Not Found" });
    expect([cluster.list("Deployment"), cluster.list("Ingress").length, cluster.list("Service").length]).toEqual([[], 1, 1]);
    expect((cluster.get("Service", "web")?.["spec"] as { selector: object }).selector).toEqual({ app: "web" });
  });

  it("says what is missing, and waits for it", () => {
    const objects = webObjects(seedSteps).filter((each) => each.kind !== "Ingress");
    const cluster = createSimulatedCluster(objects);
    for (let turn = 0; turn < 4; turn++) cluster.native();
    drive(cluster);
    cluster.edit(setImage("web:2"));
    drive(cluster);
    expect(cluster.rollout().status?.slipway?.waitingFor).toMatchObject({ object: "Ingress default/web", condition: "it exists" });
    expect(cluster.list("Deployment")).toHaveLength(1);
  });

  it("runs without routes, too", () => {
    const cluster = started(
      [
        { replicas: 1, pause: {} },
        { replicas: "100%", pause: {} },
      ] as never,
      { routed: false },
    );
    cluster.edit(setImage("web:2"));
    drive(cluster, { until: atStep(cluster, 1) });
    expect(readyBehind(cluster, "web")).toBe(6);
    drive(cluster, { approve: true });
    expect(traces(cluster)).toMatchObject(clean);
  });
});
