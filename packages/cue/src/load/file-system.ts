/** The files a load may see, and paths within them. Paths are absolute, with `/` between their elements. */

export interface Entry {
  readonly name: string;
  readonly directory: boolean;
}

export interface FileSystem {
  /** The text of a file; undefined where there is none. */
  readonly readFile: (path: string) => string | undefined;
  /** What a directory holds; undefined where there is none. */
  readonly list: (directory: string) => readonly Entry[] | undefined;
}

/** A file system of the files given by path; directories are those that the paths imply. */
export function memoryFileSystem(files: ReadonlyMap<string, string>): FileSystem {
  const directories = new Map<string, Map<string, Entry>>([["/", new Map()]]);
  for (const path of files.keys()) {
    const parts = path.split("/").filter((part) => part !== "");
    let directory = "/";
    for (const [index, name] of parts.entries()) {
      const entries = directories.get(directory) ?? new Map<string, Entry>();
      directories.set(directory, entries);
      const leaf = index === parts.length - 1;
      if (!entries.has(name)) entries.set(name, { name, directory: !leaf });
      directory = joinPath(directory, name);
    }
  }
  return {
    readFile: (path) => files.get(path),
    list: (directory) => {
      const entries = directories.get(directory);
      return entries === undefined ? undefined : [...entries.values()];
    },
  };
}

/** Without `.`, `..` and empty elements. An absolute path stays absolute; nothing is above the root. */
export function cleanPath(path: string): string {
  const absolute = path.startsWith("/");
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== ".." || !absolute) parts.push(part);
  }
  return absolute ? `/${parts.join("/")}` : parts.join("/") || ".";
}

/** `path` as seen from the absolute `base`. */
export function joinPath(base: string, path: string): string {
  return cleanPath(path.startsWith("/") ? path : `${base}/${path}`);
}

export function parentOf(path: string): string {
  return cleanPath(`${path}/..`);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** With its dot; empty where there is none. */
export function extensionOf(path: string): string {
  const base = baseName(path);
  const dot = base.lastIndexOf(".");
  return dot < 0 ? "" : base.slice(dot);
}

export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === "/" ? "/" : `${directory}/`);
}

/** `path` relative to `base`: `.`, `a/b` or `../a`. */
export function relativePath(base: string, path: string): string {
  const from = base.split("/").filter((part) => part !== "");
  const to = path.split("/").filter((part) => part !== "");
  let shared = 0;
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared++;
  return [...from.slice(shared).map(() => ".."), ...to.slice(shared)].join("/") || ".";
}

/** As messages show a path below `cwd`: `./a.cue`; one that is not below stays absolute. */
export function shownPath(cwd: string, path: string): string {
  if (!isWithin(path, cwd)) return path;
  const relative = relativePath(cwd, path);
  return relative === "." ? "." : `./${relative}`;
}
