/** The product with no replica running, its webhooks still registered: nobody else is held up by it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Cluster } from "./cluster.ts";
import { openCluster } from "./cluster.ts";
import { installForProcess } from "./installation.ts";
import { startManagerProcess } from "./manager-process.ts";

let cluster: Cluster;

const controlled = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: absent }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: "web:1" }] }
---
apiVersion: rollouts.kruise.io/v1beta1
kind: Rollout
metadata: { name: web, namespace: absent }
spec:
  workloadRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  strategy: { canary: { enableExtraWorkloadForCanary: true, steps: [{ replicas: 1, pause: {} }] } }
`;

beforeAll(async () => {
  cluster = await openCluster("absent");
  const manager = await startManagerProcess(await installForProcess(cluster));
  await cluster.run("apply", "-f", cluster.file("controlled.yaml", controlled));
  await cluster.run("wait", "--for=jsonpath={.status.phase}=Healthy", "rollout.v1beta1.rollouts.kruise.io/web", "--timeout=60s");
  await manager.end("SIGKILL");
});
afterAll(() => cluster.close());

describe("with no replica running", () => {
  it("has webhooks registered that nobody answers", async () => {
    const registered = await cluster.run("get", "mutatingwebhookconfigurations,validatingwebhookconfigurations", "-o", "name");
    expect(registered).toContain("mutatingwebhookconfiguration.admissionregistration.k8s.io/slipway");
    expect(await cluster.run("get", "mutatingwebhookconfiguration", "slipway", "-o", "jsonpath={.webhooks[*].name}")).not.toBe("");
  });

  it.each([
    ["a Deployment of somebody else", ["create", "deployment", "other", "--image=other:1"]],
    ["a ConfigMap", ["create", "configmap", "settings", "--from-literal=a=1"]],
    ["a pod", ["run", "alone", "--image=alone:1"]],
    ["an Ingress", ["create", "ingress", "in", "--rule=a.example/b=web:80"]],
    ["a namespace", ["create", "namespace", "absent-too"]],
    ["a change of a Deployment that a Rollout controls", ["set", "image", "deployment/web", "web=web:2"]],
    ["scaling it", ["scale", "deployment", "web", "--replicas=3"]],
    [
      "a Deployment with the manager's labels in its namespace",
      ["create", "deployment", "slipway-manager-again", "--image=slipway-manager", "--namespace", "slipway-system", "--dry-run=server"],
    ],
  ])("the API server takes %s", async (_, args) => {
    expect(await cluster.kubectl(...args)).toMatchObject({ code: 0 });
  });

  it("has the API server hold the change by its own policy, and nothing else", async () => {
    const read = async (name: string): Promise<string> =>
      cluster.run("get", "deployment", name, "-o", "jsonpath={.spec.paused} {.metadata.annotations.rollouts\\.kruise\\.io/in-progressing}");
    expect(await read("web")).toBe('true {"rolloutName":"web"}');
    await cluster.run("set", "image", "deployment/other", "*=other:2");
    expect(await read("other")).toBe(" ");
    // Nobody lets it loose, and it is neither lost nor rolled out natively.
    await cluster.run("patch", "deployment", "web", "--type=merge", "-p", '{"spec":{"paused":false}}');
    expect(await read("web")).toBe('true {"rolloutName":"web"}');
    expect(await cluster.run("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].spec.containers[0].image}")).not.toContain("web:2");
  });

  it("lets pods of the product start", async () => {
    const pod = ["run", "manager", "--image=slipway-manager:0.1.0", "--namespace", "slipway-system", "--dry-run=server", "-o", "name"];
    const restricted = `--overrides=${JSON.stringify({
      spec: {
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            name: "manager",
            image: "slipway-manager:0.1.0",
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          },
        ],
      },
    })}`;
    expect(await cluster.kubectl(...pod, restricted)).toMatchObject({ code: 0, out: "pod/manager\n" });
  });

  it("releases the change step by step when it is back", { timeout: 120_000 }, async () => {
    const manager = await startManagerProcess(await installForProcess(cluster));
    const rollout = "rollout.v1beta1.rollouts.kruise.io/web";
    await cluster.run("wait", "--for=jsonpath={.status.canaryStatus.currentStepState}=StepPaused", rollout, "--timeout=60s");
    expect(await cluster.run("get", rollout, "-o", "jsonpath={.status.slipway.guard}")).toBe("admission");
    const images = await cluster.run("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].spec.containers[0].image}");
    expect(images.split(" ").filter((image) => image === "web:2")).toHaveLength(1);
    await cluster.run("delete", rollout, "--timeout=60s");
    await cluster.run("rollout", "status", "deployment/web", "--timeout=60s");
    expect(await cluster.run("get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}")).toBe("web:2");
    await cluster.run("set", "image", "deployment/web", "*=web:3");
    expect(await cluster.run("get", "deployment", "web", "-o", "jsonpath={.spec.paused}")).toBe("");
    expect(await manager.end("SIGTERM")).toBe(0);
  });

  afterAll(async () => {
    await cluster.run("delete", "namespace", "absent-too", "--ignore-not-found");
  });
});
