/**
 * The order of the fields of several literals in one: that of each literal where they agree, else that of the first that
 * can go on. A name waits while another literal has something before it - but for the last of a literal, which waits until
 * nothing else can go on (as the reference does).
 */
import type { Label } from "../engine/label.ts";

export function mergedOrder(chains: readonly (readonly Label[])[], labels: readonly Label[]): readonly Label[] {
  const waiting = new Map<Label, number>();
  for (const chain of chains) for (const label of chain.slice(1)) waiting.set(label, (waiting.get(label) ?? 0) + 1);
  const fronts = chains.filter((chain) => chain.length > 0).map((chain) => ({ chain, at: 0 }));
  const ordered = new Set<Label>();
  for (;;) {
    const front = fronts.find(({ chain, at }) => at < chain.length && !isWaiting(waiting, chain[at]));
    if (front === undefined) {
      const stuck = fronts.find(({ chain, at }) => at < chain.length);
      const label = stuck?.chain[stuck.at];
      if (label === undefined) break;
      waiting.set(label, 0);
      continue;
    }
    const label = front.chain[front.at++];
    if (label !== undefined) ordered.add(label);
    const next = front.chain[front.at];
    const left = next === undefined ? 0 : (waiting.get(next) ?? 0);
    if (next !== undefined && front.chain.length - front.at > 1 && left > 0) waiting.set(next, left - 1);
  }
  for (const label of labels) ordered.add(label);
  return [...ordered];
}

function isWaiting(waiting: ReadonlyMap<Label, number>, label: Label | undefined): boolean {
  return label !== undefined && (waiting.get(label) ?? 0) > 0;
}
