/** The built-in packages: functions over plain data, and constants. Listed in the README; what is missing is reported by name. */
import type { LibraryFunction, Plain } from "../evaluate/call.ts";
import { encodingPackages } from "./encoding.ts";
import { listPackage } from "./list.ts";
import { mathPackage } from "./math.ts";
import { regexpPackage } from "./regexp.ts";
import { strconvPackage } from "./strconv.ts";
import { stringsPackage } from "./strings.ts";

export interface BuiltinPackage {
  readonly functions: Readonly<Record<string, LibraryFunction>>;
  readonly constants: Readonly<Record<string, Plain>>;
}

const structPackage: BuiltinPackage = {
  functions: {
    MinFields: { arity: 2, validator: true, call: ([value, count]) => fieldCount(value) >= Number(count) },
    MaxFields: { arity: 2, validator: true, call: ([value, count]) => fieldCount(value) <= Number(count) },
  },
  constants: {},
};

const packages: Readonly<Record<string, BuiltinPackage>> = {
  strings: stringsPackage,
  strconv: strconvPackage,
  list: listPackage,
  math: mathPackage,
  regexp: regexpPackage,
  struct: structPackage,
  ...encodingPackages,
};

export function builtinPackage(path: string): BuiltinPackage | undefined {
  return Object.hasOwn(packages, path) ? packages[path] : undefined;
}

function fieldCount(value: Plain | undefined): number {
  return typeof value === "object" && value !== null ? Object.keys(value).length : 0;
}
