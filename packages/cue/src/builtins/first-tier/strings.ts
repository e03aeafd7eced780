/** Package strings. Indices count bytes of UTF-8, as in the reference; the functions named after runes count code points. */
import type { BuiltinPackage, Call } from "../contract.ts";
import { CallFailure } from "../contract.ts";
import { utf8Length } from "../../syntax/utf8.ts";
import { define } from "../signature.ts";

/** White space as Unicode has it for words: no format characters. */
const space = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u;
const spaces = new RegExp(`${space.source}+`, "u");

const maxLength = 100_000_000;

function isSpace(char: string): boolean {
  return space.test(char);
}

/** One code point for one: `ß` has no capital of its own. */
function upper(char: string): string {
  const mapped = [...char.toUpperCase()];
  return mapped.length === 1 ? (mapped[0] ?? char) : char;
}

function lower(char: string): string {
  return [...char.toLowerCase()][0] ?? char;
}

function mapped(text: string, change: (char: string) => string): string {
  return Array.from(text, change).join("");
}

/** The first character of each word changed. */
function mapWords(text: string, change: (char: string) => string): string {
  let before = " ";
  return mapped(text, (char) => {
    const atStart = isSpace(before);
    before = char;
    return atStart ? change(char) : char;
  });
}

function trimStart(text: string, isCut: (char: string) => boolean): string {
  const chars = [...text];
  const first = chars.findIndex((char) => !isCut(char));
  return first < 0 ? "" : chars.slice(first).join("");
}

function trimEnd(text: string, isCut: (char: string) => boolean): string {
  const chars = [...text];
  return chars.slice(0, chars.findLastIndex((char) => !isCut(char)) + 1).join("");
}

function cutset(call: Call): (char: string) => boolean {
  const set = new Set(call.string(1));
  return (char) => set.has(char);
}

/** At most `limit` parts, the last with all that is left; all of them for a negative limit. */
function split(text: string, separator: string, limit: number): string[] {
  if (limit === 0) return [];
  const parts = separator === "" ? [...text] : text.split(separator);
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

function splitAfter(text: string, separator: string, limit: number): string[] {
  const parts = split(text, separator, limit);
  return parts.map((part, i) => (i < parts.length - 1 ? part + separator : part));
}

function replace(text: string, old: string, replacement: string, limit: number): string {
  if (old === "") {
    // An empty text is found before each character and at the end.
    const chars = [...text];
    const count = limit < 0 ? chars.length + 1 : Math.min(limit, chars.length + 1);
    return checked(chars.map((char, i) => (i < count ? replacement + char : char)).join("") + (count > chars.length ? replacement : ""));
  }
  return checked(split(text, old, limit < 0 ? -1 : limit + 1).join(replacement));
}

function checked(text: string): string {
  if (text.length > maxLength) throw new CallFailure(`result exceeds limit of ${maxLength} bytes`);
  return text;
}

/** In bytes of UTF-8; -1 for none. */
function byteIndex(text: string, index: number): number {
  return index < 0 ? -1 : utf8Length(text.slice(0, index));
}

/** Where the first (or last) character of the set stands, in code units. */
function indexOfAny(text: string, chars: string, isLast: boolean): number {
  const set = new Set(chars);
  let at = 0;
  let found = -1;
  for (const char of text) {
    if (set.has(char)) {
      found = at;
      if (!isLast) break;
    }
    at += char.length;
  }
  return found;
}

function count(text: string, part: string): number {
  return part === "" ? [...text].length + 1 : text.split(part).length - 1;
}

/** By bytes, which is by code points. */
function compareTexts(a: string, b: string): number {
  const xs = [...a];
  const ys = [...b];
  for (let i = 0; i < xs.length && i < ys.length; i++) {
    const order = (xs[i]?.codePointAt(0) ?? 0) - (ys[i]?.codePointAt(0) ?? 0);
    if (order !== 0) return Math.sign(order);
  }
  return Math.sign(xs.length - ys.length);
}

function repeat(text: string, times: number): string {
  if (times < 0) throw new CallFailure("strings: negative Repeat count");
  if (text.length * times > maxLength) throw new CallFailure(`result exceeds limit of ${maxLength} bytes`);
  return text.repeat(times);
}

function slice<T>(call: Call, all: ArrayLike<T> & { slice(start: number, end: number): ArrayLike<T> }): ArrayLike<T> {
  const start = call.integer(1);
  const end = call.integer(2);
  if (start < 0 || start > end || end > all.length) throw new CallFailure("index out of range");
  return all.slice(start, end);
}

function byteAt(call: Call): bigint {
  const byte = call.bytes(0)[call.integer(1)];
  if (byte === undefined) throw new CallFailure("index out of range");
  return BigInt(byte);
}

export const stringsPackage: BuiltinPackage = {
  path: "strings",
  functions: [
    define("ByteAt", ["bytes", "int"], "int", byteAt),
    define("ByteSlice", ["bytes", "int", "int"], "bytes", (call) => slice(call, call.bytes(0)) as Uint8Array),
    define("Compare", ["string", "string"], "int", (call) => BigInt(compareTexts(call.string(0), call.string(1)))),
    define("Contains", ["string", "string"], "bool", (call) => call.string(0).includes(call.string(1))),
    define("ContainsAny", ["string", "string"], "bool", (call) => indexOfAny(call.string(0), call.string(1), false) >= 0),
    define("Count", ["string", "string"], "int", (call) => BigInt(count(call.string(0), call.string(1)))),
    define("Fields", ["string"], "list", (call) =>
      call
        .string(0)
        .split(spaces)
        .filter((part) => part !== ""),
    ),
    define("HasPrefix", ["string", "string"], "bool", (call) => call.string(0).startsWith(call.string(1))),
    define("HasSuffix", ["string", "string"], "bool", (call) => call.string(0).endsWith(call.string(1))),
    define("Index", ["string", "string"], "int", (call) => BigInt(byteIndex(call.string(0), call.string(0).indexOf(call.string(1))))),
    define("IndexAny", ["string", "string"], "int", (call) =>
      BigInt(byteIndex(call.string(0), indexOfAny(call.string(0), call.string(1), false))),
    ),
    define("LastIndex", ["string", "string"], "int", (call) =>
      BigInt(byteIndex(call.string(0), call.string(0).lastIndexOf(call.string(1)))),
    ),
    define("LastIndexAny", ["string", "string"], "int", (call) =>
      BigInt(byteIndex(call.string(0), indexOfAny(call.string(0), call.string(1), true))),
    ),
    define("Join", ["list", "string"], "string", (call) => checked(call.strings(0).join(call.string(1)))),
    define("MaxRunes", ["string", "int"], "bool", (call) => BigInt([...call.string(0)].length) <= call.int(1)),
    define("MinRunes", ["string", "int"], "bool", (call) => BigInt([...call.string(0)].length) >= call.int(1)),
    define("Repeat", ["string", "int"], "string", (call) => repeat(call.string(0), call.integer(1))),
    define("Replace", ["string", "string", "string", "int"], "string", (call) =>
      replace(call.string(0), call.string(1), call.string(2), call.integer(3)),
    ),
    define("Runes", ["string"], "list", (call) => Array.from(call.string(0), (char) => BigInt(char.codePointAt(0) ?? 0))),
    define("SliceRunes", ["string", "int", "int"], "string", (call) => Array.from(slice(call, [...call.string(0)])).join("")),
    define("Split", ["string", "string"], "list", (call) => split(call.string(0), call.string(1), -1)),
    define("SplitAfter", ["string", "string"], "list", (call) => splitAfter(call.string(0), call.string(1), -1)),
    define("SplitAfterN", ["string", "string", "int"], "list", (call) => splitAfter(call.string(0), call.string(1), call.integer(2))),
    define("SplitN", ["string", "string", "int"], "list", (call) => split(call.string(0), call.string(1), call.integer(2))),
    define("ToCamel", ["string"], "string", (call) => mapWords(call.string(0), lower)),
    define("ToLower", ["string"], "string", (call) => mapped(call.string(0), lower)),
    define("ToTitle", ["string"], "string", (call) => mapWords(call.string(0), upper)),
    define("ToUpper", ["string"], "string", (call) => mapped(call.string(0), upper)),
    define("Trim", ["string", "string"], "string", (call) => trimEnd(trimStart(call.string(0), cutset(call)), cutset(call))),
    define("TrimLeft", ["string", "string"], "string", (call) => trimStart(call.string(0), cutset(call))),
    define("TrimRight", ["string", "string"], "string", (call) => trimEnd(call.string(0), cutset(call))),
    define("TrimPrefix", ["string", "string"], "string", (call) =>
      call.string(0).startsWith(call.string(1)) ? call.string(0).slice(call.string(1).length) : call.string(0),
    ),
    define("TrimSuffix", ["string", "string"], "string", (call) =>
      call.string(0).endsWith(call.string(1)) ? call.string(0).slice(0, call.string(0).length - call.string(1).length) : call.string(0),
    ),
    define("TrimSpace", ["string"], "string", (call) => trimEnd(trimStart(call.string(0), isSpace), isSpace)),
  ],
};
