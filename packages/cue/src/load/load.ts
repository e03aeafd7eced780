/**
 * From the command line's arguments to packages: which files belong together, where their imports are, and which files
 * are data (`cue help inputs`).
 */
import type { CueError, ImportLoader, SourceFile } from "../api.ts";
import { embedFiles } from "./embed.ts";
import type { FileSystem } from "./file-system.ts";
import { cleanPath, isWithin, joinPath, relativePath, shownPath } from "./file-system.ts";
import type { FileType } from "./file-type.ts";
import { fileType } from "./file-type.ts";
import { isBuiltinPath, isIdentifier, parseImportPath } from "./import-path.ts";
import type { ModuleDirectory } from "./imports.ts";
import { Imports } from "./imports.ts";
import { loadError } from "./load-error.ts";
import type { Module } from "./module-file.ts";
import { findModuleRoot, readModule } from "./module-file.ts";
import type { PackageFiles } from "./package-files.ts";
import { PackageCollector } from "./package-files.ts";
import { matchDirectories } from "./patterns.ts";
import type { Injection } from "./tags.ts";
import { injectTags } from "./tags.ts";

export interface LoadOptions {
  /** An absolute directory. */
  readonly cwd: string;
  /** What the argument `-` reads. */
  readonly stdin?: string;
  /** `-t`: build tags, and values of `@tag`. */
  readonly tags?: readonly string[];
  /** Values of `@tag(…,var=…)`; undefined where they are not injected. */
  readonly tagVariables?: Readonly<Record<string, string>>;
  readonly moduleDirectory?: ModuleDirectory;
}

/** One package, as the compiler takes it. */
export interface Instance {
  readonly directory: string;
  /** With the module's version; empty where it has none. */
  readonly importPath: string;
  readonly package: string;
  readonly files: readonly SourceFile[];
  readonly injections: readonly Injection[];
  readonly errors: readonly CueError[];
  /** Made of files that were named, rather than of a directory. */
  readonly named: boolean;
}

/** A file that holds no CUE. */
export interface DataFile {
  readonly path: string;
  readonly text: string;
  readonly type: FileType;
}

export interface Loaded {
  readonly instances: readonly Instance[];
  readonly data: readonly DataFile[];
  readonly imports: ImportLoader;
  /** Of the arguments themselves. */
  readonly errors: readonly CueError[];
}

interface Unchecked {
  readonly directory: string;
  readonly importPath: string;
  readonly named: boolean;
  readonly found: PackageFiles;
}

/** Loads what the arguments name; without any, the package of the current directory. Bad input is told in `errors`. */
export function load(fs: FileSystem, args: readonly string[], options: LoadOptions): Loaded {
  return new Load(fs, options).run(args);
}

class Load {
  readonly #fs: FileSystem;
  readonly #options: LoadOptions;
  readonly #tags: ReadonlySet<string>;
  readonly #errors: CueError[] = [];
  readonly #packages: Unchecked[] = [];
  readonly #data: DataFile[] = [];
  readonly #module: Module | undefined;
  readonly #imports: Imports;

  constructor(fs: FileSystem, options: LoadOptions) {
    this.#fs = fs;
    this.#options = options;
    this.#tags = new Set((options.tags ?? []).filter((tag) => !tag.includes("=")));
    const root = findModuleRoot(fs, options.cwd);
    const module = root === undefined ? undefined : readModule(fs, root, true);
    if (module !== undefined && "severity" in module) this.#errors.push(module);
    else this.#module = module;
    const { cwd, moduleDirectory } = options;
    this.#imports = new Imports(fs, this.#module, { cwd, tags: this.#tags, moduleDirectory });
  }

  run(args: readonly string[]): Loaded {
    if (this.#errors.length === 0) this.#arguments(args);
    const values = { tags: this.#options.tags ?? [], variables: this.#options.tagVariables };
    const clean = this.#errors.length === 0;
    const injected = clean
      ? injectTags(
          this.#packages.map((each) => each.found),
          values,
        )
      : [];
    const instances = this.#packages.map((each, index): Instance => {
      const { found, ...rest } = each;
      const prefix = each.importPath === "" ? "" : `${each.importPath}: `;
      const errors = [...(found.errors.length > 0 ? found.errors : this.#imports.check(found.files, prefix))];
      const files = found.files.map((file) => ({ filename: file.path, text: embedFiles(this.#fs, file, errors) }));
      return {
        ...rest,
        package: found.name,
        files,
        injections: injected[index]?.injections ?? [],
        errors: [...errors, ...(injected[index]?.errors ?? [])],
      };
    });
    return { instances, data: this.#data, imports: this.#imports.loader, errors: this.#errors };
  }

  #arguments(args: readonly string[]): void {
    const { cwd } = this.#options;
    const inside = /^(.*)\/cue\.mod(\/|$)/.exec(cwd);
    const named: { readonly path: string; readonly qualifier: string }[] = [];
    let qualifier: string | undefined;
    const packages: string[] = [];
    for (const [index, arg] of (args.length === 0 ? ["."] : args).entries()) {
      if (arg === "") return this.#fail("empty file name");
      if (qualifier === undefined && isPackageArgument(arg)) packages.push(arg);
      else if (/^[^/.]*:$/.test(arg) && arg !== ":") {
        qualifier = arg.slice(0, -1);
        const known = fileType("x.cue", qualifier);
        if (!known.ok) return this.#fail(known.message);
        if (index === args.length - 1) return this.#fail(`empty file name`);
      } else {
        const colon = qualifier === undefined ? arg.indexOf(":") : -1;
        named.push({ path: arg.slice(colon + 1), qualifier: colon < 0 ? (qualifier ?? "") : arg.slice(0, colon) });
      }
    }
    if (inside !== null && this.#module !== undefined) return this.#fail("cannot load packages inside the cue.mod directory");
    for (const arg of packages) this.#package(arg);
    if (this.#errors.length === 0) this.#files(named);
  }

  #fail(message: string): void {
    this.#errors.push(loadError(message));
  }

  #package(arg: string): void {
    if (arg === "all" || arg === "cmd" || arg === "std") return this.#fail(`cue: ${JSON.stringify(arg)} matched no packages`);
    const { path, name, explicitName } = parseImportPath(arg);
    const wanted = explicitName ? name : "";
    if (path === "." || path === ".." || /^\.{1,2}\//.test(path)) return this.#relative(path, wanted);
    if (path === "" && explicitName) return this.#relative(".", wanted);
    if (path.startsWith("/")) return this.#fail(`absolute import path ${JSON.stringify(path)} not allowed`);
    if (path.includes("...")) return this.#modulePattern(path);
    if (explicitName && name === "_") return this.#fail(`invalid import path qualifier _ in ${JSON.stringify(arg)}`);
    if (isBuiltinPath(path)) return this.#fail(`standard library import path ${JSON.stringify(arg)} cannot be imported as a CUE package`);
    // A command may name a full version, which an import may not.
    const found = this.#imports.locate(arg.replace(/@(v\d+)\.[^:/]*/, "@$1"));
    if (found.message !== undefined) return this.#fail(found.message);
    const [first] = found.files;
    const directory = first === undefined ? this.#options.cwd : cleanPath(`${first.path}/..`);
    this.#packages.push({
      directory,
      importPath: arg,
      named: false,
      found: { name, files: found.files, ignored: [], tags: [], errors: found.errors },
    });
  }

  #relative(path: string, name: string): void {
    const { cwd } = this.#options;
    if (path.includes("...")) {
      const directories = matchDirectories(this.#fs, cwd, path);
      if (directories.length === 0) return this.#fail(`cue: ${JSON.stringify(path)} matched no packages`);
      const before = this.#packages.length;
      for (const directory of directories) this.#directory(directory, path, name, true);
      if (this.#packages.length === before && this.#errors.length === 0) this.#fail(`cue: ${JSON.stringify(path)} matched no packages`);
      return;
    }
    this.#directory(joinPath(cwd, path), path, name, false);
  }

  #modulePattern(path: string): void {
    const module = this.#module;
    const fixed = path.slice(0, path.indexOf("..."));
    const quoted = JSON.stringify(path);
    if (module === undefined || module.path === "" || !fixed.startsWith(`${module.path}/`))
      return this.#fail(`pattern not allowed in external package path ${quoted}`);
    // The reference finds none of the main module's packages by their import paths either.
    this.#fail(`cue: ${quoted} matched no packages`);
  }

  /** `optional`: a directory without a package is passed over. */
  #directory(directory: string, arg: string, name: string, optional: boolean): void {
    const shown = shownPath(this.#options.cwd, directory);
    const root = this.#module?.root;
    if (root !== undefined && isWithin(directory, joinPath(root, "cue.mod")))
      return this.#fail("cannot load packages inside the cue.mod directory");
    if (this.#fs.list(directory) === undefined) return this.#fail(`cannot find package ${JSON.stringify(arg)}`);
    const nearest = findModuleRoot(this.#fs, directory);
    if (root !== undefined && isWithin(directory, root) && nearest !== root)
      return this.#fail(`cannot determine import path for ${JSON.stringify(arg)} (directory is in a nested module)`);
    const moduleRoot = root !== undefined && isWithin(directory, root) ? root : undefined;
    const collector = new PackageCollector(this.#fs, { name, tags: this.#tags, cwd: this.#options.cwd, moduleRoot });
    collector.addDirectory(directory);
    if (optional && collector.files.length === 0 && collector.errors.length === 0) return;
    this.#packages.push({ directory, importPath: this.#importPath(directory), named: false, found: collector.finish(shown) });
  }

  #importPath(directory: string): string {
    const module = this.#module;
    if (module === undefined || module.path === "" || !isWithin(directory, module.root)) return "";
    const relative = relativePath(module.root, directory);
    return `${module.path}${relative === "." ? "" : `/${relative}`}@${module.major}`;
  }

  #files(named: readonly { readonly path: string; readonly qualifier: string }[]): void {
    const { cwd } = this.#options;
    const collector = new PackageCollector(this.#fs, { name: "", tags: this.#tags, cwd, moduleRoot: undefined });
    let cue = false;
    for (const { path, qualifier } of named) {
      const type = fileType(path, qualifier);
      if (!type.ok) return this.#fail(type.message);
      const full = path === "-" ? "-" : joinPath(cwd, path);
      if (this.#module !== undefined && path !== "-" && isWithin(full, joinPath(this.#module.root, "cue.mod")))
        return this.#fail("cannot load packages inside the cue.mod directory");
      const text = path === "-" ? (this.#options.stdin ?? "") : this.#fs.readFile(full);
      if (text === undefined) return this.#fail(`open ${path}: no such file or directory`);
      if (type.type.encoding === "cue") {
        cue = true;
        collector.addNamed(full, text);
      } else this.#data.push({ path: full, text, type: type.type });
    }
    if (cue) this.#packages.push({ directory: cwd, importPath: "", named: true, found: collector.finish(".") });
  }
}

/** Whether an argument names packages rather than a file. */
export function isPackageArgument(arg: string): boolean {
  if (arg === "" || arg === "-") return false;
  if (arg === "." || arg === "..") return true;
  const { path, name, version, explicitName } = parseImportPath(arg);
  if (explicitName)
    return path !== "-" && isIdentifier(name) && (path === "" || path === "." || /[./]/.test(path)) && !/^[a-z+]+$/.test(path);
  if (version !== "" || arg.endsWith("/") || arg.includes("...")) return true;
  const last = arg.slice(arg.lastIndexOf("/") + 1);
  const dot = last.lastIndexOf(".");
  // `./.foo` and `..` are directories; `a.b` is a file.
  return dot <= 0;
}
