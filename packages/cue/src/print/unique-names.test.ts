import { describe, expect, it } from "vitest";
import { Pcg } from "./pcg.ts";
import { UniqueNames } from "./unique-names.ts";

describe("PCG", () => {
  it("draws what Go's math/rand/v2 draws of the same seed", () => {
    const generator = new Pcg(1n, 2n);
    const drawn = Array.from({ length: 3 }, () => generator.next().toString(16));
    expect(drawn).toEqual(["c4f5a58656eef510", "9dcec3ad077dec6c", "c8d04605312f8088"]);
  });

  it("stays below its limit", () => {
    const generator = new Pcg(123n, 456n);
    for (const limit of [1n, 2n, 15n, 16n, 255n, 1n << 40n, (1n << 62n) + 1n])
      for (let i = 0; i < 50; i++) expect(generator.below(limit) < limit).toBe(true);
  });
});

describe("names", () => {
  it("are numbered up to 4, then drawn", () => {
    const names = new UniqueNames(() => ["A"]);
    expect(Array.from({ length: 6 }, () => names.free("A"))).toEqual(["A_1", "A_2", "A_3", "A_4", "A_A", "A_9"]);
    expect(names.free("B")).toBe("B");
  });

  it("never come twice", () => {
    const names = new UniqueNames(() => []);
    const given = Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? names.free("a") : names.alias("a")));
    expect(new Set(given).size).toBe(given.length);
  });

  it("of aliases are plain, whatever they are for", () => {
    const names = new UniqueNames(() => []);
    expect(["x", "_x", "#X"].map((name) => names.alias(name))).toEqual(["x_9", "x_B", "X_6"]);
  });
});
