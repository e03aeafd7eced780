import { randomBytes } from "node:crypto";
import type { RandomSource } from "../random.ts";

/** Randomness from the operating system. */
export const systemRandom: RandomSource = {
  next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};
