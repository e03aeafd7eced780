import type { KubeObject } from "@slipway/kube";
import { createVirtualClock } from "@slipway/std/node";
import { describe, expect, it } from "vitest";
import { Breaker, isNews } from "./breaker.ts";

const newBreaker = () => {
  const clock = createVirtualClock({ startMs: 1e12, settleMs: 0 });
  return { clock, breaker: new Breaker({ clock, burst: 3, maxDelayMs: 8000 }) };
};

describe("breaker", () => {
  it("lets a burst through, then makes the key wait longer each time, and no other key", async () => {
    const { clock, breaker } = newBreaker();
    expect([1, 2, 3].map(() => breaker.take("a").waitMs)).toEqual([0, 0, 0]);
    expect(breaker.take("a")).toEqual({ waitMs: 1000, opened: true });
    expect(breaker.take("b").waitMs).toBe(0);
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      await clock.advance(breaker.take("a").waitMs);
      expect(breaker.take("a").waitMs).toBe(0);
      waits.push(breaker.take("a").waitMs);
    }
    expect(waits).toEqual([2000, 4000, 8000, 8000, 8000]);
  });

  it("closes at once on news", () => {
    const { breaker } = newBreaker();
    for (let i = 0; i < 4; i++) breaker.take("a");
    breaker.news("a");
    expect(breaker.take("a")).toEqual({ waitMs: 0, opened: false });
    expect(breaker.take("a")).toEqual({ waitMs: 1000, opened: true });
  });

  it("never meets a key that looks again every second, and forgets keys that are done", async () => {
    const { clock, breaker } = newBreaker();
    for (let i = 0; i < 2000; i++) {
      expect(breaker.take("a").waitMs).toBe(0);
      breaker.take(`once-${i}`);
      await clock.advance(1000);
    }
    expect(breaker.size).toBeLessThan(1100);
  });

  it("takes a change of status for no news", () => {
    const object = (generation: number | undefined, status: string, labels: Record<string, string> = {}): KubeObject => ({
      apiVersion: "v1",
      kind: "X",
      metadata: { name: "x", labels, ...(generation === undefined ? {} : { generation }) },
      status,
    });
    const news = (old: KubeObject | undefined, present: KubeObject): boolean => isNews({ type: "updated", object: present, old });
    expect(news(object(1, "a"), object(1, "b"))).toBe(false);
    expect(news(object(1, "a"), object(2, "a"))).toBe(true);
    expect(news(object(1, "a"), object(1, "a", { x: "y" }))).toBe(true);
    expect(news(undefined, object(1, "a"))).toBe(true);
    expect(news(object(undefined, "a"), object(undefined, "b"))).toBe(true);
  });
});
