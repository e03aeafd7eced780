/** Laws that hold for every program, from outside: what unification is, what order does not matter, that nothing throws. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonValue } from "@slipway/std";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Value } from "./api.ts";
import { compile } from "./index.ts";
import { printValue } from "./print/index.ts";
import { exercise } from "./testing/exercise.ts";
import { Choices, generateProgram, programText } from "./testing/generate-program.ts";
import { generateValue } from "./testing/generate-value.ts";
import { mutateProgram } from "./testing/mutate-program.ts";
import { mutateTree } from "./testing/mutate-tree.ts";
import { Random } from "./testing/random.ts";

const decisions = fc.array(fc.nat(1000), { minLength: 3, maxLength: 60 });
const runs = Number(process.env["CUE_PROPERTY_RUNS"] ?? "300");

const folder = join(import.meta.dirname, "../testdata/corpus");
const corpus = readdirSync(folder)
  .filter((name) => name.endsWith(".cue"))
  .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
const texts = corpus.map((each) => each.text);

/** What can be told of a value: its JSON with sorted fields, or that there is none, with its kinds. */
function summary(value: Value): string {
  const json = value.toJson();
  return json.ok ? JSON.stringify(sorted(json.value)) : `none: ${value.error() === undefined ? value.incompleteKind() : "error"}`;
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, sorted(each)]),
  );
}

function evaluated(text: string): Value {
  return compile(text, { unusedImports: "ignore" }).instance();
}

function unified(...values: readonly string[]): string {
  return summary(evaluated(`x: ${values.join(" & ")}`).lookup("x"));
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  const result: T[] = [];
  while (left.length > 0) result.push(...left.splice(random.below(left.length), 1));
  return result;
}

describe("unification", () => {
  it("is commutative", () => {
    fc.assert(
      fc.property(decisions, (numbers) => {
        const choices = new Choices(numbers);
        const [a, b] = [generateValue(choices, 2), generateValue(choices, 2)];
        expect(unified(b, a), `${a} & ${b}`).toBe(unified(a, b));
      }),
      { numRuns: runs },
    );
  });

  it("is associative", () => {
    fc.assert(
      fc.property(decisions, (numbers) => {
        const choices = new Choices(numbers);
        const [a, b, c] = [generateValue(choices, 2), generateValue(choices, 1), generateValue(choices, 2)];
        expect(unified(`(${a} & ${b})`, c), `${a} & ${b} & ${c}`).toBe(unified(a, `(${b} & ${c})`));
      }),
      { numRuns: runs },
    );
  });

  it("is idempotent", () => {
    fc.assert(
      fc.property(decisions, (numbers) => {
        const value = generateValue(new Choices(numbers), 3);
        expect(unified(value, value), value).toBe(unified(value));
      }),
      { numRuns: runs },
    );
  });

  it("is the same by the API, by declaring twice and by an expression", () => {
    fc.assert(
      fc.property(decisions, (numbers) => {
        const choices = new Choices(numbers);
        const [a, b] = [generateValue(choices, 2), generateValue(choices, 2)];
        const expected = unified(a, b);
        expect(summary(evaluated(`x: ${a}\nx: ${b}`).lookup("x")), `${a} twice ${b}`).toBe(expected);
        const both = evaluated(`x: ${a}`).unify(evaluated(`x: ${b}`));
        expect(summary(both.lookup("x")), `${a} unify ${b}`).toBe(expected);
      }),
      { numRuns: runs },
    );
  });
});

describe("order", () => {
  it("of fields does not matter", () => {
    fc.assert(
      fc.property(decisions, fc.nat(), (numbers, seed) => {
        const program = generateProgram(new Choices(numbers));
        const other = { ...program, declarations: shuffled(program.declarations, new Random(seed)) };
        expect(summary(evaluated(programText(other))), programText(other)).toBe(summary(evaluated(programText(program))));
      }),
      { numRuns: runs },
    );
  });

  it.each([
    ["open: _", "use: {a: open.a}"],
    ["open: _", 'use: {a: "<\\(open.a)>"}'],
    ["open: _", "use: {if open.a {b: 1}}"],
    ["open: {a?: int}", "use: {b: open.a + 1}"],
    ["open: {a: int}", "use: {b: open.a + 1, c: open.z}"],
    ["open: string", "use: [len(open)]"],
    ["open: {...}", "use: {for k, v in open.a {(k): v}}"],
    ["#D: {p: {...}}", "open: _", "use: #D & {p: n: open.a}"],
  ])("of fields does not matter for what may still come: %s, %s", (...declarations) => {
    const orders = [declarations, [...declarations].reverse()].map((each) => evaluated(each.join("\n")));
    for (const value of orders) {
      expect(value.validate()).toEqual([]);
      const problems = value.validate({ concrete: true }).filter((problem) => problem.path?.[0] === "use");
      expect(problems.map((problem) => problem.category)).toContain("incomplete");
    }
  });

  it("of fills does not matter", () => {
    const data = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>;
    const fills = fc.array(fc.record({ path: fc.constantFrom("f0", "f1", "f0.v", "f1.m.n", "new", "new.b"), data }), { maxLength: 4 });
    fc.assert(
      fc.property(decisions, fills, fc.nat(), (numbers, given, seed) => {
        const text = programText(generateProgram(new Choices(numbers)));
        const fillAll = (each: typeof given): string =>
          summary(each.reduce((value, { path, data: filled }) => value.fill(path, filled), evaluated(text)));
        expect(fillAll(shuffled(given, new Random(seed))), text).toBe(fillAll(given));
      }),
      { numRuns: runs },
    );
  });

  it("of looking does not matter", () => {
    fc.assert(
      fc.property(decisions, fc.nat(), (numbers, seed) => {
        const text = programText(generateProgram(new Choices(numbers)));
        const fresh = evaluated(text);
        const labels = fresh.fields().map((field) => field.label);
        const looked = evaluated(text);
        const some = shuffled(labels, new Random(seed)).slice(0, 3);
        const first = new Map(some.map((label) => [label, summary(looked.lookup([label]))]));
        for (const field of fresh.fields()) if (first.has(field.label)) expect(first.get(field.label), text).toBe(summary(field.value));
        expect(summary(looked), text).toBe(summary(fresh));
      }),
      { numRuns: runs },
    );
  });
});

describe("printing", () => {
  it.each(["eval", "def", "export"] as const)("in the style of %s gives a program of the same value", (style) => {
    fc.assert(
      fc.property(decisions, (numbers) => {
        const text = programText(generateProgram(new Choices(numbers)));
        const value = evaluated(text);
        fc.pre(value.toJson().ok);
        const printed = printValue(value, { style });
        expect(summary(evaluated(printed)), `${text}\nprinted:\n${printed}`).toBe(summary(value));
      }),
      { numRuns: runs },
    );
  });
});

describe("any text", () => {
  it.each(corpus)("of the corpus ($name) neither throws nor hangs", ({ text }) => {
    const began = performance.now();
    const first = exercise(text);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(exercise(text)).toEqual(first);
  });

  it("of the corpus, damaged, neither throws nor hangs", { timeout: 120_000 }, () => {
    const damaged = fc.property(fc.nat(), (seed) => {
      const random = new Random(seed);
      const text = random.pick(texts);
      exercise(random.chance(4) ? mutateProgram(random, text, texts) : mutateTree(random, text, texts));
    });
    fc.assert(damaged, { numRuns: runs, interruptAfterTimeLimit: 10_000, markInterruptAsFailure: false });
  });
});

describe("hostile sizes", () => {
  const many = 20_000;
  const lines = (line: (i: number) => string): string => Array.from({ length: many }, (_, i) => line(i)).join("\n");
  const sources: Readonly<Record<string, () => string>> = {
    "nested structs": () => `a: ${"{".repeat(many)}${"}".repeat(many)}`,
    "nested lists": () => `a: ${"[".repeat(many)}${"]".repeat(many)}`,
    "nested parentheses": () => `a: ${"(".repeat(many)}1${")".repeat(many)}`,
    "nested interpolations": () => `a: ${'"\\('.repeat(many)}1${')"'.repeat(many)}`,
    "a chain of labels": () => `${"a: ".repeat(many)}1`,
    "unary operators": () => `a: ${"-".repeat(many)}1`,
    "a sum": () => `a: 1${" + 1".repeat(many)}`,
    "a unification": () => `a: int${" & int".repeat(many)}`,
    selectors: () => `a: _\nb: a${".a".repeat(many)}`,
    clauses: () => `a: {${"if true ".repeat(many)}{x: 1}}`,
    "references forwards": () => `${lines((i) => `a${i}: a${i + 1}`)}\na${many}: 1`,
    "references backwards": () => `a0: 1\n${lines((i) => `a${i + 1}: a${i} + 1`)}`,
  };

  it.each(Object.keys(sources))("of %s neither throw nor hang", (name) => {
    expect(() => exercise(sources[name]?.() ?? "")).not.toThrow();
  });

  it("of filled data neither throw nor hang", () => {
    let nested: JsonValue = 1;
    for (let i = 0; i < many; i++) nested = i % 2 === 0 ? { a: nested } : [nested];
    const data = nested;
    expect(() => evaluated("x: _").fill("x", data).toJson()).not.toThrow();
    expect(() =>
      evaluated("x: _")
        .fill(`x${".a".repeat(many)}`, 1)
        .toJson(),
    ).not.toThrow();
  });
});
