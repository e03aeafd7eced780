/** `cue.mod/module.cue`: the module's path, its language version and what it depends on (CUE modules reference). */
import type { JsonValue } from "@slipway/std";
import type { CueError } from "../api.ts";
import { compile } from "../compile/complete.ts";
import type { FileSystem } from "./file-system.ts";
import { joinPath, parentOf } from "./file-system.ts";
import { loadError } from "./load-error.ts";

export interface Dependency {
  /** Without its version. */
  readonly path: string;
  readonly major: string;
  readonly version: string;
  /** A directory (`./x`) or another module, in place of the dependency. */
  readonly replacement: string | undefined;
  /** Imports without a major version mean this one. */
  readonly default: boolean;
}

export interface Module {
  readonly root: string;
  /** Without its version; empty where the file names none. */
  readonly path: string;
  readonly major: string;
  readonly dependencies: readonly Dependency[];
}

/** The nearest directory at or above `directory` that holds `cue.mod/module.cue`. */
export function findModuleRoot(fs: FileSystem, directory: string): string | undefined {
  for (let at = directory; ; at = parentOf(at)) {
    if (fs.list(joinPath(at, "cue.mod")) !== undefined) return at;
    if (at === "/") return undefined;
  }
}

/** The module at `root`. `main` reads the replacements of `cue.mod/local-module.cue`, which other modules may not have. */
export function readModule(fs: FileSystem, root: string, main: boolean): Module | CueError {
  const file = joinPath(root, "cue.mod/module.cue");
  const text = fs.readFile(file);
  if (text === undefined) return { root, path: "", major: "", dependencies: [] };
  const read = fieldsOf(file, text);
  if (!read.ok) return read.error;
  const content = read.fields;
  const named = content["module"];
  if (named !== undefined && named !== null && typeof named !== "string") return invalid(file, "module path must be a string");
  if (named === "" || (named === undefined && text.trim() !== "")) return invalid(file, "empty module path");
  const [path = "", major = "v0"] = (named ?? "").split("@") as [string, string?];
  const dependencies = dependenciesOf(content["deps"]);
  const replaced = dependencies.find((each) => each.replacement !== undefined);
  if (main && replaced !== undefined) {
    const name = JSON.stringify(`${replaced.path}@${replaced.major}`);
    return invalid(file, `module replace for ${name} is not allowed in module.cue; move it to cue.mod/local-module.cue`);
  }
  const localFile = joinPath(root, "cue.mod/local-module.cue");
  const localText = main ? fs.readFile(localFile) : undefined;
  if (localText !== undefined) {
    const local = fieldsOf(localFile, localText);
    if (!local.ok) return local.error;
    // The local file overrules.
    dependencies.unshift(...dependenciesOf(local.fields["deps"]));
  }
  return { root, path, major, dependencies };
}

type Fields =
  { readonly ok: true; readonly fields: Readonly<Record<string, JsonValue>> } | { readonly ok: false; readonly error: CueError };

function fieldsOf(file: string, text: string): Fields {
  const refuse = (reason: string): Fields => ({ ok: false, error: invalid(file, reason) });
  const json = compile([{ filename: file, text }])
    .instance()
    .toJson();
  if (!json.ok) return refuse(json.errors[0]?.message ?? "not concrete");
  if (typeof json.value !== "object" || json.value === null || Array.isArray(json.value)) return refuse("not a struct");
  return { ok: true, fields: json.value };
}

function invalid(file: string, reason: string): CueError {
  return loadError(`invalid module file ${file}: ${reason}`, [{ file, line: 1, column: 1 }]);
}

function dependenciesOf(deps: JsonValue | undefined): Dependency[] {
  if (typeof deps !== "object" || deps === null || Array.isArray(deps)) return [];
  return Object.entries(deps).map(([name, value]) => {
    const fields = typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
    const version = typeof fields["v"] === "string" ? fields["v"] : "";
    const [path = "", major] = name.split("@") as [string, string?];
    const replacement = fields["replaceWith"];
    return {
      path,
      major: major ?? (version.split(".")[0] || "v0"),
      version,
      replacement: typeof replacement === "string" ? replacement : undefined,
      default: fields["default"] === true,
    };
  });
}
