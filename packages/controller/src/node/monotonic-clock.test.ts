import { expect, it } from "vitest";
import { createMonotonicClock } from "./monotonic-clock.ts";

it("goes on when the wall clock is set back, and sees a suspended machine's lost time", () => {
  let wall = 1_000_000;
  let monotonic = 50;
  const clock = createMonotonicClock({ wall: () => wall, monotonic: () => monotonic });
  const move = (wallMs: number, monotonicMs: number): number => {
    wall += wallMs;
    monotonic += monotonicMs;
    return clock.now();
  };
  expect(move(100, 100)).toBe(1_000_100);
  expect(move(-3_600_000, 20)).toBe(1_000_120);
  expect(move(10, 10)).toBe(1_000_130);
  expect(move(60_000, 0)).toBe(1_060_130);
});
