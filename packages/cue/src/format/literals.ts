/** Numbers, strings and labels as they are written. */
import { hardBreak, joined, bareBreak, nest, text, word } from "./document.ts";
import type { Doc } from "./document.ts";

/** Forms that read alike are written alike: digits on both sides of the point, a small exponent letter, `0o` for octal. */
export function numberText(raw: string): string {
  if (/^0[xXbBoO]/.test(raw)) return raw;
  const octal = /^0\d[\d_]*$/.test(raw) ? `0o${raw.slice(1)}` : raw;
  const pointed = octal.replace(/^\./, "0.").replace(/\.(?!\d)/, ".0");
  return pointed.replace(/E(?=[+-]?\d)/, "e");
}

const identifier = /^(?:_?#)?[\p{L}_$][\p{L}\p{Nd}_$]*$|^_?#$/u;

export function isIdentifier(name: string): boolean {
  return identifier.test(name);
}

/**
 * A multi-line literal with its lines indented one level deeper than the line it starts on. The white space before the
 * closing quotes is not part of the text; a line that lacks it is kept as it is.
 */
export function multilineDoc(lines: readonly (Doc | string)[][], margin: string): Doc | undefined {
  const [first = [], ...rest] = lines;
  const opening = first.map((piece) => (typeof piece === "string" ? text(piece) : piece));
  const below: (Doc | undefined)[] = [];
  for (const line of rest) {
    const [head = "", ...tail] = line;
    const marked = typeof head === "string" && margin !== "" && head.startsWith(margin);
    below.push(marked ? hardBreak : bareBreak);
    below.push(typeof head === "string" ? text(marked ? head.slice(margin.length) : head) : head);
    for (const piece of tail) below.push(typeof piece === "string" ? text(piece) : piece);
  }
  return joined([...opening, nest(joined(below))]);
}

/** The white space before the closing quotes. */
export function marginOf(closing: string): string {
  return /(?:^|\n)([ \t]*)(?:"""|''')#*$/.exec(closing)?.[1] ?? "";
}

export function multilineString(raw: string): Doc {
  return (
    multilineDoc(
      raw.split("\n").map((line) => [line]),
      marginOf(raw),
    ) ?? word(raw)
  );
}
