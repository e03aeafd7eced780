/** What a command sees of the world. */
import type { FileSystem } from "../load/file-system.ts";
import type { ModuleDirectory } from "../load/imports.ts";

export interface Host {
  readonly files: FileSystem;
  /** An absolute directory. */
  readonly cwd: string;
  /** Read when an argument asks for it. */
  readonly stdin: string | (() => string);
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where modules that the main one depends on are; none are fetched. */
  readonly moduleDirectory?: ModuleDirectory;
  /** Values of `@tag(…,var=…)`, injected with `--inject-vars`. */
  readonly variables?: () => Readonly<Record<string, string>>;
}

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** Files to write, by absolute path. */
  readonly writes: Map<string, string>;
}
