/** The counts, by category and tier. */
import type { Outcome, Result } from "./vectors.ts";

type Counts = Record<Outcome, number>;

export function printCounts(results: readonly Result[], milliseconds: number): string {
  const lines: string[] = [row("category", "tier", "passed", "failed", "unsup.")];
  const total: Counts = { passed: 0, failed: 0, unsupported: 0 };
  const categories = new Map<string, Map<number, Counts>>();
  for (const result of results) {
    let tiers = categories.get(result.category);
    if (tiers === undefined) categories.set(result.category, (tiers = new Map()));
    let counts = tiers.get(result.tier);
    if (counts === undefined) tiers.set(result.tier, (counts = { passed: 0, failed: 0, unsupported: 0 }));
    counts[result.outcome]++;
    total[result.outcome]++;
  }
  for (const [category, tiers] of categories) {
    for (const [tier, counts] of [...tiers].sort(([a], [b]) => a - b))
      lines.push(row(category, String(tier), String(counts.passed), String(counts.failed), String(counts.unsupported)));
  }
  lines.push(row("total", "", String(total.passed), String(total.failed), String(total.unsupported)));
  const share = results.length === 0 ? 0 : (100 * total.passed) / results.length;
  lines.push(`${total.passed}/${results.length} (${share.toFixed(1)} %) in ${(milliseconds / 1000).toFixed(1)} s`);
  lines.push(
    `positions: ${ratio(results.map((result) => result.positions))}, sub-errors: ${ratio(results.map((result) => result.suberrors))}`,
  );
  return `${lines.join("\n")}\n`;
}

function row(category: string, tier: string, passed: string, failed: string, unsupported: string): string {
  return `${category.padEnd(22)}${tier.padStart(4)}${passed.padStart(8)}${failed.padStart(8)}${unsupported.padStart(8)}`;
}

function ratio(values: readonly (boolean | undefined)[]): string {
  const judged = values.filter((value) => value !== undefined);
  return `${judged.filter(Boolean).length}/${judged.length}`;
}
