/** `compile` with all built-in packages. */
import type { CompileOptions, Program, SourceFile } from "../api.ts";
import { builtinPackages } from "../builtins/all-packages.ts";
import { compile as compileCore } from "./program.ts";

/** As the `compile` of `program.ts`, which tells more. */
export function compile(source: string | readonly SourceFile[], options: CompileOptions = {}): Program {
  return compileCore(source, { builtins: builtinPackages, ...options });
}
