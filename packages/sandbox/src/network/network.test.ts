import { connect } from "node:net";
import type { KubeObject } from "@slipway/kube";
import { resources } from "@slipway/kube";
import { afterEach, describe, expect, it } from "vitest";
import type { EndpointSlice, Ingress, Pod, Service } from "../controllers/kinds.ts";
import type { EchoAnswer } from "../images/echo.ts";
import type { TestSandbox } from "../testing/index.ts";
import { createTestSandbox, eventually, sendHttp } from "../testing/index.ts";

let sandbox: TestSandbox;
afterEach(async () => {
  await sandbox.stop();
});

interface AppOptions {
  readonly replicas?: number;
  readonly template?: string;
  readonly container?: string;
}

/** A Deployment, its Service and, for `host`, an Ingress. */
function app(name: string, options: AppOptions = {}): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${options.replicas ?? 2}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}${options.template ?? ""}}
    spec:
      containers:
        - {name: c, image: "${name}:1", ports: [{name: web, containerPort: 8080}]${options.container ?? ""}}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec:
  selector: {app: ${name}}
  ports: [{name: http, port: 8000, targetPort: web}]
`;
}

function ingress(name: string, service: string, annotations = ""): string {
  return `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, annotations: {${annotations}}}
spec:
  ingressClassName: nginx
  rules:
    - host: web.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: ${service}, port: {name: http}}}}]}
`;
}

const key = (name: string): { namespace: string; name: string } => ({ namespace: "default", name });
const viaGateway = (path = "/", headers: Record<string, string> = {}) =>
  sendHttp(`${sandbox.gatewayUrl}${path}`, { headers: { host: "web.example.com", ...headers } });
async function podsOf(name: string): Promise<Pod[]> {
  return (await sandbox.client.list<Pod>(resources.pods, { namespace: "default", labelSelector: `app=${name}` })).items;
}
async function endpointsOf(name: string): Promise<NonNullable<EndpointSlice["endpoints"]>> {
  const list = await sandbox.client.list<EndpointSlice>(resources.endpointSlices, { labelSelector: `kubernetes.io/service-name=${name}` });
  return list.items.flatMap((slice) => slice.endpoints ?? []);
}
const answer = (body: string): EchoAnswer => JSON.parse(body) as EchoAnswer;

describe("a pod", () => {
  it("answers on an address of its own, and its log shows the request", async () => {
    sandbox = await createTestSandbox();
    await sandbox.applyYaml(app("web"));
    await sandbox.advance(1000);
    const [first, second] = await podsOf("web");
    expect(first?.status?.podIP).toMatch(/^127\./);
    expect(first?.status?.podIP).not.toBe(second?.status?.podIP);
    const { code, body } = await sendHttp(`http://${first?.status?.podIP ?? ""}:8080/hello?x=1`, { headers: { "x-test": "yes" } });
    expect(code).toBe(200);
    const hash = first?.metadata.labels?.["pod-template-hash"] ?? "";
    expect(answer(body)).toMatchObject({
      pod: first?.metadata.name,
      namespace: "default",
      version: hash,
      image: "web:1",
      path: "/hello?x=1",
    });
    expect(answer(body).headers["x-test"]).toBe("yes");
    const log = await sandbox.client.raw({ method: "GET", path: `/api/v1/namespaces/default/pods/${first?.metadata.name ?? ""}/log` });
    expect(log.body.split("\n")).toContain("GET /hello?x=1 200");
  });

  it("fails and is slow as its annotations say", async () => {
    sandbox = await createTestSandbox();
    await sandbox.applyYaml(
      app("web", { replicas: 1, template: ', annotations: {slipway.dev/sandbox-fail-rate: "1", slipway.dev/sandbox-fail-code: "503"}' }),
    );
    await sandbox.advance(1000);
    const [pod] = await podsOf("web");
    expect((await sendHttp(`http://${pod?.status?.podIP ?? ""}:8080/`)).code).toBe(503);
    const annotations = { "slipway.dev/sandbox-fail-rate": null, "slipway.dev/sandbox-delay-ms": "400" };
    await sandbox.client.patch(resources.pods, key(pod?.metadata.name ?? ""), { type: "merge", body: { metadata: { annotations } } });
    await sandbox.clock.settle();
    let answered = 0;
    const pending = sendHttp(`http://${pod?.status?.podIP ?? ""}:8080/`).then(({ code }) => (answered = code));
    await eventually(() => expect(sandbox.clock.nextTimer()).toBeDefined());
    await sandbox.advance(399);
    expect(answered).toBe(0);
    await sandbox.advance(1);
    await pending;
    expect(answered).toBe(200);
  });
});

describe("a Service", () => {
  it("has an address of its own that leads to its ready pods in turn, by named port", async () => {
    sandbox = await createTestSandbox();
    await sandbox.applyYaml(app("web", { replicas: 3 }));
    await sandbox.advance(1000);
    const service = await sandbox.client.get<Service>(resources.services, key("web"));
    expect(service.spec?.clusterIP).toMatch(/^127\.\d+\.128\./);
    const names = new Set<string>();
    for (let i = 0; i < 6; i++) names.add(answer((await sendHttp(`http://${service.spec?.clusterIP ?? ""}:8000/`)).body).pod);
    expect(names.size).toBe(3);
  });

  it("refuses when no pod is ready, and stops listening when it is deleted", async () => {
    sandbox = await createTestSandbox();
    await sandbox.applyYaml(app("web", { template: ', annotations: {slipway.dev/sandbox-never-ready: "true"}' }));
    await sandbox.advance(1000);
    const address = (await sandbox.client.get<Service>(resources.services, key("web"))).spec?.clusterIP ?? "";
    await expect(sendHttp(`http://${address}:8000/`)).rejects.toMatchObject({ code: "ECONNRESET" });
    await sandbox.client.delete(resources.services, key("web"));
    await sandbox.advance(100);
    await expect(sendHttp(`http://${address}:8000/`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(await endpointsOf("web")).toEqual([]);
  });

  it("lists pods by readiness and termination, publishing unready ones only when told", async () => {
    sandbox = await createTestSandbox();
    await sandbox.applyYaml(app("web", { replicas: 1, template: ', annotations: {slipway.dev/sandbox-ready-delay-ms: "5000"}' }));
    await sandbox.advance(1000);
    expect((await endpointsOf("web"))[0]?.conditions).toEqual({ ready: false, serving: false, terminating: false });
    await sandbox.client.patch(resources.services, key("web"), { type: "merge", body: { spec: { publishNotReadyAddresses: true } } });
    await sandbox.advance(100);
    expect((await endpointsOf("web"))[0]?.conditions).toEqual({ ready: true, serving: false, terminating: false });
    await sandbox.client.patch(resources.services, key("web"), { type: "merge", body: { spec: { publishNotReadyAddresses: false } } });
    await sandbox.advance(6000);
    const [endpoint] = await endpointsOf("web");
    expect(endpoint?.conditions).toEqual({ ready: true, serving: true, terminating: false });
    await sandbox.client.delete(resources.pods, key(endpoint?.targetRef?.name ?? ""));
    await sandbox.advance(200);
    const leaving = (await endpointsOf("web")).find((other) => other.targetRef?.name === endpoint?.targetRef?.name);
    expect(leaving?.conditions).toEqual({ ready: false, serving: true, terminating: true });
    await sandbox.advance(10_000);
    expect((await endpointsOf("web")).map((other) => other.conditions?.ready)).toEqual([true]);
  });
});

describe("readiness probes", () => {
  it("are real requests: a pod that fails them leaves its Service after failureThreshold", async () => {
    sandbox = await createTestSandbox();
    const probe = ", readinessProbe: {httpGet: {path: /healthz, port: web}, initialDelaySeconds: 2, periodSeconds: 5, failureThreshold: 2}";
    await sandbox.applyYaml(app("web", { replicas: 1, container: probe }));
    await sandbox.advance(1500);
    expect((await endpointsOf("web"))[0]?.conditions?.ready).toBe(false);
    await sandbox.advance(1500);
    const [endpoint] = await endpointsOf("web");
    expect(endpoint?.conditions?.ready).toBe(true);
    const pod = endpoint?.targetRef?.name ?? "";
    const annotations = { "slipway.dev/sandbox-fail-rate": "1" };
    await sandbox.client.patch(resources.pods, key(pod), { type: "merge", body: { metadata: { annotations } } });
    await sandbox.advance(5000);
    expect((await endpointsOf("web"))[0]?.conditions?.ready).toBe(true);
    await sandbox.advance(6000);
    expect((await endpointsOf("web"))[0]?.conditions?.ready).toBe(false);
    const log = await sandbox.client.raw({ method: "GET", path: `/api/v1/namespaces/default/pods/${pod}/log` });
    expect(log.body).toContain("GET /healthz 500");
  });
});

describe("the gateway", () => {
  it("leads to the Service of the Ingress, reports its address and counts by version", async () => {
    sandbox = await createTestSandbox();
    await sandbox.applyYaml(app("web") + "---" + ingress("web", "web"));
    await sandbox.advance(1000);
    const { code, body } = await viaGateway("/a/b?c=d", { "x-test": "1" });
    expect([code, answer(body).path, answer(body).host]).toEqual([200, "/a/b?c=d", "web.example.com"]);
    const posted = await sendHttp(`${sandbox.gatewayUrl}/`, {
      headers: { host: "web.example.com", "content-length": "3" },
      method: "POST",
      body: "abc",
    });
    expect(answer(posted.body).method).toBe("POST");
    const object = await sandbox.client.get<Ingress>(resources.ingresses, key("web"));
    const port = Number(new URL(sandbox.gatewayUrl).port);
    expect(object.status?.loadBalancer?.ingress).toEqual([{ ip: "127.0.0.1", ports: [{ port, protocol: "TCP" }] }]);
    expect(sandbox.requestCounts()).toEqual([{ namespace: "default", service: "web", version: answer(body).version, code: 200, count: 2 }]);
  });

  it("says what is missing", async () => {
    sandbox = await createTestSandbox();
    expect((await viaGateway()).code).toBe(404);
    await sandbox.applyYaml(ingress("web", "web"));
    await sandbox.advance(100);
    expect(await viaGateway()).toEqual({ code: 503, body: "503: Service default/web does not exist (Ingress default/web)\n" });
    await sandbox.applyYaml(app("web", { replicas: 0 }));
    await sandbox.advance(1000);
    expect(await viaGateway()).toEqual({ code: 503, body: "503: Service default/web has no ready endpoints (Ingress default/web)\n" });
  });

  it("gives a canary its share, and follows each change of weight, header and endpoints", async () => {
    sandbox = await createTestSandbox();
    await sandbox.applyYaml(app("web") + "---" + app("canary") + "---" + ingress("web", "web"));
    await sandbox.advance(1000);
    const share = async (requests: number, headers: Record<string, string> = {}): Promise<number> => {
      let canary = 0;
      for (let i = 0; i < requests; i += 20) {
        const batch = await Promise.all(Array.from({ length: 20 }, () => viaGateway("/", headers)));
        canary += batch.filter(({ body }) => answer(body).image === "canary:1").length;
      }
      return canary / requests;
    };
    const weigh = async (weight: number): Promise<void> => {
      const on = `nginx.ingress.kubernetes.io/canary: "true", nginx.ingress.kubernetes.io/canary-weight: "${weight}"`;
      await sandbox.applyYaml(ingress("web-canary", "canary", `${on}, nginx.ingress.kubernetes.io/canary-by-header: x-canary`));
      await sandbox.advance(10);
    };
    expect(await share(40)).toBe(0);
    for (const weight of [20, 60]) {
      await weigh(weight);
      expect(Math.abs((await share(600)) - weight / 100)).toBeLessThan(0.07);
    }
    expect(await share(40, { "x-canary": "always" })).toBe(1);
    expect(await share(40, { "x-canary": "never" })).toBe(0);
    await sandbox.client.patch(resources.deployments, key("canary"), { type: "merge", body: { spec: { replicas: 0 } } });
    await sandbox.advance(2000);
    expect(await share(100)).toBe(0);
    await sandbox.client.delete(resources.ingresses, key("web-canary"));
    await sandbox.advance(10);
    expect(await share(40, { "x-canary": "always" })).toBe(0);
  });

  it("and a Service go on to the next endpoint when one refuses", async () => {
    sandbox = await createTestSandbox();
    await sandbox.applyYaml(app("web", { replicas: 1 }) + "---" + ingress("web", "byhand"));
    await sandbox.advance(1000);
    const [pod] = await podsOf("web");
    const address = pod?.status?.podIP ?? "";
    // Its neighbour in the block that no pod has.
    const dead = address.replace(/\d+$/, "250");
    await sandbox.applyYaml(`
apiVersion: v1
kind: Service
metadata: {name: byhand}
spec: {ports: [{name: http, port: 8000}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: byhand, labels: {kubernetes.io/service-name: byhand}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints: [{addresses: [${dead}]}, {addresses: [${address}]}]
`);
    await sandbox.advance(100);
    const service = await sandbox.client.get<Service>(resources.services, key("byhand"));
    for (let i = 0; i < 4; i++) {
      const headers = { host: "web.example.com", "content-length": "3" };
      for (const options of [{ headers: { host: "web.example.com" } }, { headers, method: "POST", body: "abc" }])
        expect(answer((await sendHttp(sandbox.gatewayUrl, options)).body).pod).toBe(pod?.metadata.name);
      expect(answer((await sendHttp(`http://${service.spec?.clusterIP ?? ""}:8000/`)).body).pod).toBe(pod?.metadata.name);
    }
    await sandbox.client.patch(resources.endpointSlices, key("byhand"), { type: "merge", body: { endpoints: [{ addresses: [dead] }] } });
    await sandbox.advance(100);
    const posted = await sendHttp(sandbox.gatewayUrl, {
      headers: { host: "web.example.com", "content-length": "3" },
      method: "POST",
      body: "abc",
    });
    expect(posted.code).toBe(502);
    const refused = await viaGateway();
    expect([refused.code, refused.body]).toEqual([
      502,
      expect.stringContaining(`endpoint ${dead}:8080 of Service default/byhand did not answer`),
    ]);
  });

  it("loses no request in a rolling update", async () => {
    sandbox = await createTestSandbox();
    await sandbox.applyYaml(app("web", { replicas: 4 }) + "---" + ingress("web", "web"));
    await sandbox.advance(1000);
    const image = {
      spec: { template: { spec: { containers: [{ name: "c", image: "web:2", ports: [{ name: "web", containerPort: 8080 }] }] } } },
    };
    await sandbox.client.patch(resources.deployments, key("web"), { type: "merge", body: image });
    const codes = new Set<number>();
    const images = new Set<string>();
    for (let i = 0; i < 60; i++) {
      const moved = sandbox.advance(100);
      for (const { code, body } of await Promise.all(Array.from({ length: 8 }, () => viaGateway()))) {
        codes.add(code);
        images.add(answer(body).image);
      }
      await moved;
    }
    expect([...codes]).toEqual([200]);
    expect([...images].sort()).toEqual(["web:1", "web:2"]);
    expect(answer((await viaGateway()).body).image).toBe("web:2");
  });
});

describe("a stopped sandbox", () => {
  it("listens nowhere any more", async () => {
    sandbox = await createTestSandbox();
    await sandbox.applyYaml(app("web", { replicas: 1 }));
    await sandbox.advance(1000);
    const [pod] = await podsOf("web");
    const service = await sandbox.client.get<KubeObject & Service>(resources.services, key("web"));
    await sandbox.stop();
    for (const [host, port] of [
      [pod?.status?.podIP ?? "", 8080],
      [service.spec?.clusterIP ?? "", 8000],
      ["127.0.0.1", Number(new URL(sandbox.gatewayUrl).port)],
      ["127.0.0.1", Number(new URL(sandbox.url).port)],
    ] as const) {
      const refused = await new Promise((resolve) =>
        connect(port, host)
          .on("error", () => resolve(true))
          .on("connect", () => resolve(false)),
      );
      expect(refused, `${host}:${port}`).toBe(true);
    }
  });
});
