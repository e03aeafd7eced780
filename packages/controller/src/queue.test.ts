import { createActivity, createVirtualClock } from "@slipway/std/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createWorkQueue } from "./queue.ts";

const newClock = (): ReturnType<typeof createVirtualClock> => createVirtualClock({ startMs: 0, settleMs: 0 });

describe("work queue", () => {
  it("hands out a key once, in order, however often it was added", async () => {
    const queue = createWorkQueue({ clock: newClock() });
    for (const key of ["a", "b", "a", "a"]) queue.add(key);
    expect([await queue.take(), await queue.take(), queue.length]).toEqual(["a", "b", 0]);
  });

  it("gives each namespace a turn: ten thousand keys of one do not starve another's one", async () => {
    const queue = createWorkQueue({ clock: newClock() });
    for (let i = 0; i < 10_000; i++) queue.add(`big/${i}`);
    queue.add("small/a");
    queue.add("node");
    queue.add("small/b");
    const taken: (string | undefined)[] = [];
    for (let i = 0; i < 6; i++) taken.push(await queue.take());
    expect(taken).toEqual(["big/0", "small/a", "node", "big/1", "small/b", "big/2"]);
    expect(queue.length).toBe(10_003 - 6);
  });

  it("adds after a delay longer than 2^31-1 ms no sooner", async () => {
    const clock = newClock();
    const queue = createWorkQueue({ clock });
    queue.addAfter("a", 2 ** 31 + 5000);
    await clock.advance(2 ** 31);
    expect(queue.length).toBe(0);
    await clock.advance(5000);
    expect(queue.length).toBe(1);
  });

  it("keeps a key added during processing for afterwards, and gives it to nobody before", async () => {
    const queue = createWorkQueue({ clock: newClock() });
    queue.add("a");
    await queue.take();
    queue.add("a");
    expect(queue.length).toBe(0);
    const next = queue.take();
    queue.finish("a");
    expect(await next).toBe("a");
  });

  it("adds after a delay on the clock; the earliest wins", async () => {
    const clock = newClock();
    const queue = createWorkQueue({ clock });
    queue.addAfter("a", 1000);
    queue.addAfter("a", 300);
    queue.addAfter("a", 2000);
    await clock.advance(299);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(await queue.take()).toBe("a");
    queue.finish("a");
    await clock.advance(5000);
    expect(queue.length).toBe(0);
  });

  it("backs off 5 ms, doubling to the cap, and starts anew after forget", () => {
    const queue = createWorkQueue({ clock: newClock(), maxDelayMs: 60 });
    expect([1, 2, 3, 4, 5, 6].map(() => queue.addRateLimited("a"))).toEqual([5, 10, 20, 40, 60, 60]);
    expect(queue.failures("a")).toBe(6);
    queue.forget("a");
    expect(queue.addRateLimited("a")).toBe(5);
    expect(queue.addRateLimited("b")).toBe(5);
  });

  it("drains on shutdown: what is ready is handed out, what is delayed is dropped, what comes later is refused", async () => {
    const clock = newClock();
    const queue = createWorkQueue({ clock });
    queue.add("a");
    queue.addAfter("b", 10);
    queue.shutDown();
    queue.add("c");
    let drained = false;
    const done = queue.drained().then(() => (drained = true));
    expect(await queue.take()).toBe("a");
    expect(await queue.take()).toBeUndefined();
    expect(drained).toBe(false);
    queue.finish("a");
    await done;
    expect(clock.nextTimer()).toBeUndefined();
  });

  it("counts as activity while a key is ready or in work, not while it is delayed", async () => {
    const clock = newClock();
    const activity = createActivity();
    const queue = createWorkQueue({ clock, activity });
    const busy = async (): Promise<boolean> =>
      activity.idle(0, 3).then(
        () => false,
        () => true,
      );
    queue.addAfter("a", 10);
    expect(await busy()).toBe(false);
    queue.add("a");
    expect(await busy()).toBe(true);
    await queue.take();
    queue.add("a");
    queue.finish("a");
    expect(await busy()).toBe(true);
    await queue.take();
    queue.finish("a");
    expect(await busy()).toBe(false);
  });

  it("never runs one key twice at once and loses no add, whatever the interleaving", async () => {
    const key = fc.constantFrom("a", "b", "c");
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ op: fc.constant("add" as const), key }) },
      { weight: 2, arbitrary: fc.record({ op: fc.constant("addAfter" as const), key, ms: fc.integer({ min: 0, max: 50 }) }) },
      { weight: 2, arbitrary: fc.record({ op: fc.constant("addRateLimited" as const), key }) },
      { weight: 1, arbitrary: fc.record({ op: fc.constant("forget" as const), key }) },
      { weight: 3, arbitrary: fc.record({ op: fc.constant("finish" as const), key }) },
      { weight: 3, arbitrary: fc.record({ op: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 40 }) }) },
      { weight: 3, arbitrary: fc.record({ op: fc.constant("yield" as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), async (steps, workers) => {
        const clock = newClock();
        const activity = createActivity();
        const queue = createWorkQueue({ clock, maxDelayMs: 100, activity });
        const running = new Set<string>();
        // What is owed: immediate adds, and of each key's delayed ones the earliest. A run that begins meets both when due.
        const ready = new Set<string>();
        const delayed = new Map<string, number>();
        const releases = new Map<string, () => void>();
        const problems: string[] = [];
        let release = false;
        const worker = async (): Promise<void> => {
          for (let taken = await queue.take(); taken !== undefined; taken = await queue.take()) {
            if (running.has(taken)) problems.push(`${taken} runs twice`);
            running.add(taken);
            ready.delete(taken);
            if ((delayed.get(taken) ?? 0) <= clock.now()) delayed.delete(taken);
            const current = taken;
            if (!release) await new Promise<void>((resolve) => releases.set(current, resolve));
            running.delete(taken);
            queue.finish(taken);
          }
        };
        const pool = Array.from({ length: workers }, worker);
        const wishAfter = (name: string, ms: number): void => {
          if (ms <= 0) ready.add(name);
          else delayed.set(name, Math.min(delayed.get(name) ?? Infinity, clock.now() + ms));
        };
        for (const action of steps) {
          if (action.op === "add") {
            ready.add(action.key);
            queue.add(action.key);
          } else if (action.op === "addAfter") {
            wishAfter(action.key, action.ms);
            queue.addAfter(action.key, action.ms);
          } else if (action.op === "addRateLimited") wishAfter(action.key, queue.addRateLimited(action.key));
          else if (action.op === "forget") queue.forget(action.key);
          else if (action.op === "finish") {
            releases.get(action.key)?.();
            releases.delete(action.key);
          } else if (action.op === "wait") await clock.advance(action.ms);
          await Promise.resolve();
          await Promise.resolve();
        }
        release = true;
        for (const resolve of releases.values()) resolve();
        await clock.advance(10_000);
        await activity.idle(0, 2000);
        queue.shutDown();
        await queue.drained();
        await Promise.all(pool);
        expect(problems).toEqual([]);
        expect([[...ready], [...delayed.keys()]]).toEqual([[], []]);
      }),
      { numRuns: 150 },
    );
  });
});
