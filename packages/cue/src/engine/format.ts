/** How messages write values and expressions: short, on one line. */
import { formatDecimal } from "../number/decimal.ts";
import { arcMember, arcOptional, arcRequired } from "./expr.ts";
import type { Clause, Comprehension, Declaration, Elem, Expr } from "./expr.ts";
import { kindText, numberKind, topKind } from "./kind.ts";
import { isLet, isString, labelName, selectorText, isPlainLabel, isInt } from "./label.ts";
import type { Label } from "./label.ts";
import { predeclaredTypes } from "./predeclared.ts";
import type { BaseValue, Builtin, Conjunction, Disjunction, Scalar, Value } from "./value.ts";
import { isScalar, isValue } from "./value.ts";
import { Vertex } from "./vertex.ts";
import { isNode } from "./context.ts";
import type { Message } from "./bottom.ts";

const texts = new WeakMap<object, string>();

/** Parts deeper than this are left out. */
const maxDepth = 20;
/** So are those beyond this many: values share parts, so that few of them may be written as very many. */
const maxParts = 1_000_000;
const maxPartsOfMessage = 10_000;

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
    for (const byte of bytes)
      out +=
        byte >= 32 && byte < 127 && byte !== 39 && byte !== 92 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
    return `${out}'`;
  }
  return `'${quote(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A value as CUE text on one line; an error with its reason. */
export function formatValue(value: Value | BaseValue): string {
  return new Formatter(maxParts, false).value(value, 0);
}

/** An expression as it is told where it is the subject. */
export function formatExpression(expr: Expr): string {
  return new Formatter(maxPartsOfMessage, true).bare(expr);
}

/** One argument of a message, as the message writes it. */
export function formatArgument(message: Message, index: number): string {
  return formatMessage({ ...message, format: "%s", args: message.args.slice(index, index + 1), cause: undefined });
}

/** The message without its path and positions. */
export function formatMessage(message: Message): string {
  return new Formatter(maxPartsOfMessage, true).message(message, 0);
}

/** `uint8` rather than its bounds. */
function predeclaredName(value: Conjunction): string | undefined {
  for (const [name, type] of predeclaredTypes) {
    if (type.type !== "conjunction") continue;
    // That it is a number, its bounds say already.
    const parts = type.values.filter((part) => part.type !== "basicType" || part.kind !== numberKind);
    const given = value.values.filter((part) => part.type !== "basicType" || part.kind !== numberKind);
    if (parts.length === given.length && parts.every((part) => given.some((each) => isSameTerm(part, each)))) return name;
  }
  return undefined;
}

function isSameTerm(a: Value, b: Value): boolean {
  if (a.type === "basicType") return b.type === "basicType" && a.kind === b.kind;
  if (a.type !== "bound" || b.type !== "bound" || a.op !== b.op) return false;
  return a.value === b.value || (isScalar(a.value) && isScalar(b.value) && formatScalar(a.value) === formatScalar(b.value));
}

function formatKind(kind: number): string {
  return kind === topKind
    ? "_"
    : kindText(kind)
        .replace(/^\((.*)\)$/, "$1")
        .replaceAll("|", " | ");
}

export function builtinName(builtin: Builtin): string {
  return builtin.packageName === "" ? builtin.name : `${builtin.packageName}.${builtin.name}`;
}

function pathText(labels: readonly Label[]): string {
  return labels.map(selectorText).join(".");
}

class Formatter {
  /** Parts that may still be written. */
  #left: number;
  /** A part that shares the value of another place is told by that place. */
  readonly #tellsShared: boolean;
  /** How many disjunctions are being written. */
  #copies = 0;
  /** Vertices being written, against cycles. */
  readonly #open = new Set<Vertex>();

  constructor(parts: number, tellsShared: boolean) {
    this.#left = parts;
    this.#tellsShared = tellsShared;
  }

  #isBeyond(depth: number): boolean {
    return depth > maxDepth || this.#left-- <= 0;
  }

  /** An expression that stands by itself needs no parentheses. */
  bare(expr: Expr): string {
    const text = this.#expr(expr, 0);
    return expr.type === "binary" ? text.slice(1, -1) : text;
  }

  message(message: Message, depth: number): string {
    let i = 0;
    const text = message.format.replaceAll("%s", () => this.#argument(message.args[i++], depth));
    if (message.cause === undefined || this.#isBeyond(depth)) return text;
    return `${text}: ${message.cause.map((cause) => this.message(cause, depth + 1)).join(", ")}`;
  }

  #argument(arg: unknown, depth: number): string {
    if (!isNode(arg)) return String(arg);
    if (arg instanceof Vertex || isValue(arg)) return this.value(arg, depth);
    // Every alternative of a long disjunction may fail by a message that tells the whole of its struct.
    const known = texts.get(arg);
    if (known !== undefined) return known;
    const text = this.#expr(arg, depth);
    if (depth === 0) texts.set(arg, text);
    return text;
  }

  value(value: Value | BaseValue, depth: number): string {
    if (value === undefined) return "_";
    switch (value.type) {
      case "top":
        return "_";
      case "basicType":
        return formatKind(value.kind);
      case "bound":
        return value.op + this.value(value.value, depth);
      case "conjunction":
        return predeclaredName(value) ?? value.values.map((each) => this.value(each, depth)).join(" & ");
      case "disjunction":
        return this.#disjunction(value, depth);
      case "builtin":
        return builtinName(value);
      case "validator": {
        const name = builtinName(value.builtin);
        return `${name}(${value.args.map((each) => this.value(each, depth)).join(", ")})`;
      }
      case "bottom": {
        if (value.literal || this.#isBeyond(depth)) return "_|_";
        const [first, ...rest] = value.messages;
        if (first === undefined) return "_|_";
        const path = first.path?.join(".") ?? pathText(first.vertex?.path() ?? []);
        const more = rest.length > 0 ? ` (and ${rest.length} more errors)` : "";
        return `_|_(${path === "" ? "" : `${path}: `}${this.message(first, depth + 1)}${more})`;
      }
      case "structMarker":
        return "{}";
      case "listMarker":
        return "[]";
      case "vertex":
        return this.#vertex(value, depth);
      default:
        return formatScalar(value);
    }
  }

  #disjunction(value: Disjunction, depth: number): string {
    // Alternatives are copies: nothing in them is shared.
    this.#copies++;
    const text = value.values.map((each, i) => (i < value.defaults ? "*" : "") + this.value(each, depth)).join(" | ");
    this.#copies--;
    return text;
  }

  #vertex(given: Vertex, depth: number): string {
    const vertex = given.derefValue();
    if (this.#open.has(vertex)) return "_";
    if (this.#isBeyond(depth)) return "...";
    this.#open.add(vertex);
    const text = this.#content(vertex, depth);
    this.#open.delete(vertex);
    return text;
  }

  /** A field or an element. */
  #part(arc: Vertex, depth: number): string {
    if (this.#tellsShared && this.#copies === 0 && arc.isShared && arc.base?.type === "vertex") {
      const shared = arc.derefValue();
      if (shared.isRooted() && !shared.isDetached() && shared.parent !== undefined) return `~(${pathText(shared.path())})`;
    }
    return this.#vertex(arc, depth);
  }

  #content(vertex: Vertex, depth: number): string {
    const { base } = vertex;
    if (base?.type === "listMarker") {
      const elements = vertex.elements().map((element) => this.#part(element, depth + 1));
      if (base.isOpen) elements.push("...");
      return `[${elements.join(",")}]`;
    }
    if (base?.type === "structMarker" || ((base === undefined || base.type === "bottom") && vertex.arcs.length > 0))
      return `{${this.#arcs(vertex, depth)}}`;
    if (base !== undefined) return this.value(base, depth);
    if (vertex.conjuncts.length === 0) return "_";
    return vertex.conjuncts.map((each) => this.#expr(each.elem, depth + 1)).join(" & ");
  }

  #arcs(vertex: Vertex, depth: number): string {
    const parts: string[] = [];
    for (const arc of vertex.arcs) {
      if (isLet(arc.label) || arc.arc > arcOptional) continue;
      const mark = arc.arc === arcOptional ? "?" : arc.arc === arcRequired ? "!" : "";
      parts.push(`${fieldLabel(arc.label)}${mark}:${this.#part(arc, depth + 1)}`);
    }
    return parts.join(",");
  }

  /** An expression as it is compiled: references by their names. */
  #expr(elem: Elem | Comprehension | Declaration, depth: number): string {
    if (this.#isBeyond(depth)) return "...";
    const sub = (expr: Expr | Comprehension): string => this.#expr(expr, depth + 1);
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
        return `${elem.clauses.map((clause) => this.#clause(clause, depth)).join(" ")} ${sub(elem.value)}`;
      case "structLit":
        return `{${elem.decls.map((decl) => this.#expr(decl, depth + 1)).join(",")}}`;
      case "listLit":
        return `[${elem.elements.map((each) => this.#expr(each, depth + 1)).join(",")}]`;
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
        return this.#vertex(elem.vertex, depth + 1);
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
        return this.value(elem, depth);
    }
  }

  #clause(clause: Clause, depth: number): string {
    switch (clause.type) {
      case "if":
        return `if ${this.#expr(clause.condition, depth + 1)}`;
      case "let":
        return `let ${labelName(clause.label)} = ${this.#expr(clause.value, depth + 1)}`;
      case "for": {
        const names = [clause.key, clause.value].flatMap((label) => (label === undefined ? [] : [labelName(label)]));
        return `for ${names.join(", ")} in ${this.#expr(clause.source, depth + 1)}`;
      }
    }
  }
}

function fieldLabel(label: Label): string {
  const name = labelName(label);
  return isString(label) && !isInt(label) && !isPlainLabel(name) ? quote(name) : name;
}
