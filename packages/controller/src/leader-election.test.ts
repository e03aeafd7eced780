import type { KubeClient } from "@slipway/kube";
import { apiError, resources } from "@slipway/kube";
import { createSeededRandom, silentLogger } from "@slipway/std";
import type { VirtualClock } from "@slipway/std/node";
import { createVirtualClock } from "@slipway/std/node";
import { describe, expect, it } from "vitest";
import { gateWrites } from "./gate-writes.ts";
import type { LeaderElector } from "./leader-election.ts";
import { createLeaderElector } from "./leader-election.ts";
import { createFakeClient } from "./testing/index.ts";

const lease = { namespace: "slipway", name: "manager" };
const candidate = (client: KubeClient, clock: VirtualClock, identity: string): LeaderElector => {
  const elector = createLeaderElector({ client, clock, logger: silentLogger, random: createSeededRandom(1), identity, ...lease });
  elector.start(new AbortController().signal);
  return elector;
};
const holder = async (client: KubeClient): Promise<unknown> =>
  ((await client.get(resources.leases, lease))["spec"] as { holderIdentity: string }).holderIdentity;

describe("leader election", () => {
  it("gives one of two candidates the lease, renews it, and hands over at once on release", async () => {
    const clock = createVirtualClock({ startMs: 1e12, settleMs: 0 });
    const client = createFakeClient([], { clock });
    const first = candidate(client, clock, "a");
    expect(await first.firstAttempt()).toBe(true);
    const second = candidate(client, clock, "b");
    expect(await second.firstAttempt()).toBe(false);
    await clock.advance(60_000);
    expect([first.holds(), second.holds()]).toEqual([true, false]);
    expect(client.objects(resources.leases)[0]?.["spec"]).toMatchObject({
      holderIdentity: "a",
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
      acquireTime: "2001-09-09T01:46:40.000000Z",
      renewTime: "2001-09-09T01:47:40.000000Z",
    });
    await first.stop();
    expect([first.holds(), first.lost.aborted]).toEqual([false, true]);
    await clock.advance(2500);
    expect(second.holds()).toBe(true);
    expect(await holder(client)).toBe("b");
    await second.stop();
  });

  it("lets a crashed leader's lease expire before another takes it", async () => {
    const clock = createVirtualClock({ startMs: 1e12, settleMs: 0 });
    const client = createFakeClient([], { clock });
    const first = candidate(client, clock, "a");
    await first.acquired();
    const second = candidate(client, clock, "b");
    await clock.advance(4000);
    await first.stop({ release: false });
    await clock.advance(13_000);
    expect(second.holds()).toBe(false);
    await clock.advance(4500);
    expect(second.holds()).toBe(true);
    await second.stop();
  });

  it("fences a leader whose process stood still: it cannot write when it wakes, and never leads again", async () => {
    const clock = createVirtualClock({ startMs: 1e12, settleMs: 0 });
    const client = createFakeClient();
    // While it is frozen its clock moves on and none of its timers run.
    let sleptMs = 0;
    const own = createVirtualClock({ startMs: 1e12, settleMs: 0 });
    const first = candidate(client, { ...own, now: () => own.now() + sleptMs }, "a");
    await first.acquired();
    const gated = gateWrites(client, () => first.refusal());
    const second = candidate(client, clock, "b");
    await second.firstAttempt();
    await clock.advance(20_000);
    expect([second.holds(), await holder(client)]).toEqual([true, "b"]);
    sleptMs = 20_000;
    const late = gated.delete(resources.leases, lease);
    await expect(late).rejects.toMatchObject({ code: "LEADERSHIP_LOST" });
    expect(first.lost.aborted).toBe(true);
    await own.advance(60_000);
    expect([first.holds(), await holder(client)]).toEqual([false, "b"]);
    await second.stop();
  });

  it("gives up leadership before the lease can be taken when the API server cannot be reached", async () => {
    const clock = createVirtualClock({ startMs: 1e12, settleMs: 0 });
    const client = createFakeClient([], { clock });
    const leader = candidate(client, clock, "a");
    await leader.acquired();
    client.before(() => {
      throw apiError({ code: 500, message: "down" });
    });
    await clock.advance(9900);
    expect(leader.holds()).toBe(true);
    await clock.advance(100);
    expect([leader.holds(), leader.lost.aborted]).toEqual([false, true]);
    client.before(undefined);
    await clock.advance(60_000);
    expect(leader.holds()).toBe(false);
  });

  it("keeps the lease while every second answer is lost, also of renewals that were carried out", async () => {
    const clock = createVirtualClock({ startMs: 1e12, settleMs: 0 });
    const client = createFakeClient([], { clock });
    const random = createSeededRandom(7);
    const leader = candidate(client, clock, "a");
    await leader.acquired();
    const lose = (): Promise<void> => (random.next() < 0.5 ? Promise.reject(new Error("connection reset")) : Promise.resolve());
    client.after(lose);
    await clock.advance(600_000);
    expect([leader.holds(), leader.lost.aborted]).toEqual([true, false]);
    await leader.stop({ release: false });
  });

  it("counts a renewal from when it began, not from when the answer came", async () => {
    const clock = createVirtualClock({ startMs: 1e12, settleMs: 0 });
    const client = createFakeClient([], { clock });
    const leader = candidate(client, clock, "a");
    await leader.acquired();
    let slow = true;
    client.before(async (request) => {
      if (!slow || request.verb !== "replace") return;
      slow = false;
      await clock.sleep(7000, new AbortController().signal);
    });
    await clock.advance(2000 + 7000);
    expect(leader.holds()).toBe(true);
    client.before(() => {
      throw apiError({ code: 500, message: "down" });
    });
    // The renewal began at 2 s: leadership ends at 12 s, although the answer came at 9 s.
    await clock.advance(2999);
    expect(leader.holds()).toBe(true);
    await clock.advance(1);
    expect(leader.holds()).toBe(false);
  });

  it("says at once what is missing when the lease can never be written, but only at first", async () => {
    const clock = createVirtualClock({ startMs: 1e12, settleMs: 0 });
    const client = createFakeClient([], { clock });
    const refuse = (code: number, message: string): void =>
      client.before(({ verb }) => {
        if (verb !== "get") throw apiError({ code, reason: code === 404 ? "NotFound" : "Forbidden", message });
      });
    refuse(404, 'namespaces "slipway" not found');
    await expect(candidate(client, clock, "a").firstAttempt()).rejects.toMatchObject({
      code: "LEASE_REFUSED",
      message: 'cannot take lease slipway/manager: namespaces "slipway" not found; create namespace slipway or choose another',
    });
    client.before(undefined);
    const leader = candidate(client, clock, "b");
    await leader.acquired();
    refuse(403, "forbidden for a moment");
    await clock.advance(4000);
    client.before(undefined);
    await clock.advance(20_000);
    expect(leader.holds()).toBe(true);
    await leader.stop();
  });

  it("notices that the lease was taken by force", async () => {
    const clock = createVirtualClock({ startMs: 1e12, settleMs: 0 });
    const client = createFakeClient([], { clock });
    const leader = candidate(client, clock, "a");
    await leader.acquired();
    await client.patch(resources.leases, lease, { type: "merge", body: { spec: { holderIdentity: "x" } } });
    await clock.advance(2000);
    expect(leader.lost.reason).toMatchObject({ code: "LEADERSHIP_LOST" });
    expect(await holder(client)).toBe("x");
  });

  it("has at most one holder at any instant, whatever fails and however long", async () => {
    const clock = createVirtualClock({ startMs: 1e12, settleMs: 0 });
    const client = createFakeClient([], { clock });
    const random = createSeededRandom(7);
    const down = new Set<string>();
    const through = (name: string): KubeClient =>
      gateWrites(client, () => (down.has(name) ? apiError({ code: 500, message: "down" }) : undefined));
    let electors: { name: string; elector: LeaderElector }[] = [];
    let started = 0;
    for (let round = 0; round < 100; round++) {
      electors = electors.filter(({ elector }) => !elector.lost.aborted);
      while (electors.length < 3) {
        const name = `p${started++}`;
        electors.push({ name, elector: candidate(through(name), clock, name) });
      }
      for (const { name } of electors) if (random.next() < 0.3) down.add(name);
      for (let i = 0; i < 8; i++) {
        await clock.advance(500 + random.next() * 500);
        expect(electors.filter(({ elector }) => elector.holds()).length).toBeLessThanOrEqual(1);
      }
      for (const name of [...down]) if (random.next() < 0.5) down.delete(name);
    }
    // The lease went from hand to hand, or nothing was tried.
    expect(client.objects(resources.leases)[0]?.["spec"]).toMatchObject({
      leaseTransitions: expect.toSatisfy((count: number) => count > 5) as number,
    });
    await Promise.all(electors.map(({ elector }) => elector.stop()));
  });
});
