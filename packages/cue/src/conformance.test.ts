/** The vectors of the reference's own tests: what does not pass is on a list with its reason, and the lists only shrink. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const vectors = join(import.meta.dirname, "../../../../shared/conformance/cue");
const isThere = existsSync(vectors);
if (!isThere) process.stderr.write(`skipped: conformance vectors of CUE, none at ${vectors}\n`);

it.skipIf(!isThere)("conformance vectors fail where they are known to, and nowhere else", { timeout: 240_000 }, async () => {
  const script = join(import.meta.dirname, "../scripts/conformance.ts");
  const told = await new Promise<{ readonly code: number | null; readonly text: string }>((resolve) => {
    const child = execFile(process.execPath, [script], { maxBuffer: 1 << 24 }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, text: `${stdout}${stderr}` });
    });
  });
  expect(told.code, told.text).toBe(0);
});
