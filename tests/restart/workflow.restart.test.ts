import type { KubeObject } from "@slipway/kube";
import { isNotFound, parseYamlDocuments, resources } from "@slipway/kube";
import { applicationKind, resourceOf } from "@slipway/api";
import { applyObject, resumeWorkflow, workflowRuns } from "@slipway/cli";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Scenario, World } from "./killed-run.ts";
import { run } from "./killed-run.ts";

const manifest = parseYamlDocuments(
  readFileSync(join(import.meta.dirname, "../../examples/workflowrun.yaml"), "utf8"),
  "workflowrun.yaml",
).objects.map((entry) => entry.object);
const applications = resourceOf(applicationKind);
const key = { namespace: "default", name: "publish-shops" };

const scenario: Scenario = {
  counted: [applications, resources.deployments, resources.services, resources.configMaps],

  async nextUserAction(world): Promise<(() => Promise<void>) | undefined> {
    const missing = await firstMissing(world);
    if (missing !== undefined) return async () => void (await applyObject(world.client, missing, "default"));
    if ((await phase(world)) === "suspending") return async () => void (await resumeWorkflow(world.client, key));
    return undefined;
  },

  async finished(world): Promise<boolean> {
    return (await phase(world)) === "succeeded";
  },

  async snapshot(world): Promise<unknown> {
    const all = async (resource: typeof applications): Promise<KubeObject[]> =>
      (await world.client.list(resource, { namespace: "default" })).items;
    const workflowRun = await world.client.get(workflowRuns, key).catch(() => undefined);
    return {
      run: timeless(workflowRun?.["status"]),
      applications: (await all(applications)).map((each) => ({
        name: each.metadata.name,
        spec: each["spec"],
        status: timeless(each["status"]),
      })),
      deployments: (await all(resources.deployments)).map((each) => ({ name: each.metadata.name, spec: each["spec"] })),
      services: (await all(resources.services)).map((each) => each.metadata.name),
      variables: (await all(resources.configMaps))
        .filter((each) => each.metadata.name?.endsWith("-context"))
        .map((each) => (each["data"] as { vars?: string }).vars),
    };
  },
};

describe("the workflow of the examples", () => {
  it("ends the same, each effect once, when the manager is killed after every write", { timeout: 120_000 }, async () => {
    const undisturbed = await run(scenario, { kill: false, seed: 3 });
    const killed = await run(scenario, { kill: true, seed: 3 });
    expect(killed.end).toEqual(undisturbed.end);
    expect(killed.created).toEqual(undisturbed.created);
    expect(killed.created).toEqual([
      "Application/second-shop",
      "Application/shop",
      "ConfigMap/publish-shops-*-debug",
      "ConfigMap/publish-shops-*-debug",
      "ConfigMap/publish-shops-*-debug",
      "ConfigMap/second-shop",
      "ConfigMap/workflow-publish-shops-context",
      "Deployment/second-shop-web",
      "Deployment/shop-web",
      "Service/second-shop-web",
      "Service/shop-web",
    ]);
    expect(killed.deaths.length).toBeGreaterThan(15);
  });
});

async function firstMissing(world: World): Promise<KubeObject | undefined> {
  for (const object of manifest) {
    const resource = object.kind === "WorkflowRun" ? workflowRuns : resources.configMaps;
    try {
      await world.client.get(resource, { namespace: "default", name: object.metadata.name ?? "" });
    } catch (error) {
      if (isNotFound(error)) return object;
      throw error;
    }
  }
  return undefined;
}

async function phase(world: World): Promise<string | undefined> {
  return ((await world.client.get(workflowRuns, key))["status"] as { status?: string } | undefined)?.status;
}

/** Without times, and without what names an object of this run only. */
function timeless(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null, (name: string, item: unknown) => (/Time$|^since$|^deadline$|^uid$|^id$/.test(name) ? undefined : item)),
  ) as unknown;
}
