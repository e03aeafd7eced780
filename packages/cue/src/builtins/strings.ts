import type { Plain } from "../evaluate/call.ts";
import { utf8Length } from "../syntax/position.ts";
import { integer, list, text } from "./arguments.ts";
import type { BuiltinPackage } from "./packages.ts";

/** White space as Go's unicode.IsSpace has it. */
const space = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u;

function trimLeft(value: string, inSet: (char: string) => boolean): string {
  const chars = [...value];
  const first = chars.findIndex((char) => !inSet(char));
  return first < 0 ? "" : chars.slice(first).join("");
}

function trimRight(value: string, inSet: (char: string) => boolean): string {
  const chars = [...value];
  const last = chars.findLastIndex((char) => !inSet(char));
  return chars.slice(0, last + 1).join("");
}

const inCutset = (cutset: string): ((char: string) => boolean) => {
  const set = new Set(cutset);
  return (char) => set.has(char);
};
const isSpace = (char: string): boolean => space.test(char);

function splitN(value: string, separator: string, limit: number): string[] {
  if (limit === 0) return [];
  const parts = separator === "" ? [...value] : value.split(separator);
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

function replace(value: string, old: string, next: string, limit: number): string {
  if (limit < 0) return value.replaceAll(old, () => next);
  const parts = splitN(value, old, limit + 1);
  return parts.join(next);
}

/** Byte offset of a UTF-16 index; -1 stays. */
function byteIndex(value: string, index: number): number {
  return index < 0 ? -1 : utf8Length(value.slice(0, index));
}

export const stringsPackage: BuiltinPackage = {
  functions: {
    Contains: { arity: 2, call: ([a, b]) => text(a).includes(text(b)) },
    ContainsAny: { arity: 2, call: ([a, b]) => [...text(b)].some((char) => text(a).includes(char)) },
    Count: { arity: 2, call: ([a, b]) => (text(b) === "" ? [...text(a)].length + 1 : text(a).split(text(b)).length - 1) },
    Fields: {
      arity: 1,
      call: ([a]) =>
        text(a)
          .split(/[\t\n\v\f\r \u0085\u00a0]+/u)
          .filter((part) => part !== ""),
    },
    HasPrefix: { arity: 2, call: ([a, b]) => text(a).startsWith(text(b)) },
    HasSuffix: { arity: 2, call: ([a, b]) => text(a).endsWith(text(b)) },
    Index: { arity: 2, call: ([a, b]) => byteIndex(text(a), text(a).indexOf(text(b))) },
    LastIndex: { arity: 2, call: ([a, b]) => byteIndex(text(a), text(a).lastIndexOf(text(b))) },
    Join: {
      arity: 2,
      call: ([a, b]) =>
        list(a)
          .map((item) => text(item))
          .join(text(b)),
    },
    MaxRunes: { arity: 2, validator: true, call: ([a, b]) => [...text(a)].length <= integer(b) },
    MinRunes: { arity: 2, validator: true, call: ([a, b]) => [...text(a)].length >= integer(b) },
    Repeat: { arity: 2, call: ([a, b]) => repeat(text(a), integer(b)) },
    Replace: { arity: 4, call: ([a, b, c, d]) => replace(text(a), text(b), text(c), integer(d)) },
    Runes: { arity: 1, call: ([a]) => [...text(a)].map((char) => char.codePointAt(0) ?? 0) },
    SliceRunes: { arity: 3, call: ([a, b, c]) => [...text(a)].slice(integer(b), integer(c)).join("") },
    Split: { arity: 2, call: ([a, b]) => splitN(text(a), text(b), -1) },
    SplitN: { arity: 3, call: ([a, b, c]) => splitN(text(a), text(b), integer(c)) },
    SplitAfter: {
      arity: 2,
      call: ([a, b]) =>
        text(a)
          .split(text(b))
          .map((part, index, all): Plain => (index < all.length - 1 ? part + text(b) : part)) as Plain,
    },
    ToCamel: { arity: 1, call: ([a]) => text(a).replace(/(^|\s)(\S)/gu, (_, before: string, char: string) => before + char.toLowerCase()) },
    ToLower: { arity: 1, call: ([a]) => text(a).toLowerCase() },
    ToTitle: { arity: 1, call: ([a]) => text(a).replace(/(^|\s)(\S)/gu, (_, before: string, char: string) => before + char.toUpperCase()) },
    ToUpper: { arity: 1, call: ([a]) => text(a).toUpperCase() },
    Trim: { arity: 2, call: ([a, b]) => trimRight(trimLeft(text(a), inCutset(text(b))), inCutset(text(b))) },
    TrimLeft: { arity: 2, call: ([a, b]) => trimLeft(text(a), inCutset(text(b))) },
    TrimRight: { arity: 2, call: ([a, b]) => trimRight(text(a), inCutset(text(b))) },
    TrimPrefix: { arity: 2, call: ([a, b]) => (text(b) !== "" && text(a).startsWith(text(b)) ? text(a).slice(text(b).length) : text(a)) },
    TrimSuffix: { arity: 2, call: ([a, b]) => (text(b) !== "" && text(a).endsWith(text(b)) ? text(a).slice(0, -text(b).length) : text(a)) },
    TrimSpace: { arity: 1, call: ([a]) => trimRight(trimLeft(text(a), isSpace), isSpace) },
  },
  constants: {},
};

function repeat(value: string, times: number): string {
  if (times < 0) throw new Error("negative Repeat count");
  if (value.length * times > 10_000_000) throw new Error("the repeated text is too long");
  return value.repeat(times);
}
