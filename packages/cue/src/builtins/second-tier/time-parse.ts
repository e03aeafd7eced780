/** Reading moments by Go layouts, with the error texts of Go's package time. */
import { CallFailure } from "../contract.ts";
import { dayNames, daysIn, daysOf, isLeap, type Moment, monthNames } from "./calendar.ts";
import { quote } from "../signature.ts";
import { layoutElements } from "./time-layout.ts";

/** Signals text that is not what an element stands for; `parseTime` says which. */
class BadElement extends Error {}
/** Signals a value of the right form that no calendar has, e.g. month 13. */
class OutOfRange extends Error {}

interface Fields {
  year: number;
  month: number;
  day: number;
  yearDay: number;
  hour: number;
  minute: number;
  second: number;
  nanoseconds: number;
  pm: boolean;
  am: boolean;
  offset: number | undefined;
  zone: string;
}

class Reader {
  rest: string;
  constructor(text: string) {
    this.rest = text;
  }

  match(pattern: RegExp): string {
    const found = pattern.exec(this.rest);
    if (found === null) throw new BadElement();
    this.rest = this.rest.slice(found[0].length);
    return found[0];
  }

  /** One or two digits; two when the element is padded. */
  number(padded: boolean): number {
    return Number(this.match(padded ? /^\d\d/ : /^\d\d?/));
  }

  name(names: readonly string[], length?: number): number {
    const rest = this.rest.toLowerCase();
    const index = names.findIndex((name) => rest.startsWith(name.slice(0, length).toLowerCase()));
    if (index < 0) throw new BadElement();
    this.rest = this.rest.slice((length ?? names[index]?.length) || 0);
    return index;
  }
}

function inRange(value: number, low: number, high: number, what: string): number {
  if (value < low || value > high) throw new OutOfRange(what);
  return value;
}

/** An abbreviation of a zone, or a signed hour after `GMT`, in the way Go guesses them. */
function zoneAbbreviation(text: string): string {
  if (text.length < 3) throw new BadElement();
  if (/^(?:ChST|MeST)/.test(text)) return text.slice(0, 4);
  if (text.startsWith("GMT")) {
    const signed = /^GMT([+-]\d+)/.exec(text);
    return signed !== null && Math.abs(Number(signed[1])) <= 23 ? signed[0] : "GMT";
  }
  const signed = /^[+-]\d+/.exec(text)?.[0];
  if (signed !== undefined) {
    if (Math.abs(Number(signed)) > 23 || signed.length < 2) throw new BadElement();
    return signed;
  }
  const letters = /^[A-Z]{0,6}/.exec(text)?.[0] ?? "";
  if (letters.length === 3) return letters;
  if (letters.length === 4 && (letters.endsWith("T") || letters === "WITA")) return letters;
  if (letters.length === 5 && letters.endsWith("T")) return letters;
  throw new BadElement();
}

function readOffset(element: string, reader: Reader, fields: Fields): void {
  if (element.startsWith("Z") && reader.rest.startsWith("Z")) {
    reader.rest = reader.rest.slice(1);
    fields.offset = 0;
    fields.zone = "UTC";
    return;
  }
  const digits = element.replaceAll(/\D/g, "").length / 2;
  const separator = element.includes(":") ? ":" : "";
  const text = reader.match(new RegExp(`^[+-]${Array(digits).fill("\\d\\d").join(separator)}`));
  const [hours = 0, minutes = 0, seconds = 0] = (text.slice(1).match(/\d\d/g) ?? []).map(Number);
  inRange(hours, 0, 24, "time zone offset hour");
  inRange(minutes, 0, 60, "time zone offset minute");
  inRange(seconds, 0, 60, "time zone offset second");
  const offset = hours * 3600 + minutes * 60 + seconds;
  fields.offset = text.startsWith("-") ? -offset : offset;
  fields.zone = "";
}

function nanosecondsOf(digits: string): number {
  return Number(digits.slice(0, 9).padEnd(9, "0"));
}

function readSecond(element: string, reader: Reader, fields: Fields, next: string | undefined): void {
  fields.second = inRange(reader.number(element === "05"), 0, 59, "second");
  // A fraction may follow although the layout has none.
  if (next === ".0" || next === ".9" || !/^[.,]\d/.test(reader.rest)) return;
  fields.nanoseconds = nanosecondsOf(reader.match(/^[.,]\d+/).slice(1));
}

function readElement(element: string, text: string, reader: Reader, fields: Fields, next: string | undefined): void {
  switch (element) {
    case "06": {
      const value = Number(reader.match(/^\d\d/));
      fields.year = value >= 69 ? 1900 + value : 2000 + value;
      return;
    }
    case "2006":
      fields.year = Number(reader.match(/^\d{4}/));
      return;
    case "Jan":
      fields.month = reader.name(monthNames, 3) + 1;
      return;
    case "January":
      fields.month = reader.name(monthNames) + 1;
      return;
    case "1":
    case "01":
      fields.month = inRange(reader.number(element === "01"), 1, 12, "month");
      return;
    case "Mon":
      reader.name(dayNames, 3);
      return;
    case "Monday":
      reader.name(dayNames);
      return;
    case "2":
    case "_2":
    case "02":
      if (element === "_2" && reader.rest.startsWith(" ")) reader.rest = reader.rest.slice(1);
      // Whether the month has this day is known at the end.
      fields.day = reader.number(element === "02");
      return;
    case "__2":
    case "002":
      if (element === "__2") reader.rest = reader.rest.replace(/^ {1,2}/, "");
      fields.yearDay = Number(reader.match(element === "002" ? /^\d{3}/ : /^\d{1,3}/));
      return;
    case "15":
      fields.hour = inRange(reader.number(false), 0, 23, "hour");
      return;
    case "3":
    case "03":
      fields.hour = inRange(reader.number(element === "03"), 0, 12, "hour");
      return;
    case "4":
    case "04":
      fields.minute = inRange(reader.number(element === "04"), 0, 59, "minute");
      return;
    case "5":
    case "05":
      readSecond(element, reader, fields, next);
      return;
    case "PM":
    case "pm": {
      const half = reader.match(element === "PM" ? /^[AP]M/ : /^[ap]m/).toLowerCase();
      fields.pm = half === "pm";
      fields.am = half === "am";
      return;
    }
    case "MST":
      if (reader.rest.startsWith("UTC")) {
        reader.rest = reader.rest.slice(3);
        fields.offset = 0;
        fields.zone = "UTC";
        return;
      }
      fields.zone = zoneAbbreviation(reader.rest);
      reader.rest = reader.rest.slice(fields.zone.length);
      return;
    case ".0":
      fields.nanoseconds = nanosecondsOf(reader.match(new RegExp(`^[.,]\\d{${text.length - 1}}`)).slice(1));
      return;
    case ".9":
      // A fraction that is not there is none; one that is there may have any number of digits.
      if (/^[.,]\d/.test(reader.rest)) fields.nanoseconds = nanosecondsOf(reader.match(/^[.,]\d+/).slice(1));
      return;
    default:
      readOffset(element, reader, fields);
  }
}

/** The literal text of a layout; any run of spaces in it stands for any run of spaces. */
function skipPrefix(reader: Reader, prefix: string): void {
  for (let i = 0; i < prefix.length;) {
    if (prefix.charAt(i) === " ") {
      if (reader.rest !== "" && !reader.rest.startsWith(" ")) throw new BadElement();
      while (prefix.charAt(i) === " ") i++;
      reader.rest = reader.rest.replace(/^ +/, "");
      continue;
    }
    if (reader.rest.charAt(0) !== prefix.charAt(i)) throw new BadElement();
    reader.rest = reader.rest.slice(1);
    i++;
  }
}

function dateOf(fields: Fields): { month: number; day: number } {
  const { year, yearDay } = fields;
  let { month, day } = fields;
  if (yearDay >= 0) {
    inRange(yearDay, 1, isLeap(year) ? 366 : 365, "day-of-year");
    let monthOfDay = 1;
    let rest = yearDay;
    for (; rest > daysIn(monthOfDay, year); monthOfDay++) rest -= daysIn(monthOfDay, year);
    if (month >= 0 && month !== monthOfDay) throw new OutOfRange("day-of-year does not match month");
    if (day >= 0 && day !== rest) throw new OutOfRange("day-of-year does not match day");
    month = monthOfDay;
    day = rest;
  }
  if (month < 0) month = 1;
  if (day < 0) day = 1;
  inRange(day, 1, daysIn(month, year), "day");
  return { month, day };
}

/** The moment a text stands for. Without a zone, and with one known by its abbreviation only, it is taken for UTC. */
export function parseTime(layout: string, value: string): Moment {
  const reader = new Reader(value);
  const fields: Fields = {
    year: 0,
    month: -1,
    day: -1,
    yearDay: -1,
    hour: 0,
    minute: 0,
    second: 0,
    nanoseconds: 0,
    pm: false,
    am: false,
    offset: undefined,
    zone: "",
  };
  const fail = (expected: string, rest: string): never => {
    const problem = `cannot parse ${quote(rest)} as ${quote(expected)}`;
    throw new CallFailure(`parsing time ${quote(value)} as ${quote(layout)}: ${problem}`);
  };
  const elements = layoutElements(layout);
  try {
    elements.forEach(({ element, prefix, text }, i) => {
      const before = reader.rest;
      let expected = prefix;
      try {
        skipPrefix(reader, prefix);
        if (element === undefined) return;
        expected = text;
        readElement(element, text, reader, fields, elements[i + 1]?.prefix === "" ? elements[i + 1]?.element : undefined);
      } catch (error) {
        if (error instanceof BadElement) fail(expected, expected === text ? remainder(before, prefix) : reader.rest);
        throw error;
      }
    });
    if (reader.rest !== "") throw new CallFailure(`parsing time ${quote(value)}: extra text: ${quote(reader.rest)}`);
    const { month, day } = dateOf(fields);
    if (fields.pm && fields.hour < 12) fields.hour += 12;
    else if (fields.am && fields.hour === 12) fields.hour = 0;
    const days = daysOf(fields.year, month, day);
    const offset = fields.offset ?? (/^GMT[+-]/.test(fields.zone) ? Number(fields.zone.slice(3)) * 3600 : 0);
    const seconds = BigInt(days) * 86_400n + BigInt(fields.hour * 3600 + fields.minute * 60 + fields.second - offset);
    return { seconds, nanoseconds: fields.nanoseconds, offset, zone: fields.zone };
  } catch (error) {
    if (!(error instanceof OutOfRange)) throw error;
    const what = error.message.includes("match") ? error.message : `${error.message} out of range`;
    throw new CallFailure(`parsing time ${quote(value)}: ${what}`);
  }
}

/** What was left of the text when an element's turn came. */
function remainder(text: string, prefix: string): string {
  const reader = new Reader(text);
  skipPrefix(reader, prefix);
  return reader.rest;
}
