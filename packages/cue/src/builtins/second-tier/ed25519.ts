/**
 * Package crypto/ed25519: verification of signatures (RFC 8032, section 5.1.7, without the cofactor, as Go does it).
 * Nothing here is secret, so nothing has to take constant time.
 */
import { sha512 } from "@noble/hashes/sha2.js";
import type { BuiltinPackage } from "../contract.ts";
import { CallFailure } from "../contract.ts";
import { define } from "../signature.ts";

const prime = (1n << 255n) - 19n;
/** The order of the base point. */
const order = (1n << 252n) + 27742317777372353535851937790883648493n;

function mod(value: bigint): bigint {
  const rest = value % prime;
  return rest < 0n ? rest + prime : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = mod(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}

const d = mod(-121665n * power(121666n, prime - 2n));
const rootOfMinusOne = power(2n, (prime - 1n) / 4n);

/** Extended homogeneous coordinates: x = X/Z, y = Y/Z, xy = T/Z. */
interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly t: bigint;
}

const identity: Point = { x: 0n, y: 1n, z: 1n, t: 0n };

function add(p: Point, q: Point): Point {
  const a = mod((p.y - p.x) * (q.y - q.x));
  const b = mod((p.y + p.x) * (q.y + q.x));
  const c = mod(2n * p.t * q.t * d);
  const e = mod(2n * p.z * q.z);
  return { x: mod((b - a) * (e - c)), y: mod((e + c) * (b + a)), z: mod((e - c) * (e + c)), t: mod((b - a) * (b + a)) };
}

function multiply(point: Point, factor: bigint): Point {
  let result = identity;
  let doubled = point;
  for (let rest = factor; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = add(result, doubled);
    doubled = add(doubled, doubled);
  }
  return result;
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** The point of 32 bytes; undefined where there is none. */
function decodePoint(bytes: Uint8Array): Point | undefined {
  const value = littleEndian(bytes);
  const odd = value >> 255n;
  const y = mod(value & ((1n << 255n) - 1n));
  const u = mod(y * y - 1n);
  const v = mod(d * y * y + 1n);
  let x = mod(u * power(v, 3n) * power(u * power(v, 7n), (prime - 5n) / 8n));
  const check = mod(v * x * x);
  if (check !== u) {
    if (check !== mod(-u)) return undefined;
    x = mod(x * rootOfMinusOne);
  }
  if ((x & 1n) !== odd) x = mod(-x);
  return { x, y, z: 1n, t: mod(x * y) };
}

function encodePoint(point: Point): bigint {
  const inverse = power(point.z, prime - 2n);
  return mod(point.y * inverse) | ((mod(point.x * inverse) & 1n) << 255n);
}

/** y = 4/5, x even. */
const basePoint = decodePoint(Uint8Array.from([0x58, ...Array<number>(31).fill(0x66)])) ?? identity;

function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const key = decodePoint(publicKey);
  const s = littleEndian(signature.subarray(32));
  if (key === undefined || s >= order) return false;
  const hashed = sha512(Uint8Array.from([...signature.subarray(0, 32), ...publicKey, ...message]));
  const negated = { x: mod(-key.x), y: key.y, z: 1n, t: mod(-key.t) };
  const expected = add(multiply(basePoint, s), multiply(negated, littleEndian(hashed) % order));
  return encodePoint(expected) === littleEndian(signature.subarray(0, 32));
}

export const ed25519Package: BuiltinPackage = {
  path: "crypto/ed25519",
  constants: { PublicKeySize: 32n },
  functions: [
    define("Valid", ["bytes", "bytes", "bytes"], "bool", (call) => {
      if (call.bytes(0).length !== 32) throw new CallFailure("ed25519: publicKey must be 32 bytes");
      return verify(call.bytes(0), call.bytes(1), call.bytes(2));
    }),
  ],
};
