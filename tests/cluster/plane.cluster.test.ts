/** The ground under the other suites: it authorizes, admits, schedules, and runs workloads. */
import { apiStatusOf, resources } from "@slipway/kube";
import { createHttpClient, loadKubeconfig } from "@slipway/kube/node";
import { realClock } from "@slipway/std/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Cluster } from "./cluster.ts";
import { openCluster } from "./cluster.ts";

const namespace = "plane-test";
let cluster: Cluster;

beforeAll(async () => {
  cluster = await openCluster(namespace);
});
afterAll(() => cluster.close());

describe("the control plane", () => {
  it("runs a Deployment and rolls it", async () => {
    await cluster.run("create", "deployment", "web", "--image=web:1", "--replicas=3");
    await cluster.run("rollout", "status", "deployment/web", "--timeout=30s");
    await cluster.run("set", "image", "deployment/web", "web=web:2");
    await cluster.run("rollout", "status", "deployment/web", "--timeout=30s");
    const images = "jsonpath={range .items[*]}{.spec.containers[0].image} {.status.phase}{'\\n'}{end}";
    const pods = await cluster.run("get", "pods", "-l", "app=web", "--field-selector=status.phase=Running", "-o", images);
    expect(new Set(pods.trim().split("\n"))).toEqual(new Set(["web:2 Running"]));
  });

  it("completes a Job", async () => {
    await cluster.run("create", "job", "once", "--image=job:1");
    await cluster.run("wait", "--for=condition=complete", "job/once", "--timeout=30s");
  });

  it("lets a ServiceAccount do what its roles say and nothing else", async () => {
    await cluster.run("create", "serviceaccount", "reader");
    await cluster.run("create", "role", "reader", "--verb=list", "--resource=configmaps");
    await cluster.run("create", "rolebinding", "reader", "--role=reader", `--serviceaccount=${namespace}:reader`);
    const path = await cluster.kubeconfigOf({ namespace, name: "reader" });
    const reader = createHttpClient(loadKubeconfig({ path, env: {} }), { clock: realClock, userAgent: "slipway-test" });
    try {
      expect((await reader.list(resources.configMaps, { namespace })).items.map(({ metadata }) => metadata.name)).toContain(
        "kube-root-ca.crt",
      );
      const refused: unknown = await reader.list(resources.pods, { namespace }).catch((error: unknown) => error);
      expect(apiStatusOf(refused)).toMatchObject({ code: 403, reason: "Forbidden" });
    } finally {
      await reader.close();
    }
  });
});
