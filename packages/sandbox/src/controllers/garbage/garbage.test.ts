import type { KubeObject, OwnerReference, Resource } from "@slipway/kube";
import { isNotFound, resources } from "@slipway/kube";
import type { Logger } from "@slipway/std";
import { silentLogger } from "@slipway/std";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TestSandbox } from "../../testing/index.ts";
import { createTestSandbox } from "../../testing/index.ts";

let sandbox: TestSandbox;
const complaints: unknown[] = [];
const complain = (message: string, fields: unknown): void => void complaints.push([message, fields]);
const logger: Logger = { ...silentLogger, error: complain, warn: complain, child: () => logger };
beforeEach(async () => {
  complaints.length = 0;
  sandbox = await createTestSandbox({ logger });
});
afterEach(async () => {
  await sandbox.stop();
});

const boats: Resource = { group: "example.com", version: "v1", kind: "Boat", plural: "boats", namespaced: true };
const boatDefinition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Boat, plural: boats, singular: boat, listKind: BoatList}
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`;
const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: "web:1"}]}
`;
const key = (name: string): { namespace: string; name: string } => ({ namespace: "default", name });

async function create(resource: Resource, name: string, owners: readonly KubeObject[] = [], extra: object = {}): Promise<KubeObject> {
  const ownerReferences = owners.map(({ apiVersion, kind, metadata }): OwnerReference => ({
    apiVersion,
    kind,
    name: metadata.name ?? "",
    uid: metadata.uid ?? "",
    blockOwnerDeletion: true,
  }));
  const apiVersion = resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
  const created = { apiVersion, kind: resource.kind, metadata: { ...key(name), ownerReferences, ...extra } };
  return await sandbox.client.create<KubeObject>(resource, created);
}
async function find(resource: Resource, name: string): Promise<KubeObject | undefined> {
  try {
    return await sandbox.client.get(resource, key(name));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
async function count(resource: Resource): Promise<number> {
  return (await sandbox.client.list(resource, { namespace: "default" })).items.length;
}

describe("background deletion", () => {
  it("takes dependents after their owner, down to the pods", async () => {
    await sandbox.applyYaml(deployment);
    await sandbox.advance(1000);
    expect([await count(resources.replicaSets), await count(resources.pods)]).toEqual([1, 2]);
    await sandbox.client.delete(resources.deployments, key("web"), { propagationPolicy: "Background" });
    expect(await find(resources.deployments, "web")).toBeUndefined();
    await sandbox.advance(5000);
    expect([await count(resources.replicaSets), await count(resources.pods)]).toEqual([0, 0]);
  });

  it("keeps what another owner still holds, without the reference to the one that is gone", async () => {
    const [one, two] = [await create(resources.configMaps, "one"), await create(resources.configMaps, "two")];
    await create(resources.secrets, "shared", [one, two]);
    await sandbox.client.delete(resources.configMaps, key("one"));
    await sandbox.advance(100);
    expect((await find(resources.secrets, "shared"))?.metadata.ownerReferences?.map((owner) => owner.name)).toEqual(["two"]);
    await sandbox.client.delete(resources.configMaps, key("two"));
    await sandbox.advance(100);
    expect(await find(resources.secrets, "shared")).toBeUndefined();
  });

  it("takes what was created under an owner that is no more, or was replaced by a namesake", async () => {
    const owner = await create(resources.configMaps, "owner");
    await sandbox.client.delete(resources.configMaps, key("owner"));
    await create(resources.configMaps, "owner");
    await create(resources.secrets, "late", [owner]);
    await sandbox.advance(100);
    expect(await find(resources.secrets, "late")).toBeUndefined();
    expect(await find(resources.configMaps, "owner")).toBeDefined();
  });

  it("works through custom kinds that came later, both as owner and as dependent", async () => {
    await sandbox.applyYaml(boatDefinition);
    await sandbox.advance(100);
    const fleet = await create(resources.configMaps, "fleet");
    const boat = await create(boats, "boat", [fleet]);
    await create(resources.secrets, "log", [boat]);
    await sandbox.advance(100);
    await sandbox.client.delete(resources.configMaps, key("fleet"));
    await sandbox.advance(100);
    expect([await find(boats, "boat"), await find(resources.secrets, "log")]).toEqual([undefined, undefined]);
  });

  it("never deletes for an owner of a kind that is not served", async () => {
    const ghost: KubeObject = {
      apiVersion: "example.com/v1",
      kind: "Ghost",
      metadata: { name: "g", uid: "11111111-1111-4111-8111-111111111111" },
    };
    await create(resources.secrets, "kept", [ghost]);
    await sandbox.advance(60_000);
    expect(await find(resources.secrets, "kept")).toBeDefined();
  });
});

describe("foreground deletion", () => {
  it("keeps the owner until its dependents are gone", async () => {
    await sandbox.applyYaml(deployment);
    await sandbox.advance(1000);
    await sandbox.client.delete(resources.deployments, key("web"), { propagationPolicy: "Foreground" });
    await sandbox.advance(100);
    expect((await find(resources.deployments, "web"))?.metadata.finalizers).toEqual(["foregroundDeletion"]);
    expect(await count(resources.pods)).toBe(2);
    await sandbox.advance(5000);
    expect(await find(resources.deployments, "web")).toBeUndefined();
    expect([await count(resources.replicaSets), await count(resources.pods)]).toEqual([0, 0]);
  });

  it("waits for a dependent that a finalizer holds", async () => {
    const owner = await create(resources.configMaps, "owner");
    await create(resources.secrets, "held", [owner], { finalizers: ["example.com/hold"] });
    await sandbox.advance(100);
    await sandbox.client.delete(resources.configMaps, key("owner"), { propagationPolicy: "Foreground" });
    await sandbox.advance(10_000);
    expect((await find(resources.secrets, "held"))?.metadata.deletionTimestamp).toBeDefined();
    expect(await find(resources.configMaps, "owner")).toBeDefined();
    await sandbox.client.patch(resources.secrets, key("held"), { type: "merge", body: { metadata: { finalizers: null } } });
    await sandbox.advance(100);
    expect([await find(resources.secrets, "held"), await find(resources.configMaps, "owner")]).toEqual([undefined, undefined]);
  });
});

describe("orphan deletion", () => {
  it("lets the dependents live and takes the references out", async () => {
    await sandbox.applyYaml(deployment);
    await sandbox.advance(1000);
    const before = (await sandbox.client.list(resources.pods, { namespace: "default" })).items.map((pod) => pod.metadata.uid).sort();
    await sandbox.client.delete(resources.deployments, key("web"), { propagationPolicy: "Orphan" });
    await sandbox.advance(5000);
    expect(await find(resources.deployments, "web")).toBeUndefined();
    const [set] = (await sandbox.client.list(resources.replicaSets, { namespace: "default" })).items;
    expect(set?.metadata.ownerReferences ?? []).toEqual([]);
    const pods = (await sandbox.client.list(resources.pods, { namespace: "default" })).items.map((pod) => pod.metadata.uid).sort();
    expect(pods).toEqual(before);
    // A Deployment with the same template takes them over without a restart.
    await sandbox.applyYaml(deployment);
    await sandbox.advance(2000);
    expect((await sandbox.client.list(resources.pods, { namespace: "default" })).items.map((pod) => pod.metadata.uid).sort()).toEqual(
      before,
    );
  });
});

describe("a namespace", () => {
  it("goes quietly with everything in it, pods after their grace", async () => {
    await sandbox.applyYaml(boatDefinition);
    await sandbox.applyYaml(`{apiVersion: v1, kind: Namespace, metadata: {name: shop}}`);
    await sandbox.advance(100);
    await sandbox.applyYaml(deployment.replace("{name: web}", "{name: web, namespace: shop}"));
    await sandbox.applyYaml(`{apiVersion: example.com/v1, kind: Boat, metadata: {name: b, namespace: shop}}`);
    await sandbox.advance(1000);
    await sandbox.client.delete(resources.namespaces, { namespace: "", name: "shop" });
    await sandbox.advance(100);
    const terminating = await sandbox.client.get<KubeObject & { status?: { phase?: string } }>(resources.namespaces, {
      namespace: "",
      name: "shop",
    });
    expect(terminating.status?.phase).toBe("Terminating");
    await sandbox.advance(10_000);
    await expect(sandbox.client.get(resources.namespaces, { namespace: "", name: "shop" })).rejects.toThrow("not found");
    for (const resource of [resources.pods, resources.replicaSets, resources.deployments, boats])
      expect((await sandbox.client.list(resource, { namespace: "shop" })).items).toEqual([]);
    // ReplicaSets whose pods went first were refused new ones: nothing that anybody needs to see.
    expect(complaints).toEqual([]);
  });
});
