/** `known-failures/<category>.json`: `{ id: reason }`. The lists may only shrink. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "./vectors.ts";

const folder = join(import.meta.dirname, "../../known-failures");

export function readKnown(category: string): Readonly<Record<string, string>> {
  const file = join(folder, `${category}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, string>) : {};
}

export interface Difference {
  /** Failed, and not known to. */
  readonly broken: readonly Result[];
  /** Passed, and still listed. */
  readonly mended: readonly Result[];
}

export function compareKnown(results: readonly Result[]): Difference {
  const broken: Result[] = [];
  const mended: Result[] = [];
  const lists = new Map<string, Readonly<Record<string, string>>>();
  for (const result of results) {
    let known = lists.get(result.category);
    if (known === undefined) lists.set(result.category, (known = readKnown(result.category)));
    const listed = Object.hasOwn(known, result.id);
    if (result.outcome === "passed" ? listed : !listed) (listed ? mended : broken).push(result);
  }
  return { broken, mended };
}

/**
 * Writes the lists anew; a vector keeps the reason that somebody wrote. `experimentsOf`: the previews of the language that
 * it needs. Gives how many came and went.
 */
export function updateKnown(
  results: readonly Result[],
  experimentsOf: (result: Result) => readonly string[],
): { readonly added: number; readonly removed: number } {
  const { broken, mended } = compareKnown(results);
  mkdirSync(folder, { recursive: true });
  for (const category of new Set(results.map((result) => result.category))) {
    const known = readKnown(category);
    const failing = results.filter((result) => result.category === category && result.outcome !== "passed");
    const list = Object.fromEntries(
      failing.map((result) => [result.id, written(known[result.id]) ?? reason(result, experimentsOf(result))]),
    );
    const file = join(folder, `${category}.json`);
    if (failing.length === 0) rmSync(file, { force: true });
    else writeFileSync(file, `${JSON.stringify(list, undefined, 2)}\n`);
  }
  return { added: broken.length, removed: mended.length };
}

const kinds = [
  "throws",
  "does not end",
  "other positions",
  "no error",
  "another error",
  "an error instead of a value",
  "other output",
  "another value",
];

const byCategory: Readonly<Record<string, string>> = {
  "errors-report": "messages, their order or their positions differ",
  "export-syntax": "another choice of names, aliases, let clauses or layout",
  openapi: "another schema",
  jsonschema: "another schema",
};

function written(known: string | undefined): string | undefined {
  return known === undefined || kinds.includes(known) || / yet$|^no such output$/.test(known) ? undefined : known;
}

/** The kind of failure; what exactly was expected is printed by `--list`. */
function reason(result: Result, experiments: readonly string[]): string {
  const message = result.message ?? "";
  if (result.category === "debug-golden") return "the reference's debug output is not written";
  const told = byCategory[result.category];
  if (result.tier === 3 && experiments.length > 0) return `not implemented: experiment ${experiments.join(", ")}`;
  if (told !== undefined && result.outcome === "failed") return told;
  if (result.outcome === "unsupported") return message;
  if (message.startsWith("threw")) return "throws";
  if (/^no end within|^ended the process/.test(message)) return "does not end";
  if (message.startsWith("positions differ")) return "other positions";
  if (message.startsWith("want error")) return message.includes("got no error") ? "no error" : "another error";
  if (/; got error /.test(message)) return "an error instead of a value";
  return /^(stdout|stderr|want (success|failure)|file )/.test(message) ? "other output" : "another value";
}
