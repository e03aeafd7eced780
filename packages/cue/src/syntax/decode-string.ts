/**
 * String and bytes literals as written to what they mean (specification: "String and byte sequence literals"): escapes,
 * raw `#` forms, multi-line literals whose lines lose the indentation of the closing quotes.
 */
import type { Problem } from "./problem.ts";
import { encodeUtf8 } from "./utf8.ts";

export interface Quotes {
  readonly char: '"' | "'";
  readonly multiline: boolean;
  /** How many `#` stand before and after. */
  readonly hashes: number;
}

/** The text between quotes, or between a quote and an interpolation. */
export interface Piece {
  readonly text: string;
  /** Where it starts, in whatever the offsets of problems shall be told. */
  readonly at: number;
}

export interface DecodedString {
  /** Text between interpolations; one part when there are none. Bytes come as one character a byte. */
  readonly parts: readonly string[];
  /** The first part: the value of a literal without interpolation. */
  readonly value: string;
  readonly problems: readonly Problem[];
}

/** A literal without interpolation, quotes included; offsets of problems are counted from its start. */
export function decodeString(raw: string): DecodedString {
  const head = /^(#*)("|')/.exec(raw);
  if (head === null) return { parts: [""], value: "", problems: [] };
  const [, signs = "", char = '"'] = head;
  const hashes = signs.length;
  const multiline = raw.startsWith(char.repeat(3), hashes) && /^\r?\n/.test(raw.slice(hashes + 3, hashes + 5));
  const length = (multiline ? 3 : 1) + hashes;
  const at = multiline ? raw.indexOf("\n") + 1 : length;
  const text = raw.slice(at, Math.max(at, raw.length - length));
  return decodePieces({ char: char === "'" ? "'" : '"', multiline, hashes }, [{ text, at }]);
}

/** What a bytes literal without interpolation stands for. */
export function decodeBytes(raw: string): Uint8Array {
  return bytesOf(decodeString(raw).value);
}

/** Text that has one character a byte, as the parts of bytes literals do. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The pieces of one literal, of a multi-line one without the line break after the opening quotes. */
export function decodePieces(quotes: Quotes, pieces: readonly Piece[]): DecodedString {
  const decoder = new Decoder(quotes, pieces.at(-1)?.text ?? "");
  const parts = pieces.map((piece, index) => decoder.piece(piece, index === 0, index === pieces.length - 1));
  return { parts, value: parts[0] ?? "", problems: decoder.problems };
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "/": "/",
  "\\": "\\",
};

class Decoder {
  readonly problems: Problem[] = [];
  readonly #quotes: Quotes;
  readonly #escape: string;
  /** White space before the closing quotes of a multi-line literal. */
  readonly #indent: string;
  #text = "";
  #offset = 0;
  #at = 0;
  #out = "";

  constructor(quotes: Quotes, lastPiece: string) {
    this.#quotes = quotes;
    this.#escape = `\\${"#".repeat(quotes.hashes)}`;
    this.#indent = quotes.multiline ? lastPiece.slice(lastPiece.lastIndexOf("\n") + 1).replaceAll("\r", "") : "";
  }

  piece({ text, at }: Piece, isFirst: boolean, isLast: boolean): string {
    const { multiline } = this.#quotes;
    // The line of the closing quotes is not part of the value, nor is the break before it.
    const end = multiline && isLast ? text.lastIndexOf("\n") : text.length;
    if (end < 0) return "";
    this.#text = text.slice(0, end);
    this.#offset = at;
    this.#at = 0;
    this.#out = "";
    if (multiline && isFirst) this.#lineStart();
    while (this.#at < end) {
      this.#plain();
      if (this.#at >= end) break;
      const char = this.#text[this.#at];
      if (char === "\\") this.#escaped(isLast);
      else if (char === "\n") {
        this.#at++;
        this.#out += "\n";
        this.#lineStart();
      } else this.#at++; // a carriage return of a multi-line literal
    }
    return this.#out;
  }

  /** As far as nothing special stands. */
  #plain(): void {
    const pattern = this.#quotes.multiline ? /[^\\\n\r]+/y : /[^\\]+/y;
    pattern.lastIndex = this.#at;
    const run = pattern.exec(this.#text)?.[0];
    if (run === undefined) return;
    this.#at += run.length;
    this.#add(run);
  }

  #add(text: string): void {
    this.#out += this.#quotes.char === "'" ? utf8Characters(text) : text;
  }

  #lineStart(): void {
    while (this.#text[this.#at] === "\r") this.#at++;
    if (this.#text.startsWith(this.#indent, this.#at)) this.#at += this.#indent.length;
    else if (this.#at < this.#text.length && this.#text[this.#at] !== "\n") this.#problem(this.#at, "invalid string: invalid whitespace");
  }

  #problem(at: number, message: string): void {
    this.problems.push({ at: this.#offset + at, message });
  }

  #escaped(isLast: boolean): void {
    const start = this.#at;
    if (!this.#text.startsWith(this.#escape, start)) {
      this.#add("\\");
      this.#at++;
      return;
    }
    this.#at += this.#escape.length;
    const { char, multiline } = this.#quotes;
    const code = this.#text[this.#at] ?? "";
    const simple = simpleEscapes[code] ?? (code === char ? char : undefined);
    if (simple !== undefined) {
      this.#at++;
      this.#out += simple;
    } else if (multiline && /^(?:\r?\n|\r?$)/.test(this.#text.slice(this.#at, this.#at + 2))) {
      const lineBreak = this.#text.indexOf("\n", this.#at);
      if (lineBreak >= 0) {
        this.#at = lineBreak + 1;
        this.#lineStart();
        return;
      }
      this.#at = this.#text.length;
      if (isLast) this.#problem(start, "last newline of multiline string cannot be escaped");
    } else if (code === "u" || code === "U") this.#unicode(start, code);
    else if (code === "x") this.#byte(start, "hexadecimal", 1, 2, 16);
    else if (/[0-7]/.test(code)) this.#byte(start, "octal", 0, 3, 8);
    else {
      this.#problem(this.#at, code === "" ? "escape sequence not terminated" : "unknown escape sequence");
      if (code !== "" && code !== "\n") this.#at++;
    }
  }

  /** A code point; of surrogates, a pair of escapes. */
  #unicode(start: number, code: "u" | "U"): void {
    this.#at++;
    const value = this.#digits(code === "u" ? 4 : 8, 16);
    if (value === undefined) return;
    if (value > 0x10ffff) this.#problem(start + this.#escape.length, "escape sequence is invalid Unicode code point");
    else if (value < 0xd800 || value > 0xdfff) this.#add(String.fromCodePoint(value));
    else {
      const low = value < 0xdc00 ? this.#lowSurrogate() : undefined;
      if (low === undefined) this.#problem(start, "unmatched surrogate pair");
      else this.#add(String.fromCharCode(value, low));
    }
  }

  #lowSurrogate(): number | undefined {
    if (!this.#text.startsWith(`${this.#escape}u`, this.#at)) return undefined;
    const from = this.#at + this.#escape.length + 1;
    const digits = this.#text.slice(from, from + 4);
    if (!/^[dD][c-fC-F][0-9a-fA-F]{2}$/.test(digits)) return undefined;
    this.#at = from + 4;
    return Number.parseInt(digits, 16);
  }

  #byte(start: number, name: string, letters: number, count: number, base: 8 | 16): void {
    if (this.#quotes.char === '"') {
      this.#problem(start + this.#escape.length, `${name} escape not allowed in string literal`);
      return;
    }
    this.#at += letters;
    const value = this.#digits(count, base);
    if (value === undefined) return;
    if (value > 0xff) this.#problem(start + this.#escape.length, "escape sequence is invalid Unicode code point");
    else this.#out += String.fromCharCode(value);
  }

  #digits(count: number, base: 8 | 16): number | undefined {
    const allowed = base === 16 ? /[0-9a-fA-F]/ : /[0-7]/;
    const from = this.#at;
    for (; this.#at < from + count; this.#at++) {
      const char = this.#text[this.#at];
      if (char !== undefined && allowed.test(char)) continue;
      const code = this.#text.codePointAt(this.#at);
      this.#problem(
        this.#at,
        code === undefined ? "escape sequence not terminated" : `illegal character ${characterName(code)} in escape sequence`,
      );
      return undefined;
    }
    return Number.parseInt(this.#text.slice(from, this.#at), base);
  }
}

/** A character as messages tell it: `U+0025 '%'`. */
export function characterName(code: number): string {
  const char = String.fromCodePoint(code);
  const name = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char) ? `${name} '${char}'` : name;
}

/** One character a byte. */
function utf8Characters(text: string): string {
  if (!/[^\0-\x7f]/.test(text)) return text;
  let characters = "";
  for (const byte of encodeUtf8(text)) characters += String.fromCharCode(byte);
  return characters;
}
