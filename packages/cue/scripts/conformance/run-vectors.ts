/**
 * Runs vectors in a process of its own, so that the runner can end one that does not come back, or that takes the
 * process down. Writes one line of JSON a verdict, at once: `node run-vectors.ts DIR FROM CATEGORY...`.
 */
import { writeSync } from "node:fs";
import { Judge } from "./judge.ts";
import { readCategories } from "./vectors.ts";
import type { Verdict } from "./vectors.ts";

export interface Line {
  /** Over all categories. */
  readonly index: number;
  readonly verdict: Verdict;
}

const [folder = "", from = "0", ...only] = process.argv.slice(2);
const judge = new Judge();
let index = 0;
for (const category of readCategories(folder, only)) {
  for (const vector of category.vectors) {
    if (index >= Number(from)) write({ index, verdict: judge.judge(category, vector) });
    index++;
  }
}

function write(line: Line): void {
  let rest = Buffer.from(`${JSON.stringify(line)}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      // The reader is behind; nothing else is to be done meanwhile.
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    }
  }
}
