import type { KubeObject } from "@slipway/kube";
import { apiError, resources } from "@slipway/kube";
import type { Logger } from "@slipway/std";
import { silentLogger } from "@slipway/std";
import { createVirtualClock } from "@slipway/std/node";
import { describe, expect, it } from "vitest";
import type { EventRecorderOptions } from "./events.ts";
import { createEventRecorder } from "./events.ts";
import { createFakeClient } from "./testing/index.ts";

const rollout: KubeObject = {
  apiVersion: "rollouts.kruise.io/v1beta1",
  kind: "Rollout",
  metadata: { namespace: "default", name: "web", uid: "u1", resourceVersion: "7" },
};
const never = new AbortController().signal;

function recording(extra: Partial<EventRecorderOptions> = {}) {
  const clock = createVirtualClock({ startMs: 1_767_225_600_000, settleMs: 1 });
  const client = createFakeClient();
  const options = { client, clock, logger: silentLogger, component: "slipway", activity: clock.activity, ...extra };
  const recorder = createEventRecorder(options);
  return { clock, client, recorder, options, recorded: () => client.objects(resources.events) };
}

describe("event recorder", () => {
  it("writes one Event and counts the equal ones on it", async () => {
    const { clock, recorder, recorded } = recording();
    recorder.event(rollout, "Normal", "Progressing", "step 1");
    await clock.settle();
    await clock.advance(60_000);
    recorder.event(rollout, "Normal", "Progressing", "step 1");
    recorder.event(rollout, "Normal", "Progressing", "step 1");
    recorder.event(rollout, "Normal", "Progressing", "step 2");
    await clock.settle();
    expect(recorded()).toHaveLength(2);
    const [event] = recorded().filter((object) => object["message"] === "step 1");
    expect(event).toMatchObject({
      metadata: { name: expect.stringMatching(/^web\.[0-9a-f]{16}$/) as string, namespace: "default" },
      involvedObject: { apiVersion: "rollouts.kruise.io/v1beta1", kind: "Rollout", namespace: "default", name: "web", uid: "u1" },
      type: "Normal",
      reason: "Progressing",
      source: { component: "slipway" },
      firstTimestamp: "2026-01-01T00:00:00Z",
      lastTimestamp: "2026-01-01T00:01:00Z",
      count: 3,
    });
  });

  it("counts on after a restart, and begins anew when the Event has expired", async () => {
    const { clock, client, recorder, options, recorded } = recording();
    recorder.event(rollout, "Warning", "Failed", "no");
    await recorder.stop(never);
    const next = createEventRecorder(options);
    next.event(rollout, "Warning", "Failed", "no");
    await clock.settle();
    expect(recorded().map((event) => event["count"])).toEqual([2]);
    await client.delete(resources.events, { namespace: "default", name: recorded()[0]?.metadata.name ?? "" });
    next.event(rollout, "Warning", "Failed", "no");
    await clock.settle();
    expect(recorded()).toHaveLength(1);
  });

  it("puts events about cluster-scoped objects into default, and fits long names and messages", async () => {
    const { clock, recorder, recorded } = recording();
    const name = "n".repeat(253);
    recorder.event({ apiVersion: "v1", kind: "Node", metadata: { name } }, "Normal", "Long", "x".repeat(5000));
    await clock.settle();
    const [event] = recorded();
    expect(event?.metadata.namespace).toBe("default");
    expect(event?.metadata.name).toHaveLength(253);
    expect(String(event?.["message"])).toHaveLength(1024);
  });

  it("never throws, logs what was not recorded, and stays within its bounds", async () => {
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) };
    const { clock, client, recorder, recorded } = recording({ logger, backlog: 10, memory: 20 });
    client.before(() => {
      throw apiError({ code: 403, message: "forbidden" });
    });
    recorder.event(rollout, "Normal", "Refused", "x");
    await clock.settle();
    expect(warnings).toEqual(["event not recorded"]);
    client.before(undefined);
    for (let i = 0; i < 100; i++) recorder.event(rollout, "Normal", "Many", `message ${i}`);
    await clock.settle();
    expect(recorded()).toHaveLength(10);
    expect(warnings).toContain("too many events wait; the oldest is dropped");
  });

  it("sends what waits before it stops, and takes nothing after", async () => {
    const { recorder, recorded } = recording();
    recorder.event(rollout, "Normal", "Last", "words");
    await recorder.stop(never);
    recorder.event(rollout, "Normal", "Too", "late");
    expect(recorded().map((event) => event["reason"])).toEqual(["Last"]);
  });

  it("combines similar events from the eleventh message on into one, with the latest message", async () => {
    const { clock, recorder, recorded } = recording();
    for (let i = 0; i < 14; i++) {
      recorder.event(rollout, "Normal", "Progressing", `pod ${i}`);
      await clock.settle();
    }
    recorder.event(rollout, "Normal", "Progressing", "pod 3");
    await clock.settle();
    const combined = recorded().filter((event) => String(event["message"]).startsWith("(combined"));
    expect(recorded()).toHaveLength(11);
    expect(combined).toMatchObject([{ message: "(combined from similar events): pod 13", count: 4 }]);
    await clock.advance(700_000);
    recorder.event(rollout, "Normal", "Progressing", "pod 14");
    await clock.settle();
    expect(recorded()).toHaveLength(12);
  });

  it("sends 25 events about an object, then one in five minutes, and loses no count; other objects are not held", async () => {
    const { clock, client, recorder, recorded } = recording();
    for (let i = 0; i < 40; i++) {
      recorder.event(rollout, "Warning", "Failed", "again");
      await clock.settle();
    }
    expect(client.writes).toHaveLength(25);
    recorder.event({ ...rollout, metadata: { ...rollout.metadata, name: "other", uid: "u2" } }, "Warning", "Failed", "again");
    await clock.settle();
    expect(client.writes).toHaveLength(26);
    await clock.advance(300_000);
    recorder.event(rollout, "Warning", "Failed", "again");
    await clock.settle();
    expect(client.writes).toHaveLength(27);
    expect(recorded().find(({ metadata }) => metadata.name?.startsWith("web"))).toMatchObject({ count: 41 });
  });
});
