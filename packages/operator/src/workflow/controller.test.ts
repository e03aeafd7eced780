import type { WorkflowRun } from "@slipway/api";
import type { ReconcileContext } from "@slipway/controller";
import { createFakeClient } from "@slipway/controller/testing";
import type { FakeClient } from "@slipway/controller/testing";
import type { KubeObject } from "@slipway/kube";
import { keyOf, resources } from "@slipway/kube";
import type { JsonObject, JsonValue } from "@slipway/std";
import { noTracer, silentLogger } from "@slipway/std";
import type { ActionRequest, StepLanguage, StepRun } from "@slipway/workflow";
import { resumeRun } from "@slipway/workflow";
import { describe, expect, it } from "vitest";
import { createWorkflowFeature } from "./feature.ts";
import { applications, stepDefinitions, workflowRuns, workflows } from "./kinds.ts";

const now = Date.UTC(2026, 0, 1);

/** Stands in for CUE: `object` applies the parameter and waits for data.ready; `call` makes one call. */
const language: StepLanguage = {
  run({ step, id, parameter, result }): StepRun {
    const base = { actions: [], keys: {}, variables: {}, output: () => ({ ok: false as const, message: "none" }) };
    const isCall = step.type === "call";
    const action: ActionRequest = {
      key: `${id}/do`,
      stepId: id,
      stepName: step.name ?? "",
      path: "do",
      mode: isCall ? "effect" : "apply",
      provider: isCall ? "test" : "kube",
      fn: isCall ? "call" : "apply",
      params: isCall ? {} : { value: parameter },
    };
    const found = result(action);
    if (found === undefined) return { ...base, state: "acting", actions: [action] };
    if (!found.ok) return { ...base, state: "error", message: found.message };
    if (isCall) return { ...base, state: "succeeded" };
    const object = (found.value as JsonObject)["value"] as unknown as KubeObject & { data?: { ready?: string } };
    if (object.data?.ready === "yes") return { ...base, state: "succeeded" };
    return { ...base, state: "waiting", waitingFor: { object: `ConfigMap default/${object.metadata.name ?? ""}`, condition: "ready" } };
  },
  condition: () => ({ ok: true, value: true }),
  parseVariables: () => undefined,
};

class World {
  readonly client: FakeClient = createFakeClient([], { resources: [workflowRuns, workflows, stepDefinitions, applications] });
  calls = 0;
  /** Of the process that looks now; undefined while none does. */
  process: AbortController | undefined;
  readonly #feature = createWorkflowFeature({
    language,
    shipped: { object: "", call: "" },
    handlers: {
      "test.call": (): Promise<JsonValue> => {
        this.calls++;
        return Promise.resolve({ called: true });
      },
    },
  });

  get run(): WorkflowRun {
    const [run] = this.client.objects<WorkflowRun>(workflowRuns);
    if (run === undefined) throw new Error("the run is gone");
    return run;
  }

  async create(): Promise<void> {
    const steps = [
      { name: "one", type: "call" },
      { name: "two", type: "object", properties: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "made" }, data: { a: "b" } } },
      { name: "three", type: "suspend" },
      { name: "four", type: "call" },
    ];
    const metadata = { name: "r", namespace: "default" };
    await this.client.create(workflowRuns, {
      apiVersion: "core.oam.dev/v1alpha1",
      kind: "WorkflowRun",
      metadata,
      spec: { workflowSpec: { steps } },
    });
  }

  async look(): Promise<void> {
    const { client } = this;
    this.process = new AbortController();
    const context: ReconcileContext = {
      client,
      clock: { now: () => now, setTimer: () => ({ cancel: () => undefined }), sleep: () => Promise.resolve() },
      log: silentLogger,
      tracer: noTracer,
      events: { event: () => undefined },
      signal: this.process.signal,
      cache: <T extends KubeObject>(resource: typeof workflowRuns) => ({
        resource,
        synced: true,
        get: (key: { namespace: string; name: string }) =>
          client.objects<T>(resource).find((each) => keyOf(each).name === key.name && keyOf(each).namespace === key.namespace),
        list: () => client.objects<T>(resource),
        byIndex: () => [],
      }),
    };
    await this.#feature.controllers[0]?.reconcile({ namespace: "default", name: "r" }, context);
  }

  /** Looks until nothing is written; a look that dies is made again, as by the next process. */
  async rest(): Promise<void> {
    for (let looks = 0; looks < 50; looks++) {
      const before = this.client.writes.length;
      try {
        await this.look();
      } catch (error) {
        if (!(error instanceof Error) || error.message !== "died") throw error;
        continue;
      } finally {
        this.process = undefined;
      }
      if (this.client.writes.length === before) return;
    }
    throw new Error("does not come to rest");
  }

  async toTheEnd(): Promise<void> {
    await this.rest();
    const key = { namespace: "default", name: "made" };
    await this.client.patch(resources.configMaps, key, { type: "merge", body: { data: { ready: "yes" } } });
    await this.rest();
    const resumed = resumeRun(this.run);
    if (!resumed.ok) throw new Error(resumed.message);
    const body = { status: resumed.status };
    await this.client.patch(workflowRuns, { namespace: "default", name: "r" }, { type: "merge", body }, { subresource: "status" });
    await this.rest();
  }

  /** What is left, without what the server counts. */
  end(): unknown {
    const objects = this.client.objects(resources.configMaps).map((object) => [object.metadata.name, object["data"]]);
    const { status } = this.run;
    return { status: { ...status, contextBackend: undefined }, objects, calls: this.calls };
  }
}

describe("a run on a cluster", () => {
  it("waits for the object, suspends, and succeeds; every effect once", async () => {
    const world = new World();
    await world.create();
    await world.rest();
    expect(world.run.status?.status).toBe("executing");
    expect(world.run.status?.slipway?.waitingFor).toMatchObject([{ step: "two", object: "ConfigMap default/made" }]);
    await world.toTheEnd();
    expect(world.run.status).toMatchObject({
      status: "succeeded",
      finished: true,
      conditions: [{ type: "WorkflowRun", reason: "Available" }],
    });
    expect(world.calls).toBe(2);
  });

  it("ends the same when the process dies after any one of its writes", async () => {
    const whole = new World();
    await whole.create();
    await whole.toTheEnd();
    const expected = whole.end();
    let deaths = 0;
    for (let at = 1; at < whole.client.writes.length; at++) {
      const world = new World();
      await world.create();
      let died = false;
      world.client.after(() => {
        if (died || world.process === undefined || world.client.writes.length !== at + 1) return;
        died = true;
        const reason = new Error("died");
        world.process.abort(reason);
        throw reason;
      });
      await world.toTheEnd();
      deaths += died ? 1 : 0;
      expect(world.end(), `died after write ${String(at)}`).toEqual(expected);
    }
    expect(deaths).toBeGreaterThan(5);
  });
});
