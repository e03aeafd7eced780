/** A package from files held in memory: for tools that have them all at hand. */
import type { CompileOptions, Program } from "../api.ts";
import { compile } from "../compile/complete.ts";
import { memoryFileSystem } from "./file-system.ts";
import { load } from "./load.ts";

/**
 * Compiles the CUE files at the root of `files` (named without a leading `/`) as one package, whether or not they have a
 * package clause; the other files are found by its imports. Positions carry the names of `files`.
 */
export function compileFolder(files: Readonly<Record<string, string>>, options: CompileOptions = {}): Program {
  const fs = memoryFileSystem(new Map(Object.entries(files).map(([name, text]) => [`/${name}`, text])));
  const root = Object.keys(files).filter((name) => name.endsWith(".cue") && !name.includes("/"));
  const loaded = load(
    fs,
    root.map((name) => `./${name}`),
    { cwd: "/" },
  );
  const [instance] = loaded.instances;
  const bare = (name: string): string => name.replace(/^\//, "");
  const program = compile(
    (instance?.files ?? []).map(({ filename, text }) => ({ filename: bare(filename), text })),
    {
      ...options,
      imports: (path) => loaded.imports(path)?.map(({ filename, text }) => ({ filename: bare(filename), text })) ?? options.imports?.(path),
    },
  );
  return program;
}
