/** Package uuid (RFC 4122): names become UUIDs; there are no random ones. */
import { md5, sha1 } from "@noble/hashes/legacy.js";
import type { BuiltinPackage } from "../contract.ts";
import { CallFailure } from "../contract.ts";
import { bytesOf, define, quote } from "../signature.ts";

function parse(text: string): Uint8Array {
  const length = bytesOf(text).length;
  let body = text;
  if (length === 45) {
    if (!/^urn:uuid:/i.test(text)) throw new CallFailure(`invalid urn prefix: ${quote(text.slice(0, 9))}`);
    body = text.slice(9);
  } else if (length === 38) {
    body = text.slice(1);
  } else if (length !== 36 && length !== 32) {
    throw new CallFailure(`invalid UUID length: ${length}`);
  }
  const pattern = length === 32 ? /^[0-9a-f]{32}$/i : /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
  if (!pattern.test(body)) throw new CallFailure("invalid UUID format");
  const digits = body.replaceAll("-", "");
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16));
}

function format(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function fromName(hash: (data: Uint8Array) => Uint8Array, version: number, space: string, data: Uint8Array): string {
  const named = hash(Uint8Array.from([...parse(space), ...data])).slice(0, 16);
  named[6] = ((named[6] ?? 0) & 0x0f) | (version << 4);
  named[8] = ((named[8] ?? 0) & 0x3f) | 0x80;
  return format(named);
}

function fromInt(value: bigint): string {
  const magnitude = value < 0n ? -value : value;
  const size = Math.ceil(magnitude.toString(16).length / 2);
  if (size > 16) throw new CallFailure(`invalid UUID (got ${size} bytes)`);
  return format(Uint8Array.from({ length: 16 }, (_, i) => Number((magnitude >> BigInt((15 - i) * 8)) & 255n)));
}

function variant(bytes: Uint8Array): bigint {
  const byte = bytes[8] ?? 0;
  if ((byte & 0xc0) === 0x80) return 1n;
  if ((byte & 0xe0) === 0xc0) return 3n;
  return (byte & 0xe0) === 0xe0 ? 4n : 2n;
}

export const uuidPackage: BuiltinPackage = {
  path: "uuid",
  functions: [
    define("Valid", ["string"], "bool", (call) => {
      const text = call.string(0);
      if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text)) return true;
      throw new CallFailure(`invalid UUID ${quote(text)}`);
    }),
    define("Parse", ["string"], "string", (call) => format(parse(call.string(0)))),
    define("ToString", ["string"], "string", (call) => call.string(0)),
    define("URN", ["string"], "string", (call) => `urn:uuid:${format(parse(call.string(0)))}`),
    define("FromInt", ["int"], "string", (call) => fromInt(call.int(0))),
    // The text's bytes as a number, not the UUID's: so the reference has it.
    define("ToInt", ["string"], "int", (call) =>
      BigInt(`0x0${Array.from(bytesOf(call.string(0)), (byte) => byte.toString(16).padStart(2, "0")).join("")}`),
    ),
    define("Variant", ["string"], "int", (call) => variant(parse(call.string(0)))),
    define("Version", ["string"], "int", (call) => BigInt((parse(call.string(0))[6] ?? 0) >> 4)),
    define("SHA1", ["string", "bytes"], "string", (call) => fromName(sha1, 5, call.string(0), call.bytes(1))),
    define("MD5", ["string", "bytes"], "string", (call) => fromName(md5, 3, call.string(0), call.bytes(1))),
  ],
  cue: `ns: {
	DNS:  "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
	URL:  "6ba7b811-9dad-11d1-80b4-00c04fd430c8"
	OID:  "6ba7b812-9dad-11d1-80b4-00c04fd430c8"
	X500: "6ba7b814-9dad-11d1-80b4-00c04fd430c8"
	Nil:  "00000000-0000-0000-0000-000000000000"
}
`,
};
