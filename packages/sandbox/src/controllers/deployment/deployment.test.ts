import type { KubeClient, KubeObject, Resource } from "@slipway/kube";
import { controllerOf, getCondition, resources } from "@slipway/kube";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { TestSandbox } from "../../testing/index.ts";
import { createTestSandbox } from "../../testing/index.ts";
import type { Deployment, Pod, ReplicaSet } from "../kinds.ts";
import { isActive, untilAvailableMs } from "../pods.ts";
import { maxSurge, maxUnavailable } from "./rolling.ts";

let sandbox: TestSandbox;
afterEach(async () => {
  await sandbox.stop();
});

const web = { namespace: "default", name: "web" };

function manifest(
  fields: { name?: string; image?: string; replicas?: number; spec?: object; pod?: object; labels?: object } = {},
): KubeObject {
  const labels = { app: "web" };
  const container = { name: "app", image: fields.image ?? "app:1", ports: [{ containerPort: 8080 }] };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace: "default", name: fields.name ?? "web" },
    spec: {
      replicas: fields.replicas ?? 4,
      selector: { matchLabels: labels },
      template: { metadata: { labels: { ...labels, ...fields.labels } }, spec: { containers: [container], ...fields.pod } },
      ...fields.spec,
    },
  };
}

async function create(client: KubeClient, object: KubeObject): Promise<void> {
  await client.create(resources.deployments, object);
}
async function setImage(image: string): Promise<void> {
  const body = { spec: { template: { spec: { containers: [{ name: "app", image, ports: [{ containerPort: 8080 }] }] } } } };
  await sandbox.client.patch(resources.deployments, web, { type: "merge", body });
}
async function patchSpec(spec: object): Promise<void> {
  await sandbox.client.patch(resources.deployments, web, { type: "merge", body: { spec } });
}
const deployment = (name = "web"): Promise<Deployment> => sandbox.client.get<Deployment>(resources.deployments, { ...web, name });
const replicaSets = async (): Promise<ReplicaSet[]> =>
  (await sandbox.client.list<ReplicaSet>(resources.replicaSets, { namespace: "default" })).items;
const pods = async (): Promise<Pod[]> => (await sandbox.client.list<Pod>(resources.pods, { namespace: "default" })).items;
/** Sizes by image, as `{"app:1": 3}`. */
async function sizes(): Promise<Record<string, number>> {
  const entries = (await replicaSets()).map(
    (set) => [set.spec?.template?.spec?.containers?.[0]?.image ?? "", set.spec?.replicas ?? 0] as const,
  );
  return Object.fromEntries(entries.filter(([, size]) => size > 0));
}
async function progressing(): Promise<string | undefined> {
  return getCondition((await deployment()).status?.conditions, "Progressing")?.reason;
}

describe("a Deployment", () => {
  it("comes up with the status, revision and conditions of the native controller", async () => {
    sandbox = await createTestSandbox();
    await create(sandbox.client, manifest({ spec: { progressDeadlineSeconds: 600 } }));
    await sandbox.advance(1000);
    const { metadata, status } = await deployment();
    const [set] = await replicaSets();
    expect(metadata.annotations?.["deployment.kubernetes.io/revision"]).toBe("1");
    expect(status).toMatchObject({ observedGeneration: 1, replicas: 4, updatedReplicas: 4, readyReplicas: 4, availableReplicas: 4 });
    expect(status).not.toHaveProperty("unavailableReplicas");
    expect(getCondition(status?.conditions, "Available")).toMatchObject({ status: "True", reason: "MinimumReplicasAvailable" });
    expect(getCondition(status?.conditions, "Progressing")).toMatchObject({
      status: "True",
      reason: "NewReplicaSetAvailable",
      message: `ReplicaSet "${set?.metadata.name ?? ""}" has successfully progressed.`,
    });
    expect(set?.metadata.annotations).toMatchObject({
      "deployment.kubernetes.io/revision": "1",
      "deployment.kubernetes.io/desired-replicas": "4",
      "deployment.kubernetes.io/max-replicas": "5",
    });
    const hash = set?.metadata.labels?.["pod-template-hash"] ?? "";
    expect(set?.metadata.name).toBe(`web-${hash}`);
    for (const pod of await pods()) expect(pod.metadata.labels).toEqual({ app: "web", "pod-template-hash": hash });
  });

  it("rolls to a new template, and back to the old ReplicaSet with a new revision", async () => {
    sandbox = await createTestSandbox();
    await create(sandbox.client, manifest());
    await sandbox.advance(1000);
    await setImage("app:2");
    await sandbox.advance(20_000);
    expect(await sizes()).toEqual({ "app:2": 4 });
    await setImage("app:1");
    await sandbox.advance(20_000);
    expect(await sizes()).toEqual({ "app:1": 4 });
    const sets = await replicaSets();
    expect(sets).toHaveLength(2);
    const first = sets.find((set) => set.spec?.replicas === 4);
    expect(first?.metadata.annotations).toMatchObject({
      "deployment.kubernetes.io/revision": "3",
      "deployment.kubernetes.io/revision-history": "1",
    });
    expect((await deployment()).metadata.annotations?.["deployment.kubernetes.io/revision"]).toBe("3");
  });

  it("waits for forty minutes of minReadySeconds on the clock, not in truth", async () => {
    sandbox = await createTestSandbox();
    await create(sandbox.client, manifest({ replicas: 10, spec: { minReadySeconds: 240, strategy: rolling(1, 0) } }));
    await sandbox.advance(300_000);
    expect((await deployment()).status?.availableReplicas).toBe(10);
    await setImage("app:2");
    await sandbox.advance(38 * 60_000);
    expect((await deployment()).status?.updatedReplicas).toBe(10);
    expect(await sizes()).not.toEqual({ "app:2": 10 });
    await sandbox.advance(4 * 60_000);
    expect(await sizes()).toEqual({ "app:2": 10 });
    expect((await deployment()).status?.availableReplicas).toBe(10);
  });

  it("holds while paused, scales its one ReplicaSet all the same, and rolls when resumed", async () => {
    sandbox = await createTestSandbox();
    await create(sandbox.client, manifest({ spec: { progressDeadlineSeconds: 600 } }));
    await sandbox.advance(1000);
    await patchSpec({ paused: true });
    await setImage("app:2");
    await sandbox.advance(10_000);
    expect(await sizes()).toEqual({ "app:1": 4 });
    expect(await replicaSets()).toHaveLength(1);
    expect(await progressing()).toBe("DeploymentPaused");
    await patchSpec({ replicas: 6 });
    await sandbox.advance(10_000);
    expect(await sizes()).toEqual({ "app:1": 6 });
    await patchSpec({ paused: false });
    await sandbox.advance(20_000);
    expect(await sizes()).toEqual({ "app:2": 6 });
    expect(await progressing()).toBe("NewReplicaSetAvailable");
  });

  it("spreads a change of replicas in proportion in the middle of a rollout", async () => {
    sandbox = await createTestSandbox();
    await create(sandbox.client, manifest({ replicas: 10, spec: { strategy: rolling(3, 2) } }));
    await sandbox.advance(1000);
    await patchSpec({ template: neverReady("app:2") });
    await sandbox.advance(10_000);
    expect(await sizes()).toEqual({ "app:1": 8, "app:2": 5 });
    await patchSpec({ replicas: 20 });
    await sandbox.advance(10_000);
    // 23 in all: 8 and 5 of 13 become 14.15 and 8.85.
    expect(await sizes()).toEqual({ "app:1": 14, "app:2": 9 });
  });

  it("reports a rollout that does not progress in time, and recovers", async () => {
    sandbox = await createTestSandbox();
    await create(sandbox.client, manifest({ spec: { progressDeadlineSeconds: 60 } }));
    await sandbox.advance(1000);
    await patchSpec({ template: neverReady("app:2") });
    await sandbox.advance(50_000);
    expect(await progressing()).toBe("ReplicaSetUpdated");
    await sandbox.advance(20_000);
    expect(await progressing()).toBe("ProgressDeadlineExceeded");
    await setImage("app:1");
    await patchSpec({ template: { metadata: { annotations: null } } });
    await sandbox.advance(20_000);
    expect(await progressing()).toBe("NewReplicaSetAvailable");
  });

  it("with Recreate starts nothing new before the last old pod is gone", async () => {
    sandbox = await createTestSandbox();
    await create(sandbox.client, manifest({ spec: { strategy: { type: "Recreate" } } }));
    await sandbox.advance(1000);
    const watcher = watchPods();
    await setImage("app:2");
    await sandbox.advance(20_000);
    await watcher.stop();
    expect(await sizes()).toEqual({ "app:2": 4 });
    expect(watcher.seen.some((images) => images.size > 1)).toBe(false);
  });

  it("keeps no more old ReplicaSets than revisionHistoryLimit", async () => {
    sandbox = await createTestSandbox();
    await create(sandbox.client, manifest({ replicas: 1, spec: { revisionHistoryLimit: 2 } }));
    for (let version = 1; version <= 5; version++) {
      await setImage(`app:${version}`);
      await sandbox.advance(10_000);
    }
    const images = (await replicaSets()).map((set) => set.spec?.template?.spec?.containers?.[0]?.image).sort();
    expect(images).toEqual(["app:3", "app:4", "app:5"]);
  });

  it("does not steal from another Deployment with the same selector", async () => {
    sandbox = await createTestSandbox();
    await create(sandbox.client, manifest({ name: "web", replicas: 3 }));
    await create(sandbox.client, manifest({ name: "twin", replicas: 2, image: "app:2" }));
    await sandbox.advance(2000);
    await create(sandbox.client, manifest({ name: "same", replicas: 2, image: "app:1" }));
    await sandbox.advance(5000);
    await setImage("app:3");
    await sandbox.advance(20_000);
    for (const [name, replicas] of [
      ["web", 3],
      ["twin", 2],
      ["same", 2],
    ] as const) {
      expect((await deployment(name)).status).toMatchObject({ replicas, updatedReplicas: replicas, availableReplicas: replicas });
    }
    const owners = (await replicaSets()).filter((set) => (set.spec?.replicas ?? 0) > 0).map((set) => controllerOf(set)?.name);
    expect(owners.sort()).toEqual(["same", "twin", "web"]);
    expect((await pods()).filter(isActive)).toHaveLength(7);
  });

  it("adopts an orphaned ReplicaSet with its template and releases one that left its selector", async () => {
    sandbox = await createTestSandbox();
    await create(sandbox.client, manifest({ replicas: 2 }));
    await sandbox.advance(1000);
    const [set] = await replicaSets();
    await sandbox.client.patch(
      resources.replicaSets,
      { ...web, name: set?.metadata.name ?? "" },
      { type: "merge", body: { metadata: { ownerReferences: null } } },
    );
    await sandbox.advance(1000);
    expect(controllerOf((await replicaSets())[0] ?? manifest())?.name).toBe("web");
    const body = { metadata: { labels: { app: "gone" } } };
    await sandbox.client.patch(resources.replicaSets, { ...web, name: set?.metadata.name ?? "" }, { type: "merge", body });
    await sandbox.advance(2000);
    const released = (await replicaSets()).find((other) => other.metadata.uid === set?.metadata.uid);
    expect(released === undefined ? undefined : controllerOf(released)).toBeUndefined();
  });

  it("moves only within a budget while new pods can never count as available, and then rolls on", async () => {
    sandbox = await createTestSandbox();
    await create(sandbox.client, manifest({ replicas: 5 }));
    await sandbox.advance(1000);
    const never = { minReadySeconds: 2147483646, progressDeadlineSeconds: 2147483647 };
    await patchSpec({ ...never, strategy: rolling(1, 0) });
    await setImage("app:2");
    await sandbox.advance(86_400_000);
    expect(await sizes()).toEqual({ "app:1": 5, "app:2": 1 });
    await patchSpec({ strategy: rolling(3, 0) });
    await sandbox.advance(60_000);
    expect(await sizes()).toEqual({ "app:1": 5, "app:2": 3 });
    await patchSpec({ strategy: rolling(1, 0) });
    await sandbox.advance(60_000);
    const old = (await replicaSets()).find((set) => set.spec?.template?.spec?.containers?.[0]?.image === "app:1");
    const body = { spec: { replicas: 3 } };
    await sandbox.client.patch(resources.replicaSets, { ...web, name: old?.metadata.name ?? "" }, { type: "merge", body });
    await sandbox.advance(86_400_000);
    expect(await sizes()).toEqual({ "app:1": 3, "app:2": 3 });
    expect((await pods()).filter((pod) => getCondition(pod.status?.conditions, "Ready")?.status === "True")).toHaveLength(6);
    await patchSpec({ minReadySeconds: 0, progressDeadlineSeconds: 600, strategy: rolling("25%", "25%") });
    await sandbox.advance(20_000);
    expect(await sizes()).toEqual({ "app:2": 5 });
  });

  it("never leaves its bounds, whatever the strategy, readiness and edits", async () => {
    const bound = fc.oneof(
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
    );
    const edit = fc.record({ replicas: fc.option(fc.integer({ min: 1, max: 8 })), afterMs: fc.integer({ min: 1, max: 3000 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ replicas: fc.integer({ min: 1, max: 8 }), surge: bound, unavailable: bound, minReady: fc.integer({ min: 0, max: 3 }) }),
        fc.array(edit, { maxLength: 3 }),
        fc.integer({ min: 1, max: 1000 }),
        async ({ replicas, surge, unavailable, minReady }, edits, seed) => {
          // The API refuses a strategy that could never move.
          fc.pre(!(Number.parseInt(String(surge)) === 0 && Number.parseInt(String(unavailable)) === 0));
          sandbox = await createTestSandbox({ seed, podStartDelayMs: 200 });
          const spec = { minReadySeconds: minReady, strategy: rolling(surge, unavailable) };
          await create(sandbox.client, manifest({ replicas, spec }));
          await sandbox.advance(8000);
          expect((await deployment()).status?.availableReplicas).toBe(replicas);
          // The native ranking of victims does not know minReadySeconds: where an old ReplicaSet has grown in the middle of a rollout,
          // a pod that is only ready may outlive an available one. What holds then is the bound on ready pods.
          const bounds = watchBounds(edits.length > 0 ? 0 : minReady, await deployment(), await pods());
          let version = 2;
          await setImage(`app:${version}`);
          for (const { replicas: wished, afterMs } of edits) {
            await sandbox.advance(afterMs);
            bounds.settled();
            if (wished === null) await setImage(`app:${++version}`);
            else bounds.replicasChanged(wished, await deployment());
            if (wished !== null) await patchSpec({ replicas: wished });
          }
          for (let step = 0; step < 60; step++) {
            await sandbox.advance(2000);
            bounds.settled();
          }
          await bounds.stop();
          expect(bounds.problems).toEqual([]);
          const final = (await deployment()).spec?.replicas ?? 0;
          expect(await sizes()).toEqual({ [`app:${version}`]: final });
          expect((await deployment()).status?.availableReplicas).toBe(final);
          await sandbox.stop();
        },
      ),
      { numRuns: 12 },
    );
  });
});

function rolling(maxSurge: number | string, maxUnavailable: number | string): object {
  return { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } };
}

function neverReady(image: string): object {
  return {
    metadata: { annotations: { "slipway.dev/sandbox-never-ready": "true" } },
    spec: { containers: [{ name: "app", image, ports: [{ containerPort: 8080 }] }] },
  };
}

/** The set of images of live pods after each event. */
function watchPods(): { readonly seen: ReadonlySet<string>[]; stop(): Promise<void> } {
  const seen: Set<string>[] = [];
  const live = new Map<string, Pod>();
  const watcher = watchEach<Pod>(resources.pods, (type, object) => {
    if (type === "DELETED") live.delete(object.metadata.uid ?? "");
    else live.set(object.metadata.uid ?? "", object);
    seen.push(new Set([...live.values()].map((pod) => pod.spec?.containers?.[0]?.image ?? "")));
  });
  return { seen, stop: watcher };
}

function watchEach<T extends KubeObject>(resource: Resource, see: (type: string, object: T) => void): () => Promise<void> {
  const abort = new AbortController();
  const run = (async () => {
    for await (const event of sandbox.client.watch(resource, { namespace: "default", sendInitialEvents: true, signal: abort.signal })) {
      if (event.type === "ADDED" || event.type === "MODIFIED" || event.type === "DELETED") see(event.type, event.object as T);
    }
  })();
  return async () => {
    abort.abort();
    await run.catch(() => undefined);
  };
}

/**
 * Judges each state against the bounds of the Deployment's strategy: sizes of ReplicaSets never add up to too many, and available pods
 * are never too few. Pods may be too many for an instant, since one ReplicaSet may create before another deletes, here as there; once
 * everything has settled they may not.
 */
function watchBounds(
  minReadySeconds: number,
  start: Deployment,
  startPods: readonly Pod[],
): {
  readonly problems: string[];
  replicasChanged(next: number, before: Deployment): void;
  settled(): void;
  stop(): Promise<void>;
} {
  const problems: string[] = [];
  const live = new Map(startPods.map((pod) => [pod.metadata.uid ?? "", pod]));
  const sized = new Map<string, number>();
  let most = (start.spec?.replicas ?? 0) + maxSurge(start);
  let least = (start.spec?.replicas ?? 0) - maxUnavailable(start);
  const atMost = (count: number, what: string): void => {
    if (count > most) problems.push(`${count} ${what}, at most ${most} allowed`);
  };
  const stopPods = watchEach<Pod>(resources.pods, (type, pod) => {
    if (type === "DELETED") live.delete(pod.metadata.uid ?? "");
    else live.set(pod.metadata.uid ?? "", pod);
    const counted = [...live.values()].filter(isActive);
    const available = counted.filter((other) => untilAvailableMs(other, minReadySeconds, sandbox.clock.now()) === 0).length;
    if (available < least) problems.push(`${available} available, at least ${least} needed`);
  });
  const stopSets = watchEach<ReplicaSet>(resources.replicaSets, (type, set) => {
    sized.set(set.metadata.uid ?? "", type === "DELETED" ? 0 : (set.spec?.replicas ?? 0));
    atMost(
      [...sized.values()].reduce((sum, size) => sum + size, 0),
      "replicas in all",
    );
  });
  return {
    problems,
    // From here on either count may rule: the change takes effect at some moment in between.
    replicasChanged(next: number, before: Deployment): void {
      const after = { ...before, spec: { ...before.spec, replicas: next } };
      most = Math.max(most, next + maxSurge(after));
      least = Math.min(least, next - maxUnavailable(after));
    },
    settled: () => atMost([...live.values()].filter(isActive).length, "pods"),
    async stop(): Promise<void> {
      await stopPods();
      await stopSets();
    },
  };
}
