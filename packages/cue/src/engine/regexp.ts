/** RE2 expressions, compiled once, in linear time. */
import { RE2JS } from "re2js";

export interface Regexp {
  readonly test: (text: string) => boolean;
  readonly expression: RE2JS;
}

const compiled = new Map<string, Regexp | string>();
const maxCached = 1000;

/** The expression, or why it is none. */
export function compileRegexp(pattern: string): Regexp | string {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  let result: Regexp | string;
  try {
    const expression = RE2JS.compile(pattern);
    result = { test: (text) => expression.matcher(text).find(), expression };
  } catch (error) {
    result = error instanceof Error ? error.message : String(error);
  }
  if (compiled.size >= maxCached) compiled.clear();
  compiled.set(pattern, result);
  return result;
}
