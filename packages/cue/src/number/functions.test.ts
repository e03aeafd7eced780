import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Decimal, compare, formatDecimal, multiply, parseDecimal, subtract, toNumber } from "./decimal.ts";
import {
  absolute,
  cbrt,
  ceiling,
  exp,
  floor,
  isMultipleOf,
  ln,
  log10,
  log2,
  pow,
  quantize,
  round,
  roundToEven,
  sqrt,
  truncate,
} from "./functions.ts";

const decimal = (text: string): Decimal => {
  const value = parseDecimal(text);
  if (value === undefined) throw new Error(`no decimal: ${text}`);
  return value;
};
const text = (result: Decimal | string): string => (typeof result === "string" ? result : formatDecimal(result));
const positive = fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 20n }), fc.integer({ min: -30, max: 10 })).map(([c, e]) => new Decimal(c, e));

describe("roots, logarithms and powers have 34 right digits", () => {
  it.each([
    ["cbrt 2", cbrt(decimal("2")), "1.259921049894873164767210607278228"],
    ["cbrt -27", cbrt(decimal("-27")), "-3.0"],
    ["cbrt 0.001", cbrt(decimal("0.001")), "0.1"],
    ["sqrt 2", sqrt(decimal("2")), "1.414213562373095048801688724209698"],
    ["sqrt 0.25", sqrt(decimal("0.25")), "0.5"],
    ["sqrt 1e3", sqrt(decimal("1e3")), "31.62277660168379331998893544432719"],
    ["sqrt -1", sqrt(decimal("-1")), "invalid operation"],
    ["exp 3", exp(decimal("3")), "20.08553692318766774092852965458172"],
    ["exp 0", exp(decimal("0")), "1.0"],
    ["exp 1", exp(decimal("1")), "2.718281828459045235360287471352662"],
    ["exp -1", exp(decimal("-1")), "0.3678794411714423215955237701614609"],
    ["exp 1e-80", exp(decimal("1e-80")), "1.000000000000000000000000000000000"],
    ["exp 1e7", exp(decimal("1e7")), "overflow"],
    ["exp -1e7", exp(decimal("-1e7")), "underflow"],
    ["exp 300000", exp(decimal("300000")), "overflow"],
    ["ln 4", ln(decimal("4")), "1.386294361119890618834464242916353"],
    ["ln 1", ln(decimal("1.00")), "0.0"],
    ["ln 0", ln(decimal("0")), "invalid operation"],
    ["ln 1e100", ln(decimal("1e100")), "230.2585092994045684017991454684364"],
    ["ln 0.5", ln(decimal("0.5")), "-0.6931471805599453094172321214581766"],
    ["ln just above 1", ln(decimal("1.00000000000000000001")), "9.999999999999999999950000000000000E-21"],
    ["ln just below 1", ln(decimal("0.99999999999999999999")), "-1.000000000000000000005000000000000E-20"],
    ["log10 4", log10(decimal("4")), "0.6020599913279623904274777894489861"],
    ["log10 1000", log10(decimal("1000")), "3.000000000000000000000000000000000"],
    ["log2 5, as the quotient of rounded logarithms", log2(decimal("5")), "2.321928094887362347870319429489391"],
    ["log2 -1", log2(decimal("-1")), "invalid operation"],
    ["2 ^ 3.5", pow(decimal("2"), decimal("3.5")), "11.31370849898476039041350979367758"],
    ["8 ^ 4", pow(decimal("8"), decimal("4")), "4096.0"],
    ["2 ^ -2", pow(decimal("2"), decimal("-2")), "0.2500000000000000000000000000000000"],
    ["-2 ^ 3", pow(decimal("-2"), decimal("3")), "-8.0"],
    ["-2 ^ 0.5", pow(decimal("-2"), decimal("0.5")), "invalid operation"],
    ["0 ^ 0", pow(decimal("0"), decimal("0")), "1.0"],
    ["0 ^ -1", pow(decimal("0"), decimal("-1")), "invalid operation"],
    ["10 ^ 5000", pow(decimal("10"), decimal("5000")), "overflow"],
    ["0.1 ^ 5000", pow(decimal("0.1"), decimal("5000")), "underflow"],
    ["3 ^ 100", pow(decimal("3"), decimal("100")), "5.153775207320113310364611297656213E+47"],
  ])("%s", (_, result, expected) => {
    expect(text(result)).toBe(expected);
  });

  it("agrees with doubles as far as they reach", () => {
    fc.assert(
      fc.property(positive, (value) => {
        const number = toNumber(value);
        const close = (result: Decimal | string, expected: number): void => {
          expect(typeof result).not.toBe("string");
          expect(Math.abs(toNumber(result as Decimal) - expected)).toBeLessThanOrEqual(1e-12 * Math.abs(expected) + 1e-300);
        };
        close(sqrt(value), Math.sqrt(number));
        close(cbrt(value), Math.cbrt(number));
        if (Math.abs(number - 1) > 1e-3) {
          close(ln(value), Math.log(number));
          close(log10(value), Math.log10(number));
        }
        if (number < 500) close(exp(value), Math.exp(number));
      }),
    );
  });

  it("takes the exponential of a logarithm back", () => {
    fc.assert(
      fc.property(positive, (value) => {
        const log = ln(value);
        if (typeof log === "string") throw new Error(log);
        const back = exp(log);
        if (typeof back === "string") throw new Error(back);
        expect(compare(absolute(subtract(back, value)), multiply(value, decimal("1e-30")))).not.toBe(1);
      }),
    );
  });
});

describe("rounding to whole numbers", () => {
  it.each([
    ["2.5", 2n, 3n, 2n, 3n, 2n],
    ["-2.5", -3n, -2n, -2n, -3n, -2n],
    ["3.5", 3n, 4n, 3n, 4n, 4n],
    ["2.9", 2n, 3n, 2n, 3n, 3n],
    ["-2.2", -3n, -2n, -2n, -2n, -2n],
    ["29e2", 2900n, 2900n, 2900n, 2900n, 2900n],
    ["1e-90000", 0n, 1n, 0n, 0n, 0n],
    ["-1e-90000", -1n, 0n, 0n, 0n, 0n],
    ["0.5", 0n, 1n, 0n, 1n, 0n],
    ["0.09", 0n, 1n, 0n, 0n, 0n],
  ])("%s", (value, ...expected) => {
    const number = decimal(value);
    expect([floor(number), ceiling(number), truncate(number), round(number), roundToEven(number)]).toEqual(expected);
  });

  it("keeps the asked scale", () => {
    expect(formatDecimal(quantize(decimal("1.2345"), -2, "half-up"))).toBe("1.23");
    expect(formatDecimal(quantize(decimal("1"), -2, "half-up"))).toBe("1.00");
  });
});

describe("isMultipleOf", () => {
  it.each([
    ["9801", "99", true],
    ["5555555", "2", false],
    ["100.01", "4", false],
    ["5", "2.5", true],
    ["100e100", "10", true],
    ["1e100000", "3", false],
    ["3e100000", "3", true],
    ["3", "1e100000", false],
    ["0", "7", true],
    ["5", "0", "division by zero"],
    ["0", "0", "division undefined"],
  ])("%s of %s: %s", (value, factor, expected) => {
    expect(isMultipleOf(decimal(value), decimal(factor))).toBe(expected);
  });
});
