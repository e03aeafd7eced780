/** How messages write values and expressions: short, on one line. */
import { formatDecimal } from "../number/decimal.ts";
import { arcMember, arcOptional, arcRequired } from "./expr.ts";
import type { Clause, Comprehension, Declaration, Elem, Expr } from "./expr.ts";
import { kindText, topKind } from "./kind.ts";
import { isLet, isString, labelName, selectorText, isPlainLabel, isInt } from "./label.ts";
import type { Label } from "./label.ts";
import type { BaseValue, Builtin, Scalar, Value } from "./value.ts";
import { Vertex } from "./vertex.ts";
import { messageText } from "./message.ts";

/** Parts deeper than this are left out. */
const maxDepth = 20;

export function formatScalar(value: Scalar): string {
  switch (value.type) {
    case "null":
      return "null";
    case "bool":
      return String(value.value);
    case "int":
      return String(value.value);
    case "float":
      return formatDecimal(value.value);
    case "string":
      return quote(value.value);
    case "bytes":
      return quoteBytes(value.value);
  }
}

function quote(text: string): string {
  let out = '"';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (char === '"' || char === "\\") out += `\\${char}`;
    else if (char === "\n") out += "\\n";
    else if (char === "\t") out += "\\t";
    else if (char === "\r") out += "\\r";
    else if (char === "\u0007") out += "\\a";
    else if (char === "\b") out += "\\b";
    else if (char === "\f") out += "\\f";
    else if (char === "\v") out += "\\v";
    else if (code < 32 || code === 127) out += `\\u${code.toString(16).padStart(4, "0")}`;
    else out += char;
  }
  return `${out}"`;
}

function quoteBytes(bytes: Uint8Array): string {
  const text = new TextDecoder("utf-8", { fatal: false }).decode(bytes);
  let out = "'";
  if (text.includes("\ufffd")) {
    for (const byte of bytes) out += byte >= 32 && byte < 127 && byte !== 39 && byte !== 92 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
    return `${out}'`;
  }
  return `'${quote(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

export function formatValue(value: Value | BaseValue, depth = 0): string {
  if (value === undefined) return "_";
  switch (value.type) {
    case "top":
      return "_";
    case "basicType":
      return formatKind(value.kind);
    case "bound":
      return value.op + formatValue(value.value, depth);
    case "conjunction":
      return value.values.map((each) => formatValue(each, depth)).join(" & ");
    case "disjunction":
      return value.values.map((each, i) => (i < value.defaults ? "*" : "") + formatValue(each, depth)).join(" | ");
    case "builtin":
      return builtinName(value);
    case "validator":
      return value.args.length === 0 && value.call === undefined
        ? builtinName(value.builtin)
        : `${builtinName(value.builtin)}(${value.args.map((each) => formatValue(each, depth)).join(", ")})`;
    case "bottom": {
      if (value.literal || depth > maxDepth) return "_|_";
      const [first, ...rest] = value.messages;
      if (first === undefined) return "_|_";
      const path = first.path ?? first.vertex?.path().map(selectorText) ?? [];
      const more = rest.length > 0 ? ` (and ${rest.length} more errors)` : "";
      return `_|_(${path.length > 0 ? `${path.join(".")}: ` : ""}${messageText(first, depth + 1)}${more})`;
    }
    case "structMarker":
      return "{}";
    case "listMarker":
      return "[]";
    case "vertex":
      return formatVertex(value, depth);
    default:
      return formatScalar(value);
  }
}

function formatKind(kind: number): string {
  return kind === topKind ? "_" : kindText(kind).replace(/^\((.*)\)$/, "$1").replaceAll("|", " | ");
}

export function builtinName(builtin: Builtin): string {
  return builtin.packageName === "" ? builtin.name : `${builtin.packageName}.${builtin.name}`;
}

function formatVertex(given: Vertex, depth: number): string {
  const vertex = given.derefValue();
  const { base } = vertex;
  if (depth > maxDepth) return "...";
  if (base?.type === "listMarker") {
    const elements = vertex.elements().map((element) => formatVertex(element, depth + 1));
    if (base.isOpen) elements.push("...");
    return `[${elements.join(",")}]`;
  }
  if (base?.type === "structMarker" || ((base === undefined || base.type === "bottom") && vertex.arcs.length > 0)) return `{${formatArcs(vertex, depth)}}`;
  if (base === undefined) {
    const [conjunct] = vertex.conjuncts;
    return conjunct === undefined ? "_" : vertex.conjuncts.map((each) => formatExpr(each.elem, depth + 1)).join(" & ");
  }
  return formatValue(base, depth);
}

function formatArcs(vertex: Vertex, depth: number): string {
  const parts: string[] = [];
  for (const arc of vertex.arcs) {
    if (isLet(arc.label) || arc.arc > arcOptional) continue;
    const mark = arc.arc === arcOptional ? "?" : arc.arc === arcRequired ? "!" : "";
    parts.push(`${fieldLabel(arc.label)}${mark}:${formatVertex(arc, depth + 1)}`);
  }
  return parts.join(",");
}

function fieldLabel(label: Label): string {
  const name = labelName(label);
  return isString(label) && !isInt(label) && !isPlainLabel(name) ? quote(name) : name;
}

/** An expression as it is compiled: references by their names. */
export function formatExpr(elem: Elem | Comprehension | Declaration, depth = 0): string {
  if (depth > maxDepth) return "...";
  const sub = (expr: Expr | Comprehension): string => formatExpr(expr, depth + 1);
  switch (elem.type) {
    case "field":
      return `${fieldLabel(elem.label)}${elem.arc === arcMember ? "" : elem.arc === arcOptional ? "?" : "!"}:${sub(elem.value)}`;
    case "letField":
      return `let ${elem.name}=${sub(elem.value)}`;
    case "patternField":
      return `[${sub(elem.filter)}]:${sub(elem.value)}`;
    case "dynamicField":
      return `(${sub(elem.key)}):${sub(elem.value)}`;
    case "ellipsis":
      return `...${elem.value === undefined ? "" : sub(elem.value)}`;
    case "comprehension":
      return `${elem.clauses.map((clause) => formatClause(clause, depth)).join(" ")} ${sub(elem.value)}`;
    case "structLit":
      return `{${elem.decls.map((decl) => formatExpr(decl, depth + 1)).join(",")}}`;
    case "listLit":
      return `[${elem.elements.map((each) => formatExpr(each, depth + 1)).join(",")}]`;
    case "fieldReference":
      return labelName(elem.label);
    case "letReference":
      return labelName(elem.label);
    case "valueReference":
    case "labelReference":
    case "dynamicReference":
    case "importReference":
      return elem.name;
    case "nodeLink":
      return formatVertex(elem.vertex, depth + 1);
    case "selector":
      return `${sub(elem.operand)}.${selectorText(elem.label)}`;
    case "index":
      return `${sub(elem.operand)}[${sub(elem.index)}]`;
    case "slice":
      return `${sub(elem.operand)}[${elem.low === undefined ? "" : sub(elem.low)}:${elem.high === undefined ? "" : sub(elem.high)}]`;
    case "interpolation":
      return `"${elem.parts.map((part, i) => (i % 2 === 0 && part.type === "string" ? part.value : `\\(${sub(part)})`)).join("")}"`;
    case "boundExpr":
      return elem.op + sub(elem.operand);
    case "unary":
      return elem.op + sub(elem.operand);
    case "binary":
      return `(${sub(elem.left)} ${elem.op} ${sub(elem.right)})`;
    case "call":
      return `${sub(elem.callee)}(${elem.args.map(sub).join(", ")})`;
    case "disjunctionExpr":
      return `(${elem.alternatives.map((each) => (each.isDefault ? "*" : "") + sub(each.value)).join("|")})`;
    case "openExpr":
      return `${sub(elem.operand)}...`;
    default:
      return formatValue(elem, depth);
  }
}

function formatClause(clause: Clause, depth: number): string {
  switch (clause.type) {
    case "if":
      return `if ${formatExpr(clause.condition, depth + 1)}`;
    case "let":
      return `let ${labelName(clause.label)} = ${formatExpr(clause.value, depth + 1)}`;
    case "for": {
      const names = [clause.key, clause.value].flatMap((label) => (label === undefined ? [] : [labelName(label)]));
      return `for ${names.join(", ")} in ${formatExpr(clause.source, depth + 1)}`;
    }
  }
}
