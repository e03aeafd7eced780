/**
 * The context ConfigMap `workflow-<run>-context`: variables, timestamps of suspends, and of ours the journal of actions and
 * the retry budget, so that nothing lives in process memory. Keys of ours are `<step id>.slipway.<what>`.
 */
import type { JsonObject, JsonValue } from "@slipway/std";
import { fnv1a32 } from "@slipway/kube";
import { cloneJson, deepEqual, isJsonObject, stableStringify } from "@slipway/std";
import { getPath, parsePath, withPath } from "./paths.ts";
import type { ActionResult, Evaluated } from "./step-run.ts";

/** One action of one step. An intent without a result: it may or may not have happened; its idempotency key is reused. */
export interface JournalEntry {
  readonly state: "intended" | "done";
  /** Of an `apply` of one object: which. */
  readonly object?: { readonly apiVersion: string; readonly kind: string; readonly namespace?: string; readonly name: string };
  /** Of an `apply`: to notice other parameters; the same ones are only read again. */
  readonly paramsHash?: string;
  /** Of an `effect`. */
  readonly result?: JsonValue;
}

export interface RetryRecord {
  readonly failures: number;
  /** Of the last failure, milliseconds since the epoch. */
  readonly atMs: number;
}

export class ContextStore {
  #data: Readonly<Record<string, string>>;
  #variables: JsonObject;

  constructor(data: Readonly<Record<string, string>>, parseVariables: (text: string) => JsonObject | undefined) {
    this.#data = data;
    this.#variables = readVariables(data["vars"] ?? "", parseVariables);
  }

  /** The data to store. */
  get data(): Readonly<Record<string, string>> {
    return this.#data;
  }

  key(name: string): string | undefined {
    return this.#data[name];
  }

  setKey(name: string, value: string | undefined): void {
    if (this.#data[name] === value) return;
    const { [name]: _old, ...rest } = this.#data;
    this.#data = value === undefined ? rest : { ...rest, [name]: value };
  }

  variable(path: string): JsonValue | undefined {
    const direct = this.#variables[path];
    if (direct !== undefined) return direct;
    const parsed = parsePath(path);
    return parsed === undefined ? undefined : getPath(this.#variables, parsed);
  }

  /** Write-once, as unification: the same value again is fine, another one is refused. */
  setVariable(path: string, value: JsonValue): Evaluated<null> {
    const present = this.variable(path);
    const merged = present === undefined ? value : unify(present, value);
    if (merged === undefined) {
      return { ok: false, message: `${path}: conflicting values ${JSON.stringify(present)} and ${JSON.stringify(value)}` };
    }
    if (present !== undefined && deepEqual(present, merged)) return { ok: true, value: null };
    this.#variables = withPath(this.#variables, parsePath(path) ?? [path], merged) as JsonObject;
    this.setKey("vars", printVariables(this.#variables));
    return { ok: true, value: null };
  }

  removeVariables(names: readonly string[]): void {
    this.#variables = Object.fromEntries(Object.entries(this.#variables).filter(([name]) => !names.includes(name)));
    this.setKey("vars", printVariables(this.#variables));
  }

  /** Everything that is kept for a step, except its variables. */
  removeStep(id: string): void {
    for (const name of Object.keys(this.#data)) if (name.startsWith(`${id}.`)) this.setKey(name, undefined);
  }

  retry(id: string): RetryRecord | undefined {
    return parseRecord(this.#data[`${id}.slipway.retry`]) as unknown as RetryRecord | undefined;
  }

  setRetry(id: string, record: RetryRecord | undefined): void {
    this.setKey(`${id}.slipway.retry`, record === undefined ? undefined : JSON.stringify(record));
  }

  journal(id: string, path: string): JournalEntry | undefined {
    return this.#journal(id)[path];
  }

  setJournal(id: string, path: string, entry: JournalEntry): void {
    this.setKey(`${id}.slipway.journal`, JSON.stringify({ ...this.#journal(id), [path]: entry }));
  }

  /** Of an effect that failed: that it was intended tells nothing any more. */
  removeJournal(id: string, path: string): void {
    const { [path]: _failed, ...rest } = this.#journal(id);
    this.setKey(`${id}.slipway.journal`, Object.keys(rest).length === 0 ? undefined : JSON.stringify(rest));
  }

  #journal(id: string): Readonly<Record<string, JournalEntry>> {
    return (parseRecord(this.#data[`${id}.slipway.journal`]) ?? {}) as unknown as Readonly<Record<string, JournalEntry>>;
  }
}

/** Tells parameters apart without keeping them: they may be large, or secret. */
export function hashParams(params: JsonObject): string {
  const text = stableStringify(params);
  return `${fnv1a32(text).toString(16)}-${fnv1a32(`${text}/`).toString(16)}-${String(text.length)}`;
}

/** The journaled result of an effect. */
export function journaledResult(entry: JournalEntry | undefined): ActionResult | undefined {
  return entry?.state === "done" && entry.result !== undefined ? { ok: true, value: entry.result } : undefined;
}

function parseRecord(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as JsonValue;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined; // written by hand; nothing is known then
  }
}

function unify(a: JsonValue, b: JsonValue): JsonValue | undefined {
  if (isJsonObject(a) && isJsonObject(b)) {
    const result: JsonObject = cloneJson(a);
    for (const [key, value] of Object.entries(b)) {
      const present = result[key];
      const merged = present === undefined ? value : unify(present, value);
      if (merged === undefined) return undefined;
      result[key] = merged;
    }
    return result;
  }
  return deepEqual(a, b) ? a : undefined;
}

/** One variable a line, without braces: JSON, and so CUE. */
function printVariables(variables: JsonObject): string {
  return Object.entries(variables)
    .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join("\n");
}

function readVariables(text: string, parseVariables: (text: string) => JsonObject | undefined): JsonObject {
  if (text.trim() === "") return {};
  return parseRecord(`{${text.split("\n").join(",")}}`) ?? parseRecord(text) ?? parseVariables(text) ?? {};
}
