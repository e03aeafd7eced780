/**
 * Errors as the text that the command prints: each as `path: message`, with every position below it on a line of its own.
 * Errors are sorted by their place, their path and their text, and told once (upstream `cue/errors`: Print).
 */
import type { SourcePosition } from "@slipway/std";
import type { CueError } from "../api.ts";
import { shownPath } from "../load/file-system.ts";

export interface ReportOptions {
  /** Positions below this directory are shown relative to it; names are relative already where it is empty. */
  readonly cwd: string;
  /** Errors are told one value after the other, each with the reference's code in brackets before it. */
  readonly codes?: boolean;
}

/** The text; empty without errors. What made an error up (`causes`) is told beside it. */
export function reportErrors(errors: readonly CueError[], options: ReportOptions): string {
  if (options.codes !== true) return reportList(errors.flatMap(flatten), options.cwd);
  return errors.map((error) => `[${codes[error.category]}] ${reportList(flatten(error), options.cwd)}`).join("");
}

const codes: Readonly<Record<CueError["category"], string>> = {
  eval: "eval",
  closed: "eval",
  incomplete: "incomplete",
  cycle: "cycle",
  structuralCycle: "structural_cycle",
  user: "user",
  syntax: "syntax",
  budget: "budget",
};

function flatten(error: CueError): readonly CueError[] {
  const found: CueError[] = [];
  const open = [error];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    found.push(next);
    open.push(...[...(next.causes ?? [])].reverse());
  }
  return found;
}

/** An error as it is told and compared. */
interface Entry {
  readonly path: readonly string[];
  /** With its path. */
  readonly text: string;
  /** The place of its own, where it has one. */
  readonly place: SourcePosition | undefined;
  readonly at: readonly SourcePosition[];
}

function reportList(errors: readonly CueError[], cwd: string): string {
  const entries = errors.length > 1 ? distinct(errors.map(entryOf).sort(compareEntries)) : errors.map(entryOf);
  return entries.map((entry) => entryText(entry, cwd)).join("");
}

function entryOf(error: CueError): Entry {
  const path = error.path.map(partText);
  const text = path.length === 0 ? error.message : `${path.join(".")}: ${error.message}`;
  return { path, text, place: error.position ?? (error.category === "syntax" ? error.at[0] : undefined), at: error.at };
}

/** An index as it is; a name quoted unless it is an identifier. */
function partText(part: string | number): string {
  if (typeof part === "number") return String(part);
  return /^([#_$\p{L}][\p{L}\p{Nd}_$]*|_#[\p{L}_$][\p{L}\p{Nd}_$]*)$/u.test(part) ? part : JSON.stringify(part);
}

/** Errors without a place of their own come first. */
function compareEntries(a: Entry, b: Entry): number {
  return comparePlaces(a.place, b.place) || comparePaths(a.path, b.path) || compareTexts(a.text, b.text);
}

function comparePlaces(a: SourcePosition | undefined, b: SourcePosition | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  return compareTexts(a.file, b.file) || a.line - b.line || a.column - b.column;
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareTexts(a[i] ?? "", b[i] ?? "");
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Of errors about the same field at the same place the first; of those without a place, the same text once. */
function distinct(sorted: readonly Entry[]): readonly Entry[] {
  const kept: Entry[] = [];
  for (const entry of sorted) {
    const last = kept.at(-1);
    if (last === undefined || !isSame(last, entry)) kept.push(entry);
  }
  return kept;
}

function isSame(a: Entry, b: Entry): boolean {
  if (a.place === undefined || b.place === undefined) return a.text === b.text;
  return a.text === b.text && comparePlaces(a.place, b.place) === 0;
}

function entryText(entry: Entry, cwd: string): string {
  const places = [...new Set(entry.at.map((at) => placeText(at, cwd)))];
  return places.length === 0 ? `${entry.text}\n` : `${entry.text}:\n${places.map((place) => `    ${place}\n`).join("")}`;
}

function placeText(at: SourcePosition, cwd: string): string {
  const isBare = cwd === "" && !at.file.startsWith("/") && !/^[.-]/.test(at.file);
  const file = at.file.startsWith("/") ? shownPath(cwd, at.file) : isBare ? `./${at.file}` : at.file;
  return `${file}:${at.line}:${at.column}`;
}
