/** Where imports are found: in the module, in the modules it depends on, and vendored below `cue.mod`. */
import type { CueError, ImportLoader, SourceFile } from "../api.ts";
import { embedFiles } from "./embed.ts";
import { parseFile } from "../syntax/parser.ts";
import { positionAt } from "../syntax/position.ts";
import type { FileSystem } from "./file-system.ts";
import { isWithin, joinPath } from "./file-system.ts";
import { isBuiltinPath, malformedImport, parseImportPath, withoutName } from "./import-path.ts";
import type { ImportPath } from "./import-path.ts";
import { loadError } from "./load-error.ts";
import type { Dependency, Module } from "./module-file.ts";
import { findModuleRoot, readModule } from "./module-file.ts";
import type { PackageFile } from "./package-files.ts";
import { PackageCollector } from "./package-files.ts";

/** The directory of a module that is not the main one, where the host has it. */
export type ModuleDirectory = (path: string, version: string) => string | undefined;

export interface ImportOptions {
  readonly cwd: string;
  readonly tags: ReadonlySet<string>;
  readonly moduleDirectory: ModuleDirectory | undefined;
}

interface Location {
  readonly directories: readonly string[];
  readonly module: Module;
}

/** A package that was found: its files, or why there are none. */
interface Found {
  readonly files: readonly PackageFile[];
  readonly errors: readonly CueError[];
  readonly message: string | undefined;
  readonly module: Module | undefined;
}

export class Imports {
  readonly #fs: FileSystem;
  readonly #main: Module | undefined;
  readonly #options: ImportOptions;
  readonly #found = new Map<string, Found>();
  readonly #modules = new Map<string, Module | CueError>();
  /** Where the compiler asks by path alone: what was found when the imports were walked. */
  readonly #sources = new Map<string, readonly SourceFile[]>();

  constructor(fs: FileSystem, main: Module | undefined, options: ImportOptions) {
    this.#fs = fs;
    this.#main = main;
    this.#options = options;
  }

  /** For the compiler. The path may carry the package's name. */
  get loader(): ImportLoader {
    return (path) => this.#sources.get(path);
  }

  /** The files of a package by its import path, for a command's argument. */
  locate(path: string): Found {
    return this.#find(path, this.#main);
  }

  /**
   * Walks the imports of `files`, and theirs. Gives the errors; each is at the import and begins with `prefix`. `within`
   * are the packages under way, to tell cycles.
   */
  check(files: readonly PackageFile[], prefix: string, from: Module | undefined = this.#main): readonly CueError[] {
    const errors: CueError[] = [];
    const done = new Set<string>();
    // A stack of our own: chains of imports may be long.
    const pending = [{ files, from, trail: [] as readonly string[] }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const { path: name, text, file } of next.files) {
        for (const spec of file.imports) {
          const path = spec.qualifier === undefined ? spec.path : `${spec.path}:${spec.qualifier}`;
          if (isBuiltinPath(path)) continue;
          const at = { file: name, ...positionAt(text, spec.start) };
          if (next.trail.includes(path)) {
            errors.push(loadError(`${prefix}import failed: import cycle not allowed`, [at]));
            continue;
          }
          if (done.has(path)) continue;
          done.add(path);
          const found = this.#find(path, next.from);
          if (found.message !== undefined) {
            errors.push(loadError(`${prefix}import failed: ${found.message}`, [at]));
            const { name: wanted, path: bare } = parseImportPath(path);
            if (wanted === "_")
              errors.push(loadError(`${prefix}import failed: cannot find package ${JSON.stringify(bare)}: ${found.message}`, [at]));
          }
          for (const error of found.errors) errors.push(loadError(`import failed: ${error.message}`, [at, ...error.at]));
          if (found.message !== undefined || found.errors.length > 0) continue;
          this.#remember(path, spec.path, found.files, errors);
          pending.push({ files: found.files, from: found.module ?? next.from, trail: [...next.trail, path] });
        }
      }
    }
    return errors;
  }

  #remember(path: string, bare: string, files: readonly PackageFile[], errors: CueError[]): void {
    const sources = files.map((each) => ({ filename: each.path, text: embedFiles(this.#fs, each, errors) }));
    this.#sources.set(path, sources);
    if (!this.#sources.has(bare)) this.#sources.set(bare, sources);
  }

  #find(path: string, from: Module | undefined): Found {
    const key = `${path}\n${from?.root ?? ""}`;
    let found = this.#found.get(key);
    if (found === undefined) this.#found.set(key, (found = this.#read(path, from)));
    return found;
  }

  #read(text: string, from: Module | undefined): Found {
    const none = (message: string): Found => ({ files: [], errors: [], message, module: undefined });
    const path = parseImportPath(text);
    const named = JSON.stringify(withoutName(path));
    if (from === undefined || from.path === "") return none("imports are unavailable because there is no cue.mod/module.cue file");
    if (path.name === "_") return none(`_ is not a valid import path qualifier in ${JSON.stringify(text)}`);
    const malformed = malformedImport(text);
    if (malformed !== undefined) return none(`cannot find package ${malformedName(text)}: ${malformed}`);
    const location = this.#locate(path, from);
    if (typeof location === "string") return none(`cannot find package ${named}: ${location}`);
    if (path.name === "") return none(`cannot determine package name for ${JSON.stringify(text)}; set it explicitly with ':'`);
    const collector = new PackageCollector(this.#fs, {
      name: path.name,
      tags: this.#options.tags,
      cwd: this.#options.cwd,
      moduleRoot: location.module.root,
    });
    for (const directory of location.directories) collector.addDirectory(directory);
    const { files, errors } = collector;
    if (files.length === 0 && errors.length === 0)
      return none(`cannot find package ${named}: no files in package directory with package name ${JSON.stringify(path.name)}`);
    const syntax = files.flatMap((each) => parseFile(each.text, each.path).diagnostics);
    const [problem] = syntax;
    const broken = problem === undefined ? errors : [...errors, loadError(problem.message, problem.at)];
    return { files: collector.finish(text).files, errors: broken, message: undefined, module: location.module };
  }

  /** Where a package's files are, or why they are nowhere. */
  #locate(path: ImportPath, from: Module): Location | string {
    const places: { readonly location: Location; readonly name: string }[] = [];
    const failures: string[] = [];
    const majorOk = path.version === "" || path.version === from.major;
    if (isBelow(path.path, from.path) && majorOk) {
      const directory = joinPath(from.root, path.path.slice(from.path.length + 1));
      // What is below the root of a module of its own is no part of this one.
      if (this.#hasCue(directory) && findModuleRoot(this.#fs, directory) === from.root)
        places.push({ location: { directories: [directory], module: from }, name: `${from.path}@${from.major} (.)` });
    }
    const dependency = this.#dependency(path, from);
    if (dependency !== undefined) {
      const module = this.#module(dependency, from);
      if (typeof module === "string") failures.push(module);
      else {
        const directory = joinPath(module.root, path.path.slice(dependency.path.length + 1));
        if (this.#hasCue(directory)) {
          const name = `${dependency.path}@${dependency.major} ${dependency.version} (${path.path.slice(dependency.path.length + 1) || "."})`;
          places.push({ location: { directories: [directory], module }, name });
        }
      }
    }
    const vendored = ["gen", "pkg", "usr"]
      .map((kind) => joinPath(from.root, `cue.mod/${kind}/${path.path}`))
      .filter((each) => this.#hasCue(each));
    if (vendored.length > 0) {
      const name = `local (cue.mod/${(vendored[0] ?? "").slice(joinPath(from.root, "cue.mod").length + 1)})`;
      places.push({ location: { directories: vendored, module: from }, name });
    }
    const [place] = places;
    if (places.length > 1) {
      const list = places.map((each) => `\n\t${each.name}`).join("");
      return `ambiguous import: found package ${withoutName(path)} in multiple locations:${list}`;
    }
    return place?.location ?? failures[0] ?? `cannot find module providing package ${withoutName(path)}`;
  }

  /** The dependency with the longest path that the import is below. */
  #dependency(path: ImportPath, from: Module): Dependency | undefined {
    const known = [...from.dependencies, ...(from === this.#main ? [] : (this.#main?.dependencies ?? []))];
    return known
      .filter((each) => isBelow(path.path, each.path) && (path.version === "" || each.major === path.version))
      .sort((a, b) => b.path.length - a.path.length || Number(b.default) - Number(a.default))[0];
  }

  #module(dependency: Dependency, from: Module): Module | string {
    let { path, version } = dependency;
    const replacement = this.#main?.dependencies.find((each) => each.path === path && each.major === dependency.major)?.replacement;
    let root: string | undefined;
    const wanted = `${dependency.path}@${dependency.major}`;
    if (replacement !== undefined && /^\.{1,2}\//.test(replacement)) root = joinPath(this.#main?.root ?? from.root, replacement);
    else if (replacement !== undefined) {
      const [other = "", exact] = replacement.split("@") as [string, string?];
      path = other;
      version = exact ?? this.#main?.dependencies.find((each) => each.path === other)?.version ?? version;
      root = this.#options.moduleDirectory?.(path, version);
    } else root = this.#options.moduleDirectory?.(path, version);
    if (root === undefined) return `module ${path}@${version} not found`;
    let module = this.#modules.get(root);
    if (module === undefined) this.#modules.set(root, (module = readModule(this.#fs, root, false)));
    if ("severity" in module) return module.message;
    if (replacement !== undefined && root !== undefined && /^\./.test(replacement) && `${module.path}@${module.major}` !== wanted)
      return `replacement directory ${root} has module path ${JSON.stringify(`${module.path}@${module.major}`)}, want ${JSON.stringify(wanted)}`;
    return module;
  }

  #hasCue(directory: string): boolean {
    return (this.#fs.list(directory) ?? []).some((entry) => !entry.directory && entry.name.endsWith(".cue"));
  }
}

function isBelow(path: string, root: string): boolean {
  return root !== "" && isWithin(path, root);
}

/** Of a malformed path, what the message calls the package. */
function malformedName(text: string): string {
  return JSON.stringify(text.split(":")[0] ?? text);
}
