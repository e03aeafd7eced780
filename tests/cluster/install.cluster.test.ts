/**
 * The installation on a real API server: applied twice, upgraded, used with exactly its rights, and removed in the middle
 * of a release. The manager's pods are simulated; what acts is a process of the test with the installed ServiceAccount.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PolicyRule } from "@slipway/install";
import { defaultOptions, manifests } from "@slipway/install";
import type { KubeObject } from "@slipway/kube";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { startSlipway } from "../demo/slipway-process.ts";
import { findHelm } from "../install/programs.ts";
import type { Cluster, Output } from "./cluster.ts";
import { execute, openCluster } from "./cluster.ts";
import type { ManagerProcess } from "./manager-process.ts";
import { startManagerProcess } from "./manager-process.ts";
import { until } from "./until.ts";

const root = join(import.meta.dirname, "../..");
const account = { namespace: "slipway-system", name: "slipway-manager" };
const simulated = inject("simulated");
const helm = findHelm();

describe.skipIf(!simulated)(`slipway install${simulated ? "" : " (needs simulated nodes: no image is published)"}`, () => {
  let cluster: Cluster;
  let manager: ManagerProcess | undefined;
  /** What the manager presents to the API server. */
  let token = "";

  beforeAll(async () => {
    cluster = await openCluster("shop");
  });
  afterAll(async () => {
    await manager?.end("SIGKILL");
    await cluster.close();
  });

  const slipway = (...args: string[]): Promise<Output> =>
    execute(process.execPath, [join(root, "apps/cli/src/main.ts"), ...args, "--kubeconfig", cluster.kubeconfig]);
  const done = async (...args: string[]): Promise<string[]> => {
    const { code, out, err } = await slipway(...args);
    expect(`${code} ${err}`).toBe("0 ");
    return out.trim().split("\n");
  };
  const startManager = async (...flags: string[]): Promise<void> => {
    const kubeconfig = await cluster.kubeconfigOf(account);
    token = (/"token": ?"([^"]+)"/.exec(readFileSync(kubeconfig, "utf8")) ?? [])[1] ?? "";
    manager = await startManagerProcess(kubeconfig, { flags: ["--log-level", "debug", ...flags] });
  };
  const endManager = async (): Promise<void> => {
    await manager?.end("SIGTERM");
    const log = manager?.log() ?? "";
    expect(token.length).toBeGreaterThan(100);
    expect(log).toContain('"msg":"reconciling"');
    expect(log.includes(token) || log.includes("PRIVATE KEY")).toBe(false);
    manager = undefined;
  };
  const changed = (lines: readonly string[]): string[] => lines.filter((line) => !line.endsWith(" unchanged"));
  const read = async (...args: string[]): Promise<KubeObject> => JSON.parse(await cluster.run("get", ...args, "-o", "json")) as KubeObject;
  /** `kind/name` of what carries our labels, without the CRDs. */
  const installed = async (): Promise<string[]> => {
    const kinds =
      "sa,clusterroles,clusterrolebindings,roles,rolebindings,svc,deploy,pdb,cm,mutatingwebhookconfigurations,validatingwebhookconfigurations,ns";
    const out = await cluster.run("get", kinds, "-A", "-l", "app.kubernetes.io/part-of=slipway", "-o", "name");
    return out
      .split("\n")
      .filter((line) => line !== "")
      .sort();
  };
  const versions = async (): Promise<string> =>
    cluster.run(
      "get",
      (await installed())
        .map((name) => name.split("/")[0])
        .filter(unique)
        .join(","),
      "-A",
      "-l",
      "app.kubernetes.io/part-of=slipway",
      "-o",
      "jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.generation} {.metadata.managedFields[?(@.manager=='slipway-install')].time}{'\\n'}{end}",
    );
  const unique = (value: unknown, index: number, all: readonly unknown[]): boolean => all.indexOf(value) === index;
  /** Asked as the manager's ServiceAccount. */
  const mayI = async (
    rule: Pick<PolicyRule, "verbs" | "apiGroups" | "resources" | "resourceNames">,
    namespace?: string,
  ): Promise<boolean[]> => {
    const answers: boolean[] = [];
    for (const verb of rule.verbs)
      for (const group of rule.apiGroups)
        for (const plural of rule.resources) {
          const [resource = "", subresource] = plural.split("/");
          const attributes = {
            verb,
            group,
            resource,
            ...(subresource === undefined ? {} : { subresource }),
            ...(namespace === undefined ? {} : { namespace }),
            ...(rule.resourceNames === undefined ? {} : { name: rule.resourceNames[0] }),
          };
          const answer = await cluster.client.raw({
            method: "POST",
            path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({
              apiVersion: "authorization.k8s.io/v1",
              kind: "SubjectAccessReview",
              spec: {
                user: `system:serviceaccount:${account.namespace}:${account.name}`,
                groups: ["system:serviceaccounts", "system:authenticated"],
                resourceAttributes: attributes,
              },
            }),
          });
          answers.push((JSON.parse(answer.body) as { status: { allowed: boolean } }).status.allowed);
        }
    return answers;
  };

  it("waits until it runs, and changes nothing the second time", async () => {
    const first = await done("install");
    expect(first).toContain("deployment.apps/slipway-manager created");
    expect(first.some((line) => line.startsWith("waiting for deployment slipway-system/slipway-manager: "))).toBe(true);
    expect(first.at(-1)).toBe("slipway 0.1.0 runs in namespace slipway-system");
    const before = await versions();
    expect(before.split("\n").length).toBeGreaterThan(20);
    expect(changed(await done("install"))).toEqual(["slipway 0.1.0 runs in namespace slipway-system"]);
    expect(await versions()).toBe(before);
  });

  it("gives the manager every shipped right, and none of the dangerous ones", async () => {
    for (const role of manifests(defaultOptions).filter(({ kind }) => kind === "ClusterRole" || kind === "Role")) {
      for (const rule of (role["rules"] ?? []) as readonly PolicyRule[]) {
        expect(await mayI(rule, role.metadata.namespace), JSON.stringify(rule)).not.toContain(false);
      }
    }
    const secrets = { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list"] as const };
    const all: readonly (readonly [Parameters<typeof mayI>[0], string?])[] = [
      [secrets],
      [secrets, "kube-system"],
      [secrets, "slipway-system"],
      [
        {
          apiGroups: ["rbac.authorization.k8s.io"],
          resources: ["clusterroles", "clusterrolebindings", "roles"],
          verbs: ["create", "update", "patch"],
        },
      ],
      [{ apiGroups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"], verbs: ["create", "delete"] }],
      [
        {
          apiGroups: ["apiextensions.k8s.io"],
          resources: ["customresourcedefinitions"],
          verbs: ["update"],
          resourceNames: ["others.example.com"],
        },
      ],
      [
        {
          apiGroups: ["admissionregistration.k8s.io"],
          resources: ["mutatingwebhookconfigurations"],
          verbs: ["update", "delete"],
          resourceNames: ["others"],
        },
      ],
      [{ apiGroups: [""], resources: ["pods", "pods/exec", "nodes", "serviceaccounts/token"], verbs: ["create", "delete"] }],
      [{ apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["update"] }, "kube-system"],
      [{ apiGroups: ["batch"], resources: ["jobs"], verbs: ["create"] }],
    ];
    for (const [rule, namespace] of all) expect(await mayI(rule, namespace), JSON.stringify(rule)).not.toContain(true);
  });

  it("lets a workflow do more when a role is added as the documentation shows", async () => {
    await startManager();
    const run = (name: string): string =>
      JSON.stringify({
        apiVersion: "core.oam.dev/v1alpha1",
        kind: "WorkflowRun",
        metadata: { name },
        spec: { workflowSpec: { steps: [{ name: "job", type: "apply-object", properties: { value: job(name, "shop") } }] } },
      });
    await cluster.run("apply", "-f", cluster.file("denied.json", run("denied")));
    const hint =
      'to allow it, add the rule {"apiGroups":["batch"],"resources":["jobs"],"verbs":["get","create","patch"]} to a ClusterRole with the label slipway.dev/aggregate-to-workflow: "true"';
    await until("the step to name the rule", 30_000, async () =>
      JSON.stringify((await read("workflowrun", "denied"))["status"] ?? {}).includes(JSON.stringify(hint).slice(1, -1)),
    );
    const page = readFileSync(join(root, "docs/install.md"), "utf8");
    const [, role = ""] = /^```yaml role\n([^]*?)^```/m.exec(page) ?? [];
    const path = cluster.file("role.yaml", role);
    await cluster.run("apply", "-f", path);
    await until(
      "the right to be added",
      10_000,
      async () => (await mayI({ apiGroups: ["batch"], resources: ["jobs"], verbs: ["create"] }, "shop"))[0] === true,
    );
    await cluster.run("apply", "-f", cluster.file("allowed.json", run("allowed")));
    await until("the Job", 30_000, async () => (await cluster.kubectl("get", "job", "allowed")).code === 0);
    await cluster.run("delete", "-f", path);
    await cluster.run("delete", "workflowrun", "--all");
  });

  it("names the owner of a field that it would take over, and changes nothing", async () => {
    await cluster.run("scale", "deployment", "slipway-manager", "--replicas=3", "--namespace", "slipway-system");
    const { code, err } = await slipway("upgrade", "--log-level", "debug");
    expect(code).toBe(1);
    expect(err).toContain("deployment.apps/slipway-manager: .spec.replicas is owned by kubectl\n");
    expect(JSON.stringify(await read("deployment", "slipway-manager", "--namespace", "slipway-system"))).not.toContain("--log-level=debug");
    expect(changed(await done("upgrade", "--force-conflicts"))).toContain("deployment.apps/slipway-manager configured");
  });

  it("prunes what an upgrade leaves out, keeps the choices, and never a CRD", async () => {
    const out = await done("upgrade", "--features", "rollout,workflow", "--replicas", "1");
    expect(out).toContain("clusterrole.rbac.authorization.k8s.io/slipway-application pruned");
    expect(out).toContain("clusterrolebinding.rbac.authorization.k8s.io/slipway-application-extra pruned");
    expect((await installed()).filter((name) => name.includes("application"))).toEqual([]);
    expect(await cluster.run("get", "crd", "applications.core.oam.dev", "-o", "name")).not.toBe("");
    expect(changed(await done("upgrade"))).toEqual(["slipway 0.1.0 runs in namespace slipway-system"]);
    const deployment = JSON.stringify((await read("deployment", "slipway-manager", "--namespace", "slipway-system"))["spec"]);
    expect(deployment).toContain("--features=rollout,workflow");
    expect(deployment).toContain('"replicas":1');
  });

  /** The example, in its first step. Returns its file, and the Deployment as it was before. */
  const beginRelease = async (): Promise<{ readonly path: string; readonly before: KubeObject }> => {
    const example = readFileSync(join(root, "examples/rollout.yaml"), "utf8").replaceAll("namespace: default", "namespace: shop");
    const path = cluster.file("rollout.yaml", example);
    await cluster.run("apply", "-f", path);
    await cluster.run("rollout", "status", "deployment/storefront", "--timeout=60s");
    await until(
      "the Deployment to be adopted",
      30_000,
      async () => (await read("deployment", "storefront")).metadata.labels?.["rollouts.kruise.io/workload-type"] !== undefined,
    );
    const before = await read("deployment", "storefront");
    await cluster.run("set", "image", "deployment/storefront", "storefront=registry.example.com/storefront:2.0.0");
    await until(
      "step 1 to pause",
      60_000,
      async () => ((await read("rollout", "storefront"))["status"] as { currentStepState?: string }).currentStepState === "StepPaused",
    );
    expect((await read("deployment", "storefront"))["spec"]).toMatchObject({ paused: true });
    return { path, before };
  };
  const expectGivenBack = async (before: KubeObject): Promise<void> => {
    await cluster.run("rollout", "status", "deployment/storefront", "--timeout=60s");
    const after = await read("deployment", "storefront");
    expect(JSON.parse(JSON.stringify(after["spec"]).replaceAll("storefront:2.0.0", "storefront:1.4.0"))).toEqual(before["spec"]);
    expect(after.metadata.labels).toEqual({ app: "storefront" });
    const annotations = Object.keys(after.metadata.annotations ?? {});
    expect(annotations.filter((name) => name.includes("kruise") || name.includes("slipway"))).toEqual([]);
    expect(await cluster.run("get", "deploy,svc,ing", "-o", "name")).toBe(
      "deployment.apps/storefront\nservice/storefront\ningress.networking.k8s.io/storefront\n",
    );
    const rollout = await read("rollout.v1beta1.rollouts.kruise.io", "storefront");
    expect(rollout.metadata.finalizers ?? []).toEqual([]);
    expect(rollout.metadata.annotations).not.toHaveProperty("slipway.dev/detach");
  };

  it("gives every workload back before the feature goes that holds it", { timeout: 180_000 }, async () => {
    const { path, before } = await beginRelease();
    expect((await slipway("upgrade", "--features", "workflow", "--no-wait")).err).toContain("leave out --no-wait");
    const rehearsed = await done("upgrade", "--features", "workflow", "--dry-run=server");
    expect(rehearsed).toContain("deployment shop/storefront: is held by a release (would be given back)");
    expect(rehearsed).toContain("clusterrole.rbac.authorization.k8s.io/slipway-rollout pruned (server dry run)");
    const upgrading = startSlipway("upgrade", "--features", "workflow", "--kubeconfig", cluster.kubeconfig);
    await upgrading.said("deployment.apps/slipway-manager configured\n");
    await endManager();
    await startManager("--features", "workflow");
    const { status, stdout, stderr } = await upgrading.ended;
    expect(`${status} ${stderr}`).toBe("0 ");
    expect(stdout).toMatch(/^waiting for rollout shop\/storefront: /);
    expect(stdout).toContain("clusterrole.rbac.authorization.k8s.io/slipway-rollout pruned\n");
    await expectGivenBack(before);
    await cluster.run("delete", "-f", path, "--timeout=30s");
    await endManager();
    await done("upgrade", "--features", "rollout,workflow");
    await startManager("--features", "rollout,workflow");
  });

  it("gives a workload back in the middle of a release, and leaves nothing", { timeout: 180_000 }, async () => {
    const { path, before } = await beginRelease();
    const out = await done("uninstall");
    expect(out).toContain("all workloads are given back");
    expect(out.at(-1)).toBe("slipway is uninstalled; its CRDs and your objects stay");
    await endManager();
    await expectGivenBack(before);
    expect(await installed()).toEqual([]);
    expect((await cluster.kubectl("get", "namespace", "slipway-system")).err).toContain("NotFound");
    const { items } = (await read("crd")) as unknown as { items: readonly { spec: { conversion?: { strategy: string } } }[] };
    expect(items.map(({ spec }) => spec.conversion?.strategy)).toEqual(items.map(() => "None"));
    await cluster.run("delete", "-f", path, "--timeout=30s");
    await done("uninstall", "--delete-crds");
    expect(await cluster.run("get", "crd", "-o", "name")).not.toMatch(/kruise|oam/);
  });

  it.skipIf(helm === undefined)(
    `removes what Helm installed, together with Helm${helm === undefined ? " (needs helm on PATH)" : ""}`,
    async () => {
      const release = ["slipway", "--namespace", "slipway-system", "--kubeconfig", cluster.kubeconfig];
      const run = async (...args: string[]): Promise<void> => {
        const { code, err } = await execute(helm ?? "", args);
        expect(`${code} ${err}`).toBe("0 ");
      };
      await run("install", ...release, join(root, "deploy/helm/slipway"), "--create-namespace", "--wait", "--timeout", "60s");
      const refused = await slipway("install");
      expect(refused.code).toBe(1);
      expect(refused.err).toContain("deployment.apps/slipway-manager: .metadata.labels.app.kubernetes.io/managed-by is owned by helm\n");
      expect((await slipway("uninstall")).err).toContain("slipway was installed by Helm in namespace slipway-system");
      await done("uninstall", "--only-restore");
      await run("uninstall", ...release, "--wait");
      await done("uninstall", "--delete-crds");
      expect(await installed()).toEqual([]);
      await cluster.run("delete", "namespace", "slipway-system");
    },
  );
});

function job(name: string, namespace: string): object {
  const containers = [{ name: "job", image: "registry.example.com/job:1" }];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace },
    spec: { template: { spec: { restartPolicy: "Never", containers } } },
  };
}
