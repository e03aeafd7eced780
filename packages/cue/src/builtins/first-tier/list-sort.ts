/** Sorting by a comparator that the program gives: a struct with `x` and `y` to fill in, and `less`. */
import type { Handle } from "../contract.ts";
import { CallFailure } from "../contract.ts";

function requireLess(comparator: Handle): void {
  if (comparator.lookup("less") === undefined) throw new CallFailure("field not found: less");
}

function isLess(comparator: Handle, x: Handle, y: Handle): boolean {
  const less = comparator.fill({ x, y }).lookup("less");
  return less?.scalar() === true;
}

/** Equal elements keep their order. Merges runs of growing length, bottom up. */
export function sorted(elements: readonly Handle[], comparator: Handle): readonly Handle[] {
  requireLess(comparator);
  let from = [...elements];
  for (let width = 1; width < from.length; width *= 2) {
    const to: Handle[] = [];
    for (let start = 0; start < from.length; start += 2 * width) {
      const left = from.slice(start, start + width);
      const right = from.slice(start + width, start + 2 * width);
      merge(left, right, comparator, to);
    }
    from = to;
  }
  return from;
}

function merge(left: readonly Handle[], right: readonly Handle[], comparator: Handle, to: Handle[]): void {
  let l = 0;
  let r = 0;
  for (;;) {
    const a = left[l];
    const b = right[r];
    if (a === undefined && b === undefined) return;
    const takesRight = a === undefined || (b !== undefined && isLess(comparator, b, a));
    const next = takesRight ? b : a;
    if (takesRight) r++;
    else l++;
    if (next !== undefined) to.push(next);
  }
}

/** What cannot be compared is not sorted. */
export function isSorted(elements: readonly Handle[], comparator: Handle): boolean {
  if (comparator.lookup("less") === undefined) return true;
  for (let i = elements.length - 1; i > 0; i--) {
    const [before, after] = [elements[i - 1], elements[i]];
    if (before === undefined || after === undefined) continue;
    try {
      if (isLess(comparator, after, before)) return false;
    } catch (error) {
      if (error instanceof CallFailure) return false;
      throw error;
    }
  }
  return true;
}
