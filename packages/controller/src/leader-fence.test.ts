import { resources } from "@slipway/kube";
import type { AppError } from "@slipway/std";
import { createSeededRandom, silentLogger } from "@slipway/std";
import { createVirtualClock } from "@slipway/std/node";
import fc from "fast-check";
import { expect, it } from "vitest";
import { gateWrites } from "./gate-writes.ts";
import type { LeaderElector } from "./leader-election.ts";
import { createLeaderElector } from "./leader-election.ts";
import { createMonotonicClock } from "./node/monotonic-clock.ts";
import { createFakeClient } from "./testing/index.ts";
import type { PausableProcess } from "./testing/pausable-process.ts";
import { createPausableProcess } from "./testing/pausable-process.ts";

interface Candidate {
  readonly elector: LeaderElector;
  readonly process: PausableProcess;
  readonly crash: AbortController;
  readonly skew: { ms: number };
  write(): Promise<unknown>;
}

it("never lets two processes write, whichever stands still, has its clock set, or dies; in the end one leads", async () => {
  const step = fc.record({
    who: fc.nat(2),
    what: fc.constantFrom("pause", "resume", "crash", "set clock", "come"),
    skewMs: fc.integer({ min: -7_200_000, max: 20_000 }),
    waitMs: fc.integer({ min: 0, max: 30_000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 20 }), async (steps) => {
      const clock = createVirtualClock({ startMs: 1e12, settleMs: 0 });
      const client = createFakeClient([], { clock });
      const all: Candidate[] = [];
      const come = (): void => {
        const process = createPausableProcess(client, clock);
        const crash = new AbortController();
        const skew = { ms: 0 };
        const own = createMonotonicClock({ wall: () => clock.now() + skew.ms, monotonic: () => clock.now() });
        const elector = createLeaderElector({
          client: process.client,
          clock: { ...process.clock, now: () => own.now() },
          elapsedMs: () => clock.now(),
          logger: silentLogger,
          random: createSeededRandom(all.length + 1),
          namespace: "slipway",
          name: "manager",
          identity: `r${all.length}`,
        });
        // What a process that wakes does first, before any of its timers: the write that it was about to send.
        const gated = gateWrites(client, () => elector.refusal());
        const write = (): Promise<unknown> =>
          gated.create(resources.configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "a", generateName: "w-" } });
        all.push({ elector, process, crash, skew, write });
        elector.start(crash.signal);
      };
      come();
      come();
      for (const { who, what, skewMs, waitMs } of steps) {
        // To stop the one that leads is what matters most.
        const leader = what === "pause" ? all.find(({ elector }) => elector.holds()) : undefined;
        const one = leader ?? all[all.length - 1 - (who % all.length)];
        if (what === "pause") one?.process.pause();
        else if (what === "resume") one?.process.resume();
        else if (what === "crash") one?.crash.abort();
        else if (what === "set clock" && one !== undefined) one.skew.ms = skewMs;
        else if (all.length < 6) come();
        for (let passedMs = 0; passedMs < waitMs; passedMs += 700) {
          await clock.advance(700);
          const answers = await Promise.all(
            all.map((candidate) =>
              candidate.write().then(
                () => undefined,
                (error: unknown) => error,
              ),
            ),
          );
          const wrote = answers.filter(
            (error) => error === undefined || !["NOT_LEADER", "LEADERSHIP_LOST", "STOPPED"].includes((error as AppError).code),
          );
          expect(wrote.length).toBeLessThanOrEqual(1);
        }
      }
      for (const { process } of all) process.resume();
      come();
      await clock.advance(40_000);
      expect(all.filter(({ elector }) => elector.holds())).toHaveLength(1);
      const [leader] = all.filter(({ elector }) => elector.holds());
      await expect(leader?.write()).resolves.toBeDefined();
      for (const { crash } of all) crash.abort();
    }),
    { numRuns: 60 },
  );
}, 60_000);
