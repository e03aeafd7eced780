/**
 * Text to tokens, with CUE's automatic commas: a line break after a token that can end an expression counts as a comma.
 * String literals with interpolations are read piecewise, because between the pieces the parser reads expressions.
 */

export type TokenKind = "ident" | "number" | "string" | "op" | "comma" | "attribute" | "eof" | "bad";

export interface Token {
  readonly kind: TokenKind;
  /** Identifier, number text, operator or punctuation; for `comma`: `,` or `\n` when automatic; `EOF` at the end. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** A line break stood before it. */
  readonly newline: boolean;
}

export interface ScannedComment {
  readonly text: string;
  readonly start: number;
  /** Nothing but white space stands before it on its line. */
  readonly ownLine: boolean;
}

/** How a string literal was opened: `"`, `'`, `"""`, `'''`, with `#` signs. */
export interface Quote {
  readonly char: '"' | "'";
  readonly multiline: boolean;
  readonly hashes: number;
  readonly start: number;
}

const operators = [
  "...",
  "_|_",
  "&&",
  "||",
  "==",
  "!=",
  "<=",
  ">=",
  "=~",
  "!~",
  "::",
  "+",
  "-",
  "*",
  "/",
  "&",
  "|",
  "<",
  ">",
  "=",
  "!",
  "?",
  ":",
  ".",
  ",",
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  "~",
] as const;

const identStart = /[\p{L}_$]/u;
const identPart = /[\p{L}\p{Nd}_$]/u;
const numberPattern =
  /(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*)?\.\d[\d_]*(?:[eE][+-]?\d[\d_]*)?(?:[KMGTP]i?)?|\d[\d_]*\.?(?:[eE][+-]?\d[\d_]*)?(?:[KMGTP]i?)?)/y;

export class Scanner {
  readonly source: string;
  readonly comments: ScannedComment[] = [];
  readonly problems: { readonly at: number; readonly message: string }[] = [];
  #position = 0;
  /** The last token can end an expression, so a line break would be a comma. */
  #endsExpression = false;

  constructor(source: string) {
    this.source = source;
    if (source.startsWith("\ufeff")) this.#position = 1;
  }

  get position(): number {
    return this.#position;
  }

  next(): Token {
    let newline = false;
    for (;;) {
      const char = this.source[this.#position];
      if (char === undefined) {
        if (this.#endsExpression) {
          this.#endsExpression = false;
          return this.#token("comma", "\n", this.#position, this.#position, true);
        }
        return this.#token("eof", "EOF", this.#position, this.#position, newline);
      }
      if (char === "\n") {
        if (this.#endsExpression) {
          this.#endsExpression = false;
          return this.#token("comma", "\n", this.#position, this.#position + 1, true);
        }
        newline = true;
        this.#position++;
      } else if (char === " " || char === "\t" || char === "\r") this.#position++;
      else if (char === "/" && this.source[this.#position + 1] === "/") this.#comment();
      else break;
    }
    return this.#scan(newline);
  }

  #comment(): void {
    const start = this.#position;
    let end = this.source.indexOf("\n", start);
    if (end < 0) end = this.source.length;
    const lineStart = this.source.lastIndexOf("\n", start - 1) + 1;
    const ownLine = this.source.slice(lineStart, start).trim() === "";
    this.comments.push({ text: this.source.slice(start, end).replace(/\r$/, ""), start, ownLine });
    this.#position = end;
  }

  #token(kind: TokenKind, text: string, start: number, end: number, newline: boolean): Token {
    this.#position = end;
    return { kind, text, start, end, newline };
  }

  #scan(newline: boolean): Token {
    const start = this.#position;
    const char = this.source[start] ?? "";
    const quote = this.#quoteAt(start);
    if (quote !== undefined) {
      this.#endsExpression = true;
      return { kind: "string", text: char, start, end: start, newline };
    }
    if (/\d/.test(char) || (char === "." && /\d/.test(this.source[start + 1] ?? ""))) {
      numberPattern.lastIndex = start;
      const match = numberPattern.exec(this.source);
      this.#endsExpression = true;
      return this.#token("number", match?.[0] ?? char, start, start + (match?.[0].length ?? 1), newline);
    }
    if (this.source.startsWith("_|_", start)) {
      this.#endsExpression = true;
      return this.#token("op", "_|_", start, start + 3, newline);
    }
    if (char === "#" || identStart.test(char)) {
      const end = this.#identEnd(start);
      if (end > start) {
        this.#endsExpression = true;
        return this.#token("ident", this.source.slice(start, end), start, end, newline);
      }
    }
    if (char === "@") {
      const end = this.#attributeEnd(start);
      if (end !== undefined) {
        this.#endsExpression = true;
        return this.#token("attribute", this.source.slice(start, end), start, end, newline);
      }
    }
    for (const operator of operators) {
      if (this.source.startsWith(operator, start)) {
        if (operator === ",") {
          this.#endsExpression = false;
          return this.#token("comma", ",", start, start + 1, newline);
        }
        this.#endsExpression =
          operator === ")" || operator === "]" || operator === "}" || operator === "?" || operator === "!" || operator === "...";
        return this.#token("op", operator, start, start + operator.length, newline);
      }
    }
    this.problems.push({
      at: start,
      message: `illegal character ${JSON.stringify(String.fromCodePoint(this.source.codePointAt(start) ?? 0))}`,
    });
    return this.#token("bad", char, start, start + 1, newline);
  }

  #identEnd(start: number): number {
    let at = start;
    if (this.source[at] === "_" && this.source[at + 1] === "#") at += 2;
    else if (this.source[at] === "#") at += 1;
    const from = at;
    for (;;) {
      const code = this.source.codePointAt(at);
      if (code === undefined) break;
      const char = String.fromCodePoint(code);
      if (!identPart.test(char)) break;
      if (at === from && from > start && /\d/.test(char)) break;
      at += char.length;
    }
    return at;
  }

  /** `@name(balanced)`; strings inside may hold parentheses. */
  #attributeEnd(start: number): number | undefined {
    const head = /@[\p{L}_$][\p{L}\p{Nd}_$]*\(/uy;
    head.lastIndex = start;
    const match = head.exec(this.source);
    if (match === null) return undefined;
    let depth = 1;
    let at = start + match[0].length;
    while (at < this.source.length && depth > 0) {
      const char = this.source[at] ?? "";
      if (char === '"' || char === "'") {
        at++;
        while (at < this.source.length && this.source[at] !== char && this.source[at] !== "\n") at += this.source[at] === "\\" ? 2 : 1;
      } else if (char === "(" || char === "[" || char === "{") depth++;
      else if (char === ")" || char === "]" || char === "}") depth--;
      at++;
    }
    return depth === 0 ? at : undefined;
  }

  #quoteAt(start: number): Quote | undefined {
    let at = start;
    while (this.source[at] === "#") at++;
    const char = this.source[at];
    if (char !== '"' && char !== "'") return undefined;
    const multiline = this.source.startsWith(char.repeat(3), at) && /^(?:\r?\n)/.test(this.source.slice(at + 3, at + 5));
    return { char, multiline, hashes: at - start, start };
  }

  /** Consumes the opening of the string literal whose token `next` just announced. */
  openString(token: Token): Quote {
    const quote = this.#quoteAt(token.start);
    if (quote === undefined) throw new Error("no string literal starts here");
    let length = quote.hashes + (quote.multiline ? 3 : 1);
    if (quote.multiline) length += this.source[token.start + length] === "\r" ? 2 : 1;
    this.#position = token.start + length;
    return quote;
  }

  /**
   * Raw text up to the end of the literal or the next interpolation, which are consumed (with `\(`).
   * An unterminated literal is reported and ends at its line's, or the text's, end.
   */
  stringPiece(quote: Quote): { readonly raw: string; readonly start: number; readonly interpolation: boolean } {
    const close = quote.char.repeat(quote.multiline ? 3 : 1) + "#".repeat(quote.hashes);
    const escape = `\\${"#".repeat(quote.hashes)}`;
    const start = this.#position;
    let at = start;
    while (at < this.source.length) {
      if (
        this.source.startsWith(close, at) &&
        (!quote.multiline || this.source.slice(this.source.lastIndexOf("\n", at) + 1, at).trim() === "")
      ) {
        this.#position = at + close.length;
        this.#endsExpression = true;
        return { raw: this.source.slice(start, at), start, interpolation: false };
      }
      if (this.source.startsWith(escape, at)) {
        if (this.source[at + escape.length] === "(") {
          this.#position = at + escape.length + 1;
          this.#endsExpression = false;
          return { raw: this.source.slice(start, at), start, interpolation: true };
        }
        at += escape.length + 1;
        continue;
      }
      if (this.source[at] === "\n" && !quote.multiline) break;
      at++;
    }
    this.problems.push({ at: quote.start, message: "string literal not terminated" });
    this.#position = Math.min(at, this.source.length);
    this.#endsExpression = true;
    return { raw: this.source.slice(start, this.#position), start, interpolation: false };
  }
}
