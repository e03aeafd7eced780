/** Durations in Go's notation (`1h2m3.5s`), as nanoseconds. */
import { CallFailure } from "../contract.ts";
import { quote } from "../signature.ts";

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "\u00b5s": 1_000n,
  "\u03bcs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const limit = 1n << 63n;

export function parseDuration(text: string): bigint {
  const invalid = (): CallFailure => new CallFailure(`time: invalid duration ${quote(text)}`);
  const negative = text.startsWith("-");
  let rest = text.replace(/^[-+]/, "");
  if (rest === "0") return 0n;
  if (rest === "") throw invalid();
  let total = 0n;
  while (rest !== "") {
    const number = /^(\d*)(?:\.(\d*))?/.exec(rest);
    const [matched = "", whole = "", fraction = ""] = number ?? [];
    if (whole === "" && fraction === "") throw invalid();
    rest = rest.slice(matched.length);
    const name = /^[^.\d]*/.exec(rest)?.[0] ?? "";
    if (name === "") throw new CallFailure(`time: missing unit in duration ${quote(text)}`);
    const unit = Object.hasOwn(units, name) ? units[name] : undefined;
    if (unit === undefined) throw new CallFailure(`time: unknown unit ${quote(name)} in duration ${quote(text)}`);
    rest = rest.slice(name.length);
    // Beyond 19 digits the number is out of range whatever the unit; of a fraction no more digits count.
    if (whole.replace(/^0+/, "").length > 19) throw invalid();
    const digits = fraction.slice(0, 18);
    total += BigInt(whole || "0") * unit + (BigInt(digits || "0") * unit) / 10n ** BigInt(digits.length);
    if (total > limit) throw invalid();
  }
  if (total === limit && !negative) throw invalid();
  return negative ? -total : total;
}

/** A count of `unit`s with up to `digits` decimals and no trailing zeros. */
function decimal(value: bigint, digits: number): string {
  const text = value.toString().padStart(digits + 1, "0");
  const fraction = digits === 0 ? "" : text.slice(-digits).replace(/0+$/, "");
  const whole = digits === 0 ? text : text.slice(0, -digits);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

export function formatDuration(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? "-" : "";
  const value = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (value === 0n) return "0s";
  if (value < 1_000n) return `${sign}${value}ns`;
  if (value < 1_000_000n) return `${sign}${decimal(value, 3)}\u00b5s`;
  if (value < 1_000_000_000n) return `${sign}${decimal(value, 6)}ms`;
  const minutes = value / 60_000_000_000n;
  const seconds = `${decimal(value % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  return `${sign}${hours === 0n ? "" : `${hours}h`}${minutes % 60n}m${seconds}`;
}
