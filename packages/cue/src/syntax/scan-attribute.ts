/** Attributes: `@name(body)`, one token whose body holds balanced brackets and string literals. */
import type { Problem } from "./problem.ts";

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const headPattern = /@[\p{L}\p{Nd}_$]*[ \t\r]*/uy;

/** Where the attribute that starts here ends; where something is wrong with it, after what could be read. */
export function attributeEnd(source: string, start: number): { readonly end: number; readonly problem: Problem | undefined } {
  headPattern.lastIndex = start;
  headPattern.exec(source);
  const open = headPattern.lastIndex;
  if (source[open] !== "(") return { end: Math.max(open, start + 1), problem: { at: open, message: "invalid attribute: expected '('" } };
  const expected: string[] = [];
  let problem: Problem | undefined;
  for (let at = open; at < source.length;) {
    const char = source.charAt(at);
    if (char === '"' || char === "'" || char === "#") {
      at = literalEnd(source, at);
      continue;
    }
    const close = closing[char];
    if (close !== undefined) expected.push(close);
    else if (char === ")" || char === "]" || char === "}") {
      if (expected.at(-1) === char) expected.pop();
      else problem ??= { at, message: `unexpected '${char}'` };
      if (expected.length === 0) return { end: at + 1, problem };
    }
    at++;
  }
  return { end: source.length, problem: problem ?? { at: source.length, message: `attribute missing '${expected.at(-1) ?? ")"}'` } };
}

/** After the string literal that starts here; after the character where none does. */
function literalEnd(source: string, start: number): number {
  let at = start;
  while (source[at] === "#") at++;
  const char = source[at];
  if (char !== '"' && char !== "'") return Math.max(at, start + 1);
  const hashes = "#".repeat(at - start);
  const multiline = source.startsWith(char.repeat(3), at) && /\r?\n/y.test(source.slice(at + 3, at + 5));
  const close = (multiline ? char.repeat(3) : char) + hashes;
  const escape = `\\${hashes}`;
  for (let i = at + (multiline ? 3 : 1); i < source.length; i++) {
    const each = source[i];
    if (each === "\\" && source.startsWith(escape, i)) i += escape.length;
    else if (each === char && source.startsWith(close, i)) return i + close.length;
    else if (each === "\n" && !multiline) return i;
  }
  return source.length;
}
