/** Draws single expressions without references, to hold the laws of unification against. */
import type { Choices } from "./generate-program.ts";

const atoms = [
  "1",
  "2",
  "3",
  '"a"',
  '"b"',
  "true",
  "null",
  "1.5",
  "_",
  "int",
  "number",
  "string",
  "bool",
  ">0",
  "<3",
  ">=2",
  "!=2",
  '!="a"',
  '=~"^a"',
  "(int | string)",
  "(1 | 2)",
];
const choicesWithDefault = [
  "(*1 | 2)",
  "(1 | *2)",
  "(*1 | int)",
  '(*"a" | string)',
  "(*1 | 2 | 3)",
  "(int | *3)",
  "(*true | bool)",
  "(*null | 1)",
];

export function generateValue(choices: Choices, depth: number): string {
  if (depth === 0) return choices.pick(choices.below(3) === 1 ? choicesWithDefault : atoms);
  switch (choices.below(7)) {
    case 1:
      return choices.pick(choicesWithDefault);
    case 2:
      return struct(choices, depth);
    case 3:
      return `close(${struct(choices, depth)})`;
    case 4:
      return list(choices, depth);
    case 5:
      return `(${generateValue(choices, depth - 1)} & ${generateValue(choices, depth - 1)})`;
    case 6:
      return `(${struct(choices, 1)} | ${choices.below(2) === 1 ? "*" : ""}${struct(choices, 1)})`;
    default:
      return choices.pick(atoms);
  }
}

function struct(choices: Choices, depth: number): string {
  const fields: string[] = [];
  for (let left = choices.below(4); left > 0; left--) {
    const label = choices.pick(["a", "b", "c", "a?", "b?", "[string]", '[=~"^[ab]"]']);
    fields.push(`${label}: ${generateValue(choices, depth - 1)}`);
  }
  if (choices.below(6) === 1) fields.push("...");
  return `{${fields.join(", ")}}`;
}

function list(choices: Choices, depth: number): string {
  const elements = Array.from({ length: choices.below(3) }, () => generateValue(choices, depth - 1));
  if (choices.below(3) === 1) elements.push(choices.below(2) === 1 ? "..." : `...${generateValue(choices, depth - 1)}`);
  return `[${elements.join(", ")}]`;
}
