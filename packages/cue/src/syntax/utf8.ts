/** UTF-8, with what is no character told apart. */

const encoder = new TextEncoder();

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Bytes that a UTF-8 text of this length would take. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A surrogate pair takes four bytes for its two units.
    if (unit < 0x800 || isPair(text, i)) bytes += 1;
    else if (!(unit >= 0xdc00 && unit <= 0xdfff && i > 0 && isPair(text, i - 1))) bytes += 2;
    else bytes += 1;
  }
  return bytes;
}

function isPair(text: string, at: number): boolean {
  const high = text.charCodeAt(at);
  const low = text.charCodeAt(at + 1);
  return high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}

/** The code points of UTF-8 bytes in order; a byte that is part of none comes as itself. */
export function* codePoints(bytes: Uint8Array): Generator<{ readonly code: number } | { readonly invalid: number }> {
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    const length =
      first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
    const code = length === 0 ? undefined : codePointAt(bytes, at, length);
    if (code === undefined) {
      yield { invalid: first };
      at++;
    } else {
      yield { code };
      at += length;
    }
  }
}

function codePointAt(bytes: Uint8Array, at: number, length: number): number | undefined {
  const first = bytes[at] ?? 0;
  if (length === 1) return first;
  let code = first & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i];
    if (next === undefined || (next & 0xc0) !== 0x80) return undefined;
    code = (code << 6) | (next & 0x3f);
  }
  const overlong = length === 3 ? code < 0x800 : length === 4 && code < 0x10000;
  return overlong || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? undefined : code;
}
