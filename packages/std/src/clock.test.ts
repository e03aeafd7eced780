import { createVirtualClock } from "@slipway/std/node";
import { describe, expect, it } from "vitest";

describe("virtual clock", () => {
  it("fires timers in order of due time while time stands at each of them", async () => {
    const clock = createVirtualClock({ startMs: 0 });
    const seen: string[] = [];
    clock.setTimer(2000, () => seen.push(`b@${clock.now()}`));
    clock.setTimer(1000, () => {
      seen.push(`a@${clock.now()}`);
      clock.setTimer(500, () => seen.push(`c@${clock.now()}`));
    });
    clock.setTimer(5000, () => seen.push("late"));
    await clock.advance(3000);
    expect(seen).toEqual(["a@1000", "c@1500", "b@2000"]);
    expect(clock.now()).toBe(3000);
  });

  it("waits for tracked work before it moves on", async () => {
    const clock = createVirtualClock({ startMs: 0 });
    const seen: number[] = [];
    clock.setTimer(10, () => {
      const end = clock.activity.begin();
      setTimeout(() => {
        seen.push(clock.now());
        end();
      }, 20);
    });
    clock.setTimer(20, () => seen.push(clock.now()));
    await clock.advance(100);
    expect(seen).toEqual([10, 20]);
  });

  it("honours delays beyond 2^31-1 ms", async () => {
    const clock = createVirtualClock({ startMs: 0 });
    let fired = false;
    clock.setTimer(2 ** 40, () => (fired = true));
    await clock.advance(2 ** 40 - 1);
    expect(fired).toBe(false);
    await clock.advance(1);
    expect(fired).toBe(true);
  });

  it("runs faster than real time at a speed", async () => {
    const clock = createVirtualClock({ startMs: 0, speed: 1000 });
    await clock.sleep(5000, AbortSignal.timeout(5000));
    expect(clock.now()).toBeGreaterThanOrEqual(5000);
    clock.stop();
  });
});
