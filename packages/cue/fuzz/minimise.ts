/** Makes a text small that shows a fault: leaves out lines, then tokens, as long as the fault stays. */
import { tokensOf } from "../src/testing/mutate-program.ts";

export function minimise(text: string, shows: (candidate: string) => boolean, tries: number): string {
  let left = tries;
  const counted = (pieces: readonly string[]): boolean => left-- > 0 && shows(pieces.join(""));
  const lines = shrink(text.split(/(?<=\n)/), counted);
  return shrink(tokensOf(lines.join("")), counted).join("");
}

/** Delta debugging: drops ever smaller chunks. */
function shrink(pieces: readonly string[], shows: (pieces: readonly string[]) => boolean): readonly string[] {
  let kept = pieces;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    let at = 0;
    while (at < kept.length) {
      const candidate = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (candidate.length < kept.length && shows(candidate)) kept = candidate;
      else at += size;
    }
  }
  return kept;
}
