/**
 * Text and bytes as CUE literals, in the form that the reference's `literal.String`, `literal.Bytes` and `literal.Label`
 * choose: printable characters as they are, the rest as escapes in lower-case hexadecimal.
 */
import { codePoints } from "./utf8.ts";

interface Form {
  readonly char: '"' | "'";
  readonly multiline: boolean;
  /** Put before every line of a multi-line literal. */
  readonly indent: string;
  readonly hashes: string;
}

const printable = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;
const namedEscapes: Readonly<Record<string, string>> = {
  "\u0007": "a",
  "\b": "b",
  "\f": "f",
  "\n": "n",
  "\r": "r",
  "\t": "t",
  "\v": "v",
};

/** `"text"`, on one line. */
export function quoteString(text: string): string {
  return quoteWith(text, { char: '"', multiline: false, indent: "", hashes: "" });
}

/** `'bytes'`, on one line; what is not UTF-8 as `\xnn`. */
export function quoteBytes(bytes: Uint8Array): string {
  return quoteWith(bytes, { char: "'", multiline: false, indent: "", hashes: "" });
}

/** A `"""` literal whose lines, all but the first, start with this many tabs. */
export function quoteMultilineString(text: string, tabs: number): string {
  return quoteMultiline(text, '"', tabs);
}

/** A `'''` literal whose lines, all but the first, start with this many tabs. */
export function quoteMultilineBytes(bytes: Uint8Array, tabs: number): string {
  return quoteMultiline(bytes, "'", tabs);
}

/** On one line, unless it has line breaks: as exported values are written. */
export function quoteStringAtIndent(text: string, tabs: number): string {
  return text.includes("\n") ? quoteMultilineString(text, tabs) : quoteString(text);
}

/** On one line, unless they have line breaks: as exported values are written. */
export function quoteBytesAtIndent(bytes: Uint8Array, tabs: number): string {
  return bytes.includes(0x0a) ? quoteMultilineBytes(bytes, tabs) : quoteBytes(bytes);
}

/** A field name as an identifier where it can be one for a regular field, else quoted. */
export function quoteLabel(name: string): string {
  return isIdentifierLabel(name) ? name : quoteString(name);
}

/** Whether a regular field of this name needs no quotes: an identifier that is neither hidden nor a definition. */
export function isIdentifierLabel(name: string): boolean {
  return /^[\p{L}$][\p{L}\p{Nd}_$]*$/u.test(name);
}

function quoteMultiline(content: string | Uint8Array, char: '"' | "'", tabs: number): string {
  const text = typeof content === "string" ? content : latin(content);
  return quoteWith(content, { char, multiline: true, indent: "\t".repeat(tabs), hashes: hashesFor(text, char) });
}

/** One character a byte, to look for quotes in. */
function latin(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** More `#` signs than follow any triple quote of the text. */
function hashesFor(text: string, char: '"' | "'"): string {
  const quotes = char === '"' ? /"{3,}(#*)/g : /'{3,}(#*)/g;
  let count = 0;
  for (const match of text.matchAll(quotes)) count = Math.max(count, (match[1] ?? "").length + 1);
  return "#".repeat(count);
}

function quoteWith(content: string | Uint8Array, form: Form): string {
  const { char, multiline, indent, hashes } = form;
  const body = typeof content === "string" ? escapeText(content, form) : escapeBytes(content, form);
  if (!multiline) return `${char}${body}${char}`;
  const triple = char.repeat(3);
  if (content.length === 0) return `${triple}\n${indent}${triple}`;
  const first = body.startsWith("\n") ? "" : indent;
  return `${hashes}${triple}\n${first}${body}\n${indent}${triple}${hashes}`;
}

function escapeText(text: string, form: Form): string {
  // Most text needs nothing.
  if (!form.multiline && /^[ !#-[\]-~]*$/.test(text)) return text;
  const out: string[] = [];
  for (const char of text) out.push(escapeCharacter(char.codePointAt(0) ?? 0, form));
  return indentLines(out.join(""), form);
}

function escapeBytes(bytes: Uint8Array, form: Form): string {
  const out: string[] = [];
  for (const each of codePoints(bytes))
    out.push("invalid" in each ? `\\${form.hashes}x${hexadecimal(each.invalid, 2)}` : escapeCharacter(each.code, form));
  return indentLines(out.join(""), form);
}

/** Lines of a multi-line literal; empty ones stay empty. */
function indentLines(text: string, { multiline, indent }: Form): string {
  return multiline && indent !== "" ? text.replace(/\n(?=[^\n])/g, `\n${indent}`) : text;
}

function escapeCharacter(code: number, form: Form): string {
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  const char = isSurrogate ? "\ufffd" : String.fromCodePoint(code);
  if (form.multiline && char === "\n") return char;
  const escape = `\\${form.hashes}`;
  if (char === "\\" || (char === form.char && !form.multiline)) return escape + char;
  if (printable.test(char)) return char;
  const named = namedEscapes[char];
  if (named !== undefined) return escape + named;
  if (code < 0x20 && form.char === "'") return `${escape}x${hexadecimal(code, 2)}`;
  return code < 0x10000 ? `${escape}u${hexadecimal(code, 4)}` : `${escape}U${hexadecimal(code, 8)}`;
}

function hexadecimal(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
