/** Protobuf's text format as data. Whether a field is repeated, and whether text is bytes, only the schema says. */
import type { Value } from "../api.ts";
import type { Data } from "../builtins/contract.ts";
import { negate, numberLiteral } from "../number/decimal.ts";

export class TextProtoError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Messages inside one another beyond this are refused: what works on data does so by recursion. */
const maxDepth = 500;

export function decodeTextProto(text: string, schema: Value | undefined): Data {
  const reader = new Reader(text);
  return reader.message(schema, "", 0);
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Fields up to `close`, or to the end of the text. */
  message(schema: Value | undefined, close: string, depth: number): Data {
    if (depth > maxDepth) throw this.#error(`nested more than ${maxDepth} levels deep`);
    const fields = new Map<string, Data>();
    for (;;) {
      this.#space();
      if (this.#at >= this.#text.length || this.#text[this.#at] === close) {
        if (close !== "" && this.#at >= this.#text.length) throw this.#error(`expected '${close}'`);
        this.#at += close.length;
        return fields;
      }
      const name = this.#match(/[A-Za-z_]\w*|\[[\w./]+\]/y) ?? this.#refuse("expected a field name");
      const inner = schema?.lookup([name]);
      const repeated = inner?.incompleteKind() === "list";
      const value = this.#fieldValue(repeated ? inner.lookup([0]) : inner, depth);
      const values = Array.isArray(value) ? (value as readonly Data[]) : [value];
      const known = fields.get(name);
      if (repeated || known !== undefined)
        fields.set(name, [...(known === undefined ? [] : Array.isArray(known) ? (known as readonly Data[]) : [known]), ...values]);
      else fields.set(name, value);
      this.#space();
      this.#match(/[,;]/y);
    }
  }

  #fieldValue(schema: Value | undefined, depth: number): Data {
    this.#space();
    const colon = this.#match(/:/y) !== undefined;
    this.#space();
    if (this.#match(/\{/y) !== undefined) return this.message(schema, "}", depth + 1);
    if (this.#match(/</y) !== undefined) return this.message(schema, ">", depth + 1);
    if (!colon) throw this.#error("expected ':'");
    return this.#value(schema, depth);
  }

  #value(schema: Value | undefined, depth: number): Data {
    if (depth > maxDepth) throw this.#error(`nested more than ${maxDepth} levels deep`);
    if (this.#match(/\[/y) !== undefined) {
      const list: Data[] = [];
      for (;;) {
        this.#space();
        if (this.#match(/\]/y) !== undefined) return list;
        if (list.length > 0 && this.#match(/,/y) === undefined) throw this.#error("expected ',' or ']'");
        this.#space();
        if (this.#match(/\{/y) !== undefined) list.push(this.message(schema, "}", depth + 1));
        else list.push(this.#value(schema, depth + 1));
      }
    }
    const quoted = this.#strings();
    if (quoted !== undefined) return schema?.incompleteKind() === "bytes" ? new TextEncoder().encode(quoted) : quoted;
    const number = this.#match(/-?\s*(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)f?/y);
    if (number !== undefined) return this.#number(number);
    const word = this.#match(/-?[A-Za-z_]\w*/y) ?? this.#refuse("expected a value");
    if (word === "true" || word === "t") return true;
    return word === "false" || word === "f" ? false : word;
  }

  #number(text: string): Data {
    const negative = text.startsWith("-");
    const literal = numberLiteral(
      text
        .replace(/^-\s*/, "")
        .replace(/^0+(?=\d)/, "")
        .replace(/(?<!^0[xX].*)f$/, ""),
    );
    if (literal === undefined) throw this.#error(`invalid number ${text}`);
    if (literal.kind === "int") return negative ? -literal.value : literal.value;
    return negative ? negate(literal.value) : literal.value;
  }

  /** Literals that follow one another are one string. */
  #strings(): string | undefined {
    let found: string | undefined;
    for (;;) {
      this.#space();
      const literal = this.#match(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y);
      if (literal === undefined) return found;
      found =
        (found ?? "") + literal.slice(1, -1).replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)/g, (_whole, escape: string) => unescape(escape));
    }
  }

  #space(): void {
    this.#match(/(?:\s|#[^\n]*)+/y);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #refuse(message: string): never {
    throw this.#error(message);
  }

  #error(message: string): TextProtoError {
    return new TextProtoError(message, this.#at);
  }
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", a: "\u0007", b: "\b", f: "\f", v: "\v" };

function unescape(escape: string): string {
  if (/^x[0-9a-fA-F]/.test(escape)) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  if (/^[0-7]+$/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8));
  return escapes[escape] ?? escape;
}
