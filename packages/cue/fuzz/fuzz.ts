/**
 * Feeds damaged programs to the public API and looks for exceptions, hangs and results that differ between two runs:
 *
 *   npm run fuzz -w packages/cue [-- --seconds 60] [--seed N] [--report FILE]
 *
 * Finds are made small and kept in testdata/corpus, which the tests run too. Exits 1 when there is a find.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { keepFind, readCorpus } from "./corpus.ts";
import type { Find, WorkerInput } from "./finds.ts";
import { programOf, signatureOf } from "./finds.ts";

/** Longer than this with one program, and it hangs. */
const patience = 30_000;
const poll = 500;

const { values: flags } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string" }, report: { type: "string" } },
});
const seed = flags.seed === undefined ? Date.now() % 0x7fffffff : Number(flags.seed);
const end = performance.now() + Number(flags.seconds) * 1000;
const { corpus, seeds } = readCorpus();
const finds: Find[] = [];
const known = new Set<string>();
let ran = 0;

process.stdout.write(`seed ${seed}, ${corpus.length} programs\n`);
let from = 0;
while (performance.now() < end) from = await runFrom(from);
process.stdout.write(`${ran} programs, ${finds.length} finds\n`);
process.exit(finds.length > 0 ? 1 : 0);

/** Runs until the time is over or a worker is lost; returns the number to go on with. */
function runFrom(start: number): Promise<number> {
  const progress = new SharedArrayBuffer(12);
  const view = new Int32Array(progress);
  const input: WorkerInput = { seed, from: start, corpus, seeds, known: [...known], progress };
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: input,
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  });
  return new Promise((resolve) => {
    let count = -1;
    let since = performance.now();
    let settled = false;
    const settle = (next: number): void => {
      if (settled) return;
      settled = true;
      clearInterval(timer);
      ran += Atomics.load(view, 1);
      void worker.terminate().then(() => resolve(next));
    };
    const lost = (kind: Find["kind"], stack: string): void => {
      const number = Atomics.load(view, 0);
      note({ kind, text: programOf(seed, number, corpus, seeds), stack, number });
      settle(number + 1);
    };
    const timer = setInterval(() => {
      const now = Atomics.load(view, 1);
      if (now !== count) [count, since] = [now, performance.now()];
      else if (performance.now() - since > patience) lost("hang", `no end within ${patience / 1000} s`);
      if (performance.now() > end) Atomics.store(view, 2, 1);
    }, poll);
    worker.on("message", (message: { type: string; find?: Find }) => {
      if (message.type === "done") settle(Atomics.load(view, 0) + 1);
      else if (message.find !== undefined) note(message.find);
    });
    worker.on("error", (error: unknown) => lost("dies", error instanceof Error ? (error.stack ?? error.message) : String(error)));
  });
}

function note(find: Find): void {
  const signature = signatureOf(find);
  if (known.has(signature)) return;
  known.add(signature);
  finds.push(find);
  const name = keepFind(find.kind, find.text);
  process.stdout.write(
    `${find.kind} (program ${find.number}, kept as ${name ?? "nothing: full or too long"})\n${find.text}\n${find.stack}\n\n`,
  );
  if (flags.report === undefined || name === "known") return;
  const before = existsSync(flags.report) ? readFileSync(flags.report, "utf8") : "";
  const entry = `## ${find.kind} ${name ?? ""}\n\`\`\`cue\n${find.text.slice(0, 3000)}\n\`\`\`\n\`\`\`\n${find.stack.split("\n").slice(0, 12).join("\n")}\n\`\`\`\n\n`;
  writeFileSync(flags.report, entry + before);
}
