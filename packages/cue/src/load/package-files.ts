/** Which files of a directory make a package. */
import type { CueError } from "../api.ts";
import type { File } from "../syntax/ast.ts";
import { parseFile } from "../syntax/parser.ts";
import { positionAt } from "../syntax/position.ts";
import { excludedBy, tagsOf } from "./build-attribute.ts";
import type { FileSystem } from "./file-system.ts";
import { baseName, isWithin, joinPath, parentOf, relativePath, shownPath } from "./file-system.ts";
import { loadError } from "./load-error.ts";

export interface PackageFile {
  readonly path: string;
  readonly text: string;
  readonly file: File;
}

export interface Ignored {
  readonly path: string;
  readonly reason: string;
}

export interface PackageFiles {
  readonly name: string;
  readonly files: readonly PackageFile[];
  readonly ignored: readonly Ignored[];
  /** The names that build attributes ask for, of all files that were looked at. */
  readonly tags: readonly string[];
  readonly errors: readonly CueError[];
}

export interface Selection {
  /** The package's name, where the caller wants a certain one. */
  readonly name: string;
  readonly tags: ReadonlySet<string>;
  readonly cwd: string;
  /** Files of the same package in directories above take part up to this one. Undefined: they do not. */
  readonly moduleRoot: string | undefined;
}

/** Collects the files of one package, over several directories. */
export class PackageCollector {
  name: string;
  readonly files: PackageFile[] = [];
  readonly ignored: Ignored[] = [];
  readonly errors: CueError[] = [];
  readonly tags: string[] = [];
  readonly #fs: FileSystem;
  readonly #selection: Selection;
  #first = "";
  /** Files of other packages are left out silently, rather than being an error. */
  #exact: boolean;

  constructor(fs: FileSystem, selection: Selection) {
    this.#fs = fs;
    this.#selection = selection;
    this.name = selection.name;
    this.#exact = selection.name !== "";
  }

  /** The directory, and those above it where they have files of the same package. */
  addDirectory(directory: string): void {
    const root = this.#selection.moduleRoot;
    for (let at = directory; ; at = parentOf(at)) {
      const before = this.files.length;
      for (const entry of this.#names(at)) this.#addFound(joinPath(at, entry), at);
      const none = this.files.length === before;
      if (root === undefined || this.name === "" || at === root || !isWithin(at, root) || (at === directory && none)) break;
      this.#exact = true;
    }
  }

  #names(directory: string): readonly string[] {
    return (this.#fs.list(directory) ?? [])
      .filter((entry) => !entry.directory && entry.name.endsWith(".cue"))
      .map((entry) => entry.name)
      .sort();
  }

  #addFound(path: string, directory: string): void {
    const base = baseName(path);
    if (base.startsWith(".") || base.startsWith("_")) {
      this.ignored.push({ path, reason: `filename starts with a '${base.charAt(0)}'` });
      return;
    }
    const text = this.#fs.readFile(path) ?? "";
    const parsed = parseFile(text, path);
    const { file } = parsed;
    const name = file.package?.name ?? "";
    if (name === "" || name === "_") {
      // A file that cannot be read as far as its package clause may belong to the package: tell what is wrong with it.
      const [problem] = parsed.diagnostics;
      const unreadable = problem !== undefined && file.decls.length === 0 && file.imports.length === 0;
      if (unreadable) this.errors.push({ ...loadError(problem.message, problem.at), category: "syntax" });
      else if (this.name !== "_") {
        this.ignored.push({ path, reason: "no package name" });
        return;
      }
    }
    const excluded = this.#exclusion(file);
    if (excluded !== undefined) {
      if (excluded.fatal) this.errors.push(loadError(excluded.reason, [{ file: path, ...positionAt(text, 0) }]));
      this.ignored.push({ path, reason: excluded.reason });
      return;
    }
    if (this.name === "") {
      this.name = name;
      this.#first = base;
    } else if (name !== "" && name !== this.name) {
      if (this.#exact) {
        this.ignored.push({ path, reason: `package is ${name}, want ${this.name}` });
        return;
      }
      const packages = `found packages ${JSON.stringify(this.name)} (${this.#first}) and ${JSON.stringify(name)} (${base})`;
      this.errors.push(loadError(`${packages} in ${JSON.stringify(relativePath(this.#selection.cwd, directory))}`));
      return;
    }
    if (base.endsWith("_test.cue")) this.ignored.push({ path, reason: "_test.cue files excluded in non-test mode" });
    else if (base.endsWith("_tool.cue")) this.ignored.push({ path, reason: "_tool.cue files excluded in non-cmd mode" });
    else this.files.push({ path, text, file });
  }

  /** A file that was asked for by name: it may have no package clause. */
  addNamed(path: string, text: string): void {
    const { file } = parseFile(text, path);
    const name = file.package?.name ?? "";
    const excluded = this.#exclusion(file);
    if (excluded !== undefined) {
      if (excluded.fatal) this.errors.push(loadError(excluded.reason, [{ file: path, ...positionAt(text, 0) }]));
      this.ignored.push({ path, reason: excluded.reason });
      return;
    }
    if (name !== "" && name !== "_") {
      if (this.name === "") {
        this.name = name;
        this.#first = baseName(path);
      } else if (name !== this.name) {
        const packages = `found packages ${JSON.stringify(this.name)} (${this.#first}) and ${JSON.stringify(name)} (${baseName(path)})`;
        this.errors.push(loadError(`${packages} in "."`));
        return;
      }
    }
    this.files.push({ path, text, file });
  }

  /** Why the file's build attributes exclude it. */
  #exclusion(file: File): ReturnType<typeof excludedBy> {
    const before = file.attributes.filter((each) => file.package === undefined || each.start < file.package.start);
    if (before.some((each) => each.name === "ignore")) return { reason: "@ignore() attribute found", fatal: false };
    for (const attribute of before) {
      if (attribute.name !== "if") continue;
      this.tags.push(...tagsOf(attribute.body));
      const excluded = excludedBy(attribute.body, this.#selection.tags);
      if (excluded !== undefined) return excluded;
    }
    return undefined;
  }

  /** `shown` names the directory in messages. */
  finish(shown: string): PackageFiles {
    const depth = (path: string): number => path.split("/").length;
    this.files.sort((a, b) => depth(a.path) - depth(b.path) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    if (this.files.length === 0 && this.errors.length === 0) this.errors.push(noFiles(shown, this.ignored, this.#selection.cwd));
    return { name: this.name, files: this.files, ignored: this.ignored, tags: this.tags, errors: this.errors };
  }
}

function noFiles(shown: string, ignored: readonly Ignored[], cwd: string): CueError {
  if (ignored.length === 0) return loadError(`no CUE files in ${shown}`);
  const lines = ignored.map(({ path, reason }) => {
    const relative = shownPath(cwd, path).replace(/^\.\/(?=\.)/, "");
    return `    ${relative}: ${reason}`;
  });
  return loadError([`build constraints exclude all CUE files in ${shown}:`, ...lines].join("\n"));
}
