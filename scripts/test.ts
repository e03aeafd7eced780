/**
 * `make test`: every suite that needs no real cluster; with `--config FILE`, the suites of that configuration. Prints failures as vitest does, then each skip with its reason, and
 * as its last line `N passed, N failed, N skipped` summed over all suites.
 *
 * A test states why it skips in its name: `it.skipIf(condition)("... (needs kubectl on PATH)")`.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "slipway-test-"));
const reportFile = join(folder, "report.json");
const result = spawnSync(
  process.execPath,
  [
    join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${reportFile}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: "inherit" },
);

let passed = 0;
let failed = 0;
const skipped: string[] = [];
try {
  const report = JSON.parse(readFileSync(reportFile, "utf8")) as Report;
  for (const suite of report.testResults) {
    // A file that did not load has no tests to count; it is one failure.
    if (suite.status === "failed" && suite.assertionResults.every((test) => test.status !== "failed")) failed++;
    for (const test of suite.assertionResults) {
      if (test.status === "passed") passed++;
      else if (test.status === "failed") failed++;
      else skipped.push(`${suite.name.slice(root.length + 1)}: ${test.fullName}`);
    }
  }
} catch (error) {
  console.error(`no test report was written: ${String(error)}`);
  failed++;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (result.status !== 0 && failed === 0) failed++;
if (skipped.length > 0) console.log(`\nskipped:\n${skipped.map((name) => `  ${name}`).join("\n")}`);
console.log(`\n${passed} passed, ${failed} failed, ${skipped.length} skipped`);
process.exit(failed > 0 ? 1 : 0);
