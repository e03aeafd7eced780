/** The validator list.UniqueItems. */
import type { Data, Handle } from "../contract.ts";
import { CallFailure, kind, ValidationFailure } from "../contract.ts";
import { Decimal, formatDecimal, reduce } from "../../number/decimal.ts";

/** Elements are equal for good when the second of them can no longer change. */
interface EqualPair {
  readonly first: number;
  readonly second: number;
  readonly isFinal: boolean;
}

/**
 * Equal elements that may still become different are an incomplete error. Concrete elements are compared by a text that
 * equal ones share, so that a long list of them takes linear time; of the others each pair is compared.
 */
export function uniqueItems(elements: readonly Handle[]): true {
  let found: EqualPair | undefined;
  const take = (first: number, second: number): void => {
    const isFinal = elements[second]?.isFinal() === true;
    if (found === undefined || isBetter({ first, second, isFinal }, found)) found = { first, second, isFinal };
  };
  const places = new Map<string, number>();
  const others: number[] = [];
  for (const [i, element] of elements.entries()) {
    const key = concreteKey(element);
    if (key === undefined) {
      others.push(i);
      continue;
    }
    const before = places.get(key);
    if (before === undefined) places.set(key, i);
    else take(before, i);
  }
  for (const [at, i] of others.entries()) {
    for (const j of others.slice(at + 1)) {
      const [x, y] = [elements[i], elements[j]];
      if (x !== undefined && y !== undefined && x.equals(y)) take(i, j);
    }
  }
  if (found === undefined) return true;
  const { first, second, isFinal } = found;
  throw new ValidationFailure(`${whatIsEqual(elements[first])} at position ${first} and ${second}`, { incomplete: !isFinal });
}

/** The first pair that is equal for good, else the last pair. */
function isBetter(pair: EqualPair, than: EqualPair): boolean {
  if (pair.isFinal !== than.isFinal) return pair.isFinal;
  const isBefore = pair.first < than.first || (pair.first === than.first && pair.second < than.second);
  return isBefore === pair.isFinal;
}

function whatIsEqual(element: Handle | undefined): string {
  const isScalar = element?.isConcrete() === true && (element.kinds() & kind.scalar) !== 0;
  return isScalar ? `equal value (${element.text()})` : "equal values";
}

function concreteKey(element: Handle): string | undefined {
  if (!element.isConcrete()) return undefined;
  try {
    return keyOf(element.data());
  } catch (error) {
    if (error instanceof CallFailure) return undefined;
    throw error;
  }
}

function isMap(data: Data): data is ReadonlyMap<string, Data> {
  return data instanceof Map;
}

/** The order of fields does not matter, nor how many zeros end a float. */
function keyOf(data: Data): string {
  if (typeof data === "string") return JSON.stringify(data);
  if (typeof data === "bigint" || typeof data === "boolean" || data === null) return String(data);
  if (data instanceof Decimal) return `float ${formatDecimal(reduce(data))}`;
  if (data instanceof Uint8Array) return `bytes ${Array.from(data).join(",")}`;
  if (!isMap(data)) return `[${data.map(keyOf).join(",")}]`;
  const fields = Array.from(data, ([name, value]) => `${JSON.stringify(name)}:${keyOf(value)}`);
  return `{${fields.sort().join(",")}}`;
}
