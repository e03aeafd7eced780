/**
 * Labels of arcs. A number is a list index. A string is a regular field unless it starts with the mark U+0001, which is
 * followed by the sign of its kind: `#` a definition, `_` hidden, `=` a `let`, `.` a regular field that starts with the
 * mark itself. Hidden labels carry the package that they belong to, lets the place where they are declared.
 */
export type Label = string | number;

const mark = "\u0001";

export function regularLabel(text: string): Label {
  return text.charCodeAt(0) === 1 ? `${mark}.${text}` : text;
}

/** The label that an identifier declares: `a`, `#D`, `_h`, `_#h`. */
export function identLabel(name: string, packagePath: string): Label {
  if (name.startsWith("#")) return mark + name;
  if (name.startsWith("_")) return `${mark}${name}${mark}${packagePath}`;
  return name;
}

export function letLabel(name: string, id: number): Label {
  return `${mark}=${name}${mark}${id}`;
}

function sign(label: Label): string {
  return typeof label === "string" && label.charCodeAt(0) === 1 ? label.charAt(1) : "";
}

export function isInt(label: Label): label is number {
  return typeof label === "number";
}
/** A field that is part of a struct's data. */
export function isString(label: Label): boolean {
  return typeof label === "string" && (label.charCodeAt(0) !== 1 || label.charCodeAt(1) === 46);
}
export function isRegular(label: Label): boolean {
  return typeof label === "number" || isString(label);
}
export function isLet(label: Label): boolean {
  return typeof label === "string" && label.charCodeAt(1) === 61 && label.charCodeAt(0) === 1;
}
/** `#D` and `_#d`. */
export function isDefinition(label: Label): boolean {
  const at = sign(label);
  return at === "#" || (at === "_" && (label as string).charAt(2) === "#");
}
export function isHidden(label: Label): boolean {
  return sign(label) === "_";
}

/** What the label names, without quoting: `a b`, `#D`, `_h`, `X` for a let. */
export function labelName(label: Label): string {
  if (typeof label === "number") return String(label);
  if (label.charCodeAt(0) !== 1) return label;
  const end = label.indexOf(mark, 1);
  const text = end < 0 || label.charAt(1) === "." ? label.slice(1) : label.slice(1, end);
  return text.startsWith("=") || text.startsWith(".") ? text.slice(1) : text;
}

/** The package a hidden label belongs to. */
export function hiddenPackage(label: Label): string {
  const text = String(label);
  return text.slice(text.indexOf(mark, 1) + 1);
}

const identifier = /^[\p{L}$_][\p{L}\p{Nd}$_]*$/u;

/** Whether a regular label can stand unquoted. */
export function isPlainLabel(text: string): boolean {
  return identifier.test(text) && !text.startsWith("_");
}

/** As in a path or a message: quoted where an identifier does not do. */
export function selectorText(label: Label): string {
  const name = labelName(label);
  if (!isString(label) || isPlainLabel(name)) return name;
  return JSON.stringify(name);
}
