import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resources } from "@slipway/kube";
import { parse } from "yaml";
import { afterEach, describe, expect, it } from "vitest";
import type { Deployment, Pod, Service } from "./controllers/kinds.ts";
import type { TestSandbox } from "./testing/index.ts";
import { createTestSandbox, sendHttp } from "./testing/index.ts";

let sandbox: TestSandbox;
afterEach(async () => {
  await sandbox.stop();
});

const web = { namespace: "default", name: "web" };
const manifests = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: "web:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 8000, targetPort: 8080}]}
`;

describe("a sandbox", () => {
  it("gives a kubeconfig that leads to it", async () => {
    sandbox = await createTestSandbox();
    const config = parse(sandbox.kubeconfig) as { clusters: { cluster: { server: string } }[] };
    expect(config.clusters[0]?.cluster.server).toBe(sandbox.url);
    const answer = await sendHttp(`${sandbox.url}/api/v1/nodes`);
    expect([answer.code, (JSON.parse(answer.body) as { items: unknown[] }).items.length]).toEqual([200, 2]);
  });

  it("with a file has its objects after a restart, and pods run again as restarted", async () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-sandbox-"));
    const dataFile = join(folder, "cluster.db");
    try {
      sandbox = await createTestSandbox({ dataFile });
      await sandbox.applyYaml(manifests);
      await sandbox.advance(1000);
      const before = (await sandbox.client.list<Pod>(resources.pods, { namespace: "default" })).items;
      await sandbox.stop();
      sandbox = await createTestSandbox({ dataFile, seed: 2 });
      await sandbox.advance(5000);
      const after = (await sandbox.client.list<Pod>(resources.pods, { namespace: "default" })).items;
      expect(after.map((pod) => pod.metadata.uid).sort()).toEqual(before.map((pod) => pod.metadata.uid).sort());
      expect(after.map((pod) => pod.status?.containerStatuses?.[0]?.restartCount)).toEqual([1, 1, 1]);
      expect((await sandbox.client.get<Deployment>(resources.deployments, web)).status?.availableReplicas).toBe(3);
      const service = await sandbox.client.get<Service>(resources.services, web);
      expect((await sendHttp(`http://${service.spec?.clusterIP ?? ""}:8000/`)).code).toBe(200);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("says which port it cannot have", async () => {
    sandbox = await createTestSandbox();
    const [port, gatewayPort] = [Number(new URL(sandbox.url).port), Number(new URL(sandbox.gatewayUrl).port)];
    await expect(createTestSandbox({ port })).rejects.toMatchObject({
      code: "SANDBOX_LISTEN",
      message: `the API server cannot listen on 127.0.0.1:${port}: the port is in use; choose another port, or 0 for any free one`,
    });
    await expect(createTestSandbox({ gatewayPort })).rejects.toMatchObject({
      code: "SANDBOX_LISTEN",
      message: expect.stringContaining("the gateway") as string,
    });
  });

  it("repeats itself from one seed", async () => {
    const names = async (): Promise<unknown> => {
      await sandbox.applyYaml(manifests);
      await sandbox.advance(2000);
      const { items } = await sandbox.client.list<Pod>(resources.pods, { namespace: "default" });
      return items.map((pod) => [pod.metadata.name, pod.metadata.uid]);
    };
    sandbox = await createTestSandbox({ seed: 7 });
    const first = await names();
    await sandbox.stop();
    sandbox = await createTestSandbox({ seed: 7 });
    expect(await names()).toEqual(first);
  });

  it("beside another one keeps its pods and Services to itself", async () => {
    sandbox = await createTestSandbox();
    const other = await createTestSandbox({ seed: 2 });
    try {
      for (const each of [sandbox, other]) {
        await each.applyYaml(manifests);
        await each.advance(1000);
      }
      for (const each of [sandbox, other]) {
        const service = await each.client.get<Service>(resources.services, web);
        const pods = (await each.client.list<Pod>(resources.pods)).items.map((pod) => pod.metadata.name);
        const { body } = await sendHttp(`http://${service.spec?.clusterIP ?? ""}:8000/`);
        expect(pods).toContain((JSON.parse(body) as { pod: string }).pod);
      }
    } finally {
      await other.stop();
    }
  });
});
