/** Scalars, and what the lattice does with them. */

export type AtomKind = "null" | "bool" | "int" | "float" | "string" | "bytes";

export interface Atom {
  readonly kind: AtomKind;
  /** int: number while safe, else bigint. float: number. bytes: one character a byte. */
  readonly value: null | boolean | number | bigint | string;
}

export const nullAtom: Atom = { kind: "null", value: null };
export const trueAtom: Atom = { kind: "bool", value: true };
export const falseAtom: Atom = { kind: "bool", value: false };

export function boolAtom(value: boolean): Atom {
  return value ? trueAtom : falseAtom;
}

export function stringAtom(value: string): Atom {
  return { kind: "string", value };
}

export function intAtom(value: number | bigint): Atom {
  if (typeof value === "number") return { kind: "int", value };
  const small = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
  return { kind: "int", value: small ? Number(value) : value };
}

export function floatAtom(value: number): Atom {
  return { kind: "float", value };
}

/** Bit set of kinds; `number` is int or float. */
export const kinds = { null: 1, bool: 2, int: 4, float: 8, string: 16, bytes: 32, struct: 64, list: 128 } as const;
export const anyKind = 255;
export const numberKind: number = kinds.int | kinds.float;

export function atomsEqual(a: Atom, b: Atom): boolean {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b) === 0;
  return a.kind === b.kind && a.value === b.value;
}

/** Unification of atoms: an int and a float are different values even when equal in size. */
export function sameAtom(a: Atom, b: Atom): boolean {
  return a.kind === b.kind && a.value === b.value;
}

export function isNumber(atom: Atom): boolean {
  return atom.kind === "int" || atom.kind === "float";
}

export function compareNumbers(a: Atom, b: Atom): number {
  const x = a.value as number | bigint;
  const y = b.value as number | bigint;
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Order of two atoms of one kind (numbers mix); `undefined` when they have none. */
export function compareAtoms(a: Atom, b: Atom): number | undefined {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  if (a.kind !== b.kind || (a.kind !== "string" && a.kind !== "bytes")) return undefined;
  return compareText(a.value as string, b.value as string);
}

/** By code point, which is the order of UTF-8 bytes. */
function compareText(a: string, b: string): number {
  const x = [...a];
  const y = [...b];
  for (let i = 0; i < x.length && i < y.length; i++) {
    const difference = (x[i]?.codePointAt(0) ?? 0) - (y[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  return Math.sign(x.length - y.length);
}

/** A literal number: separators, prefixes and multipliers. */
export function parseNumber(raw: string, kind: "int" | "float"): Atom {
  const text = raw.replaceAll("_", "");
  if (kind === "float") return floatAtom(Number(text));
  const multiplier = /^(\d*\.?\d*)([KMGTP])(i?)$/.exec(text);
  if (multiplier !== null) {
    const power = "KMGTP".indexOf(multiplier[2] ?? "K") + 1;
    const base = multiplier[3] === "i" ? 1024 : 1000;
    return intAtom(Math.round(Number(multiplier[1]) * base ** power));
  }
  return intAtom(BigInt(text.replace(/^0(?=\d)/, "")));
}

export function formatNumber(atom: Atom): string {
  if (atom.kind === "int") return String(atom.value);
  const value = atom.value as number;
  const text = String(value);
  return /[.eE]|Infinity|NaN/.test(text) ? text : `${text}.0`;
}

/** How messages and `print` write an atom. */
export function formatAtom(atom: Atom): string {
  switch (atom.kind) {
    case "null":
      return "null";
    case "bool":
      return String(atom.value);
    case "int":
    case "float":
      return formatNumber(atom);
    case "string":
      return JSON.stringify(atom.value);
    case "bytes":
      return `'${String(atom.value).replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n")}'`;
  }
}

/** A set of kinds as messages write it. */
export function kindText(mask: number): string {
  if (mask === anyKind) return "_";
  const names: string[] = [];
  if ((mask & numberKind) === numberKind) names.push("number");
  else for (const name of ["int", "float"] as const) if ((mask & kinds[name]) !== 0) names.push(name);
  for (const name of ["null", "bool", "string", "bytes", "list", "struct"] as const) if ((mask & kinds[name]) !== 0) names.push(name);
  return names.length === 0 ? "_|_" : names.join(" | ");
}
