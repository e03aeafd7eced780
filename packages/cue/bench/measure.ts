/** Times of a repeated operation, and what it holds on the heap. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

export interface Times {
  readonly p50: number;
  readonly p90: number;
}

export function timesOf(samples: readonly number[]): Times {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p90: at(0.9) };
}

/** Repeats for so many milliseconds, and after as much warming up. */
export function measure(milliseconds: number, operation: () => unknown): Times {
  repeat(milliseconds, operation);
  return timesOf(repeat(milliseconds, operation));
}

function repeat(milliseconds: number, operation: () => unknown): readonly number[] {
  const samples: number[] = [];
  const end = performance.now() + milliseconds;
  while (performance.now() < end || samples.length < 5) {
    const began = performance.now();
    operation();
    samples.push(performance.now() - began);
  }
  return samples;
}

/** MiB that are alive while the result of the operation is. */
export function heldBy(operation: () => unknown): number {
  collect();
  const before = process.memoryUsage().heapUsed;
  const result = operation();
  collect();
  const held = process.memoryUsage().heapUsed - before;
  return result === undefined ? 0 : held / 1024 / 1024;
}
