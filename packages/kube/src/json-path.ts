/**
 * kubectl's JSONPath (`client-go/util/jsonpath`), as far as printer columns and `-o jsonpath` of one value use it:
 * `.a.b`, `.a\.b`, `['a.b']`, `[0]`, `[-1]`, `[1:3]`, `[0,2]`, `[*]`, `.*`, `..a`, `[?(@.x=="y")]`.
 *
 * Not here: templates (`{range}`, text around braces), which kubectl evaluates itself.
 */
import { AppError } from "@slipway/std";
import { getOwn, isRecord } from "./own-property.ts";

type Step =
  | { readonly type: "field"; readonly name: string }
  | { readonly type: "index"; readonly index: number }
  | { readonly type: "slice"; readonly start: number | undefined; readonly end: number | undefined; readonly step: number }
  | { readonly type: "all" }
  | { readonly type: "descend" }
  | { readonly type: "union"; readonly branches: readonly Step[] }
  | { readonly type: "filter"; readonly left: readonly Step[]; readonly operator: string | undefined; readonly right: Operand | undefined };
type Operand = { readonly literal: string | number | boolean | null } | { readonly path: readonly Step[] };

/** A parsed path: give it a value, get all that it selects, in document order. */
export type JsonPath = (value: unknown) => unknown[];

/** Braces and a leading `$` are optional. Throws `KUBE_JSON_PATH`. */
export function compileJsonPath(text: string): JsonPath {
  let source = text.trim();
  if (source.startsWith("{") && source.endsWith("}")) source = source.slice(1, -1).trim();
  const steps = parsePath(source.replace(/^[$@]/, ""), text);
  return (value) => select(steps, [value]);
}

/** `compileJsonPath` and its use in one: for paths that are used once. */
export function evaluateJsonPath(text: string, value: unknown): unknown[] {
  return compileJsonPath(text)(value);
}

function parsePath(source: string, whole: string): Step[] {
  const fail = (why: string): AppError => new AppError("KUBE_JSON_PATH", `jsonpath ${JSON.stringify(whole)}: ${why}`, { retry: "never" });
  const steps: Step[] = [];
  let rest = source;
  while (rest !== "") {
    if (rest.startsWith("..")) {
      steps.push({ type: "descend" });
      rest = rest.startsWith("..[") ? rest.slice(2) : rest.slice(1);
      continue;
    }
    if (rest.startsWith("[")) {
      const end = closingBracket(rest);
      if (end < 0) throw fail("a bracket is not closed");
      steps.push(parseBracket(rest.slice(1, end).trim(), whole, fail));
      rest = rest.slice(end + 1);
      continue;
    }
    // The first field may stand without its dot: `metadata.name`.
    const match = /^\.?((?:\\.|[^.[\]\\\s])+)/.exec(rest);
    if (match === null) {
      if (rest === ".") break;
      throw fail(`cannot read ${JSON.stringify(rest)}`);
    }
    const name = (match[1] ?? "").replace(/\\(.)/g, "$1");
    steps.push(name === "*" ? { type: "all" } : { type: "field", name });
    rest = rest.slice(match[0].length);
  }
  return steps;
}

/** The index of the bracket that closes the first one, past quotes and nested brackets. */
function closingBracket(text: string): number {
  let depth = 0;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? "";
    if (quote !== "") {
      if (char === "\\") i++;
      else if (char === quote) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === "[") depth++;
    else if (char === "]" && --depth === 0) return i;
  }
  return -1;
}

function parseBracket(inside: string, whole: string, fail: (why: string) => AppError): Step {
  if (inside === "*") return { type: "all" };
  const filter = /^\?\s*\((.*)\)$/s.exec(inside);
  if (filter !== null) return parseFilter((filter[1] ?? "").trim(), whole, fail);
  const parts = inside.match(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^,'"]+/g) ?? [];
  const branches = parts.map((part): Step => {
    const text = part.trim();
    if (/^(['"]).*\1$/s.test(text)) return { type: "field", name: unquote(text) };
    if (/^-?\d+$/.test(text)) return { type: "index", index: Number(text) };
    const slice = /^(-?\d+)?:(-?\d+)?(?::(\d+))?$/.exec(text);
    if (slice === null) throw fail(`cannot read [${inside}]`);
    const bound = (value: string | undefined): number | undefined => (value === undefined ? undefined : Number(value));
    const step = bound(slice[3]) ?? 1;
    if (step < 1) throw fail("a slice's step must be at least 1");
    return { type: "slice", start: bound(slice[1]), end: bound(slice[2]), step };
  });
  const [first] = branches;
  if (first === undefined) throw fail("empty brackets");
  return branches.length === 1 ? first : { type: "union", branches };
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/gs, "$1");
}

const filterPattern = /^((?:[^"'=!<>]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')+?)\s*(?:(==|!=|<=|>=|<|>)\s*(.+))?$/s;

function parseFilter(text: string, whole: string, fail: (why: string) => AppError): Step {
  const match = filterPattern.exec(text);
  const [, left = "", operator, right] = match ?? [];
  if (match === null || !left.startsWith("@")) throw fail(`cannot read the filter (${text})`);
  const operand = (source: string): Operand => {
    if (source.startsWith("@")) return { path: parsePath(source.slice(1), whole) };
    if (/^(['"]).*\1$/s.test(source)) return { literal: unquote(source) };
    if (/^-?\d+(\.\d+)?$/.test(source)) return { literal: Number(source) };
    if (source === "true" || source === "false") return { literal: source === "true" };
    if (source === "nil" || source === "null") return { literal: null };
    throw fail(`cannot read ${source} in a filter`);
  };
  return {
    type: "filter",
    left: parsePath(left.slice(1).trim(), whole),
    operator,
    right: right === undefined ? undefined : operand(right.trim()),
  };
}

function select(steps: readonly Step[], values: readonly unknown[]): unknown[] {
  let current: unknown[] = [...values];
  for (const step of steps) current = current.flatMap((value) => apply(step, value));
  return current;
}

function apply(step: Step, value: unknown): unknown[] {
  switch (step.type) {
    case "field": {
      const found = isRecord(value) ? getOwn(value, step.name) : undefined;
      return found === undefined ? [] : [found];
    }
    case "index": {
      const found: unknown = Array.isArray(value) ? value.at(step.index) : undefined;
      return found === undefined ? [] : [found];
    }
    case "slice":
      return Array.isArray(value) ? value.slice(step.start, step.end).filter((_item, index) => index % step.step === 0) : [];
    case "all":
      return children(value);
    case "descend":
      return [value, ...children(value).flatMap((child) => apply(step, child))];
    case "union":
      return step.branches.flatMap((branch) => apply(branch, value));
    case "filter":
      return Array.isArray(value) ? value.filter((item) => holds(step, item)) : [];
  }
}

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  return isRecord(value) ? Object.values(value) : [];
}

function holds(filter: Extract<Step, { type: "filter" }>, item: unknown): boolean {
  const [left] = select(filter.left, [item]);
  if (filter.right === undefined) return left !== undefined;
  if (left === undefined) return false;
  const right = "path" in filter.right ? select(filter.right.path, [item])[0] : filter.right.literal;
  switch (filter.operator) {
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    default: {
      const comparable = (typeof left === "number" && typeof right === "number") || (typeof left === "string" && typeof right === "string");
      if (!comparable) return false;
      const [a, b] = [left as number, right as number];
      return filter.operator === "<" ? a < b : filter.operator === ">" ? a > b : filter.operator === "<=" ? a <= b : a >= b;
    }
  }
}
