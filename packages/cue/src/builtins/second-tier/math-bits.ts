/** Package math/bits. And, Or, Xor and Clear work on magnitudes: the sign of an argument is not looked at. */
import type { BuiltinPackage, Call } from "../contract.ts";
import { CallFailure } from "../contract.ts";
import { define } from "../signature.ts";

const maxShift = 1_000_000;

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function word(call: Call): bigint {
  const value = call.int(0);
  if (value < 0n) throw new CallFailure(`cannot use ${value} (type int) as uint64 in argument 0: value was negative`);
  if (value >> 64n !== 0n) throw new CallFailure(`cannot use ${value} (type int) as uint64 in argument 0: int64 overflow`);
  return value;
}

function place(call: Call): bigint {
  const at = call.integer(1);
  if (at < 0 || at > maxShift) throw new CallFailure(`bit ${at} is not between 0 and ${maxShift}`);
  return BigInt(at);
}

function setBit(call: Call): bigint {
  const at = place(call);
  const cleared = call.int(0) & ~(1n << at);
  switch (call.int(2)) {
    case 0n:
      return cleared;
    case 1n:
      return cleared | (1n << at);
    default:
      throw new CallFailure("bit must be 0 or 1");
  }
}

function onesCount(value: bigint): number {
  return value.toString(2).replaceAll("0", "").length;
}

function reversed(value: bigint, digits: number, radix: number, size: number): bigint {
  const text = value.toString(radix).padStart(digits, "0");
  let result = "";
  for (let i = text.length - size; i >= 0; i -= size) result += text.slice(i, i + size);
  return BigInt((radix === 2 ? "0b" : "0x") + result);
}

export const mathBitsPackage: BuiltinPackage = {
  path: "math/bits",
  functions: [
    define("And", ["int", "int"], "int", (call) => magnitude(call.int(0)) & magnitude(call.int(1))),
    define("At", ["int", "int"], "int", (call) => (call.int(0) >> place(call)) & 1n),
    define("Clear", ["int", "int"], "int", (call) => magnitude(call.int(0)) & ~magnitude(call.int(1))),
    define("Len", ["int"], "int", (call) => BigInt(word(call) === 0n ? 0 : word(call).toString(2).length)),
    define("Lsh", ["int", "int"], "int", (call) => call.int(0) << place(call)),
    define("OnesCount", ["int"], "int", (call) => BigInt(onesCount(word(call)))),
    define("Or", ["int", "int"], "int", (call) => magnitude(call.int(0)) | magnitude(call.int(1))),
    define("Reverse", ["int"], "int", (call) => reversed(word(call), 64, 2, 1)),
    define("ReverseBytes", ["int"], "int", (call) => reversed(word(call), 16, 16, 2)),
    define("Rsh", ["int", "int"], "int", (call) => call.int(0) >> place(call)),
    define("Set", ["int", "int", "int"], "int", setBit),
    define("Xor", ["int", "int"], "int", (call) => magnitude(call.int(0)) ^ magnitude(call.int(1))),
  ],
};
