/** The Jacobi symbol. */
import { CallFailure } from "../contract.ts";

/** (x/y) for an odd y: -1, 0 or 1. */
export function jacobi(x: bigint, y: bigint): bigint {
  if (y % 2n === 0n) throw new CallFailure(`big: invalid 2nd argument to Int.Jacobi: need odd integer but got ${y}`);
  let sign = y < 0n && x < 0n ? -1n : 1n;
  let b = y < 0n ? -y : y;
  let a = ((x % b) + b) % b;
  while (a !== 0n) {
    while (a % 2n === 0n) {
      a /= 2n;
      if (b % 8n === 3n || b % 8n === 5n) sign = -sign;
    }
    [a, b] = [b, a];
    if (a % 4n === 3n && b % 4n === 3n) sign = -sign;
    a %= b;
  }
  return b === 1n ? sign : 0n;
}
