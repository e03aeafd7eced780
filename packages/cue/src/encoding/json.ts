/** JSON of concrete data, as the reference writes and reads it: exact numbers, fields in order. */
import type { Data, Scalar } from "../builtins/contract.ts";
import { Decimal, formatDecimal, parseDecimal } from "../number/decimal.ts";
import { encodeBase64 } from "./base64.ts";
import { type JsonEvents, JsonScanner, JsonSyntaxError } from "./json-scan.ts";
import { type DataConflict, isList, isMap, RepeatedKeys } from "./unify-data.ts";

export { jsonProblem, JsonSyntaxError } from "./json-scan.ts";

/** Deeper data than this is refused on reading, so that what works on it by recursion is safe. */
export const maxDataDepth = 1_000;

export interface JsonOptions {
  /** Repeated for each level; without it (and without a prefix) all is one line. */
  readonly indent?: string;
  /** Begins each line but the first. */
  readonly prefix?: string;
  /** Escape `<`, `>` and `&`. */
  readonly escapeHtml?: boolean;
}

/** A string as JSON: as encoding/json does, U+2028 and U+2029 are escaped, other text beyond ASCII is not. */
export function jsonString(text: string, escapeHtml = false): string {
  // JSON.stringify escapes the same control characters in the same way, lone surrogates excepted.
  const quoted = JSON.stringify(text.replaceAll(/\p{Surrogate}/gu, "\ufffd"))
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
  return escapeHtml ? escapeJsonHtml(quoted) : quoted;
}

/** Escapes what could end a script element in JSON text: outside strings these characters do not occur. */
export function escapeJsonHtml(json: string): string {
  return json.replaceAll(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function jsonScalar(value: Scalar, escapeHtml: boolean): string {
  if (typeof value === "string") return jsonString(value, escapeHtml);
  if (value instanceof Decimal) return formatDecimal(value);
  if (value instanceof Uint8Array) return `"${encodeBase64(value)}"`;
  return String(value);
}

interface Open {
  readonly entries: Iterator<readonly [string | number, Data]>;
  readonly close: string;
  first: boolean;
}

/** JSON text of data, without a final newline. Bytes become base64. */
export function encodeJson(data: Data, options: JsonOptions = {}): string {
  const { indent = "", prefix = "", escapeHtml = false } = options;
  const pretty = options.indent !== undefined || options.prefix !== undefined;
  const parts: string[] = [];
  const open: Open[] = [];
  const begin = (value: Data): void => {
    if (isMap(value)) {
      if (value.size === 0) parts.push("{}");
      else {
        parts.push("{");
        open.push({ entries: value.entries(), close: "}", first: true });
      }
    } else if (isList(value)) {
      if (value.length === 0) parts.push("[]");
      else {
        parts.push("[");
        open.push({ entries: value.entries(), close: "]", first: true });
      }
    } else {
      parts.push(jsonScalar(value, escapeHtml));
    }
  };
  const line = (): void => {
    if (pretty) parts.push("\n", prefix, indent.repeat(open.length));
  };
  begin(data);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const next = top.entries.next();
    if (next.done === true) {
      open.pop();
      line();
      parts.push(top.close);
      continue;
    }
    if (!top.first) parts.push(",");
    top.first = false;
    line();
    const [key, value] = next.value;
    if (typeof key === "string") parts.push(jsonString(key, escapeHtml), pretty ? ": " : ":");
    begin(value);
  }
  return parts.join("");
}

interface Frame {
  readonly map: Map<string, Data> | undefined;
  readonly list: Data[] | undefined;
  /** Of the field whose value comes next. */
  key: string;
  offset: number;
  repeated: RepeatedKeys | undefined;
}

/** Builds data; two occurrences of a key are unified, as the two fields would be in CUE. */
class DataBuilder implements JsonEvents {
  result: Data = null;
  readonly #frames: Frame[] = [];

  openObject(): void {
    this.#frames.push({ map: new Map(), list: undefined, key: "", offset: 0, repeated: undefined });
  }
  openArray(): void {
    this.#frames.push({ map: undefined, list: [], key: "", offset: 0, repeated: undefined });
  }
  key(text: string, offset: number): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return;
    frame.key = text;
    frame.offset = offset;
  }
  close(): void {
    const frame = this.#frames.pop();
    if (frame?.map !== undefined) frame.repeated?.settle(frame.map, this.#path(), conflictAt);
    this.#add(frame?.map ?? frame?.list ?? null);
  }
  string(text: string): void {
    this.#add(text);
  }
  number(text: string, offset: number): void {
    if (/[.eE]/.test(text)) {
      const decimal = parseDecimal(text);
      if (decimal === undefined) throw new JsonSyntaxError(`number out of range: ${text.slice(0, 40)}`, offset);
      this.#add(decimal);
    } else {
      this.#add(BigInt(text));
    }
  }
  literal(value: null | boolean): void {
    this.#add(value);
  }

  #add(value: Data): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) this.result = value;
    else if (frame.list !== undefined) frame.list.push(value);
    else if (frame.map !== undefined) {
      const known = frame.map.get(frame.key);
      if (known === undefined) frame.map.set(frame.key, value);
      else (frame.repeated ??= new RepeatedKeys()).add(frame.key, known, value, frame.offset);
    }
  }

  #path(): string[] {
    return this.#frames.map((open) => (open.list === undefined ? open.key : String(open.list.length)));
  }
}

function conflictAt(conflict: DataConflict, offset: number): never {
  throw new JsonSyntaxError(`${conflict.path.join(".")}: ${conflict.message}`, offset);
}

/** The data of a JSON text. Throws `JsonSyntaxError` with the text of encoding/json. */
export function decodeJson(text: string): Data {
  const builder = new DataBuilder();
  const scanner = new JsonScanner(text, builder, maxDataDepth);
  scanner.value();
  scanner.expectEnd();
  return builder.result;
}

/** The values of a text with any number of JSON values (white space between them is optional). */
export function decodeJsonStream(text: string): Data[] {
  const values: Data[] = [];
  const builder = new DataBuilder();
  const scanner = new JsonScanner(text, builder, maxDataDepth);
  while (!scanner.atEnd()) {
    scanner.value();
    values.push(builder.result);
  }
  return values;
}
