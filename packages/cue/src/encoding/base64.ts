/** Standard base64 (RFC 4648, padded) of bytes, without the host's `btoa`, which takes text only. */

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function encodeBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const group = (a << 16) | (b << 8) | c;
    const chars = [18, 12, 6, 0].map((shift) => alphabet.charAt((group >> shift) & 63)).join("");
    const missing = i + 3 - bytes.length;
    parts.push(missing > 0 ? chars.slice(0, 4 - missing) + "=".repeat(missing) : chars);
  }
  return parts.join("");
}

/** Bytes, or the index of the first byte that is wrong, as encoding/base64 counts it. Line ends are skipped. */
export type Base64Result = { readonly bytes: Uint8Array } | { readonly badAt: number };

export function decodeBase64(text: Uint8Array): Base64Result {
  const out = new Uint8Array(Math.ceil((text.length / 4) * 3));
  let length = 0;
  let group: number[] = [];
  let i = 0;
  const skipLineEnds = (): void => {
    while (text[i] === 0x0a || text[i] === 0x0d) i++;
  };
  for (;;) {
    skipLineEnds();
    const c = text[i];
    if (c === undefined) {
      if (group.length === 0) return { bytes: out.slice(0, length) };
      // An incomplete group is reported at its own start, as the reference does.
      return { badAt: i - group.length };
    }
    const at = i;
    i++;
    if (c === 0x3d) {
      if (group.length < 2) return { badAt: at };
      skipLineEnds();
      if (group.length === 2) {
        if (i >= text.length) return { badAt: text.length };
        if (text[i] !== 0x3d) return { badAt: i };
        i++;
        skipLineEnds();
      }
      if (i < text.length) return { badAt: i };
      const [a = 0, b = 0, d = 0] = group;
      out[length++] = (a << 2) | (b >> 4);
      if (group.length === 3) out[length++] = ((b & 15) << 4) | (d >> 2);
      return { bytes: out.slice(0, length) };
    }
    const value = digit(c);
    if (value < 0) return { badAt: at };
    group.push(value);
    if (group.length === 4) {
      const [a = 0, b = 0, d = 0, e = 0] = group;
      out[length++] = (a << 2) | (b >> 4);
      out[length++] = ((b & 15) << 4) | (d >> 2);
      out[length++] = ((d & 3) << 6) | e;
      group = [];
    }
  }
}

function digit(c: number): number {
  if (c >= 0x41 && c <= 0x5a) return c - 0x41;
  if (c >= 0x61 && c <= 0x7a) return c - 0x61 + 26;
  if (c >= 0x30 && c <= 0x39) return c - 0x30 + 52;
  if (c === 0x2b) return 62;
  return c === 0x2f ? 63 : -1;
}
