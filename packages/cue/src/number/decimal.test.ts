import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  Decimal,
  add,
  compare,
  decimalOf,
  decimalOfNumber,
  divide,
  formatDecimal,
  isOutOfRange,
  isWhole,
  multiply,
  negate,
  numberLiteral,
  parseDecimal,
  subtract,
  toBigInt,
  toNumber,
} from "./decimal.ts";

const decimal = (text: string): Decimal => {
  const value = parseDecimal(text);
  if (value === undefined) throw new Error(`no decimal: ${text}`);
  return value;
};
const run = (operation: (a: Decimal, b: Decimal) => Decimal, a: string, b: string): string =>
  formatDecimal(operation(decimal(a), decimal(b)));

const anyDecimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.integer({ min: -60, max: 60 }))
  .map(([c, e]) => new Decimal(c, e));
const shortDecimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.integer({ min: -8, max: 8 }))
  .map(([c, e]) => new Decimal(c, e));

describe("formatDecimal", () => {
  it.each([
    ["1.50", "1.50"],
    ["1.0", "1.0"],
    ["1.", "1.0"],
    ["0.1", "0.1"],
    [".01e2", "1.0"],
    ["1e3", "1E+3"],
    ["2.0e400", "2.0E+400"],
    ["1e-6", "0.000001"],
    ["1e-7", "1E-7"],
    ["1.5e-7", "1.5E-7"],
    ["-12.340", "-12.340"],
    ["0.00", "0.00"],
    ["0e-9", "0.000000000"],
    ["1.23456e6", "1.23456E+6"],
  ])("writes %s as %s", (text, expected) => {
    expect(formatDecimal(decimal(text))).toBe(expected);
  });

  it("writes what reads back as the same number and scale", () => {
    fc.assert(
      fc.property(anyDecimal, (value) => {
        const read = decimal(formatDecimal(value));
        expect(compare(read, value)).toBe(0);
        if (value.exponent !== 0) expect(read.exponent).toBe(value.exponent);
      }),
    );
  });
});

describe("arithmetic", () => {
  it.each([
    [add, "1.10", "1", "2.10"],
    [add, "0.1", "0.2", "0.3"],
    [subtract, "1.5", "1.5", "0.0"],
    [multiply, "1.10", "2", "2.20"],
    [divide, "4", "2", "2.0"],
    [divide, "100", "10", "10.0"],
    [divide, "1.00", "1.00", "1.0"],
    [divide, "2", "3", "0.6666666666666666666666666666666667"],
    [divide, "-2", "3", "-0.6666666666666666666666666666666667"],
    [divide, "1e12", "2.0", "5.0E+11"],
    [divide, "0", "3", "0.0"],
    [divide, "1", "8", "0.125"],
    [multiply, "0.6666666666666666666666666666666667", "6", "4.000000000000000000000000000000000"],
    [add, "1e40", "1", "1.000000000000000000000000000000000E+40"],
    [add, "9999999999999999999999999999999999", "0.5", "1.000000000000000000000000000000000E+34"],
    [subtract, "1e2000", "1e-2000", "1.000000000000000000000000000000000E+2000"],
  ])("%o of %s and %s is %s", (operation, a, b, expected) => {
    expect(run(operation, a, b)).toBe(expected);
  });

  it("adds exactly where 34 digits hold the sum", () => {
    fc.assert(
      fc.property(shortDecimal, shortDecimal, (a, b) => {
        const sum = add(a, b);
        expect(compare(subtract(sum, b), a)).toBe(0);
        expect(compare(add(b, a), sum)).toBe(0);
        expect(compare(add(a, negate(a)), decimalOf(0n))).toBe(0);
      }),
    );
  });

  it("divides back to within one unit of the last digit", () => {
    fc.assert(
      fc.property(shortDecimal, shortDecimal, (a, b) => {
        fc.pre(b.coefficient !== 0n && a.coefficient !== 0n);
        const error = subtract(multiply(divide(a, b), b), a);
        const bound = multiply(new Decimal(a.coefficient < 0n ? -a.coefficient : a.coefficient, a.exponent), decimal("2e-33"));
        expect(compare(new Decimal(error.coefficient < 0n ? -error.coefficient : error.coefficient, error.exponent), bound)).not.toBe(1);
      }),
    );
  });

  it("rounds half up, away from zero", () => {
    expect(run(add, "1e33", "0.5")).toBe("1000000000000000000000000000000001.0");
    expect(run(subtract, "-1e33", "0.5")).toBe("-1000000000000000000000000000000001.0");
    expect(run(add, "1e33", "0.49")).toBe("1000000000000000000000000000000000.0");
  });

  it("ends, and says so, beyond the largest exponent", () => {
    let value = decimal("1e100000");
    for (let i = 0; i < 2000; i++) value = multiply(value, value);
    expect(isOutOfRange(value)).toBe(true);
    expect(isOutOfRange(multiply(decimal("1e-60000"), decimal("1e-60000")))).toBe(true);
    expect(isOutOfRange(decimal("1e100000"))).toBe(false);
    expect(isWhole(decimal("1e-100000"))).toBe(false);
    expect(toBigInt(decimal("1e-100000"))).toBe(0n);
    expect(compare(decimal("1e100000"), decimal("1e-100000"))).toBe(1);
  });
});

describe("compare", () => {
  it("is numeric and total", () => {
    fc.assert(
      fc.property(anyDecimal, anyDecimal, (a, b) => {
        expect(compare(a, b)).toBe(-compare(b, a) + 0);
        expect(compare(new Decimal(a.coefficient * 1000n, a.exponent - 3), a)).toBe(0);
        const difference = compare(a, b);
        if (difference !== 0 && Math.abs(toNumber(a) - toNumber(b)) > 1e-9 * Math.abs(toNumber(a)))
          expect(difference).toBe(Math.sign(toNumber(a) - toNumber(b)));
      }),
    );
  });
});

describe("conversion", () => {
  it("keeps doubles", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(toNumber(decimalOfNumber(value))).toBe(value + 0);
      }),
    );
  });

  it("truncates to ints", () => {
    expect(toBigInt(decimal("-2.9"))).toBe(-2n);
    expect(toBigInt(decimal("29e2"))).toBe(2900n);
    expect(isWhole(decimal("2.00"))).toBe(true);
    expect(isWhole(decimal("2.01"))).toBe(false);
  });

  it.each(["", ".", "e5", "1e", "--1", "1_0", "1e100001", " 1", "1f", "Infinity", "NaN"])("does not read %j as a decimal", (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });
});

describe("numberLiteral", () => {
  it.each([
    ["0", 0n],
    ["100_000", 100000n],
    ["1K", 1000n],
    ["1Ki", 1024n],
    ["0K", 0n],
    ["1.5Gi", 1610612736n],
    ["1.3G", 1300000000n],
    ["1.3Ki", 1331n],
    [".5M", 500000n],
    ["0x1234", 4660n],
    ["0XAb_cD", 43981n],
    ["0b1100_1000", 200n],
    ["0o755", 493n],
    ["123456789012345678901234567890123456789", 123456789012345678901234567890123456789n],
  ])("reads the int %s", (text, value) => {
    expect(numberLiteral(text)).toEqual({ kind: "int", value });
  });

  it.each([
    ["1.", "1.0"],
    [".0", "0.0"],
    ["012.34", "12.34"],
    ["1_0.2_5", "10.25"],
    ["1.3e+20", "1.3E+20"],
    ["0e-5", "0.00000"],
    ["5E-5", "0.00005"],
  ])("reads the float %s", (text, expected) => {
    const literal = numberLiteral(text);
    expect(literal?.kind === "float" ? formatDecimal(literal.value) : literal).toBe(expected);
  });

  it.each([
    "",
    "_1",
    "1_",
    "1__0",
    "0b1__0",
    "0b_1",
    "0b2",
    "0o8",
    "0o1__0",
    "0x",
    "0xFG",
    "0000",
    "0128",
    "0A",
    "99Z",
    "1K0",
    "1.5M0",
    "1Kx",
    "1e3K",
    "23.34e",
    "1_.5",
    "1._5",
    "1_e3",
    "1e_3",
    "1e",
    "e+100",
    ".",
  ])("refuses %j", (text) => {
    expect(numberLiteral(text)).toBeUndefined();
  });

  it("never throws", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("0", "1", "9", "_", ".", "e", "E", "+", "-", "x", "b", "o", "K", "i", "f") }),
        (text) => {
          numberLiteral(text);
        },
      ),
    );
  });
});
