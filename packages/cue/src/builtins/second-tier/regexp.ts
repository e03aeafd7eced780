/** Package regexp: RE2 expressions, matched in linear time. */
import type { Matcher, RE2JS } from "re2js";
import { compileRegexp } from "../../engine/regexp.ts";
import type { BuiltinPackage, Call, Result } from "../contract.ts";
import { CallFailure } from "../contract.ts";
import { define } from "../signature.ts";

function expressionOf(call: Call): RE2JS {
  const compiled = compileRegexp(call.string(0));
  if (typeof compiled === "string") throw new CallFailure(compiled);
  return compiled.expression;
}

/** The match and its groups; a group that takes no part is empty. */
interface Match {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly string[];
}

function matchOf(matcher: Matcher): Match {
  const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i) ?? "");
  return { start: matcher.start(), end: matcher.end(), groups };
}

/** Matches one after the other; an empty one right behind another does not count. A negative limit: all. */
function matches(call: Call, limit: number): Match[] {
  const matcher = expressionOf(call).matcher(call.string(1));
  const found: Match[] = [];
  let before = -1;
  while ((limit < 0 || found.length < limit) && matcher.find()) {
    const match = matchOf(matcher);
    if (match.start === match.end && match.start === before) continue;
    before = match.end;
    found.push(match);
  }
  return found;
}

function required(found: readonly Match[]): readonly [Match, ...Match[]] {
  const [first, ...rest] = found;
  if (first === undefined) throw new CallFailure("no match");
  return [first, ...rest];
}

function named(expression: RE2JS, match: Match): ReadonlyMap<string, string> {
  const places = Object.entries(expression.namedGroups()).sort(([, a], [, b]) => a - b);
  return new Map(places.map(([name, group]) => [name, match.groups[group] ?? ""]));
}

/** `$1`, `${1}`, `$name` and `${name}` in a template stand for groups, `$$` for the sign itself. */
function expand(template: string, expression: RE2JS, match: Match): string {
  const places = expression.namedGroups();
  return template.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced: string | undefined, plain: string | undefined) => {
    const name = braced ?? plain;
    if (name === undefined) return "$";
    const group = /^\d+$/.test(name) ? Number(name) : places[name];
    return group === undefined ? "" : (match.groups[group] ?? "");
  });
}

function replaceAll(call: Call, replacement: (match: Match) => string): string {
  const text = call.string(1);
  let result = "";
  let at = 0;
  for (const match of matches(call, -1)) {
    result += text.slice(at, match.start) + replacement(match);
    at = match.end;
  }
  return result + text.slice(at);
}

function all(call: Call, read: (match: Match) => Result): Result {
  return required(matches(call, call.integer(2))).map(read);
}

export const regexpPackage: BuiltinPackage = {
  path: "regexp",
  functions: [
    define("Find", ["string", "string"], "string", (call) => required(matches(call, 1))[0].groups[0] ?? ""),
    define("FindAll", ["string", "string", "int"], "list", (call) => all(call, (match) => match.groups[0] ?? "")),
    define("FindAllNamedSubmatch", ["string", "string", "int"], "list", (call) => all(call, (match) => named(expressionOf(call), match))),
    define("FindAllSubmatch", ["string", "string", "int"], "list", (call) => all(call, (match) => match.groups)),
    define("FindNamedSubmatch", ["string", "string"], "struct", (call) => named(expressionOf(call), required(matches(call, 1))[0])),
    define("FindSubmatch", ["string", "string"], "list", (call) => required(matches(call, 1))[0].groups),
    define("Match", ["string", "string"], "bool", (call) => expressionOf(call).matcher(call.string(1)).find()),
    define("QuoteMeta", ["string"], "string", (call) => call.string(0).replaceAll(/[\\.+*?()|[\]{}^$]/g, "\\$&")),
    define("ReplaceAll", ["string", "string", "string"], "string", (call) =>
      replaceAll(call, (match) => expand(call.string(2), expressionOf(call), match)),
    ),
    define("ReplaceAllLiteral", ["string", "string", "string"], "string", (call) => replaceAll(call, () => call.string(2))),
    define("Valid", ["string"], "bool", (call) => expressionOf(call) !== undefined),
  ],
};
