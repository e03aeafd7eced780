/** The predefined functions of Go templates. */
import { CallFailure } from "../contract.ts";
import { bytesOf, textOf } from "../signature.ts";
import { sprintf } from "./template-printf.ts";
import { compareText, isArray, isMap, isTrue, printed, sprint, typeName, type Value } from "./template-value.ts";
import { queryEscape } from "./url-syntax.ts";

export type TemplateFunction = (args: readonly Value[]) => Value;

function fail(message: string): never {
  throw new CallFailure(message);
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\0": "\ufffd",
};

export function escapeHtml(text: string): string {
  return text.replaceAll(/["'&<>\0]/g, (char) => htmlEscapes[char] ?? char);
}

const scriptEscapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

export function escapeScript(text: string): string {
  return text.replaceAll(/[\\'"<>&=]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (char) => {
    const known = scriptEscapes[char];
    if (known !== undefined) return known;
    return `\\u${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  });
}

function index(args: readonly Value[]): Value {
  const [subject, ...keys] = args;
  if (subject === undefined || subject === null) fail("index of untyped nil");
  let current: Value = subject;
  for (const key of keys) {
    if (current === undefined || current === null) fail("index of nil pointer");
    if (isMap(current)) {
      if (typeof key !== "string") fail(`value has type ${typeName(key)}; should be string`);
      current = current.get(key);
      continue;
    }
    const sequence: readonly Value[] | undefined = elementsOf(current);
    if (sequence === undefined) fail(`can't index item of type ${typeName(current)}`);
    current = sequence[position(key, sequence.length - 1)];
  }
  return current;
}

function elementsOf(value: Value): readonly Value[] | undefined {
  if (isArray(value)) return value;
  if (value instanceof Uint8Array) return Array.from(value, BigInt);
  return typeof value === "string" ? Array.from(bytesOf(value), BigInt) : undefined;
}

function position(value: Value, last: number): number {
  if (value === undefined || value === null) fail("cannot index slice/array with nil");
  if (typeof value !== "bigint") fail(`cannot index slice/array with type ${typeName(value)}`);
  if (value < 0n || value > last) fail(`index out of range: ${value}`);
  return Number(value);
}

function slice(args: readonly Value[]): Value {
  const [subject, ...bounds] = args;
  if (subject === undefined || subject === null) fail("slice of untyped nil");
  if (bounds.length > 3) fail(`too many slice indexes: ${bounds.length}`);
  const bytes = typeof subject === "string" ? bytesOf(subject) : subject;
  if (!(bytes instanceof Uint8Array) && !isArray(bytes)) fail(`can't slice item of type ${typeName(subject)}`);
  if (typeof subject === "string" && bounds.length === 3) fail("cannot 3-index slice a string");
  const [low = 0, high = bytes.length] = bounds.map((bound) => position(bound, bytes.length));
  if (low > high) fail(`invalid slice index: ${low} > ${high}`);
  const part = bytes.slice(low, high);
  return typeof subject === "string" && part instanceof Uint8Array ? textOf(part) : part;
}

function length(value: Value): bigint {
  if (typeof value === "string") return BigInt(bytesOf(value).length);
  if (isArray(value) || value instanceof Uint8Array) return BigInt(value.length);
  if (isMap(value)) return BigInt(value.size);
  return fail(value === undefined || value === null ? "len of nil pointer" : `len of type ${typeName(value)}`);
}

const incompatible = "incompatible types for comparison";

function comparable(value: Value): boolean {
  return !isArray(value) && !isMap(value) && !(value instanceof Uint8Array);
}

function equal(a: Value, b: Value): boolean {
  const [left, right] = [a ?? null, b ?? null];
  if (!comparable(left) || !comparable(right)) {
    if (left === null || right === null) return false;
    fail(`non-comparable type ${printed(comparable(left) ? right : left)}: ${typeName(comparable(left) ? right : left)}`);
  }
  if (left === null || right === null) return left === right;
  if (typeof left !== typeof right) fail(incompatible);
  return left === right;
}

function less(a: Value, b: Value): boolean {
  if (typeof a === "string" && typeof b === "string") return compareText(a, b) < 0;
  if (typeof a === "bigint" && typeof b === "bigint") return a < b;
  if (typeof a === "number" && typeof b === "number") return a < b;
  if (a === undefined || a === null || b === undefined || b === null || typeof a !== typeof b) return fail(incompatible);
  return fail("invalid type for comparison");
}

/** Requires a count of arguments. */
function taking(count: number, name: string, run: TemplateFunction): TemplateFunction {
  return (args) => {
    if (args.length !== count) fail(`wrong number of args for ${name}: want ${count} got ${args.length}`);
    return run(args);
  };
}

function atLeast(count: number, name: string, run: TemplateFunction): TemplateFunction {
  return (args) => {
    if (args.length < count) fail(`wrong number of args for ${name}: want at least ${count} got ${args.length}`);
    return run(args);
  };
}

const escaping =
  (escape: (text: string) => string): TemplateFunction =>
  (args) =>
    escape(sprint(args));

export const templateFunctions: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  // `and` and `or` stop at the first argument that decides; the executor sees to that.
  ["and", atLeast(1, "and", (args) => args.find((arg) => !isTrue(arg)) ?? args.at(-1))],
  ["or", atLeast(1, "or", (args) => args.find(isTrue) ?? args.at(-1))],
  ["not", taking(1, "not", ([value]) => !isTrue(value))],
  ["len", taking(1, "len", ([value]) => length(value))],
  ["index", atLeast(1, "index", index)],
  ["slice", atLeast(1, "slice", slice)],
  [
    "call",
    atLeast(1, "call", ([value]) =>
      fail(value === undefined || value === null ? "call of nil" : `non-function ${printed(value)} of type ${typeName(value)}`),
    ),
  ],
  ["print", sprint],
  ["println", (args) => `${args.map((arg) => printed(arg)).join(" ")}\n`],
  [
    "printf",
    atLeast(1, "printf", ([format, ...args]) => {
      if (typeof format !== "string") fail(`wrong type for value; expected string; got ${typeName(format)}`);
      return sprintf(format, args);
    }),
  ],
  ["html", escaping(escapeHtml)],
  ["js", escaping(escapeScript)],
  ["urlquery", escaping(queryEscape)],
  [
    "eq",
    atLeast(1, "eq", ([first, ...others]) => {
      if (others.length === 0) fail("missing argument for comparison");
      return others.some((other) => equal(first, other));
    }),
  ],
  ["ne", taking(2, "ne", ([a, b]) => !equal(a, b))],
  ["lt", taking(2, "lt", ([a, b]) => less(a, b))],
  ["le", taking(2, "le", ([a, b]) => less(a, b) || equal(a, b))],
  ["gt", taking(2, "gt", ([a, b]) => !(less(a, b) || equal(a, b)))],
  ["ge", taking(2, "ge", ([a, b]) => !less(a, b))],
]);
