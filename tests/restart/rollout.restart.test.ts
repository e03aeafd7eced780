import type { KubeObject } from "@slipway/kube";
import { isNotFound, parseYamlDocuments, resources } from "@slipway/kube";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { applyObject, approveRollout, rollouts } from "@slipway/cli";
import type { Scenario, World } from "./killed-run.ts";
import { run } from "./killed-run.ts";

const manifest = parseYamlDocuments(
  readFileSync(join(import.meta.dirname, "../../examples/rollout.yaml"), "utf8"),
  "rollout.yaml",
).objects.map((entry) => entry.object);
const key = { namespace: "default", name: "storefront" };
const nextImage = "registry.example.com/storefront:1.5.0";

interface RolloutStatus {
  readonly phase?: string;
  readonly currentStepIndex?: number;
  readonly currentStepState?: string;
}

const scenario: Scenario = {
  counted: [resources.deployments, resources.services, resources.ingresses],

  async nextUserAction(world): Promise<(() => Promise<void>) | undefined> {
    const missing = await firstMissing(world);
    if (missing !== undefined) return async () => void (await applyObject(world.client, missing, "default"));
    const deployment = await world.client.get(resources.deployments, key);
    const { phase, currentStepIndex, currentStepState } = await status(world);
    if (phase === "Healthy" && currentStepState === "Completed" && image(deployment) !== nextImage) {
      return async () => {
        await world.client.patch(resources.deployments, key, {
          type: "strategic",
          body: { spec: { template: { spec: { containers: [{ name: "storefront", image: nextImage }] } } } },
        });
      };
    }
    if (phase === "Progressing" && currentStepIndex === 1 && currentStepState === "StepPaused") {
      return async () => void (await approveRollout(world.client, key));
    }
    return undefined;
  },

  async finished(world): Promise<boolean> {
    const { phase, currentStepState } = await status(world);
    return (
      phase === "Healthy" && currentStepState === "Completed" && image(await world.client.get(resources.deployments, key)) === nextImage
    );
  },

  async snapshot(world): Promise<unknown> {
    const deployments = await world.client.list(resources.deployments, { namespace: "default" });
    const services = await world.client.list(resources.services, { namespace: "default" });
    const ingresses = await world.client.list(resources.ingresses, { namespace: "default" });
    const rollout = await world.client.get(rollouts, key).catch(() => undefined);
    return {
      deployments: deployments.items.map((item) => ({
        name: item.metadata.name,
        labels: item.metadata.labels,
        spec: item["spec"],
        ready: ready(item),
      })),
      services: services.items.map((item) => ({ name: item.metadata.name, spec: withoutAddress(item["spec"]) })),
      ingresses: ingresses.items.map((item) => ({ name: item.metadata.name, spec: item["spec"], annotations: item.metadata.annotations })),
      rollout: rollout === undefined ? undefined : timeless(rollout["status"]),
    };
  },
};

describe("the rollout of the examples", () => {
  it("ends the same, each effect once, when the manager is killed after every write", { timeout: 120_000 }, async () => {
    const undisturbed = await run(scenario, { kill: false, seed: 7 });
    const killed = await run(scenario, { kill: true, seed: 7 });
    expect(killed.end).toEqual(undisturbed.end);
    expect(killed.created).toEqual(undisturbed.created);
    expect(killed.created).toEqual([
      "Deployment/storefront",
      "Deployment/storefront-*",
      "Ingress/storefront",
      "Ingress/storefront-canary",
      "Service/storefront",
      "Service/storefront-canary",
    ]);
    expect(killed.deaths.length).toBeGreaterThan(30);
  });
});

async function firstMissing(world: World): Promise<KubeObject | undefined> {
  for (const object of manifest) {
    const resource = object.kind === "Rollout" ? rollouts : Object.values(resources).find((candidate) => candidate.kind === object.kind);
    if (resource === undefined) throw new Error(`unexpected kind ${object.kind}`);
    try {
      await world.client.get(resource, key);
    } catch (error) {
      if (isNotFound(error)) return object;
      throw error;
    }
  }
  return undefined;
}

async function status(world: World): Promise<RolloutStatus> {
  return ((await world.client.get(rollouts, key))["status"] ?? {}) as RolloutStatus;
}

function image(deployment: KubeObject): string | undefined {
  const spec = deployment["spec"] as { template: { spec: { containers: { image: string }[] } } };
  return spec.template.spec.containers[0]?.image;
}

function ready(object: KubeObject): unknown {
  const { readyReplicas, updatedReplicas } = object["status"] as { readyReplicas?: number; updatedReplicas?: number };
  return { readyReplicas, updatedReplicas };
}

function withoutAddress(spec: unknown): unknown {
  const { clusterIP: _ip, clusterIPs: _ips, ...rest } = spec as { clusterIP?: string; clusterIPs?: string[] };
  return rest;
}

/** Without times, and without generations: a killed process may need one more write to the same end. */
function timeless(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (name: string, item: unknown) => (/Time$|Generation$/.test(name) ? undefined : item))) as unknown;
}
