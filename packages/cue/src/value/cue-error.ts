/** Errors as the API gives them. */
import type { SourcePosition } from "@slipway/std";
import type { CueError } from "../api.ts";
import type { Bottom, ErrorCode, Message } from "../engine/bottom.ts";
import type { Position } from "../engine/expr.ts";
import { isInt, labelName } from "../engine/label.ts";
import { formatArgument, formatMessage } from "../engine/format.ts";
import { positionAt } from "../syntax/position.ts";

const categories: Readonly<Record<ErrorCode, CueError["category"]>> = {
  eval: "eval",
  user: "user",
  legacyUser: "user",
  budget: "budget",
  structural: "structuralCycle",
  incomplete: "incomplete",
  cycle: "cycle",
};

const codes: Readonly<Record<CueError["category"], string>> = {
  eval: "CUE_EVAL",
  closed: "CUE_NOT_ALLOWED",
  incomplete: "CUE_INCOMPLETE",
  cycle: "CUE_CYCLE",
  structuralCycle: "CUE_STRUCTURAL_CYCLE",
  user: "CUE_USER",
  syntax: "CUE_SYNTAX",
  budget: "BUDGET",
};

export function sourcePosition(position: Position): SourcePosition {
  return { file: position.file.filename, ...positionAt(position.file.source, position.offset) };
}

/** The place of the error first, then the places that led to it, in order and once each. */
function positionsOf(message: Message): SourcePosition[] {
  const seen = new Set<string>();
  const found: SourcePosition[] = [];
  const add = (at: SourcePosition): void => {
    // What a flag asked for, or a built-in package says, is no place in a file.
    if (at.file.startsWith("--")) return;
    const key = `${at.file}:${at.line}:${at.column}`;
    if (!seen.has(key)) found.push(at);
    seen.add(key);
  };
  if (message.position !== undefined) add(sourcePosition(message.position));
  const others = [...message.positions, ...(message.cause ?? []).flatMap((cause) => rawPositions(cause))].map(sourcePosition);
  others.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column));
  others.forEach(add);
  return found;
}

function rawPositions(message: Message): Position[] {
  const own = message.position === undefined ? [] : [message.position];
  return [...own, ...message.positions, ...(message.cause ?? []).flatMap(rawPositions)];
}

export function toCueErrors(bottom: Bottom): CueError[] {
  if (bottom.diagnostics !== undefined) return [...bottom.diagnostics];
  if (bottom.messages.length === 0)
    return [
      newError(bottom, { format: "cycle error", args: [], position: undefined, positions: [], vertex: bottom.node, cause: undefined }),
    ];
  return bottom.messages.map((message) => newError(bottom, message));
}

function newError(bottom: Bottom, message: Message): CueError {
  const category = bottom.closeCheck === true && bottom.code === "eval" ? "closed" : categories[bottom.code];
  const path = message.path ?? message.vertex?.path().map((label) => (isInt(label) ? label : labelName(label))) ?? [];
  return {
    code: codes[category],
    severity: "error",
    category,
    message: formatMessage(message),
    ...partsOf(message),
    path,
    at: positionsOf(message),
    ...(message.position === undefined ? {} : { position: sourcePosition(message.position) }),
  };
}

/** Which argument of a message is the value that is there, and which is what it should be. */
const parts: readonly (readonly [RegExp, { readonly actual?: number; readonly expected?: number; readonly values?: readonly number[] }])[] =
  [
    [/^conflicting values %s and %s/, { values: [0, 1] }],
    [/^incompatible \w+ bounds %s and %s/, { values: [0, 1] }],
    [/^incompatible list lengths/, { values: [0, 1] }],
    [/^invalid value %s \((out of bound|does not satisfy) %s\)/, { actual: 0, expected: 1 }],
    [/^cannot use %s \(type %s\) as (type )?%s/, { actual: 0, expected: 2 }],
    [/^incomplete value %s/, { actual: 0 }],
  ];

function partsOf(message: Message): Pick<CueError, "args"> {
  const roles = parts.find(([pattern]) => pattern.test(message.format))?.[1];
  if (roles === undefined) return {};
  const text = (index: number): string => formatArgument(message, index);
  return {
    args: {
      ...(roles.actual === undefined ? {} : { actual: text(roles.actual) }),
      ...(roles.expected === undefined ? {} : { expected: text(roles.expected) }),
      ...(roles.values === undefined ? {} : { values: roles.values.map(text) }),
    },
  };
}

/** One error for all: the first, with the others as what made it up. */
export function toCueError(bottom: Bottom): CueError {
  const [first, ...rest] = toCueErrors(bottom);
  const causes = rest.length > 0 ? { causes: rest } : {};
  return { ...(first ?? newError(bottom, emptyMessage)), ...causes };
}
const emptyMessage: Message = { format: "error", args: [], position: undefined, positions: [], vertex: undefined, cause: undefined };
