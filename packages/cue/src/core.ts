/**
 * The same as the whole package but for the built-in packages that few programs import or that are large, such as
 * encoding/yaml, math, regexp, crypto, net, path, time and text/template: `compile` knows those of `firstTierPackages`
 * unless its option `builtins` names others. A browser that loads this loads less; it may load `./second-tier` later
 * and compile with `[...firstTierPackages, ...secondTierPackages]`.
 */
export type {
  Budget,
  CompileOptions,
  CueError,
  CuePath,
  FieldInfo,
  ImportLoader,
  Kind,
  PathElement,
  Program,
  SourceFile,
  Value,
} from "./api.ts";
export type { BuiltinFunction, BuiltinPackage, Call, Handle } from "./builtins/contract.ts";
export { firstTierPackages } from "./builtins/first-tier/packages.ts";
export { compile } from "./compile/program.ts";
export { parsePath } from "./value/path.ts";
export type { Attribute, Comment, File } from "./syntax/ast.ts";
export { parseExpression, parseFile } from "./syntax/parser.ts";
