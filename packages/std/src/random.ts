/** Randomness as a parameter, so that simulated runs repeat. */
export interface RandomSource {
  /** Uniform in [0, 1). */
  next(): number;
}

/** A repeatable source (mulberry32). Not for secrets. */
export function createSeededRandom(seed: number): RandomSource {
  let state = seed >>> 0;
  return {
    next(): number {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    },
  };
}

/** `length` characters drawn uniformly from `alphabet`. */
export function randomString(random: RandomSource, length: number, alphabet: string): string {
  let text = "";
  for (let i = 0; i < length; i++) text += alphabet[Math.floor(random.next() * alphabet.length)] ?? "";
  return text;
}
