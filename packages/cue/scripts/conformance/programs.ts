/** Programs of the vectors' sources: each is compiled once, and every vector of it looks into the same instance. */
import type { Program, SourceFile, Value } from "@slipway/cue";
import type { Files } from "./vectors.ts";

/** What a vector may cost, so that the whole run stays short. Exceeding it is a failure of the vector. */
export const budget = { steps: 400_000, depth: 300 } as const;

export interface Instance {
  readonly program: Program;
  readonly value: Value;
}

/** How sources become a program: given by the runner, so that it may try another entry point. */
export type CompileFiles = (files: Files, isSlice: boolean) => Program;

export class Programs {
  readonly #compile: CompileFiles;
  readonly #instances = new Map<string, Instance>();

  constructor(compile: CompileFiles) {
    this.#compile = compile;
  }

  get(key: string, files: Files, isSlice: boolean): Instance {
    const known = this.#instances.get(key);
    if (known !== undefined) return known;
    // Vectors come in the order of their sources: an older one is hardly asked for again.
    if (this.#instances.size > 64) this.#instances.clear();
    const program = this.#compile(files, isSlice);
    const instance = { program, value: program.instance() };
    this.#instances.set(key, instance);
    return instance;
  }
}

/** The CUE files of the root folder, as one package. */
export function rootFiles(files: Files): readonly SourceFile[] {
  return Object.entries(files)
    .filter(([name]) => name.endsWith(".cue") && !name.includes("/"))
    .map(([filename, text]) => ({ filename, text }));
}
