/**
 * Data of YAML text, typed by the rules of the reference: YAML 1.2 words, YAML 1.1 numbers, timestamps as strings, exact
 * numbers. The `yaml` package finds the structure; what its nodes mean is decided here.
 */
import type { CST } from "yaml";
import { Composer, type Document, isAlias, isMap, isScalar, isSeq, type ParsedNode, Parser, Scalar as YamlScalar } from "yaml";
import type { Data } from "../builtins/contract.ts";
import { parseDecimal } from "../number/decimal.ts";
import { decodeBase64 } from "./base64.ts";
import { RepeatedKeys } from "./unify-data.ts";
import { plainKind, yamlInteger } from "./yaml-scalar.ts";

/** Text that is not YAML, or YAML that is no CUE data. The message begins with file name and line. */
export class YamlError extends Error {
  /** UTF-16 index into the text. */
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export interface YamlOptions {
  /** Begins messages; empty by default. */
  readonly filename?: string;
}

/** Nesting beyond this is refused: the composer works by recursion. */
const maxDepth = 500;
/** Nodes that aliases may add to a stream. */
const maxAliasNodes = 100_000;

/** A decoded node and how many nodes it comes to, aliases expanded. */
interface Sized {
  readonly data: Data;
  readonly size: number;
}

class Decoder {
  readonly #text: string;
  readonly #filename: string;
  #anchors = new Map<string, Sized | "open">();
  #aliased = 0;

  constructor(text: string, filename: string) {
    this.#text = text;
    this.#filename = filename;
  }

  *documents(): Generator<{ readonly data: Data; readonly offset: number }> {
    const composer = new Composer({
      schema: "failsafe",
      resolveKnownTags: false,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "silent",
    });
    for (const document of composer.compose(this.#tokens())) yield this.#document(document);
    for (const document of composer.end()) yield this.#document(document);
  }

  *#tokens(): Generator<CST.Token> {
    for (const token of new Parser().parse(this.#text)) {
      const deep = tooDeep(token);
      if (deep !== undefined) throw this.error(deep, `nested more than ${maxDepth} levels deep`);
      yield token;
    }
  }

  #document(document: Document.Parsed): { data: Data; offset: number } {
    const [error] = document.errors;
    if (error !== undefined) throw this.error(error.pos[0], error.message);
    this.#anchors = new Map();
    const offset = document.contents?.range?.[0] ?? document.range[0];
    return { data: document.contents === null ? null : this.#node(document.contents).data, offset };
  }

  error(offset: number, message: string): YamlError {
    let line = 1;
    for (let i = this.#text.indexOf("\n"); i >= 0 && i < offset; i = this.#text.indexOf("\n", i + 1)) line++;
    return new YamlError(`${this.#filename}:${line}: ${message}`, offset);
  }

  #node(node: ParsedNode): Sized {
    if (isAlias(node)) {
      const target = this.#target(node.source, node.range[0]);
      this.#aliased += target.size;
      if (this.#aliased > maxAliasNodes) throw this.error(node.range[0], `aliases expand to more than ${maxAliasNodes} nodes`);
      return target;
    }
    const anchor = node.anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, "open");
    const sized = this.#content(node);
    if (anchor !== undefined) this.#anchors.set(anchor, sized);
    return sized;
  }

  #target(name: string, offset: number): Sized {
    const target = this.#anchors.get(name);
    if (target === undefined) throw this.error(offset, `unknown anchor '${name}' referenced`);
    if (target === "open") throw this.error(offset, `anchor "${name}" value contains itself`);
    return target;
  }

  #content(node: ParsedNode): Sized {
    if (isScalar(node)) return { data: this.#scalar(node), size: 1 };
    if (isSeq(node)) {
      let size = 1;
      const list: Data[] = [];
      for (const item of node.items) {
        const element = this.#node(item as ParsedNode);
        size += element.size;
        list.push(element.data);
      }
      return { data: list, size };
    }
    if (!isMap(node)) throw this.error(0, "unknown kind of node");
    const map = new Map<string, Data>();
    let size = 1;
    // Once a merge has happened, a later key takes the place of an earlier one instead of being unified with it.
    let replace = false;
    const repeated = new RepeatedKeys();
    for (const { key, value } of node.items as readonly { key: ParsedNode; value: ParsedNode | null }[]) {
      if (isMergeKey(key)) {
        replace = true;
        size += this.#merge(map, repeated, value, key.range[0]);
        continue;
      }
      const name = this.#key(key);
      const field = value === null ? { data: null, size: 1 } : this.#node(value);
      size += field.size + 1;
      const known = map.get(name);
      if (known === undefined || replace) {
        repeated.forget(name);
        map.set(name, field.data);
      } else {
        repeated.add(name, known, field.data, key.range[0]);
      }
    }
    repeated.settle(map, [], (conflict, offset) => {
      throw this.error(offset, `${conflict.path.join(".")}: ${conflict.message}`);
    });
    return { data: map, size };
  }

  #merge(map: Map<string, Data>, repeated: RepeatedKeys, value: ParsedNode | null, offset: number): number {
    const { data, size } = value === null ? { data: null, size: 1 } : this.#node(value);
    // Of several maps, the first takes precedence.
    const sources = Array.isArray(data) ? (data as readonly Data[]).toReversed() : [data as Data];
    for (const source of sources) {
      if (!(source instanceof Map)) throw this.error(offset, "map merge requires map or sequence of maps as the value");
      for (const [key, field] of source as ReadonlyMap<string, Data>) {
        repeated.forget(key);
        map.set(key, field);
      }
    }
    return size;
  }

  #key(node: ParsedNode): string {
    const offset = node.range[0];
    if (isSeq(node) || isMap(node)) throw this.error(offset, `invalid map key: ${isSeq(node) ? "!!seq" : "!!map"}`);
    const { data } = this.#node(node);
    if (isAlias(node)) {
      if (typeof data === "string") return data;
      throw this.error(offset, "invalid map key: alias of no string");
    }
    if (data instanceof Uint8Array) return new TextDecoder().decode(data);
    if (typeof data === "string") return data;
    if (data === null || typeof data === "boolean") return String(data);
    // A number keeps its text.
    const source = String(node.value).replace(/^0(?=\d)/, "0o");
    if (source.startsWith("-")) throw this.error(offset, `invalid label ${source}`);
    return source;
  }

  #scalar(node: YamlScalar.Parsed): Data {
    const text = String(node.value);
    const offset = node.range[0];
    const tag = node.tag?.replace(/^tag:yaml\.org,2002:/, "!!");
    const plain = node.type === YamlScalar.PLAIN;
    switch (tag) {
      case undefined:
        return plain ? this.#plain(text, offset) : text;
      case "!":
      case "!!str":
      case "!!timestamp":
        return text;
      case "!!null":
        return null;
      case "!!bool":
        if (plainKind(text) !== "bool") break;
        return text.toLowerCase() === "true";
      case "!!int":
        if (plainKind(text) !== "int") break;
        return yamlInteger(text);
      case "!!float":
        if (!["int", "float"].includes(plainKind(text))) break;
        return this.#plain(text, offset);
      case "!!binary": {
        const decoded = decodeBase64(new TextEncoder().encode(text.replaceAll(/[ \t]/g, "")));
        if ("bytes" in decoded) return decoded.bytes;
        throw this.error(offset, "!!binary value contains invalid base64 data");
      }
      default:
        throw this.error(offset, `cannot unmarshal tag ${JSON.stringify(tag)}`);
    }
    throw this.error(offset, `cannot decode ${JSON.stringify(text)} as ${tag}`);
  }

  #plain(text: string, offset: number): Data {
    switch (plainKind(text)) {
      case "null":
        return null;
      case "bool":
        return text.toLowerCase() === "true";
      case "int":
        return yamlInteger(text);
      case "float":
        return this.#float(text, offset);
      case "infinity":
      case "nan":
        throw this.error(offset, `cannot decode ${JSON.stringify(text)}: there is no such number in CUE`);
      default:
        return text;
    }
  }

  #float(text: string, offset: number): Data {
    // With digits that no octal number has, a leading 0 makes a string: so other readers take it.
    if (/^[-+]?0[0-9_]+$/.test(text)) return text;
    const digits = text.replaceAll("_", "").replace(/^\+/, "");
    if (/^-?\d+$/.test(digits)) return BigInt(digits);
    const decimal = parseDecimal(digits.replace(/^(-?)\./, "$10.").replace(/\.(?=[eE]|$)/, ""));
    if (decimal === undefined) throw this.error(offset, `cannot decode ${JSON.stringify(text)} as !!float`);
    return decimal;
  }
}

function isMergeKey(node: ParsedNode): boolean {
  return isScalar(node) && node.type === YamlScalar.PLAIN && node.value === "<<" && node.tag === undefined;
}

/** The offset of the first token that is nested too deep. */
function tooDeep(token: CST.Token): number | undefined {
  const pending: [CST.Token, number][] = [[token, 0]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [current, depth] = next;
    if (depth > maxDepth) return current.offset;
    if (current.type === "document") {
      if (current.value) pending.push([current.value, depth]);
    } else if ("items" in current) {
      for (const { key, value } of current.items) {
        if (key) pending.push([key, depth + 1]);
        if (value) pending.push([value, depth + 1]);
      }
    }
  }
  return undefined;
}

/**
 * The documents of a YAML stream; none for a text without content (which the reference takes for `*null | _`). Two
 * occurrences of a key are unified. Throws `YamlError`.
 */
export function decodeYaml(text: string, options: YamlOptions = {}): Data[] {
  return [...new Decoder(stripMark(text), options.filename ?? "").documents()].map(({ data }) => data);
}

/** The one document of a text; null where there is no content. Throws `YamlError`, also where there are more. */
export function decodeYamlDocument(text: string, options: YamlOptions = {}): Data {
  const decoder = new Decoder(stripMark(text), options.filename ?? "");
  const [first, second] = decoder.documents();
  if (second !== undefined) throw decoder.error(second.offset, "expected a single YAML document");
  return first?.data ?? null;
}

function stripMark(text: string): string {
  return text.replace(/^\ufeff/, "");
}
