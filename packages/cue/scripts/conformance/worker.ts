/**
 * Runs vectors in a thread of its own, so that the runner can end one that does not come back. Posts the index of the
 * vector it begins and the verdict of each.
 */
import { parentPort, workerData } from "node:worker_threads";
import { Judge } from "./judge.ts";
import { readCategories } from "./vectors.ts";
import type { Verdict } from "./vectors.ts";

export interface WorkerInput {
  readonly folder: string;
  readonly only: readonly string[];
  /** Index of the first vector to run, over all categories. */
  readonly from: number;
}
export type WorkerMessage = { readonly index: number; readonly verdict: Verdict } | { readonly done: true };

const input = workerData as WorkerInput;
const judge = new Judge();
let index = 0;
for (const category of readCategories(input.folder, input.only)) {
  for (const vector of category.vectors) {
    if (index >= input.from) parentPort?.postMessage({ index, verdict: judge.judge(category, vector) } satisfies WorkerMessage);
    index++;
  }
}
parentPort?.postMessage({ done: true } satisfies WorkerMessage);
