/** Package list. Elements need not be concrete: most functions only move them. */
import type { BuiltinPackage, Call, Handle, Result } from "../contract.ts";
import { CallFailure, kind, ValidationFailure } from "../contract.ts";
import { define, defineNonConcrete } from "../signature.ts";
import { average, greatest, least, productOf, rangeOf, sumOf } from "./list-arithmetic.ts";
import { maxListLength } from "./list-limit.ts";
import { isSorted, sorted } from "./list-sort.ts";
import { uniqueItems } from "./list-unique.ts";

/** An index or a count: negative ones are told as the reference does. */
function notNegative(value: number, name: string): number {
  if (value < 0) throw new CallFailure(`negative ${name}`);
  return value;
}

function drop(call: Call): Result {
  return call.list(0).slice(notNegative(call.integer(1), "index"));
}

function take(call: Call): Result {
  return call.list(0).slice(0, notNegative(call.integer(1), "index"));
}

function slice(call: Call): Result {
  const elements = call.list(0);
  const low = notNegative(call.integer(1), "index");
  const high = call.integer(2);
  if (low > high) throw new CallFailure(`invalid index: ${low} > ${high}`);
  if (high > elements.length) throw new CallFailure("slice bounds out of range");
  return elements.slice(low, high);
}

function repeat(call: Call): Result {
  const elements = call.list(0);
  const count = notNegative(call.integer(1), "count");
  if (count > maxListLength) throw new CallFailure(`count ${call.int(1)} exceeds limit of ${maxListLength}`);
  if (count * elements.length > maxListLength) {
    throw new CallFailure(`${count} times ${elements.length} elements exceed limit of ${maxListLength}`);
  }
  return Array.from({ length: count * elements.length }, (_, i) => elements[i % elements.length] ?? null);
}

function requireLength(length: number): void {
  if (length > maxListLength) throw new CallFailure(`list exceeds limit of ${maxListLength} elements`);
}

/** The elements with the lists among them replaced by theirs; a negative depth does so all the way down. */
function flatten(list: Handle, depth: number): Handle[] {
  const flat: Handle[] = [];
  // Lists on the way, outermost first, each with the place to go on at.
  const open = [{ elements: list.elements(), next: 0 }];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const element = top.elements[top.next++];
    if (element === undefined) {
      open.pop();
      continue;
    }
    const chosen = element.withDefault();
    if (chosen.kinds() === kind.list && chosen.isConcrete() && open.length - 1 !== depth) {
      open.push({ elements: chosen.elements(), next: 0 });
    } else flat.push(chosen);
    requireLength(flat.length);
  }
  return flat;
}

function concat(call: Call): Result {
  const all: Handle[] = [];
  for (const list of call.list(0)) {
    for (const element of list.elements()) all.push(element);
    requireLength(all.length);
  }
  return all;
}

function minItems(call: Call): true {
  const list = call.value(0);
  const least = call.int(1);
  const count = BigInt(list.elements().length);
  if (count >= least) return true;
  throw new ValidationFailure(`len(list) < MinItems(${least}) (${count} < ${least})`, { incomplete: list.isOpen() });
}

function maxItems(call: Call): true {
  const count = BigInt(call.list(0).length);
  const most = call.int(1);
  if (count <= most) return true;
  throw new ValidationFailure(`len(list) > MaxItems(${most}) (${count} > ${most})`);
}

function contains(call: Call): boolean {
  const wanted = call.value(1).withDefault();
  return call.list(0).some((element) => wanted.equals(element.withDefault()));
}

function matchN(call: Call): true {
  if (!call.isValidator) throw new CallFailure("list.MatchN is a validator and should not be used as a function");
  const [elements, count, schema] = [call.list(0), call.schema(1), call.schema(2)];
  const matches = BigInt(elements.filter((element) => schema.unifies(element, "complete")).length);
  try {
    count.check(matches, "consistent");
    return true;
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    throw new ValidationFailure(`${schema.text()} matches ${matches} list items, want ${count.text()}`);
  }
}

function byText(a: string, b: string): number {
  // Code points, as bytes of UTF-8 compare; code units order surrogates otherwise.
  let i = 0;
  while (i < a.length && i < b.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  const [x, y] = [a.codePointAt(i), b.codePointAt(i)];
  if (x === undefined || y === undefined) return a.length - b.length;
  const isSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;
  if (isSurrogate(x) !== isSurrogate(y)) return isSurrogate(x) ? 1 : -1;
  return x - y;
}

export const listPackage: BuiltinPackage = {
  path: "list",
  functions: [
    define("Drop", ["list", "int"], "list", drop),
    define("FlattenN", ["value", "int"], "list", (call) => flatten(call.value(0), call.integer(1))),
    define("Repeat", ["list", "int"], "list", repeat),
    define("Concat", ["list"], "list", concat),
    define("Take", ["list", "int"], "list", take),
    define("Slice", ["list", "int", "int"], "list", slice),
    define("Reverse", ["list"], "list", (call) => call.list(0).toReversed()),
    define("MinItems", ["list", "int"], "bool", minItems),
    define("MaxItems", ["list", "int"], "bool", maxItems),
    define("UniqueItems", ["list"], "bool", (call) => uniqueItems(call.list(0))),
    define("Contains", ["list", "value"], "bool", contains),
    defineNonConcrete("MatchN", ["list", "value", "value"], "bool", matchN),
    define("Avg", ["list"], "number", (call) => average(call.decimals(0))),
    define("Max", ["list"], "number", (call) => greatest(call.decimals(0))),
    define("Min", ["list"], "number", (call) => least(call.decimals(0))),
    define("Product", ["list"], "number", (call) => productOf(call.decimals(0))),
    define("Range", ["number", "number", "number"], "list", (call) => rangeOf(call.decimal(0), call.decimal(1), call.decimal(2))),
    define("Sum", ["list"], "number", (call) => sumOf(call.decimals(0))),
    define("Sort", ["list", "value"], "list", (call) => sorted(call.list(0), call.value(1))),
    define("SortStable", ["list", "value"], "list", (call) => sorted(call.list(0), call.value(1))),
    define("SortStrings", ["list"], "list", (call) => call.strings(0).toSorted(byText)),
    define("IsSorted", ["list", "value"], "bool", (call) => isSorted(call.list(0), call.value(1))),
    define("IsSortedStrings", ["list"], "bool", (call) => {
      const texts = call.strings(0);
      return texts.every((text, i) => i === 0 || byText(texts[i - 1] ?? "", text) <= 0);
    }),
  ],
  cue: `
Comparer: {
	T:    _
	x:    T
	y:    T
	less: bool
}
Ascending: {
	Comparer
	T:    number | string
	x:    T
	y:    T
	less: true && x < y
}
Descending: {
	Comparer
	T:    number | string
	x:    T
	y:    T
	less: x > y
}
`,
};
