/** What the demo says is what the demo checked: a claim is printed with its evidence, and a false one fails the run. */
import { deepEqual } from "@slipway/std";
import type { Printer } from "../printer.ts";

export interface Claims {
  /** States that `actual` equals `expected`. */
  equal(text: string, actual: unknown, expected: unknown): void;
  /** States that `holds`; `evidence` is printed either way. */
  holds(text: string, holds: boolean, evidence: string): void;
  /** The claims that did not hold. */
  readonly failures: readonly string[];
  readonly count: number;
}

export function createClaims(printer: Printer): Claims {
  const failures: string[] = [];
  let count = 0;
  const record = (text: string, ok: boolean, evidence: string): void => {
    count++;
    if (!ok) failures.push(`${text}: ${evidence}`);
    const mark = ok ? printer.style("green", "✓") : printer.style("red", "✗");
    printer.line(`  ${mark} ${text}${evidence === "" ? "" : printer.style("dim", ` (${evidence})`)}`);
  };
  return {
    equal(text, actual, expected): void {
      const ok = deepEqual(actual, expected);
      record(text, ok, ok ? "" : `expected ${JSON.stringify(expected)}, saw ${JSON.stringify(actual)}`);
    },
    holds: record,
    failures,
    get count(): number {
      return count;
    },
  };
}
