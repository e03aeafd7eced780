/**
 * Reads JSON text (RFC 8259) without recursion and tells a builder what it met. The error texts are those of Go's
 * encoding/json, which the reference implementation shows to its users.
 */

/** Text that is not JSON. `offset` is the UTF-16 index of the offending character. */
export class JsonSyntaxError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** What the scanner met. Strings are decoded, numbers are given as text. */
export interface JsonEvents {
  openObject(): void;
  openArray(): void;
  key(text: string, offset: number): void;
  close(): void;
  string(text: string): void;
  number(text: string, offset: number): void;
  literal(value: null | boolean): void;
}

export const ignoreJson: JsonEvents = {
  openObject() {},
  openArray() {},
  key() {},
  close() {},
  string() {},
  number() {},
  literal() {},
};

/** As deep as encoding/json reads. */
export const maxJsonDepth = 10_000;

const literals: Readonly<Record<string, readonly [text: string, value: null | boolean]>> = {
  t: ["true", true],
  f: ["false", false],
  n: ["null", null],
};

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

export class JsonScanner {
  readonly #text: string;
  readonly #events: JsonEvents;
  readonly #maxDepth: number;
  #at = 0;

  constructor(text: string, events: JsonEvents, maxDepth: number = maxJsonDepth) {
    this.#text = text;
    this.#events = events;
    this.#maxDepth = maxDepth;
  }

  /** Skips white space; true where the text ends. */
  atEnd(): boolean {
    for (;;) {
      const c = this.#text.charCodeAt(this.#at);
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return this.#at >= this.#text.length;
      this.#at++;
    }
  }

  /** Throws where more than white space follows the value. */
  expectEnd(): void {
    if (!this.atEnd()) this.#fail("after top-level value");
  }

  /** Reads one value. */
  value(): void {
    // One entry an open bracket: whether it is an object.
    const open: boolean[] = [];
    for (;;) {
      if (this.#beginValue(open)) continue;
      if (!this.#afterValue(open)) return;
    }
  }

  /** Reads a scalar or opens a bracket. True when a value must follow (a first element or field value). */
  #beginValue(open: boolean[]): boolean {
    this.#needMore();
    const c = this.#text.charAt(this.#at);
    if (c === "{" || c === "[") {
      const isObject = c === "{";
      if (open.length >= this.#maxDepth) throw new JsonSyntaxError("exceeded max depth", this.#at);
      this.#at++;
      if (isObject) this.#events.openObject();
      else this.#events.openArray();
      this.#needMore();
      if (this.#text.charAt(this.#at) === (isObject ? "}" : "]")) {
        this.#at++;
        this.#events.close();
        return false;
      }
      open.push(isObject);
      if (isObject) this.#key();
      return true;
    }
    if (c === '"') this.#events.string(this.#string());
    else if (c === "-" || (c >= "0" && c <= "9")) this.#number();
    else this.#literal(c);
    return false;
  }

  /** Closes brackets until another value must follow; false at the end of the outermost one. */
  #afterValue(open: boolean[]): boolean {
    for (;;) {
      const isObject = open.at(-1);
      if (isObject === undefined) return false;
      this.#needMore();
      const c = this.#text.charAt(this.#at);
      if (c === ",") {
        this.#at++;
        if (isObject) this.#key();
        return true;
      }
      if (c !== (isObject ? "}" : "]")) this.#fail(isObject ? "after object key:value pair" : "after array element");
      this.#at++;
      open.pop();
      this.#events.close();
    }
  }

  #key(): void {
    this.#needMore();
    const offset = this.#at;
    if (this.#text.charAt(offset) !== '"') this.#fail("looking for beginning of object key string");
    this.#events.key(this.#string(), offset);
    this.#needMore();
    if (this.#text.charAt(this.#at) !== ":") this.#fail("after object key");
    this.#at++;
  }

  #literal(first: string): void {
    const literal = Object.hasOwn(literals, first) ? literals[first] : undefined;
    if (literal === undefined) this.#fail("looking for beginning of value");
    const [word, value] = literal;
    for (let i = 1; i < word.length; i++) {
      this.#at++;
      if (this.#text.charAt(this.#at) === word.charAt(i)) continue;
      this.#fail(`in literal ${word} (expecting '${word.charAt(i)}')`);
    }
    this.#at++;
    this.#events.literal(value);
  }

  #number(): void {
    const start = this.#at;
    if (this.#text.charAt(start) === "-") this.#at++;
    if (this.#text.charAt(this.#at) === "0") this.#at++;
    else this.#digits("in numeric literal");
    if (this.#text.charAt(this.#at) === ".") {
      this.#at++;
      this.#digits("after decimal point in numeric literal");
    }
    const e = this.#text.charAt(this.#at);
    if (e === "e" || e === "E") {
      this.#at++;
      const sign = this.#text.charAt(this.#at);
      if (sign === "+" || sign === "-") this.#at++;
      this.#digits("in exponent of numeric literal");
    }
    this.#events.number(this.#text.slice(start, this.#at), start);
  }

  #digits(context: string): void {
    const start = this.#at;
    for (;;) {
      const c = this.#text.charCodeAt(this.#at);
      if (!(c >= 0x30 && c <= 0x39)) break;
      this.#at++;
    }
    if (this.#at === start) this.#fail(context);
  }

  #string(): string {
    const text = this.#text;
    let from = ++this.#at;
    let decoded = "";
    for (;;) {
      const c = text.charCodeAt(this.#at);
      if (c === 0x22) {
        decoded += text.slice(from, this.#at++);
        // A lone half of a surrogate pair is no character: it reads as the replacement character.
        return decoded.replaceAll(/\p{Surrogate}/gu, "\ufffd");
      }
      if (c === 0x5c) {
        decoded += text.slice(from, this.#at) + this.#escape();
        from = this.#at;
      } else if (c >= 0x20) {
        this.#at++;
      } else {
        this.#fail("in string literal");
      }
    }
  }

  #escape(): string {
    this.#at++;
    const c = this.#text.charAt(this.#at);
    if (c === "u") {
      for (let i = 0; i < 4; i++) {
        this.#at++;
        if (!/^[0-9a-fA-F]$/.test(this.#text.charAt(this.#at))) this.#fail("in \\u hexadecimal character escape");
      }
      this.#at++;
      return String.fromCharCode(Number.parseInt(this.#text.slice(this.#at - 4, this.#at), 16));
    }
    const short = Object.hasOwn(shortEscapes, c) ? shortEscapes[c] : undefined;
    if (short === undefined) this.#fail("in string escape code");
    this.#at++;
    return short;
  }

  #needMore(): void {
    if (this.atEnd()) this.#fail("");
  }

  #fail(context: string): never {
    const offset = this.#at;
    const code = this.#text.codePointAt(offset);
    if (code === undefined) throw new JsonSyntaxError("unexpected end of JSON input", offset);
    throw new JsonSyntaxError(`invalid character ${quoteByte(code)} ${context}`, offset);
  }
}

/** The first byte of a character, as encoding/json quotes it (it looks at bytes, and takes one for a character). */
function quoteByte(code: number): string {
  if (code === 0x27) return `'\\''`;
  if (code === 0x22) return `'"'`;
  const byte = new TextEncoder().encode(String.fromCodePoint(code))[0] ?? 0;
  const named: Readonly<Record<number, string>> = {
    0x07: "\\a",
    0x08: "\\b",
    0x09: "\\t",
    0x0a: "\\n",
    0x0b: "\\v",
    0x0c: "\\f",
    0x0d: "\\r",
    0x5c: "\\\\",
  };
  if (named[byte] !== undefined) return `'${named[byte]}'`;
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, "0")}'`;
  if (byte < 0xa1 && byte > 0x7f) return `'\\u${byte.toString(16).padStart(4, "0")}'`;
  return `'${String.fromCharCode(byte)}'`;
}

/** The first problem of a JSON text, or undefined when it is valid. */
export function jsonProblem(text: string): JsonSyntaxError | undefined {
  try {
    const scanner = new JsonScanner(text, ignoreJson);
    scanner.value();
    scanner.expectEnd();
    return undefined;
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error;
    throw error;
  }
}
