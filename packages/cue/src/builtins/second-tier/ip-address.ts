/** IP addresses and prefixes, read and written as Go's net/netip does it, with its error texts. */
import { CallFailure } from "../contract.ts";
import { quote } from "../signature.ts";

export interface Address {
  /** 4 or 16. */
  readonly bytes: readonly number[];
  readonly zone: string;
}

export interface Prefix {
  readonly address: Address;
  readonly bits: number;
}

class Failure {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  fail(message: string, at = ""): never {
    throw new CallFailure(`ParseAddr(${quote(this.text)}): ${message}${at === "" ? "" : ` (at ${quote(at)})`}`);
  }
}

function parse4(text: string, failure: Failure): number[] {
  const fields: number[] = [];
  let value = 0;
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c >= "0" && c <= "9") {
      if (digits === 1 && value === 0) failure.fail("IPv4 field has octet with leading zero");
      value = value * 10 + Number(c);
      digits++;
      if (value > 255) failure.fail("IPv4 field has value >255");
    } else if (c === ".") {
      if (i === 0 || i === text.length - 1 || text.charAt(i - 1) === ".") {
        failure.fail("IPv4 field must have at least one digit", text.slice(i));
      }
      if (fields.length === 3) failure.fail("IPv4 address too long");
      fields.push(value);
      value = 0;
      digits = 0;
    } else {
      failure.fail("unexpected character", text.slice(i));
    }
  }
  if (fields.length < 3) failure.fail("IPv4 address too short");
  fields.push(value);
  return fields;
}

function parse6(text: string, failure: Failure): Address {
  const percent = text.indexOf("%");
  const zone = percent < 0 ? "" : text.slice(percent + 1);
  if (percent >= 0 && zone === "") failure.fail("zone must be a non-empty string");
  let rest = percent < 0 ? text : text.slice(0, percent);
  const bytes: number[] = [];
  let ellipsis = -1;
  if (rest.startsWith("::")) {
    ellipsis = 0;
    rest = rest.slice(2);
  }
  while (rest !== "" && bytes.length < 16) {
    const group = /^[0-9a-fA-F]*/.exec(rest)?.[0] ?? "";
    if (group.length > 4) failure.fail("each group must have 4 or less digits", rest);
    if (group === "") failure.fail("each colon-separated field must have at least one digit", rest);
    if (rest.charAt(group.length) === ".") {
      if (ellipsis < 0 && bytes.length !== 12) {
        failure.fail("embedded IPv4 address must replace the final 2 fields of the address", rest);
      }
      if (bytes.length > 12) failure.fail("too many hex fields to fit an embedded IPv4 at the end of the address", rest);
      bytes.push(...parse4(rest, failure));
      rest = "";
      break;
    }
    const value = Number.parseInt(group, 16);
    bytes.push(value >> 8, value & 255);
    rest = rest.slice(group.length);
    if (rest === "") break;
    if (!rest.startsWith(":")) failure.fail("unexpected character, want colon", rest);
    if (rest.length === 1) failure.fail("colon must be followed by more characters", rest);
    rest = rest.slice(1);
    if (rest.startsWith(":")) {
      if (ellipsis >= 0) failure.fail("multiple :: in address", rest);
      ellipsis = bytes.length;
      rest = rest.slice(1);
    }
  }
  if (rest !== "") failure.fail("trailing garbage after address", rest);
  if (bytes.length < 16) {
    if (ellipsis < 0) failure.fail("address string too short");
    bytes.splice(ellipsis, 0, ...Array<number>(16 - bytes.length).fill(0));
  } else if (ellipsis >= 0) {
    failure.fail("the :: must expand to at least one field of zeros");
  }
  return { bytes, zone };
}

export function parseAddress(text: string): Address {
  const failure = new Failure(text);
  const mark = /[.:%]/.exec(text)?.[0];
  if (mark === ".") return { bytes: parse4(text, failure), zone: "" };
  if (mark === ":") return parse6(text, failure);
  return failure.fail(mark === "%" ? "missing IPv6 address" : "unable to parse IP");
}

export function parsePrefix(text: string): Prefix {
  const fail = (message: string): never => {
    throw new CallFailure(`netip.ParsePrefix(${quote(text)}): ${message}`);
  };
  const slash = text.lastIndexOf("/");
  if (slash < 0) return fail("no '/'");
  let address: Address;
  try {
    address = parseAddress(text.slice(0, slash));
  } catch (error) {
    if (error instanceof CallFailure) return fail(error.message);
    throw error;
  }
  if (address.zone !== "") return fail("IPv6 zones cannot be present in a prefix");
  const bits = text.slice(slash + 1);
  if (!/^(?:0|[1-9]\d*|[+-]\d)$/.test(bits)) return fail(`bad bits after slash: ${quote(bits)}`);
  if (Number(bits) < 0 || Number(bits) > address.bytes.length * 8) return fail("prefix length out of range");
  return { address, bits: Number(bits) };
}

export function is4In6(address: Address): boolean {
  return address.bytes.length === 16 && address.bytes.slice(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 255));
}

/** An IPv4 address in IPv6 form as the IPv4 address. */
export function unmap(address: Address): Address {
  return is4In6(address) ? { bytes: address.bytes.slice(12), zone: "" } : address;
}

export function to16(address: Address): Address {
  if (address.bytes.length === 16) return address;
  return { bytes: [...Array<number>(10).fill(0), 255, 255, ...address.bytes], zone: "" };
}

export function formatAddress(address: Address): string {
  if (address.bytes.length === 4) return address.bytes.join(".");
  const zone = address.zone === "" ? "" : `%${address.zone}`;
  if (is4In6(address)) return `::ffff:${address.bytes.slice(12).join(".")}${zone}`;
  const groups = Array.from({ length: 8 }, (_, i) => ((address.bytes[i * 2] ?? 0) << 8) | (address.bytes[i * 2 + 1] ?? 0));
  // The longest run of at least two zero groups is left out; of equally long ones, the first.
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > length) {
      start = i;
      length = end - i;
    }
  }
  const hex = groups.map((group) => group.toString(16));
  if (start < 0) return hex.join(":") + zone;
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}${zone}`;
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.address)}/${prefix.bits}`;
}

function toNumber(bytes: readonly number[]): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** The address that many further on; the zone is lost, as in the reference. */
export function addToAddress(address: Address, offset: bigint): Address {
  const size = address.bytes.length;
  const value = toNumber(address.bytes) + offset;
  const outOfRange = "IP address arithmetic resulted in out-of-range address";
  if (value < 0n) throw new CallFailure(`${outOfRange} (underflow)`);
  if (value >> BigInt(size * 8) !== 0n) throw new CallFailure(`${outOfRange} (overflow)`);
  return { bytes: bytesOfNumber(value, size), zone: "" };
}

function bytesOfNumber(value: bigint, size: number): number[] {
  return Array.from({ length: size }, (_, i) => Number((value >> BigInt((size - 1 - i) * 8)) & 255n));
}

/** The mask of a prefix, its first and its last address. */
export function prefixRange(prefix: Prefix): { readonly mask: Address; readonly first: Address; readonly last: Address } {
  const size = prefix.address.bytes.length;
  const host = (1n << BigInt(size * 8 - prefix.bits)) - 1n;
  const mask = ((1n << BigInt(size * 8)) - 1n) ^ host;
  const value = toNumber(prefix.address.bytes);
  const of = (number: bigint): Address => ({ bytes: bytesOfNumber(number, size), zone: "" });
  return { mask: of(mask), first: of(value & mask), last: of((value & mask) | host) };
}

/** IPv4 before IPv6, then by value, then by zone. */
export function compareAddresses(a: Address, b: Address): -1 | 0 | 1 {
  if (a.bytes.length !== b.bytes.length) return a.bytes.length < b.bytes.length ? -1 : 1;
  const [left, right] = [toNumber(a.bytes), toNumber(b.bytes)];
  if (left !== right) return left < right ? -1 : 1;
  if (a.zone === b.zone) return 0;
  return a.zone < b.zone ? -1 : 1;
}
