import { describe, expect, test } from "vitest";
import { hexPackage } from "../encoding/hex.ts";
import type { BuiltinPackage, Data } from "../contract.ts";
import { callText } from "./call-for-tests.ts";
import { hmacPackage, md5Package, sha1Package, sha256Package, sha512Package } from "./crypto.ts";
import { ed25519Package } from "./ed25519.ts";
import { htmlPackage } from "./html.ts";
import { tabwriterPackage } from "./tabwriter.ts";
import { uuidPackage } from "./uuid.ts";

function hex(library: BuiltinPackage, name: string, ...args: Data[]): string {
  const bytes = Uint8Array.from(atob(JSON.parse(callText(library, name, ...args)) as string), (char) => char.charCodeAt(0));
  return JSON.parse(callText(hexPackage, "Encode", bytes)) as string;
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

describe("digests", () => {
  test("of the empty text", () => {
    expect(hex(md5Package, "Sum", "")).toBe("d41d8cd98f00b204e9800998ecf8427e");
    expect(hex(sha1Package, "Sum", "")).toBe("da39a3ee5e6b4b0d3255bfef95601890afd80709");
    expect(hex(sha256Package, "Sum224", "")).toMatch(/^d14a028c/);
    expect(hex(sha256Package, "Sum256", "")).toMatch(/^e3b0c442/);
    expect(hex(sha512Package, "Sum512", "")).toMatch(/^cf83e135/);
    expect(hex(sha512Package, "Sum384", "")).toMatch(/^38b060a7/);
  });

  test("with a key", () => {
    expect(hex(hmacPackage, "Sign", "MD5", "Jefe", "what do ya want for nothing?")).toBe("750c783e6ab0b503eaa86e310a5db738");
    expect(callText(hmacPackage, "Sign", "SHA3", "", "")).toBe("error: unsupported hash function");
  });

  // The first two test vectors of RFC 8032.
  test("Ed25519 signatures", () => {
    const key = bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    const signature = bytes(
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    );
    expect(callText(ed25519Package, "Valid", key, "", signature)).toBe("true");
    expect(callText(ed25519Package, "Valid", key, "x", signature)).toBe("false");
    expect(callText(ed25519Package, "Valid", key, "", signature.slice(1))).toBe("false");
    expect(callText(ed25519Package, "Valid", "", "", signature)).toBe("error: ed25519: publicKey must be 32 bytes");
    const second = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    const signed = bytes(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
    expect(callText(ed25519Package, "Valid", second, bytes("72"), signed)).toBe("true");
  });
});

describe("package uuid", () => {
  const dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  const id = "052ef62d-7223-58b6-a551-c1deee46d401";
  test.each<[string, Data[], string]>([
    ["SHA1", [dns, "cuelang.org"], `"${id}"`],
    ["MD5", ["6ba7b811-9dad-11d1-80b4-00c04fd430c8", "https://cuelang.org"], '"d891d69e-ae5c-39e0-9ead-164abd207f1f"'],
    ["Parse", [`{${id.toUpperCase()}}`], `"${id}"`],
    ["Parse", [id.replaceAll("-", "")], `"${id}"`],
    ["Parse", ["abc"], "error: invalid UUID length: 3"],
    ["Parse", [`${id.slice(0, -1)}x`], "error: invalid UUID format"],
    ["URN", [id], `"urn:uuid:${id}"`],
    ["FromInt", [0x052ef62d722358b6a551c1deee46d401n], `"${id}"`],
    ["FromInt", [1n << 128n], "error: invalid UUID (got 17 bytes)"],
    ["Variant", [id], "1"],
    ["Version", [id], "5"],
    ["Valid", [id], "true"],
    ["Valid", [id.toUpperCase()], `error: invalid UUID "${id.toUpperCase()}"`],
    ["ToInt", ["AB"], "16706"],
  ])("%s case %#", (name, args, result) => {
    expect(callText(uuidPackage, name, ...args)).toBe(result);
  });
});

test("package html", () => {
  expect(callText(htmlPackage, "Escape", "<a b='c'>&\"")).toBe('"&lt;a b=&#39;c&#39;&gt;&amp;&#34;"');
  expect(callText(htmlPackage, "Unescape", "&lt;&#x41;&#66;&eacute;&euro;&notit;&foo;&#128;&#0;&copy &")).toBe(
    '"<AB\u00e9\u20ac\u00acit;&foo;\u20ac\ufffd\u00a9 &"',
  );
});

test("package text/tabwriter", () => {
  expect(callText(tabwriterPackage, "Write", "a\tb\tc\naaa\tbbbb\tc\n\nx\ty\n")).toBe('"a   b    c\\naaa bbbb c\\n\\nx y\\n"');
  expect(callText(tabwriterPackage, "Write", ["a\tb", "ccc\td"])).toBe('"a   b\\nccc d\\n"');
  expect(callText(tabwriterPackage, "Write", 1n)).toBe("error: tabwriter.Write: unsupported type int");
});
