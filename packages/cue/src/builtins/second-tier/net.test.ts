import { describe, expect, test } from "vitest";
import type { Data } from "../contract.ts";
import { callText } from "./call-for-tests.ts";
import { netPackage } from "./net.ts";

const call = (name: string, ...args: Data[]): string => callText(netPackage, name, ...args);

describe("package net", () => {
  test.each([
    ["192.0.2.1", '"192.0.2.1"'],
    ["2001:db8:0:0:1:0:0:1", '"2001:db8::1:0:0:1"'],
    ["::", '"::"'],
    ["::1%eth0", '"::1%eth0"'],
    ["::ffff:127.0.0.1", '"::ffff:127.0.0.1"'],
    ["1:2:3:4:5:6:7:8", '"1:2:3:4:5:6:7:8"'],
    ["1:0:3:4:5:6:7:8", '"1:0:3:4:5:6:7:8"'],
    ["", 'error: ParseAddr(""): unable to parse IP'],
    ["1.2.3", 'error: ParseAddr("1.2.3"): IPv4 address too short'],
    ["1.2.3.4.5", 'error: ParseAddr("1.2.3.4.5"): IPv4 address too long'],
    ["1.02.3.4", 'error: ParseAddr("1.02.3.4"): IPv4 field has octet with leading zero'],
    ["1..2.3", 'error: ParseAddr("1..2.3"): IPv4 field must have at least one digit (at ".2.3")'],
    ["1.2.3.256", 'error: ParseAddr("1.2.3.256"): IPv4 field has value >255'],
    ["1.2.3.x", 'error: ParseAddr("1.2.3.x"): unexpected character (at "x")'],
    ["::12345", 'error: ParseAddr("::12345"): each group must have 4 or less digits (at "12345")'],
    ["1::2::3", 'error: ParseAddr("1::2::3"): multiple :: in address (at ":3")'],
    ["1:2", 'error: ParseAddr("1:2"): address string too short'],
    ["1:2:", 'error: ParseAddr("1:2:"): colon must be followed by more characters (at ":")'],
    ["::1%", 'error: ParseAddr("::1%"): zone must be a non-empty string'],
    ["1:2:3:4:5:6:7:8:9", 'error: ParseAddr("1:2:3:4:5:6:7:8:9"): trailing garbage after address (at "9")'],
  ])("IPString %j", (text, result) => {
    expect(call("IPString", text)).toBe(result);
  });

  test.each<[string, Data, string]>([
    ["IP", 1n, "error: invalid type int for IP address"],
    ["IP", [10n, 0n, 0n, 1n], "true"],
    ["IPv4", "::ffff:10.0.0.1", "false"],
    ["IPv6", "::ffff:10.0.0.1", "true"],
    ["LoopbackIP", "127.9.9.9", "true"],
    ["LoopbackIP", "::1", "true"],
    ["MulticastIP", "224.0.0.1", "true"],
    ["InterfaceLocalMulticastIP", "ff01::1", "true"],
    ["LinkLocalMulticastIP", "ff02::1", "true"],
    ["LinkLocalUnicastIP", "169.254.0.1", "true"],
    ["LinkLocalUnicastIP", "fe80::1", "true"],
    ["GlobalUnicastIP", "8.8.8.8", "true"],
    ["GlobalUnicastIP", "255.255.255.255", "false"],
    ["UnspecifiedIP", "0.0.0.0", "true"],
    ["ToIP4", "10.0.0.1", "[10,0,0,1]"],
    ["ToIP16", "10.0.0.1", "[0,0,0,0,0,0,0,0,0,0,255,255,10,0,0,1]"],
    ["IPCIDR", "10.0.0.0/8", "true"],
    ["IPCIDR", "10.0.0.0/33", 'error: netip.ParsePrefix("10.0.0.0/33"): prefix length out of range'],
    ["IPCIDR", "10.0.0.0/08", 'error: netip.ParsePrefix("10.0.0.0/08"): bad bits after slash: "08"'],
    ["IPCIDR", 1n, "error: invalid type int for IP CIDR"],
    [
      "ParseCIDR",
      "10.20.30.40/24",
      '{"prefix_mask":"255.255.255.0","prefix_len":24,"prefix_addr":"10.20.30.0","broadcast_addr":"10.20.30.255"}',
    ],
    ["ParseCIDR", "2001:db8::/32", '{"prefix_mask":"ffff:ffff::","prefix_len":32,"prefix_addr":"2001:db8::"}'],
    ["FQDN", "foo.bar.", "true"],
    ["FQDN", "foo..bar", "false"],
    ["FQDN", "under_score", "false"],
    ["FQDN", "-a", "false"],
    ["FQDN", "a".repeat(64), "false"],
  ])("%s case %#", (name, value, result) => {
    expect(call(name, value)).toBe(result);
  });

  test("arithmetic and comparison", () => {
    expect(call("AddIP", "127.0.0.1/8", 2n)).toBe('"127.0.0.3/8"');
    expect(call("AddIP", "0.0.0.0", -1n)).toContain("(underflow)");
    expect(call("AddIPCIDR", "192.168.0.0/23", 1n)).toBe('"192.168.2.0/23"');
    expect(call("AddIPCIDR", "192.168.0.0/23", 1n << 200_000n)).toContain("(overflow)");
    expect(call("CompareIP", "10.0.0.1", [10n, 0n, 0n, 2n])).toBe("-1");
    expect(call("CompareIP", "::1", "10.0.0.1")).toBe("1");
    expect(call("InCIDR", "10.1.2.3", "10.0.0.0/8")).toBe("true");
    expect(call("InCIDR", "11.1.2.3", "10.0.0.0/8")).toBe("false");
  });

  test.each<[string, string]>([
    ["[::1%lo0]:80", '["::1%lo0","80"]'],
    ["a:1", '["a","1"]'],
    ["a", "error: address a: missing port in address"],
    ["a:1:2", "error: address a:1:2: too many colons in address"],
    ["[::1", "error: address [::1: missing ']' in address"],
    ["[::1]80", "error: address [::1]80: missing port in address"],
  ])("SplitHostPort %j", (text, result) => {
    expect(call("SplitHostPort", text)).toBe(result);
  });

  test("JoinHostPort", () => {
    expect(call("JoinHostPort", "::1", 80n)).toBe('"[::1]:80"');
    expect(call("JoinHostPort", [10n, 0n, 0n, 1n], "http")).toBe('"10.0.0.1:http"');
    expect(call("JoinHostPort", [10n, 0n], 80n)).toBe("error: invalid host [10, 0]");
  });

  test("escapes", () => {
    expect(call("PathEscape", "a/b c+\u00e9")).toBe('"a%2Fb%20c+%C3%A9"');
    expect(call("PathUnescape", "a%2Fb+c")).toBe('"a/b+c"');
    expect(call("PathUnescape", "%zz1")).toBe('error: invalid URL escape "%zz"');
    expect(call("QueryEscape", "a/b c&")).toBe('"a%2Fb+c%26"');
    expect(call("QueryUnescape", "a%25+b")).toBe('"a% b"');
  });

  test.each([
    ["https://user:pw@[::1%25en0]:80/p?q#f", "true"],
    ["mailto:a@b", "true"],
    ["/p", "error: URL is not absolute"],
    ["%", 'error: parse "%": invalid URL escape "%"'],
    [":x", 'error: parse ":x": missing protocol scheme'],
    ["1:x", 'error: parse "1:x": first path segment in URL cannot contain colon'],
    ["http://a:b/", 'error: parse "http://a:b/": invalid port ":b" after host'],
    ["http://a b/", 'error: parse "http://a b/": invalid character " " in host name'],
    ["http://[::1/", "error: parse \"http://[::1/\": missing ']' in host"],
    ["http://a%41/", 'error: parse "http://a%41/": invalid URL escape "%41"'],
    ["http://a\n", 'error: parse "http://a\\n": net/url: invalid control character in URL'],
    ["http://a\u00e9/", "true"],
  ])("AbsURL %j", (text, result) => {
    expect(call("AbsURL", text)).toBe(result);
  });
});
