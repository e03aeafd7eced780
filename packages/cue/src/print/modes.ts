/** Values in the modes of the reference's exporter. */
import type { Value } from "../api.ts";
import { formatExpression, formatFile } from "../format/format.ts";
import { CueValue } from "../value/cue-value.ts";
import { definitionFile } from "./documents.ts";
import { Exporter } from "./exporter.ts";
import type { Profile } from "./profile.ts";
import { all, evaluated, final, raw, simplified } from "./profile.ts";
import { vertexExpr } from "./values.ts";

const sections: readonly (readonly [string, Profile])[] = [
  ["Simplified", simplified],
  ["Raw", raw],
  ["Final", final],
  ["All", { ...all, errors: true }],
  ["Eval", evaluated],
];

/**
 * `definition`: as declared; `self/default` and `self/expand_imports`: so that it stands on its own; `value`: evaluated, by each profile under a heading of its own; `order`: evaluated, without
 * headings. A version after a dash is ignored. Undefined for any other mode.
 */
export function exportMode(value: Value, mode: string): string | undefined {
  if (!(value instanceof CueValue)) return undefined;
  switch (mode.replace(/-v3(-noshare)?/, "")) {
    case "value":
      return sections.map(([name, profile]) => `== ${name}\n${asExpression(value, profile)}\n`).join("");
    case "order":
      return asExpression(value, { ...simplified, definitions: true, optional: true, docs: false });
    case "definition":
      return formatFile(definitionFile(value, all));
    case "self/default":
    case "self/expand_imports":
      return formatFile(definitionFile(value, { ...all, inlineImports: mode.endsWith("expand_imports") }));
    default:
      return undefined;
  }
}

function asExpression(value: CueValue, profile: Profile): string {
  const { vertex, instance } = value;
  if (vertex === undefined) return "_|_";
  instance.engine.finalize(instance.root);
  return formatExpression(vertexExpr(new Exporter(profile, instance.engine, vertex), vertex));
}
