/** A cluster with the manager on it, and runs of single steps: what the tests of step definitions stand on. */
import type { StepStatus, WorkflowRun, WorkflowStep } from "@slipway/api";
import { resourceOf, workflowRunKind, workflowStepDefinitionKind } from "@slipway/api";
import type { KubeClient, KubeObject } from "@slipway/kube";
import { isNotFound, parseApiVersion, resources } from "@slipway/kube";
import { createHttpClient, parseKubeconfig, resolveKubeconfig } from "@slipway/kube/node";
import type { RunningManager } from "@slipway/manager";
import { startManager } from "@slipway/manager";
import type { TestSandbox } from "@slipway/sandbox/testing";
import { createTestSandbox } from "@slipway/sandbox/testing";
import type { LogFields, Logger } from "@slipway/std";
import { createSeededRandom } from "@slipway/std";
import { realClock } from "@slipway/std/node";

export const workflowRuns = resourceOf(workflowRunKind);
const stepDefinitions = resourceOf(workflowStepDefinitionKind);

export interface World {
  readonly sandbox: TestSandbox;
  readonly client: KubeClient;
  /** Lines of the manager, as JSON. */
  readonly logged: readonly string[];
  /** Makes a definition of the cluster. */
  define(type: string, template: string): Promise<void>;
  /** Creates a run of these steps and lets `ms` of the cluster's time pass (default 2 s). */
  start(name: string, steps: readonly Partial<WorkflowStep>[], options?: { readonly ms?: number; readonly debug?: boolean }): Promise<Run>;
  /** Creates what is not there, and merges into what is. */
  apply(...objects: readonly object[]): Promise<void>;
  get(apiVersion: string, kind: string, name: string, namespace?: string): Promise<KubeObject>;
  /** Nothing when it is not there. */
  find(apiVersion: string, kind: string, name: string, namespace?: string): Promise<KubeObject | undefined>;
  /** Writes the status of an object, as its own controller would. */
  setStatus(apiVersion: string, kind: string, name: string, status: object, namespace?: string): Promise<void>;
  /** Everything of a run that people or other programs can read: status, events, ConfigMaps, log. */
  told(run: string): Promise<string>;
  stop(): Promise<void>;
}

export interface Run {
  /** `.status.status`. */
  phase(): Promise<string>;
  /** The phase, and of each step that did not succeed what it says. */
  outcome(): Promise<string>;
  step(name: string): Promise<StepStatus>;
  /** Text of a variable, as JSON. */
  variable(name: string): Promise<unknown>;
}

export async function createWorld(): Promise<World> {
  const sandbox = await createTestSandbox();
  const client = createHttpClient(resolveKubeconfig(parseKubeconfig(sandbox.kubeconfig)), {
    clock: realClock,
    activity: sandbox.clock.activity,
  });
  const logged: string[] = [];
  const manager: RunningManager = await startManager({
    client,
    clock: sandbox.clock,
    leaseClock: realClock,
    random: createSeededRandom(11),
    activity: sandbox.clock.activity,
    logger: keepingLogger(logged, {}),
    leaderElection: false,
    metricsPort: false,
    healthPort: false,
  });
  const resourceFor = async (apiVersion: string, kind: string): ReturnType<KubeClient["resourceFor"]> =>
    await client.resourceFor({ ...parseApiVersion(apiVersion), kind });
  const get = async (apiVersion: string, kind: string, name: string, namespace = "default"): Promise<KubeObject> => {
    const resource = await resourceFor(apiVersion, kind);
    if (resource === undefined) throw new Error(`no ${kind} of ${apiVersion}`);
    return await client.get(resource, { namespace: resource.namespaced ? namespace : "", name });
  };
  const runOf = async (name: string): Promise<WorkflowRun> => await client.get<WorkflowRun>(workflowRuns, { namespace: "default", name });
  return {
    sandbox,
    client,
    logged,
    async define(type, template): Promise<void> {
      await client.create(stepDefinitions, {
        apiVersion: "core.oam.dev/v1beta1",
        kind: "WorkflowStepDefinition",
        metadata: { name: type, namespace: "default" },
        spec: { schematic: { cue: { template } } },
      });
    },
    async start(name, steps, { ms = 2000, debug = false } = {}): Promise<Run> {
      await client.create(workflowRuns, {
        apiVersion: "core.oam.dev/v1alpha1",
        kind: "WorkflowRun",
        metadata: { name, namespace: "default", ...(debug ? { annotations: { "workflowrun.oam.dev/debug": "true" } } : {}) },
        spec: { workflowSpec: { steps } },
      });
      await sandbox.advance(ms);
      return {
        phase: async () => (await runOf(name)).status?.status ?? "",
        async outcome(): Promise<string> {
          const { status } = await runOf(name);
          const steps = (status?.steps ?? []).flatMap((each) => [each, ...(each.subSteps ?? [])]);
          const told = steps.filter(({ phase }) => phase !== "succeeded" && phase !== "skipped");
          const lines = told.map((each) => `${each.name ?? ""} ${each.phase ?? ""} ${each.reason ?? ""}: ${each.message ?? ""}`);
          const waits = (status?.slipway?.waitingFor ?? []).map(({ condition }) => condition);
          return [status?.status, ...lines, ...waits].join("\n");
        },
        async step(step): Promise<StepStatus> {
          const steps = (await runOf(name)).status?.steps ?? [];
          const found = steps.flatMap((each) => [each, ...(each.subSteps ?? [])]).find((each) => each.name === step);
          if (found === undefined) throw new Error(`run ${name} has no step ${step} yet`);
          return found;
        },
        async variable(variable): Promise<unknown> {
          const { data } = (await get("v1", "ConfigMap", `workflow-${name}-context`)) as KubeObject & { data: { vars: string } };
          return (JSON.parse(`{${data.vars.split("\n").join(",")}}`) as Record<string, unknown>)[variable];
        },
      };
    },
    async apply(...objects): Promise<void> {
      for (const object of objects) await sandbox.applyYaml(JSON.stringify(object));
    },
    get,
    async find(...where): Promise<KubeObject | undefined> {
      try {
        return await get(...where);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async setStatus(apiVersion, kind, name, status, namespace = "default"): Promise<void> {
      const resource = await resourceFor(apiVersion, kind);
      if (resource === undefined) throw new Error(`no ${kind} of ${apiVersion}`);
      await client.patch(resource, { namespace, name }, { type: "merge", body: { status } }, { subresource: "status" });
    },
    async told(name): Promise<string> {
      const maps = (await client.list(resources.configMaps, { namespace: "default" })).items.filter((each) =>
        each.metadata.ownerReferences?.some((owner) => owner.kind === "WorkflowRun" && owner.name === name),
      );
      const events = (await client.list(resources.events, { namespace: "default" })).items;
      return JSON.stringify([(await runOf(name)).status, maps, events, logged]);
    },
    async stop(): Promise<void> {
      await manager.stop({ abrupt: true });
      await client.close();
      await sandbox.stop();
    },
  };
}

function keepingLogger(lines: string[], fields: LogFields): Logger {
  const keep = (message: string, more: LogFields = {}): void => void lines.push(JSON.stringify({ message, ...fields, ...more }));
  return { error: keep, warn: keep, info: keep, debug: keep, child: (more) => keepingLogger(lines, { ...fields, ...more }) };
}
