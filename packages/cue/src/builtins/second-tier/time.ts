/** Package time. A time is a string of the form RFC 3339 with up to nine decimals. There is no current time. */
import type { BuiltinPackage, Data, Scalar } from "../contract.ts";
import { CallFailure } from "../contract.ts";
import { civil, dayNames, floorDiv, monthNames, type Moment } from "./calendar.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { define, quote } from "../signature.ts";
import { formatTime } from "./time-format.ts";
import { parseTime } from "./time-parse.ts";

const rfc3339Nano = "2006-01-02T15:04:05.999999999Z07:00";

const constants: Record<string, Scalar> = {
  Nanosecond: 1n,
  Microsecond: 1_000n,
  Millisecond: 1_000_000n,
  Second: 1_000_000_000n,
  Minute: 60_000_000_000n,
  Hour: 3_600_000_000_000n,
  ANSIC: "Mon Jan _2 15:04:05 2006",
  UnixDate: "Mon Jan _2 15:04:05 MST 2006",
  RubyDate: "Mon Jan 02 15:04:05 -0700 2006",
  RFC822: "02 Jan 06 15:04 MST",
  RFC822Z: "02 Jan 06 15:04 -0700",
  RFC850: "Monday, 02-Jan-06 15:04:05 MST",
  RFC1123: "Mon, 02 Jan 2006 15:04:05 MST",
  RFC1123Z: "Mon, 02 Jan 2006 15:04:05 -0700",
  RFC3339: "2006-01-02T15:04:05Z07:00",
  RFC3339Nano: rfc3339Nano,
  RFC3339Date: "2006-01-02",
  Kitchen: "3:04PM",
  Kitchen24: "15:04",
  ...Object.fromEntries(monthNames.map((name, i) => [name, BigInt(i + 1)])),
  ...Object.fromEntries(dayNames.map((name, i) => [name, BigInt(i)])),
};

/** As a validator says it: the reference leaves out what is wrong. */
function requireTime(value: string, layout: string): true {
  try {
    parseTime(layout, value);
    return true;
  } catch (error) {
    if (error instanceof CallFailure) throw new CallFailure(`invalid time ${quote(value)}`);
    throw error;
  }
}

function utc(moment: Moment): Moment {
  return { ...moment, offset: 0, zone: "UTC" };
}

const nanosecondsInSecond = 1_000_000_000n;

function unix(seconds: bigint, nanoseconds: bigint): string {
  const carry = floorDiv(nanoseconds, nanosecondsInSecond);
  const rest = Number(nanoseconds - carry * nanosecondsInSecond);
  return formatTime({ seconds: seconds + carry, nanoseconds: rest, offset: 0, zone: "UTC" }, rfc3339Nano);
}

function int64(value: bigint, what: string): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  throw new CallFailure(`${what} overflows int64 (${value})`);
}

function split(text: string): ReadonlyMap<string, Data> {
  const moment = parseTime(rfc3339Nano, text);
  const { year, month, day, hour, minute, second } = civil(moment);
  return new Map<string, Data>([
    ...Object.entries({ year, month, day, hour, minute, second }).map(([name, value]) => [name, BigInt(value)] as const),
    ["nanosecond", BigInt(moment.nanoseconds)],
  ]);
}

export const timePackage: BuiltinPackage = {
  path: "time",
  constants,
  functions: [
    define("Duration", ["string"], "bool", (call) => {
      parseDuration(call.string(0));
      return true;
    }),
    define("FormatDuration", ["int"], "string", (call) => formatDuration(int64(call.int(0), "duration"))),
    define("ParseDuration", ["string"], "int", (call) => parseDuration(call.string(0))),
    define("Time", ["string"], "bool", (call) => requireTime(call.string(0), rfc3339Nano)),
    define("Format", ["string", "string"], "bool", (call) => requireTime(call.string(0), call.string(1))),
    define("FormatString", ["string", "string"], "string", (call) => formatTime(parseTime(rfc3339Nano, call.string(1)), call.string(0))),
    define("Parse", ["string", "string"], "string", (call) => formatTime(utc(parseTime(call.string(0), call.string(1))), rfc3339Nano)),
    define("Unix", ["int", "int"], "string", (call) => unix(int64(call.int(0), "sec"), int64(call.int(1), "nsec"))),
    define("ToUnix", ["string"], "int", (call) => parseTime(rfc3339Nano, call.string(0)).seconds),
    define("ToUnixNano", ["string"], "int", (call) => {
      const moment = parseTime(rfc3339Nano, call.string(0));
      return moment.seconds * nanosecondsInSecond + BigInt(moment.nanoseconds);
    }),
    define("Split", ["string"], "value", (call) => split(call.string(0))),
  ],
};
