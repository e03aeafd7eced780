/** Parts of the text of syntax nodes. */
import type * as ast from "../syntax/ast.ts";
import { quoteBytes, quoteString } from "../syntax/quote.ts";
import { isIdentifier } from "./literals.ts";

/** The text around the expressions of an interpolation that has no source. */
export function composed({ kind, parts }: ast.Interpolation): string[] {
  const char = kind === "string" ? '"' : "'";
  return parts.map((part, i) => {
    const quoted = kind === "string" ? quoteString(part) : quoteBytes(Uint8Array.from(part, (byte) => byte.charCodeAt(0)));
    return `${i === 0 ? char : ")"}${quoted.slice(1, -1)}${i === parts.length - 1 ? char : "\\("}`;
  });
}

export function clauseParts(clause: ast.Clause): { readonly head: string; readonly expr: ast.Expression } {
  switch (clause.type) {
    case "For":
      return { head: `for ${clause.key === undefined ? "" : `${clause.key}, `}${clause.value} in`, expr: clause.source };
    case "If":
      return { head: "if", expr: clause.condition };
    case "LetIn":
      return { head: `let ${clause.name} =`, expr: clause.value };
  }
}

/** An alias before `=~` keeps its distance: `X==~` would read as `X == ~`. */
export function separator(value: ast.Expression): "" | " " {
  return value.type === "Unary" && value.op.startsWith("=") ? " " : "";
}

export function postfixText({ key, value }: ast.PostfixAlias): string {
  return key === undefined ? `~(${value ?? "_"})` : `~(${key},${value ?? "_"})`;
}

export function attributeText({ name, body }: ast.Attribute): string {
  return `@${name}(${body})`;
}

export function selectorText(label: ast.Selector["label"]): string {
  if (label.type === "StringLabel") return label.raw === "" ? quoteString(label.value) : label.raw;
  return isIdentifier(label.name) ? label.name : quoteString(label.name);
}
