/** RE2 syntax in linear time, by re2js; patterns are compiled once. */
import { RE2JS } from "re2js";

const compiled = new Map<string, RE2JS | Error>();

export function compileRegexp(pattern: string): RE2JS | Error {
  let found = compiled.get(pattern);
  if (found === undefined) {
    try {
      found = RE2JS.compile(pattern);
    } catch (error) {
      found = new Error(`invalid regexp: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (compiled.size > 1000) compiled.clear();
    compiled.set(pattern, found);
  }
  return found;
}

/** Whether the pattern matches anywhere in the text; an Error when it is no pattern. */
export function matchesPattern(pattern: string, text: string): boolean | Error {
  const re = compileRegexp(pattern);
  return re instanceof Error ? re : re.matcher(text).find();
}
