/** Package net. */
import type { BuiltinFunction, BuiltinPackage, Data, Handle } from "../contract.ts";
import { CallFailure, kind } from "../contract.ts";
import {
  addToAddress,
  type Address,
  compareAddresses,
  formatAddress,
  formatPrefix,
  is4In6,
  parseAddress,
  parsePrefix,
  type Prefix,
  prefixRange,
  to16,
  unmap,
} from "./ip-address.ts";
import { define, kindName, quote, textOf } from "../signature.ts";
import { parseUrl, pathEscape, queryEscape, unescapeUrl } from "./url-syntax.ts";

/** A string or bytes as text; undefined for other kinds. */
function textValue(value: Handle): string | undefined {
  // Only a scalar has a default to take; a list or struct is what it is.
  if ((value.kinds() & kind.scalar) === 0) return undefined;
  const scalar = value.scalar();
  if (typeof scalar === "string") return scalar;
  return scalar instanceof Uint8Array ? textOf(scalar) : undefined;
}

/** The bytes of a list of 4 or 16 small ints. */
function addressOfList(value: Handle): Address | undefined {
  const bytes: number[] = [];
  for (const element of value.elements()) {
    const byte = (element.kinds() & kind.number) === 0 ? undefined : element.scalar();
    if (typeof byte !== "bigint" || byte < 0n || byte > 255n) return undefined;
    bytes.push(Number(byte));
  }
  return bytes.length === 4 || bytes.length === 16 ? { bytes, zone: "" } : undefined;
}

/** A list as CUE's formatter writes it. */
function listText(list: Handle): string {
  const elements = list.elements().map((element) => element.text());
  return `[${elements.join(", ")}]`;
}

function addressOf(value: Handle): Address {
  const text = textValue(value);
  if (text !== undefined) return parseAddress(text);
  if (value.kinds() !== kind.list) throw new CallFailure(`invalid type ${kindName(value)} for IP address`);
  const address = addressOfList(value);
  if (address === undefined) throw new CallFailure(`invalid IP address ${listText(value)}`);
  return address;
}

function prefixOf(value: Handle): Prefix {
  const text = textValue(value);
  if (text === undefined) throw new CallFailure(`invalid type ${kindName(value)} for IP CIDR`);
  return parsePrefix(text);
}

function toList(address: Address): bigint[] {
  return address.bytes.map(BigInt);
}

/** A validator of addresses. */
function property(name: string, holds: (address: Address) => boolean): BuiltinFunction {
  return define(name, ["value"], "bool", (call) => holds(addressOf(call.value(0))));
}

function startsWith(address: Address, first: number, second: number, mask: number): boolean {
  const [a = 0, b = 0] = address.bytes;
  return a === first && (b & mask) === second;
}

const is4 = (address: Address): boolean => address.bytes.length === 4;

function isLoopback(address: Address): boolean {
  const { bytes } = unmap(address);
  return bytes.length === 4 ? bytes[0] === 127 : bytes.every((byte, i) => byte === (i === 15 ? 1 : 0));
}

function isMulticast(address: Address): boolean {
  const { bytes } = unmap(address);
  return bytes.length === 4 ? ((bytes[0] ?? 0) & 0xf0) === 0xe0 : bytes[0] === 0xff;
}

function isLinkLocalUnicast(address: Address): boolean {
  const ip = unmap(address);
  return is4(ip) ? startsWith(ip, 169, 254, 255) : startsWith(ip, 0xfe, 0x80, 0xc0);
}

function isLinkLocalMulticast(address: Address): boolean {
  const ip = unmap(address);
  return is4(ip) ? startsWith(ip, 224, 0, 255) && ip.bytes[2] === 0 : startsWith(ip, 0xff, 0x02, 0x0f);
}

function isUnspecified(address: Address): boolean {
  return address.zone === "" && address.bytes.every((byte) => byte === 0);
}

function isGlobalUnicast(address: Address): boolean {
  const ip = unmap(address);
  const broadcast = is4(ip) && ip.bytes.every((byte) => byte === 255);
  return !broadcast && !isUnspecified(ip) && !isLoopback(ip) && !isMulticast(ip) && !isLinkLocalUnicast(ip);
}

function splitHostPort(text: string): string[] {
  const fail = (message: string): never => {
    throw new CallFailure(`address ${text}: ${message}`);
  };
  const colon = text.lastIndexOf(":");
  if (colon < 0) return fail("missing port in address");
  let host = text.slice(0, colon);
  let checkOpen = 0;
  let checkClose = 0;
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    if (end < 0) return fail("missing ']' in address");
    if (end + 1 === text.length) return fail("missing port in address");
    if (end + 1 !== colon) return fail(text.charAt(end + 1) === ":" ? "too many colons in address" : "missing port in address");
    host = text.slice(1, end);
    checkOpen = 1;
    checkClose = end + 1;
  } else if (host.includes(":")) {
    return fail("too many colons in address");
  }
  if (text.includes("[", checkOpen)) return fail("unexpected '[' in address");
  if (text.includes("]", checkClose)) return fail("unexpected ']' in address");
  return [host, text.slice(colon + 1)];
}

function joinHostPort(host: Handle, port: Handle): string {
  let hostText = textValue(host);
  if (hostText === undefined && host.kinds() === kind.list) {
    const address = addressOfList(host);
    if (address === undefined) throw new CallFailure(`invalid host ${listText(host)}`);
    hostText = formatAddress(address);
  }
  if (hostText === undefined) throw cannotUse(host, "string");
  let portText = textValue(port);
  if (portText === undefined) {
    const number = (port.kinds() & kind.number) === 0 ? undefined : port.scalar();
    if (typeof number !== "bigint") throw cannotUse(port, "int");
    portText = String(number);
  }
  return hostText.includes(":") ? `[${hostText}]:${portText}` : `${hostText}:${portText}`;
}

function cannotUse(value: Handle, wanted: string): CallFailure {
  return new CallFailure(`cannot use value ${value.text()} (type ${kindName(value)}) as ${wanted}`);
}

/** Letters, digits and inner hyphens, labels of at most 63 and names of at most 253 characters (RFC 1034). */
function isDomainName(text: string): boolean {
  const name = text.endsWith(".") ? text.slice(0, -1) : text;
  if (name.length === 0 || name.length > 253) return false;
  return name.split(".").every((label) => {
    if (!/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label)) return false;
    // Two hyphens in this place are kept for internationalized names.
    return label.slice(2, 4) !== "--" || /^xn--./i.test(label);
  });
}

function parseCidr(value: Handle): ReadonlyMap<string, Data> {
  const prefix = prefixOf(value);
  const { mask, first, last } = prefixRange(prefix);
  const parts = new Map<string, Data>([
    ["prefix_mask", formatAddress(mask)],
    ["prefix_len", BigInt(prefix.bits)],
    ["prefix_addr", formatAddress(first)],
  ]);
  if (is4(first)) parts.set("broadcast_addr", formatAddress(last));
  return parts;
}

/** An address, or a prefix whose address is moved. */
function addIp(value: Handle, offset: bigint): string {
  const text = textValue(value);
  if (text?.includes("/") === true) {
    const prefix = parsePrefix(text);
    return formatPrefix({ address: addToAddress(prefix.address, offset), bits: prefix.bits });
  }
  return formatAddress(addToAddress(addressOf(value), offset));
}

function addIpCidr(value: Handle, offset: bigint): string {
  const { address, bits } = prefixOf(value);
  const size = address.bytes.length * 8;
  // An offset that no address can take is not shifted, so that it cannot fill the memory.
  const step = offset > 1n << 130n || offset < -(1n << 130n) ? offset : offset << BigInt(size - bits);
  return formatPrefix({ address: addToAddress(address, step), bits });
}

function inCidr(value: Handle, cidr: Handle): boolean {
  const address = addressOf(value);
  const prefix = prefixOf(cidr);
  if (address.zone !== "" || address.bytes.length !== prefix.address.bytes.length) return false;
  const { first, last } = prefixRange(prefix);
  return compareAddresses(first, address) <= 0 && compareAddresses(address, last) <= 0;
}

export const netPackage: BuiltinPackage = {
  path: "net",
  constants: { IPv4len: 4n, IPv6len: 16n },
  functions: [
    define("SplitHostPort", ["string"], "list", (call) => splitHostPort(call.string(0))),
    define("JoinHostPort", ["value", "value"], "string", (call) => joinHostPort(call.value(0), call.value(1))),
    define("FQDN", ["string"], "bool", (call) => isDomainName(call.string(0))),
    define("ParseIP", ["string"], "list", (call) => {
      try {
        return toList(parseAddress(call.string(0)));
      } catch (error) {
        if (error instanceof CallFailure) throw new CallFailure(`invalid IP address ${quote(call.string(0))}`);
        throw error;
      }
    }),
    property("IPv4", is4),
    property("IPv6", (address) => address.bytes.length === 16),
    property("IP", () => true),
    define("IPCIDR", ["value"], "bool", (call) => {
      prefixOf(call.value(0));
      return true;
    }),
    define("ParseCIDR", ["value"], "struct", (call) => parseCidr(call.value(0))),
    define("InCIDR", ["value", "value"], "bool", (call) => inCidr(call.value(0), call.value(1))),
    define("CompareIP", ["value", "value"], "int", (call) => BigInt(compareAddresses(addressOf(call.value(0)), addressOf(call.value(1))))),
    property("LoopbackIP", isLoopback),
    property("MulticastIP", isMulticast),
    property("InterfaceLocalMulticastIP", (ip) => !is4(ip) && !is4In6(ip) && startsWith(ip, 0xff, 0x01, 0x0f)),
    property("LinkLocalMulticastIP", isLinkLocalMulticast),
    property("LinkLocalUnicastIP", isLinkLocalUnicast),
    property("GlobalUnicastIP", isGlobalUnicast),
    property("UnspecifiedIP", isUnspecified),
    define("ToIP4", ["value"], "list", (call) => {
      const address = addressOf(call.value(0));
      if (!is4(address)) throw new CallFailure(`cannot convert ${quote(formatAddress(address))} to IPv4`);
      return toList(address);
    }),
    define("ToIP16", ["value"], "list", (call) => toList(to16(addressOf(call.value(0))))),
    define("IPString", ["value"], "string", (call) => formatAddress(addressOf(call.value(0)))),
    define("AddIP", ["value", "int"], "string", (call) => addIp(call.value(0), call.int(1))),
    define("AddIPCIDR", ["value", "int"], "string", (call) => addIpCidr(call.value(0), call.int(1))),
    define("PathEscape", ["string"], "string", (call) => pathEscape(call.string(0))),
    define("PathUnescape", ["string"], "string", (call) => unescapeUrl(call.string(0), "segment")),
    define("QueryEscape", ["string"], "string", (call) => queryEscape(call.string(0))),
    define("QueryUnescape", ["string"], "string", (call) => unescapeUrl(call.string(0), "query")),
    define("URL", ["string"], "bool", (call) => {
      parseUrl(call.string(0));
      return true;
    }),
    define("AbsURL", ["string"], "bool", (call) => {
      if (!parseUrl(call.string(0)).absolute) throw new CallFailure("URL is not absolute");
      return true;
    }),
  ],
};
