/** The programs that fuzzing starts from, and where its finds are kept. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const corpusFolder = join(import.meta.dirname, "../testdata/corpus");
const folders = [corpusFolder, join(import.meta.dirname, "../bench/templates")];
const maxFiles = 200;
const maxBytes = 200_000;

const find = /^(?:throws|hang|slow|dies|unsteady)-/;

export function readCorpus(): { readonly corpus: readonly string[]; readonly seeds: readonly string[] } {
  const files = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => cueFiles(folder).map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") })));
  return { corpus: files.map(({ text }) => text), seeds: files.filter(({ name }) => !find.test(name)).map(({ text }) => text) };
}

function cueFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".cue"))
    .sort();
}

/** Keeps a find under a name made of its text. "known" if it is there; nothing is kept once the corpus is full. */
export function keepFind(kind: string, text: string): string | undefined {
  mkdirSync(corpusFolder, { recursive: true });
  const names = cueFiles(corpusFolder);
  const size = names.reduce((sum, name) => sum + readFileSync(join(corpusFolder, name)).length, 0);
  const name = `${kind}-${createHash("sha256").update(text).digest("hex").slice(0, 10)}.cue`;
  if (names.includes(name)) return "known";
  if (names.length >= maxFiles || size + text.length > maxBytes || text.length > 4000) return undefined;
  writeFileSync(join(corpusFolder, name), text);
  return name;
}
