/** What the native Deployment controller does. One body for the embedded cluster and a real kube-controller-manager. */
import type { KubeObject } from "@slipway/kube";
import { resources } from "@slipway/kube";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeploymentOptions, Ground, OpenGround } from "./ground.ts";
import { deployment, eventually, replicasByImage, rolledOut, stateOf, stays } from "./ground.ts";

const { deployments, pods, replicaSets, services, endpointSlices } = resources;
/** Never reached: pods do not count as available. */
const heldSeconds = { minReadySeconds: 2_147_483_646, progressDeadlineSeconds: 2_147_483_647 };

export function describeWorkloads(where: string, open: OpenGround): void {
  describe(`Deployments on ${where}`, () => {
    let ground: Ground;
    beforeAll(async () => {
      ground = await open();
    });
    afterAll(() => ground.close());
    const make = (name: string, options: DeploymentOptions = {}): Promise<KubeObject> =>
      ground.client.create(deployments, deployment(ground.namespace, name, options));
    const patch = (name: string, body: object): Promise<KubeObject> =>
      ground.client.patch(deployments, { namespace: ground.namespace, name }, { type: "strategic", body });
    const setImage = (image: string): object => ({ spec: { template: { spec: { containers: [{ name: "web", image }] } } } });
    const rolling = (maxSurge: number, maxUnavailable: number): object => ({ strategy: { rollingUpdate: { maxSurge, maxUnavailable } } });
    const conditions = async (name: string): Promise<string[]> =>
      ((await stateOf(ground, name)).status.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`).sort();
    /** Pods that are ready, by image. */
    const readyByImage = async (app: string): Promise<Record<string, number>> => {
      const { items } = await ground.client.list(pods, { namespace: ground.namespace, labelSelector: `app=${app}` });
      const counts: Record<string, number> = {};
      for (const pod of items as (KubeObject & Pod)[]) {
        const ready = pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
        const { image } = pod.spec.containers[0];
        if (ready && pod.metadata.deletionTimestamp === undefined) counts[image] = (counts[image] ?? 0) + 1;
      }
      return counts;
    };

    it("come up with one ReplicaSet, its revision and their conditions", { timeout: 60_000 }, async () => {
      await make("up");
      const state = await rolledOut(ground, "up");
      expect(state.metadata.annotations?.["deployment.kubernetes.io/revision"]).toBe("1");
      expect(await conditions("up")).toEqual(["Available=True MinimumReplicasAvailable", "Progressing=True NewReplicaSetAvailable"]);
      const { items } = await ground.client.list(replicaSets, { namespace: ground.namespace, labelSelector: "app=up" });
      expect(items).toHaveLength(1);
      const hash = items[0]?.metadata.labels?.["pod-template-hash"] ?? "";
      expect(items[0]?.metadata.name).toBe(`up-${hash}`);
      expect(items[0]?.metadata.ownerReferences).toMatchObject([{ kind: "Deployment", name: "up", controller: true }]);
    });

    it("replace pods within their bounds, and go back to the ReplicaSet that they had", { timeout: 60_000 }, async () => {
      await make("back", { replicas: 4, spec: rolling(1, 0) });
      await rolledOut(ground, "back");
      await patch("back", setImage("web:2"));
      let most = 0;
      const watching = eventually("the new template to be rolled out", async () => {
        const counts = await replicasByImage(ground, "back");
        most = Math.max(
          most,
          Object.values(counts).reduce((sum, count) => sum + count, 0),
        );
        return counts["web:2"] === 4 && counts["web:1"] === undefined;
      });
      await watching;
      expect(most).toBeLessThanOrEqual(5);
      await rolledOut(ground, "back");
      await patch("back", setImage("web:1"));
      const state = await eventually("the old template to be rolled out", async () => {
        const counts = await replicasByImage(ground, "back");
        return counts["web:1"] === 4 && counts["web:2"] === undefined ? rolledOut(ground, "back") : undefined;
      });
      expect(state.metadata.annotations?.["deployment.kubernetes.io/revision"]).toBe("3");
      const { items } = await ground.client.list(replicaSets, { namespace: ground.namespace, labelSelector: "app=back" });
      expect(items).toHaveLength(2);
    });

    it("that are paused start no new revision, but scale what runs", { timeout: 60_000 }, async () => {
      await make("paused", { replicas: 2 });
      await rolledOut(ground, "paused");
      await patch("paused", { spec: { paused: true } });
      await patch("paused", setImage("web:2"));
      await stays("nothing of the new template", async () => (await replicasByImage(ground, "paused"))["web:2"] === undefined);
      expect(await conditions("paused")).toContain("Progressing=Unknown DeploymentPaused");
      await patch("paused", { spec: { replicas: 5 } });
      await eventually("it to be scaled", async () => (await replicasByImage(ground, "paused"))["web:1"] === 5);
      const { status } = await eventually("its status to say so", async () => {
        const state = await stateOf(ground, "paused");
        return state.status.availableReplicas === 5 ? state : undefined;
      });
      expect(status.updatedReplicas ?? 0).toBe(0);
      await patch("paused", { spec: { paused: false } });
      await eventually("the new template to come", async () => (await replicasByImage(ground, "paused"))["web:2"] === 5);
      await rolledOut(ground, "paused");
    });

    it("keep as many old ReplicaSets as they are told to", { timeout: 60_000 }, async () => {
      await make("history", { replicas: 1, spec: { revisionHistoryLimit: 1 } });
      await rolledOut(ground, "history");
      for (const image of ["web:2", "web:3", "web:4"]) {
        await patch("history", setImage(image));
        await eventually(`${image} to be rolled out`, async () => (await replicasByImage(ground, "history"))[image] === 1);
        await rolledOut(ground, "history");
      }
      await eventually("the older ones to go", async () => {
        const { items } = await ground.client.list(replicaSets, { namespace: ground.namespace, labelSelector: "app=history" });
        return items.length === 2;
      });
    });

    it("replace a pod that is deleted, and show in their Service what is ready", { timeout: 60_000 }, async () => {
      await make("served", { replicas: 2 });
      const { namespace } = ground;
      await ground.client.create(services, {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "served", namespace },
        spec: { selector: { app: "served" }, ports: [{ port: 80 }] },
      });
      await rolledOut(ground, "served");
      const addresses = async (): Promise<number> => {
        const options = { namespace, labelSelector: "kubernetes.io/service-name=served" };
        const { items } = await ground.client.list<KubeObject & Slice>(endpointSlices, options);
        return items.flatMap((slice) => slice.endpoints ?? []).filter(({ conditions }) => conditions.ready === true).length;
      };
      await eventually("both pods behind the Service", async () => (await addresses()) === 2);
      const { items } = await ground.client.list(pods, { namespace, labelSelector: "app=served" });
      const gone = items[0]?.metadata;
      await ground.client.delete(pods, { namespace, name: gone?.name ?? "" });
      await eventually("another one in its place", async () => {
        const now = (await ground.client.list(pods, { namespace, labelSelector: "app=served" })).items;
        return now.length === 2 && now.every(({ metadata }) => metadata.uid !== gone?.uid);
      });
      await eventually("both pods behind the Service again", async () => (await addresses()) === 2);
    });

    describe("held at a budget by minReadySeconds that nothing reaches", () => {
      const count = 6;
      const hold = async (name: string): Promise<void> => {
        await make(name, { replicas: count, spec: { ...rolling(1, 0), ...heldSeconds, minReadySeconds: 0 } });
        await rolledOut(ground, name);
        await patch(name, { spec: { paused: true } });
        await patch(name, { spec: { ...heldSeconds, ...rolling(1, 0) } });
        await patch(name, setImage("web:2"));
      };
      const counts = (name: string, old: number, next: number) => async (): Promise<boolean> => {
        const now = await replicasByImage(ground, name);
        return (now["web:1"] ?? 0) === old && (now["web:2"] ?? 0) === next;
      };
      const ready = (name: string, old: number, next: number) => async (): Promise<boolean> => {
        const now = await readyByImage(name);
        return (now["web:1"] ?? 0) === old && (now["web:2"] ?? 0) === next;
      };

      it("stand still with one new pod, also when they are scaled", { timeout: 90_000 }, async () => {
        await hold("parked");
        await patch("parked", { spec: { paused: false } });
        await eventually("one new pod", ready("parked", count, 1));
        await stays("parked at one", counts("parked", count, 1));
        await patch("parked", { spec: { replicas: count + 4 } });
        await eventually("as many pods as are wanted now, and one", async () => {
          const now = await replicasByImage(ground, "parked");
          return (now["web:1"] ?? 0) + (now["web:2"] ?? 0) === count + 5;
        });
        await stays("no fewer old ones than before", async () => ((await replicasByImage(ground, "parked"))["web:1"] ?? 0) >= count);
      });

      it("move by as many new pods as the surge allows, and never below the count that is wanted", { timeout: 90_000 }, async () => {
        await hold("moved");
        await patch("moved", { spec: { paused: false } });
        await eventually("one new pod", ready("moved", count, 1));
        await patch("moved", { spec: rolling(3, 0) });
        await eventually("two more", ready("moved", count, 3));
        await stays("no old one went", counts("moved", count, 3));
        const { items } = await ground.client.list(replicaSets, { namespace: ground.namespace, labelSelector: "app=moved" });
        const old = items.find(
          (item) =>
            (item["spec"] as { template: { spec: { containers: [{ image: string }] } } }).template.spec.containers[0].image === "web:1",
        );
        await patch("moved", { spec: rolling(1, 0) });
        await stays("nothing moves by a smaller surge alone", counts("moved", count, 3));
        const scale = { type: "merge", body: { spec: { replicas: count - 2 } } } as const;
        await ground.client.patch(replicaSets, { namespace: ground.namespace, name: old?.metadata.name ?? "" }, scale);
        await eventually("the old ones that were taken away", ready("moved", count - 2, 3));
        await stays("left so by the native controller", counts("moved", count - 2, 3));
      });

      it("roll natively as soon as they have their own settings again", { timeout: 90_000 }, async () => {
        await hold("released");
        await patch("released", { spec: { paused: false } });
        await eventually("one new pod", ready("released", count, 1));
        await patch("released", { spec: { minReadySeconds: 0, progressDeadlineSeconds: 600, ...rolling(2, 1) } });
        await eventually("all new", counts("released", 0, count));
        await rolledOut(ground, "released");
      });
    });
  });
}

interface Pod {
  readonly spec: { readonly containers: readonly [{ readonly image: string }] };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface Slice {
  readonly endpoints?: readonly { readonly conditions: { readonly ready?: boolean } }[];
}
