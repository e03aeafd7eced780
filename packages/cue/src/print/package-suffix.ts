/** What tells the hidden fields of a package apart from those of others: the beginning of the MD5 of its path. */
import { md5 } from "@noble/hashes/legacy.js";
import { encodeUtf8 } from "../syntax/utf8.ts";

export function packageSuffix(path: string): string {
  return [...md5(encodeUtf8(path)).subarray(0, 4)]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase();
}
