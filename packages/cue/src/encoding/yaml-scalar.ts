/**
 * How YAML reads a scalar without quotes. The rules are those of go-yaml v3, which the reference reads and writes YAML
 * with: YAML 1.2 with the number forms of YAML 1.1.
 */

export type PlainKind = "null" | "bool" | "int" | "float" | "infinity" | "nan" | "timestamp" | "string";

const words: ReadonlyMap<string, PlainKind> = new Map<string, PlainKind>([
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, "null"] as const),
  ...["true", "True", "TRUE", "false", "False", "FALSE"].map((word) => [word, "bool"] as const),
  ...["", "+", "-"].flatMap((sign) => ["inf", "Inf", "INF"].map((word) => [`${sign}.${word}`, "infinity"] as const)),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, "nan"] as const),
]);

const date = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})| \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?$/;
const decimalNumber = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const fraction = /^\.\d+(?:[eE][-+]?\d+)?$/;
const integer = /^[-+]?(?:0|[1-9]\d*|0[xX][\da-fA-F]+|0[oO]?[0-7]+|0[bB][01]+)$/;

/** The type that a plain scalar has. */
export function plainKind(text: string): PlainKind {
  const word = words.get(text);
  if (word !== undefined) return word;
  const first = text.charAt(0);
  if (first === ".") return fraction.test(text) ? "float" : "string";
  if (!/[-+\d]/.test(first)) return "string";
  if (date.test(text)) return "timestamp";
  const digits = text.replaceAll("_", "");
  if (integer.test(digits) && fits64Bits(digits)) return "int";
  // Go reads no float beyond the range of a double.
  return decimalNumber.test(digits) && Number.isFinite(Number(digits)) ? "float" : "string";
}

function fits64Bits(digits: string): boolean {
  if (digits.length > 70) return false;
  const value = magnitude(digits);
  return /^[-+]/.test(digits) ? value < 1n << 63n || digits === "-9223372036854775808" : value < 1n << 64n;
}

/** The value of a YAML integer without its sign; a leading 0 means octal. */
function magnitude(digits: string): bigint {
  const unsigned = digits.replace(/^[-+]/, "");
  return BigInt(/^0\d/.test(unsigned) ? `0o${unsigned.slice(1)}` : unsigned);
}

/** The value of a plain scalar of kind `int`. */
export function yamlInteger(text: string): bigint {
  const digits = text.replaceAll("_", "");
  return digits.startsWith("-") ? -magnitude(digits) : magnitude(digits);
}

const legacyWords: ReadonlySet<string> = new Set(
  (
    "y Y yes Yes YES n N t T f F no No NO true True TRUE false False FALSE on On ON off Off OFF .Nan " +
    // Not in the reference's list; without quotes it would be read as a merge key.
    "<<"
  ).split(" "),
);

/** Whether a YAML 1.1 reader could take an unquoted string for something else (a bool, a date, a base 60 number). */
export function isLegacyScalar(text: string): boolean {
  return legacyWords.has(text) || /^0x[a-fA-F0-9]+$/.test(text) || looksLikeTime(text);
}

/** Digits and `-+:. ` around at least one `-`, `:` or (once) `T`, with an optional final `Z`. */
function looksLikeTime(text: string): boolean {
  const body = text.replace(/[zZ]$/, "");
  if (!/^[-+0-9:. \ttT]{3,}$/.test(body)) return false;
  const separator = body.search(/[tT]/);
  if (separator < 0) return /[-:]/.test(body.slice(1, -1));
  return separator > 0 && separator < body.length - 1 && !/[tT]/.test(body.slice(separator + 1));
}

export interface ScalarShape {
  readonly plain: boolean;
  readonly single: boolean;
  readonly literal: boolean;
}

/** Which styles can hold a string in block context (libyaml's analysis of a scalar). */
export function scalarShape(text: string): ScalarShape {
  if (text === "") return { plain: true, single: true, literal: false };
  const special = hasSpecial(text);
  const lines = text.includes("\n");
  const spaceBeforeBreak = / \n/.test(text);
  const spaceAfterBreak = /\n /.test(text);
  const edges = /^[ \n]|[ \n]$/.test(text);
  const quotable = !special && !spaceBeforeBreak && !text.includes("\t");
  return {
    plain: quotable && !lines && !edges && !hasIndicator(text),
    single: quotable && !spaceAfterBreak,
    literal: !special && !spaceBeforeBreak && !text.endsWith(" "),
  };
}

/** What only escapes can write: control characters, line ends other than \n, and what lies beyond the basic plane. */
function hasSpecial(text: string): boolean {
  return /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/.test(text);
}

function hasIndicator(text: string): boolean {
  return /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \n]|$))|:(?:[ \n]|$)|[ \n]#/.test(text);
}

const namedEscapes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "\0": "0",
    "\x07": "a",
    "\b": "b",
    "\t": "t",
    "\n": "n",
    "\v": "v",
    "\f": "f",
    "\r": "r",
    "\x1b": "e",
    '"': '"',
    "\\": "\\",
    "\x85": "N",
    "\xa0": "_",
    "\u2028": "L",
    "\u2029": "P",
  }),
);

export function doubleQuoted(text: string): string {
  const escaped = text.replaceAll(/["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|[\u{10000}-\u{10ffff}]/gu, (char) => {
    const named = namedEscapes.get(char);
    if (named !== undefined) return `\\${named}`;
    const code = char.codePointAt(0) ?? 0;
    const hex = code.toString(16).toUpperCase();
    if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
    return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
  });
  return `"${escaped}"`;
}

/** A string on one line: plain where every reader takes it for this string, otherwise quoted. */
export function inlineString(text: string): string {
  if (isLegacyScalar(text) || plainKind(text) !== "string") return doubleQuoted(text);
  const shape = scalarShape(text);
  if (text.includes("\n")) return doubleQuoted(text);
  if (shape.plain) return text;
  return shape.single ? `'${text.replaceAll("'", "''")}'` : doubleQuoted(text);
}
