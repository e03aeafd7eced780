/** A string or bytes literal as written to what it means: escapes, raw `#` forms, multi-line indentation. */

export interface DecodedString {
  /** Text pieces between interpolations; one piece when there are none. Bytes come as one character a byte. */
  readonly parts: readonly string[];
  /** The first piece: the value of a literal without interpolation. */
  readonly value: string;
  readonly problems: readonly { readonly at: number; readonly message: string }[];
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "/": "/",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

export function decodeString(raw: string): DecodedString {
  const problems: { at: number; message: string }[] = [];
  const head = /^(#*)("""|'''|"|')/.exec(raw);
  if (head === null) return { parts: [""], value: "", problems };
  const [, hashes = "", quote = '"'] = head;
  const multiline = quote.length === 3 && /^\r?\n/.test(raw.slice(head[0].length));
  const char = quote[0] ?? '"';
  const open = hashes.length + (multiline ? 3 : 1);
  const close = (multiline ? 3 : 1) + hashes.length;
  let body = raw.slice(open, Math.max(open, raw.length - close));
  let offset = open;
  let indent = "";
  if (multiline) {
    const first = /^\r?\n/.exec(body)?.[0].length ?? 0;
    body = body.slice(first);
    offset += first;
    const lastBreak = body.lastIndexOf("\n");
    indent = body.slice(lastBreak + 1);
    body = lastBreak < 0 ? "" : body.slice(0, lastBreak).replace(/\r$/, "");
  }
  const parts: string[] = [];
  let part = "";
  const escape = `\\${hashes}`;
  let at = 0;
  let lineStart = multiline;
  while (at < body.length) {
    if (lineStart) {
      lineStart = false;
      if (body.startsWith(indent, at)) at += indent.length;
      else if (body[at] !== "\n" && body[at] !== "\r")
        problems.push({ at: offset + at, message: "invalid whitespace: indentation must match that of the closing line" });
      continue;
    }
    if (body.startsWith(escape, at)) {
      at += escape.length;
      const code = body[at] ?? "";
      if (code === "(") {
        parts.push(part);
        part = "";
        at = skipInterpolation(body, at + 1);
        continue;
      }
      const simple = simpleEscapes[code];
      if (simple !== undefined && !(code === '"' && char === "'") && !(code === "'" && char === '"')) {
        part += simple;
        at++;
      } else if (code === "\n" && multiline) {
        at++;
        lineStart = true;
      } else if (code === "u" || code === "U") {
        const length = code === "u" ? 4 : 8;
        const digits = body.slice(at + 1, at + 1 + length);
        const value = Number.parseInt(digits, 16);
        if (!new RegExp(`^[0-9a-fA-F]{${length}}$`).test(digits) || value > 0x10ffff)
          problems.push({ at: offset + at, message: "invalid Unicode escape" });
        else part += String.fromCodePoint(value);
        at += 1 + length;
      } else if (char === "'" && code === "x") {
        part += String.fromCharCode(Number.parseInt(body.slice(at + 1, at + 3), 16));
        at += 3;
      } else if (char === "'" && /^[0-7]{3}/.test(body.slice(at, at + 3))) {
        part += String.fromCharCode(Number.parseInt(body.slice(at, at + 3), 8) & 0xff);
        at += 3;
      } else {
        problems.push({ at: offset + at - escape.length, message: "unknown escape sequence" });
        at++;
      }
      continue;
    }
    const code = String.fromCodePoint(body.codePointAt(at) ?? 0);
    if (code === "\n") lineStart = multiline;
    if (!(code === "\r" && body[at + 1] === "\n")) part += char === "'" ? utf8Characters(code) : code;
    at += code.length;
  }
  parts.push(part);
  return { parts, value: parts[0] ?? "", problems };
}

function utf8Characters(text: string): string {
  return (text.codePointAt(0) ?? 0) < 0x80 ? text : String.fromCharCode(...new TextEncoder().encode(text));
}

/** The offset after the `)` that closes the interpolation whose text starts at `at`. */
function skipInterpolation(body: string, at: number): number {
  let depth = 1;
  let i = at;
  while (i < body.length && depth > 0) {
    const char = body[i] ?? "";
    if (char === '"' || char === "'" || (char === "#" && /^#+["']/.test(body.slice(i)))) {
      i = skipString(body, i);
      continue;
    }
    if (char === "(") depth++;
    else if (char === ")") depth--;
    i++;
  }
  return i;
}

function skipString(body: string, at: number): number {
  const head = /^(#*)("""|'''|"|')/.exec(body.slice(at));
  if (head === null) return at + 1;
  const [, hashes = "", quote = '"'] = head;
  const close = quote + hashes;
  const escape = `\\${hashes}`;
  let i = at + head[0].length;
  while (i < body.length) {
    if (body.startsWith(close, i)) return i + close.length;
    if (body.startsWith(escape, i)) {
      if (body[i + escape.length] === "(") i = skipInterpolation(body, i + escape.length + 1);
      else i += escape.length + 1;
    } else i++;
  }
  return i;
}
