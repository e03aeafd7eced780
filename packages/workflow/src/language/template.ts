/** A step's template as a program, and its value with what is known filled in. */
import type { PathElement, Program, Value } from "@slipway/cue";
import { compile, storedDefinitions } from "@slipway/cue";
import type { JsonValue } from "@slipway/std";
import { loadPackage } from "./packages.ts";

/** What is unified at a place of the template's value. */
export interface Fill {
  readonly path: readonly PathElement[];
  readonly data: JsonValue;
}

/** The template of a step type with `context` and `parameter` declared, since their data comes from outside. */
export function compileTemplate(template: string, type: string, extra?: string): Program {
  const files = [
    { filename: `${type}.cue`, text: template },
    { filename: "data", text: "context: _\nparameter: _" },
    ...(extra === undefined ? [] : [{ filename: "expression", text: extra }]),
  ];
  return compile(files, { ...storedDefinitions, imports: loadPackage });
}

export function instantiate(program: Program, fills: readonly Fill[]): Value {
  let value = program.instance();
  for (const { path, data } of fills) value = value.fill(path, data);
  return value;
}
