/** Cuts a Go template into text and actions, and actions into tokens. */
import { CallFailure } from "../contract.ts";
import { quote } from "../signature.ts";

export type TokenType = "space" | "ident" | "field" | "variable" | "string" | "char" | "number" | "punctuation" | "end";

export interface Token {
  readonly type: TokenType;
  /** As written; strings are decoded in `value`. */
  readonly text: string;
  readonly value: string;
  readonly at: number;
}

export interface Segment {
  readonly text: string;
  /** Undefined for text. */
  readonly tokens: readonly Token[] | undefined;
  readonly at: number;
}

export function templateError(source: string, at: number, message: string): CallFailure {
  return new CallFailure(`template: :${lineAt(source, at)}: ${message}`);
}

export function lineAt(source: string, at: number): number {
  let line = 1;
  for (let i = source.indexOf("\n"); i >= 0 && i < at; i = source.indexOf("\n", i + 1)) line++;
  return line;
}

const leadingSpace = /^[ \t\r\n]+/;
const trailingSpace = /[ \t\r\n]$/;

/** Without trailing white space; a regular expression for it could take quadratic time. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && trailingSpace.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** The segments of a template. A `-` beside a delimiter trims the text on its side. */
export function scanTemplate(source: string): Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  let trimNext = false;
  const addText = (end: number, trim: boolean): void => {
    let text = source.slice(at, end);
    if (trimNext) text = text.replace(leadingSpace, "");
    if (trim) text = trimEnd(text);
    if (text !== "") segments.push({ text, tokens: undefined, at });
  };
  for (;;) {
    const open = source.indexOf("{{", at);
    if (open < 0) {
      addText(source.length, false);
      return segments;
    }
    const trimBefore = /^-[ \t\r\n]/.test(source.slice(open + 2, open + 4));
    addText(open, trimBefore);
    const start = open + (trimBefore ? 4 : 2);
    if (source.startsWith("/*", start)) {
      const end = source.indexOf("*/", start + 2);
      if (end < 0) throw templateError(source, open, "unclosed comment");
      const close = /^(?:[ \t\r\n]-)?\}\}/.exec(source.slice(end + 2, end + 6))?.[0];
      if (close === undefined) throw templateError(source, open, "comment ends before closing delimiter");
      trimNext = close.length > 2;
      at = end + 2 + close.length;
      continue;
    }
    const { tokens, end, trimAfter } = scanAction(source, start);
    segments.push({ text: source.slice(open, end), tokens, at: open });
    trimNext = trimAfter;
    at = end;
  }
}

const patterns: readonly (readonly [TokenType, RegExp])[] = [
  ["space", /[ \t\r\n]+/y],
  ["string", /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`/y],
  ["char", /'(?:[^'\\\n]|\\[^\n])+'/y],
  ["number", /[-+]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][-+]?\d+)?|\.\d[\d_]*(?:[eE][-+]?\d+)?)/y],
  ["field", /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ["variable", /\$[\p{L}\p{N}_]*/uy],
  ["ident", /[\p{L}_][\p{L}\p{N}_]*/uy],
  ["punctuation", /:=|[=|(),.]/y],
];

function scanAction(source: string, start: number): { tokens: Token[]; end: number; trimAfter: boolean } {
  const tokens: Token[] = [];
  let at = start;
  for (;;) {
    if (at >= source.length) throw templateError(source, start, "unclosed action");
    const trimAfter = /[ \t\r\n]/.test(source.charAt(at)) && source.startsWith("-}}", at + 1);
    if (trimAfter || source.startsWith("}}", at)) {
      tokens.push({ type: "end", text: "}}", value: "", at });
      return { tokens, end: at + (trimAfter ? 4 : 2), trimAfter };
    }
    const token = tokenAt(source, at);
    // White space before a trimming end belongs to the end.
    if (token.type === "space" && source.startsWith("-}}", at + token.text.length)) {
      at += token.text.length - 1;
      continue;
    }
    tokens.push(token);
    at += token.text.length;
  }
}

function tokenAt(source: string, at: number): Token {
  for (const [type, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text === undefined) continue;
    if (type === "number" && /^[\p{L}\p{N}_]/u.test(source.slice(at + text.length, at + text.length + 1))) {
      throw templateError(source, at, `bad number syntax: ${quote(text + source.charAt(at + text.length))}`);
    }
    const value = type === "string" || type === "char" ? unquote(source, at, text) : text;
    return { type, text, value, at };
  }
  const char = source.charAt(at);
  if (char === '"') throw templateError(source, at, "unterminated quoted string");
  if (char === "`") throw templateError(source, at, "unterminated raw quoted string");
  if (char === "'") throw templateError(source, at, "unterminated character constant");
  const code = source.codePointAt(at) ?? 0;
  const shown = `U+${code.toString(16).toUpperCase().padStart(4, "0")} '${String.fromCodePoint(code)}'`;
  throw templateError(source, at, `unrecognized character in action: ${shown}`);
}

const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

function unquote(source: string, at: number, text: string): string {
  if (text.startsWith("`")) return text.slice(1, -1);
  return text.slice(1, -1).replaceAll(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)/gsu, (_, code: string) => {
    if (code.length === 1) {
      const char = Object.hasOwn(escapes, code) ? escapes[code] : undefined;
      if (char === undefined) throw templateError(source, at, "invalid syntax");
      return char;
    }
    const value = /^[xuU]/.test(code) ? Number.parseInt(code.slice(1), 16) : Number.parseInt(code, 8);
    if (value > 0x10ffff) throw templateError(source, at, "invalid syntax");
    return String.fromCodePoint(value);
  });
}
