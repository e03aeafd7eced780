/** Shell patterns over path names: `*`, `?`, `[a-z]` and escapes; none of them matches a separator. */
import { CallFailure } from "../contract.ts";
import type { PathSystem } from "./path-system.ts";

interface Range {
  readonly low: string;
  readonly high: string;
}

type Term =
  | { readonly type: "star" }
  | { readonly type: "any" }
  | { readonly type: "char"; readonly char: string }
  | { readonly type: "class"; readonly negated: boolean; readonly ranges: readonly Range[] };

function badPattern(): CallFailure {
  return new CallFailure("syntax error in pattern");
}

/** The terms of a pattern. Where `\` separates paths, it escapes nothing. */
function parse(pattern: string, escapes: boolean): Term[] {
  const chars = [...pattern];
  const terms: Term[] = [];
  let at = 0;
  const character = (): string => {
    let char = chars[at++];
    if (char === "\\" && escapes) char = chars[at++];
    if (char === undefined) throw badPattern();
    return char;
  };
  const bound = (): string => {
    if (chars[at] === "-" || chars[at] === "]") throw badPattern();
    return character();
  };
  while (at < chars.length) {
    const char = chars[at];
    if (char === "*" || char === "?") {
      at++;
      if (char === "?" || terms.at(-1)?.type !== "star") terms.push({ type: char === "*" ? "star" : "any" });
    } else if (char === "[") {
      at++;
      const negated = chars[at] === "^";
      if (negated) at++;
      const ranges: Range[] = [];
      while (ranges.length === 0 || chars[at] !== "]") {
        const low = bound();
        let high = low;
        if (chars[at] === "-") {
          at++;
          high = bound();
        }
        ranges.push({ low, high });
        if (at >= chars.length) throw badPattern();
      }
      at++;
      terms.push({ type: "class", negated, ranges });
    } else {
      terms.push({ type: "char", char: character() });
    }
  }
  return terms;
}

function code(char: string): number {
  return char.codePointAt(0) ?? 0;
}

function matches(term: Term, char: string, isSeparator: boolean): boolean {
  if (term.type === "char") return term.char === char;
  if (term.type === "any") return !isSeparator;
  if (term.type === "star") return false;
  const inside = term.ranges.some(({ low, high }) => code(low) <= code(char) && code(char) <= code(high));
  return inside !== term.negated;
}

/** Whether all of `name` matches; throws where the pattern is malformed. */
export function matchPath(pattern: string, name: string, system: PathSystem): boolean {
  const terms = parse(pattern, system.separator !== "\\");
  const chars = [...name];
  const separates = (char: string): boolean => char === system.separator;
  let term = 0;
  let at = 0;
  // Only the last star ever needs to take more: what earlier ones took already lets the rest match.
  let star = -1;
  let starAt = 0;
  while (at < chars.length) {
    const current = terms[term];
    const char = chars[at] ?? "";
    if (current?.type === "star") {
      star = term++;
      starAt = at;
    } else if (current !== undefined && matches(current, char, separates(char))) {
      term++;
      at++;
    } else if (star >= 0 && !separates(chars[starAt] ?? "")) {
      term = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (terms[term]?.type === "star") term++;
  return term === terms.length;
}
