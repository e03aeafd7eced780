/** Package encoding/hex. */
import type { BuiltinPackage } from "../contract.ts";
import { CallFailure } from "../contract.ts";
import { bytesOf, define } from "../signature.ts";

export function encodeHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function nibble(byte: number): number {
  const digit = /^[0-9a-fA-F]$/.test(String.fromCharCode(byte)) ? Number.parseInt(String.fromCharCode(byte), 16) : -1;
  if (digit >= 0) return digit;
  const char = byte > 0x20 && byte < 0x7f ? ` '${String.fromCharCode(byte)}'` : "";
  throw new CallFailure(`encoding/hex: invalid byte: U+${byte.toString(16).toUpperCase().padStart(4, "0")}${char}`);
}

function decodeHex(text: string): Uint8Array {
  const digits = bytesOf(text);
  const out = new Uint8Array(digits.length >> 1);
  digits.forEach((digit, i) => {
    const value = nibble(digit);
    if (i >> 1 < out.length) out[i >> 1] = ((out[i >> 1] ?? 0) << 4) | value;
  });
  if (digits.length % 2 === 1) throw new CallFailure("encoding/hex: odd length hex string");
  return out;
}

/** As `hexdump -C` prints it: 16 bytes a line, as hex and as text. */
function dump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const hex = Array.from({ length: 16 }, (_, i) => {
      const byte = row[i];
      return (byte === undefined ? "  " : byte.toString(16).padStart(2, "0")) + (i === 7 ? "  " : " ");
    }).join("");
    const text = Array.from(row, (byte) => (byte < 0x20 || byte > 0x7e ? "." : String.fromCharCode(byte))).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hex} |${text}|\n`);
  }
  return lines.join("");
}

export const hexPackage: BuiltinPackage = {
  path: "encoding/hex",
  functions: [
    define("EncodedLen", ["int"], "int", (call) => call.int(0) * 2n),
    define("DecodedLen", ["int"], "int", (call) => call.int(0) / 2n),
    define("Decode", ["string"], "bytes", (call) => decodeHex(call.string(0))),
    define("Dump", ["bytes"], "string", (call) => dump(call.bytes(0))),
    define("Encode", ["bytes"], "string", (call) => encodeHex(call.bytes(0))),
  ],
};
