/**
 * Text to tokens, with CUE's automatic commas: a line break after a token that can end an expression counts as a comma.
 * String literals with interpolations are read piecewise, because between the pieces the parser reads expressions.
 */
import { numberLiteral } from "../number/decimal.ts";
import { characterName } from "./decode-string.ts";
import type { Piece, Quotes } from "./decode-string.ts";
import type { Problem } from "./problem.ts";
import { attributeEnd } from "./scan-attribute.ts";

export type TokenKind = "ident" | "int" | "float" | "string" | "op" | "comma" | "attribute" | "eof" | "bad";

export interface Token {
  readonly kind: TokenKind;
  /** Identifier, number text, operator or punctuation; for `comma`: `,` or `\n` when automatic; `EOF` at the end. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface ScannedComment {
  readonly text: string;
  readonly start: number;
  /** Nothing but white space stands before it on its line. */
  readonly ownLine: boolean;
}

/** A string literal whose opening has been read. */
export interface OpenString extends Quotes {
  readonly start: number;
  /** What remains is empty: the literal was complete, or broken, with its opening. */
  readonly whole: Piece | undefined;
  /** Its text cannot be decoded. */
  readonly broken: boolean;
}

const whiteSpace = /[ \t\r]*/y;
const lineStartPattern = /[ \t\r]*(?=[,:])/y;
const identPattern = /_?#(?:[\p{L}_$][\p{L}\p{Nd}_$]*)?|[\p{L}_$][\p{L}\p{Nd}_$]*/uy;
const numberPattern = /0[xX][0-9a-fA-F_]*|0b[01_]*|0o[0-7_]*|(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[KMGTP]i?|[eE][+-]?[\d_]*)?/y;

/** Operators by their first character, the longest first. */
const operators = new Map<string, readonly string[]>();
for (const operator of [
  ...["...", "&&", "||", "==", "!=", "<=", ">=", "=~", "!~"],
  ...["+", "-", "*", "/", "&", "|", "<", ">", "=", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}", "~"],
]) {
  const first = operator.charAt(0);
  operators.set(first, [...(operators.get(first) ?? []), operator]);
}
/** Operators after which a line break is a comma. */
const endings = new Set(["...", "?", ")", "]", "}"]);

export class Scanner {
  readonly source: string;
  readonly comments: ScannedComment[] = [];
  /** In the order they were found. */
  readonly problems: Problem[] = [];
  #position = 0;
  /** The last token can end an expression, so a line break would be a comma. */
  #endsExpression = false;
  /** Start of the line of the last comment looked at, so that no line is searched twice. */
  #lineStart = 0;

  constructor(source: string) {
    this.source = source;
    if (source.startsWith("\ufeff")) this.#position = 1;
    const nul = source.indexOf("\0");
    if (nul >= 0) this.problems.push({ at: nul, message: "illegal character NUL" });
    const mark = source.indexOf("\ufeff", 1);
    if (mark >= 0) this.problems.push({ at: mark, message: "illegal byte order mark" });
  }

  get position(): number {
    return this.#position;
  }

  next(): Token {
    for (;;) {
      whiteSpace.lastIndex = this.#position;
      whiteSpace.exec(this.source);
      this.#position = whiteSpace.lastIndex;
      const at = this.#position;
      const char = this.source[at];
      if (char === undefined) return this.#ends() ? this.#token("comma", "\n", at, at) : this.#token("eof", "EOF", at, at);
      if (char === "\n") {
        this.#position++;
        this.#lineStart = this.#position;
        // Before a comma or colon that starts the next line it is none, as in JSON.
        if (this.#ends() && !this.#continues()) return { kind: "comma", text: "\n", start: at, end: at + 1 };
      } else if (char === "/" && this.source[at + 1] === "/") {
        if (this.#ends()) return this.#token("comma", "\n", at, at);
        this.#comment();
      } else return this.#scan(at, char);
    }
  }

  #ends(): boolean {
    const ends = this.#endsExpression;
    this.#endsExpression = false;
    return ends;
  }

  #continues(): boolean {
    lineStartPattern.lastIndex = this.#position;
    return lineStartPattern.test(this.source);
  }

  #comment(): void {
    const start = this.#position;
    const lineBreak = this.source.indexOf("\n", start);
    const end = lineBreak < 0 ? this.source.length : lineBreak;
    whiteSpace.lastIndex = this.#lineStart;
    whiteSpace.exec(this.source);
    this.comments.push({ text: this.source.slice(start, end).replace(/\r$/, ""), start, ownLine: whiteSpace.lastIndex === start });
    this.#position = end;
  }

  #token(kind: TokenKind, text: string, start: number, end: number): Token {
    this.#position = end;
    return { kind, text, start, end };
  }

  #scan(start: number, char: string): Token {
    if (char === '"' || char === "'" || (char === "#" && this.#hashedString(start))) {
      this.#endsExpression = true;
      return { kind: "string", text: char, start, end: start };
    }
    if (/\d/.test(char) || (char === "." && /\d/.test(this.source[start + 1] ?? ""))) return this.#number(start);
    if (this.source.startsWith("_|_", start)) {
      this.#endsExpression = true;
      return this.#token("op", "_|_", start, start + 3);
    }
    identPattern.lastIndex = start;
    const ident = identPattern.exec(this.source)?.[0];
    if (ident !== undefined && !(ident === "#" && this.source[start + 1] === "#")) {
      this.#endsExpression = true;
      if (ident === "__" && this.source[start + 2] === "#") this.problems.push({ at: start, message: 'illegal token "__#"' });
      return this.#token("ident", ident, start, start + ident.length);
    }
    if (char === "@") {
      this.#endsExpression = true;
      const { end, problem } = attributeEnd(this.source, start);
      if (problem !== undefined) this.problems.push(problem);
      return this.#token("attribute", this.source.slice(start, end), start, end);
    }
    const operator = operators.get(char)?.find((each) => this.source.startsWith(each, start));
    if (operator === undefined) return this.#illegal(start);
    this.#endsExpression = endings.has(operator);
    return this.#token(operator === "," ? "comma" : "op", operator, start, start + operator.length);
  }

  #illegal(start: number): Token {
    const code = this.source.codePointAt(start) ?? 0;
    if (code !== 0 && code !== 0xfeff) this.problems.push({ at: start, message: `illegal character ${characterName(code)}` });
    const text = String.fromCodePoint(code);
    return this.#token("bad", text, start, start + text.length);
  }

  #number(start: number): Token {
    numberPattern.lastIndex = start;
    const text = numberPattern.exec(this.source)?.[0] ?? this.source.charAt(start);
    this.#endsExpression = true;
    if (numberLiteral(text) === undefined) this.problems.push(numberProblem(text, start));
    const isFloat = !/^0[xXbo]|[KMGTP]/.test(text) && /[.eE]/.test(text);
    return this.#token(isFloat ? "float" : "int", text, start, start + text.length);
  }

  #hashedString(start: number): boolean {
    let at = start;
    while (this.source[at] === "#") at++;
    return this.source[at] === '"' || this.source[at] === "'";
  }

  /** Consumes the opening of the string literal whose token `next` just announced. */
  openString(start: number): OpenString {
    let at = start;
    while (this.source[at] === "#") at++;
    const hashes = at - start;
    const char = this.source[at] === "'" ? "'" : '"';
    const closing = "#".repeat(hashes);
    const open = { char, hashes, multiline: false, start, whole: undefined, broken: false } as const;
    const content = at + 1;
    this.#position = content;
    if (this.source[content] !== char) return open;
    if (this.source[content + 1] !== char) {
      // `""`: empty where the signs follow.
      if (!this.source.startsWith(closing, content + 1)) return open;
      this.#position = content + 1 + hashes;
      return { ...open, whole: { text: "", at: content } };
    }
    if (hashes > 0 && this.source.startsWith(closing, content + 2)) {
      // `#"""#` is a single quote.
      this.#position = content + 2 + hashes;
      return { ...open, whole: { text: char, at: content } };
    }
    const lineBreak = content + (this.source[content + 2] === "\r" ? 3 : 2);
    if (this.source[lineBreak] !== "\n") {
      this.#position = content + 2;
      this.problems.push({ at: start, message: `expected newline after multiline quote ${this.source.slice(start, content + 2)}` });
      return { ...open, multiline: true, whole: { text: "", at: content + 2 }, broken: true };
    }
    this.#position = lineBreak + 1;
    return { ...open, multiline: true };
  }

  /**
   * Text up to the end of the literal or the next interpolation, which are consumed (with `\(`).
   * An unterminated literal is reported and ends at its line's, or the text's, end.
   */
  stringPiece(open: OpenString, isFirst: boolean): Piece & { readonly interpolation: boolean; readonly terminated: boolean } {
    const { source } = this;
    const close = open.char.repeat(open.multiline ? 3 : 1) + "#".repeat(open.hashes);
    const escape = `\\${"#".repeat(open.hashes)}`;
    const special = /["'\\\n]/g;
    const start = this.#position;
    // Closing quotes of a multi-line literal stand at the start of a line.
    let lineStart = isFirst ? start : -1;
    special.lastIndex = start;
    for (let found = special.exec(source); found !== null; found = special.exec(source)) {
      const at = found.index;
      const char = found[0];
      if (char === "\n") {
        if (!open.multiline) return this.#unterminated(open, start, at);
        lineStart = at + 1;
      } else if (char === "\\") {
        if (!source.startsWith(escape, at)) continue;
        const code = at + escape.length;
        if (source[code] === "(") {
          this.#position = code + 1;
          this.#endsExpression = false;
          return { text: source.slice(start, at), at: start, interpolation: true, terminated: true };
        }
        // The character after it is escaped; a line break ends the line all the same.
        special.lastIndex = source[code] === "\n" || source[code] === "\r" ? code : code + 1;
      } else if (source.startsWith(close, at)) {
        if (open.multiline && !this.#blank(lineStart, at)) {
          lineStart = -1;
          continue;
        }
        this.#position = at + close.length;
        this.#endsExpression = true;
        return { text: source.slice(start, at), at: start, interpolation: false, terminated: true };
      }
    }
    return this.#unterminated(open, start, source.length);
  }

  #blank(from: number, to: number): boolean {
    if (from < 0) return false;
    whiteSpace.lastIndex = from;
    whiteSpace.exec(this.source);
    return whiteSpace.lastIndex === to;
  }

  #unterminated(open: OpenString, start: number, end: number): Piece & { readonly interpolation: boolean; readonly terminated: boolean } {
    this.problems.push({ at: open.start, message: "string literal not terminated" });
    this.#position = end;
    this.#endsExpression = true;
    return { text: this.source.slice(start, end), at: start, interpolation: false, terminated: false };
  }

  /** The text of the token, for messages; of a string literal up to its end or its first interpolation. */
  tokenText(token: Token): string {
    if (token.kind !== "string") return token.text;
    const saved = { position: this.#position, ends: this.#endsExpression, problems: this.problems.length };
    const open = this.openString(token.start);
    if (open.whole === undefined) this.stringPiece(open, true);
    const text = this.source.slice(token.start, this.#position);
    this.#position = saved.position;
    this.#endsExpression = saved.ends;
    this.problems.length = saved.problems;
    return text;
  }
}

function numberProblem(text: string, start: number): Problem {
  const prefixes = { x: "hexadecimal", b: "binary", o: "octal" } as const;
  if (/^0[xXbo]$/.test(text)) {
    const prefix = text.charAt(1).toLowerCase();
    return { at: start, message: `illegal ${prefix === "x" ? prefixes.x : prefix === "b" ? prefixes.b : prefixes.o} number` };
  }
  const misplaced = /__|_(?![0-9a-fA-F_])|(?<=^0[xXbo]|\.|[eE][+-]?)_/.exec(text);
  if (misplaced !== null) return { at: start + misplaced.index + (misplaced[0] === "__" ? 1 : 0), message: "illegal '_' in number" };
  if (/[eE][+-]?$/.test(text)) return { at: start + text.length, message: "illegal exponent in number" };
  if (/^0[\d_]+$/.test(text)) return { at: start, message: "illegal integer number" };
  return { at: start, message: `number ${text.length > 40 ? `${text.slice(0, 40)}…` : text} is out of range` };
}
