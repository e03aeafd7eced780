/** Types first, then expressions, then literals; by position among equals. */
import type { Elem, Position } from "../engine/expr.ts";

function rank(elem: Elem): number {
  switch (elem.type) {
    case "top":
    case "basicType":
      return 0;
    case "null":
    case "bool":
    case "int":
    case "float":
    case "string":
    case "bytes":
    case "structLit":
    case "listLit":
    case "vertex":
      return 2;
    default:
      return 1;
  }
}

/** A function that checks without arguments stands where it is called. */
function positionOf(elem: Elem): Position | undefined {
  return elem.type === "validator" ? (elem.call?.position ?? elem.position) : elem.position;
}

export function compareElems(a: Elem, b: Elem): number {
  const byRank = rank(a) - rank(b);
  if (byRank !== 0) return byRank;
  const x = positionOf(a);
  const y = positionOf(b);
  if (x === undefined || y === undefined) return 0;
  const byFile = x.file.filename < y.file.filename ? -1 : x.file.filename > y.file.filename ? 1 : 0;
  return byFile === 0 ? x.offset - y.offset : byFile;
}
