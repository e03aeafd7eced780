/**
 * `npm run check`: format, lint, boundaries, types, generated files, tests. The type check and the lint share nothing, so
 * they run side by side; the first failure is shown in full and ends the run with 1.
 */
import { spawn } from "node:child_process";

interface Stage {
  readonly name: string;
  readonly command: string;
}

const bin = "node_modules/.bin";
const side: readonly Stage[] = [
  { name: "format", command: "npm run --silent format:check" },
  { name: "lint", command: "npm run --silent lint" },
  { name: "boundaries", command: "node scripts/check-boundaries.ts" },
  { name: "generated", command: "node scripts/generate.ts --check" },
  { name: "types", command: `${bin}/tsc -b` },
];
const last: readonly Stage[] = [{ name: "tests", command: "node scripts/test.ts" }];

const started = performance.now();
const results = await Promise.all(side.map(run));
const failed = results.some((ok) => !ok) || !(await inOrder(last));
console.log(`check ${failed ? "failed" : "passed"} in ${seconds(started)}`);
process.exit(failed ? 1 : 0);

async function inOrder(stages: readonly Stage[]): Promise<boolean> {
  for (const stage of stages) if (!(await run(stage))) return false;
  return true;
}

function run(stage: Stage): Promise<boolean> {
  const from = performance.now();
  return new Promise((resolve) => {
    const child = spawn("sh", ["-c", stage.command], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("close", (code) => {
      console.log(`${code === 0 ? "ok  " : "FAIL"} ${stage.name} (${seconds(from)})`);
      if (code !== 0) console.log(output);
      resolve(code === 0);
    });
  });
}

function seconds(from: number): string {
  return `${((performance.now() - from) / 1000).toFixed(1)} s`;
}
