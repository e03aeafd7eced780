import { formatTimestamp } from "@slipway/std";
import { describe, expect, it } from "vitest";
import type { Pod } from "../kinds.ts";
import { podsToDelete } from "./victims.ts";

const now = Date.UTC(2026, 0, 10);

interface Traits {
  readonly node?: string;
  readonly phase?: string;
  readonly ready?: boolean;
  readonly cost?: string;
  readonly readyForMs?: number;
  readonly ageMs?: number;
  readonly restarts?: number;
}

function pod(name: string, traits: Traits = {}): Pod {
  const { node = "n1", phase = "Running", ready = true, readyForMs = 3_600_000, ageMs = 7_200_000, restarts = 0 } = traits;
  const lastTransitionTime = formatTimestamp(now - readyForMs);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      uid: name,
      creationTimestamp: formatTimestamp(now - ageMs),
      annotations: traits.cost === undefined ? {} : { "controller.kubernetes.io/pod-deletion-cost": traits.cost },
    },
    spec: node === "" ? {} : { nodeName: node },
    status: {
      phase,
      conditions: [{ type: "Ready", status: ready ? "True" : "False", lastTransitionTime }],
      containerStatuses: [{ name: "c", image: "", imageID: "", ready, started: true, restartCount: restarts, state: {}, lastState: {} }],
    },
  };
}

describe("the first pod to go is", () => {
  it.each([
    ["not on a node yet", pod("z", { node: "" }), pod("a", { phase: "Pending", ready: false })],
    ["pending before running", pod("z", { phase: "Pending", ready: false }), pod("a", { ready: false })],
    ["unready before ready, whatever it costs", pod("z", { ready: false, cost: "100" }), pod("a", { cost: "-100" })],
    ["cheaper, even if older", pod("z", { cost: "-1", readyForMs: 9e8 }), pod("a", { readyForMs: 1000 })],
    ["of cost 0 when its cost is no number", pod("z", { cost: "cheap" }), pod("a", { cost: "1" })],
    ["ready for a shorter time", pod("z", { readyForMs: 1000 }), pod("a", { readyForMs: 3_600_000 })],
    ["more often restarted", pod("z", { restarts: 3 }), pod("a", { restarts: 1 })],
    ["younger", pod("z", { ageMs: 3_700_000 }), pod("a", { ageMs: 360_000_000 })],
    ["the one with the lower UID when both are about as old", pod("a", { readyForMs: 3_600_000 }), pod("z", { readyForMs: 3_590_000 })],
  ])("%s", (_name, first, other) => {
    for (const order of [
      [first, other],
      [other, first],
    ]) {
      expect(podsToDelete(order, order, 1, now).map((victim) => victim.metadata.name)).toEqual([first.metadata.name]);
    }
  });

  it("on the node that carries most pods of the owner, before ready times count", () => {
    const pods = [pod("a", { node: "n1", readyForMs: 1000 }), pod("b", { node: "n2" })];
    const sibling = pod("sibling", { node: "n2" });
    expect(podsToDelete(pods, [...pods, sibling], 1, now).map((victim) => victim.metadata.name)).toEqual(["b"]);
  });
});
