/**
 * Judges the implementation by the conformance vectors, per assertion:
 *
 *   npm run conformance -w packages/cue -- [--vectors DIR] [--category C]... [--tier N] [--id TEXT] [--list]
 *     [--json FILE] [--update]
 *
 * Exits 1 when a vector fails that `known-failures/` does not list, or one passes that it lists.
 */
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { compareKnown, updateKnown } from "./conformance/known-failures.ts";
import { printCounts } from "./conformance/summary.ts";
import type { Result, Verdict } from "./conformance/vectors.ts";
import { experimentsOf, failed, readCategories, short } from "./conformance/vectors.ts";
import type { Line } from "./conformance/run-vectors.ts";

/** Longer than this without a verdict, and the vector under way has failed. */
const patience = 10_000;

const { values: flags } = parseArgs({
  options: {
    vectors: { type: "string" },
    category: { type: "string", multiple: true, default: [] },
    id: { type: "string" },
    tier: { type: "string" },
    list: { type: "boolean", default: false },
    json: { type: "string" },
    update: { type: "boolean", default: false },
  },
});
const folder = resolve(flags.vectors ?? join(import.meta.dirname, "../../../../shared/conformance/cue"));
if (!existsSync(folder)) {
  process.stderr.write(`no vectors at ${folder}; name their folder with --vectors\n`);
  process.exit(2);
}

const vectors = readCategories(folder, flags.category).flatMap((category) =>
  category.vectors.map((vector) => ({ id: vector.id, category: category.name, tier: vector.tier })),
);
/** Previews of the language that the sources of a vector switch on. */
const experiments = new Map(
  readCategories(folder, flags.category).flatMap((category) =>
    category.vectors.map((vector): [string, readonly string[]] => [`${category.name} ${vector.id}`, experimentsOf(category, vector)]),
  ),
);
const verdicts = new Map<number, Verdict>();
const began = performance.now();
while (verdicts.size < vectors.length) await runFrom(verdicts.size);
const all = vectors.map((vector, index): Result => ({ ...vector, ...(verdicts.get(index) ?? failed("no verdict")) }));
const results = all.filter(
  (result) => (flags.tier === undefined || result.tier === Number(flags.tier)) && (flags.id === undefined || result.id.includes(flags.id)),
);

if (flags.list) {
  for (const result of results) {
    if (result.outcome === "failed") process.stdout.write(`${result.id}  [tier ${result.tier}] ${short(result.message ?? "", 700)}\n`);
  }
}
process.stdout.write(printCounts(results, performance.now() - began));
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify({ results })}\n`);
if (flags.update) {
  const { added, removed } = updateKnown(all, (result) => experiments.get(`${result.category} ${result.id}`) ?? []);
  process.stdout.write(`known failures: ${removed} removed, ${added} added\n`);
} else {
  const { broken, mended } = compareKnown(results);
  const lines = [
    ...broken.map((result) => `not listed as failing: ${result.category} ${result.id}: ${short(result.message ?? "")}`),
    ...mended.map((result) => `passes and is still listed as failing: ${result.category} ${result.id}`),
  ];
  const shown = flags.list ? 0 : 20;
  for (const line of lines.slice(0, shown)) process.stdout.write(`${line}\n`);
  if (shown > 0 && lines.length > shown) process.stdout.write(`… and ${lines.length - shown} more\n`);
  if (lines.length > 0) process.stdout.write(`${broken.length} broke, ${mended.length} to take off the lists (--update)\n`);
  process.exitCode = lines.length > 0 ? 1 : 0;
}

/** Runs vectors from `from` on until all are done, or one does not come back; that one gets its verdict here. */
function runFrom(from: number): Promise<void> {
  return new Promise((done) => {
    const script = join(import.meta.dirname, "conformance/run-vectors.ts");
    const child = spawn(process.execPath, ["--max-old-space-size=1500", script, folder, String(from), ...flags.category], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let timer: NodeJS.Timeout | undefined;
    let late = false;
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        late = true;
        child.kill("SIGKILL");
      }, patience);
    };
    wait();
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(0, 2000)));
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line = JSON.parse(text) as Line;
      verdicts.set(line.index, line.verdict);
      wait();
    });
    child.on("close", () => {
      clearTimeout(timer);
      if (verdicts.size < vectors.length) {
        const why = late ? `no end within ${patience / 1000} s` : `ended the process: ${complaint.trim()}`;
        verdicts.set(verdicts.size, failed(why));
      }
      done();
    });
  });
}
