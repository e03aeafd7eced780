/** Data of TOML text (version 1.0): exact numbers, keys in order, dates and times as strings. */
import type { Data } from "../builtins/contract.ts";
import { parseDecimal } from "../number/decimal.ts";

/** Text that is not TOML. `offset` is a UTF-16 index. */
export class TomlError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const maxDepth = 500;

type Table = Map<string, Data>;

const escapes: Readonly<Record<string, string>> = { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", '"': '"', "\\": "\\" };

const dateTime = /(?:\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)?)?|\d\d:\d\d:\d\d(?:\.\d+)?)/y;
const floatNumber = /[+-]?(?:0|[1-9](?:_?\d)*)(?:\.\d(?:_?\d)*(?:[eE][+-]?\d(?:_?\d)*)?|[eE][+-]?\d(?:_?\d)*)/y;
const integerNumber = /0x[0-9a-fA-F](?:_?[0-9a-fA-F])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*|[+-]?(?:0|[1-9](?:_?\d)*)/y;

class Parser {
  readonly #text: string;
  #at = 0;
  readonly root: Table = new Map();
  /** Where keys go: the table of the last header. */
  #current: Table = this.root;
  #currentPath: readonly string[] = [];
  /** Tables that a header has defined. */
  readonly #defined = new Set<Table>([this.root]);
  /** Tables that only longer keys or headers have brought about. */
  readonly #implied = new Set<Table>();
  /** Inline tables: nothing may be added to them. */
  readonly #closed = new Set<Table>();
  /** Lists that `[[headers]]` have made. */
  readonly #tableLists = new Map<readonly Data[], Table[]>();

  constructor(text: string) {
    this.#text = text;
  }

  document(): Table {
    for (;;) {
      this.#skipLines();
      if (this.#at >= this.#text.length) return this.root;
      if (this.#text.startsWith("[[", this.#at)) this.#listHeader();
      else if (this.#peek() === "[") this.#header();
      else this.#keyValue(this.#current, this.#currentPath, 0);
      this.#endOfLine();
    }
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #fail(message: string, offset = this.#at): never {
    throw new TomlError(message, offset);
  }

  #skipSpace(): void {
    while (this.#peek() === " " || this.#peek() === "\t") this.#at++;
  }

  #skipComment(): void {
    if (this.#peek() !== "#") return;
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  #skipLines(): void {
    for (;;) {
      this.#skipSpace();
      this.#skipComment();
      if (this.#peek() === "\n") this.#at++;
      else if (this.#text.startsWith("\r\n", this.#at)) this.#at += 2;
      else return;
    }
  }

  #endOfLine(): void {
    this.#skipSpace();
    this.#skipComment();
    if (this.#at < this.#text.length && !/^\r?\n/.test(this.#text.slice(this.#at, this.#at + 2))) {
      this.#fail(`expected newline but got ${JSON.stringify(this.#peek())}`);
    }
  }

  #simpleKey(): string {
    const c = this.#peek();
    if (c === '"') return this.#basicString();
    if (c === "'") return this.#literalString();
    const start = this.#at;
    while (/^[A-Za-z0-9_-]$/.test(this.#peek())) this.#at++;
    if (this.#at === start) this.#fail(`invalid character at start of key: ${c}`);
    return this.#text.slice(start, this.#at);
  }

  #key(): string[] {
    const names: string[] = [];
    for (;;) {
      this.#skipSpace();
      names.push(this.#simpleKey());
      if (names.length > maxDepth) this.#fail(`nested more than ${maxDepth} levels deep`);
      this.#skipSpace();
      if (this.#peek() !== ".") return names;
      this.#at++;
    }
  }

  #expect(text: string): void {
    if (!this.#text.startsWith(text, this.#at)) this.#fail(`expected character ${text}`);
    this.#at += text.length;
  }

  /** The table under a name, made when it is not there; the last one of a list of tables. */
  #descend(table: Table, name: string, path: readonly string[], offset: number): Table {
    const known = table.get(name);
    if (known === undefined) {
      const made: Table = new Map();
      table.set(name, made);
      this.#implied.add(made);
      return made;
    }
    const inside =
      known instanceof Map ? (known as Table) : Array.isArray(known) ? this.#tableLists.get(known as Data[])?.at(-1) : undefined;
    if (inside === undefined || this.#closed.has(inside)) this.#fail(`duplicate key: ${path.join(".")}`, offset);
    return inside;
  }

  #header(): void {
    const offset = this.#at++;
    const path = this.#key();
    this.#expect("]");
    let table = this.root;
    path.slice(0, -1).forEach((name, i) => {
      table = this.#descend(table, name, path.slice(0, i + 1), offset);
    });
    const name = path.at(-1) ?? "";
    const known = table.get(name);
    if (known !== undefined && (!(known instanceof Map) || !this.#implied.has(known as Table) || this.#defined.has(known as Table))) {
      this.#fail(`duplicate key: ${path.join(".")}`, offset);
    }
    this.#current = this.#descend(table, name, path, offset);
    this.#defined.add(this.#current);
    this.#currentPath = path;
  }

  #listHeader(): void {
    const offset = this.#at;
    this.#at += 2;
    const path = this.#key();
    this.#expect("]]");
    let table = this.root;
    path.slice(0, -1).forEach((name, i) => {
      table = this.#descend(table, name, path.slice(0, i + 1), offset);
    });
    const name = path.at(-1) ?? "";
    const known = table.get(name);
    let list = known === undefined ? undefined : this.#tableLists.get(known as readonly Data[]);
    if (known !== undefined && list === undefined) this.#fail(`duplicate key: ${path.join(".")}`, offset);
    if (list === undefined) {
      list = [];
      table.set(name, list);
      this.#tableLists.set(list, list);
    }
    this.#current = new Map();
    this.#defined.add(this.#current);
    list.push(this.#current);
    this.#currentPath = path;
  }

  #keyValue(into: Table, at: readonly string[], depth: number): void {
    const offset = this.#at;
    const path = this.#key();
    this.#skipSpace();
    this.#expect("=");
    this.#skipSpace();
    let table = into;
    path.slice(0, -1).forEach((name, i) => {
      const before = table.get(name);
      table = this.#descend(table, name, [...at, ...path.slice(0, i + 1)], offset);
      // A key with dots adds to tables that such keys made, not to those that have a header.
      if (before !== undefined && this.#defined.has(table)) this.#fail(`duplicate key: ${[...at, ...path].join(".")}`, offset);
    });
    const name = path.at(-1) ?? "";
    if (table.has(name)) this.#fail(`duplicate key: ${[...at, ...path].join(".")}`, offset);
    table.set(name, this.#value(depth + path.length));
    // What dotted keys made is not there for a header to define.
    if (table !== into) this.#implied.delete(table);
  }

  #value(depth: number): Data {
    if (depth > maxDepth) this.#fail(`nested more than ${maxDepth} levels deep`);
    const c = this.#peek();
    if (this.#text.startsWith('"""', this.#at)) return this.#multilineString('"""', true);
    if (this.#text.startsWith("'''", this.#at)) return this.#multilineString("'''", false);
    if (c === '"') return this.#basicString();
    if (c === "'") return this.#literalString();
    if (c === "[") return this.#list(depth);
    if (c === "{") return this.#inlineTable(depth);
    for (const word of ["true", "false"]) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return word === "true";
    }
    return this.#numberOrDate();
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0];
    if (text === undefined || /^[A-Za-z0-9_.:+-]/.test(this.#text.charAt(this.#at + text.length))) return undefined;
    this.#at += text.length;
    return text;
  }

  #numberOrDate(): Data {
    const date = this.#match(dateTime);
    if (date !== undefined) return date;
    const start = this.#at;
    const float = this.#match(floatNumber);
    if (float !== undefined) {
      const value = parseDecimal(float.replaceAll("_", "").replace(/^\+/, ""));
      if (value === undefined) this.#fail("number out of range", start);
      return value;
    }
    const integer = this.#match(integerNumber)?.replaceAll("_", "").replace(/^\+/, "");
    if (integer !== undefined) return BigInt(integer);
    if (/^[+-]?(?:inf|nan)/.test(this.#text.slice(start, start + 4))) this.#fail("there is no such number in CUE: inf or nan");
    if (this.#at >= this.#text.length || /[\r\n]/.test(this.#peek())) this.#fail("expected value, not eof");
    this.#fail(`incomplete or invalid value at ${JSON.stringify(this.#text.slice(start, start + 10))}`);
  }

  #list(depth: number): Data[] {
    this.#at++;
    const list: Data[] = [];
    for (;;) {
      this.#skipLines();
      if (this.#peek() === "]") {
        this.#at++;
        return list;
      }
      list.push(this.#value(depth + 1));
      this.#skipLines();
      if (this.#peek() === ",") this.#at++;
      else if (this.#peek() !== "]") this.#fail("array is incomplete");
    }
  }

  #inlineTable(depth: number): Table {
    this.#at++;
    const table: Table = new Map();
    this.#skipSpace();
    if (this.#peek() === "}") {
      this.#at++;
      this.#closed.add(table);
      return table;
    }
    for (;;) {
      this.#skipSpace();
      this.#keyValue(table, [], depth + 1);
      this.#skipSpace();
      if (this.#peek() === "}") {
        this.#at++;
        this.#closed.add(table);
        return table;
      }
      if (this.#peek() !== ",") this.#fail("expected a comma or the end of the inline table");
      this.#at++;
    }
  }

  #literalString(): string {
    const end = this.#text.indexOf("'", this.#at + 1);
    const text = this.#text.slice(this.#at + 1, end < 0 ? undefined : end);
    if (end < 0 || text.includes("\n")) this.#fail("unterminated literal string");
    this.#at = end + 1;
    return text;
  }

  #basicString(): string {
    const start = this.#at++;
    const parts: string[] = [];
    for (;;) {
      const from = this.#at;
      while (this.#at < this.#text.length && !/["\\\n]/.test(this.#peek())) this.#at++;
      parts.push(this.#text.slice(from, this.#at));
      const c = this.#peek();
      if (c === "\\") parts.push(this.#escape());
      else if (c !== '"') this.#fail("unterminated basic string", start);
      else {
        this.#at++;
        return parts.join("");
      }
    }
  }

  #escape(): string {
    const code = this.#text.charAt(this.#at + 1);
    const digits = code === "u" ? 4 : code === "U" ? 8 : 0;
    if (digits > 0) {
      const hex = this.#text.slice(this.#at + 2, this.#at + 2 + digits);
      const value = /^[0-9a-fA-F]+$/.test(hex) && hex.length === digits ? Number.parseInt(hex, 16) : Number.NaN;
      if (!(value <= 0x10ffff) || (value >= 0xd800 && value <= 0xdfff)) this.#fail("invalid unicode escape");
      this.#at += 2 + digits;
      return String.fromCodePoint(value);
    }
    const char = Object.hasOwn(escapes, code) ? escapes[code] : undefined;
    if (char === undefined) this.#fail(`invalid escaped character ${JSON.stringify(code)}`);
    this.#at += 2;
    return char;
  }

  #multilineString(quote: string, escaped: boolean): string {
    const start = this.#at;
    this.#at += 3;
    if (this.#text.startsWith("\r\n", this.#at)) this.#at += 2;
    else if (this.#peek() === "\n") this.#at++;
    const parts: string[] = [];
    for (;;) {
      const from = this.#at;
      while (this.#at < this.#text.length && !this.#text.startsWith(quote, this.#at) && !(escaped && this.#peek() === "\\")) this.#at++;
      parts.push(this.#text.slice(from, this.#at));
      if (this.#at >= this.#text.length) this.#fail("unterminated multi-line string", start);
      if (this.#text.startsWith(quote, this.#at)) {
        this.#at += 3;
        // Up to two quotes may stand before the closing ones.
        for (let i = 0; i < 2 && this.#peek() === quote.charAt(0); i++) {
          parts.push(quote.charAt(0));
          this.#at++;
        }
        return parts.join("");
      }
      const fold = /^\\[ \t]*\r?\n/.exec(this.#text.slice(this.#at, this.#at + 200))?.[0];
      if (fold === undefined) {
        parts.push(this.#escape());
        continue;
      }
      this.#at += fold.length;
      while (/^[ \t\r\n]$/.test(this.#peek())) this.#at++;
    }
  }
}

/** Throws `TomlError`. */
export function decodeToml(text: string): Data {
  return new Parser(text.replace(/^\ufeff/, "")).document();
}
