import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addQuantities, compareQuantities, formatQuantity, parseQuantity, quantityToNumber } from "./quantity.ts";

describe("quantities", () => {
  it.each([
    ["0", "0", 0],
    ["500m", "500m", 0.5],
    ["0.5", "500m", 0.5],
    [".5", "500m", 0.5],
    ["1.", "1", 1],
    ["1000m", "1", 1],
    ["1500m", "1500m", 1.5],
    ["-1500m", "-1500m", -1.5],
    ["+2", "2", 2],
    ["1000k", "1M", 1e6],
    ["12E", "12E", 12e18],
    ["1Ki", "1Ki", 1024],
    ["1024Ki", "1Mi", 2 ** 20],
    ["1.5Gi", "1536Mi", 1.5 * 2 ** 30],
    ["0.5Ki", "512", 512],
    ["0.5", "500m", 0.5],
    ["2e3", "2e3", 2000],
    ["2E3", "2e3", 2000],
    ["100n", "100n", 1e-7],
    ["0.1n", "1n", 1e-9],
  ])("%s is written %s", (text, canonical, value) => {
    const quantity = parseQuantity(text);
    expect(formatQuantity(quantity)).toBe(canonical);
    expect(quantityToNumber(quantity)).toBe(value);
    expect(compareQuantities(parseQuantity(canonical), quantity)).toBe(0);
  });

  it.each(["", "x", "1x", "1 Ki", "1ki", "1Kim", "1e", "--1", ".", "1.2.3", "0x10"])("refuses %j", (text) => {
    expect(() => parseQuantity(text)).toThrow("is not a quantity");
  });

  it("reads numbers of YAML", () => {
    expect(formatQuantity(parseQuantity(2))).toBe("2");
  });

  it("keeps the amount through its text, and orders and adds as numbers do", () => {
    const quantity = fc.record({
      nanos: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
      format: fc.constantFrom("DecimalSI" as const, "BinarySI" as const, "DecimalExponent" as const),
    });
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        expect(parseQuantity(formatQuantity(a)).nanos).toBe(a.nanos);
        expect(Math.sign(compareQuantities(a, b))).toBe(a.nanos === b.nanos ? 0 : a.nanos < b.nanos ? -1 : 1);
        expect(addQuantities(a, b).nanos).toBe(a.nanos + b.nanos);
      }),
    );
  });
});
