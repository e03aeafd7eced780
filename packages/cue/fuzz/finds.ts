/** What fuzzing runs, and what it may find. */
import { mutateProgram } from "../src/testing/mutate-program.ts";
import { mutateTree } from "../src/testing/mutate-tree.ts";
import { Random } from "../src/testing/random.ts";

export interface Find {
  /** Throws: an exception. Hang: no end. Slow: an end beyond the budget. Dies: the whole isolate. Unsteady: two results. */
  readonly kind: "throws" | "hang" | "slow" | "dies" | "unsteady";
  readonly text: string;
  readonly stack: string;
  readonly number: number;
}

export interface WorkerInput {
  readonly seed: number;
  readonly from: number;
  /** Run as they are. */
  readonly corpus: readonly string[];
  /** Damaged: those that are no finds, which would only be found again. */
  readonly seeds: readonly string[];
  readonly known: readonly string[];
  /** [number of the program under way, programs and candidates run, 1 to stop]. */
  readonly progress: SharedArrayBuffer;
}

/** Equal for finds of one cause: what was thrown, and by which two functions. Of what has no stack, one a run. */
export function signatureOf(find: Find): string {
  if (find.kind !== "throws") return find.kind;
  const [message = "", ...frames] = find.stack.split("\n");
  const own = frames.filter((frame) => frame.includes("/src/")).slice(0, 2);
  const places = own.map((frame) => /at (\S+)/.exec(frame)?.[1] ?? "");
  const said = message.replace(/\d+|"[^"]*"|'[^']*'/g, "_").slice(0, 80);
  return message.includes("Maximum call stack") ? `overflow ${own.length}` : `${said} ${places.join(" ")}`;
}

/** The corpus as it is first, then damages of it: the same for the same seed. */
export function programOf(seed: number, number: number, corpus: readonly string[], seeds: readonly string[]): string {
  const plain = corpus[number];
  if (plain !== undefined) return plain;
  const random = new Random(seed + Math.imul(number, 0x9e3779b1));
  const text = random.pick(seeds);
  return random.chance(4) ? mutateProgram(random, text, seeds) : mutateTree(random, text, seeds);
}
