/** What is printed of any program is a program, of the same value wherever one looks. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Value } from "../api.ts";
import { compile } from "../compile/program.ts";
import { Choices, generateProgram, programText } from "../testing/generate-program.ts";
import { printValue } from "./index.ts";

const runs = Number(process.env["CUE_PROPERTY_RUNS"] ?? "300");
const decisions = fc.array(fc.nat(1000), { minLength: 3, maxLength: 60 });

/** Data, or what is known of the kind. Fields stand in no order here. */
function summary(value: Value): string {
  const json = value.toJson();
  if (!json.ok) return value.error() === undefined ? value.incompleteKind() : "error";
  return JSON.stringify(json.value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

function fieldsOf(value: Value, hidden: boolean): ReadonlyMap<string, string> {
  return new Map(value.fields({ definitions: true, hidden }).map((field) => [field.label, summary(field.value)]));
}

function evaluated(text: string): Value {
  const program = compile(text, { unusedImports: "ignore" });
  expect(program.diagnostics, text).toEqual([]);
  return program.instance();
}

describe("printing any program", () => {
  it.each(["eval", "def", "export"] as const)("in the style of %s", (style) => {
    fc.assert(
      fc.property(decisions, (numbers) => {
        const text = programText(generateProgram(new Choices(numbers)));
        const value = evaluated(text);
        const printed = printValue(value, { style });
        const again = evaluated(printed);
        if (value.error() !== undefined) return;
        const message = `${text}\nprinted:\n${printed}`;
        expect(summary(again), message).toBe(summary(value));
        if (style !== "export") expect(fieldsOf(again, style === "def"), message).toEqual(fieldsOf(value, style === "def"));
      }),
      { numRuns: runs },
    );
  });
});
