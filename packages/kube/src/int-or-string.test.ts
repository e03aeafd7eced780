import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scaleIntOrPercent } from "./int-or-string.ts";

describe("scaleIntOrPercent", () => {
  it.each([
    [3, 10, 3, 3],
    [0, 10, 0, 0],
    ["25%", 10, 3, 2],
    ["5%", 10, 1, 0],
    ["100%", 7, 7, 7],
    ["0%", 7, 0, 0],
    ["7%", 100, 7, 7],
    ["150%", 10, 15, 15],
  ])("%j of %i is %i up and %i down", (value, total, up, down) => {
    expect(scaleIntOrPercent(value, total, "up")).toBe(up);
    expect(scaleIntOrPercent(value, total, "down")).toBe(down);
  });

  it.each(["5", "%", "5.5%", "-5%", "5 %", "", "x%", 1.5, Number.NaN])("refuses %j", (value) => {
    expect(() => scaleIntOrPercent(value, 10, "up")).toThrow("invalid value for IntOrString");
  });

  it("encloses the exact share within one", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(10_000), (percent, total) => {
        const [up, down] = [scaleIntOrPercent(`${percent}%`, total, "up"), scaleIntOrPercent(`${percent}%`, total, "down")];
        expect(down * 100).toBeLessThanOrEqual(percent * total);
        expect(up * 100).toBeGreaterThanOrEqual(percent * total);
        expect(up - down).toBe((percent * total) % 100 === 0 ? 0 : 1);
      }),
    );
  });
});
