/** Text and characters in quotes, escaped as Go does. */

/** Which characters stand for themselves: what prints, the same with all spaces, or ASCII only. */
export type Plain = "print" | "graphic" | "ascii";

const escapes: Readonly<Record<number, string>> = { 7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 92: "\\\\" };

const largest = 0x10ffff;

function charOf(code: number): string {
  return code >= 0 && code <= largest ? String.fromCodePoint(code) : "\ufffd";
}

/** Letters, marks, numbers, punctuation, symbols, and the ASCII space. */
export function isPrint(code: number): boolean {
  return code === 0x20 || (code >= 0 && code <= largest && /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(charOf(code)));
}

/** The same, with every space of Unicode. */
export function isGraphic(code: number): boolean {
  return isPrint(code) || (code >= 0 && code <= largest && /\p{Zs}/u.test(charOf(code)));
}

function escaped(code: number, quote: string, plain: Plain): string {
  if (code === quote.charCodeAt(0)) return `\\${quote}`;
  const named = escapes[code];
  if (named !== undefined) return named;
  if (plain === "ascii" ? code < 0x7f && isPrint(code) : plain === "graphic" ? isGraphic(code) : isPrint(code)) return charOf(code);
  const hex = code.toString(16);
  if (code < 0x20 || code === 0x7f) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

export function quoteText(text: string, plain: Plain): string {
  return `"${Array.from(text, (char) => escaped(char.codePointAt(0) ?? 0, '"', plain)).join("")}"`;
}

/** What is no code point is the replacement character. */
export function quoteCharacter(code: number, plain: Plain): string {
  const valid = code >= 0 && code <= largest && !(code >= 0xd800 && code <= 0xdfff) ? code : 0xfffd;
  return `'${escaped(valid, "'", plain)}'`;
}
