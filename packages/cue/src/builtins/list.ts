import { deepEqual, stableStringify } from "@slipway/std";
import type { Plain } from "../evaluate/call.ts";
import { integer, list, number, text } from "./arguments.ts";
import type { BuiltinPackage } from "./packages.ts";

const maxItems = 1_000_000;

function flatten(items: readonly Plain[], depth: number): Plain[] {
  return items.flatMap((item) => (Array.isArray(item) && depth !== 0 ? flatten(item, depth - 1) : [item]));
}

function range(start: number, limit: number, step: number): Plain[] {
  if (step === 0) throw new Error("step must be non zero");
  if ((step > 0 && start > limit) || (step < 0 && start < limit))
    throw new Error(
      step > 0 ? "end must be greater than start when step is positive" : "end must be less than start when step is negative",
    );
  const items: Plain[] = [];
  for (let at = start; step > 0 ? at < limit : at > limit; at += step) {
    items.push(at);
    if (items.length > maxItems) throw new Error("the range is too long");
  }
  return items;
}

function repeat(items: readonly Plain[], times: number): Plain[] {
  if (times < 0) throw new Error("negative count");
  if (items.length * times > maxItems) throw new Error(`the list would have more than ${maxItems} elements`);
  return Array.from({ length: times }, () => items).flat() as Plain[];
}

function unique(items: readonly Plain[]): boolean {
  return new Set(items.map((item) => stableStringify(item))).size === items.length;
}

export const listPackage: BuiltinPackage = {
  functions: {
    Avg: { arity: 1, call: ([a]) => ({ float: list(a).reduce<number>((sum, item) => sum + number(item), 0) / list(a).length }) },
    Concat: { arity: 1, call: ([a]) => list(a).flatMap((item) => list(item)) as Plain },
    Contains: { arity: 2, call: ([a, b]) => list(a).some((item) => deepEqual(item, b)) },
    Drop: { arity: 2, call: ([a, b]) => list(a).slice(integer(b)) as Plain },
    FlattenN: { arity: 2, call: ([a, b]) => flatten(list(a), integer(b)) as Plain },
    Max: { arity: 1, call: ([a]) => Math.max(...list(a).map((item) => number(item))) },
    MaxItems: { arity: 2, validator: true, call: ([a, b]) => list(a).length <= integer(b) },
    Min: { arity: 1, call: ([a]) => Math.min(...list(a).map((item) => number(item))) },
    MinItems: { arity: 2, validator: true, call: ([a, b]) => list(a).length >= integer(b) },
    Product: { arity: 1, call: ([a]) => list(a).reduce<number>((product, item) => product * number(item), 1) },
    Range: { arity: 3, call: ([a, b, c]) => range(number(a), number(b), number(c)) as Plain },
    Repeat: { arity: 2, call: ([a, b]) => repeat(list(a), integer(b)) as Plain },
    Reverse: { arity: 1, call: ([a]) => [...list(a)].reverse() as Plain },
    Slice: { arity: 3, call: ([a, b, c]) => list(a).slice(integer(b), integer(c)) as Plain },
    SortStrings: {
      arity: 1,
      call: ([a]) =>
        list(a)
          .map((item) => text(item))
          .sort(),
    },
    Sum: { arity: 1, call: ([a]) => list(a).reduce<number>((sum, item) => sum + number(item), 0) },
    Take: { arity: 2, call: ([a, b]) => list(a).slice(0, integer(b)) as Plain },
    UniqueItems: { arity: 1, validator: true, call: ([a]) => unique(list(a)) },
  },
  constants: {},
};
