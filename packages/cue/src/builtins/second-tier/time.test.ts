import { describe, expect, test } from "vitest";
import { callText } from "./call-for-tests.ts";
import { timePackage } from "./time.ts";

const call = (name: string, ...args: (string | bigint)[]): string => callText(timePackage, name, ...args);
const layout = (name: string): string => String(timePackage.constants?.[name]);

describe("package time", () => {
  test.each([
    ["1h2m3.5s", "3723500000000"],
    ["-1.5ms", "-1500000"],
    ["0", "0"],
    ["1us", "1000"],
    ["1d", 'error: time: unknown unit "d" in duration "1d"'],
    ["1", 'error: time: missing unit in duration "1"'],
    ["x", 'error: time: invalid duration "x"'],
    ["9223372036854775808ns", 'error: time: invalid duration "9223372036854775808ns"'],
    ["-9223372036854775808ns", "-9223372036854775808"],
  ])("ParseDuration %j", (text, result) => {
    expect(call("ParseDuration", text)).toBe(result);
    expect(call("Duration", text)).toBe(result.startsWith("error") ? result : "true");
  });

  test.each([
    [10_920_000_000_000n, "3h2m0s"],
    [600_000_000n, "600ms"],
    [1_500n, "1.5\u00b5s"],
    [0n, "0s"],
    [-61_000_000_001n, "-1m1.000000001s"],
  ])("FormatDuration %#", (value, text) => {
    expect(call("FormatDuration", value)).toBe(JSON.stringify(text));
  });

  test.each([
    ["1937-01-01T12:00:27.87+00:20", "true"],
    ["2016-02-29T00:00:00Z", "true"],
    ["2015-02-29T00:00:00Z", 'error: invalid time "2015-02-29T00:00:00Z"'],
    ["no time", 'error: invalid time "no time"'],
  ])("Time %j", (text, result) => {
    expect(call("Time", text)).toBe(result);
  });

  test.each([
    ["RFC822", "01 Jul 21 17:54 CEST", "2021-07-01T17:54:00Z"],
    ["RFC3339Date", "2021-02-19", "2021-02-19T00:00:00Z"],
    ["ANSIC", "Mon Jan  2 15:04:05 2006", "2006-01-02T15:04:05Z"],
    ["RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700", "2006-01-02T22:04:05Z"],
    ["RFC850", "Monday, 02-Jan-06 15:04:05 GMT+3", "2006-01-02T12:04:05Z"],
    ["Kitchen", "3:04PM", "0000-01-01T15:04:00Z"],
  ])("Parse %s", (name, text, result) => {
    expect(call("Parse", layout(name), text)).toBe(JSON.stringify(result));
  });

  test.each([
    ["01/02 03:04:05PM '06 -0700", "01/02 03:04:05PM '06 -0700", '"2006-01-02T22:04:05Z"'],
    ["2006-002", "2024-060", '"2024-02-29T00:00:00Z"'],
    ["15:04:05", "01:02:03.25", '"0000-01-01T01:02:03.25Z"'],
    ["2006", "20x6", 'error: parsing time "20x6" as "2006": cannot parse "20x6" as "2006"'],
    ["2006-01", "2006/01", 'error: parsing time "2006/01" as "2006-01": cannot parse "/01" as "-"'],
    ["2006", "2006x", 'error: parsing time "2006x": extra text: "x"'],
    ["01", "13", 'error: parsing time "13": month out of range'],
    ["2006-01-02", "2021-04-31", 'error: parsing time "2021-04-31": day out of range'],
  ])("Parse %j %j", (format, text, result) => {
    expect(call("Parse", format, text)).toBe(result);
  });

  test("FormatString writes at the offset of the value", () => {
    const time = "2006-01-02T15:04:05.123-07:00";
    expect(call("FormatString", "Monday January _2 2006 3:04PM MST Z0700 .000000 002", time)).toBe(
      '"Monday January  2 2006 3:04PM -07 -0700 .123000 002"',
    );
    expect(call("FormatString", layout("RFC3339Nano"), time)).toBe(JSON.stringify(time));
    expect(call("FormatString", "Janet .00x 06", time)).toBe('"Janet .12x 06"');
  });

  test("Unix and back", () => {
    expect(call("Unix", 1_500_000_000n, 123_456n)).toBe('"2017-07-14T02:40:00.000123456Z"');
    expect(call("Unix", -1n, -1n)).toBe('"1969-12-31T23:59:58.999999999Z"');
    expect(call("Unix", -62_135_596_800n, 0n)).toBe('"0001-01-01T00:00:00Z"');
    expect(call("ToUnix", "2019-01-02T15:04:05-08:00")).toBe("1546470245");
    expect(call("ToUnixNano", "2017-07-14T02:40:00.000123456Z")).toBe("1500000000000123456");
    expect(call("ToUnix", "2019-01-02T15:04:61Z")).toBe('error: parsing time "2019-01-02T15:04:61Z": second out of range');
  });

  test("every day of 800 years there and back", () => {
    let seconds = -11_676_096_000n;
    for (let i = 0; i < 2_922; i++) {
      const text = JSON.parse(call("Unix", seconds, 0n)) as string;
      expect(call("ToUnix", text)).toBe(String(seconds));
      expect(text).toBe(new Date(Number(seconds) * 1000).toISOString().replace(".000Z", "Z"));
      seconds += 8_640_000n + 86_461n;
    }
  });

  test("Split", () => {
    expect(call("Split", "2017-07-14T02:40:00.000123456Z")).toBe(
      '{"year":2017,"month":7,"day":14,"hour":2,"minute":40,"second":0,"nanosecond":123456}',
    );
  });
});
