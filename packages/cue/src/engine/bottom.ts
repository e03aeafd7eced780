/**
 * Errors as values. Control flow looks at the code only. A bottom may carry several messages; each knows where it
 * happened and the places that led to it, and is written when somebody reads it.
 */
import type { CueError } from "../api.ts";
import type { Position } from "./expr.ts";
import type { Value } from "./value.ts";
import { cyclePlaceholder, isCyclePlaceholder, unwrap } from "./value.ts";
import type { Vertex } from "./vertex.ts";

/**
 * eval: fatal. user: by `error()`. legacyUser: a `_|_` in the source. structural: a structural cycle, fatal but local.
 * incomplete: more data may help. cycle: a reference cycle, which a concrete value may break. budget: a limit was met.
 */
export type ErrorCode = "eval" | "user" | "legacyUser" | "budget" | "structural" | "incomplete" | "cycle";

const severity: Readonly<Record<ErrorCode, number>> = {
  budget: 0,
  eval: 0,
  user: 1,
  legacyUser: 2,
  structural: 3,
  incomplete: 4,
  cycle: 5,
};

/** Greater is less severe. */
export function severityOf(code: ErrorCode): number {
  return severity[code];
}

export interface Message {
  /** With `%s`-like places for `args`; `args` are texts, values, or expressions. */
  readonly format: string;
  readonly args: readonly unknown[];
  readonly position: Position | undefined;
  /** Places that led to it. */
  readonly positions: Position[];
  readonly vertex: Vertex | undefined;
  /** What this one wraps: shown after a colon. */
  readonly cause: readonly Message[] | undefined;
  /** The path where that is not the vertex'. */
  readonly path?: readonly (string | number)[];
}

export interface Bottom {
  readonly type: "bottom";
  readonly position: Position | undefined;
  code: ErrorCode;
  messages: readonly Message[];
  /** What keeps the whole program from being evaluated. */
  readonly diagnostics?: readonly CueError[];
  /** Where it happened. */
  readonly node: Vertex | undefined;
  /** Written as `_|_` in the source. */
  readonly literal: boolean;
  /** What was known of the value. */
  readonly value?: Value | undefined;
  hasRecursive?: boolean;
  /** The error of a child. */
  readonly childError?: boolean;
  /** Found by the check that closed structs have no other fields. */
  readonly closeCheck?: boolean;
}

/** Both errors of one place: the more severe one, together where they are equal; an incomplete one gives way. */
export function combineErrors(x: Value | undefined, y: Value | undefined): Bottom | undefined {
  const ux = unwrap(x);
  const uy = unwrap(y);
  let a = ux?.type === "bottom" ? ux : undefined;
  let b = uy?.type === "bottom" ? uy : undefined;
  if (a === undefined) return b;
  if (b === undefined) return a;
  if (a === b) return a;
  if (isCyclePlaceholder(a) && isCyclePlaceholder(b)) return cyclePlaceholder;
  if (a.code !== b.code) {
    if (severity[a.code] > severity[b.code]) [a, b] = [b, a];
    if (severity[b.code] >= severity.incomplete) return a;
  }
  const messages = [...a.messages];
  const known = new Set(messages);
  for (const message of b.messages) if (!known.has(message) && messages.length < maxMessages) messages.push(message);
  return {
    type: "bottom",
    position: undefined,
    code: a.code,
    messages,
    node: a.node,
    literal: false,
    closeCheck: a.closeCheck === true || b.closeCheck === true,
  };
}

/** More errors than anybody reads; a bound on what one wrong program can make. */
export const maxMessages = 1000;
