import type { KubeClient, KubeObject } from "@slipway/kube";
import { apiStatusOf, resources } from "@slipway/kube";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestApiServer } from "./test-api-server.ts";
import { startTestApiServer } from "./test-api-server.ts";

let api: TestApiServer;
beforeAll(async () => {
  api = await startTestApiServer();
});
afterAll(() => api.stop());

const { configMaps, deployments, namespaces, pods, services, secrets } = resources;
const deployment = (name: string): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "default" },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: "c", image: "web:1", ports: [{ containerPort: 80 }] }] },
    },
  },
});
const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data,
});
const at = (name: string): { namespace: string; name: string } => ({ namespace: "default", name });
const statusOf = async (
  work: Promise<unknown>,
): Promise<{ code: number | undefined; reason: string | undefined; message: string | undefined }> => {
  try {
    await work;
  } catch (error) {
    const status = apiStatusOf(error);
    if (status === undefined) throw error;
    return { code: status.code, reason: status.reason, message: status.message };
  }
  throw new Error("the request was not refused");
};

describe.each(["local", "remote"] as const)("%s client", (which) => {
  let client: KubeClient;
  beforeAll(() => {
    client = api[which];
  });
  const named = (name: string): string => `${name}-${which}`;

  it("creates with identity, defaults and a first generation", async () => {
    const made = await client.create(deployments, deployment(named("web")));
    expect(made.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(made.metadata).toMatchObject({ generation: 1, creationTimestamp: "2026-01-02T03:04:05Z" });
    expect(made["spec"]).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
      template: {
        spec: {
          restartPolicy: "Always",
          dnsPolicy: "ClusterFirst",
          terminationGracePeriodSeconds: 30,
          containers: [{ imagePullPolicy: "IfNotPresent", ports: [{ containerPort: 80, protocol: "TCP" }] }],
        },
      },
    });
    expect(await client.get(deployments, at(named("web")))).toEqual(made);
  });

  it("counts generations for what is asked, not for metadata or status, and isolates status from spec", async () => {
    const name = named("generations");
    const made = await client.create(deployments, deployment(name));
    const labelled = await client.patch(deployments, at(name), { type: "merge", body: { metadata: { labels: { x: "y" } } } });
    expect(labelled.metadata.generation).toBe(1);
    const scaled = await client.patch(deployments, at(name), {
      type: "strategic",
      body: { spec: { replicas: 3 }, status: { replicas: 9 } },
    });
    expect(scaled.metadata.generation).toBe(2);
    expect(scaled["status"]).toEqual({});
    const reported = await client.patch(
      deployments,
      at(name),
      { type: "merge", body: { spec: { replicas: 7 }, status: { replicas: 3 } } },
      { subresource: "status" },
    );
    expect(reported.metadata.generation).toBe(2);
    expect(reported["spec"]).toEqual(scaled["spec"]);
    expect(reported["status"]).toEqual({ replicas: 3 });
    expect(made.metadata.uid).toBe(reported.metadata.uid);
  });

  it("writes nothing when nothing changes", async () => {
    const name = named("same");
    const made = await client.create(configMaps, configMap(name, { a: "1" }));
    const again = await client.patch(configMaps, at(name), { type: "merge", body: { data: { a: "1" } } });
    expect(again.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  });

  it("refuses a replace of a stale version, and lets patches through", async () => {
    const name = named("stale");
    const first = await client.create(configMaps, configMap(name, { a: "1" }));
    await client.patch(configMaps, at(name), { type: "merge", body: { data: { b: "2" } } });
    const { code, reason, message } = await statusOf(client.replace(configMaps, { ...first, data: { a: "3" } }));
    expect({ code, reason }).toEqual({ code: 409, reason: "Conflict" });
    expect(message).toBe(
      `Operation cannot be fulfilled on configmaps "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    );
    expect(await client.get(configMaps, at(name))).toMatchObject({ data: { a: "1", b: "2" } });
  });

  it("merges parallel patches of one object without losing any", async () => {
    const name = named("parallel");
    await client.create(configMaps, configMap(name));
    await Promise.all(
      [...Array(12).keys()].map((i) => client.patch(configMaps, at(name), { type: "merge", body: { data: { [`k${i}`]: "v" } } })),
    );
    const data = (await client.get(configMaps, at(name)))["data"] as object;
    expect(Object.keys(data)).toHaveLength(12);
  });

  it("merges containers of a strategic patch by name", async () => {
    const name = named("strategic");
    await client.create(deployments, deployment(name));
    const patched = await client.patch<KubeObject & { spec: { template: { spec: { containers: { image: string; env: object[] }[] } } } }>(
      deployments,
      at(name),
      { type: "strategic", body: { spec: { template: { spec: { containers: [{ name: "c", env: [{ name: "A", value: "B" }] }] } } } } },
    );
    expect(patched.spec.template.spec.containers).toMatchObject([{ name: "c", image: "web:1", env: [{ name: "A", value: "B" }] }]);
  });

  it("applies json patches and answers 422 for one that does not fit", async () => {
    const name = named("jsonpatch");
    await client.create(configMaps, configMap(name, { a: "1" }));
    const patched = await client.patch(configMaps, at(name), { type: "json", body: [{ op: "replace", path: "/data/a", value: "2" }] });
    expect(patched["data"]).toEqual({ a: "2" });
    const refused = await statusOf(
      client.patch(configMaps, at(name), { type: "json", body: [{ op: "test", path: "/data/a", value: "1" }] }),
    );
    expect(refused).toMatchObject({ code: 422, reason: "Invalid" });
  });

  it.each([
    [
      "a name twice",
      (c: KubeClient) => c.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "default" } }),
      409,
      "AlreadyExists",
      'namespaces "default" already exists',
    ],
    ["what is not there", (c: KubeClient) => c.get(deployments, at("nope")), 404, "NotFound", 'deployments.apps "nope" not found'],
    [
      "a missing namespace",
      (c: KubeClient) => c.create(configMaps, { ...configMap("x"), metadata: { name: "x", namespace: "nowhere" } }),
      404,
      "NotFound",
      'namespaces "nowhere" not found',
    ],
    [
      "a deployment without a selector",
      (c: KubeClient) => c.create(deployments, { ...deployment("x"), spec: { ...(deployment("x")["spec"] as object), selector: null } }),
      422,
      "Invalid",
      'Deployment.apps "x" is invalid: spec.selector: Required value',
    ],
    [
      "a wrong type",
      (c: KubeClient) => c.create(configMaps, { ...configMap("x"), data: { a: 1 } }),
      400,
      "BadRequest",
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field .data.a of type string',
    ],
    [
      "deletion of the default namespace",
      (c: KubeClient) => c.delete(namespaces, { namespace: "", name: "default" }),
      403,
      "Forbidden",
      'namespaces "default" is forbidden: this namespace may not be deleted',
    ],
  ])("refuses %s", async (_, work, code, reason, message) => {
    expect(await statusOf(work(client))).toEqual({ code, reason, message });
  });

  it.each([
    ["a label's value", { metadata: { labels: { a: "b c" } } }, 422, 'metadata.labels: Invalid value: "b c": a valid label must be'],
    ["a label's key", { metadata: { labels: { "a b": "c" } } }, 422, 'metadata.labels: Invalid value: "a b": name part must consist of'],
    [
      "an owner without a uid",
      { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p" }] } },
      422,
      "metadata.ownerReferences[0].uid: Required value",
    ],
    ["a data key", { data: { "a/b": "c" } }, 422, 'data[a/b]: Invalid value: "a/b": a valid config key must consist of'],
    ["more data than fits", { data: { a: "x".repeat(1024 * 1024 + 1) } }, 422, "Too long: may not be more than 1048576 bytes"],
    ["binary data that is not base64", { binaryData: { a: "?" } }, 400, "illegal base64 data in binaryData.a"],
  ])("refuses %s", async (_, extra: { metadata?: object; data?: object; binaryData?: object }, code, message) => {
    const object = { ...configMap("x"), ...extra, metadata: { name: "x", namespace: "default", ...extra.metadata } };
    const refused = await statusOf(client.create(configMaps, object));
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(message);
  });

  it("refuses quantities and times that are none", async () => {
    const bad = deployment("x");
    const spec = bad["spec"] as { template: { spec: { containers: object[] } } };
    spec.template.spec.containers = [{ name: "c", image: "i", resources: { limits: { cpu: "much" } } }];
    expect(await statusOf(client.create(deployments, bad))).toMatchObject({ code: 400 });
    const lease = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "x", namespace: "default" },
      spec: { renewTime: "noon" },
    };
    expect((await statusOf(client.create(resources.leases, lease))).message).toContain('parsing time "noon" in spec.renewTime');
  });

  it("refuses a changed selector", async () => {
    const name = named("selector");
    await client.create(deployments, deployment(name));
    const refused = await statusOf(
      client.patch(deployments, at(name), { type: "merge", body: { spec: { selector: { matchLabels: { app: "other" } } } } }),
    );
    expect(refused.message).toContain("spec.selector: Invalid value:");
    expect(refused.message).toContain("field is immutable");
  });

  it("checks unknown fields as asked", async () => {
    const odd = { ...configMap(named("odd")), bogus: 1 };
    const refused = await statusOf(client.create(configMaps, odd, { fieldValidation: "Strict" }));
    expect(refused).toMatchObject({
      code: 400,
      message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "bogus"',
    });
    expect(await client.create(configMaps, odd, { fieldValidation: "Ignore" })).not.toHaveProperty("bogus");
  });

  it("tries without doing on dry run", async () => {
    const made = await client.create(configMaps, configMap(named("dry")), { dryRun: true });
    expect(made.metadata.uid).toBeDefined();
    expect(await statusOf(client.get(configMaps, at(named("dry"))))).toMatchObject({ code: 404 });
  });

  it("generates names, encodes stringData and gives Services addresses of their own", async () => {
    const secret = await client.create<KubeObject>(secrets, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { generateName: "s-", namespace: "default" },
      stringData: { a: "b" },
    });
    expect(secret.metadata.name).toMatch(/^s-[a-z0-9]{5}$/);
    expect(secret).toMatchObject({ type: "Opaque", data: { a: "Yg==" } });
    expect(secret).not.toHaveProperty("stringData");
    const addresses = new Set<unknown>();
    for (const suffix of ["a", "b"]) {
      const service = await client.create<KubeObject>(services, {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: named(`svc-${suffix}`), namespace: "default" },
        spec: { ports: [{ port: 80 }] },
      });
      expect(service["spec"]).toMatchObject({ type: "ClusterIP", ports: [{ port: 80, protocol: "TCP", targetPort: 80 }] });
      addresses.add((service["spec"] as { clusterIP: string }).clusterIP);
    }
    expect(addresses.size).toBe(2);
  });

  it("keeps an object with finalizers until the last one is gone", async () => {
    const name = named("finalized");
    await client.create(configMaps, { ...configMap(name), metadata: { name, namespace: "default", finalizers: ["example.dev/a"] } });
    await client.delete(configMaps, at(name));
    const marked = await client.get(configMaps, at(name));
    expect(marked.metadata).toMatchObject({ deletionTimestamp: "2026-01-02T03:04:05Z", deletionGracePeriodSeconds: 0 });
    const refused = await statusOf(
      client.patch(configMaps, at(name), { type: "merge", body: { metadata: { finalizers: ["example.dev/a", "example.dev/b"] } } }),
    );
    expect(refused.code).toBe(422);
    await client.patch(configMaps, at(name), { type: "merge", body: { metadata: { finalizers: null } } });
    expect(await statusOf(client.get(configMaps, at(name)))).toMatchObject({ code: 404 });
  });

  it("records the deletion policy as a finalizer for the garbage collector", async () => {
    for (const [policy, finalizer] of [
      ["Foreground", "foregroundDeletion"],
      ["Orphan", "orphan"],
    ] as const) {
      const name = named(policy.toLowerCase());
      await client.create(configMaps, configMap(name));
      await client.delete(configMaps, at(name), { propagationPolicy: policy });
      expect((await client.get(configMaps, at(name))).metadata.finalizers).toEqual([finalizer]);
    }
  });

  it("gives running pods their grace and removes pods that never ran", async () => {
    const pod = (name: string, nodeName?: string): KubeObject => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default" },
      spec: { ...(nodeName === undefined ? {} : { nodeName }), containers: [{ name: "c", image: "x" }] },
    });
    await client.create(pods, pod(named("pending")));
    await client.delete(pods, at(named("pending")));
    expect(await statusOf(client.get(pods, at(named("pending"))))).toMatchObject({ code: 404 });
    await client.create(pods, pod(named("placed"), "n1"));
    await client.delete(pods, at(named("placed")));
    expect((await client.get(pods, at(named("placed")))).metadata).toMatchObject({
      deletionTimestamp: "2026-01-02T03:04:35Z",
      deletionGracePeriodSeconds: 30,
    });
    await client.delete(pods, at(named("placed")), { gracePeriodSeconds: 0 });
    expect(await statusOf(client.get(pods, at(named("placed"))))).toMatchObject({ code: 404 });
  });

  it("deletes only the object that the precondition means", async () => {
    const name = named("precondition");
    const made = await client.create(configMaps, configMap(name));
    expect(await statusOf(client.delete(configMaps, at(name), { preconditions: { uid: "other" } }))).toMatchObject({
      code: 409,
      reason: "Conflict",
    });
    await client.delete(configMaps, at(name), { preconditions: { uid: made.metadata.uid ?? "" } });
    expect(await statusOf(client.get(configMaps, at(name)))).toMatchObject({ code: 404 });
  });

  it("lists by labels and fields, in pages of one moment", async () => {
    const space = named("pages");
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: space } });
    for (let i = 0; i < 7; i++) {
      await client.create(configMaps, {
        ...configMap(`c${i}`),
        metadata: { name: `c${i}`, namespace: space, labels: { odd: String(i % 2) } },
      });
    }
    const odd = await client.list(configMaps, { namespace: space, labelSelector: "odd=1" });
    expect(odd.items.map((item) => item.metadata.name)).toEqual(["c1", "c3", "c5"]);
    const one = await client.list(configMaps, { namespace: space, fieldSelector: "metadata.name=c2" });
    expect(one.items.map((item) => item.metadata.name)).toEqual(["c2"]);

    const first = await client.list(configMaps, { namespace: space, limit: 3 });
    expect(first.metadata.remainingItemCount).toBe(4);
    await client.delete(configMaps, { namespace: space, name: "c5" });
    const seen = first.items.map((item) => item.metadata.name);
    for (let token = first.metadata.continue; token !== undefined && token !== "";) {
      const page = await client.list(configMaps, { namespace: space, limit: 3, continue: token });
      expect(page.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      seen.push(...page.items.map((item) => item.metadata.name));
      token = page.metadata.continue;
    }
    expect(seen).toEqual(["c0", "c1", "c2", "c3", "c4", "c5", "c6"]);
    await client.deleteCollection(configMaps, { namespace: space, labelSelector: "odd=0" });
    expect((await client.list(configMaps, { namespace: space })).items.map((item) => item.metadata.name)).toEqual(["c1", "c3"]);
  });

  it("keeps a namespace until its content is finalized, and takes no new content meanwhile", async () => {
    const space = named("ending");
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: space } });
    await client.delete(namespaces, { namespace: "", name: space });
    const ending = await client.get(namespaces, { namespace: "", name: space });
    expect(ending["status"]).toEqual({ phase: "Terminating" });
    const refused = await statusOf(client.create(configMaps, { ...configMap("x"), metadata: { name: "x", namespace: space } }));
    expect(refused.message).toBe(
      `configmaps "x" is forbidden: unable to create new content in namespace ${space} because it is being terminated`,
    );
    await client.replace(namespaces, { ...ending, spec: { finalizers: [] } }, { subresource: "finalize" });
    expect(await statusOf(client.get(namespaces, { namespace: "", name: space }))).toMatchObject({ code: 404 });
  });

  it("reads and writes replicas through scale", async () => {
    const name = named("scaled");
    await client.create(deployments, deployment(name));
    const scale = await client.patch(deployments, at(name), { type: "merge", body: { spec: { replicas: 4 } } }, { subresource: "scale" });
    expect(scale).toMatchObject({
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      spec: { replicas: 4 },
      status: { selector: `app=${name}` },
    });
    expect((await client.get(deployments, at(name)))["spec"]).toMatchObject({ replicas: 4 });
  });
});
