/** The shipped rights: no wider than needed, and enough for everything that the examples do. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { resourceOf, rolloutKind } from "@slipway/api";
import { applyObject, resumeWorkflow } from "@slipway/cli";
import type { FeatureName, PolicyRule } from "@slipway/install";
import { defaultOptions, featureNames, manifests } from "@slipway/install";
import type { KubeClient, KubeObject } from "@slipway/kube";
import { parseYamlDocuments, resources } from "@slipway/kube";
import { createHttpClient, parseKubeconfig, resolveKubeconfig } from "@slipway/kube/node";
import type { RunningManager } from "@slipway/manager";
import { startManager } from "@slipway/manager";
import { createApplicationFeature, createRolloutFeature, createWorkflowFeature } from "@slipway/operator";
import type { TestSandbox } from "@slipway/sandbox/testing";
import { createTestSandbox } from "@slipway/sandbox/testing";
import { createSeededRandom } from "@slipway/std";
import { realClock } from "@slipway/std/node";
import type { AuthorizingClient } from "./authorizing-client.ts";
import { createAuthorizingClient } from "./authorizing-client.ts";

const objects = manifests(defaultOptions);
const rulesOf = (object: KubeObject): readonly PolicyRule[] => (object["rules"] ?? []) as readonly PolicyRule[];
const roles = objects.filter(({ kind }) => kind === "ClusterRole" || kind === "Role");

describe("the shipped roles", () => {
  it("name every group, resource and verb, and give away no rights", () => {
    expect(roles.map(({ metadata }) => metadata.name).sort()).toEqual([
      "slipway-application",
      "slipway-application-extra",
      "slipway-manager",
      "slipway-manager",
      "slipway-rollout",
      "slipway-workflow",
      "slipway-workflow-extra",
    ]);
    for (const rule of roles.flatMap(rulesOf)) {
      const words = [...rule.apiGroups, ...rule.resources, ...rule.verbs];
      expect(words.filter((word) => word.includes("*") || ["escalate", "bind", "impersonate"].includes(word))).toEqual([]);
      expect(rule.apiGroups).not.toContain("rbac.authorization.k8s.io");
    }
  });

  it("are the only ones bound, each to the manager's service account alone", () => {
    const bindings = objects.filter(({ kind }) => kind.endsWith("Binding"));
    for (const binding of bindings) {
      const { kind, name } = binding["roleRef"] as { kind: string; name: string };
      expect(roles.some((role) => role.kind === kind && role.metadata.name === name)).toBe(true);
      expect(binding["subjects"]).toEqual([{ kind: "ServiceAccount", name: "slipway-manager", namespace: "slipway-system" }]);
    }
    expect(bindings).toHaveLength(roles.length);
  });

  it("let nobody read Secrets but the one of the certificates", () => {
    const secrets = roles.flatMap((role) => rulesOf(role).map((rule) => ({ role: role.kind, rule })));
    expect(secrets.filter(({ rule }) => rule.resources.includes("secrets"))).toEqual([
      { role: "Role", rule: { apiGroups: [""], resources: ["secrets"], verbs: ["create"] } },
      {
        role: "Role",
        rule: { apiGroups: [""], resources: ["secrets"], verbs: ["get", "update"], resourceNames: ["slipway-webhook-certificates"] },
      },
    ]);
  });

  it("grant each feature list and watch of what it watches", () => {
    const features = [createRolloutFeature(), createWorkflowFeature(), createApplicationFeature()];
    expect(features.map(({ name }) => name)).toEqual(featureNames);
    for (const { name, controllers } of features) {
      const granted = roles.filter(({ metadata }) => metadata.name === `slipway-${name}`).flatMap(rulesOf);
      for (const { resource } of controllers.flatMap((controller) => controller.watches)) {
        const verbs = granted
          .filter((rule) => rule.apiGroups.includes(resource.group) && rule.resources.includes(resource.plural))
          .flatMap((rule) => rule.verbs);
        expect(verbs, `${name}: ${resource.plural}`).toEqual(expect.arrayContaining(["list", "watch"]));
      }
    }
  });

  it("shrink with the features", () => {
    const names = (features: FeatureName[]): unknown[] =>
      manifests({ ...defaultOptions, features })
        .filter(({ kind }) => kind === "ClusterRole")
        .map(({ metadata }) => metadata.name);
    expect(names(["rollout"])).toEqual(["slipway-manager", "slipway-rollout"]);
    expect(names(["workflow"])).toEqual(["slipway-manager", "slipway-workflow", "slipway-workflow-extra"]);
  });
});

/** What one process does not do that comes up once and goes through undisturbed. */
const unusedHere: Readonly<Record<string, string>> = {
  "create secrets": "the certificate is shared with --webhook-service only",
  "get secrets (named)": "the same",
  "update secrets (named)": "the same",
  "list coordination.k8s.io/leases": "shards, of several replicas",
  "update coordination.k8s.io/leases": "a lease is renewed while time passes",
  "delete coordination.k8s.io/leases": "leases of replicas that ended",
  "get events": "an event of before a restart",
  "patch events": "an event that comes again",
  "get services": "a component's Service that is there already",
  "get apps/deployments": "a Deployment that is there already; step apply-deployment",
  "patch core.oam.dev/applications": "step apply-app for an Application that is there already",
  "update admissionregistration.k8s.io/mutatingwebhookconfigurations (named)": "here they are created",
  "update admissionregistration.k8s.io/validatingwebhookconfigurations (named)": "the same",
  "get rollouts.kruise.io/rollouts": "the API server asks for it when an admission policy is made; none is served here",
  "watch apiextensions.k8s.io/customresourcedefinitions": "a CRD that is not established at once",
};

describe("a manager with the shipped rights", () => {
  let sandbox: TestSandbox;
  let user: KubeClient;
  let manager: RunningManager | undefined;
  let authorized: AuthorizingClient;

  async function start(): Promise<void> {
    sandbox = await createTestSandbox();
    user = createHttpClient(resolveKubeconfig(parseKubeconfig(sandbox.kubeconfig)), {
      clock: realClock,
      activity: sandbox.clock.activity,
    });
    for (const object of objects) {
      if (object.kind === "CustomResourceDefinition" || object.kind === "Namespace") await applyObject(user, object, "default");
    }
    authorized = createAuthorizingClient(user, objects);
    manager = await startManager({
      client: authorized.client,
      clock: sandbox.clock,
      leaseClock: realClock,
      random: createSeededRandom(5),
      activity: sandbox.clock.activity,
      metricsPort: false,
      healthPort: false,
    });
  }

  afterEach(async () => {
    await manager?.stop();
    await user.close();
    await sandbox.stop();
  });

  async function apply(example: string): Promise<void> {
    const path = join(import.meta.dirname, "../../examples", example);
    for (const { object } of parseYamlDocuments(readFileSync(path, "utf8"), example).objects) await applyObject(user, object, "default");
    await sandbox.advance(10_000);
  }

  async function release(): Promise<void> {
    const key = { namespace: "default", name: "storefront" };
    const rollouts = resourceOf(rolloutKind);
    const container = { name: "storefront", image: "registry.example.com/storefront:2.0.0" };
    await user.patch(resources.deployments, key, {
      type: "strategic",
      body: { spec: { template: { spec: { containers: [container] } } } },
    });
    await sandbox.advance(20_000);
    for (let step = 1; step <= 4; step++) {
      const body = { status: { canaryStatus: { currentStepState: "StepReady" } } };
      await user.patch(rollouts, key, { type: "merge", body }, { subresource: "status" });
      await sandbox.advance(60_000);
    }
    expect((await user.get(rollouts, key))["status"]).toMatchObject({ phase: "Healthy", canaryStatus: { currentStepState: "Completed" } });
    await user.delete(rollouts, key);
    await sandbox.advance(10_000);
    expect((await user.list(rollouts)).items).toEqual([]);
  }

  it("runs a release and a workflow to the end, and every right is used but the listed ones", { timeout: 60_000 }, async () => {
    await start();
    await apply("rollout.yaml");
    await release();
    await apply("workflowrun.yaml");
    await resumeWorkflow(user, { namespace: "default", name: "publish-shops" });
    await sandbox.advance(30_000);
    const run = await user.get(
      { group: "core.oam.dev", version: "v1alpha1", kind: "WorkflowRun", plural: "workflowruns", namespaced: true },
      { namespace: "default", name: "publish-shops" },
    );
    expect(run["status"]).toMatchObject({ status: "succeeded" });
    expect([...authorized.denied]).toEqual([]);
    // Admission policies are not served here; tests/cluster/absent.cluster.test.ts has them.
    const unused = authorized.unused().filter((each) => !each.includes("/mutatingadmissionpolic"));
    expect(unused).toEqual(Object.keys(unusedHere).sort());
  });
});
