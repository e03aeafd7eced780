/** Runs mutated programs one after the other; says in shared memory which one is under way. */
import { parentPort, workerData } from "node:worker_threads";
import { exercise } from "../src/testing/exercise.ts";
import { minimise } from "./minimise.ts";
import type { Find, WorkerInput } from "./finds.ts";
import { programOf, signatureOf } from "./finds.ts";

/** Milliseconds of processor time within which a program of the small budget must end. */
const slow = 3000;
/** Milliseconds that go into making a find small. */
const patience = 60_000;
const input = workerData as WorkerInput;
const progress = new Int32Array(input.progress);
const known = new Set<string>(input.known);

for (let number = input.from; Atomics.load(progress, 2) === 0; number++) one(number);
parentPort?.postMessage({ type: "done" });

function one(number: number): void {
  Atomics.store(progress, 0, number);
  Atomics.add(progress, 1, 1);
  const text = programOf(input.seed, number, input.corpus, input.seeds);
  const fault = run(text);
  if (fault === undefined) return;
  const signature = signatureOf(fault);
  if (known.has(signature)) return;
  known.add(signature);
  const end = performance.now() + patience;
  const small = minimise(text, (candidate) => performance.now() < end && sameFault(candidate, signature), 600);
  const find: Find = { ...fault, ...(run(small) ?? fault), text: small, number };
  parentPort?.postMessage({ type: "find", find });
}

function sameFault(candidate: string, signature: string): boolean {
  Atomics.add(progress, 1, 1);
  const fault = run(candidate);
  return fault !== undefined && signatureOf(fault) === signature;
}

function run(text: string): Find | undefined {
  const began = process.threadCpuUsage();
  try {
    const first = exercise(text);
    const used = process.threadCpuUsage(began);
    const spent = (used.user + used.system) / 1000;
    if (spent > slow) return { kind: "slow", text, stack: `${Math.round(spent)} ms`, number: -1 };
    if (text.length % 8 === 0 && JSON.stringify(exercise(text)) !== JSON.stringify(first))
      return { kind: "unsteady", text, stack: "two runs differ", number: -1 };
    return undefined;
  } catch (error) {
    return { kind: "throws", text, stack: error instanceof Error ? (error.stack ?? error.message) : String(error), number: -1 };
  }
}
