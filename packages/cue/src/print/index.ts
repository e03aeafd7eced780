/** Values as CUE text, in the styles of the reference's `eval`, `export` and `def`. */
import type { Value } from "../api.ts";
import { formatFile } from "../format/format.ts";
import { CueValue } from "../value/cue-value.ts";
import { definitionFile, valueFile } from "./documents.ts";
import type { Profile } from "./profile.ts";

export interface PrintOptions {
  /** `eval`: values with defaults taken; `def`: as declared; `export`: concrete data. */
  readonly style: "eval" | "def" | "export";
  readonly concrete?: boolean;
  readonly hidden?: boolean;
  readonly optional?: boolean;
  readonly attributes?: boolean;
  /** Errors are written as `_|_` rather than refused. */
  readonly errorsAsValues?: boolean;
  /** References to packages that are not built in are written out. */
  readonly inlineImports?: boolean;
  readonly indent?: string;
  readonly simplify?: boolean;
  readonly compact?: boolean;
  /** Fields by name, rather than in the order of the language. */
  readonly sortFields?: boolean;
  /** A package clause to begin with. */
  readonly package?: string;
}

/** The value as a CUE file, with a line break at its end. Errors are `_|_` with their message in a comment. */
export function printValue(value: Value, options: PrintOptions): string {
  if (!(value instanceof CueValue)) return value.describe();
  const profile = profileOf(options);
  const file = options.style === "def" ? definitionFile(value, profile, options.package) : valueFile(value, profile, options.package);
  const text = formatFile(file, { simplify: options.simplify === true, compact: options.compact === true });
  const { indent } = options;
  return indent === undefined ? text : text.replace(/^\t+/gm, (tabs) => indent.repeat(tabs.length));
}

function profileOf(options: PrintOptions): Profile {
  const isConcrete = options.concrete === true || options.style === "export";
  const isDefinition = options.style === "def";
  return {
    simplify: true,
    final: false,
    takeDefaults: !isDefinition,
    optional: isDefinition || (options.optional === true && !isConcrete),
    definitions: isDefinition || !isConcrete,
    hidden: isDefinition || (options.hidden === true && !isConcrete),
    docs: options.style !== "eval",
    attributes: options.attributes === true,
    errors: options.errorsAsValues === true,
    inlineImports: options.inlineImports === true,
    sorted: options.sortFields === true,
  };
}
