/**
 * The permuted congruential generator PCG-DXSM with 128 bits of state (O'Neill; the variant of Go's math/rand/v2): names
 * that the reference draws at random it draws with a fixed seed, so that they can be told.
 */
const word = 0xffff_ffff_ffff_ffffn;
const state = (word << 64n) | word;
const multiplier = (2549297995355413924n << 64n) | 4865540595714422341n;
const increment = (6364136223846793005n << 64n) | 1442695040888963407n;
const cheapMultiplier = 0xda94_2042_e4dd_58b5n;

export class Pcg {
  #state: bigint;

  constructor(high: bigint, low: bigint) {
    this.#state = (high << 64n) | low;
  }

  /** The next 64 bits. */
  next(): bigint {
    this.#state = (this.#state * multiplier + increment) & state;
    let high = this.#state >> 64n;
    const low = this.#state & word;
    high ^= high >> 32n;
    high = (high * cheapMultiplier) & word;
    high ^= high >> 48n;
    return (high * (low | 1n)) & word;
  }

  /** A number below `limit`, which is under 2^63; by Lemire's method but for powers of two. */
  below(limit: bigint): bigint {
    if ((limit & (limit - 1n)) === 0n) return this.next() & (limit - 1n);
    const bits = limit < 1n << 32n ? 32n : 64n;
    const unbiased = (1n << bits) % limit;
    for (;;) {
      const product = (this.next() >> (64n - bits)) * limit;
      if ((product & ((1n << bits) - 1n)) >= unbiased) return product >> bits;
    }
  }
}
