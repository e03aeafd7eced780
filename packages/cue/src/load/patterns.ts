/** Package patterns of the command line: `./...`, `./a/.../b`, `./...x` (`cue help inputs`). */
import type { FileSystem } from "./file-system.ts";
import { baseName, joinPath, relativePath } from "./file-system.ts";

/** Directories below `root` that `pattern` (relative, with `...`) matches and that hold CUE files, in walking order. */
export function matchDirectories(fs: FileSystem, root: string, pattern: string): readonly string[] {
  const clean = pattern.replace(/^\.\//, "");
  const fixed = clean.slice(0, clean.indexOf("..."));
  const base = joinPath(root, fixed.slice(0, fixed.lastIndexOf("/") + 1));
  const matches = patternTest(clean);
  const found: string[] = [];
  const pending = [base];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const entries = fs.list(at);
    if (entries === undefined) continue;
    const holdsCue = entries.some((entry) => !entry.directory && entry.name.endsWith(".cue") && !/^[._]/.test(entry.name));
    const relative = relativePath(root, at);
    if (holdsCue && matches(relative === "." ? "" : relative)) found.push(at);
    const inner = entries
      .filter((entry) => entry.directory && entry.name !== "cue.mod" && !/^[._]/.test(entry.name))
      .map((entry) => joinPath(at, entry.name))
      // A module within the module is none of its packages.
      .filter((directory) => fs.readFile(joinPath(directory, "cue.mod/module.cue")) === undefined)
      .sort((a, b) => (baseName(a) < baseName(b) ? 1 : -1));
    pending.push(...inner);
  }
  return found;
}

/** `...` stands for any text; `/...` at the end for nothing as well. */
function patternTest(pattern: string): (path: string) => boolean {
  const pieces = pattern.split("...").map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  let source = pieces.join(".*");
  if (pattern.endsWith("/...")) source = `${source.slice(0, -"/.*".length)}(/.*)?`;
  const expression = new RegExp(`^${source}$`, "s");
  return (path) => expression.test(path);
}
