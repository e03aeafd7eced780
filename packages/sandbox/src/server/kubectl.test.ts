/** What an ordinary kubectl makes of the API server; no controllers run, so workloads stay as they are written. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resources } from "@slipway/kube";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestApiServer } from "./test-api-server.ts";
import { startTestApiServer } from "./test-api-server.ts";

const hasKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;
const suite = hasKubectl ? describe : describe.skip;

interface Output {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let api: TestApiServer;
let folder: string;

function kubectl(...args: string[]): Promise<Output> {
  const common = ["--kubeconfig", join(folder, "config"), "--cache-dir", join(folder, "cache")];
  return new Promise((resolve) => {
    execFile("kubectl", [...common, ...args], { timeout: 15_000 }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      // Versions further apart than one minor are remarked on; that is not what these tests are about.
      resolve({
        code,
        out,
        err: err
          .split("\n")
          .filter((line) => !line.includes("version difference"))
          .join("\n")
          .trim(),
      });
    });
  });
}

async function ok(...args: string[]): Promise<string> {
  const { code, out, err } = await kubectl(...args);
  expect({ code, err }, `kubectl ${args.join(" ")}`).toEqual({ code: 0, err: "" });
  return out;
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: "web:1", ports: [{containerPort: 80}], readinessProbe: {httpGet: {port: 80}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  ingressClassName: nginx
  rules: [{host: web.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
`;
const crd = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.dev}
spec:
  group: example.dev
  scope: Namespaced
  names: {plural: widgets, kind: Widget, shortNames: [wd], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer, description: How big it is.}
              replicas: {type: integer}
          status: {type: object, properties: {phase: {type: string}, replicas: {type: integer}}}
    subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
`;
const widget = "apiVersion: example.dev/v1\nkind: Widget\nmetadata: {name: a}\nspec: {size: 3}\n";

suite(hasKubectl ? "kubectl" : "kubectl (skipped: kubectl is not on PATH)", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "slipway-kubectl-"));
    api = await startTestApiServer({
      podLogs: async function* ({ container }) {
        yield await Promise.resolve(`${container} says hello\n`);
      },
    });
    writeFileSync(join(folder, "config"), api.server.kubeconfig(api.url));
  });
  afterAll(async () => {
    await api.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("applies, sees no change, applies a change, and diffs", async () => {
    const path = file("web.yaml", web);
    expect(await ok("apply", "-f", path)).toBe("deployment.apps/web created\nservice/web created\ningress.networking.k8s.io/web created\n");
    expect(await ok("apply", "-f", path)).toBe(
      "deployment.apps/web unchanged\nservice/web unchanged\ningress.networking.k8s.io/web unchanged\n",
    );
    expect((await kubectl("diff", "-f", path)).code).toBe(0);
    const changed = file("web2.yaml", web.replace("replicas: 3", "replicas: 4"));
    expect((await kubectl("diff", "-f", changed)).out).toContain("+  replicas: 4");
    expect(await ok("apply", "-f", changed)).toContain("deployment.apps/web configured\nservice/web unchanged");
  });

  it("prints what it gets in every form", async () => {
    expect(await ok("get", "deploy,svc,ing", "-o", "wide")).toMatch(
      /NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR\ndeployment.apps\/web +0\/4 +0 +0 +\S+ +c +web:1 +app=web\n\nNAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE +SELECTOR\nservice\/web +ClusterIP +10.96.0.10 +<none> +80\/TCP +\S+ +app=web\n\nNAME +CLASS +HOSTS +ADDRESS +PORTS +AGE\ningress.networking.k8s.io\/web +nginx +web.example +80 /,
    );
    expect(await ok("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}")).toBe("4");
    expect(await ok("get", "deploy", "-o", "name")).toBe("deployment.apps/web\n");
    expect(await ok("get", "deploy", "-o", "custom-columns=N:.metadata.name,R:.spec.replicas")).toBe("N     R\nweb   4\n");
    expect(JSON.parse(await ok("get", "deploy", "web", "-o", "json"))).toMatchObject({ kind: "Deployment", spec: { replicas: 4 } });
    expect(await ok("get", "ns", "-o", "yaml")).toContain("name: kube-node-lease");
    expect(await ok("get", "ns", "--no-headers")).toMatch(/^default +Active/);
  });

  it("describes", async () => {
    expect(await ok("describe", "deploy", "web")).toMatch(/RollingUpdateStrategy: +25% max unavailable, 25% max surge/);
    expect(await ok("describe", "svc", "web")).toMatch(/TargetPort: +80\/TCP/);
    expect(await ok("describe", "ing", "web")).toContain("web:80");
  });

  it.each([
    [["create", "configmap", "cm", "--from-literal=a=b"], "configmap/cm created\n"],
    [["create", "secret", "generic", "sec", "--from-literal=a=b"], "secret/sec created\n"],
    [["create", "namespace", "team"], "namespace/team created\n"],
    [["create", "serviceaccount", "robot"], "serviceaccount/robot created\n"],
    [["create", "deployment", "made", "--image=x:1", "--replicas=2", "--port=80"], "deployment.apps/made created\n"],
    [["create", "job", "once", "--image=x", "--", "true"], "job.batch/once created\n"],
    [["create", "cronjob", "often", "--image=x", "--schedule=*/5 * * * *", "--", "true"], "cronjob.batch/often created\n"],
    [["create", "ingress", "in", "--rule=a.example/b=web:80"], "ingress.networking.k8s.io/in created\n"],
    [["create", "service", "nodeport", "np", "--tcp=80:8080"], "service/np created\n"],
    [["run", "pod1", "--image=x:1", "--port=80", "--env=A=B"], "pod/pod1 created\n"],
    [["expose", "deployment", "web", "--name=web2", "--port=81", "--target-port=80"], "service/web2 exposed\n"],
    [["auth", "can-i", "create", "pods"], "yes\n"],
  ])("%j, which sends protobuf", async (args, expected) => {
    expect(await ok(...args)).toBe(expected);
  });

  it("decoded those bodies faithfully", async () => {
    const get = async (kind: string, name: string): Promise<unknown> => JSON.parse(await ok("get", kind, name, "-o", "json"));
    expect(await get("secret", "sec")).toMatchObject({ type: "Opaque", data: { a: "Yg==" } });
    expect(await get("deploy", "made")).toMatchObject({
      metadata: { labels: { app: "made" } },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: "made" } },
        template: { spec: { containers: [{ name: "x", image: "x:1", ports: [{ containerPort: 80 }] }] } },
      },
    });
    expect(await get("svc", "np")).toMatchObject({
      spec: { type: "NodePort", ports: [{ name: "80-8080", port: 80, targetPort: 8080, nodePort: 30000 }] },
    });
    expect(await get("ing", "in")).toMatchObject({
      spec: { rules: [{ host: "a.example", http: { paths: [{ path: "/b", pathType: "Exact" }] } }] },
    });
    expect(await get("cronjob", "often")).toMatchObject({
      spec: { schedule: "*/5 * * * *", jobTemplate: { spec: { template: { spec: { containers: [{ command: ["true"] }] } } } } },
    });
    expect(await get("pod", "pod1")).toMatchObject({
      spec: { containers: [{ env: [{ name: "A", value: "B" }] }] },
      status: { phase: "Pending" },
    });
  });

  it("labels, annotates, scales, sets images, patches and rolls", async () => {
    await ok("label", "deploy", "web", "tier=front");
    await ok("annotate", "deploy", "web", "note=1");
    await ok("scale", "deploy", "web", "--replicas=7");
    await ok("set", "image", "deploy/web", "c=web:2");
    await ok("rollout", "pause", "deploy", "web");
    await ok("patch", "deploy", "web", "--type=json", "-p", '[{"op":"add","path":"/spec/minReadySeconds","value":5}]');
    expect(JSON.parse(await ok("get", "deploy", "web", "-o", "json"))).toMatchObject({
      metadata: { labels: { tier: "front" }, annotations: { note: "1" } },
      spec: {
        replicas: 7,
        paused: true,
        minReadySeconds: 5,
        template: { spec: { containers: [{ image: "web:2", readinessProbe: { periodSeconds: 10 } }] } },
      },
    });
  });

  it("follows a rollout's status to its end", async () => {
    const { generation } = (await api.local.get(resources.deployments, { namespace: "default", name: "made" })).metadata;
    const status = (ready: number): Promise<unknown> =>
      api.local.patch(
        resources.deployments,
        { namespace: "default", name: "made" },
        {
          type: "merge",
          body: {
            status: { observedGeneration: generation, replicas: 2, updatedReplicas: 2, readyReplicas: ready, availableReplicas: ready },
          },
        },
        { subresource: "status" },
      );
    await status(1);
    const following = kubectl("rollout", "status", "deploy", "made", "--timeout=10s");
    await new Promise((resolve) => setTimeout(resolve, 700));
    await status(2);
    expect(await following).toMatchObject({
      code: 0,
      out: 'Waiting for deployment "made" rollout to finish: 1 of 2 updated replicas are available...\ndeployment "made" successfully rolled out\n',
    });
  });

  it("waits, and reads logs", async () => {
    const waiting = kubectl("wait", "pod/pod1", "--for=condition=Ready", "--timeout=10s");
    await new Promise((resolve) => setTimeout(resolve, 500));
    await api.local.patch(
      resources.pods,
      { namespace: "default", name: "pod1" },
      {
        type: "merge",
        body: {
          status: {
            phase: "Running",
            conditions: [{ type: "Ready", status: "True" }],
            containerStatuses: [{ name: "pod1", ready: true, restartCount: 0, state: { running: {} } }],
          },
        },
      },
      { subresource: "status" },
    );
    expect(await waiting).toMatchObject({ code: 0, out: "pod/pod1 condition met\n" });
    expect(await ok("logs", "pod1")).toBe("pod1 says hello\n");
    expect(await ok("get", "pods")).toMatch(/NAME +READY +STATUS +RESTARTS +AGE\npod1 +1\/1 +Running +0 /);
  });

  it("explains built-in and custom kinds", async () => {
    expect(await ok("explain", "deployment.spec.strategy.rollingUpdate")).toContain("maxSurge\t<IntOrString>");
    await ok("apply", "-f", file("crd.yaml", crd));
    expect(await ok("wait", "--for=condition=established", "crd/widgets.example.dev", "--timeout=5s")).toContain("condition met");
    expect(await ok("explain", "widgets.spec")).toMatch(/size\t<integer>\n +How big it is./);
  });

  it("handles custom resources like built-in ones", async () => {
    const path = file("widget.yaml", widget);
    expect(await ok("apply", "-f", path)).toBe("widget.example.dev/a created\n");
    expect(await ok("apply", "-f", file("widget2.yaml", widget.replace("size: 3", "size: 4")))).toBe("widget.example.dev/a configured\n");
    await ok("scale", "wd", "a", "--replicas=2");
    await ok("patch", "wd", "a", "--subresource=status", "--type=merge", "-p", '{"status":{"phase":"Up"}}');
    expect(await ok("get", "wd")).toMatch(/NAME +SIZE\na +4\n/);
    expect(await ok("get", "wd", "a", "-o", "jsonpath={.spec.replicas} {.status.phase} {.metadata.generation}")).toBe("2 Up 3");
    expect(await ok("get", "all", "-o", "name")).toContain("widget.example.dev/a");
  });

  it.each([
    [["get", "pod", "nope"], 'Error from server (NotFound): pods "nope" not found'],
    [["create", "namespace", "default"], 'Error from server (AlreadyExists): namespaces "default" already exists'],
    [["create", "configmap", "x", "-n", "nowhere"], 'error: failed to create configmap: namespaces "nowhere" not found'],
    [
      ["patch", "deploy", "web", "-p", '{"spec":{"replicas":-1}}'],
      'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
    [["exec", "pod1", "--", "ls"], "Error from server (UnsupportedMediaType): exec of pods is not served by the sandbox yet"],
    [["get", "gadgets"], 'error: the server doesn\'t have a resource type "gadgets"'],
  ])("%j ends with an error that says why", async (args, expected) => {
    expect(await kubectl(...args)).toMatchObject({ code: 1, err: expected });
  });

  it("refuses unknown fields before anything is stored", async () => {
    const path = file("odd.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odd}\nbogus: 1\n");
    const { code, err } = await kubectl("apply", "-f", path);
    expect(code).toBe(1);
    expect(err).toContain('strict decoding error: unknown field "bogus"');
    expect((await kubectl("get", "cm", "odd")).code).toBe(1);
  });

  it("deletes and waits until it is done", async () => {
    expect(await ok("delete", "deploy", "made")).toBe('deployment.apps "made" deleted\n');
    expect(await ok("delete", "-f", file("widget.yaml", widget))).toBe('widget.example.dev "a" deleted\n');
    expect(await ok("delete", "cm", "--all")).toContain('configmap "cm" deleted');
    expect(await ok("delete", "crd", "widgets.example.dev")).toContain("deleted");
    expect((await kubectl("get", "wd")).code).toBe(1);
  });
});
