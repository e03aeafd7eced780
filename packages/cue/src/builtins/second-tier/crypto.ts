/** Packages crypto/md5, crypto/sha1, crypto/sha256, crypto/sha512 and crypto/hmac. */
import { hmac } from "@noble/hashes/hmac.js";
import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha224, sha256, sha384, sha512, sha512_224, sha512_256 } from "@noble/hashes/sha2.js";
import type { BuiltinFunction, BuiltinPackage } from "../contract.ts";
import { CallFailure } from "../contract.ts";
import { define } from "../signature.ts";

type Hash = typeof md5 | typeof sha256 | typeof sha224 | typeof sha512 | typeof sha384 | typeof sha512_224 | typeof sha512_256;

function sum(name: string, hash: Hash): BuiltinFunction {
  return define(name, ["bytes"], "bytes", (call) => hash(call.bytes(0)));
}

export const md5Package: BuiltinPackage = {
  path: "crypto/md5",
  constants: { Size: 16n, BlockSize: 64n },
  functions: [sum("Sum", md5)],
};

export const sha1Package: BuiltinPackage = {
  path: "crypto/sha1",
  constants: { Size: 20n, BlockSize: 64n },
  functions: [sum("Sum", sha1)],
};

export const sha256Package: BuiltinPackage = {
  path: "crypto/sha256",
  constants: { Size: 32n, Size224: 28n, BlockSize: 64n },
  functions: [sum("Sum256", sha256), sum("Sum224", sha224)],
};

export const sha512Package: BuiltinPackage = {
  path: "crypto/sha512",
  constants: { Size: 64n, Size224: 28n, Size256: 32n, Size384: 48n, BlockSize: 128n },
  functions: [sum("Sum512", sha512), sum("Sum512_224", sha512_224), sum("Sum512_256", sha512_256), sum("Sum384", sha384)],
};

const hashes: ReadonlyMap<string, Hash> = new Map<string, Hash>([
  ["MD5", md5],
  ["SHA1", sha1],
  ["SHA224", sha224],
  ["SHA256", sha256],
  ["SHA384", sha384],
  ["SHA512", sha512],
  ["SHA512_224", sha512_224],
  ["SHA512_256", sha512_256],
]);

export const hmacPackage: BuiltinPackage = {
  path: "crypto/hmac",
  constants: Object.fromEntries(Array.from(hashes.keys(), (name) => [name, name])),
  functions: [
    define("Sign", ["string", "bytes", "bytes"], "bytes", (call) => {
      const hash = hashes.get(call.string(0));
      if (hash === undefined) throw new CallFailure("unsupported hash function");
      return hmac(hash, call.bytes(1), call.bytes(2));
    }),
  ],
};
