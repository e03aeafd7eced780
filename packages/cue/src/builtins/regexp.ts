import type { Plain } from "../evaluate/call.ts";
import { compileRegexp } from "../evaluate/regexp.ts";
import { integer, text } from "./arguments.ts";
import type { BuiltinPackage } from "./packages.ts";

type Regexp = Exclude<ReturnType<typeof compileRegexp>, Error>;

function compile(value: Plain | undefined): Regexp {
  const re = compileRegexp(text(value));
  if (re instanceof Error) throw re;
  return re;
}

function findAll(re: Regexp, value: string, limit: number): string[][] {
  const matcher = re.matcher(value);
  const found: string[][] = [];
  while ((limit < 0 || found.length < limit) && matcher.find()) {
    found.push(Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? ""));
  }
  return found;
}

function one(found: readonly string[][]): string[] {
  const [first] = found;
  if (first === undefined) throw new Error("no match");
  return first;
}

export const regexpPackage: BuiltinPackage = {
  functions: {
    Find: { arity: 2, call: ([a, b]) => one(findAll(compile(a), text(b), 1))[0] ?? "" },
    FindAll: { arity: 3, call: ([a, b, c]) => findAll(compile(a), text(b), integer(c)).map((groups) => groups[0] ?? "") },
    FindSubmatch: { arity: 2, call: ([a, b]) => one(findAll(compile(a), text(b), 1)) },
    FindAllSubmatch: { arity: 3, call: ([a, b, c]) => findAll(compile(a), text(b), integer(c)) },
    Match: { arity: 2, validator: true, call: ([a, b]) => compile(a).matcher(text(b)).find() },
    ReplaceAll: {
      arity: 3,
      call: ([a, b, c]) =>
        compile(a)
          .matcher(text(b))
          .replaceAll(text(c).replaceAll(/\$\{(\w+)\}/g, "$$$1")),
    },
    Valid: { arity: 1, validator: true, call: ([a]) => compile(a) !== undefined },
  },
  constants: {},
};
