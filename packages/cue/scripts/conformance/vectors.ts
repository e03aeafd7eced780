/** The shape of the conformance vectors, and how they are read. The vectors lie beside the checkout, not in it. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { JsonValue } from "@slipway/std";

export type Files = Readonly<Record<string, string>>;

/** File, line, column: 1-based, columns in bytes. */
export type Position = readonly [string, number, number];

export interface ExpectedError {
  /** Alternatives are separated by `|`. */
  readonly code?: string;
  /** Part of the message; a format verb (`%v`) stands for any text. */
  readonly contains?: string;
  readonly containsRe?: string;
  readonly args?: readonly string[];
  /** Relative to the vector's path. */
  readonly path?: string;
  /** One of several errors may match. */
  readonly any?: boolean;
  readonly pos?: readonly Position[];
  readonly suberr?: readonly ExpectedError[];
}

export interface Expectation {
  readonly json?: JsonValue;
  readonly cue?: string;
  readonly directives?: readonly string[];
  readonly error?: ExpectedError;
  readonly kind?: string;
  readonly closed?: boolean;
  readonly allows?: { readonly selector: string; readonly ok: boolean };
  readonly type?: string;
  readonly text?: string;
  readonly report?: string;
  readonly debug?: string;
  readonly steps?: Readonly<Record<string, string>>;
  readonly subsumes?: boolean;
  readonly mode?: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly stdoutRe?: readonly string[];
  readonly stderrRe?: readonly string[];
  readonly fail?: boolean;
  readonly files?: Files;
}

export interface Vector {
  readonly id: string;
  readonly category: string;
  readonly kind: string;
  readonly tier: number;
  readonly src?: string;
  readonly slice?: string;
  readonly files?: Files;
  readonly path?: string;
  readonly mode?: string;
  readonly simplify?: boolean;
  readonly options?: readonly string[];
  readonly cmd?: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly expect: Expectation;
}

export interface Category {
  /** The name of its file. */
  readonly name: string;
  readonly sources: Readonly<Record<string, Files>>;
  readonly vectors: readonly Vector[];
}

export type Outcome = "passed" | "failed" | "unsupported";

export interface Verdict {
  readonly outcome: Outcome;
  readonly message?: string;
  /** Whether the positions are those expected, where any are. */
  readonly positions?: boolean;
  /** Whether the sub-errors are those expected, where any are. */
  readonly suberrors?: boolean;
}

export interface Result extends Verdict {
  readonly id: string;
  readonly category: string;
  readonly tier: number;
}

export const passed: Verdict = { outcome: "passed" };

export function failed(message: string): Verdict {
  return { outcome: "failed", message };
}

export function unsupported(message: string): Verdict {
  return { outcome: "unsupported", message };
}

/** The categories in `folder`, by name; `only` restricts them to those whose name it is or begins. */
export function readCategories(folder: string, only: readonly string[]): readonly Category[] {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .filter((name) => only.length === 0 || only.some((wanted) => name === wanted || name.startsWith(`${wanted}-`)))
    .sort();
  return names.map((name) => {
    const content = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Omit<Category, "name">;
    return { name, sources: content.sources, vectors: content.vectors };
  });
}

/** The files a vector is about: its own, or those of its source. `whole` asks for the source rather than the slice of it. */
export function filesOf(category: Category, vector: Vector, whole = false): { readonly key: string; readonly files: Files } {
  if (vector.files !== undefined) return { key: `#${vector.id}`, files: vector.files };
  const key = (whole ? vector.src : (vector.slice ?? vector.src)) ?? vector.src ?? "";
  return { key, files: category.sources[key] ?? {} };
}

/** For a message: one line, cut. */
export function short(value: unknown, length = 160): string {
  const text = (typeof value === "string" ? value : (JSON.stringify(value) ?? "undefined")).replace(/\s*\n\s*/g, "⏎");
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** What `@experiment(…)` names in the sources. */
export function experimentsOf(category: Category, vector: Vector): readonly string[] {
  const { files } = filesOf(category, vector);
  const named = Object.values(files).flatMap((text) =>
    [...text.matchAll(/@experiment\(([\w,\s]+)\)/g)].flatMap((match) => (match[1] ?? "").split(",")),
  );
  return [...new Set(named.map((name) => name.trim()))].filter((name) => name !== "structcmp").sort();
}
