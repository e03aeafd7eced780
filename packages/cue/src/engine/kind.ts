/** Sets of kinds as bits, and their names in messages. */
export const nullKind = 1;
export const boolKind = 2;
export const intKind = 4;
export const floatKind = 8;
export const stringKind = 16;
export const bytesKind = 32;
export const structKind = 64;
export const listKind = 128;
/** A function value; no data has it. */
export const funcKind = 256;
export const numberKind = 12;
export const topKind = 511;
export const compositeKind = 192;
export const bottomKind = 0;

const names: readonly (readonly [number, string])[] = [
  [nullKind, "null"],
  [boolKind, "bool"],
  [intKind, "int"],
  [floatKind, "float"],
  [stringKind, "string"],
  [bytesKind, "bytes"],
  [funcKind, "func"],
  [listKind, "list"],
  [structKind, "struct"],
];

/** `string`, `number`, `(string|struct)`, `_` for all, `_|_` for none: as messages write a set of kinds. */
export function kindText(mask: number): string {
  if (mask === topKind) return "_";
  if (mask === bottomKind) return "_|_";
  const parts: string[] = [];
  const isNumber = (mask & numberKind) === numberKind;
  for (const [bit, name] of names) if ((mask & bit) !== 0 && !(isNumber && (bit & numberKind) !== 0)) parts.push(name);
  if (isNumber) parts.push("number");
  return parts.length === 1 ? (parts[0] ?? "") : `(${parts.join("|")})`;
}
